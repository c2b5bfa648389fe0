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
    return (this.high >>> 0).toString(16).padStart(8, '0') + (this.low >>> 0).toString(16).padStart(8, '0')
  }
}

/** Feeds a whole graph of plain state to a digest: maps and sets in their own order, records by key order. Slow; for tests and reports. */
export function digestState(value: unknown, digest = new Digest(), seen = new Map<object, number>()): Digest {
  switch (typeof value) {
    case 'string':
      digest.text(value)
      return digest
    case 'number':
      digest.number(value)
      if (!Number.isInteger(value)) digest.text(String(value))
      return digest
    case 'object': {
      if (value === null) break
      const known = seen.get(value)
      if (known !== undefined) {
        digest.number(known)
        return digest
      }
      seen.set(value, seen.size + 1)
      if (Array.isArray(value)) {
        digest.text('[')
        for (const v of value) digestState(v, digest, seen)
      } else if (value instanceof Map) {
        digest.text('m')
        for (const [k, v] of value) {
          digestState(k, digest, seen)
          digestState(v, digest, seen)
        }
      } else if (value instanceof Set) {
        digest.text('s')
        for (const v of value) digestState(v, digest, seen)
      } else {
        digest.text('{')
        for (const k of Object.keys(value)) {
          const v = (value as Record<string, unknown>)[k]
          if (v === undefined) continue
          digest.text(k)
          digestState(v, digest, seen)
        }
      }
      return digest
    }
    default:
  }
  digest.text(String(value))
  return digest
}
