import type { FlowRow, Journey } from '../../../../bridge/protocol'
import { outcomeWords, outcomes, type TrafficLog } from '../../../state'
import { courseOf, type Course } from './legs'
import { Lore, type Path } from './lore'
import { drawMarks, drawPills, type Palette, type Pill } from './pills'
import { nodeSpot, podSpot, rulesSpot, stopSpot, type Spot } from './spots'
import { pointAt, tableSize } from './track'
import type { Corner, Places } from './ways'

/** Requests in flight that are drawn as dots; above, flows are drawn by width. */
export const mostDots = 1000

/** Numbers and reasons at once. */
const mostPills = 60

/** How much is seen of others beside a selected request. */
const behind = 0.3

/** A flow's lines stay for so many windows after its last request. */
const aliveWindows = 8

/** Failures are told for so many windows. */
const toldWindows = 3

/** A second of a flow: how many were sent, answered, failed. */
interface Rates {
  readonly flow: FlowRow
  readonly path: Path
  sent: number
  /** By place in `outcomes`, of those that ended. */
  readonly ended: number[]
}

interface Point {
  readonly x: number
  readonly y: number
}

/** What the layer shows now, for those who read instead of watching, and for measuring. */
export interface Drawn {
  readonly dots: number
  /** Dots of a person's own requests, names and calls of others among them. */
  readonly own: number
  /** More than `mostDots` at once: lines by width. */
  readonly aggregated: boolean
  /** Requests a second that end at pods, by `namespace/name`. */
  readonly reached: ReadonlyMap<string, number>
  /** Reasons with their place; and how many a second, when that is known (else 0). */
  readonly failed: ReadonlyMap<string, number>
}

/** How it is drawn. */
export interface Style {
  /** False: less motion is wanted; numbers stand for dots. */
  readonly dots: boolean
  /** Number of the selected journey; 0: none. */
  readonly selected: number
  /** Only what touches it is drawn in full: a node's name or a pod's `namespace/name`; empty: everything. */
  readonly focus: string
}

/**
 * Draws requests as they are at a simulated time, and nothing else: the same time gives the same picture, whether one came
 * to it by playing, stepping or seeking.
 */
export class TrafficPainter {
  readonly #lore: Lore
  readonly #courses = new Map<number, { readonly window: number; readonly outcome: string; readonly course: Course }>()

  constructor(places: Places) {
    this.#lore = new Lore(places)
  }

  /** The layout has changed. */
  lay(places: Places): void {
    this.#lore.lay(places)
  }

  /** Draws into `context`, whose unit is a CSS pixel of the map's world. `window`: how much simulated time a request is seen for; µs. */
  paint(context: CanvasRenderingContext2D, log: TrafficLog, now: number, window: number, colors: Palette, style: Style): Drawn {
    const lore = this.#lore
    lore.learn(log)
    const { alive, inFlight } = this.#alive(log, now, window)
    const aggregated = inFlight > mostDots
    const numbers = !style.dots || aggregated
    context.lineJoin = 'round'
    context.lineCap = 'round'
    const journeys = [...log.sentAfter(now - window * toldWindows - 30_000_000)].filter((j) => j.at <= now && (j.generator === '' || j.outcome !== 'ok'))
    this.#ownLines(context, journeys, now, window, colors, style)
    this.#lines(context, alive, colors, aggregated, style)
    const dots = numbers ? 0 : this.#dots(context, log, alive, now, window, colors, style)
    const own = style.dots ? this.#ownDots(context, journeys, now, window, colors, style) : 0
    const pills = new Map<string, Pill>()
    const { failed, marks } = this.#failures(journeys, alive, now, window, pills)
    const reached = this.#reached(alive, numbers, pills, style)
    // Beside a selected request the others stay in the background, without words.
    if (style.selected === 0) {
      drawMarks(context, marks, colors)
      drawPills(context, [...pills.values()].slice(0, mostPills), colors)
    }
    return { dots, own, aggregated, reached, failed }
  }

  /** Flows of late, with their rates over the last second or window. */
  #alive(log: TrafficLog, now: number, window: number): { readonly alive: ReadonlyMap<number, Rates>; readonly inFlight: number } {
    const alive = new Map<number, Rates>()
    const span = Math.max(window, 1_000_000)
    const since = now - window
    let inFlight = 0
    for (let i = log.spans.length - 1; i >= 0; i--) {
      const s = log.spans[i]
      if (!s || s.to <= now - span * aliveWindows) break
      if (s.from >= now) continue
      let rates = alive.get(s.flow)
      if (!rates) {
        const flow = log.flows.get(s.flow)
        if (!flow) continue
        rates = { flow, path: this.#lore.flow(flow, now), sent: 0, ended: outcomes.map(() => 0) }
        alive.set(s.flow, rates)
      }
      const whole = Math.max(1, s.to - s.from)
      const perSecond = (Math.max(0, Math.min(s.to, now) - Math.max(s.from, now - span)) / whole) * (1_000_000 / span)
      rates.sent += perSecond * s.sent
      for (let o = 0; o < s.ended.length; o++) rates.ended[o] = (rates.ended[o] ?? 0) + perSecond * (s.ended[o] ?? 0)
      if (s.to > since) inFlight += (s.sent * (Math.min(s.to, now) - Math.max(s.from, since))) / whole
    }
    return { alive, inFlight }
  }

  #lines(context: CanvasRenderingContext2D, alive: ReadonlyMap<number, Rates>, colors: Palette, aggregated: boolean, style: Style): void {
    // The way in and the way on are drawn once each, however many flows share them.
    const pieces = new Map<string, { readonly corners: readonly Corner[]; rate: number; failing: number; lit: boolean }>()
    for (const rates of alive.values()) {
      const { flow, path, sent } = rates
      if (path.corners.length < 2) continue
      const lit = touches(flow, style.focus, this.#lore.places)
      const split = path.corners.findIndex(({ station }) => station === 'rules')
      const cut = split > 0 && split < path.corners.length - 1
      const { corners } = path
      const last = corners.at(-1)
      const parts: readonly (readonly [string, readonly Corner[]])[] = cut
        ? [[`in ${flow.client} ${flow.entry} ${corners[split]?.y}`, corners.slice(0, split + 1)], [`on ${flow.entry} ${last?.x} ${last?.y}`, corners.slice(split)]]
        : [[`${flow.client} ${last?.x} ${last?.y}`, corners]]
      for (const [name, way] of parts) {
        const piece = pieces.get(name)
        const bad = isFailing(rates) ? sent : 0
        if (piece) {
          piece.rate += sent
          piece.failing += bad
          piece.lit ||= lit
        } else pieces.set(name, { corners: way, rate: sent, failing: bad, lit })
      }
    }
    for (const { corners, rate, failing, lit } of pieces.values()) {
      context.strokeStyle = failing > rate / 2 ? colors.err : colors.line
      context.globalAlpha = style.selected > 0 ? behind : lit ? (aggregated ? 0.8 : 0.9) : 0.2
      context.lineWidth = aggregated ? 1.5 + Math.min(5, 0.6 * Math.log2(1 + rate)) : 1.5
      trace(context, corners)
    }
    context.globalAlpha = 1
  }

  #dots(context: CanvasRenderingContext2D, log: TrafficLog, alive: ReadonlyMap<number, Rates>, now: number, window: number, colors: Palette, style: Style): number {
    let count = 0
    const since = now - window
    const { places } = this.#lore
    for (const fails of [false, true]) for (const lit of style.focus === '' ? [true] : [false, true]) {
      context.beginPath()
      for (let i = log.spans.length - 1; i >= 0; i--) {
        const span = log.spans[i]
        if (!span || span.to <= since) break
        const rates = span.from < now && span.sent > 0 ? alive.get(span.flow) : undefined
        if (!rates || rates.path.corners.length < 2 || isFailing(rates) !== fails || touches(rates.flow, style.focus, places) !== lit) continue
        const { table } = rates.path
        const pace = (span.to - span.from) / span.sent
        for (let k = Math.max(0, Math.floor((since - span.from) / pace)); k < span.sent; k++) {
          const at = span.from + (k + 0.5) * pace
          if (at > now) break
          if (at <= since) continue
          const place = Math.min(tableSize, Math.floor(((now - at) / window) * tableSize))
          const [x, y] = [table[2 * place] ?? 0, table[2 * place + 1] ?? 0]
          context.moveTo(x + 3, y)
          context.arc(x, y, 3, 0, 6.3)
          count++
        }
      }
      context.globalAlpha = style.selected > 0 ? behind : lit ? 1 : 0.25
      context.fillStyle = fails ? colors.err : colors.dot
      context.fill()
    }
    context.globalAlpha = 1
    return count
  }

  /** The ways of a person's own requests, names and calls of others among them, while they are on the way. */
  #ownLines(context: CanvasRenderingContext2D, journeys: readonly Journey[], now: number, window: number, colors: Palette, style: Style): void {
    context.lineWidth = 1.5
    context.strokeStyle = colors.own
    for (const j of journeys) {
      if (j.generator !== '' || j.id === style.selected) continue
      const course = this.#course(j, window)
      if (now - j.at > course.end) continue
      j.trips.forEach((trip, i) => {
        if (!course.legs.some((leg) => leg.trip === i && leg.from <= now - j.at)) return
        context.setLineDash(trip.kind === 'dns' ? [2, 4] : trip.kind === 'request' ? [] : [6, 4])
        trace(context, this.#lore.trip(j, i).corners)
      })
    }
    context.setLineDash([])
  }

  #ownDots(context: CanvasRenderingContext2D, journeys: readonly Journey[], now: number, window: number, colors: Palette, style: Style): number {
    let count = 0
    for (const j of journeys) {
      if (j.generator !== '') continue
      const t = now - j.at
      for (const leg of this.#course(j, window).legs) {
        if (t < leg.from || t >= leg.to) continue
        const { table, corners } = this.#lore.trip(j, leg.trip)
        if (corners.length === 0) continue
        const u = leg.direction === 0 ? 1 : (t - leg.from) / Math.max(1, leg.to - leg.from)
        const { x, y } = pointAt(table, leg.direction < 0 ? 1 - u : u)
        context.beginPath()
        context.arc(x, y, j.id === style.selected ? 6 : 4.5, 0, 6.3)
        context.fillStyle = leg.direction < 0 && j.outcome === 'ok' ? colors.dot : colors.own
        context.fill()
        context.strokeStyle = colors.ground
        context.lineWidth = 1.5
        context.stroke()
        count++
      }
    }
    return count
  }

  /** Failures stand where they failed, with the reason, once whoever waited has seen it. */
  #failures(journeys: readonly Journey[], alive: ReadonlyMap<number, Rates>, now: number, window: number, pills: Map<string, Pill>): { readonly failed: ReadonlyMap<string, number>; readonly marks: readonly Point[] } {
    const marks = new Map<string, Point>()
    const groups = new Map<string, { readonly spot: Spot; readonly words: Map<string, Set<string>> }>()
    for (const j of journeys) {
      if (j.outcome === 'ok') continue
      const end = j.at + (j.generator === '' ? this.#course(j, window).end : j.latency)
      if (end > now || end < now - window * toldWindows) continue
      j.trips.forEach((trip, i) => {
        if (trip.stops === '' || trip.outcome === 'ok') return
        const { stop } = this.#lore.trip(j, i)
        if (stop) marks.set(`${Math.round(stop.x / 8)} ${Math.round(stop.y / 8)}`, stop)
        const policy = trip.outcome === 'policy' && j.hops.some((h) => h.kind === 'policy' && !h.ok && h.trip === i && h.where === trip.node)
        const spot = stopSpot(this.#lore.places, trip, policy ? 'pod' : trip.stops)
        if (!spot) return
        const group = groups.get(spot.key) ?? { spot, words: new Map<string, Set<string>>() }
        groups.set(spot.key, group)
        const word = outcomeWords[trip.outcome]
        const flows = group.words.get(word) ?? new Set<string>()
        group.words.set(word, flows)
        if (i === 0 && j.generator !== '') flows.add(`${j.client} ${j.entry} ${j.service} ${j.pod} ${outcomes.indexOf(j.outcome)}`)
      })
    }
    const failing = new Map<string, number>()
    if (groups.size > 0) for (const { flow, ended } of alive.values()) ended.forEach((rate, o) => rate > 0 && failing.set(`${flow.client} ${flow.entry} ${flow.service} ${flow.pod} ${o}`, rate))
    // Requests without a pod share a flow: what fails of it is told once for all its places.
    const places = new Map<string, number>()
    for (const { words } of groups.values()) for (const flows of words.values()) for (const flow of flows) places.set(flow, (places.get(flow) ?? 0) + 1)
    const failed = new Map<string, number>()
    for (const { spot, words } of groups.values()) {
      const parts = [...words].map(([word, flows]) => {
        let rate = 0
        for (const flow of flows) if (places.get(flow) === 1) rate += failing.get(flow) ?? 0
        failed.set(word, (failed.get(word) ?? 0) + rate)
        return rate > 0 ? `${word} ${rateText(rate)}` : word
      })
      pills.set(spot.key, { ...spot, text: (spot.about ? `${spot.about}: ` : '') + (parts.length > 2 ? `${parts[0]}, +${parts.length - 1}` : parts.join(', ')), bad: true })
    }
    return { failed, marks: [...marks.values()] }
  }

  /** What arrives at pods and at rules, in numbers. */
  #reached(alive: ReadonlyMap<number, Rates>, numbers: boolean, pills: Map<string, Pill>, style: Style): ReadonlyMap<string, number> {
    const { places } = this.#lore
    const { small } = places.geometry
    const reached = new Map<string, number>()
    const spots = new Map<string, { readonly spot: Spot; rate: number }>()
    const add = (spot: Spot | undefined, rate: number): void => {
      if (!spot) return
      const known = spots.get(spot.key)
      if (known) known.rate += rate
      else spots.set(spot.key, { spot, rate })
    }
    for (const { flow, sent } of alive.values()) {
      if (sent <= 0) continue
      if (flow.pod !== '') reached.set(flow.pod, (reached.get(flow.pod) ?? 0) + sent)
      if ((!numbers && !small) || !touches(flow, style.focus, places)) continue
      if (flow.pod !== '') add(small ? nodeSpot(places, flow.node) : podSpot(places, flow.pod, flow.node), sent)
      if (flow.entry !== '' && !small) add(rulesSpot(places, flow.entry, flow.service), sent)
    }
    for (const { spot, rate } of spots.values()) if (!pills.has(spot.key) && rate > 0) pills.set(spot.key, { ...spot, text: `${spot.about ? `${spot.about} ` : ''}${rateText(rate)}`, bad: false })
    return reached
  }

  #course(j: Journey, window: number): Course {
    const known = this.#courses.get(j.id)
    if (known && known.window === window && known.outcome === j.outcome) return known.course
    if (this.#courses.size > 500) this.#courses.clear()
    const course = courseOf(j, window)
    this.#courses.set(j.id, { window, outcome: j.outcome, course })
    return course
  }
}

/** `6.7/s` */
export function rateText(rate: number): string {
  return `${rate < 9.95 ? rate.toFixed(1) : Math.round(rate).toLocaleString('en')}/s`
}

/** Whether most that has ended of late has failed; one that reaches no pod cannot but fail. */
function isFailing({ flow, ended }: Rates): boolean {
  if (flow.pod === '') return true
  let failed = 0
  for (let o = 1; o < ended.length; o++) failed += ended[o] ?? 0
  return failed > (ended[0] ?? 0)
}

/** Whether a flow has to do with what is looked at. */
function touches({ client, entry, pod, node }: FlowRow, focus: string, places: Places): boolean {
  return focus === '' || client === focus || entry === focus || pod === focus || node === focus || places.pod(client)?.node === focus
}

function trace(context: CanvasRenderingContext2D, corners: readonly Corner[]): void {
  if (corners.length < 2) return
  context.beginPath()
  corners.forEach(({ x, y, hidden }, i) => (i === 0 || hidden ? context.moveTo(x, y) : context.lineTo(x, y)))
  context.stroke()
}
