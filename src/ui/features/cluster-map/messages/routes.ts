import type { ComponentRow, Hop, NodeRow, StepRow } from '../../../../bridge/protocol'
import { itemOf } from '../actors'
import type { Layout } from '../layout'

interface Point {
  readonly x: number
  readonly y: number
}

/** A way between the spine and something, as it is drawn. */
export interface Route {
  readonly points: readonly Point[]
  /** The piece in the gap beside the spine, where marks and pills have room. */
  readonly gap: 'upper' | 'lower'
  /** Where marks of this route sit. */
  readonly mark: Point
}

/** A hop as it is drawn; several of the same kind between the same two are one. */
export interface DrawnHop {
  readonly key: string
  readonly kind: Exclude<Hop['kind'], 'local'>
  readonly route: Route
  readonly label: string
  readonly failed: boolean
  readonly step: number
  /** `18.2` */
  readonly number: string
  /** Which group of hops it leaves with: watch events go out together. */
  readonly wave: number
  readonly target: string
}

/** The way of a hop: writes leave right of the centre, watch events left of it. Undefined when an end is not on the map. */
export function routeOf(layout: Layout, from: string, to: string, kind: Hop['kind']): Route | undefined {
  const a = itemOf(layout, from)
  const b = itemOf(layout, to)
  const other = a === 'kube-apiserver' ? b : b === 'kube-apiserver' ? a : undefined
  if (!other) return undefined
  const route = wayTo(layout, other, kind)
  return route && (b === other ? { ...route, points: route.points.toReversed() } : route)
}

/** From an item to the spine. */
function wayTo(layout: Layout, id: string, kind: Hop['kind']): Route | undefined {
  const item = layout.byId.get(id)
  const spine = layout.byId.get('kube-apiserver')
  if (!item || !spine) return undefined
  const side = id === 'you' || id === 'etcd' ? 0 : kind === 'watch' ? -7 : 7
  const center = Math.round(item.x + item.width / 2)
  if (item.y < spine.y) {
    const x = center + side
    const [top, bottom] = [item.y + item.height, spine.y]
    return { gap: 'upper', points: [{ x, y: top }, { x, y: bottom }], mark: { x, y: (top + bottom) / 2 } }
  }
  const start = spine.y + spine.height
  const first = firstRow(layout)
  if (item.y <= first) {
    const x = center + side
    return { gap: 'lower', points: [{ x, y: item.y }, { x, y: start }], mark: { x, y: (item.y + start) / 2 } }
  }
  // Further rows are reached through the gutter beside their column; the first column's lies at its right.
  const half = layout.level === 'cards' ? 4 : 8
  const right = item.x <= spine.x && item.x + item.width + half < spine.x + spine.width
  const edge = right ? item.x + item.width : item.x
  const x = edge + (right ? half : -half) + side / 3.5
  const y = Math.min(item.y + 16, item.y + item.height / 2)
  const mark = { x, y: (first + start) / 2 }
  if (x >= spine.x) return { gap: 'lower', points: [{ x: edge, y }, { x, y }, { x, y: start }], mark }
  const middle = spine.y + spine.height / 2 // outside of everything: it ends at the spine's side
  return { gap: 'lower', points: [{ x: edge, y }, { x, y }, { x, y: middle + side }, { x: spine.x, y: middle + side }], mark }
}

function firstRow(layout: Layout): number {
  let first = Number.POSITIVE_INFINITY
  for (const item of layout.items) if (item.id.startsWith('node:') || item.id.startsWith('zone:')) first = Math.min(first, item.y)
  return first
}

/** The hops of a step as they are drawn: what cannot be placed is left out, what is alike is drawn once. */
export function drawnHops(layout: Layout, step: StepRow): readonly DrawnHop[] {
  const drawn = new Map<string, DrawnHop & { times: number; others: number }>()
  let wave = -1
  let lastWatch = false
  step.hops.forEach((hop, i) => {
    if (hop.kind === 'local') return
    const route = routeOf(layout, hop.from, hop.to, hop.kind)
    if (!route) return
    if (!(hop.kind === 'watch' && lastWatch)) wave++
    lastWatch = hop.kind === 'watch'
    const target = itemOf(layout, hop.to) ?? ''
    const key = `${hop.kind} ${itemOf(layout, hop.from)} ${target}`
    const known = drawn.get(key)
    if (known) drawn.set(key, hop.label === known.label ? { ...known, times: known.times + 1 } : { ...known, others: known.others + 1 })
    else drawn.set(key, { key, kind: hop.kind, route, label: hop.label, failed: (hop.code ?? 0) >= 400, step: step.n, number: `${step.n}.${i + 1}`, wave, target, times: 1, others: 0 })
  })
  return [...drawn.values()].map(({ times, others, ...hop }) => ({ ...hop, label: `${hop.label}${times > 1 ? ` ×${times}` : ''}${others > 0 ? `, ${others} more` : ''}` }))
}

/** The item at the end of a hop that is not the spine. */
export function endOf({ key }: DrawnHop): string | undefined {
  return key.split(' ').slice(1).find((id) => id !== 'kube-apiserver')
}

/** A stream that stands open, or that is cut. */
export interface Stream {
  readonly id: string
  readonly route: Route
  readonly kind: 'watch' | 'store' | 'ask'
  /** Cut, and whether the API knows it. */
  readonly cut: 'no' | 'unnoticed' | 'known'
}

/** The open watch of each component and node, etcd's own line, and the faint one to the person. */
export function streams(layout: Layout, components: readonly ComponentRow[], nodeRow: (key: string) => NodeRow | undefined): readonly Stream[] {
  const found: Stream[] = []
  const server = components.find((row) => row.key === 'kube-apiserver')
  // One that has lost etcd may run and yet serve no watch.
  const serverUp = server?.state === 'up' && server.watches !== 0
  const you = wayTo(layout, 'you', 'read')
  if (you) found.push({ id: 'you', route: you, kind: 'ask', cut: 'no' })
  for (const { key, state } of components) {
    if (key === 'kube-apiserver' || state === 'down' || state === 'crashed') continue
    const route = wayTo(layout, key, 'watch')
    if (route) found.push({ id: key, route, kind: key === 'etcd' ? 'store' : 'watch', cut: serverUp ? 'no' : 'known' })
  }
  const seen = new Set<string>()
  for (const [key, id] of layout.ofNode) {
    if (seen.has(id)) continue
    seen.add(id)
    const route = wayTo(layout, id, 'watch')
    if (!route) continue
    const node = id.startsWith('node:') ? nodeRow(key) : undefined
    if (node?.joining) continue
    const reached = !node || (node.truth.power && node.truth.link && node.truth.kubelet)
    found.push({ id, route, kind: 'watch', cut: !serverUp ? 'known' : reached ? 'no' : node.ready === 'True' ? 'unnoticed' : 'known' })
  }
  return found
}

/** `M0 0L10 0` */
export function pathOf(points: readonly Point[]): string {
  return points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x} ${y}`).join('')
}

/** The point at a fraction of the way. */
export function along(points: readonly Point[], u: number): Point {
  const lengths = points.slice(1).map((p, i) => Math.hypot(p.x - (points[i]?.x ?? 0), p.y - (points[i]?.y ?? 0)))
  let rest = lengths.reduce((sum, l) => sum + l, 0) * u
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] ?? 0
    const [a, b] = [points[i], points[i + 1]]
    if (!a || !b) break
    if (rest <= length || i === lengths.length - 1) {
      const part = length === 0 ? 0 : Math.min(1, rest / length)
      return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part }
    }
    rest -= length
  }
  return points[0] ?? { x: 0, y: 0 }
}
