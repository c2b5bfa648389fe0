import { formatTime, type KubeObject } from '../../apimachinery'
import type { CronJob, Job } from '../../api'
import { SECOND, zoneOffset, type Micros } from '../../sim'

/** How a job ended; undefined while it has not. */
export const finished = (j: Job): 'Complete' | 'Failed' | undefined =>
  j.status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True')?.type as 'Complete' | 'Failed' | undefined

/** Name of the job that starts at a time. Upstream: getJobName */
export const jobName = (cj: CronJob, at: Micros): string => `${cj.metadata.name}-${Math.floor(at / (60 * SECOND))}`

/** Upstream: pkg/controller/cronjob/utils.go getJobFromTemplate2 */
export function jobFor(cj: CronJob, at: Micros): KubeObject {
  const t = cj.spec.jobTemplate
  return {
    apiVersion: 'batch/v1', kind: 'Job',
    metadata: {
      name: jobName(cj, at), namespace: cj.metadata.namespace as string, ...(t.metadata?.labels && { labels: t.metadata.labels }),
      annotations: { ...t.metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': zonedTime(at, cj.spec.timeZone ?? 'UTC') },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: cj.metadata.name, uid: cj.metadata.uid as string, controller: true, blockOwnerDeletion: true }],
    },
    spec: t.spec,
  } as KubeObject
}

/** RFC 3339 with the zone's offset. */
function zonedTime(at: Micros, zone: string): string {
  const offset = zoneOffset(zone, at / SECOND)
  if (offset === 0) return formatTime(at)
  const minutes = Math.abs(offset) / 60
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${formatTime(at + offset * SECOND).slice(0, -1)}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** Oldest first; those that never started last, then by name. Upstream: byJobStartTime */
export function byJobStartTime(a: Job, b: Job): number {
  const [s, t] = [a.status?.startTime ?? '9', b.status?.startTime ?? '9']
  if (s !== t) return s < t ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0
}

/** Deletes the oldest finished jobs beyond the history limits. Upstream: cleanupFinishedJobs, removeOldestJobs */
export function cleanUp(cj: CronJob, jobs: readonly Job[], remove: (j: Job) => void): void {
  for (const [how, limit] of [['Complete', cj.spec.successfulJobsHistoryLimit], ['Failed', cj.spec.failedJobsHistoryLimit]] as const) {
    if (limit == null) continue
    const done = jobs.filter((j) => finished(j) === how && j.metadata.deletionTimestamp === undefined)
    if (done.length <= limit) continue
    for (const j of done.sort(byJobStartTime).slice(0, done.length - limit)) remove(j)
  }
}
