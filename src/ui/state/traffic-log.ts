import type { FlowRow, GeneratorView, Journey, TrafficFrame } from '../../bridge/protocol'
import { outcomes } from './outcomes'
import { notify } from './table'

/** Requests of one kind of way between two frames. They are taken to be sent, and to end, evenly over the time between. Units: µs. */
export interface FlowSpan {
  readonly flow: number
  readonly from: number
  readonly to: number
  readonly sent: number
  /** By place in `outcomes`, of those that ended. */
  readonly ended: readonly number[]
}

/** Totals of a flow at one moment. */
interface Totals {
  readonly sent: number
  readonly counts: readonly number[]
}

const nothing: Totals = { sent: 0, counts: [] }

/** Requests of one second. */
export interface TrafficRate {
  readonly sent: number
  /** By place in `outcomes`, of those that ended. */
  readonly ended: readonly number[]
}

/** Requests of one second by whom they were for. */
export interface TrafficRates {
  readonly second: number
  readonly version: number
  readonly services: ReadonlyMap<string, TrafficRate>
  readonly pods: ReadonlyMap<string, TrafficRate>
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Journeys kept, as many as the engine keeps. */
const mostJourneys = 1000

/** Spans kept: some minutes of a few flows, so that one can step back and see the same. */
const mostSpans = 20_000

/**
 * Requests as frames tell them. What is drawn of them depends on the simulated time alone: spans and journeys stay where
 * they happened, so the picture of a moment is the same after a seek back. Writer: apply-frame.
 */
export class TrafficLog {
  readonly flows = new Map<number, FlowRow>()
  /** By rising `to`. */
  spans: FlowSpan[] = []
  /** Those that have ended, by rising number. */
  journeys: Journey[] = []
  /** Those that have not, by number. They tell what they will meet: whoever draws them draws no more than lies before now. */
  readonly underway = new Map<number, Journey>()
  generators: readonly GeneratorView[] = []
  ended = 0
  version = 0
  /** Spans are known up to here, from these totals on. */
  #told = 0
  readonly #totals = new Map<number, Totals>()
  #begun = false
  #rates: TrafficRates | undefined
  readonly #known = new Set<number>()
  readonly #listeners = new Set<() => void>()

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  wake(): void {
    notify(this.#listeners)
  }

  journey(id: number): Journey | undefined {
    return this.#known.has(id) ? this.journeys.find((j) => j.id === id) : undefined
  }

  /** The ones sent after `since` (µs), newest first, ended or not. */
  *sentAfter(since: number): Iterable<Journey> {
    for (const j of this.underway.values()) if (j.at > since) yield j
    for (let i = this.journeys.length - 1; i >= 0; i--) {
      const j = this.journeys[i]
      if (!j || j.at <= since) return
      yield j
    }
  }

  /** What each Service (`namespace/name`) and each pod got in the last full second before a moment. */
  inSecondBefore(now: number): TrafficRates {
    const second = Math.floor(now / 1_000_000)
    if (this.#rates?.second === second && this.#rates.version === this.version) return this.#rates
    const rates: Writable<TrafficRates> & { services: Map<string, TrafficRate>; pods: Map<string, TrafficRate> } = { second, version: this.version, services: new Map(), pods: new Map() }
    const [from, to] = [(second - 1) * 1_000_000, second * 1_000_000]
    for (let i = this.spans.length - 1; i >= 0; i--) {
      const span = this.spans[i]
      if (!span || span.to <= from) break
      const flow = span.from < to ? this.flows.get(span.flow) : undefined
      if (!flow) continue
      const part = (Math.min(span.to, to) - Math.max(span.from, from)) / Math.max(1, span.to - span.from)
      for (const [map, key] of [[rates.services, flow.service], [rates.pods, flow.pod]] as const) {
        if (key === '') continue
        const rate = map.get(key) ?? { sent: 0, ended: outcomes.map(() => 0) }
        map.set(key, { sent: rate.sent + part * span.sent, ended: rate.ended.map((n, o) => n + part * (span.ended[o] ?? 0)) })
      }
    }
    this.#rates = rates
    return rates
  }

  /** Another history begins after `at`: what came later never happened. */
  cutAfter(at: number): void {
    this.spans = this.spans.filter((span) => span.to <= at)
    this.journeys = this.journeys.filter((j) => j.at + j.latency <= at)
    this.#known.clear()
    for (const { id } of this.journeys) this.#known.add(id)
    this.underway.clear()
    this.#told = Math.min(this.#told, at)
    // A history that begins here shares the totals of this moment; any other has its own.
    this.#begun &&= at >= 0
    this.#totals.clear()
    if (this.#begun) for (const row of this.flows.values()) this.#totals.set(row.key, row)
    this.version++
  }

  /** Takes a frame's traffic in; `from` is the time of the frame before. True when something changed. */
  apply(frame: TrafficFrame | null, from: number, to: number, full: boolean): boolean {
    if (!frame) {
      this.#count([], from, to, full)
      const had = full && (this.ended > 0 || this.generators.length > 0)
      if (full) this.#reset()
      if (this.generators.length === 0 && !had) return false
      this.generators = []
      this.version++
      return true
    }
    this.#count(frame.flows, from, to, full)
    if (full) this.underway.clear()
    for (const j of frame.begun) this.underway.set(j.id, j)
    this.#addJourneys(frame.journeys)
    this.ended = frame.ended
    this.generators = frame.generators
    this.version++
    return true
  }

  /**
   * Spans from totals. After a jump ahead, what was sent in between counts as sent evenly; what comes again after a way back is
   * known already. The first frame of a history brings totals of nobody knows when: the counting begins there.
   */
  #count(flows: readonly FlowRow[], from: number, to: number, full: boolean): void {
    if (full) this.flows.clear()
    for (const row of flows) {
      this.flows.set(row.key, row)
      if (to <= this.#told && this.#begun) continue
      const before = this.#totals.get(row.key) ?? nothing
      this.#totals.set(row.key, row)
      const sent = row.sent - before.sent
      const ended = row.counts.map((n, i) => n - (before.counts[i] ?? 0))
      if (this.#begun && (sent > 0 || ended.some((n) => n > 0))) this.spans.push({ flow: row.key, from: full ? this.#told : Math.max(Math.min(from, to), this.#told), to, sent, ended })
    }
    this.#told = this.#begun ? Math.max(this.#told, to) : to
    this.#begun = true
    if (this.spans.length > mostSpans * 1.2) this.spans = this.spans.slice(-mostSpans)
  }

  /** Journeys that were asked for. */
  add(journeys: readonly Journey[]): void {
    this.#addJourneys(journeys)
    this.version++
    this.wake()
  }

  #addJourneys(journeys: readonly Journey[]): void {
    const added = journeys.filter(({ id }) => !this.#known.has(id))
    for (const j of added) this.#known.add(j.id)
    for (const { id } of journeys) this.underway.delete(id)
    if (added.length > 0) {
      const sorted = this.journeys.length > 0 && (added[0]?.id ?? 0) < (this.journeys.at(-1)?.id ?? 0)
      this.journeys.push(...added)
      if (sorted || added.length > 1) this.journeys.sort((a, b) => a.id - b.id)
      if (this.journeys.length > mostJourneys * 1.2) {
        for (const j of this.journeys.splice(0, this.journeys.length - mostJourneys)) this.#known.delete(j.id)
      }
    }
  }

  #reset(): void {
    this.flows.clear()
    this.generators = []
    this.ended = 0
  }
}
