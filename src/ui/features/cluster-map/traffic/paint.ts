import type { FlowRow, Journey } from '../../../../bridge/protocol'
import { outcomeWords, type TrafficLog } from '../../../state'
import { balancerOf, stationOf, tableOf, tableSize, tripsOf, wayOf, type Corner, type Places, type Station } from './ways'

/** Colours of the layer, read from the page's tokens once per theme. */
export interface Palette {
  readonly line: string
  readonly dot: string
  readonly err: string
  readonly errSoft: string
  readonly text: string
  readonly ground: string
  readonly font: string
}

/** Requests in flight that are drawn as dots; above, flows are drawn by width. */
export const mostDots = 1000

/** Labels of failures at once. */
const mostLabels = 8

/** Flows count as alive for so many windows after their last request. */
const aliveWindows = 8

interface FlowWay {
  readonly table: Float32Array
  readonly corners: readonly Corner[]
  readonly fails: boolean
}

interface Fall {
  readonly x: number
  readonly y: number
}

/** What was drawn, for those who read instead of watching, and for measuring. */
export interface Drawn {
  readonly inFlight: number
  readonly dots: number
  readonly aggregated: boolean
  readonly failed: ReadonlyMap<string, number>
}

/**
 * Draws requests as they are at a simulated time, and nothing else: the same time gives the same picture, whether one came
 * to it by playing, stepping or seeking. Ways are worked out once per flow and kept until the layout changes.
 */
export class TrafficPainter {
  #places: Places
  readonly #ways = new Map<number, FlowWay>()
  readonly #journeyWays = new Map<number, FlowWay & { readonly fall: Fall | undefined }>()
  /** By entry and Service: whose load balancer clients from outside come by, as journeys tell. */
  readonly #balanced = new Map<string, string>()
  #learnt = -1

  constructor(places: Places) {
    this.#places = places
  }

  /** The layout has changed: all ways are laid anew. */
  lay(places: Places): void {
    this.#places = places
    this.#ways.clear()
    this.#journeyWays.clear()
  }

  /** Draws into `context`, whose unit is a CSS pixel of the map's world. `window`: how much simulated time a request is drawn for; µs. */
  paint(context: CanvasRenderingContext2D, log: TrafficLog, now: number, window: number, colors: Palette, style: { readonly dots: boolean; readonly selected: number }): Drawn {
    this.#learn(log)
    const since = now - window
    const { spans } = log
    let inFlight = 0
    const alive = new Map<number, number>()
    const rateSpan = Math.max(window, 1_000_000)
    for (let i = spans.length - 1; i >= 0; i--) {
      const span = spans[i]
      if (!span || span.to <= now - rateSpan * aliveWindows) break
      if (span.from >= now) continue
      const whole = Math.max(1, span.to - span.from)
      const part = Math.max(0, (Math.min(span.to, now) - Math.max(span.from, now - rateSpan)) / whole)
      alive.set(span.flow, (alive.get(span.flow) ?? 0) + (part * span.sent * 1_000_000) / rateSpan)
      if (span.to > since) inFlight += (span.sent * (Math.min(span.to, now) - Math.max(span.from, since))) / whole
    }
    const aggregated = inFlight > mostDots
    const numbers = !style.dots
    this.#lines(context, log, alive, colors, aggregated, numbers)
    let dots = 0
    if (!aggregated && !numbers) dots = this.#dots(context, log, now, since, window, colors)
    const failed = this.#journeys(context, log, now, window, colors, style)
    return { inFlight: Math.round(inFlight), dots, aggregated, failed }
  }

  /** The ways of a journey, as it is selected. */
  journeyCorners(journey: Journey): readonly (readonly Corner[])[] {
    return tripsOf(journey).map((trip) => wayOf(this.#places, trip))
  }

  #learn(log: TrafficLog): void {
    if (log.version === this.#learnt) return
    this.#learnt = log.version
    // Slow ones end after later ones: some of the newest are looked at each time.
    for (const j of log.journeys.slice(-200)) {
      if (j.client !== 'outside') continue
      const [key, balancer] = [`${j.entry} ${j.service}`, balancerOf(j)]
      if ((this.#balanced.get(key) ?? '') === balancer) continue
      this.#balanced.set(key, balancer)
      this.#ways.clear()
    }
  }

  #wayOf(log: TrafficLog, key: number): FlowWay | undefined {
    const known = this.#ways.get(key)
    if (known) return known
    const flow = log.flows.get(key)
    if (!flow) return undefined
    const balancer = flow.client === 'outside' ? (this.#balanced.get(`${flow.entry} ${flow.service}`) ?? '') : ''
    const corners = wayOf(this.#places, { client: flow.client, entry: flow.entry, pod: flow.pod, node: flow.node, balancer })
    const way: FlowWay = { corners, table: tableOf(corners), fails: flow.pod === '' || failing(flow) }
    this.#ways.set(key, way)
    return way
  }

  #lines(context: CanvasRenderingContext2D, log: TrafficLog, alive: ReadonlyMap<number, number>, colors: Palette, aggregated: boolean, numbers: boolean): void {
    context.lineJoin = 'round'
    context.lineCap = 'round'
    // The way in and the way on are drawn once each, however many flows share them.
    const pieces = new Map<string, { readonly corners: readonly Corner[]; rate: number; failing: number }>()
    for (const [key, rate] of alive) {
      const way = this.#wayOf(log, key)
      const flow = log.flows.get(key)
      if (!way || !flow || way.corners.length < 2) continue
      const split = way.corners.findIndex(({ station }) => station === 'rules')
      const parts: readonly (readonly [string, readonly Corner[]])[] = split > 0 ? [[`in ${flow.client} ${flow.entry}`, way.corners.slice(0, split + 1)], [`on ${flow.entry} ${flow.pod}`, way.corners.slice(split)]] : [[`${flow.client} ${flow.pod}`, way.corners]]
      for (const [name, corners] of parts) {
        const piece = pieces.get(name)
        if (piece) {
          piece.rate += rate
          piece.failing += way.fails ? rate : 0
        } else pieces.set(name, { corners, rate, failing: way.fails ? rate : 0 })
      }
    }
    const labels: { readonly x: number; readonly y: number; readonly text: string }[] = []
    for (const { corners, rate, failing: bad } of pieces.values()) {
      if (corners.length < 2) continue
      context.beginPath()
      corners.forEach(({ x, y, hidden }, i) => (i === 0 || hidden ? context.moveTo(x, y) : context.lineTo(x, y)))
      context.strokeStyle = bad > rate / 2 ? colors.err : colors.line
      context.globalAlpha = aggregated ? 0.75 : 0.9
      context.lineWidth = aggregated ? 1.5 + Math.min(9, Math.log2(1 + rate)) : 1.5
      context.stroke()
      if ((aggregated || numbers) && rate > 0) labels.push({ ...middleOf(corners), text: `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s` })
    }
    context.globalAlpha = 1
    if (labels.length > 0) this.#pills(context, labels.slice(0, 40), colors)
  }

  #dots(context: CanvasRenderingContext2D, log: TrafficLog, now: number, since: number, window: number, colors: Palette): number {
    let count = 0
    for (const fails of [false, true]) {
      context.beginPath()
      for (let i = log.spans.length - 1; i >= 0; i--) {
        const span = log.spans[i]
        if (!span || span.to <= since) break
        if (span.from >= now) continue
        const way = this.#wayOf(log, span.flow)
        if (!way || way.fails !== fails || way.corners.length < 2) continue
        const { table } = way
        const pace = (span.to - span.from) / span.sent
        const first = Math.max(0, Math.floor((since - span.from) / pace))
        for (let k = first; k < span.sent; k++) {
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
      context.fillStyle = fails ? colors.err : colors.dot
      context.fill()
    }
    return count
  }

  /** Failures fall where they failed, with the reason; requests of a person are always seen. */
  #journeys(context: CanvasRenderingContext2D, log: TrafficLog, now: number, window: number, colors: Palette, style: { readonly dots: boolean; readonly selected: number }): ReadonlyMap<string, number> {
    const falls = new Map<string, { readonly x: number; readonly y: number; readonly word: string; count: number }>()
    const failed = new Map<string, number>()
    const [flying, failing]: [Fall[], Fall[]] = [[], []]
    for (let i = log.journeys.length - 1; i >= 0; i--) {
      const j = log.journeys[i]
      if (!j || j.at < now - window * 3 - Math.max(j.latency, 6_000_000)) break
      if (j.at > now) continue
      const bad = j.outcome !== 'ok'
      if (!bad && j.generator !== '') continue
      const way = this.#journeyWay(j)
      const { fall } = way
      // Whoever waits for an answer that does not come sees nothing until it gives up: the mark stands when it has failed.
      const u = (now - j.at) / Math.max(window, 1)
      if (u < 1 && style.dots && j.id !== style.selected && way.corners.length > 1) {
        const place = Math.min(tableSize, Math.floor(u * tableSize))
        ;(bad ? failing : flying).push({ x: way.table[2 * place] ?? 0, y: way.table[2 * place + 1] ?? 0 })
      }
      const end = j.at + j.latency
      if (!bad || !fall || end > now || end < now - window * 3) continue
      const word = outcomeWords[j.outcome]
      failed.set(word, (failed.get(word) ?? 0) + 1)
      const key = `${word} ${Math.round(fall.x / 8)} ${Math.round(fall.y / 8)}`
      const known = falls.get(key)
      if (known) known.count++
      else if (falls.size < mostLabels) falls.set(key, { ...fall, word, count: 1 })
    }
    for (const [dots, color] of [[flying, colors.dot], [failing, colors.err]] as const) {
      context.beginPath()
      for (const { x, y } of dots) {
        context.moveTo(x + 3.5, y)
        context.arc(x, y, 3.5, 0, 6.3)
      }
      context.fillStyle = color
      context.fill()
    }
    for (const { x, y, word, count } of falls.values()) this.#fall(context, x, y, count > 1 ? `${word} ×${count}` : word, colors)
    return failed
  }

  #journeyWay(j: Journey): FlowWay & { readonly fall: Fall | undefined } {
    const known = this.#journeyWays.get(j.id)
    if (known) return known
    if (this.#journeyWays.size > 2000) this.#journeyWays.clear()
    const all = this.journeyCorners(j).flat()
    const hop = j.outcome === 'ok' ? undefined : (j.hops.findLast((h) => !h.ok && h.depth === 0) ?? j.hops.at(-1))
    const stop = hop ? lastCorner(all, stationOf(j, hop)) : -1
    const corners = stop > 0 ? all.slice(0, stop + 1) : stop === 0 ? all.slice(0, 1) : all
    const fall = hop && (stop >= 0 ? all[stop] : all.at(-1))
    const way = { corners, table: tableOf(corners), fails: j.outcome !== 'ok', fall: fall && { x: fall.x, y: fall.y } }
    this.#journeyWays.set(j.id, way)
    return way
  }

  #fall(context: CanvasRenderingContext2D, x: number, y: number, text: string, colors: Palette): void {
    context.beginPath()
    context.arc(x, y, 7, 0, 6.3)
    context.fillStyle = colors.err
    context.fill()
    context.beginPath()
    context.moveTo(x - 3, y - 3)
    context.lineTo(x + 3, y + 3)
    context.moveTo(x + 3, y - 3)
    context.lineTo(x - 3, y + 3)
    context.strokeStyle = colors.ground
    context.lineWidth = 1.8
    context.stroke()
    context.font = colors.font
    const width = context.measureText(text).width + 12
    const left = x + 11 + width > this.#places.geometry.width - 4 ? x - 11 - width : x + 11
    context.beginPath()
    context.roundRect(left, y - 10, width, 20, 10)
    context.fillStyle = colors.errSoft
    context.fill()
    context.strokeStyle = colors.err
    context.lineWidth = 1
    context.stroke()
    context.fillStyle = colors.text
    context.textBaseline = 'middle'
    context.fillText(text, left + 6, y + 0.5)
  }

  #pills(context: CanvasRenderingContext2D, labels: readonly { readonly x: number; readonly y: number; readonly text: string }[], colors: Palette): void {
    context.font = colors.font
    context.textBaseline = 'middle'
    const taken: { readonly x: number; readonly y: number; readonly width: number }[] = []
    for (const { x, y, text } of labels) {
      const width = context.measureText(text).width + 10
      const left = x - width / 2
      if (taken.some((t) => Math.abs(t.y - y) < 18 && left < t.x + t.width + 2 && t.x < left + width + 2)) continue
      taken.push({ x: left, y, width })
      context.beginPath()
      context.roundRect(left, y - 8, width, 16, 8)
      context.fillStyle = colors.ground
      context.fill()
      context.strokeStyle = colors.line
      context.lineWidth = 1
      context.stroke()
      context.fillStyle = colors.text
      context.fillText(text, left + 5, y + 0.5)
    }
  }
}

function failing({ counts }: FlowRow): boolean {
  let sum = 0
  for (const n of counts) sum += n
  return sum > 0 && (counts[0] ?? 0) === 0
}

/** The place of a station in corners; with several trips the last one. -1: not there. */
function lastCorner(corners: readonly Corner[], station: Station): number {
  const i = corners.findLastIndex((c) => c.station === station)
  return i < 0 && station === 'entry' ? corners.findLastIndex((c) => c.station === 'rules') : i
}

/** Middle of the longest leg. */
function middleOf(corners: readonly Corner[]): Fall {
  let [best, x, y] = [-1, 0, 0]
  for (let i = 1; i < corners.length; i++) {
    const [a, b] = [corners[i - 1], corners[i]]
    if (!a || !b || b.hidden) continue
    const length = Math.abs(a.x - b.x) + Math.abs(a.y - b.y)
    if (length > best) [best, x, y] = [length, (a.x + b.x) / 2, (a.y + b.y) / 2]
  }
  return { x, y }
}
