import type { FlowRow, GeneratorView, Journey, TrafficFrame } from '../../bridge/protocol'
import { notify } from './table'

/** Requests of one kind of way between two frames. They are taken to be sent evenly over the time between. Units: µs. */
export interface FlowSpan {
  readonly flow: number
  readonly from: number
  readonly to: number
  readonly sent: number
}

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
  /** By rising number. */
  journeys: Journey[] = []
  generators: readonly GeneratorView[] = []
  ended = 0
  version = 0
  /** Spans are known up to here. */
  #told = 0
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

  /** Another history begins after `at`: what came later never happened. */
  cutAfter(at: number): void {
    this.spans = this.spans.filter((span) => span.to <= at)
    this.journeys = this.journeys.filter((j) => j.at + j.latency <= at)
    this.#known.clear()
    for (const { id } of this.journeys) this.#known.add(id)
    this.#told = Math.min(this.#told, at)
    this.version++
  }

  /** Takes a frame's traffic in; `from` is the time of the frame before. True when something changed. */
  apply(frame: TrafficFrame | null, from: number, to: number, full: boolean): boolean {
    if (!frame) {
      const had = full && (this.flows.size > 0 || this.generators.length > 0)
      if (full) this.#reset()
      if (this.generators.length === 0 && !had) return false
      this.generators = []
      this.version++
      return true
    }
    if (full) this.flows.clear()
    for (const row of frame.flows) {
      const sent = row.sent - (this.flows.get(row.key)?.sent ?? 0)
      this.flows.set(row.key, row)
      if (!full && sent > 0 && to > this.#told) this.spans.push({ flow: row.key, from: Math.max(from, this.#told), to, sent })
    }
    this.#told = full ? Math.max(this.#told, this.spans.at(-1)?.to ?? 0) : Math.max(this.#told, to)
    if (this.spans.length > mostSpans * 1.2) this.spans = this.spans.slice(-mostSpans)
    this.#addJourneys(frame.journeys)
    this.ended = frame.ended
    this.generators = frame.generators
    this.version++
    return true
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
