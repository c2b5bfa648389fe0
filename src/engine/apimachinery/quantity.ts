/** How a quantity prints. Upstream: api/resource Format. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** An exact fixed-point number with a format. Immutable. Units: `nano` is billionths. Upstream: api/resource Quantity. */
export interface Quantity {
  readonly nano: bigint
  readonly format: QuantityFormat
  /** Canonical text. */
  readonly text: string
  /** Rounded up to whole units. Upstream: Quantity.Value. */
  readonly value: number
  /** Rounded up to thousandths. Upstream: Quantity.MilliValue. */
  readonly milliValue: number
}

/** The two ways a Go Quantity keeps its number, needed to hash a pod template as Go does. */
export interface QuantityInternals {
  readonly quantity: Quantity
  /** Small numbers: value × 10^scale. */
  readonly amount: { readonly value: bigint; readonly scale: number } | undefined
  /** Others: unscaled × 10^-scale. */
  readonly dec: { readonly unscaled: bigint; readonly scale: number } | undefined
  /** The text Go kept because it was canonical already. */
  readonly cached: string
}

/** Error text of a malformed quantity. Upstream: resource.ErrFormatWrong. */
export const QUANTITY_FORMAT_ERROR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
/** Error text of an unknown suffix. Upstream: resource.ErrSuffix. */
export const QUANTITY_SUFFIX_ERROR = "unable to parse quantity's suffix"
const NUMERIC_ERROR = "unable to parse numeric part of quantity"

const NANO = 1_000_000_000n
const MAX_INT64 = (1n << 63n) - 1n
const DECIMAL: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const BINARY: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }
const DECIMAL_BY_EXPONENT = new Map(Object.entries(DECIMAL).map(([suffix, exponent]) => [exponent, suffix]))
const BINARY_BY_EXPONENT = new Map(Object.entries(BINARY).map(([suffix, exponent]) => [exponent, suffix]))
const GRAMMAR = /^([+-]?)(\d*)(\.\d*)?([eEinumkKMGTP]*[-+]?\d*)$/
const MAX_EXPONENT = 400

const memo = new Map<string, QuantityInternals | string>()
const MEMO_BOUND = 4096

/** Parses a quantity. Returns the error text on failure. Upstream: resource.ParseQuantity. */
export function parseQuantity(text: string | number): Quantity | string {
  const found = parseInternals(typeof text === 'number' ? String(text) : text)
  return typeof found === 'string' ? found : found.quantity
}

/** Parses a quantity that was validated before; malformed text counts as zero. */
export function quantity(text: string | number | undefined): Quantity {
  if (text === undefined) return ZERO
  const parsed = parseQuantity(text)
  return typeof parsed === 'string' ? ZERO : parsed
}

/** Value in whole units, rounded up; 0 when absent. Upstream: Quantity.Value. */
export function quantityValue(text: string | number | undefined): number {
  return quantity(text).value
}

/** Value in thousandths, rounded up; 0 when absent. Units: milli (cpuMillis). Upstream: Quantity.MilliValue. */
export function quantityMilliValue(text: string | number | undefined): number {
  return quantity(text).milliValue
}

/** Canonical form of a quantity text, as the server stores it. Returns undefined when it is malformed. */
export function canonicalQuantity(text: string | number): string | undefined {
  const parsed = parseQuantity(text)
  return typeof parsed === 'string' ? undefined : parsed.text
}

/** Parse result with Go's inner representation (memoised, bounded). Private to hashing. */
export function parseInternals(text: string): QuantityInternals | string {
  const known = memo.get(text)
  if (known !== undefined) return known
  const made = parse(text)
  if (memo.size >= MEMO_BOUND) memo.clear()
  memo.set(text, made)
  return made
}

function parse(text: string): QuantityInternals | string {
  if (text === '') return QUANTITY_FORMAT_ERROR
  if (text === '0') return { quantity: ZERO, amount: { value: 0n, scale: 0 }, dec: undefined, cached: '0' }
  const match = GRAMMAR.exec(text)
  if (match === null) return QUANTITY_FORMAT_ERROR
  const negative = match[1] === '-'
  // As Go: leading zeros are stripped; text of zeros only ends the parse.
  const digits = (match[2] ?? '').replace(/^0+/, '')
  const num = digits === '' ? '0' : digits
  const denom = (match[3] ?? '').slice(1)
  const suffix = match[4] ?? ''
  const meaning = interpret(suffix)
  if (meaning === undefined) return QUANTITY_SUFFIX_ERROR
  const { base, exponent, format } = meaning
  if (Math.abs(exponent) > MAX_EXPONENT) return NUMERIC_ERROR
  const fast = parseFast(text, negative, num, denom, base, exponent, format)
  if (fast !== undefined) return fast

  let unscaled = BigInt(num + denom)
  let scale = denom.length
  if (base === 10) scale -= exponent
  else unscaled <<= BigInt(exponent)
  if (unscaled !== 0n) {
    if (scale > 9) {
      const unit = 10n ** BigInt(scale - 9)
      unscaled = (unscaled + unit - 1n) / unit
    } else unscaled *= 10n ** BigInt(9 - scale)
    scale = 9
  }
  let outFormat = format
  const nanoOf = (): bigint => (scale === 9 ? unscaled : 0n)
  if (format === 'BinarySI' && nanoOf() > MAX_INT64 * NANO) { unscaled = MAX_INT64; scale = 0 }
  let nano = scale === 9 ? unscaled : unscaled * NANO
  if (format === 'BinarySI' && nano > 0n && nano < NANO) outFormat = 'DecimalSI'
  if (negative) { nano = -nano; unscaled = -unscaled }
  return { quantity: make(nano, outFormat), amount: undefined, dec: { unscaled, scale }, cached: '' }
}

/** Numbers that fit an int64 with some exponent, Go's fast path. */
function parseFast(
  text: string, negative: boolean, num: string, denom: string, base: number, exponent: number, format: QuantityFormat,
): QuantityInternals | undefined {
  let scale = 0
  let precision = -1
  let mantissa = 1n
  if (format !== 'BinarySI') {
    scale = exponent
    precision = 18 - (num.length + denom.length)
  } else if (denom === '') {
    mantissa = 1n << BigInt(exponent)
    precision = 15 - num.length - Math.trunc((exponent * 3) / 10) - 1
  }
  if (precision < 0) return undefined
  scale -= denom.length
  if (scale < -9) return undefined
  const shifted = num + denom
  const value = BigInt(shifted)
  let result = value * mantissa
  if (result > MAX_INT64) return undefined
  if (negative) result = -result
  const reuse = base === 2 ? exponent % 10 === 0 && (value & 7n) !== 0n
    : scale % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0'
  const nano = result * 10n ** BigInt(scale + 9)
  const made = make(nano, format, reuse ? text : undefined)
  return { quantity: made, amount: { value: result, scale }, dec: undefined, cached: reuse ? text : '' }
}

function interpret(suffix: string): { base: 2 | 10; exponent: number; format: QuantityFormat } | undefined {
  const decimal = DECIMAL[suffix]
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' }
  const binary = BINARY[suffix]
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' }
  if (/^[eE][-+]?\d+$/.test(suffix)) return { base: 10, exponent: Number(suffix.slice(1)), format: 'DecimalExponent' }
  return undefined
}

function make(nano: bigint, format: QuantityFormat, text?: string): Quantity {
  return { nano, format, text: text ?? canonical(nano, format), value: scaled(nano, NANO), milliValue: scaled(nano, 1_000_000n) }
}

/** Division that rounds away from zero, cut to an int64 as Go does. */
function scaled(nano: bigint, unit: bigint): number {
  const whole = nano / unit
  const rest = nano % unit
  const rounded = rest === 0n ? whole : rest > 0n ? whole + 1n : whole - 1n
  return Number(BigInt.asIntN(64, rounded))
}

function canonical(nano: bigint, format: QuantityFormat): string {
  if (nano === 0n) return '0'
  if (format === 'BinarySI') {
    const magnitude = nano < 0n ? -nano : nano
    if (magnitude >= 1024n * NANO && nano % NANO === 0n) {
      let number = nano / NANO
      let exponent = 0
      while (number % 1024n === 0n) { number /= 1024n; exponent += 10 }
      return `${number}${BINARY_BY_EXPONENT.get(exponent) ?? ''}`
    }
    return decimal(nano, 'DecimalSI')
  }
  return decimal(nano, format)
}

function decimal(nano: bigint, format: QuantityFormat): string {
  let number = nano
  let exponent = -9
  while (number % 1000n === 0n) { number /= 1000n; exponent += 3 }
  if (format === 'DecimalExponent') return exponent === 0 ? `${number}` : `${number}e${exponent}`
  return `${number}${DECIMAL_BY_EXPONENT.get(exponent) ?? ''}`
}

const ZERO: Quantity = { nano: 0n, format: 'DecimalSI', text: '0', value: 0, milliValue: 0 }

/** Whole units. Upstream: resource.NewQuantity. */
export function newQuantity(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return make(BigInt(value) * NANO, format)
}

/** Thousandths. Upstream: resource.NewMilliQuantity. */
export function newMilliQuantity(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return make(BigInt(value) * 1_000_000n, format)
}

/** a + b, in the format of `a` unless `a` is zero. Upstream: Quantity.Add. */
export function addQuantity(a: Quantity, b: Quantity): Quantity {
  return make(a.nano + b.nano, a.nano === 0n ? b.format : a.format)
}

/** a − b, in the format of `a` unless `a` is zero. Upstream: Quantity.Sub. */
export function subQuantity(a: Quantity, b: Quantity): Quantity {
  return make(a.nano - b.nano, a.nano === 0n ? b.format : a.format)
}

/** −1, 0 or 1. Upstream: Quantity.Cmp. */
export function compareQuantity(a: Quantity, b: Quantity): -1 | 0 | 1 {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0
}

/** −1, 0 or 1. Upstream: Quantity.Sign. */
export function quantitySign(q: Quantity): -1 | 0 | 1 {
  return q.nano < 0n ? -1 : q.nano > 0n ? 1 : 0
}
