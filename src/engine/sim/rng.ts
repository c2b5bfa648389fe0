/** A seeded stream of random numbers (sfc32). Plain state, so a checkpoint copies it. One stream per process: a draw in one never shifts another. */
export class Rng {
  private a = 0
  private b = 0
  private c = 0
  private d = 1

  constructor(seed: number, name: string) {
    let h = 2166136261 ^ seed
    for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 16777619)
    this.a = h | 0
    this.b = seed | 0
    this.c = Math.imul(h ^ 0x9e3779b9, 0x85ebca6b) | 0
    for (let i = 0; i < 12; i++) this.uint32()
  }

  /** Next 32 random bits as an unsigned integer. */
  uint32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + t | 0
    return t >>> 0
  }

  /** Uniform integer in [0, n). Bounds: 1 ≤ n ≤ 2^32. */
  below(n: number): number {
    return Math.floor((this.uint32() / 4294967296) * n)
  }

  /** Uniform integer in [low, high]. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** Uniform number in [0, 1) with 32 bits; for jitter only (`Math.floor` the product). */
  fraction(): number {
    return this.uint32() / 4294967296
  }

  /** One element of a non-empty list. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T
  }
}
