import type { CronJob } from '../../api'
import { MS, SECOND, type Micros } from '../../sim'
import { timeOf } from '../pods'
import { nextTime, type Schedule } from './schedule'

/** A little later than the minute, so that clocks have reached it. Upstream: nextScheduleDelta */
const slack = 100 * MS
/** Missed starts that are worth a warning. */
const mostMissed = 100

/** The last start that was due, and how many were missed since the earliest time that counts; `error` for a schedule without times. */
export interface Missed {
  readonly earliest: Micros
  readonly recent?: Micros
  readonly missed: 'none' | 'few' | 'many'
  readonly error?: string
}

/** How many starts were missed is an estimate, from the distance of the first two. Upstream: pkg/controller/cronjob/utils.go mostRecentScheduleTime */
export function mostRecentScheduleTime(cj: CronJob, now: Micros, schedule: Schedule, withDeadline: boolean): Missed {
  let earliest = timeOf(cj.status?.lastScheduleTime ?? cj.metadata.creationTimestamp)
  const deadline = cj.spec.startingDeadlineSeconds
  if (withDeadline && deadline != null) earliest = Math.max(earliest, now - deadline * SECOND)
  const first = nextTime(schedule, earliest)
  const second = first === undefined ? undefined : nextTime(schedule, first)
  if (first !== undefined && now < first) return { earliest, missed: 'none' }
  if (first !== undefined && second !== undefined && now < second) return { earliest, recent: first, missed: 'none' }
  const between = first === undefined || second === undefined ? 0 : Math.round((second - first) / SECOND)
  if (first === undefined || between < 1) return { earliest, missed: 'none', error: 'time difference between two schedules is less than 1 second' }
  const missed = Math.floor((now - first) / SECOND / between) + 1
  let recent: Micros | undefined
  // From one distance before the estimate on, so that uneven schedules are met too.
  for (let t = nextTime(schedule, first + (missed - 2) * between * SECOND); t !== undefined && t <= now; t = nextTime(schedule, t)) recent = t
  return { earliest, ...(recent !== undefined && { recent }), missed: missed > mostMissed ? 'many' : missed > 0 ? 'few' : 'none' }
}

/** When to look at a CronJob again. Units: µs from now. Upstream: nextScheduleTimeDuration */
export function nextScheduleTimeDuration(cj: CronJob, now: Micros, schedule: Schedule): Micros | undefined {
  const { earliest, recent, missed, error } = mostRecentScheduleTime(cj, now, schedule, false)
  const from = error !== undefined ? now : (recent ?? (missed === 'none' ? earliest : now))
  const next = nextTime(schedule, from)
  return next === undefined ? undefined : next + slack - now
}
