import { hexText } from './hex'

/** A running 53-bit-ish digest (two 32-bit FNV-1a lanes). Plain state. Used to prove that two runs were the same. */
export class Digest {
  private low = 0x811c9dc5 | 0
  private high = 0x01000193 | 0

  number(n: number): void {
    const whole = n | 0
    this.low = Math.imul(this.low ^ whole, 16777619)
    this.high = Math.imul(this.high ^ (whole === n ? 0x5bd1e995 : Math.floor(n / 4294967296) | 0) ^ (this.low >>> 15), 0x85ebca6b)
  }

  text(s: string): void {
    let low = this.low
    for (let i = 0; i < s.length; i++) low = Math.imul(low ^ s.charCodeAt(i), 16777619)
    this.low = low
    this.high = Math.imul(this.high ^ s.length ^ (low >>> 13), 0xc2b2ae35)
  }

  /** Sixteen hexadecimal digits. */
  hex(): string {
    return hexText([this.high, this.low])
  }
}

/**
 * Digest of a whole graph of plain state, by value: two graphs that look alike have one digest, however they share their parts.
 * Maps and sets count in their own order, records in key order; each part is digested once. Slow; for tests and reports.
 */
export function digestState(value: unknown): string {
  return part(value, new Map())
}

function part(value: unknown, known: Map<object, string>): string {
  if (typeof value !== 'object' || value === null) return `${typeof value}:${String(value)}`
  const before = known.get(value)
  if (before !== undefined) return before
  known.set(value, 'cycle')
  const d = new Digest()
  if (Array.isArray(value)) {
    d.text('[')
    for (const v of value) d.text(part(v, known))
  } else if (value instanceof Map) {
    d.text('map')
    for (const [k, v] of value) {
      d.text(part(k, known))
      d.text(part(v, known))
    }
  } else if (value instanceof Set) {
    d.text('set')
    for (const v of value) d.text(part(v, known))
  } else {
    d.text('{')
    for (const k of Object.keys(value)) {
      const v = (value as Record<string, unknown>)[k]
      if (v === undefined) continue
      d.text(k)
      d.text(part(v, known))
    }
  }
  const hex = d.hex()
  known.set(value, hex)
  return hex
}
