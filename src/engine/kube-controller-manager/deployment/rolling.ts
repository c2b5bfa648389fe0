import type { ReplicaSet } from '../../api'
import { maxUnavailable, newReplicaSetSize, replicasOf, sizeOf, sumOf, wantedOf } from './fenceposts'
import { byCreation } from './replica-sets'
import { isComplete } from './status'
import { allOf, type Sets, type Sync } from './sync'

/** One step of a rolling update: up first, else down. Upstream: pkg/controller/deployment/rolling.go rolloutRolling */
export function rolloutRolling(sync: Sync): void {
  const sets = sync.syncRevision(true)
  const up = reconcileNewReplicaSet(sync, sets)
  if (up.scaled) return sync.syncRolloutStatus(up.sets)
  const down = reconcileOldReplicaSets(sync, sets)
  if (down.scaled) return sync.syncRolloutStatus(down.sets)
  if (isComplete(sync.deployment, sync.deployment.status ?? {})) sync.cleanUp(sets.old)
  sync.syncRolloutStatus(sets)
}

/** Result of a step: the sets as they will be. */
interface Step {
  readonly sets: Sets
  readonly scaled: boolean
}

/** Upstream: reconcileNewReplicaSet */
export function reconcileNewReplicaSet(sync: Sync, sets: Sets): Step {
  const newRS = sets.newRS as ReplicaSet
  const wanted = replicasOf(sync.deployment)
  if (sizeOf(newRS) === wanted) return { sets, scaled: false }
  const size = sizeOf(newRS) > wanted ? wanted : newReplicaSetSize(sync.deployment, allOf(sets), sizeOf(newRS))
  if (size === sizeOf(newRS)) return { sets, scaled: false }
  const { rs, scaled } = sync.scale(newRS, size)
  return { sets: { ...sets, newRS: rs }, scaled }
}

/** Upstream: reconcileOldReplicaSets */
export function reconcileOldReplicaSets(sync: Sync, sets: Sets): Step {
  const newRS = sets.newRS as ReplicaSet
  if (wantedOf(sets.old) === 0) return { sets, scaled: false }
  const minAvailable = replicasOf(sync.deployment) - maxUnavailable(sync.deployment)
  const mostDown = wantedOf(allOf(sets)) - minAvailable - (sizeOf(newRS) - (newRS.status?.availableReplicas ?? 0))
  if (mostDown <= 0) return { sets, scaled: false }
  const unhealthy = cleanUpUnhealthy(sync, sets.old, mostDown)
  if (unhealthy === undefined) return { sets, scaled: false }
  const rest = scaleDownOld(sync, unhealthy.old, { newRS, old: unhealthy.old })
  return { sets: { newRS, old: rest.old }, scaled: unhealthy.count + rest.count > 0 }
}

interface Down {
  readonly old: readonly ReplicaSet[]
  readonly count: number
}

/**
 * Takes away old pods that are not available: that costs nothing. Undefined where a ReplicaSet counts more available pods than it wants:
 * it has just been made smaller, its status is of before, and nothing more may be concluded from it. Upstream: cleanupUnhealthyReplicas
 */
export function cleanUpUnhealthy(sync: Sync, old: readonly ReplicaSet[], most: number): Down | undefined {
  let count = 0
  const out = [...old].sort(byCreation)
  for (const [i, rs] of out.entries()) {
    if (count >= most) break
    const size = sizeOf(rs)
    const bad = size - (rs.status?.availableReplicas ?? 0)
    if (size === 0 || bad === 0) continue
    if (bad < 0) return undefined
    const down = Math.min(most - count, bad)
    out[i] = sync.scale(rs, size - down).rs
    count += down
  }
  return { old: out, count }
}

/** Takes away old pods as far as enough stay available. Upstream: scaleDownOldReplicaSetsForRollingUpdate */
export function scaleDownOld(sync: Sync, old: readonly ReplicaSet[], sets: Sets): Down {
  const d = sync.deployment
  const minAvailable = replicasOf(d) - maxUnavailable(d)
  const available = sumOf(allOf(sets), 'availableReplicas')
  if (available <= minAvailable) return { old, count: 0 }
  const most = available - minAvailable
  let count = 0
  const out = [...old].sort(byCreation)
  for (const [i, rs] of out.entries()) {
    if (count >= most) break
    const size = sizeOf(rs)
    if (size === 0) continue
    const down = Math.min(size, most - count)
    out[i] = sync.scale(rs, size - down).rs
    count += down
  }
  return { old: out, count }
}
