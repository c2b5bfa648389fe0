import { formatTime, parseTime } from '../sim'

/** One value of DER: its tag and where its content lies. */
export interface Der {
  readonly tag: number
  readonly from: number
  readonly to: number
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Bytes of a base64 text; what is no digit of it is passed over. */
export function bytesOf(base64: string): readonly number[] {
  const out: number[] = []
  let bits = 0
  let held = 0
  for (const c of base64.replace(/[\s=]/g, '')) {
    held = ((held << 6) | DIGITS.indexOf(c)) & 0xffff
    bits += 6
    if (bits >= 8) out.push((held >> (bits -= 8)) & 255)
  }
  return out
}

/** Base64 of bytes. */
function base64Of(bytes: readonly number[]): string {
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const held = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    const digits = Math.min(3, bytes.length - i) + 1
    for (let k = 0; k < 4; k++) out += k < digits ? DIGITS[(held >> (18 - 6 * k)) & 63] : '='
  }
  return out
}

/** Codes of a text of single bytes. */
export const ascii = (text: string): readonly number[] => Array.from(text, (c) => c.charCodeAt(0))

/** Bytes of a text in UTF-8. */
export const utf8 = (text: string): readonly number[] => ascii(encodeURIComponent(text).replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))))

/** Base64 of a text of ASCII characters. */
export const base64OfText = (text: string): string => base64Of(ascii(text))

/** Content as PEM. */
export function toPem(label: string, content: readonly number[]): string {
  return `-----BEGIN ${label}-----\n${(base64Of(content).match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${label}-----\n`
}

/** Content of the first PEM block with such a label; undefined: there is none. */
export function fromPem(label: RegExp, text: string): readonly number[] | undefined {
  const found = new RegExp(`-----BEGIN (${label.source})-----([\\s\\S]*?)-----END \\1-----`).exec(text)
  return found === null ? undefined : bytesOf(found.at(-1) as string)
}

/** Bytes that look random, drawn from one number, so that a run can be had again. */
export function filler(count: number, seed: number): number[] {
  let h = seed >>> 0
  return Array.from({ length: count }, (_, i) => (h = (Math.imul(h ^ (h >>> 15), 2246822519) + i * 40503 + 1) >>> 0) & 255)
}

// ---- reading -----------------------------------------------------------------------------------------------------------------------------

/** The values that lie one after another between two places. Errors: what is cut off ends the list. */
export function values(bytes: readonly number[], from = 0, to = bytes.length): readonly Der[] {
  const out: Der[] = []
  for (let i = from; i + 1 < to; ) {
    const tag = bytes[i] as number
    let length = bytes[i + 1] as number
    let start = i + 2
    if (length >= 0x80) {
      const n = length & 0x7f
      length = 0
      for (let k = 0; k < n && k < 4; k++) length = length * 256 + (bytes[start + k] ?? 0)
      start += n
    }
    if (start + length > to) return out
    out.push({ tag, from: start, to: start + length })
    i = start + length
  }
  return out
}

/** The values inside a value; none in one that is not there. */
export const inside = (bytes: readonly number[], value: Der | undefined): readonly Der[] => (value === undefined ? [] : values(bytes, value.from, value.to))

/** A value with its tag and length. */
export const derOf = (bytes: readonly number[], { tag, from, to }: Der): readonly number[] => der(tag, bytes.slice(from, to))

/** `2.5.4.3` */
export function oid(bytes: readonly number[], { from, to }: Der): string {
  const parts: number[] = []
  let n = 0
  for (let i = from; i < to; i++) {
    const b = bytes[i] as number
    n = n * 128 + (b & 0x7f)
    if (b < 0x80) {
      if (parts.length === 0) parts.push(n < 80 ? Math.floor(n / 40) : 2, n < 80 ? n % 40 : n - 80)
      else parts.push(n)
      n = 0
    }
  }
  return parts.join('.')
}

/** A text of UTF-8, or of single bytes where it is none. */
export function textOf(bytes: readonly number[], { from, to }: Der): string {
  const some = bytes.slice(from, to)
  try {
    return decodeURIComponent(some.map((b) => `%${b.toString(16).padStart(2, '0')}`).join(''))
  } catch {
    return String.fromCharCode(...some)
  }
}

/** A time with two digits of the year, or four. Units: µs since 1970. */
export function timeOf(bytes: readonly number[], time: Der | undefined): number | undefined {
  if (time === undefined) return undefined
  const text = `${time.tag === UTC_TIME ? '20' : ''}${textOf(bytes, time)}`
  return parseTime(text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

// ---- writing -----------------------------------------------------------------------------------------------------------------------------

const SEQUENCE = 0x30
const UTC_TIME = 0x17

/** DER of a value. */
export function der(tag: number, content: readonly number[]): readonly number[] {
  const n = content.length
  return [tag, ...(n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 255]), ...content]
}

/** DER of a sequence. */
export const sequence = (...parts: readonly (readonly number[])[]): readonly number[] => der(SEQUENCE, parts.flat())

/** DER of `2.5.4.3`. */
export function derOid(text: string): readonly number[] {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number)
  return der(6, [first * 40 + second, ...rest].flatMap((n) => {
    const out = [n & 127]
    for (let left = n >> 7; left > 0; left >>= 7) out.unshift((left & 127) | 128)
    return out
  }))
}

/** DER of a moment, in whole seconds. Units: µs since 1970. */
export const derTime = (time: number): readonly number[] => der(UTC_TIME, ascii(formatTime(time).slice(2).replace(/[-:T]/g, '')))
