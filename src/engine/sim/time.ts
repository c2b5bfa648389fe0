/** A moment as metav1.Time prints it, to the second, UTC. Units: µs since 1970. Own calendar arithmetic: the engine has no Date. */
export function formatTime(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  if (seconds !== printedSecond) {
    printedSecond = seconds
    printedText = `${civil(seconds)}Z`
  }
  return printedText
}

// All that happens in one second shares one text.
let printedSecond = NaN
let printedText = ''

/** A moment as metav1.MicroTime prints it, with six decimals. Units: µs since 1970. */
export function formatMicroTime(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  return `${civil(seconds)}.${String(micros - seconds * 1_000_000).padStart(6, '0')}Z`
}

/** `I0101 09:00:00.000000       1`: how klog begins a line; its level is I, W, E or F. Units: µs since 1970. Upstream: k8s.io/klog/v2 */
export function klogHead(micros: number, thread: number, level = 'I'): string {
  const t = formatMicroTime(micros)
  return `${level}${t.slice(5, 7)}${t.slice(8, 10)} ${t.slice(11, 26)} ${String(thread).padStart(7)}`
}

let lastSecond = NaN
let lastText = ''

function civil(seconds: number): string {
  if (seconds === lastSecond) return lastText
  const days = Math.floor(seconds / 86_400)
  const rest = seconds - days * 86_400
  // Days to year-month-day by the 400-year cycle that starts on 1 March 0000.
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1_460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1
  const month = mp < 10 ? mp + 3 : mp - 9
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0)
  lastSecond = seconds
  lastText = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${two(Math.floor(rest / 3600))}:${two(Math.floor((rest % 3600) / 60))}:${two(rest % 60)}`
  return lastText
}

function two(n: number): string {
  return n < 10 ? `0${n}` : String(n)
}

/** Parses RFC 3339 (`2026-11-20T07:42:09Z`, with or without a fraction, with an offset) to µs since 1970; undefined when it is not one. */
export function parseTime(text: string): number | undefined {
  if (text !== readText) {
    readTime = parsed(text)
    readText = text
  }
  return readTime
}

/** Most times that are read are of the same second. A memo, not state. */
let readText = ''
let readTime: number | undefined

function parsed(text: string): number | undefined {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/.exec(text)
  if (m === null) return undefined
  const n = (i: number) => Number(m[i] ?? 0)
  const year = n(1) - (n(2) <= 2 ? 1 : 0)
  const era = Math.floor(year / 400)
  const yoe = year - era * 400
  const doy = Math.floor((153 * (n(2) > 2 ? n(2) - 3 : n(2) + 9) + 2) / 5) + n(3) - 1
  const days = era * 146_097 + yoe * 365 + Math.floor(yoe / 4) - Math.floor(yoe / 100) + doy - 719_468
  const offset = m[8] === undefined ? 0 : (m[8] === '-' ? -1 : 1) * (n(9) * 3600 + n(10) * 60)
  return (days * 86_400 + n(4) * 3600 + n(5) * 60 + n(6) - offset) * 1_000_000 + Math.floor(Number((m[7] ?? '').padEnd(9, '0')) / 1000)
}
