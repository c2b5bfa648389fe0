import { httpAnswer, serving } from '../cri'
import type { Micros } from '../sim'
import { aimOf, isMadeFor } from './calls'
import { destOf, flowAt, legOf, pick, ruleHop, type Dest } from './entry'
import { launch } from './flights'
import { flowOf } from './flows'
import { stopOf, type JourneyLog, type OpenTrip } from './log'
import { lookUp, newLookup } from './names'
import { failsAfter, legHops, legTo, unheardPolicies, type Leg } from './path'
import { planFor, type Plan } from './plan'
import type { Plane } from './plane'
import { proxy } from './proxy'
import { meet, serverOf } from './server'
import type { Connection } from './state'
import { outcomeCode } from './types'

/** What came of a request, as far as it can be known when it is sent. Filled by `send`. */
export interface Result {
  outcome: number
  /** When it is over. */
  finish: Micros
  status: number
  /** Places in `servers`: who answers, and whom it needs last for that. -1: nobody. */
  server: number
  second: number
  flow: number
  dest: Dest | null
  leg: Leg | null
  /** The way to the server that gave the answer: behind an ingress controller, its upstream. */
  answers: Leg | null
  kept: boolean
}

/** An empty result, to be filled again and again. */
export function newResult(): Result {
  return { outcome: 0, finish: 0, status: 0, server: -1, second: -1, flow: -1, dest: null, leg: null, answers: null, kept: false }
}

/** How deep calls may lead to calls, and how many one request may lead to. */
const deepest = 5
const mostCallsOfOne = 64
const scratch: readonly Result[] = Array.from({ length: deepest + 2 }, newResult)
const look = newLookup(0)
let callsLeft = 0

/** A request from its client to its end, at once: every decision by the state that the components are in now. `log` collects its stations, when somebody wants to see. */
export function send(plane: Plane, plan: Plan, at: Micros, timeout: Micros, r: Result, log: JourneyLog | null, connection: Connection | null, depth: number): void {
  if (depth === 0) callsLeft = mostCallsOfOne
  if (log === null) return go(plane, plan, at, timeout, r, null, null, connection, depth)
  const { client, target } = plan
  const trip = log.open(depth === 0 ? 'request' : 'call', client, `${target.scheme}://${target.host}:${target.port}${target.path === '/' ? '' : target.path}`, at)
  go(plane, plan, at, timeout, r, log, trip, connection, depth)
  const { leg, dest } = r
  trip.entry = dest?.entry ?? connection?.entry ?? ''
  trip.service = dest?.rules ? `${dest.rules.namespace}/${dest.rules.service}` : (connection?.service ?? '')
  if (leg) Object.assign(trip, { pod: leg.pod, node: leg.node, endpoint: `${leg.ip}:${leg.port}` })
  log.close(trip, r.finish, r.outcome, stopOf(r))
}

function go(plane: Plane, plan: Plan, at: Micros, timeout: Micros, r: Result, log: JourneyLog | null, trip: OpenTrip | null, connection: Connection | null, depth: number): void {
  const { client, target } = plan
  r.outcome = 0
  r.status = 0
  r.server = r.second = r.flow = -1
  r.dest = null
  r.leg = null
  r.answers = null
  r.kept = connection !== null
  if (client.gone !== '') {
    log?.hop(at, { kind: 'client', where: client.host, text: client.gone, ok: false, depth })
    return end(plane, plan, r, outcomeCode['client-gone'], at)
  }
  const deadline = at + timeout
  if (depth === 0) log?.hop(at, { kind: 'client', where: client.host, text: `${client.label} sends ${plan.line}to ${target.scheme}://${target.host}:${target.port}${target.path}`, ok: true, depth })
  let now = at
  let leg: Leg
  if (connection !== null) {
    leg = legTo(plane, client, connection.entry || client.host, client.ip, connection.ip, connection.port, target.protocol)
    log?.hop(at, { kind: 'client', where: client.host, text: `over a kept connection to ${connection.ip}:${connection.port}: conntrack knows its way`, ok: true, depth, pod: leg.pod })
    r.leg = leg
    r.flow = flowOf(plane.state, client.label, connection.entry, connection.service, leg.pod, leg.node)
  } else {
    if (!target.literal) {
      look.at = now
      lookUp(plane, plan, look, depth, log)
      now = look.at
      if (trip) log?.leave(trip, now)
      if (look.outcome !== 0 || now >= deadline) return end(plane, plan, r, look.outcome || outcomeCode['dns-timeout'], Math.min(now, deadline))
    }
    const ip = target.literal ? target.host : look.ip
    let dest = plan.ip === ip && plan.dest ? plan.dest : ((plan.ip = ip), (plan.dest = destOf(plane, client, ip, target.port, target.protocol)))
    if (dest.choices.length > 0) {
      const node = plane.ctx.rng.pick(dest.choices)
      if (trip) trip.balancer = dest.balancer
      log?.hop(now, { kind: 'balancer', where: 'cloud', text: `${dest.balancer} at ${ip} chooses ${node}, one of ${dest.choices.length} healthy nodes`, ok: true, depth })
      dest = destOf(plane, client, ip, target.port, target.protocol, node)
    } else if (trip) trip.balancer = dest.balancer
    r.dest = dest
    now += dest.toEntry
    if (trip) log?.arrive(trip, now)
    if (dest.outcome !== 0) {
      log?.hop(now, dest.rules || dest.entry ? ruleHop(plane, client, dest, -1, false, depth) : { kind: 'network', where: client.host, text: dest.text, ok: false, depth })
      const quick = dest.outcome === outcomeCode['no-endpoints'] || dest.outcome === outcomeCode.refused
      return end(plane, plan, r, dest.outcome, quick ? Math.min(now + dest.toEntry + 50, deadline) : deadline)
    }
    const chosen = dest.list.length > 0 ? pick(plane, client, dest, now) : undefined
    const place = chosen?.place ?? 0
    if (chosen) log?.hop(now, ruleHop(plane, client, dest, place, chosen.sticky, depth))
    leg = legOf(plane, client, dest, place)
    r.leg = leg
    r.flow = flowAt(plane, client, dest, place, leg)
  }
  if (log) {
    unheardPolicies(plane, leg, client, now, depth, log)
    legHops(leg, client, now, depth, log)
  }
  if (leg.outcome !== 0) {
    const fails = failsAfter(leg)
    if (trip) log?.arrive(trip, now + leg.oneWay)
    return end(plane, plan, r, leg.outcome, fails === undefined ? deadline : Math.min(deadline, now + fails))
  }
  const back = leg.oneWay + (r.dest?.toEntry ?? 0)
  // TCP asks for the connection first; a kept one is there already, and UDP needs none.
  const jitter = plane.network.jitter > 0 && leg.from !== leg.node ? plane.ctx.rng.below(plane.network.jitter + 1) : 0
  now += leg.oneWay + jitter + (r.kept || target.protocol === 'udp' ? 0 : 2 * back)
  serverOf(plane, leg)
  r.server = leg.end.server
  const arrived = now
  now = serve(plane, plan, leg, now, deadline, r, log, depth)
  if (trip) log?.arrive(trip, arrived, now)
  now += back
  if (now > deadline) {
    log?.hop(at + timeout, { kind: 'end', where: client.host, text: `${client.label} has waited ${timeout / 1_000_000} s and gives up`, ok: false, depth })
    r.status = 0 // whoever gave up never sees it
    return end(plane, plan, r, outcomeCode.slow, deadline)
  }
  if (depth === 0) log?.hop(now, { kind: 'end', where: client.host, text: r.status > 0 ? `${client.label} has its answer: ${r.status}` : `${client.label} has its answer`, ok: r.outcome === 0, depth })
  r.finish = now
}

/** It is over before a server took it. */
function end(plane: Plane, plan: Plan, r: Result, outcome: number, finish: Micros): void {
  r.outcome = outcome
  r.finish = finish
  if (r.flow >= 0) return
  const { dest } = r
  if (dest && dest.failFlow >= 0) r.flow = dest.failFlow
  else {
    r.flow = flowOf(plane.state, plan.client.label, dest?.entry ?? '', dest?.rules ? `${dest.rules.namespace}/${dest.rules.service}` : '', '', '')
    if (dest) dest.failFlow = r.flow
  }
}

/** The server's work, and what it asks of others. Answers when its answer leaves. */
export function serve(plane: Plane, plan: Plan, leg: Leg, at: Micros, deadline: Micros, r: Result, log: JourneyLog | null, depth: number): Micros {
  const container = leg.container
  if (container === null) return at
  const { target } = plan
  const speaksHttp = target.scheme === 'http' || target.scheme === 'https'
  if (container.process.startsWith('ingress-controller@')) return proxy(plane, plan, leg, at, deadline, r, log, depth, serve)
  let now = meet(plane, leg, at, false)
  r.answers = leg
  if (speaksHttp) {
    const line = plan.method === 'GET' ? target.path : `${plan.method} ${target.path}`
    let status = leg.end.status.get(line)
    if (status === undefined) leg.end.status.set(line, (status = httpAnswer(container, { method: plan.method, port: leg.port, path: target.path, agent: 'kubeloop', from: plan.client.ip }, plane.ctx).status))
    r.status = status
    if (status === 0) {
      // It speaks another protocol: it hangs up on a GET. For a person that is a reset.
      log?.hop(now, { kind: 'server', where: leg.node, text: `${leg.pod} speaks no HTTP on port ${leg.port} and hangs up`, ok: false, depth, pod: leg.pod })
      r.outcome = outcomeCode.reset
      return now
    }
  }
  const { calls } = serving(container)
  for (const call of calls) {
    if (depth >= deepest || callsLeft <= 0 || !isMadeFor(call, target.path) || (call.every > 1 && plane.ctx.rng.below(call.every) !== 0)) continue
    const inner = scratch[depth + 1] as Result
    const slash = leg.pod.indexOf('/')
    const namespace = leg.pod.slice(0, slash)
    const to = aimOf(plane, call, namespace)
    const next = planFor(plane, { from: { kind: 'pod', namespace, name: leg.pod.slice(slash + 1) }, to })
    if ('error' in next) continue
    callsLeft--
    log?.hop(now, { kind: 'call', where: leg.node, text: `${leg.pod} asks ${to.replace(/^tcp:\/\//, '')} before it answers`, ok: true, depth: depth + 1, pod: leg.pod })
    send(plane, next, now, Math.max(1, Math.min(5_000_000, deadline - now)), inner, log, null, depth + 1)
    countInner(plane, inner, now)
    now = inner.finish
    r.second = inner.server
    if (inner.outcome !== 0 && !call.optional) {
      r.outcome = outcomeCode['server-error']
      r.status = speaksHttp ? 500 : 0
      break
    }
  }
  if (r.outcome === 0 && r.status >= 500) r.outcome = outcomeCode['server-error']
  log?.hop(now, { kind: 'server', where: leg.node, text: `${leg.pod} answers${r.status > 0 ? ` ${r.status}` : ''}`, ok: r.outcome === 0, depth, pod: leg.pod })
  return now
}

function countInner(plane: Plane, inner: Result, at: Micros): void {
  const flow = inner.flow < 0 ? undefined : plane.state.flows[inner.flow]
  if (flow === undefined) return
  flow.sent++
  launch(plane.state, at, inner.finish, inner.outcome, inner.server, inner.second, inner.flow, 0, 0, 5_000_000)
}
