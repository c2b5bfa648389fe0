import type { Pod, ReplicaSet } from '../../api'
import { isPodTerminal } from '../pods'
import { replicasOf, sizeOf, sumOf } from './fenceposts'
import { activeOf } from './replica-sets'
import { isComplete } from './status'
import type { Sync } from './sync'

/** Stops all old pods, and when the last is gone starts the new ones. Upstream: pkg/controller/deployment/recreate.go rolloutRecreate */
export function rolloutRecreate(sync: Sync): void {
  let sets = sync.syncRevision(false)
  const active = activeOf(sets.old)
  if (active.length > 0) {
    const scaled = new Map(active.map((rs) => [rs.metadata.uid, sync.scale(rs, 0).rs]))
    return sync.syncRolloutStatus({ newRS: sets.newRS, old: sets.old.map((rs) => scaled.get(rs.metadata.uid) ?? rs) })
  }
  if (oldPodsRunning(sets.newRS, sets.old, sync.sets.flatMap((rs) => (rs === sets.newRS || rs.metadata.uid === sets.newRS?.metadata.uid ? [] : sync.podsOf(rs))))) return sync.syncRolloutStatus(sets)
  if (sets.newRS === undefined) sets = sync.syncRevision(true)
  const newRS = sets.newRS as ReplicaSet
  if (sizeOf(newRS) !== replicasOf(sync.deployment)) sets = { ...sets, newRS: sync.scale(newRS, replicasOf(sync.deployment)).rs }
  if (isComplete(sync.deployment, sync.deployment.status ?? {})) sync.cleanUp(sets.old)
  sync.syncRolloutStatus(sets)
}

/** Whether pods of an old template may still run. Upstream: oldPodsRunning */
export function oldPodsRunning(_newRS: ReplicaSet | undefined, old: readonly ReplicaSet[], oldPods: readonly Pod[]): boolean {
  if (sumOf(old, 'replicas') > 0) return true
  return oldPods.some((p) => !isPodTerminal(p))
}
