import type { Micros } from '../sim'
import { cut } from './log'
import type { Plane } from './plane'
import type { Generator, ServerLoad, TrafficState } from './state'
import { count, newStats } from './stats'
import { outcomeCode, outcomes, type Journey, type JourneyHop } from './types'

/** The grain of generated traffic. Units: µs. */
export const tick: Micros = 10_000

/** Journeys kept, the newest. */
const mostJourneys = 1_000

/** Services with statistics. */
const mostServices = 300

/** Numbers of one flight: at, finish, outcome, server, second, flow, generator, journey, timeout. */
const width = 9

/** A request is under way. Whether it ends well is judged when its time is over: its server may go before. */
export function launch(state: TrafficState, at: Micros, finish: Micros, outcome: number, server: number, second: number, flow: number, generator: number, journey: number, timeout: Micros): void {
  const slot = Math.floor(finish / tick)
  let list = state.flights.get(slot)
  if (list === undefined) state.flights.set(slot, (list = []))
  list.push(at, finish, outcome, server, second, flow, generator, journey, timeout)
}

/** Ends what is over by now. */
export function settle(plane: Plane): void {
  const { state, ctx } = plane
  const upTo = Math.floor(ctx.now / tick)
  if (state.flights.size === 0) {
    state.settledTo = upTo
    return
  }
  const byNumber: Generator[] = []
  for (const g of state.generators.values()) byNumber[g.number] = g
  for (let slot = state.settledTo; slot < upTo; slot++) {
    const list = state.flights.get(slot)
    if (list === undefined) continue
    state.flights.delete(slot)
    for (let i = 0; i < list.length; i += width) {
      const at = list[i] as number
      const finish = list[i + 1] as number
      const provisional = list[i + 2] as number
      const server = list[i + 3] as number
      const second = list[i + 4] as number
      const flow = list[i + 5] as number
      const generator = list[i + 6] as number
      const journey = list[i + 7] as number
      let outcome = provisional
      let over = finish
      if (server >= 0) {
        const fate = fateOf(plane, server, second, at, finish)
        if (fate.outcome === lost) {
          // Its machine went dark: the client does not know, and waits on.
          const timeout = list[i + 8] as number
          launch(state, at, Math.max(at + timeout, ctx.now), lost, -1, -1, flow, generator, journey, timeout)
          continue
        }
        if (fate.outcome !== 0) {
          outcome = fate.outcome
          over = fate.at
        }
      }
      if (flow >= 0) finishFlow(state, flow, outcome, finish, over - at)
      const g = byNumber[generator]
      if (g) {
        g.inFlight--
        g.counts[outcome] = (g.counts[outcome] as number) + 1
      }
      if (journey > 0) endJourney(plane, journey, outcome, over)
    }
  }
  state.settledTo = upTo
}

const lost = outcomeCode.timeout
const fate = { outcome: 0, at: 0 as Micros }

/** What became of a request's servers until its end: 0 nothing; reset, refused, or lost with the machine. */
export function fateOf(plane: Plane, server: number, second: number, at: Micros, finish: Micros): { outcome: number; at: Micros } {
  fate.outcome = 0
  fate.at = finish
  for (let k = 0; k < 2; k++) {
    const place = k === 0 ? server : second
    const s = place < 0 ? undefined : plane.state.servers[place]
    if (s === undefined) continue
    const died = deathOf(plane, s)
    if (died === undefined || died >= finish) continue
    // A server behind the first is the first one's trouble: it answers an error.
    if (k === 1) fate.outcome = outcomeCode['server-error']
    else if (died < 0) fate.outcome = lost
    else {
      fate.outcome = died <= at ? outcomeCode.refused : outcomeCode.reset
      fate.at = Math.max(at, died)
    }
    break
  }
  return fate
}

/** When a server's container ended; undefined: it runs. -1: its machine is lost. Looked up once for an instant. */
function deathOf(plane: Plane, s: ServerLoad): Micros | undefined {
  const known = plane.deaths.get(s.container)
  if (known !== undefined) return known === Number.MAX_SAFE_INTEGER ? undefined : known
  const runtime = plane.runtime(s.node)
  let died: Micros | undefined
  if (runtime === undefined || !plane.passes(s.node, 'outside')) died = -1
  else {
    const container = runtime.pods.get(s.uid)?.containers.find((c) => c.view.id === s.container)
    died = container === undefined ? plane.ctx.now - tick : container.view.state === 'running' ? undefined : container.view.finishedAt
  }
  plane.deaths.set(s.container, died ?? Number.MAX_SAFE_INTEGER)
  return died
}

/** Counts an ended request in its flow and its Service. */
export function finishFlow(state: TrafficState, place: number, outcome: number, at: Micros, latency: Micros): void {
  const flow = state.flows[place]
  if (flow === undefined) return
  flow.counts[outcome] = (flow.counts[outcome] as number) + 1
  if (flow.service === '') return
  let stats = state.services.get(flow.service)
  if (stats === undefined) {
    if (state.services.size >= mostServices) return
    state.services.set(flow.service, (stats = newStats()))
  }
  count(stats, at, outcome, latency)
}

/** A sampled journey is over. */
export function endJourney(plane: Plane, id: number, outcome: number, over: Micros): void {
  const { state } = plane
  const j = state.underway.get(id)
  if (j === undefined) return
  state.underway.delete(id)
  const name = outcomes[outcome] as Journey['outcome']
  const at = j.at + plane.outer.boot
  const latency = over - at
  let { hops, trips } = j
  if (name !== j.outcome) {
    const text = name === 'reset' ? `${j.pod} went away in the middle of it: reset` : name === 'refused' ? `${j.pod} had just gone: refused` : name === 'timeout' ? `no answer from ${j.node} any more` : `a server behind ${j.pod} went away`
    const hop: JourneyHop = { kind: 'end', after: latency, where: j.node, text, ok: false, depth: 0, pod: j.pod, trip: 0 }
    trips = Object.freeze(trips.map((t, i) => (i === 0 ? Object.freeze({ ...cut(t, latency), end: latency, outcome: name, stops: 'pod' as const }) : cut(t, latency))))
    hops = Object.freeze([...hops.filter((h) => h.after <= latency && h.kind !== 'end'), Object.freeze(hop)])
  }
  keep(state, Object.freeze({ ...j, outcome: name, latency, hops, trips, status: name === j.outcome || name === 'server-error' ? j.status : 0 }))
}

/** Keeps a journey among the newest. */
function keep(state: TrafficState, journey: Journey): void {
  state.journeys.push(journey)
  state.ended++
  if (state.journeys.length > mostJourneys * 1.2) state.journeys = state.journeys.slice(-mostJourneys)
}

