/** SHA-256 of an ASCII text, as 32 bytes. FIPS 180-4; names of iptables chains and of VolumeAttachments. */
export function sha256(text: string): readonly number[] {
  const { k, h: first } = tables()
  const bytes: number[] = []
  for (let i = 0; i < text.length; i++) bytes.push(text.charCodeAt(i) & 255)
  const bits = bytes.length * 8
  bytes.push(128)
  while (bytes.length % 64 !== 56) bytes.push(0)
  for (let i = 7; i >= 0; i--) bytes.push(Math.floor(bits / 256 ** i) % 256)
  const h = [...first]
  const w: number[] = new Array(64)
  const at = (list: readonly number[], i: number) => list[i] as number
  for (let block = 0; block < bytes.length; block += 64) {
    for (let i = 0; i < 16; i++) w[i] = (at(bytes, block + 4 * i) << 24) | (at(bytes, block + 4 * i + 1) << 16) | (at(bytes, block + 4 * i + 2) << 8) | at(bytes, block + 4 * i + 3)
    for (let i = 16; i < 64; i++) {
      const x = at(w, i - 15)
      const y = at(w, i - 2)
      w[i] = (at(w, i - 16) + (rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)) + at(w, i - 7) + (rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10))) | 0
    }
    let [a, b, c, d, e, f, g, z] = h as [number, number, number, number, number, number, number, number]
    for (let i = 0; i < 64; i++) {
      const t1 = (z + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + at(k, i) + at(w, i)) | 0
      const t2 = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
      z = g
      g = f
      f = e
      e = (d + t1) | 0
      d = c
      c = b
      b = a
      a = (t1 + t2) | 0
    }
    for (const [i, v] of [a, b, c, d, e, f, g, z].entries()) h[i] = (at(h, i) + v) | 0
  }
  return h.flatMap((x) => [(x >>> 24) & 255, (x >>> 16) & 255, (x >>> 8) & 255, x & 255])
}

function rotate(x: number, n: number): number {
  return (x >>> n) | (x << (32 - n))
}

let made: { readonly k: readonly number[]; readonly h: readonly number[] } | undefined

/** Fractional parts of the cube and square roots of the first primes; made on first use. */
function tables(): { readonly k: readonly number[]; readonly h: readonly number[] } {
  if (made) return made
  const k: number[] = []
  const h: number[] = []
  for (let n = 2; k.length < 64; n++) {
    let prime = true
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false
    if (!prime) continue
    if (h.length < 8) h.push(fraction(n, 2n))
    k.push(fraction(n, 3n))
  }
  made = { k, h }
  return made
}

/** First 32 bits of the fraction of the nth root, by whole-number arithmetic so that no rounding of the platform matters. */
function fraction(n: number, degree: bigint): number {
  const target = BigInt(n) << (32n * degree)
  let low = 0n
  let high = 1n << 40n
  while (high - low > 1n) {
    const mid = (low + high) / 2n
    if (mid ** degree <= target) low = mid
    else high = mid
  }
  return Number(low & 0xffffffffn) | 0
}
