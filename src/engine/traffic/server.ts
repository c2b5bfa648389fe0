import { serving, waitOf, type LoadMessage } from '../cri'
import { SECOND, type Micros } from '../sim'
import type { Leg } from './path'
import type { Plane } from './plane'
import type { ServerLoad } from './state'

/** Servers that are counted at once. */
const mostServers = 8_000

/** Work that may wait in a server; more is not believed to be done any more. Units: µs of its time. */
const mostWaiting = 10 * SECOND

/** CFS gives out a limited container's time in periods. Upstream: --cpu-cfs-quota-period */
const period = 100_000

/** The load of the server at the end of a way; undefined when it is not counted. */
export function serverOf(plane: Plane, leg: Leg): ServerLoad | undefined {
  const { end } = leg
  if (end.server === -2) end.server = find(plane, leg)
  return end.server < 0 ? undefined : plane.state.servers[end.server]
}

function find(plane: Plane, leg: Leg): number {
  const { container, sandbox } = leg
  if (container === null || sandbox === null) return -1
  const { state } = plane
  const known = state.serverOf.get(container.view.id)
  if (known !== undefined) return known
  if (state.servers.length >= mostServers) return -1
  const { cpu, wait, memory } = serving(container)
  const limit = container.cpuLimit / 1000
  const cores = plane.machine(leg.node)?.cores ?? 1
  // Programs' own requests are counted by the runtime: what waits there already, waits before this.
  const before = waitOf(container, plane.ctx.now)
  const own = limit > 0 ? Math.min(limit, cores) : cores
  state.servers.push({
    node: leg.node, uid: sandbox.uid, container: container.view.id, pod: leg.pod, cores: own, burst: limit > 0 ? limit * period : 0, cpu, wait, memory,
    work: before > 0 ? before * own + (limit > 0 ? limit * period : 0) : 0, at: plane.ctx.now, busy: 0, arrived: 0, stayed: 0, reported: false,
  })
  state.serverOf.set(container.view.id, state.servers.length - 1)
  return state.servers.length - 1
}

/**
 * A request meets its server: answers when it is done. The container's CPU is one queue that its limit drains; a limited container may use
 * a period's quota at once, then it is throttled. `quick`: a query that waits for nothing.
 */
export function meet(plane: Plane, leg: Leg, at: Micros, quick: boolean): Micros {
  const s = serverOf(plane, leg)
  if (s === undefined) return at + 200
  // Requests take unequally long: between half and one and a half times the mean.
  const cpu = Math.round(s.cpu * (0.5 + plane.ctx.rng.fraction()))
  if (at > s.at) {
    s.work = Math.max(0, s.work - (at - s.at) * s.cores)
    s.at = at
  }
  const waits = Math.max(0, s.work - s.burst) / s.cores
  s.arrived++
  if (waits < mostWaiting) {
    s.work += cpu
    s.busy += cpu
  }
  const takes = Math.round(waits + cpu / Math.min(1, s.burst > 0 && s.work <= s.burst ? 1 : s.cores)) + (quick ? 0 : s.wait)
  s.stayed += takes
  return at + takes
}

/** Tells the runtimes what requests cost their containers since the last report. Called once a second. */
export function report(plane: Plane, since: Micros): void {
  const { ctx, state } = plane
  const seconds = Math.max(0.001, (ctx.now - since) / SECOND)
  for (const s of state.servers) {
    if (s.arrived === 0 && !s.reported) continue
    const left = Math.max(0, s.work - Math.max(0, ctx.now - s.at) * s.cores)
    const inWork = (s.stayed / SECOND) / seconds
    // What is asked for beyond its limit is throttled: the runtime cuts it off.
    const cpuMillis = Math.round(Math.min(s.busy / 1000 / seconds, (plane.machine(s.node)?.cores ?? s.cores) * 1000))
    const message: LoadMessage = {
      type: 'cri/load', uid: s.uid, id: s.container,
      load: Object.freeze({ cpuMillis, memoryBytes: Math.round(Math.min(inWork, 2_000) * s.memory), wait: Math.round(Math.max(0, left - s.burst) / s.cores), at: ctx.now }),
    }
    plane.outer.post(`containerd@${s.node}`, message, ctx.cause)
    s.reported = s.arrived > 0
    s.busy = s.arrived = s.stayed = 0
  }
  // Containers come and go: when nothing is under way, the list begins anew.
  if (state.servers.length > 2_000 && state.flights.size === 0 && state.singles.size === 0 && state.generators.size === 0) {
    state.servers.length = 0
    state.serverOf.clear()
  }
}
