import { formatTime, goQuote } from '../../apimachinery'
import type { CronJob, Job, ObjectReference } from '../../api'
import { cacheKey, referenceTo } from '../../client-go'
import { SECOND, isTimeZone, type Micros } from '../../sim'
import { resolveController } from '../claim'
import type { Controller, ControllerEnv, Intent, RequestIntent } from '../controller'
import { namespaceTerminates } from '../pod-control'
import { createObject, deleteObject, getObject, updateObject } from '../requests'
import { cleanUp, finished, jobFor, jobName } from './jobs'
import { mostRecentScheduleTime, nextScheduleTimeDuration } from './missed'
import { parseSchedule, type Schedule } from './schedule'

/** What the live looks of a sync found, until it goes on. */
interface Looks {
  fresh?: CronJob
  readonly gone: Set<string>
}

type State = Map<string, Looks>
type Env = ControllerEnv<State>
type Tag =
  | { readonly fresh: true }
  | { readonly gone: string }
  | { readonly create: CronJob; readonly at: Micros }
  | { readonly exists: CronJob; readonly at: Micros }
  | { readonly remove: string; readonly about: CronJob }

/** Starts jobs by the clock. Upstream: pkg/controller/cronjob/cronjob_controllerv2.go */
export const cronJobController: Controller<State> = {
  name: 'cronjob',
  component: 'cronjob-controller',
  resource: 'cronjobs',
  informers: [{ resource: 'cronjobs' }, { resource: 'jobs', indexes: ['controller'] }],
  workers: 5,
  start: () => new Map(),

  onDelta(delta, env) {
    if (delta.resource !== 'cronjobs') {
      const cj = resolveController(env.cache<CronJob>('cronjobs'), delta.object, 'CronJob')
      if (cj) env.enqueue(cacheKey(cj))
      return
    }
    const cj = delta.object as CronJob
    const old = delta.type === 'updated' ? (delta.old as CronJob | undefined) : undefined
    if (old === undefined || (old.spec.schedule === cj.spec.schedule && old.spec.timeZone === cj.spec.timeZone)) return env.enqueue(cacheKey(cj))
    // A schedule that changed is looked at when its first time comes. Upstream: updateCronJob
    const schedule = parseSchedule(scheduleText(cj))
    const wait = schedule && nextScheduleTimeDuration(cj, env.ctx.wallMicros(), schedule)
    if (wait !== undefined) env.enqueueAfter(cacheKey(cj), Math.max(0, wait))
  },

  reconcile(key, env) {
    const cj = env.cache<CronJob>('cronjobs').byKey(key)
    env.state.delete(key)
    if (cj === undefined) return []
    const jobs = jobsOf(cj, env)
    const { namespace, name } = cj.metadata
    const looks: RequestIntent[] = []
    // A job that is not listed as active may be one whose start our cache has not heard of; one that is not there may be one that the cache has not heard of: ask.
    if (jobs.some((j) => !finished(j) && !isActive(cj, j.metadata.uid))) looks.push(getObject('cronjobs', namespace, name, { ignore: ['NotFound'], tag: { fresh: true } satisfies Tag }))
    for (const a of cj.status?.active ?? []) if (!jobs.some((j) => j.metadata.uid === a.uid)) looks.push(getObject('jobs', a.namespace, a.name ?? '', { ignore: ['NotFound'], tag: { gone: a.uid as string } satisfies Tag }))
    if (looks.length === 0) return sync(cj, jobs, undefined, env)
    env.state.set(key, { gone: new Set() })
    return [...looks, { do: 'then', step: 'sync' }]
  },

  resume(key, _step, _data, error, env) {
    const looks = env.state.get(key)
    env.state.delete(key)
    const cj = looks?.fresh ?? env.cache<CronJob>('cronjobs').byKey(key)
    return error !== undefined || cj === undefined ? [] : sync(cj, jobsOf(cj, env), looks, env)
  },

  onResponse(key, tag, response, env) {
    const t = tag as Tag | undefined
    if (t === undefined) return undefined
    const ok = response.code === 200 || response.code === 201
    const looks = env.state.get(key)
    if ('fresh' in t) {
      if (ok && looks) looks.fresh = response.body as CronJob
      return undefined
    }
    if ('gone' in t) {
      if (response.code === 404) looks?.gone.add(t.gone)
      return undefined
    }
    if ('remove' in t) {
      if (ok) return { intents: [{ do: 'event', about: referenceTo(t.about), type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${t.remove}` }] }
      return response.code === 404 ? undefined : { intents: [{ do: 'event', about: referenceTo(t.about), type: 'Warning', reason: 'FailedDelete', message: `Deleted job: ${(response.body as { message?: string }).message}` }] }
    }
    if ('exists' in t) {
      const job = response.body as Job
      const ours = ok && job.metadata.ownerReferences?.some((o) => o.controller && o.uid === t.exists.metadata.uid)
      return ours && !isActive(t.exists, job.metadata.uid) ? { intents: [listed(t.exists, job, t.at)] } : undefined
    }
    const about = referenceTo(t.create)
    if (ok) return { intents: [{ do: 'event', about, type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${response.body.metadata.name}` }, listed(t.create, response.body as Job, t.at)] }
    const { reason, message } = response.body as { reason?: string; message?: string }
    if (namespaceTerminates(response)) return { handled: true }
    // Somebody was there before: perhaps ourselves, before we could note it.
    if (reason === 'AlreadyExists') return { handled: true, intents: [getObject('jobs', t.create.metadata.namespace, jobName(t.create, t.at), { ignore: ['NotFound'], tag: { exists: t.create, at: t.at } satisfies Tag })] }
    return { intents: [{ do: 'event', about, type: 'Warning', reason: 'FailedCreate', message: `Error creating job: ${message}` }] }
  },
}

const jobsOf = (cj: CronJob, env: Env): readonly Job[] => env.cache<Job>('jobs').by('controller', cj.metadata.uid as string)
const isActive = (cj: CronJob, uid: string | undefined): boolean => cj.status?.active?.some((a) => a.uid === uid) ?? false

/** Writes that a job was started. */
function listed(cj: CronJob, job: Job, at: Micros): RequestIntent {
  const { name, namespace, uid, resourceVersion } = job.metadata
  const ref: ObjectReference = { apiVersion: 'batch/v1', kind: 'Job', name, namespace: namespace as string, uid: uid as string, resourceVersion: resourceVersion as string }
  return updateObject('cronjobs', { ...cj, status: { ...cj.status, active: [...(cj.status?.active ?? []), ref], lastScheduleTime: formatTime(at) } } as CronJob, 'status')
}

/** The schedule with its zone, as the parser takes it. Upstream: formatSchedule */
function scheduleText(cj: CronJob): string {
  const { schedule, timeZone } = cj.spec
  return schedule.includes('TZ') || timeZone == null || !isTimeZone(timeZone) ? schedule : `TZ=${timeZone} ${schedule}`
}

type Tell = (type: 'Normal' | 'Warning', reason: string, message: string) => void

function sync(from: CronJob, jobs: readonly Job[], looks: Looks | undefined, env: Env): Intent[] {
  const out: Intent[] = []
  const now = env.ctx.wallMicros()
  let cj = from
  const setStatus = (status: Partial<NonNullable<CronJob['status']>>): void => {
    cj = { ...cj, status: { ...cj.status, ...status } }
  }
  const deactivate = (uid: string | undefined): void => setStatus({ active: (cj.status?.active ?? []).filter((a) => a.uid !== uid) })
  const tell: Tell = (type, reason, message) => void out.push({ do: 'event', about: referenceTo(from), type, reason, message })
  const remove = (j: { metadata: { name?: string; namespace?: string; uid?: string } }): void => {
    out.push(deleteObject('jobs', j, { propagationPolicy: 'Background' }, { ignore: ['NotFound'], tag: { remove: j.metadata.name as string, about: from } satisfies Tag }))
    if (isActive(cj, j.metadata.uid)) deactivate(j.metadata.uid)
  }
  cleanUp(from, jobs, remove)
  for (const j of jobs) {
    const how = finished(j)
    const active = isActive(cj, j.metadata.uid)
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
    if (!looks?.gone.has(a.uid ?? '')) continue
    tell('Normal', 'MissingJob', `Active job went missing: ${a.name}`)
    deactivate(a.uid)
  }
  const start = startNext(cj, now, tell)
  if (start.at !== undefined && from.spec.concurrencyPolicy === 'Replace') for (const a of cj.status?.active ?? []) remove({ metadata: a as { name?: string } })
  if (start.at !== undefined) out.push(createObject('jobs', jobFor(cj, start.at), { tag: { create: cj, at: start.at } satisfies Tag }))
  else if (cj !== from) out.push(updateObject('cronjobs', cj, 'status'))
  if (start.again !== undefined) out.push({ do: 'requeue', after: Math.max(0, start.again) })
  return out
}

/** Whether a job is due, and when to look again. Upstream: the second half of syncCronJob */
function startNext(cj: CronJob, now: Micros, tell: Tell): { at?: Micros; again?: Micros } {
  if (cj.metadata.deletionTimestamp !== undefined) return {}
  const zone = cj.spec.timeZone
  if (zone != null && !isTimeZone(zone)) {
    tell('Warning', 'UnknownTimeZone', `invalid timeZone: ${goQuote(zone)}: unknown time zone ${zone}`)
    return {}
  }
  if (cj.spec.suspend) return {}
  if (cj.spec.schedule.includes('TZ')) tell('Warning', 'UnsupportedSchedule', `CRON_TZ or TZ used in schedule ${goQuote(cj.spec.schedule)} is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details`)
  const schedule = parseSchedule(scheduleText(cj))
  if (schedule === undefined) {
    // The API server has refused it with the reason; only what was stored before it did can come here.
    tell('Warning', 'UnparseableSchedule', `unparseable schedule: ${goQuote(cj.spec.schedule)}`)
    return {}
  }
  const { recent, missed, error } = mostRecentScheduleTime(cj, now, schedule, true)
  if (recent === undefined && error !== undefined) {
    tell('Warning', 'InvalidSchedule', `invalid schedule: ${cj.spec.schedule} : ${error}`)
    return {}
  }
  const again = later(cj, now, schedule)
  if (recent === undefined) return again
  if (missed === 'many') tell('Warning', 'TooManyMissedTimes', 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew')
  const deadline = cj.spec.startingDeadlineSeconds
  if (deadline != null && recent + deadline * SECOND < now) {
    tell('Warning', 'MissSchedule', `Missed scheduled time to start a job: ${rfc1123(recent)}`)
    return again
  }
  if (cj.status?.active?.some((a) => a.name === jobName(cj, recent)) || cj.status?.lastScheduleTime === formatTime(recent)) return again
  if (cj.spec.concurrencyPolicy === 'Forbid' && (cj.status?.active?.length ?? 0) > 0) {
    tell('Normal', 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid')
    return again
  }
  // What is started now counts as the last start.
  return { at: recent, ...later({ ...cj, status: { ...cj.status, lastScheduleTime: formatTime(recent) } }, now, schedule) }
}

function later(cj: CronJob, now: Micros, schedule: Schedule): { again?: Micros } {
  const again = nextScheduleTimeDuration(cj, now, schedule)
  return again === undefined ? {} : { again }
}

const days = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Upstream: time.RFC1123Z */
function rfc1123(at: Micros): string {
  const text = formatTime(at)
  return `${days[Math.floor(at / (86_400 * SECOND)) % 7]}, ${text.slice(8, 10)} ${months[Number(text.slice(5, 7)) - 1]} ${text.slice(0, 4)} ${text.slice(11, 19)} +0000`
}
