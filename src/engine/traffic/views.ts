import type { Micros } from '../sim'
import { rateAt } from './generators'
import { openSecond } from './stats'
import type { TrafficState } from './state'
import type { FlowView, GeneratorView, Journey, SecondStats } from './types'

/** Journeys that ended after number `after`, newest last; at most `most`. */
export function journeysSince(state: TrafficState, after: number, most: number): readonly Journey[] {
  const out: Journey[] = []
  for (let i = state.journeys.length - 1; i >= 0 && out.length < most && i >= state.journeys.length - 2_000; i--) {
    const j = state.journeys[i] as Journey
    if (j.id > after) out.push(j)
  }
  return out.reverse()
}

/** One journey by its number, under way or over. */
export function journey(state: TrafficState, id: number): Journey | undefined {
  return state.underway.get(id) ?? state.journeys.findLast((j) => j.id === id)
}

/** All kinds of ways with their counts. */
export function flows(state: TrafficState): readonly FlowView[] {
  return state.flows.map((f) => ({ client: f.client, entry: f.entry, service: f.service, pod: f.pod, node: f.node, sent: f.sent, counts: f.counts.slice() }))
}

/** The seconds of a Service, oldest first; the last one may still be filling. */
export function serviceSeconds(state: TrafficState, service: string): readonly SecondStats[] {
  const stats = state.services.get(service)
  if (stats === undefined) return []
  const last = openSecond(stats)
  return last ? [...stats.seconds, last] : stats.seconds
}

/** The generators that run. */
export function generators(state: TrafficState, now: Micros): readonly GeneratorView[] {
  return [...state.generators.values()].map((g) => ({ id: g.id, spec: g.spec, startedAt: g.startedAt, rate: rateAt(g, now), sent: g.sent, inFlight: g.inFlight, skipped: g.skipped, counts: g.counts.slice() }))
}
