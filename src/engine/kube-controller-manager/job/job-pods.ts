import type { Job, JobCondition, Pod } from '../../api'
import type { RequestIntent } from '../controller'
import { patchObject } from '../requests'

/** Pods of a job carry it until they are counted. */
export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'

export const hasFinalizer = (p: Pod): boolean => p.metadata.finalizers?.includes(trackingFinalizer) ?? false

/** A replacement waits until the pod is really over. Upstream: onlyReplaceFailedPods */
export const onlyReplaceFailed = (job: Job): boolean => job.spec.podReplacementPolicy === 'Failed' || job.spec.podFailurePolicy !== undefined

/** A pod that is being deleted never gets to fail by itself. Upstream: isPodFailed */
export const isFailed = (p: Pod, job: Job): boolean => p.status?.phase === 'Failed' || (!onlyReplaceFailed(job) && p.metadata.deletionTimestamp !== undefined && p.status?.phase !== 'Succeeded')

/** A condition of a job that holds. */
export const trueCondition = (job: Job, type: string): JobCondition | undefined => job.status?.conditions?.find((c) => c.type === type && c.status === 'True')

/** Upstream: newCondition */
export const newCondition = (type: string, reason: string, message: string, time: string, status = 'True'): JobCondition => ({ type, status, lastProbeTime: time, lastTransitionTime: time, reason, message })

/** Takes the job's finalizer off a pod. */
export const releasePod = (p: Pod): RequestIntent =>
  patchObject('pods', p, { metadata: { uid: p.metadata.uid, '$deleteFromPrimitiveList/finalizers': [trackingFinalizer] } }, { ignore: ['NotFound'], tag: p.metadata.uid })
