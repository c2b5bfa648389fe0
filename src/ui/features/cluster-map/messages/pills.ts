import type { DrawnHop } from './routes'

/** A label beside its mark; `more` counts older ones that found no room. */
export interface Pill {
  readonly hop: DrawnHop
  readonly current: boolean
  readonly x: number
  readonly y: number
  readonly width: number
  readonly more: number
}

const height = 20
const space = 4

/**
 * Places a pill right of a write and left of a watch event, on the other side when there is no room, never over another
 * pill, and over a mark only when nothing else is left. Each hop is shown or counted. `hops` come newest first: when two would collide, the newer stays and counts the older as "+n".
 */
export function placePills(hops: readonly Labelled[], worldWidth: number): readonly Pill[] {
  const each = place(hops, worldWidth, 0)
  return each.some(({ more }) => more > 0) ? place(hops, worldWidth, 20) : each
}

interface Labelled {
  readonly hop: DrawnHop
  readonly current: boolean
}

/** `counter`: room that each pill keeps for its "+n". */
function place(hops: readonly Labelled[], worldWidth: number, counter: number): readonly Pill[] {
  const pills: { hop: DrawnHop; current: boolean; x: number; y: number; width: number; more: number }[] = []
  const all = hops.map(({ hop }) => hop.route.mark)
  const present = hops.filter(({ current }) => current).map(({ hop }) => hop.route.mark)
  for (const { hop, current } of hops) {
    const { mark } = hop.route
    const marks = current ? present : all // the present step may cover what is past
    const width = (hop.number.length + hop.label.length) * 6.65 + 24 + counter
    const right = mark.x + 12
    const left = mark.x - 12 - width
    const sides = hop.kind === 'watch' ? [left, right] : [right, left]
    const y = mark.y - height / 2
    const free = (x: number): boolean =>
      x >= 8 && x + width <= worldWidth - 8 &&
      !pills.some((p) => Math.abs(p.y - y) < height && x < p.x + p.width + space && p.x < x + width + space) &&
      !marks.some((m) => Math.abs(m.y - mark.y) < height && m.x > x - 6 && m.x < x + width + 6)
    const x = sides.find(free)
    if (x !== undefined) {
      pills.push({ hop, current, x, y, width, more: 0 })
      continue
    }
    const nearest = pills.filter((p) => Math.abs(p.y - y) < height).sort((a, b) => Math.abs(a.x - mark.x) - Math.abs(b.x - mark.x))[0]
    if (nearest) nearest.more++
    // The first of its gap, with marks on both sides: better over a mark than neither shown nor counted.
    else pills.push({ hop, current, x: Math.max(8, Math.min(sides[0] ?? right, worldWidth - 8 - width)), y, width, more: 0 })
  }
  return pills
}
