import { deepEqual } from '../../apimachinery'
import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../api'
import { annotatedNumber, maxReplicasAnnotation, revisionOf } from './annotations'
import { maxSurge, replicasOf, sizeOf } from './fenceposts'

/** Label that tells the pods of one template from those of another. */
export const hashLabel = 'pod-template-hash'

/** Whether two templates are the same but for the hash. Upstream: deploymentutil.EqualIgnoreHash */
export function equalIgnoreHash(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  if (!deepEqual(a.spec, b.spec)) return false
  const { labels: l, annotations: la = {}, ...m } = a.metadata ?? {}
  const { labels: r, annotations: ra = {}, ...n } = b.metadata ?? {}
  return deepEqual(m, n) && deepEqual(la, ra) && deepEqual(withoutHash(l), withoutHash(r))
}

function withoutHash(labels: Record<string, string> | undefined): Record<string, string> {
  const { [hashLabel]: _hash, ...rest } = labels ?? {}
  return rest
}

/** The oldest ReplicaSet that has the Deployment's template. Upstream: FindNewReplicaSet */
export function findNewReplicaSet(d: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  let found: ReplicaSet | undefined
  for (const rs of sets) if ((found === undefined || byCreation(rs, found) < 0) && equalIgnoreHash(rs.spec.template ?? { spec: undefined } as unknown as PodTemplateSpec, d.spec.template)) found = rs
  return found
}

/** All but the new one. Upstream: FindOldReplicaSets */
export const findOldReplicaSets = (sets: readonly ReplicaSet[], newRS: ReplicaSet | undefined): ReplicaSet[] => sets.filter((rs) => rs.metadata.uid !== newRS?.metadata.uid || newRS === undefined)

/** Upstream: controller.ReplicaSetsByCreationTimestamp */
export function byCreation(a: ReplicaSet, b: ReplicaSet): number {
  const s = a.metadata.creationTimestamp ?? ''
  const t = b.metadata.creationTimestamp ?? ''
  return s < t ? -1 : s > t ? 1 : a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0
}

/** Larger first, then newer. Upstream: ReplicaSetsBySizeNewer */
export const bySizeNewer = (a: ReplicaSet, b: ReplicaSet): number => sizeOf(b) - sizeOf(a) || byCreation(b, a)

/** Larger first, then older. Upstream: ReplicaSetsBySizeOlder */
export const bySizeOlder = (a: ReplicaSet, b: ReplicaSet): number => sizeOf(b) - sizeOf(a) || byCreation(a, b)

/** Upstream: ReplicaSetsByRevision */
export const byRevision = (a: ReplicaSet, b: ReplicaSet): number => revisionOf(a) - revisionOf(b) || byCreation(a, b)

/** Those that want pods. Upstream: controller.FilterActiveReplicaSets */
export const activeOf = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.filter((rs) => sizeOf(rs) > 0)

/** The only active one; the newest when none is; nothing when several are. Upstream: FindActiveOrLatest */
export function findActiveOrLatest(newRS: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  if (newRS === undefined && old.length === 0) return undefined
  const all = newRS ? [...old, newRS] : old
  const active = activeOf(all)
  if (active.length > 1) return undefined
  return active[0] ?? newRS ?? [...old].sort((a, b) => byCreation(b, a))[0]
}

/** The new ReplicaSet has all that the Deployment wants, and all of it is available. Upstream: IsSaturated */
export const isSaturated = (d: Deployment, rs: ReplicaSet | undefined): boolean =>
  rs !== undefined && sizeOf(rs) === replicasOf(d) && (annotatedNumber(rs, 'deployment.kubernetes.io/desired-replicas') === replicasOf(d)) && (rs.status?.availableReplicas ?? 0) === replicasOf(d)

/** What a ReplicaSet gets or loses of `toAdd`, of which `added` are given out. Upstream: GetReplicaSetProportion, getReplicaSetFraction */
export function proportion(rs: ReplicaSet, d: Deployment, toAdd: number, added: number): number {
  if (sizeOf(rs) === 0 || toAdd === 0 || toAdd === added) return 0
  const fraction = replicaSetFraction(rs, d)
  return toAdd > 0 ? Math.min(fraction, toAdd - added) : Math.max(fraction, toAdd - added)
}

/** The change that would keep a ReplicaSet's share of the whole. */
export function replicaSetFraction(rs: ReplicaSet, d: Deployment): number {
  if (replicasOf(d) === 0) return -sizeOf(rs)
  const before = annotatedNumber(rs, maxReplicasAnnotation) || (d.status?.replicas ?? 0)
  if (before === 0) return 0
  // Upstream rounds half away from zero; the value is never negative.
  return Math.floor((sizeOf(rs) * (replicasOf(d) + maxSurge(d))) / before + 0.5) - sizeOf(rs)
}
