import { uuidText, type Ctx } from '../sim'

/** A random UUID of version 4. */
export function newUid({ rng }: Ctx): string {
  const a = rng.uint32()
  const version = (rng.uint32() & 0xffff0fff) | 0x4000
  const variant = (rng.uint32() & 0x3fffffff) | 0x80000000
  return uuidText(a, version, variant, rng.uint32())
}
