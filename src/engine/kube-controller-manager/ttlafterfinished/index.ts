import type { Job } from '../../api'
import { cacheKey } from '../../client-go'
import { SECOND } from '../../sim'
import type { Controller } from '../controller'
import { timeOf } from '../pods'
import { deleteObject, getObject } from '../requests'

/** Deletes jobs some time after they are over. Upstream: pkg/controller/ttlafterfinished/ttlafterfinished_controller.go */
export const ttlAfterFinishedController: Controller<null> = {
  name: 'ttlafterfinished',
  component: 'ttl-after-finished-controller',
  resource: 'jobs',
  informers: [{ resource: 'jobs' }],
  workers: 5,
  start: () => null,

  onDelta(delta, env) {
    if (delta.type !== 'deleted' && needsCleanUp(delta.object as Job)) env.enqueue(cacheKey(delta.object))
  },

  reconcile(key, env) {
    const job = env.cache<Job>('jobs').byKey(key)
    if (job === undefined || !needsCleanUp(job)) return []
    const rest = timeLeft(job, env.ctx.wallMicros())
    if (rest > 0) return [{ do: 'requeue', after: rest }]
    // A fresh read, for the time to live may have been changed.
    return [getObject('jobs', job.metadata.namespace, job.metadata.name, { ignore: ['NotFound'], tag: 'fresh' })]
  },

  onResponse(_key, tag, response, env) {
    if (tag !== 'fresh' || response.code !== 200) return undefined
    const job = response.body as Job
    if (!needsCleanUp(job)) return undefined
    const rest = timeLeft(job, env.ctx.wallMicros())
    if (rest > 0) return { intents: [{ do: 'requeue', after: rest }] }
    return { intents: [deleteObject('jobs', job, { propagationPolicy: 'Foreground', preconditions: { uid: job.metadata.uid as string } }, { ignore: ['NotFound'] })] }
  },
}

const finishedAt = (job: Job): string | undefined => job.status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True')?.lastTransitionTime

/** Whether a job is to go at all. */
export const needsCleanUp = (job: Job): boolean => job.spec.ttlSecondsAfterFinished != null && job.metadata.deletionTimestamp === undefined && finishedAt(job) !== undefined

/** What is left of a finished job's life. Units: µs. */
export const timeLeft = (job: Job, now: number): number => timeOf(finishedAt(job)) + (job.spec.ttlSecondsAfterFinished as number) * SECOND - now
