import type { Job, JobStatus, Pod } from '../../api'
import { referenceTo } from '../../client-go'
import type { ControllerEnv, Intent } from '../controller'
import { updateObject } from '../requests'
import { matchFailurePolicy } from './failure-policy'
import { formatIndexes, indexOf, isIndexed, parseIndexes } from './indexes'
import { hasFinalizer, isFailed, releasePod } from './job-pods'
import type { JobState, Managed } from './sync'

/** Upstream: MaxUncountedPods */
const mostUncounted = 500

const byIndex = (a: Pod, b: Pod): number => (indexOf(a) ?? -1) - (indexOf(b) ?? -1)

/**
 * Counts pods that are over: first their uids are noted in the status, then their finalizers go, then they are counted;
 * so that a crash in between loses or doubles none. Upstream: trackJobStatusAndRemoveFinalizers
 */
export function track(key: string, d: Managed, env: ControllerEnv<JobState>): Intent[] {
  const { job, finished } = d
  const { state } = env
  const time = env.ctx.wallTime()
  const removing = state.removing.get(key) ?? new Set<string>()
  const pods = isIndexed(job) ? [...d.pods].sort(byIndex) : d.pods
  const withFinalizer = new Set(pods.filter((p) => hasFinalizer(p) && !removing.has(p.metadata.uid as string)).map((p) => p.metadata.uid as string))
  const old = job.status ?? {}
  let status: JobStatus = { ...d.status, active: d.active, ready: d.ready, terminating: d.terminating }
  let flush = (old.active ?? 0) !== d.active || old.ready !== status.ready || old.terminating !== status.terminating || status.conditions !== old.conditions || old.startTime !== status.startTime
  const cleaned = countUncounted(status, withFinalizer)
  flush ||= cleaned !== status
  status = cleaned
  const counted = countPods(d, pods, withFinalizer, status)
  const { release, indexes } = counted
  if (counted.changed) flush = true
  status = { ...status, uncountedTerminatedPods: uncountedOf(counted.succeeded, counted.failed) }
  if (isIndexed(job)) {
    const completedIndexes = formatIndexes(indexes)
    if (completedIndexes !== (status.completedIndexes ?? '')) flush = true
    status = { ...status, succeeded: indexes.size, ...(completedIndexes !== '' && { completedIndexes }) }
    const lost = d.failedIndexes && formatIndexes(d.failedIndexes)
    if (lost !== status.failedIndexes) {
      flush = true
      status = { ...status, ...(lost !== undefined && { failedIndexes: lost }) }
    }
  }
  let last = finished
  if (finished) {
    if (!status.conditions?.some((c) => c.type === finished.type && c.status === 'True')) {
      status = { ...status, conditions: [...(status.conditions ?? []), finished] }
      flush = true
    }
    last = { ...finished, type: finished.type === 'FailureTarget' ? 'Failed' : 'Complete', lastProbeTime: time, lastTransitionTime: time }
  }
  state.backoff.set(key, d.record)
  const out: Intent[] = []
  if (flush) out.push(updateObject('jobs', { ...job, status } as Job, 'status', { follows: true }))
  if (release.length > 0) {
    for (const p of release) removing.add(p.metadata.uid as string)
    state.removing.set(key, removing)
    out.push({ do: 'parallel', requests: release.map((p) => releasePod(p)) })
  }
  for (const p of release) withFinalizer.delete(p.metadata.uid as string)
  let end = countUncounted(status, withFinalizer)
  const events: Intent[] = []
  const open = (end.uncountedTerminatedPods?.succeeded?.length ?? 0) + (end.uncountedTerminatedPods?.failed?.length ?? 0)
  if (last && !counted.more && open === 0 && (end.terminating ?? 0) === 0) {
    end = { ...end, conditions: [...(end.conditions ?? []), last], ...(last.type === 'Complete' && { completionTime: time }) }
    const about = referenceTo(job)
    if (last.type !== 'Complete') events.push({ do: 'event', about, type: 'Warning', reason: last.reason ?? '', message: last.message ?? '' })
    else {
      if (job.spec.completions != null && (end.succeeded ?? 0) > job.spec.completions) events.push({ do: 'event', about, type: 'Warning', reason: 'TooManySucceededPods', message: 'Too many succeeded pods running after completion count reached' })
      events.push({ do: 'event', about, type: 'Normal', reason: 'Completed', message: 'Job completed' })
    }
  }
  if (end !== status) out.push({ do: 'then', step: 'flushed', data: [updateObject('jobs', { ...job, status: end } as Job, 'status', { follows: true }), ...events] satisfies Intent[] })
  return out
}

/** Which pods are counted now and may go. `more`: the rest has to wait for the next sync. */
function countPods(d: Managed, pods: readonly Pod[], withFinalizer: ReadonlySet<string>, status: JobStatus) {
  const { job, finished } = d
  const completions = job.spec.completions ?? 0
  const succeeded = [...(status.uncountedTerminatedPods?.succeeded ?? [])]
  const failed = [...(status.uncountedTerminatedPods?.failed ?? [])]
  const indexes = parseIndexes(status.completedIndexes, completions)
  const release: Pod[] = []
  let changed = false
  let more = false
  for (const p of pods) {
    const uid = p.metadata.uid as string
    if (!withFinalizer.has(uid)) continue
    const lost = isFailed(p, job)
    if (!mayGo(d, p, lost)) continue
    release.push(p)
    const index = indexOf(p)
    const counts = !isIndexed(job) || (index !== undefined && index < completions)
    if (p.status?.phase === 'Succeeded' && !failed.includes(uid)) {
      if (!isIndexed(job)) {
        if (!succeeded.includes(uid)) {
          succeeded.push(uid)
          changed = true
        }
      } else if (counts && !indexes.has(index as number)) {
        indexes.add(index as number)
        changed = true
      }
    } else if ((lost || finished?.type === 'FailureTarget') && counts && !failed.includes(uid) && (job.spec.podFailurePolicy === undefined || matchFailurePolicy(job, p).action !== 'Ignore')) {
      failed.push(uid)
      changed = true
    }
    if (succeeded.length + failed.length >= mostUncounted) {
      more = true
      break
    }
  }
  return { release, succeeded, failed, indexes, changed, more }
}

/** Upstream: canRemoveFinalizer */
function mayGo(d: Managed, p: Pod, lost: boolean): boolean {
  if (d.job.metadata.deletionTimestamp !== undefined || d.finished !== undefined || p.status?.phase === 'Succeeded') return true
  if (!lost) return false
  const index = indexOf(p)
  return index === undefined || d.delayed.get(index)?.metadata.uid !== p.metadata.uid
}

const uncountedOf = (succeeded: string[], failed: string[]) => ({ ...(succeeded.length > 0 && { succeeded }), ...(failed.length > 0 && { failed }) })

/** Moves pods whose finalizer is gone from the uncounted to the counters. Upstream: cleanUncountedPodsWithoutFinalizers */
function countUncounted(status: JobStatus, withFinalizer: ReadonlySet<string>): JobStatus {
  const u = status.uncountedTerminatedPods
  if (!u?.succeeded?.length && !u?.failed?.length) return status
  const succeeded = (u.succeeded ?? []).filter((x) => withFinalizer.has(x))
  const failed = (u.failed ?? []).filter((x) => withFinalizer.has(x))
  const moreSucceeded = (u.succeeded?.length ?? 0) - succeeded.length
  const moreFailed = (u.failed?.length ?? 0) - failed.length
  if (moreSucceeded + moreFailed === 0) return status
  return {
    ...status, uncountedTerminatedPods: uncountedOf(succeeded, failed),
    ...(moreSucceeded > 0 && { succeeded: (status.succeeded ?? 0) + moreSucceeded }), ...(moreFailed > 0 && { failed: (status.failed ?? 0) + moreFailed }),
  }
}
