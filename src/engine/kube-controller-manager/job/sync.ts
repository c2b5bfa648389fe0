import type { Job, JobCondition, JobStatus, Pod } from '../../api'
import { cacheKey, referenceTo, type Expectations } from '../../client-go'
import { SECOND, type Micros } from '../../sim'
import { condition } from '../conditions'
import type { ControllerEnv, Intent, RequestIntent } from '../controller'
import { compareForDeletion } from '../pod-ranking'
import { createPods, deletePod } from '../pod-control'
import { isPodActive, isPodReady, isPodTerminating, timeOf } from '../pods'
import { nextRecord, remainingTime, type BackoffRecord } from './backoff'
import { matchFailurePolicy } from './failure-policy'
import { duplicatePods, firstPending, indexOf, isIndexed, parseIndexes } from './indexes'
import { hasFinalizer, isFailed, newCondition, onlyReplaceFailed, releasePod, trueCondition } from './job-pods'
import { delayedPods, failedIndexes, limitsIndexes, remainingTimeOfIndex } from './per-index'
import { podOf } from './pod-of'
import { matchSuccessPolicy } from './success-policy'

/** Upstream: MaxPodCreateDeletePerSync */
const burst = 500

/** The controller's memory. */
export interface JobState {
  readonly expectations: Expectations
  /** Finalizers taken off that the cache still shows, by job. */
  readonly removing: Map<string, Set<string>>
  readonly backoff: Map<string, BackoffRecord>
  /** What the running sync could not do, by job: pods not created, and not deleted with those of them that were ready. */
  readonly failed: Map<string, { create: number; delete: number }>
}

/** What is known once pods were created or deleted. Plain data between two steps of a sync. */
export interface Managed {
  readonly job: Job
  readonly status: JobStatus
  readonly pods: readonly Pod[]
  readonly active: number
  readonly ready: number
  readonly terminating: number
  /** The verdict; holds once all active pods are deleted. */
  readonly finished: JobCondition | undefined
  /** Pods that the verdict wants deleted. */
  readonly doomed: number
  readonly succeededIndexes: ReadonlySet<number>
  readonly failedIndexes: ReadonlySet<number> | undefined
  readonly delayed: ReadonlyMap<number, Pod>
  readonly record: BackoffRecord
}

/** One sync of a job up to the creations and deletions of its pods. Upstream: job_controller.go syncJob, manageJob */
export class Sync {
  private readonly out: Intent[] = []
  private status: JobStatus
  private readonly now: Micros
  private readonly time: string
  private readonly active: readonly Pod[]
  private succeeded = 0
  private succeededIndexes: ReadonlySet<number> = new Set()
  private failedIndexes: ReadonlySet<number> | undefined
  private delayed: ReadonlyMap<number, Pod> = new Map()
  private record: BackoffRecord = { failures: 0, lastFailure: 0 }
  private ready: number
  private terminating: number

  constructor(
    private readonly key: string,
    private readonly job: Job,
    private readonly pods: readonly Pod[],
    private readonly env: ControllerEnv<JobState>,
  ) {
    this.status = { ...job.status }
    this.now = env.ctx.wallMicros()
    this.time = env.ctx.wallTime()
    this.active = pods.filter(isPodActive)
    this.ready = this.active.filter(isPodReady).length
    this.terminating = pods.filter(isPodTerminating).length
  }

  run(): Intent[] {
    const { job, pods, env, key, active } = this
    const satisfied = env.state.expectations.satisfied(key, env.now)
    const uncounted = job.status?.uncountedTerminatedPods ?? {}
    const removing = env.state.removing.get(key)
    const fresh = (p: Pod, known: readonly string[] | undefined): boolean => hasFinalizer(p) && !removing?.has(p.metadata.uid as string) && !known?.includes(p.metadata.uid as string)
    const newSucceeded = pods.filter((p) => p.status?.phase === 'Succeeded' && fresh(p, uncounted.succeeded))
    const newFailed = pods.filter((p) => isFailed(p, job) && fresh(p, uncounted.failed))
    const counted = newFailed.filter((p) => job.spec.podFailurePolicy === undefined || matchFailurePolicy(job, p).action !== 'Ignore')
    const failed = (job.status?.failed ?? 0) + counted.length + (uncounted.failed?.length ?? 0)
    this.succeeded = (job.status?.succeeded ?? 0) + newSucceeded.length + (uncounted.succeeded?.length ?? 0)
    if (this.status.startTime === undefined && !job.spec.suspend) this.status = { ...this.status, startTime: this.time }
    this.record = nextRecord(env.state.backoff.get(key), newSucceeded, newFailed)
    let finished = this.verdict(failed)
    if (isIndexed(job)) finished = this.indexes(finished, removing)
    let left = active.length
    let doomed = 0
    if (finished) {
      doomed = active.length
      this.remove(active)
      left = 0
      // Pods that the cache does not show yet would be missed.
      if (!satisfied) finished = undefined
    } else {
      const manages = satisfied && job.metadata.deletionTimestamp === undefined
      if (manages) left = this.manage()
      const { completions } = job.spec
      const complete = left === 0 && (completions == null ? this.succeeded > 0 : this.succeeded >= completions)
      if (complete) finished = newCondition('SuccessCriteriaMet', 'CompletionsReached', 'Reached expected number of succeeded pods', this.time)
      else if (manages) this.suspendCondition()
    }
    const { status, succeededIndexes, failedIndexes: lost, delayed, record, ready, terminating } = this
    this.out.push({ do: 'then', step: 'track', data: { job, status, pods, active: left, ready, terminating, finished, doomed, succeededIndexes, failedIndexes: lost, delayed, record } satisfies Managed })
    return this.out
  }

  /** Why the job is over, or failing. */
  private verdict(failed: number): JobCondition | undefined {
    const { job } = this
    const met = trueCondition(job, 'SuccessCriteriaMet') ?? trueCondition(job, 'FailureTarget')
    if (met) return met
    for (const p of this.pods) {
      if (job.spec.podFailurePolicy === undefined || !isFailed(p, job)) continue
      const v = matchFailurePolicy(job, p)
      if (v.action === 'FailJob') return newCondition('FailureTarget', 'PodFailurePolicy', v.message, this.time)
    }
    if (failed > (job.spec.backoffLimit ?? 6) || this.restartedTooOften()) return newCondition('FailureTarget', 'BackoffLimitExceeded', 'Job has reached the specified backoff limit', this.time)
    const deadline = job.spec.activeDeadlineSeconds
    if (deadline == null || job.spec.suspend || this.status.startTime === undefined) return undefined
    const rest = timeOf(this.status.startTime) + deadline * SECOND - this.now
    if (rest <= 0) return newCondition('FailureTarget', 'DeadlineExceeded', 'Job was active longer than specified deadline', this.time)
    this.out.push({ do: 'requeue', after: rest })
    return undefined
  }

  /** What the indexes say. */
  private indexes(finished: JobCondition | undefined, removing: ReadonlySet<string> | undefined): JobCondition | undefined {
    const { job, pods, time } = this
    const completions = job.spec.completions ?? 0
    const done = parseIndexes(job.status?.completedIndexes, completions)
    for (const p of pods) {
      const i = p.status?.phase === 'Succeeded' && hasFinalizer(p) ? indexOf(p) : undefined
      if (i !== undefined && i < completions) done.add(i)
    }
    this.succeededIndexes = done
    this.succeeded = done.size
    if (limitsIndexes(job)) {
      const lost = failedIndexes(job, pods)
      this.failedIndexes = lost
      if (finished === undefined) {
        if (job.spec.maxFailedIndexes != null && lost.size > job.spec.maxFailedIndexes) finished = newCondition('FailureTarget', 'MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes', time)
        else if (lost.size > 0 && lost.size + done.size >= completions) finished = newCondition('FailureTarget', 'FailedIndexes', 'Job has failed indexes', time)
      }
      this.delayed = delayedPods(job, pods, this.active, removing, done, lost)
    }
    if (finished) return finished
    const message = matchSuccessPolicy(job.spec.successPolicy, completions, done)
    return message === undefined ? undefined : newCondition('SuccessCriteriaMet', 'SuccessPolicy', message, time)
  }

  /** Upstream: pastBackoffLimitOnFailure */
  private restartedTooOften(): boolean {
    const { job, pods } = this
    if (job.spec.template.spec?.restartPolicy !== 'OnFailure') return false
    let restarts = 0
    for (const p of pods) {
      if (p.status?.phase !== 'Running' && p.status?.phase !== 'Pending') continue
      for (const s of [...(p.status.initContainerStatuses ?? []), ...(p.status.containerStatuses ?? [])]) restarts += s.restartCount
    }
    const limit = job.spec.backoffLimit ?? 6
    return limit === 0 ? restarts > 0 : restarts >= limit
  }

  private remove(pods: readonly Pod[]): void {
    if (pods.length === 0) return
    this.env.state.expectations.expectDeletions(this.key, pods.map(cacheKey), this.env.now)
    this.terminating += pods.length
    this.ready -= pods.filter(isPodReady).length
    this.out.push({ do: 'parallel', requests: pods.map((p) => deletePod(p, this.job)) })
  }

  /** Pods that are not wanted any more do not count as failed. Upstream: deleteJobPods */
  private release(pods: readonly Pod[]): void {
    const requests = pods.filter(hasFinalizer).map(releasePod)
    if (requests.length > 0) this.out.push({ do: 'parallel', requests })
  }

  /** Creates or deletes pods. Returns how many will be active. */
  private manage(): number {
    const { job, env, key, active } = this
    const parallelism = job.spec.parallelism ?? 1
    if (job.spec.suspend) {
      const doomed = this.tooMany(active.length)
      this.release(doomed)
      this.remove(doomed)
      return active.length - doomed.length
    }
    const { completions } = job.spec
    const want = completions == null ? (this.succeeded > 0 ? active.length : parallelism) : Math.max(0, Math.min(parallelism, completions - this.succeeded))
    // Either creations or deletions in one sync.
    const doomed = this.tooMany(Math.max(0, active.length - want)).slice(0, burst)
    if (doomed.length > 0) {
      this.release(doomed)
      this.remove(doomed)
      return active.length - doomed.length
    }
    const missing = Math.min(burst, want - (onlyReplaceFailed(job) ? this.terminating : 0) - active.length)
    if (missing <= 0) return active.length
    const wait = limitsIndexes(job) ? 0 : remainingTime(this.record, this.now)
    const requests = wait > 0 ? [] : this.creations(missing)
    if (wait > 0) this.out.push({ do: 'requeue', after: wait })
    if (requests.length === 0) return active.length
    env.state.expectations.expectCreations(key, requests.length, env.now)
    this.out.push({ do: 'slow-start', requests })
    return active.length + requests.length
  }

  /** Pods to create; of those indexes that need not wait any more. Upstream: getPodCreationInfoForIndependentIndexes */
  private creations(count: number): RequestIntent[] {
    const { job } = this
    if (!isIndexed(job)) return createPods(podOf(job, undefined, undefined), job, count)
    const taken = new Set<number | undefined>(this.active.map(indexOf))
    if (onlyReplaceFailed(job)) for (const p of this.pods) if (isPodTerminating(p)) taken.add(indexOf(p))
    for (const i of this.failedIndexes ?? []) taken.add(i)
    let indexes = firstPending(taken, this.succeededIndexes, count, job.spec.completions ?? 0)
    if (limitsIndexes(job)) {
      const waits = indexes.map((i) => remainingTimeOfIndex(this.delayed.get(i), this.now))
      indexes = indexes.filter((_, k) => waits[k] === 0)
      if (indexes.length === 0 && waits.length > 0) this.out.push({ do: 'requeue', after: Math.min(...waits) })
    }
    return indexes.flatMap((i) => createPods(podOf(job, i, this.delayed.get(i)), job, 1))
  }

  /** Active pods to remove: doubled or senseless indexes first, then by rank. Upstream: activePodsForRemoval */
  private tooMany(least: number): Pod[] {
    const rank = (a: Pod, b: Pod): number => compareForDeletion({ pod: a, rank: 0 }, { pod: b, rank: 0 }, this.now)
    let rest = [...this.active]
    const out: Pod[] = []
    if (isIndexed(this.job)) {
      const { remove, keep } = duplicatePods(rest, this.job.spec.completions ?? 0, rank)
      out.push(...remove)
      rest = keep
    }
    if (out.length < least) out.push(...rest.sort(rank).slice(0, least - out.length))
    return out
  }

  private suspendCondition(): void {
    const { job } = this
    const known = condition(this.status.conditions, 'Suspended')
    const suspend = job.spec.suspend === true
    if (suspend ? known?.status === 'True' : known === undefined || known.status === 'False') return
    const next = suspend ? newCondition('Suspended', 'JobSuspended', 'Job suspended', this.time) : newCondition('Suspended', 'JobResumed', 'Job resumed', this.time, 'False')
    const conditions = [...(this.status.conditions ?? []).filter((c) => c.type !== 'Suspended'), next]
    this.status = { ...this.status, conditions, ...(!suspend && { startTime: this.time }) }
    if (suspend) delete this.status.startTime
    this.out.push({ do: 'event', about: referenceTo(job), type: 'Normal', reason: suspend ? 'Suspended' : 'Resumed', message: suspend ? 'Job suspended' : 'Job resumed' })
  }
}
