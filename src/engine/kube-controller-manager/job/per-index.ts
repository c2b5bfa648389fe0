import type { Job, Pod } from '../../api'
import type { Micros } from '../../sim'
import { delayFor, finishedTime } from './backoff'
import { matchFailurePolicy } from './failure-policy'
import { indexOf, parseIndexes } from './indexes'
import { hasFinalizer, isFailed } from './job-pods'

/** Annotations with how often an index has failed: in all, and without counting. Upstream: batch.JobIndexFailureCountAnnotation, jobIndexIgnoredFailureCountAnnotation */
const countAnnotation = 'batch.kubernetes.io/job-index-failure-count'
const ignoredAnnotation = 'batch.kubernetes.io/job-index-ignored-failure-count'

/** Each index has a limit of its own. */
export const limitsIndexes = (job: Job): boolean => job.spec.backoffLimitPerIndex != null

/** Failures of a pod's index before this pod; malformed texts count as none. Upstream: parseIndexFailureCountAnnotation */
export const failureCount = (p: Pod): number => parse(p.metadata?.annotations?.[countAnnotation])
const ignoredCount = (p: Pod): number => parse(p.metadata?.annotations?.[ignoredAnnotation])
const absoluteCount = (p: Pod): number => failureCount(p) + ignoredCount(p)

function parse(text: string | undefined): number {
  const n = text !== undefined && /^\d+$/.test(text) ? Number(text) : 0
  return n > 0x7fff_ffff ? 0 : n
}

/** Counts of the pod that takes the place of a failed one. Upstream: getNewIndexFailureCounts */
export function nextCounts(job: Job, replaced: Pod | undefined): { readonly failures: number; readonly ignored: number } {
  if (replaced === undefined) return { failures: 0, ignored: 0 }
  const ignored = job.spec.podFailurePolicy !== undefined && matchFailurePolicy(job, replaced).action === 'Ignore'
  return { failures: failureCount(replaced) + (ignored ? 0 : 1), ignored: ignoredCount(replaced) + (ignored ? 1 : 0) }
}

/** The annotations that carry them. */
export function failureAnnotations(job: Job, replaced: Pod | undefined): Record<string, string> {
  const { failures, ignored } = nextCounts(job, replaced)
  return { [countAnnotation]: String(failures), ...(ignored > 0 && { [ignoredAnnotation]: String(ignored) }) }
}

/** Whether the failure of this pod is its index's last. Upstream: isIndexFailed */
export function failsIndex(job: Job, p: Pod): boolean {
  if (!isFailed(p, job)) return false
  if (job.spec.podFailurePolicy !== undefined) {
    const { action } = matchFailurePolicy(job, p)
    if (action === 'FailIndex') return true
    if (action === 'Ignore') return false
  }
  return failureCount(p) >= (job.spec.backoffLimitPerIndex ?? 0)
}

/** Indexes that have failed for good. Upstream: calculateFailedIndexes */
export function failedIndexes(job: Job, pods: readonly Pod[]): Set<number> {
  const completions = job.spec.completions ?? 0
  const out = parseIndexes(job.status?.failedIndexes, completions)
  for (const p of pods) {
    const index = indexOf(p)
    if (index !== undefined && index < completions && hasFinalizer(p) && failsIndex(job, p)) out.add(index)
  }
  return out
}

/** The last failed pod of each index that waits for its replacement: it keeps its finalizer, since it knows the count. Upstream: getPodsWithDelayedDeletionPerIndex */
export function delayedPods(job: Job, pods: readonly Pod[], active: readonly Pod[], removing: ReadonlySet<string> | undefined, succeeded: ReadonlySet<number>, failed: ReadonlySet<number>): ReadonlyMap<number, Pod> {
  const running = new Set(active.map(indexOf))
  const completions = job.spec.completions ?? 0
  const out = new Map<number, Pod>()
  for (const p of pods) {
    const index = indexOf(p)
    if (index === undefined || index >= completions || !hasFinalizer(p) || removing?.has(p.metadata.uid as string) || !isFailed(p, job)) continue
    if (succeeded.has(index) || failed.has(index) || running.has(index)) continue
    const known = out.get(index)
    if (known === undefined || (absoluteCount(known) <= absoluteCount(p) && finishedTime(p) >= finishedTime(known))) out.set(index, p)
  }
  return out
}

/** How long an index has to wait for its next pod. Units: µs. Upstream: getRemainingTimePerIndex */
export function remainingTimeOfIndex(last: Pod | undefined, now: Micros, base?: Micros, max?: Micros): Micros {
  if (last === undefined) return 0
  return Math.max(0, finishedTime(last) + delayFor(absoluteCount(last) + 1, base, max) - now)
}
