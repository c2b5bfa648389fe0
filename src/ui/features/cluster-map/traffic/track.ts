import type { Corner } from './ways'

/** Steps of a table. */
export const tableSize = 96

/** Points at even distances along a way, x and y in turn: looking one up costs nothing. */
export function tableOf(corners: readonly Corner[]): Float32Array {
  const table = new Float32Array(2 * (tableSize + 1))
  const lengths = corners.slice(1).map((c, i) => c.hidden ? 0 : Math.hypot(c.x - (corners[i]?.x ?? 0), c.y - (corners[i]?.y ?? 0)))
  const whole = lengths.reduce((a, b) => a + b, 0)
  let leg = 0
  let before = 0
  for (let i = 0; i <= tableSize; i++) {
    const want = (whole * i) / tableSize
    while (leg < lengths.length - 1 && before + (lengths[leg] ?? 0) < want) before += lengths[leg++] ?? 0
    const length = lengths[leg] ?? 0
    const u = length === 0 ? 0 : Math.min(1, (want - before) / length)
    const [a, b] = [corners[leg], corners[leg + 1] ?? corners[leg]]
    table[2 * i] = a && b ? a.x + (b.x - a.x) * u : 0
    table[2 * i + 1] = a && b ? a.y + (b.y - a.y) * u : 0
  }
  return table
}

/** The point of a table at a part of its way, 0 to 1. */
export function pointAt(table: Float32Array, part: number): { readonly x: number; readonly y: number } {
  const place = Math.max(0, Math.min(tableSize, Math.floor(part * tableSize)))
  return { x: table[2 * place] ?? 0, y: table[2 * place + 1] ?? 0 }
}
