import { labelSelector } from '../../apimachinery'
import type { Job, JobCondition, JobStatus, Pod, PodTemplateSpec } from '../../api'
import { Expectations, cacheKey, referenceTo, type Delta } from '../../client-go'
import { SECOND, type Micros } from '../../sim'
import { claim, resolveController } from '../claim'
import { condition } from '../conditions'
import type { Controller, ControllerEnv, Intent, RequestIntent } from '../controller'
import { compareForDeletion } from '../pod-ranking'
import { createPods, deletePod, isPodTag, namespaceTerminates, podEvents, podFromTemplate } from '../pod-control'
import { isPodActive, isPodReady, isPodTerminal, isPodTerminating, timeOf } from '../pods'
import { patchObject, updateObject } from '../requests'
import { nextRecord, remainingTime, type BackoffRecord } from './backoff'
import { matchFailurePolicy } from './failure-policy'
import { firstPending, formatIndexes, indexAnnotation, indexOf, isIndexed, parseIndexes } from './indexes'

/** Pods of a job carry it until they are counted. */
const finalizer = 'batch.kubernetes.io/job-tracking'

/** Upstream: syncJobBatchPeriod, MaxPodCreateDeletePerSync, MaxUncountedPods */
const batchPeriod = SECOND
const burst = 500
const mostUncounted = 500

interface State {
  readonly expectations: Expectations
  /** Finalizers taken off that the cache still shows, by job. */
  readonly removing: Map<string, Set<string>>
  readonly backoff: Map<string, BackoffRecord>
  /** Pods that could not be created or deleted in the running sync, by job. */
  readonly failed: Map<string, { create: number; delete: number }>
}

type Env = ControllerEnv<State>

/** Runs pods until enough of them have succeeded. Keys: `<ns>/<job>`, `orphan/<ns>/<pod>`. Upstream: pkg/controller/job/job_controller.go */
export const jobController: Controller<State> = {
  name: 'job',
  component: 'job-controller',
  resource: 'jobs',
  informers: [{ resource: 'jobs' }, { resource: 'pods', indexes: ['controller', 'orphan'] }],
  workers: 5,
  backoff: { base: SECOND, max: 600 * SECOND },
  start: () => ({ expectations: new Expectations(), removing: new Map(), backoff: new Map(), failed: new Map() }),

  describe(key) {
    const parts = key.split('/')
    return { resource: parts.length > 2 ? 'pods' : 'jobs', namespace: parts.at(-2) ?? '', name: parts.at(-1) ?? '' }
  },

  onDelta(delta, env) {
    if (delta.resource === 'pods') return podChanged(delta, env)
    const key = cacheKey(delta.object)
    if (delta.type === 'deleted') {
      for (const p of env.cache<Pod>('pods').by('controller', delta.object.metadata.uid as string)) if (hasFinalizer(p)) env.enqueue(`orphan/${cacheKey(p)}`)
      return env.enqueue(key)
    }
    // Status alone, mostly written for pods: in batches.
    const soon = delta.type === 'added' || delta.old?.metadata.generation !== delta.object.metadata.generation
    return soon ? env.enqueue(key) : env.enqueueAfter(key, batchPeriod)
  },

  reconcile(key, env) {
    if (key.startsWith('orphan/')) return releaseOrphan(key.slice(7), env)
    const job = env.cache<Job>('jobs').byKey(key)
    const { state } = env
    if (job === undefined || finishedCondition(job)) {
      state.backoff.delete(key)
      if (job === undefined) {
        state.expectations.forget(key)
        state.removing.delete(key)
      }
      return []
    }
    const owned = claim<Pod>({ owner: job, resource: 'jobs', apiVersion: 'batch/v1', kind: 'Job', selector: labelSelector(job.spec.selector) }, env.cache('pods'), 'pods')
    if (owned.intents.length > 0) return owned.intents
    state.failed.set(key, { create: 0, delete: 0 })
    const sync = new Sync(key, job, owned.mine, env)
    return sync.run()
  },

  resume(key, step, data, error, env) {
    if (step === 'flushed') return error === undefined ? (data as readonly Intent[]) : []
    const d = data as Managed
    const failed = env.state.failed.get(key) ?? { create: 0, delete: 0 }
    env.state.failed.delete(key)
    return track(key, { ...d, active: d.active + failed.delete - failed.create }, env)
  },

  onResponse(key, tag, response, env) {
    const { state } = env
    const ok = response.code >= 200 && response.code < 300
    if (isPodTag(tag)) {
      const failed = state.failed.get(key)
      if (!ok) {
        if (tag.pod === 'create') {
          state.expectations.creationObserved(key)
          if (failed) failed.create++
        } else {
          state.expectations.deletionObserved(key, tag.key)
          if (failed && response.code !== 404) failed.delete++
        }
      }
      return { intents: podEvents(tag, response), handled: tag.pod === 'create' && namespaceTerminates(response) }
    }
    if (typeof tag === 'string' && !ok) state.removing.get(key)?.delete(tag)
    return undefined
  },

  onSkipped(key, tags, env) {
    const failed = env.state.failed.get(key)
    for (let i = 0; i < tags.length; i++) env.state.expectations.creationObserved(key)
    if (failed) failed.create += tags.length
  },
}

const hasFinalizer = (p: Pod): boolean => p.metadata.finalizers?.includes(finalizer) ?? false
const isTrue = (job: Job, type: string): JobCondition | undefined => job.status?.conditions?.find((c) => c.type === type && c.status === 'True')
const finishedCondition = (job: Job): JobCondition | undefined => isTrue(job, 'Complete') ?? isTrue(job, 'Failed')
const onlyReplaceFailed = (job: Job): boolean => job.spec.podReplacementPolicy === 'Failed' || job.spec.podFailurePolicy !== undefined

/** A pod that is being deleted never gets to fail by itself. Upstream: isPodFailed */
const isFailed = (p: Pod, job: Job): boolean => p.status?.phase === 'Failed' || (!onlyReplaceFailed(job) && p.metadata.deletionTimestamp !== undefined && p.status?.phase !== 'Succeeded')

const newCondition = (type: string, reason: string, message: string, time: string, status = 'True'): JobCondition => ({ type, status, lastProbeTime: time, lastTransitionTime: time, reason, message })

/** What is known once pods were created or deleted. Plain data between two steps of a sync. */
interface Managed {
  readonly job: Job
  readonly status: JobStatus
  readonly pods: readonly Pod[]
  readonly active: number
  readonly finished: JobCondition | undefined
  readonly record: BackoffRecord
}

class Sync {
  private readonly out: Intent[] = []
  private status: JobStatus
  private readonly now: Micros
  private readonly time: string

  constructor(
    private readonly key: string,
    private readonly job: Job,
    private readonly pods: readonly Pod[],
    private readonly env: Env,
  ) {
    this.status = { ...job.status }
    this.now = env.ctx.wallMicros()
    this.time = env.ctx.wallTime()
  }

  run(): Intent[] {
    const { job, pods, env, key } = this
    const satisfied = env.state.expectations.satisfied(key, env.now)
    const active = pods.filter(isPodActive)
    const uncounted = job.status?.uncountedTerminatedPods ?? {}
    const removing = env.state.removing.get(key)
    const fresh = (p: Pod, known: readonly string[] | undefined): boolean => hasFinalizer(p) && !removing?.has(p.metadata.uid as string) && !known?.includes(p.metadata.uid as string)
    const newSucceeded = pods.filter((p) => p.status?.phase === 'Succeeded' && fresh(p, uncounted.succeeded))
    const newFailed = pods.filter((p) => isFailed(p, job) && fresh(p, uncounted.failed))
    const completions = job.spec.completions
    const indexes = parseIndexes(job.status?.completedIndexes, completions ?? 0)
    for (const p of newSucceeded) indexes.add(indexOf(p) ?? -1)
    indexes.delete(-1)
    const succeeded = isIndexed(job) ? indexes.size : (job.status?.succeeded ?? 0) + newSucceeded.length + (uncounted.succeeded?.length ?? 0)
    const counted = newFailed.filter((p) => job.spec.podFailurePolicy === undefined || matchFailurePolicy(job, p).action !== 'Ignore')
    const failed = (job.status?.failed ?? 0) + counted.length + (uncounted.failed?.length ?? 0)
    if (this.status.startTime === undefined && !job.spec.suspend) this.status = { ...this.status, startTime: this.time }
    const record = nextRecord(env.state.backoff.get(key), newSucceeded, newFailed)
    let finished = this.verdict(failed)
    let left = active.length
    if (finished) {
      left = this.remove(active)
    } else {
      const manages = satisfied && job.metadata.deletionTimestamp === undefined
      if (manages) left = this.manage(active, succeeded, indexes, record)
      const complete = left === 0 && (completions == null ? succeeded > 0 : succeeded >= completions)
      if (complete) finished = newCondition('SuccessCriteriaMet', 'CompletionsReached', 'Reached expected number of succeeded pods', this.time)
      else if (manages) this.suspendCondition()
    }
    this.out.push({ do: 'then', step: 'track', data: { job, status: this.status, pods, active: left, finished, record } satisfies Managed })
    return this.out
  }

  /** Why the job is over, or failing. */
  private verdict(failed: number): JobCondition | undefined {
    const { job } = this
    const met = isTrue(job, 'SuccessCriteriaMet') ?? isTrue(job, 'FailureTarget')
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

  private remove(pods: readonly Pod[]): number {
    if (pods.length === 0) return 0
    this.env.state.expectations.expectDeletions(this.key, pods.map(cacheKey), this.env.now)
    this.out.push({ do: 'parallel', requests: pods.map((p) => deletePod(p, this.job)) })
    return 0
  }

  /** Creates or deletes pods. Returns how many will be active. Upstream: manageJob */
  private manage(active: readonly Pod[], succeeded: number, done: ReadonlySet<number>, record: BackoffRecord): number {
    const { job, env, key } = this
    const parallelism = job.spec.parallelism ?? 1
    if (job.spec.suspend) return this.remove(active)
    const completions = job.spec.completions
    const want = completions == null ? (succeeded > 0 ? active.length : parallelism) : Math.max(0, Math.min(parallelism, completions - succeeded))
    const doomed = this.tooMany(active, active.length - want, done)
    if (doomed.length > 0) {
      this.remove(doomed.slice(0, burst))
      return active.length - Math.min(doomed.length, burst)
    }
    const terminating = onlyReplaceFailed(job) ? this.pods.filter(isPodTerminating).length : 0
    let missing = Math.min(burst, want - terminating - active.length)
    if (missing <= 0) return active.length
    const wait = remainingTime(record, this.now)
    if (wait > 0) {
      this.out.push({ do: 'requeue', after: wait })
      return active.length
    }
    let requests: RequestIntent[]
    if (isIndexed(job)) requests = firstPending(active, done, missing, completions ?? 0).flatMap((i) => createPods(podOf(job, i), job, 1))
    else requests = createPods(podOf(job, undefined), job, missing)
    missing = requests.length
    if (missing === 0) return active.length
    env.state.expectations.expectCreations(key, missing, env.now)
    this.out.push({ do: 'slow-start', requests })
    return active.length + missing
  }

  /** Active pods to remove: doubled or done indexes first, then by rank. Upstream: activePodsForRemoval */
  private tooMany(active: readonly Pod[], least: number, done: ReadonlySet<number>): Pod[] {
    const out: Pod[] = []
    let rest = [...active]
    const rank = (a: Pod, b: Pod): number => compareForDeletion({ pod: a, rank: 0 }, { pod: b, rank: 0 }, this.now)
    if (isIndexed(this.job)) {
      const seen = new Set<number>()
      const keep: Pod[] = []
      for (const p of rest.sort((a, b) => -rank(a, b))) {
        const i = indexOf(p)
        if (i === undefined || i >= (this.job.spec.completions ?? 0) || done.has(i) || seen.has(i)) out.push(p)
        else {
          seen.add(i)
          keep.push(p)
        }
      }
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

function podOf(job: Job, index: number | undefined): Pod {
  const ref = { apiVersion: 'batch/v1', kind: 'Job', name: job.metadata.name, uid: job.metadata.uid as string, controller: true, blockOwnerDeletion: true }
  const { template } = job.spec
  const finalizers = [...(template.metadata?.finalizers ?? []).filter((f) => f !== finalizer), finalizer]
  const made = podFromTemplate({ ...template, metadata: { ...template.metadata, finalizers } } as PodTemplateSpec, job, ref)
  if (index === undefined) return made
  const text = String(index)
  const env = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexAnnotation}']` } } }
  const withEnv = <C extends { env?: { name: string }[] }>(c: C): C => (c.env?.some((e) => e.name === env.name) ? c : { ...c, env: [...(c.env ?? []), env] })
  const suffix = `-${text}-`
  const { metadata: m, spec } = made
  return {
    ...made,
    metadata: { ...m, generateName: job.metadata.name.slice(0, 58 - suffix.length) + suffix, annotations: { ...m.annotations, [indexAnnotation]: text }, labels: { ...m.labels, [indexAnnotation]: text } },
    spec: { ...spec, hostname: `${job.metadata.name}-${text}`, containers: spec.containers.map(withEnv), ...(spec.initContainers && { initContainers: spec.initContainers.map(withEnv) }) },
  }
}

/**
 * Counts pods that are over: first their uids are noted in the status, then their finalizers go, then they are counted;
 * so that a crash in between loses or doubles none. Upstream: trackJobStatusAndRemoveFinalizers
 */
function track(key: string, d: Managed, env: Env): Intent[] {
  const { job, pods, finished } = d
  const { state } = env
  const time = env.ctx.wallTime()
  const removing = state.removing.get(key) ?? new Set<string>()
  const withFinalizer = new Set(pods.filter((p) => hasFinalizer(p) && !removing.has(p.metadata.uid as string)).map((p) => p.metadata.uid as string))
  const old = job.status ?? {}
  const ready = pods.filter((p) => isPodActive(p) && isPodReady(p)).length
  let status: JobStatus = { ...d.status, active: d.active, ready: finished ? 0 : Math.min(ready, d.active), terminating: pods.filter(isPodTerminating).length }
  let flush = (old.active ?? 0) !== d.active || old.ready !== status.ready || old.terminating !== status.terminating || status.conditions !== old.conditions || old.startTime !== status.startTime
  const cleaned = countUncounted(status, withFinalizer)
  flush ||= cleaned !== status
  status = cleaned
  const release: Pod[] = []
  const succeeded = [...(status.uncountedTerminatedPods?.succeeded ?? [])]
  const failed = [...(status.uncountedTerminatedPods?.failed ?? [])]
  const indexes = parseIndexes(status.completedIndexes, job.spec.completions ?? 0)
  const before = indexes.size + succeeded.length + failed.length
  for (const p of pods) {
    const uid = p.metadata.uid as string
    if (!withFinalizer.has(uid)) continue
    if (!isPodTerminal(p) && !isFailed(p, job) && finished === undefined && job.metadata.deletionTimestamp === undefined) continue
    if (!isPodTerminal(p) && p.metadata.deletionTimestamp !== undefined && onlyReplaceFailed(job)) continue
    release.push(p)
    const index = indexOf(p)
    const counts = !isIndexed(job) || (index !== undefined && index < (job.spec.completions ?? 0))
    if (p.status?.phase === 'Succeeded' && !failed.includes(uid)) {
      if (!isIndexed(job)) {
        if (!succeeded.includes(uid)) succeeded.push(uid)
      } else if (counts) indexes.add(index as number)
    } else if (counts && !failed.includes(uid) && matchFailurePolicy(job, p).action !== 'Ignore') failed.push(uid)
    if (succeeded.length + failed.length >= mostUncounted) break
  }
  if (before !== indexes.size + succeeded.length + failed.length) {
    flush = true
    status = { ...status, uncountedTerminatedPods: uncountedOf(succeeded, failed), ...(isIndexed(job) && { succeeded: indexes.size, completedIndexes: formatIndexes(indexes) }) }
  } else if (status.uncountedTerminatedPods === undefined) status = { ...status, uncountedTerminatedPods: {} }
  let last = finished
  if (finished) {
    const known = status.conditions?.some((c) => c.type === finished.type && c.status === 'True')
    if (!known) {
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
  if (last && open === 0 && (end.terminating ?? 0) === 0) {
    end = { ...end, conditions: [...(end.conditions ?? []), last], ...(last.type === 'Complete' && { completionTime: time }) }
    events.push({ do: 'event', about: referenceTo(job), ...(last.type === 'Complete' ? { type: 'Normal' as const, reason: 'Completed', message: 'Job completed' } : { type: 'Warning' as const, reason: last.reason ?? '', message: last.message ?? '' }) })
  }
  if (end !== status) out.push({ do: 'then', step: 'flushed', data: [updateObject('jobs', { ...job, status: end } as Job, 'status', { follows: true }), ...events] satisfies Intent[] })
  return out
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

const releasePod = (p: Pod): RequestIntent =>
  patchObject('pods', p, { metadata: { uid: p.metadata.uid, '$deleteFromPrimitiveList/finalizers': [finalizer] } }, { ignore: ['NotFound'], tag: p.metadata.uid })

/** A pod whose job is gone is let go. Upstream: syncOrphanPod */
function releaseOrphan(key: string, env: Env): Intent[] {
  const pod = env.cache<Pod>('pods').byKey(key)
  if (pod === undefined || !hasFinalizer(pod) || resolveController(env.cache<Job>('jobs'), pod, 'Job')) return []
  return [releasePod(pod)]
}

function podChanged(delta: Delta, env: Env): void {
  const pod = delta.object as Pod
  const ref = pod.metadata.ownerReferences?.find((r) => r.controller)
  if (ref?.kind !== 'Job') return
  const job = resolveController(env.cache<Job>('jobs'), pod, 'Job')
  if (job === undefined) {
    if (delta.type !== 'deleted' && hasFinalizer(pod)) env.enqueue(`orphan/${cacheKey(pod)}`)
    return
  }
  const key = cacheKey(job)
  const { state } = env
  if (delta.type === 'deleted' || !hasFinalizer(pod)) state.removing.get(key)?.delete(pod.metadata.uid as string)
  if (delta.type === 'deleted' || pod.metadata.deletionTimestamp !== undefined) state.expectations.deletionObserved(key, cacheKey(pod))
  else if (delta.type === 'added') state.expectations.creationObserved(key)
  env.enqueueAfter(key, batchPeriod)
}
