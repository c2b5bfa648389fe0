import { labelSelector } from '../../apimachinery'
import type { Job, Pod } from '../../api'
import { Expectations, cacheKey, type Delta } from '../../client-go'
import { SECOND } from '../../sim'
import { claim, resolveController } from '../claim'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { isPodTag, namespaceTerminates, podEvents } from '../pod-control'
import { hasFinalizer, releasePod, trueCondition } from './job-pods'
import { Sync, type JobState, type Managed } from './sync'
import { track } from './track'

/** Upstream: syncJobBatchPeriod */
const batchPeriod = SECOND

type Env = ControllerEnv<JobState>

/** Runs pods until enough of them have succeeded. Keys: `<ns>/<job>`, `orphan/<ns>/<pod>`. Upstream: pkg/controller/job/job_controller.go */
export const jobController: Controller<JobState> = {
  name: 'job',
  component: 'job-controller',
  resource: 'jobs',
  owns: { kind: 'Job', resources: ['pods'] },
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
    if (job === undefined) {
      state.expectations.forget(key)
      state.removing.delete(key)
    }
    if (job === undefined || isFinished(job)) {
      state.backoff.delete(key)
      return []
    }
    if (isOthers(job)) return []
    const owned = claim<Pod>({ owner: job, resource: 'jobs', apiVersion: 'batch/v1', kind: 'Job', selector: labelSelector(job.spec.selector) }, env.cache('pods'), 'pods')
    if (owned.intents.length > 0) return owned.intents
    state.failed.set(key, { create: 0, delete: 0 })
    return new Sync(key, job, owned.mine, env).run()
  },

  resume(key, step, data, error, env) {
    if (step === 'flushed') return error === undefined ? (data as readonly Intent[]) : []
    const d = data as Managed
    const failed = env.state.failed.get(key) ?? { create: 0, delete: 0 }
    env.state.failed.delete(key)
    // A job is not over while one of its pods could not be deleted.
    const finished = d.doomed > 0 && failed.delete > 0 ? undefined : d.finished
    return track(key, { ...d, finished, active: d.active + failed.delete - failed.create, terminating: d.terminating - failed.delete }, env)
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

const isFinished = (job: Job): boolean => (trueCondition(job, 'Complete') ?? trueCondition(job, 'Failed')) !== undefined

/** Upstream: controlledBy */
const isOthers = (job: Job): boolean => job.spec.managedBy !== undefined && job.spec.managedBy !== 'kubernetes.io/job-controller'

/** A pod whose job is gone is let go. Upstream: syncOrphanPod */
function releaseOrphan(key: string, env: Env): Intent[] {
  const pod = env.cache<Pod>('pods').byKey(key)
  if (pod === undefined || !hasFinalizer(pod)) return []
  const job = resolveController(env.cache<Job>('jobs'), pod, 'Job')
  return job === undefined || isFinished(job) ? [releasePod(pod)] : []
}

function podChanged(delta: Delta, env: Env): void {
  const pod = delta.object as Pod
  const ref = pod.metadata.ownerReferences?.find((r) => r.controller)
  if (ref?.kind !== 'Job') return
  const job = resolveController(env.cache<Job>('jobs'), pod, 'Job')
  if (job === undefined || isFinished(job)) {
    if (delta.type !== 'deleted' && hasFinalizer(pod)) env.enqueue(`orphan/${cacheKey(pod)}`)
    if (job === undefined) return
  }
  const key = cacheKey(job)
  const { state } = env
  if (delta.type === 'deleted' || !hasFinalizer(pod)) state.removing.get(key)?.delete(pod.metadata.uid as string)
  if (delta.type === 'deleted' || pod.metadata.deletionTimestamp !== undefined) state.expectations.deletionObserved(key, cacheKey(pod))
  else if (delta.type === 'added') state.expectations.creationObserved(key)
  env.enqueueAfter(key, batchPeriod)
}
