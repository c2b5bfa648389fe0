import { routeRequest, type Backend, type IngressState, type RequestLine, type Route } from '../ingress-controller'
import type { Micros } from '../sim'
import { launch } from './flights'
import { flowOf } from './flows'
import type { JourneyLog } from './log'
import { failsAfter, legHops, legTo, type Leg } from './path'
import type { Plan } from './plan'
import type { Client, Plane } from './plane'
import type { Result } from './request'
import { meet, serverOf } from './server'
import { outcomeCode } from './types'

/** How often nginx tries another upstream. Upstream: ingress-nginx proxy-next-upstream "error timeout", proxy-next-upstream-tries 3, proxy-connect-timeout 5 */
const upstreamTries = 3
const connectTimeout: Micros = 5_000_000

/** What a server does with a request; answers when its answer leaves. */
type Serve = (plane: Plane, plan: Plan, leg: Leg, at: Micros, deadline: Micros, r: Result, log: JourneyLog | null, depth: number) => Micros

/**
 * An ingress controller's work: it ends the connection, reads the request, and asks an endpoint itself, past kube-proxy. `serve` is what the
 * endpoint does with it.
 */
export function proxy(plane: Plane, plan: Plan, leg: Leg, at: Micros, deadline: Micros, r: Result, log: JourneyLog | null, depth: number, serve: Serve): Micros {
  const state = plane.process<IngressState>(leg.container?.process ?? '')
  let now = meet(plane, leg, at, true)
  const say = (text: string, ok: boolean) => log?.hop(now, { kind: 'proxy', where: leg.node, text: `${leg.pod}: ${text}`, ok, depth, pod: leg.pod })
  const answer = (status: number): Micros => {
    r.status = status
    if (status === 0) r.outcome = outcomeCode.reset
    if (status >= 500) r.outcome = outcomeCode['server-error']
    return now
  }
  if (state === undefined) return answer(502)
  const route = decide(plane, plan, leg, state)
  if (plan.target.scheme === 'https' && route.certificate !== '') say(`ends TLS with ${route.certificate}`, true)
  if (route.kind === 'status') {
    say(route.status === 0 ? `${route.text}: it hangs up` : `${route.text}: ${route.status}`, route.status > 0 && route.status < 500)
    return answer(route.status)
  }
  const backend = choose(plane, route)
  if (backend.status !== 0) {
    say(`${route.text}: ${backend.text}: ${backend.status}`, false)
    return answer(backend.status)
  }
  const { endpoints } = backend
  const slash = leg.pod.indexOf('/')
  const self = plane.client({ kind: 'pod', namespace: leg.pod.slice(0, slash), name: leg.pod.slice(slash + 1) })
  const limit = Math.min(deadline, route.timeout === undefined ? deadline : now + route.timeout)
  for (const { backend: copy, share, of } of route.mirrors ?? [])
    if (copy.endpoints.length > 0 && (share >= of || plane.ctx.rng.below(of) < share)) say(`a copy goes to Service ${copy.service}, and nobody waits for its answer: ${mirror(plane, leg, self, copy, now)}`, true)
  for (let i = 0; i < upstreamTries; i++) {
    const turn = nextTurn(plane, leg, backend)
    const e = endpoints[turn] as (typeof endpoints)[number]
    say(`${route.text}: ${backend.text}: to ${e.ip}:${e.port}, ${turn + 1} of ${endpoints.length} in turn, past the Service's address`, true)
    const next = legTo(plane, self, self.host, self.ip, e.ip, e.port, 'tcp')
    const trip = log?.open('proxy', self, `http://${e.ip}:${e.port}`, now)
    if (trip) Object.assign(trip, { service: backend.service, pod: next.pod, node: next.node, endpoint: `${e.ip}:${e.port}` })
    if (log) legHops(next, self, now, depth, log)
    if (next.outcome === 0) {
      serverOf(plane, next)
      r.second = next.end.server
      const flow = flowOf(plane.state, leg.pod, '', backend.service, next.pod, next.node)
      const inner: Plan = { ...plan, client: self, target: { ...plan.target, scheme: 'http', path: route.path }, host: route.host, names: [], ip: '', dest: null, server: null }
      const arrived = now + 3 * next.oneWay
      const left = serve(plane, inner, next, arrived, deadline, r, log, depth)
      now = left + next.oneWay
      if (log && trip) {
        log.arrive(trip, arrived, left)
        log.close(trip, now, r.outcome, 'pod')
      }
      const f = plane.state.flows[flow]
      if (f) f.sent++
      launch(plane.state, at, now, r.outcome, next.end.server, -1, flow, 0, 0, connectTimeout)
      if (now > limit && limit < deadline) {
        // It gives up; the endpoint works on, for nobody.
        now = limit
        say(`${route.text}: no answer within ${(route.timeout ?? 0) / 1000} ms: 504`, false)
        return answer(504)
      }
      if (r.outcome === outcomeCode.reset) r.outcome = 0
      else return now
      return answer(502)
    }
    if (log && trip) log.arrive(trip, now + next.oneWay)
    now += failsAfter(next) ?? connectTimeout
    if (log && trip) log.close(trip, now, next.outcome, next.outcome === outcomeCode.refused ? 'pod' : 'network')
    if (i === upstreamTries - 1 || now > deadline) return answer(failsAfter(next) === undefined ? 504 : 502)
  }
  return now
}

/** The place of the endpoint whose turn it is. */
function nextTurn(plane: Plane, leg: Leg, { service, endpoints }: Backend): number {
  const key = `${leg.pod}|${service}`
  const turn = plane.state.turns.get(key) ?? plane.ctx.rng.below(endpoints.length)
  plane.state.turns.set(key, (turn + 1) % 1_000_000)
  return turn % endpoints.length
}

/** Sends a copy of a request: it costs its server the same. Answers where it went. */
function mirror(plane: Plane, leg: Leg, self: Client, copy: Backend, at: Micros): string {
  const e = copy.endpoints[nextTurn(plane, leg, copy)] as Backend['endpoints'][number]
  const next = legTo(plane, self, self.host, self.ip, e.ip, e.port, 'tcp')
  if (next.outcome !== 0) return next.text
  serverOf(plane, next)
  const done = meet(plane, next, at + 3 * next.oneWay, false) + next.oneWay
  const flow = flowOf(plane.state, leg.pod, '', copy.service, next.pod, next.node)
  const f = plane.state.flows[flow]
  if (f) f.sent++
  launch(plane.state, at, done, 0, next.end.server, -1, flow, 0, 0, connectTimeout)
  return next.pod
}

/** What the controller decides; of equal requests at one instant once. */
function decide(plane: Plane, plan: Plan, leg: Leg, state: IngressState): Route {
  const { target, host, method, headers } = plan
  const key = `${leg.pod} ${leg.port} ${target.scheme} ${host} ${plan.line}${target.path}`
  let route = plane.routes.get(key)
  if (route === undefined) {
    const line: RequestLine = { host, path: target.path, tls: target.scheme === 'https', port: leg.port, method, headers }
    plane.routes.set(key, (route = routeRequest(state, line)))
  }
  return route
}

/** Chooses among the places of a route by their weights. */
function choose(plane: Plane, route: Route & { readonly kind: 'upstream' }): Backend {
  let left = route.backends.length > 1 ? plane.ctx.rng.below(route.total) : 0
  for (const b of route.backends) {
    if (left < b.weight) return b
    left -= b.weight
  }
  return route.backends.at(-1) as Backend
}
