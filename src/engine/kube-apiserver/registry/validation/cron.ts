import { goQuote } from '../../../apimachinery'
import { isTimeZone } from '../../../sim'

/** Bounds and names of the five fields. */
const FIELDS: readonly { readonly min: number; readonly max: number; readonly names: readonly string[] }[] = [
  { min: 0, max: 59, names: [] },
  { min: 0, max: 23, names: [] },
  { min: 1, max: 31, names: [] },
  { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]
const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])

/** Why a cron schedule cannot be parsed; undefined when it can. Upstream: github.com/robfig/cron/v3 ParseStandard. */
export function cronError(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string'
  const zone = /^(?:CRON_)?TZ=([^ ]*) *(.*)$/.exec(schedule)
  if (zone !== null) {
    if (zone[1] !== '' && !isTimeZone(zone[1]!)) return `provided bad location ${zone[1]}: unknown time zone ${zone[1]}`
    return cronError(zone[2]!)
  }
  if (schedule.startsWith('@')) return descriptorError(schedule)
  const fields = schedule.split(/\s+/).filter((f) => f !== '')
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
  for (let i = 0; i < 5; i++) {
    for (const part of fields[i]!.split(',').filter((p) => p !== '')) {
      const wrong = rangeError(part, FIELDS[i]!)
      if (wrong !== undefined) return wrong
    }
  }
  return undefined
}

function descriptorError(text: string): string | undefined {
  if (DESCRIPTORS.has(text)) return undefined
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`
  const duration = text.slice('@every '.length)
  if (/^[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(duration) || duration === '0') return undefined
  const unit = /^[-+]?\d+(\.\d*)?$/.test(duration) ? 'missing unit in duration' : 'invalid duration'
  return `failed to parse duration ${text}: time: ${unit} ${goQuote(duration)}`
}

function rangeError(expression: string, field: (typeof FIELDS)[number]): string | undefined {
  const [range, ...steps] = expression.split('/')
  const parts = range!.split('-')
  let start: number
  let end: number
  const isSingle = parts.length === 1
  if (parts[0] === '*' || parts[0] === '?') { start = field.min; end = field.max }
  else {
    const low = number(parts[0]!, field)
    if (typeof low === 'string') return low
    start = low
    if (parts.length > 2) return `too many hyphens: ${expression}`
    const high = parts.length === 1 ? low : number(parts[1]!, field)
    if (typeof high === 'string') return high
    end = high
  }
  let step = 1
  if (steps.length > 1) return `too many slashes: ${expression}`
  if (steps.length === 1) {
    const parsed = integer(steps[0]!)
    if (typeof parsed === 'string') return parsed
    step = parsed
    if (isSingle) end = field.max
  }
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${expression}`
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${expression}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`
  return step === 0 ? `step of range should be a positive number: ${expression}` : undefined
}

function number(text: string, field: (typeof FIELDS)[number]): number | string {
  const named = field.names.indexOf(text.toLowerCase())
  return named >= 0 ? named + field.min : integer(text)
}

function integer(text: string): number | string {
  if (!/^[+-]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`
  const n = Number(text)
  return n < 0 ? `negative number (${n}) not allowed: ${text}` : n
}
