import type { Ctx } from '../sim'

/** A random UUID of version 4. */
export function newUid(ctx: Ctx): string {
  const { rng } = ctx
  const a = hex(rng.uint32())
  const b = hex(rng.uint32())
  const c = hex(rng.uint32())
  const d = hex(rng.uint32())
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${'89ab'[Number.parseInt(c[0] as string, 16) & 3]}${c.slice(1, 4)}-${c.slice(4)}${d}`
}

function hex(n: number): string {
  return n.toString(16).padStart(8, '0')
}
