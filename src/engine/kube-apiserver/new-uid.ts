import { hexText, type Ctx } from '../sim'

/** A random UUID of version 4. */
export function newUid({ rng }: Ctx): string {
  const a = rng.uint32()
  const version = (rng.uint32() & 0xffff0fff) | 0x4000
  const variant = (rng.uint32() & 0x3fffffff) | 0x80000000
  const digits = hexText([a, version, variant, rng.uint32()])
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')
}
