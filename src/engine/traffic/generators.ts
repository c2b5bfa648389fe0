import { SECOND, type Micros } from '../sim'
import { legTo } from './path'
import { launch, tick } from './flights'
import { zeros } from './flows'
import { JourneyLog } from './log'
import { planFor, type Plan } from './plan'
import type { Plane } from './plane'
import { newResult, send } from './request'
import type { Connection, Generator } from './state'
import { outcomeCode, outcomes, type GeneratorSpec, type Journey } from './types'

/** Requests of one generator that may be under way. */
const mostInFlight = 50_000

/** Journeys of one generator in a second, of failures and others. */
const mostSampled = 30

/** Sampled journeys of all that may be under way. */
const mostUnderway = 4_000

/** Patience of a client. Units: ms. */
export const defaultTimeout = 5_000

/** Most requests of one generator in a tick. */
const mostInTick = 20_000

/** Makes a generator. `credit` begins with one request, so that something is seen at once. */
export function newGenerator(id: string, number: number, spec: GeneratorSpec, at: Micros, cause: number): Generator {
  const { pattern } = spec
  const users = new Float64Array(pattern.kind === 'closed' ? Math.min(10_000, Math.max(0, Math.floor(pattern.users))) : 0)
  // Users do not all begin at once.
  for (let i = 0; i < users.length; i++) users[i] = at + Math.floor((i * Math.max(tick, (pattern as { thinkMs: number }).thinkMs * 1000)) / users.length)
  const connections = spec.keepAlive === true ? Math.min(1_000, Math.max(1, spec.connections ?? 10)) : 0
  return { id, number, spec, startedAt: at, cause, credit: 1, sent: 0, skipped: 0, inFlight: 0, users, connections: new Array<Connection | null>(connections).fill(null), nextConnection: 0, hunting: 0, sampled: 0, counts: zeros() }
}

/** Requests a second that a generator wants to send at a time. Closed loops have no rate of their own: 0. */
export function rateAt(g: Generator, at: Micros): number {
  const seconds = (at - g.startedAt) / SECOND
  const { pattern: p } = g.spec
  switch (p.kind) {
    case 'constant':
      return p.rate
    case 'ramp':
      return seconds >= p.seconds ? p.to : p.from + ((p.to - p.from) * seconds) / p.seconds
    case 'spike':
      return seconds >= p.after && seconds < p.after + p.seconds ? p.peak : p.base
    case 'closed':
      return 0
  }
}

const r = newResult()

/** Sends what a generator sends in the tick that begins now. */
export function emit(plane: Plane, g: Generator): void {
  const { ctx } = plane
  const plan = planFor(plane, g.spec)
  if ('error' in plan) return
  const timeout = (g.spec.timeoutMs ?? defaultTimeout) * 1000
  if (ctx.now % SECOND < tick) g.sampled = 0
  if (g.users.length > 0) {
    const think = (g.spec.pattern as { thinkMs: number }).thinkMs * 1000
    for (let u = 0; u < g.users.length; u++) {
      let next = g.users[u] as number
      // A fast server may answer a user several times in one tick.
      for (let k = 0; k < 100 && next < ctx.now + tick; k++) {
        one(plane, g, plan, Math.max(next, ctx.now), timeout)
        next = r.finish + think
      }
      g.users[u] = next
    }
    return
  }
  g.credit += (rateAt(g, ctx.now) * tick) / SECOND
  const n = Math.min(mostInTick, Math.floor(g.credit))
  if (n === 0) return
  g.credit = Math.min(g.credit - n, 1)
  for (let i = 0; i < n; i++) {
    if (g.inFlight >= mostInFlight) {
      g.skipped += n - i
      return
    }
    one(plane, g, plan, ctx.now + Math.floor(((i + ctx.rng.fraction()) * tick) / n), timeout)
  }
}

/** Sends one request; what came of it is in `r`. */
function one(plane: Plane, g: Generator, plan: Plan, at: Micros, timeout: Micros): void {
  const { state } = plane
  const rate = g.users.length > 0 ? g.users.length * 10 : rateAt(g, at)
  const stride = Math.max(1, Math.ceil(rate / 15))
  const sample = g.sampled < mostSampled && plane.state.underway.size < mostUnderway && (g.hunting > 0 || g.sent % stride === 0)
  const log = sample ? new JourneyLog(at) : null
  let slot = -1
  let connection: Connection | null = null
  if (g.connections.length > 0) {
    slot = idleConnection(g, at)
    connection = slot < 0 ? null : usable(plane, plan, g.connections[slot] as Connection | null)
  }
  send(plane, plan, at, timeout, r, log, connection, 0)
  if (slot >= 0) g.connections[slot] = kept(plane, plan, connection)
  g.sent++
  g.inFlight++
  const flow = r.flow < 0 ? undefined : state.flows[r.flow]
  if (flow) flow.sent++
  let journey = 0
  if (r.outcome !== 0 && log === null) g.hunting = Math.min(20, g.hunting + 2)
  if (log !== null) {
    const regular = g.sent % stride === 1 || stride === 1
    if (g.hunting > 0) g.hunting--
    if (regular || r.outcome !== 0) {
      g.sampled++
      journey = note(plane, g.id, plan, log)
    }
  }
  launch(state, at, r.finish, r.outcome, r.server, r.second, r.flow, g.number, journey, timeout)
}

function idleConnection(g: Generator, at: Micros): number {
  const n = g.connections.length
  for (let i = 0; i < n; i++) {
    const k = (g.nextConnection + i) % n
    const c = g.connections[k]
    if (c == null || c.busyUntil <= at) {
      g.nextConnection = (k + 1) % n
      return k
    }
  }
  return -1
}

/** A kept connection, when it still stands: its server has not closed it. A dark machine closes nothing. */
function usable(plane: Plane, plan: Plan, c: Connection | null): Connection | null {
  if (c === null) return null
  const leg = legTo(plane, plan.client, c.entry || plan.client.host, plan.client.ip, c.ip, c.port, plan.target.protocol)
  if (leg.outcome === outcomeCode.timeout || leg.outcome === outcomeCode.policy) return c
  return leg.outcome === 0 && leg.container?.view.id === c.container ? c : null
}

function kept(plane: Plane, plan: Plan, before: Connection | null): Connection | null {
  const { leg, dest } = r
  if (r.outcome !== 0 || leg?.container == null) return null
  const flow = plane.state.flows[r.flow]
  return { service: flow?.service ?? '', entry: before?.entry ?? (dest && dest.list.length > 0 ? dest.entry : ''), ip: leg.ip, port: leg.port, container: leg.container.view.id, busyUntil: r.finish }
}

/** Notes a journey that is under way; answers its number. The last result is its. */
export function note(plane: Plane, generator: string, plan: Plan, log: JourneyLog, result = r): number {
  const { state, outer } = plane
  const id = state.nextJourney++
  const flow = result.flow < 0 ? undefined : state.flows[result.flow]
  const { target } = plan
  const latency = result.finish - log.at
  const journey: Journey = {
    id, at: log.at - outer.boot, generator, client: plan.client.label, asked: `${target.scheme}://${target.host}:${target.port}${target.path === '/' ? '' : target.path}`, service: flow?.service ?? '', entry: flow?.entry ?? '',
    endpoint: result.leg ? `${result.leg.ip}:${result.leg.port}` : '', pod: flow?.pod ?? '', node: flow?.node ?? '', outcome: outcomes[result.outcome] as Journey['outcome'], status: result.status, latency, kept: result.kept, ...log.seen(latency),
  }
  state.underway.set(id, Object.freeze(journey))
  return id
}

/** Whether a generator has run its time. */
export function isOver(g: Generator, now: Micros): boolean {
  return g.spec.seconds !== undefined && now >= g.startedAt + g.spec.seconds * SECOND
}
