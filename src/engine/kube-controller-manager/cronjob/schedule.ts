import { formatTime } from '../../apimachinery'
import { MINUTE, SECOND, type Micros } from '../../sim'

/** A schedule: times of the calendar, or an interval. Times are UTC: the engine has no time zone tables. */
export type Schedule =
  | { readonly every: Micros }
  | { readonly minutes: ReadonlySet<number>; readonly hours: ReadonlySet<number>; readonly days: ReadonlySet<number>; readonly months: ReadonlySet<number>; readonly weekdays: ReadonlySet<number>; readonly anyDay: boolean }

const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const named: Readonly<Record<string, string>> = { '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *' }
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** Parses a schedule as cron.ParseStandard does; undefined when it is none (the API server has refused it with the reason). Upstream: github.com/robfig/cron/v3 */
export function parseSchedule(text: string): Schedule | undefined {
  const spec = text.replace(/^(CRON_)?TZ=\S+\s+/, '').trim()
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
  return { minutes, hours, days, months, weekdays, anyDay: isStar(d) || isStar(w) }
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

function parseGoDuration(text: string): Micros | undefined {
  if (!/^(\d+(\.\d+)?(h|m|s|ms|us|µs))+$/.test(text)) return undefined
  const unit: Record<string, Micros> = { h: HOUR, m: MINUTE, s: SECOND, ms: SECOND / 1000, us: 1, µs: 1 }
  let total = 0
  for (const [, n, u] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|us|µs|s)/g)) total += Number(n) * (unit[u as string] as number)
  return Math.round(total)
}

/** The first time after `after`. Undefined when there is none within five years. Units: µs since 1970. */
export function nextTime(s: Schedule, after: Micros): Micros | undefined {
  if ('every' in s) return Math.floor(after / SECOND) * SECOND + s.every
  let t = Math.floor(after / MINUTE) * MINUTE + MINUTE
  const end = after + 5 * 366 * DAY
  while (t <= end) {
    const day = Math.floor(t / DAY) * DAY
    if (!dayMatches(s, day)) {
      t = day + DAY
      continue
    }
    const hour = Math.floor((t - day) / HOUR)
    if (!s.hours.has(hour)) {
      t = day + (hour + 1) * HOUR
      continue
    }
    if (s.minutes.has(Math.floor((t - day - hour * HOUR) / MINUTE))) return t
    t += MINUTE
  }
  return undefined
}

function dayMatches(s: Exclude<Schedule, { every: Micros }>, day: Micros): boolean {
  const text = formatTime(day)
  if (!s.months.has(Number(text.slice(5, 7)))) return false
  const dom = s.days.has(Number(text.slice(8, 10)))
  // 1 January 1970 was a Thursday.
  const dow = s.weekdays.has((day / DAY + 4) % 7)
  return s.anyDay ? dom && dow : dom || dow
}
