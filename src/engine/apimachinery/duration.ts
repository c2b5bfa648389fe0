import { parseTime } from '../sim'

const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const YEAR = 365 * DAY

/** Age with two to three figures, as `kubectl get` prints it. Units: seconds (fractions are cut). Upstream: util/duration HumanDuration. */
export function humanDuration(seconds: number): string {
  const s = Math.trunc(seconds)
  if (s < -1) return '<invalid>'
  if (s < 0) return '0s'
  if (s < 2 * MINUTE) return `${s}s`
  const minutes = Math.trunc(s / MINUTE)
  if (minutes < 10) return s % MINUTE === 0 ? `${minutes}m` : `${minutes}m${s % MINUTE}s`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(s / HOUR)
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  if (hours < 48) return `${hours}h`
  if (hours < 8 * 24) return hours % 24 === 0 ? `${Math.trunc(hours / 24)}d` : `${Math.trunc(hours / 24)}d${hours % 24}h`
  if (hours < 2 * 365 * 24) return `${Math.trunc(hours / 24)}d`
  const years = Math.trunc(s / YEAR)
  const days = Math.trunc(hours / 24) % 365
  if (hours < 8 * 365 * 24) return days === 0 ? `${years}y` : `${years}y${days}d`
  return `${years}y`
}

/** Age with one unit. Units: seconds. Upstream: util/duration ShortHumanDuration. */
export function shortHumanDuration(seconds: number): string {
  const s = Math.trunc(seconds)
  if (s < -1) return '<invalid>'
  if (s < 0) return '0s'
  if (s < MINUTE) return `${s}s`
  if (s < HOUR) return `${Math.trunc(s / MINUTE)}m`
  if (s < DAY) return `${Math.trunc(s / HOUR)}h`
  if (s < YEAR) return `${Math.trunc(s / DAY)}d`
  return `${Math.trunc(s / YEAR)}y`
}

/** Age of a timestamp at `now` (µs since 1970), `<unknown>` when there is none. Upstream: printers translateTimestampSince. */
export function translateTimestamp(timestamp: string | undefined, now: number): string {
  if (timestamp === undefined || timestamp === '') return '<unknown>'
  const then = parseTime(timestamp)
  return then === undefined ? '<unknown>' : humanDuration((now - then) / 1_000_000)
}

const unitMicros: Readonly<Record<string, number>> = { ns: 0.001, us: 1, µs: 1, ms: 1000, s: 1e6, m: 6e7, h: 3.6e9 }

/** Microseconds of a Go duration text; undefined when it is none. Upstream: time.ParseDuration */
export function parseGoDuration(text: string): number | undefined {
  if (text === '0') return 0
  const m = /^([-+]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(text)
  if (m === null) return undefined
  let total = 0
  for (const [, n, unit] of (m[2] as string).matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) total += Number(n) * (unitMicros[unit as string] as number)
  return Math.round(m[1] === '-' ? -total : total)
}
