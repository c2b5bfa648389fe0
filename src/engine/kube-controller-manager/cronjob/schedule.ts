import { formatTime, parseGoDuration } from '../../apimachinery'
import { MINUTE, SECOND, daysSince1970, isTimeZone, zoneOffset, type Micros } from '../../sim'

interface Calendar {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  readonly anyDay: boolean
  /** Whose clocks count. */
  readonly zone: string
}

/** A schedule: times of the calendar in a time zone, or an interval. */
export type Schedule = { readonly every: Micros } | Calendar

const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const named: Readonly<Record<string, string>> = { '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *' }
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** Parses a schedule as cron.ParseStandard does; undefined when it is none (the API server has refused it with the reason). Upstream: github.com/robfig/cron/v3 */
export function parseSchedule(text: string): Schedule | undefined {
  const [, zone = 'UTC', spec = ''] = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.*?)\s*$/.exec(text) ?? []
  if (!isTimeZone(zone)) return undefined
  if (spec.startsWith('@every ')) {
    const every = parseGoDuration(spec.slice(7))
    return every === undefined ? undefined : { every: Math.max(SECOND, Math.floor(every / SECOND) * SECOND) }
  }
  const fields = (named[spec] ?? spec).split(/\s+/)
  if (fields.length !== 5) return undefined
  const [m, h, d, mo, w] = fields as [string, string, string, string, string]
  const minutes = parseField(m, 0, 59)
  const hours = parseField(h, 0, 23)
  const days = parseField(d, 1, 31)
  const months = parseField(mo, 1, 12, monthNames, 1)
  const weekdays = parseField(w, 0, 6, weekdayNames, 0)
  if (!minutes || !hours || !days || !months || !weekdays) return undefined
  return { minutes, hours, days, months, weekdays, anyDay: isStar(d) || isStar(w), zone }
}

const isStar = (field: string): boolean => field.split(',').some((p) => /^[*?](\/1)?$/.test(p))

function parseField(field: string, min: number, max: number, names?: readonly string[], first = 0): Set<number> | undefined {
  const out = new Set<number>()
  const number = (t: string): number => {
    const i = names?.indexOf(t.toLowerCase()) ?? -1
    return i >= 0 ? i + first : /^\d+$/.test(t) ? Number(t) : NaN
  }
  for (const part of field.split(',')) {
    const [range = '', stepText] = part.split('/')
    const step = stepText === undefined ? 1 : number(stepText)
    let from: number
    let to: number
    if (range === '*' || range === '?') [from, to] = [min, max]
    else {
      const [a = '', b] = range.split('-')
      from = number(a)
      to = b === undefined ? (stepText === undefined ? from : max) : number(b)
    }
    if (!(from >= min && to <= max && from <= to && step >= 1)) return undefined
    for (let i = from; i <= to; i += step) out.add(i)
  }
  return out
}

/** The first time after `after`. Undefined when there is none within five years. Units: µs since 1970. Upstream: robfig/cron SpecSchedule.Next, ConstantDelaySchedule.Next */
export function nextTime(s: Schedule, after: Micros): Micros | undefined {
  if ('every' in s) return Math.floor(after / SECOND) * SECOND + s.every
  // Whole minutes, in seconds. Where a zone's clocks are set, the steps below are upstream's: a skipped hour is skipped, a repeated one counts twice.
  let t = Math.ceil((Math.floor(after / SECOND) + 1) / 60) * 60
  let moved = false
  const last = local(s, t).year + 5
  wrap: for (;;) {
    let at = local(s, t)
    if (at.year > last) return undefined
    while (!s.months.has(at.month)) {
      moved = true
      t = moment(s, at.year, at.month + 1, 1, 0)
      at = local(s, t)
      if (at.month === 1) continue wrap
    }
    while (!dayMatches(s, at)) {
      const hour = moved ? at.hour : 0
      moved = true
      t = moment(s, at.year, at.month, at.day + 1, hour)
      at = local(s, t)
      if (at.hour !== 0) {
        t += (at.hour > 12 ? 24 - at.hour : -at.hour) * 3600
        at = local(s, t)
      }
      if (at.day === 1) continue wrap
    }
    while (!s.hours.has(at.hour)) {
      if (!moved) t = moment(s, at.year, at.month, at.day, at.hour)
      moved = true
      t += 3600
      at = local(s, t)
      if (at.hour === 0) continue wrap
    }
    while (!s.minutes.has(at.minute)) {
      moved = true
      t += 60
      at = local(s, t)
      if (at.minute === 0) continue wrap
    }
    return t * SECOND
  }
}

interface Local {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

/** What a schedule's clocks show. Units: s. */
function local(s: Calendar, t: number): Local {
  const shown = t + zoneOffset(s.zone, t)
  const days = Math.floor(shown / 86_400)
  const rest = shown - days * 86_400
  const text = formatTime(days * DAY)
  // 1 January 1970 was a Thursday.
  return { year: Number(text.slice(0, 4)), month: Number(text.slice(5, 7)), day: Number(text.slice(8, 10)), weekday: (((days + 4) % 7) + 7) % 7, hour: Math.floor(rest / 3600), minute: Math.floor(rest / 60) % 60 }
}

/** When a schedule's clocks show an hour; in a gap or a repeated hour, one of the two that it could be. Units: s. Upstream: Go's time.Date */
function moment(s: Calendar, year: number, month: number, day: number, hour: number): number {
  const shown = daysSince1970(year, month, day) * 86_400 + hour * 3600
  return shown - zoneOffset(s.zone, shown - zoneOffset(s.zone, shown))
}

function dayMatches(s: Calendar, at: Local): boolean {
  const dom = s.days.has(at.day)
  const dow = s.weekdays.has(at.weekday)
  return s.anyDay ? dom && dow : dom || dow
}
