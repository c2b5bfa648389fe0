import { scaledIntOrPercent, type IntOrString } from '../../apimachinery'
import type { Deployment, ReplicaSet } from '../../api'

/** How many pods a rollout may have above, and may lack below, what is wanted; never both none. Errors: the text of the first malformed value. Upstream: deploymentutil.ResolveFenceposts */
export function resolveFenceposts(maxSurge: IntOrString | undefined, maxUnavailable: IntOrString | undefined, desired: number): { surge: number; unavailable: number } | { error: string } {
  const surge = scaledIntOrPercent(maxSurge ?? 0, desired, true)
  if (typeof surge !== 'number') return surge
  const unavailable = scaledIntOrPercent(maxUnavailable ?? 0, desired, false)
  if (typeof unavailable !== 'number') return unavailable
  // Validation forbids both being 0, but a percentage may round down to it.
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** Replicas a Deployment wants. */
export const replicasOf = (d: Deployment): number => d.spec.replicas ?? 1

/** Replicas a ReplicaSet wants. */
export const sizeOf = (rs: ReplicaSet): number => rs.spec.replicas ?? 1

/** Whether pods are replaced little by little. */
export const isRolling = (d: Deployment): boolean => d.spec.strategy?.type === 'RollingUpdate'

function fenceposts(d: Deployment): { surge: number; unavailable: number } {
  const r = d.spec.strategy?.rollingUpdate
  const f = resolveFenceposts(r?.maxSurge, r?.maxUnavailable, replicasOf(d))
  return 'error' in f ? { surge: 0, unavailable: 0 } : f
}

/** Upstream: deploymentutil.MaxSurge */
export const maxSurge = (d: Deployment): number => (isRolling(d) ? fenceposts(d).surge : 0)

/** Upstream: deploymentutil.MaxUnavailable */
export function maxUnavailable(d: Deployment): number {
  const replicas = replicasOf(d)
  return !isRolling(d) || replicas === 0 ? 0 : Math.min(fenceposts(d).unavailable, replicas)
}

/** Sum of what these ReplicaSets want. Upstream: GetReplicaCountForReplicaSets */
export function wantedOf(sets: readonly ReplicaSet[]): number {
  let n = 0
  for (const rs of sets) n += sizeOf(rs)
  return n
}

/** Sum of a number of their status. */
export function sumOf(sets: readonly ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'availableReplicas'): number {
  let n = 0
  for (const rs of sets) n += rs.status?.[field] ?? 0
  return n
}

/** How large the new ReplicaSet may be now. Upstream: deploymentutil.NewRSNewReplicas */
export function newReplicaSetSize(d: Deployment, all: readonly ReplicaSet[], newSize: number): number {
  if (!isRolling(d)) return replicasOf(d)
  const most = replicasOf(d) + maxSurge(d)
  const current = wantedOf(all)
  return current >= most ? newSize : newSize + Math.min(most - current, replicasOf(d) - newSize)
}
