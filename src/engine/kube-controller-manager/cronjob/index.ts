import { formatTime, goQuote, type KubeObject } from '../../apimachinery'
import type { CronJob, Job, ObjectReference } from '../../api'
import { cacheKey, referenceTo } from '../../client-go'
import { MS, SECOND, type Micros } from '../../sim'
import { resolveController } from '../claim'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { namespaceTerminates } from '../pod-control'
import { timeOf } from '../pods'
import { createObject, deleteObject, getObject, updateObject } from '../requests'
import { nextTime, parseSchedule, type Schedule } from './schedule'

type Env = ControllerEnv<null>
type Tag = { readonly fresh: true } | { readonly create: CronJob; readonly at: Micros } | { readonly remove: string; readonly about: CronJob }

/** A little later than the minute, so that clocks have reached it. Upstream: nextScheduleDelta */
const slack = 100 * MS
/** Missed starts that are worth a warning. */
const mostMissed = 100

/** Starts jobs by the clock. Upstream: pkg/controller/cronjob/cronjob_controllerv2.go */
export const cronJobController: Controller<null> = {
  name: 'cronjob',
  component: 'cronjob-controller',
  resource: 'cronjobs',
  informers: [{ resource: 'cronjobs' }, { resource: 'jobs', indexes: ['controller'] }],
  workers: 5,
  start: () => null,

  onDelta(delta, env) {
    const cj = delta.resource === 'cronjobs' ? delta.object : resolveController(env.cache<CronJob>('cronjobs'), delta.object, 'CronJob')
    if (cj) env.enqueue(cacheKey(cj))
  },

  reconcile(key, env) {
    const cj = env.cache<CronJob>('cronjobs').byKey(key)
    if (cj === undefined) return []
    const jobs = jobsOf(cj, env)
    // A job that is not listed as active may be one whose start our cache has not heard of: ask.
    if (jobs.some((j) => !finished(j) && !isActive(cj, j))) return [getObject('cronjobs', cj.metadata.namespace, cj.metadata.name, { ignore: ['NotFound'], tag: { fresh: true } satisfies Tag })]
    return sync(cj, jobs, env)
  },

  onResponse(_key, tag, response, env) {
    const t = tag as Tag | undefined
    if (t === undefined) return undefined
    const ok = response.code === 200 || response.code === 201
    if ('fresh' in t) return ok ? { intents: sync(response.body as CronJob, jobsOf(response.body as CronJob, env), env) } : undefined
    if ('remove' in t) {
      if (ok) return { intents: [{ do: 'event', about: referenceTo(t.about), type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${t.remove}` }] }
      return response.code === 404 ? undefined : { intents: [{ do: 'event', about: referenceTo(t.about), type: 'Warning', reason: 'FailedDelete', message: `Deleted job: ${(response.body as { message?: string }).message}` }] }
    }
    const about = referenceTo(t.create)
    if (ok) {
      const { name, namespace, uid, resourceVersion } = response.body.metadata
      const ref: ObjectReference = { apiVersion: 'batch/v1', kind: 'Job', name, namespace: namespace as string, uid: uid as string, resourceVersion: resourceVersion as string }
      const status = { ...t.create.status, active: [...(t.create.status?.active ?? []), ref], lastScheduleTime: formatTime(t.at) }
      return { intents: [{ do: 'event', about, type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${name}` }, updateObject('cronjobs', { ...t.create, status } as CronJob, 'status')] }
    }
    if (namespaceTerminates(response)) return { handled: true }
    const { reason, message } = response.body as { reason?: string; message?: string }
    if (reason === 'AlreadyExists') return { handled: true }
    return { intents: [{ do: 'event', about, type: 'Warning', reason: 'FailedCreate', message: `Error creating job: ${message}` }] }
  },
}

const jobsOf = (cj: CronJob, env: Env): readonly Job[] => env.cache<Job>('jobs').by('controller', cj.metadata.uid as string)
const finished = (j: Job): 'Complete' | 'Failed' | undefined => j.status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True')?.type as 'Complete' | 'Failed' | undefined
const isActive = (cj: CronJob, j: Job): boolean => cj.status?.active?.some((a) => a.uid === j.metadata.uid) ?? false

function sync(from: CronJob, jobs: readonly Job[], env: Env): Intent[] {
  const out: Intent[] = []
  const now = env.ctx.wallMicros()
  let cj = from
  const setStatus = (status: Partial<NonNullable<CronJob['status']>>): void => {
    cj = { ...cj, status: { ...cj.status, ...status } }
  }
  const deactivate = (uid: string | undefined): void => setStatus({ active: (cj.status?.active ?? []).filter((a) => a.uid !== uid) })
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): void => void out.push({ do: 'event', about: referenceTo(from), type, reason, message })
  const remove = (j: { metadata: { name?: string; namespace?: string; uid?: string } }): void => {
    out.push(deleteObject('jobs', j, { propagationPolicy: 'Background' }, { ignore: ['NotFound'], tag: { remove: j.metadata.name as string, about: from } satisfies Tag }))
    if (cj.status?.active?.some((a) => a.uid === j.metadata.uid)) deactivate(j.metadata.uid)
  }
  cleanUp(from, jobs, remove)
  for (const j of jobs) {
    const how = finished(j)
    const active = isActive(cj, j)
    if (how === undefined) {
      if (!active) tell('Warning', 'UnexpectedJob', `Saw a job that the controller did not create or forgot: ${j.metadata.name}`)
      continue
    }
    if (active) {
      deactivate(j.metadata.uid)
      tell('Normal', 'SawCompletedJob', `Saw completed job: ${j.metadata.name}, condition: ${how}`)
    }
    const at = j.status?.completionTime
    if (how === 'Complete' && at !== undefined && at > (cj.status?.lastSuccessfulTime ?? '')) setStatus({ lastSuccessfulTime: at })
  }
  for (const a of cj.status?.active ?? []) {
    if (jobs.some((j) => j.metadata.uid === a.uid)) continue
    // Just created ones are not in the cache yet; upstream asks the server, here their name's time tells.
    if (now - timeOf(cj.status?.lastScheduleTime) < 10 * SECOND) continue
    deactivate(a.uid)
    tell('Normal', 'MissingJob', `Active job went missing: ${a.name}`)
  }
  const start = startNext(cj, now, tell)
  if (start.at !== undefined && from.spec.concurrencyPolicy === 'Replace') for (const a of cj.status?.active ?? []) remove({ metadata: a })
  if (start.at !== undefined) out.push(createObject('jobs', jobFor(cj, start.at), { tag: { create: cj, at: start.at } satisfies Tag }))
  else if (cj !== from) out.push(updateObject('cronjobs', cj, 'status'))
  if (start.again !== undefined) out.push({ do: 'requeue', after: start.again })
  return out
}

/** Whether a job is due, and when to look again. */
function startNext(cj: CronJob, now: Micros, tell: (type: 'Normal' | 'Warning', reason: string, message: string) => void): { at?: Micros; again?: Micros } {
  if (cj.metadata.deletionTimestamp !== undefined || cj.spec.suspend) return {}
  const schedule = parseSchedule(cj.spec.schedule)
  if (schedule === undefined) {
    tell('Warning', 'UnparseableSchedule', `unparseable schedule: ${goQuote(cj.spec.schedule)}`)
    return {}
  }
  const deadline = cj.spec.startingDeadlineSeconds
  const due = mostRecent(cj, schedule, now, true)
  const after = nextTime(schedule, Math.max(due.at ?? 0, mostRecent(cj, schedule, now, false).at ?? earliest(cj)))
  const again = after === undefined ? {} : { again: Math.max(0, after + slack - now) }
  if (due.missed > mostMissed) tell('Warning', 'TooManyMissedTimes', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew')
  if (due.at === undefined) return again
  if (deadline != null && due.at + deadline * SECOND < now) {
    tell('Warning', 'MissSchedule', `Missed scheduled time to start a job: ${formatTime(due.at)}`)
    return again
  }
  const name = jobName(cj, due.at)
  if (cj.status?.active?.some((a) => a.name === name) || timeOf(cj.status?.lastScheduleTime) === due.at) return again
  if (cj.spec.concurrencyPolicy === 'Forbid' && (cj.status?.active?.length ?? 0) > 0) {
    tell('Normal', 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid')
    return again
  }
  return { at: due.at, ...again }
}

const earliest = (cj: CronJob): Micros => timeOf(cj.status?.lastScheduleTime ?? cj.metadata.creationTimestamp)

/** The last time that was due and not yet served, and how many were. Upstream: mostRecentScheduleTime */
function mostRecent(cj: CronJob, schedule: Schedule, now: Micros, withDeadline: boolean): { at: Micros | undefined; missed: number } {
  const deadline = withDeadline ? cj.spec.startingDeadlineSeconds : undefined
  const from = deadline == null ? earliest(cj) : Math.max(earliest(cj), now - deadline * SECOND)
  let at: Micros | undefined
  let missed = 0
  for (let t = nextTime(schedule, from); t !== undefined && t <= now && missed < 100_000; t = nextTime(schedule, t)) {
    at = t
    missed++
  }
  return { at, missed }
}

const jobName = (cj: CronJob, at: Micros): string => `${cj.metadata.name}-${Math.floor(at / (60 * SECOND))}`

/** Upstream: getJobFromTemplate2 */
function jobFor(cj: CronJob, at: Micros): KubeObject {
  const t = cj.spec.jobTemplate
  return {
    apiVersion: 'batch/v1', kind: 'Job',
    metadata: {
      name: jobName(cj, at), namespace: cj.metadata.namespace as string, ...(t.metadata?.labels && { labels: t.metadata.labels }),
      annotations: { ...t.metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': formatTime(at) },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'CronJob', name: cj.metadata.name, uid: cj.metadata.uid as string, controller: true, blockOwnerDeletion: true }],
    },
    spec: t.spec,
  } as KubeObject
}

/** Deletes the oldest finished jobs beyond the history limits. Upstream: cleanupFinishedJobs, removeOldestJobs */
function cleanUp(cj: CronJob, jobs: readonly Job[], remove: (j: Job) => void): void {
  for (const [how, limit] of [['Complete', cj.spec.successfulJobsHistoryLimit], ['Failed', cj.spec.failedJobsHistoryLimit]] as const) {
    if (limit == null) continue
    const done = jobs.filter((j) => finished(j) === how && j.metadata.deletionTimestamp === undefined)
    if (done.length <= limit) continue
    const order = (a: Job, b: Job): number => {
      const [s, t] = [a.status?.startTime ?? '9', b.status?.startTime ?? '9']
      return s < t ? -1 : s > t ? 1 : a.metadata.name < b.metadata.name ? -1 : 1
    }
    for (const j of done.sort(order).slice(0, done.length - limit)) remove(j)
  }
}

