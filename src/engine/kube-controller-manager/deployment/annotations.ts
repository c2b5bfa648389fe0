import type { Deployment, ReplicaSet } from '../../api'
import { maxSurge, replicasOf } from './fenceposts'

/** Revision of a rollout. */
export const revisionAnnotation = 'deployment.kubernetes.io/revision'
/** Earlier revisions of a ReplicaSet that was rolled back to. */
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history'
/** Replicas of the Deployment when the ReplicaSet was last scaled. */
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
/** Those and the surge. */
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'

const notCopied: ReadonlySet<string> = new Set(['kubectl.kubernetes.io/last-applied-configuration', revisionAnnotation, revisionHistoryAnnotation, desiredReplicasAnnotation, maxReplicasAnnotation, 'deprecated.deployment.rollback.to'])

/** Bounds: characters of the revision history. Upstream: maxRevHistoryLengthInChars */
const mostHistory = 2000

type Annotations = Readonly<Record<string, string>>

/** A number in an annotation; undefined when it has none. */
export function annotatedNumber(rs: ReplicaSet, name: string): number | undefined {
  const text = rs.metadata.annotations?.[name]
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined
}

/** Upstream: deploymentutil.Revision */
export const revisionOf = (rs: ReplicaSet): number => annotatedNumber(rs, revisionAnnotation) ?? 0

/** Annotations with the sizes of the Deployment; the same when they have them. Upstream: SetReplicasAnnotations, ReplicasAnnotationsNeedUpdate */
export function withReplicas(a: Annotations | undefined, d: Deployment): Annotations {
  const desired = String(replicasOf(d))
  const max = String(replicasOf(d) + maxSurge(d))
  if (a !== undefined && a[desiredReplicasAnnotation] === desired && a[maxReplicasAnnotation] === max) return a
  return { ...a, [desiredReplicasAnnotation]: desired, [maxReplicasAnnotation]: max }
}

/** Annotations of the new ReplicaSet; the same when nothing changes. Upstream: SetNewReplicaSetAnnotations */
export function newReplicaSetAnnotations(d: Deployment, current: Annotations | undefined, newRevision: number, exists: boolean): Annotations | undefined {
  let out = current
  const put = (k: string, v: string): void => {
    if (out?.[k] !== v) out = { ...out, [k]: v }
  }
  for (const [k, v] of Object.entries(d.metadata.annotations ?? {})) if (!notCopied.has(k)) put(k, v)
  const old = current?.[revisionAnnotation]
  const oldRevision = old === undefined || old === '' ? 0 : Number(old)
  if (!Number.isInteger(oldRevision)) return current
  if (oldRevision < newRevision) {
    put(revisionAnnotation, String(newRevision))
    if (old !== undefined) {
      const history = current?.[revisionHistoryAnnotation] ?? ''
      const next = longerHistory(history, old)
      if (next !== undefined) put(revisionHistoryAnnotation, next)
    }
  }
  return exists ? out : withReplicas(out, d)
}

function longerHistory(history: string, revision: string): string | undefined {
  if (history === '') return revision
  const parts = history.split(',')
  let length = history.length + revision.length + 1
  let start = 0
  while (length > mostHistory && start < parts.length) length -= (parts[start++] as string).length + 1
  return length <= mostHistory ? [...parts.slice(start), revision].join(',') : undefined
}
