import { MS, SECOND, type Delivery, type HeldMessage, type HostId, type Micros, type ProcessId, type Refused, type Rng, type Simulation, type Transport, type World } from '../sim'

/** State of the network: which links are cut, and what waits for them to mend. */
export interface NetworkState {
  /** One-way latency between two hosts. Units: µs. */
  latency: Micros
  /** Up to this much is added at random. Units: µs. */
  jitter: Micros
  /** Latency inside one host. Units: µs. */
  local: Micros
  /** Cut links as `hostA|hostB` in code-unit order, and dark hosts as their name; with the time of the cut. */
  readonly cut: Map<string, Micros>
  /** TCP keeps trying: what was sent over a cut link, until it mends or the connection is given up. */
  readonly held: Map<string, HeldMessage[]>
  /** When the last message from one host to another arrives: a later one does not overtake it, as TCP has it. Bounds: hosts squared. */
  readonly arrival: Map<HostId, Map<HostId, Micros>>
}

/** A connection without an answer is given up after this long: HTTP/2 ping after 30 s of silence, 15 s to answer. Upstream: golang.org/x/net/http2, client-go's defaults. */
export const deadConnectionAfter = 45 * SECOND

const mostHeld = 20_000

/** How long messages are on their way. Units: µs. */
export interface LinkTimes {
  readonly latency: Micros
  /** Up to this much more, drawn for each message. */
  readonly jitter: Micros
  /** Between processes of one host. */
  readonly local: Micros
}

const dataCentre: LinkTimes = { latency: Math.round(0.5 * MS), jitter: Math.round(0.3 * MS), local: Math.round(0.05 * MS) }

/** A network without faults; its links are those of a data centre unless said otherwise. */
export function newNetwork(links: LinkTimes = dataCentre): NetworkState {
  return { latency: links.latency, jitter: links.jitter, local: links.local, cut: new Map(), held: new Map(), arrival: new Map() }
}

function link(a: HostId, b: HostId): string {
  return a < b ? `${a}|${b}` : `${b}|${a}`
}

function cutKey(state: NetworkState, a: HostId, b: HostId): string | undefined {
  if (state.cut.size === 0 || a === b) return undefined
  const key = link(a, b)
  return state.cut.has(key) ? key : state.cut.has(a) ? a : state.cut.has(b) ? b : undefined
}

/** Links with latency and cuts, under all processes. */
export const transport: Transport = {
  deliver(world: World, from: HostId, to: HostId, rng: Rng): Delivery {
    const state = world.network as NetworkState
    if (from === to) return state.local
    if (cutKey(state, from, to) !== undefined) return 'held'
    let last = state.arrival.get(from)
    if (last === undefined) state.arrival.set(from, (last = new Map()))
    const at = Math.max(world.now + state.latency + rng.below(state.jitter + 1), last.get(to) ?? 0)
    last.set(to, at)
    return at - world.now
  },
  hold(world: World, from: HostId, to: HostId, message: HeldMessage): void {
    const state = world.network as NetworkState
    const key = cutKey(state, from, to) as string
    let held = state.held.get(key)
    if (held === undefined) state.held.set(key, (held = []))
    if (held.length < mostHeld) held.push(message)
  },
}

/** True when packets can pass between two hosts now. */
export function reachable(world: World, a: HostId, b: HostId): boolean {
  return cutKey(world.network as NetworkState, a, b) === undefined
}

/** Cuts the link between two hosts, or a host from everyone (leave `b` out). */
export function cut(world: World, a: HostId, b?: HostId): void {
  const state = world.network as NetworkState
  const key = b === undefined ? a : link(a, b)
  if (!state.cut.has(key)) state.cut.set(key, world.now)
}

/** Mends a link; what TCP still held is delivered now, unless the connection was given up meanwhile. */
export function mend(sim: Simulation, a: HostId, b?: HostId): void {
  const state = sim.state.network as NetworkState
  const key = b === undefined ? a : link(a, b)
  if (!state.cut.delete(key)) return
  const held = state.held.get(key) ?? []
  state.held.delete(key)
  for (const m of held) {
    const sender = sim.state.processes.get(m.from)
    if (m.incarnation !== -1 && !(sender?.up && sender.incarnation === m.incarnation)) continue
    if (sim.state.processes.get(m.to)?.up) sim.post(m.to, m.message, m.cause)
    else if (m.incarnation !== -1) sim.post(m.from, { type: 'refused', to: m.to, message: m.message } as Refused, m.cause)
  }
}

/** Both ends of every connection over this cut give it up. Called by the cluster `deadConnectionAfter` µs after a cut that lasts. */
export function giveUp(sim: Simulation, a: HostId, b?: HostId): readonly { readonly tell: ProcessId; readonly peer: ProcessId }[] {
  const world = sim.state
  const state = world.network as NetworkState
  const key = b === undefined ? a : link(a, b)
  if (!state.cut.has(key)) return []
  state.held.delete(key)
  const crosses = (x: HostId, y: HostId) => x !== y && (b === undefined ? x === a || y === a : link(x, y) === key)
  const broken: { tell: ProcessId; peer: ProcessId }[] = []
  for (const [server, callers] of world.dialled)
    for (const caller of callers) {
      const s = world.processes.get(server)
      const c = world.processes.get(caller)
      if (s === undefined || c === undefined || !crosses(s.host, c.host)) continue
      callers.delete(caller)
      broken.push({ tell: server, peer: caller }, { tell: caller, peer: server })
    }
  return broken
}
