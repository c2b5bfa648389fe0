import type { Micros } from '../sim'
import { rateAt } from './generators'
import { openSecond } from './stats'
import type { TrafficState } from './state'
import type { FlowView, GeneratorView, Journey, SecondStats } from './types'

/** The newest journeys of those that ended after the first `ended` ones, newest last; at most `most`. */
export function journeysSince(state: TrafficState, ended: number, most: number): readonly Journey[] {
  const n = Math.min(most, state.ended - ended, state.journeys.length)
  return n <= 0 ? [] : state.journeys.slice(-n)
}

/** The newest sampled journeys that were noted after number `last` and are still under way, oldest first; at most `most`. What they will have met by their end is in them already. */
export function journeysBegun(state: TrafficState, last: number, most: number): readonly Journey[] {
  if (state.nextJourney - 1 <= last) return []
  const out: Journey[] = []
  for (const [id, j] of state.underway) if (id > last) out.push(j)
  return out.length > most ? out.slice(-most) : out
}

/** Number of the newest journey: hand it to `journeysBegun` next time. */
export function newestJourney(state: TrafficState): number {
  return state.nextJourney - 1
}

/** How many journeys have ended: hand it to `journeysSince` next time. */
export function journeysEnded(state: TrafficState): number {
  return state.ended
}

/** One journey by its number, under way or over. */
export function journey(state: TrafficState, id: number): Journey | undefined {
  return state.underway.get(id) ?? state.journeys.findLast((j) => j.id === id)
}

/**
 * Kinds of ways whose counts have changed, at most `most`; `key` is a flow's place for ever. `seen` is the caller's memory: what he has been
 * told, by place. Empty: all are new.
 */
export function changedFlows(state: TrafficState, seen: number[], most: number): readonly (FlowView & { readonly key: number })[] {
  const out: (FlowView & { readonly key: number })[] = []
  for (let key = 0; key < state.flows.length && out.length < most; key++) {
    const f = state.flows[key] as (typeof state.flows)[number]
    // Counts only grow: their sum tells whether anything changed.
    let sum = f.sent
    for (const n of f.counts) sum += n
    if (sum === seen[key]) continue
    seen[key] = sum
    out.push({ key, client: f.client, entry: f.entry, service: f.service, pod: f.pod, node: f.node, sent: f.sent, counts: f.counts.slice() })
  }
  return out
}

/** The seconds of a Service, oldest first; the last one may still be filling. */
export function serviceSeconds(state: TrafficState, service: string, boot: Micros): readonly SecondStats[] {
  const stats = state.services.get(service)
  if (stats === undefined) return []
  const last = openSecond(stats)
  return (last ? [...stats.seconds, last] : stats.seconds).map((s) => ({ ...s, at: s.at - boot }))
}

/** The generators that run. */
export function generators(state: TrafficState, now: Micros, boot: Micros): readonly GeneratorView[] {
  return [...state.generators.values()].map((g) => ({ id: g.id, spec: g.spec, startedAt: g.startedAt - boot, rate: rateAt(g, now), sent: g.sent, inFlight: g.inFlight, skipped: g.skipped, counts: g.counts.slice() }))
}
