import type { Micros } from '../sim'
import type { ServedMessage } from '../cri'
import type { ServiceStats } from './stats'
import type { GeneratorSpec, Journey } from './types'

/** A server as the wire knows it: a container, and the work that waits in it. */
export interface ServerLoad {
  readonly node: string
  readonly uid: string
  readonly container: string
  /** `namespace/name` of its pod. */
  readonly pod: string
  /** CPU it may use. Units: µs of work per µs, i.e. cores. */
  readonly cores: number
  /** CPU time that it may use at once though it is limited: one CFS period's quota. Units: µs. 0: not limited. */
  readonly burst: Micros
  /** CPU time of one request, its waiting, and its memory. */
  readonly cpu: Micros
  readonly wait: Micros
  readonly memory: number
  /** CPU time that waits, as of `at`. Units: µs. */
  work: number
  at: Micros
  /** CPU time asked for since the last report. */
  busy: number
  /** Requests since the last report, and how long they stayed. */
  arrived: number
  stayed: number
  /** The last report said that it does something. */
  reported: boolean
}

/** Requests of one kind of way. `counts` by place in `outcomes`. */
export interface Flow {
  readonly client: string
  readonly entry: string
  readonly service: string
  readonly pod: string
  readonly node: string
  sent: number
  readonly counts: number[]
}

/** A kept connection: where it goes is decided. */
export interface Connection {
  readonly service: string
  readonly entry: string
  readonly ip: string
  readonly port: number
  /** Container at its other end. */
  readonly container: string
  /** It is in use until then. */
  busyUntil: Micros
}

/** A running generator. */
export interface Generator {
  readonly id: string
  /** Tells generators apart for ever. */
  readonly number: number
  readonly spec: GeneratorSpec
  readonly startedAt: Micros
  readonly cause: number
  /** Requests that are due but were not sent, a fraction. */
  credit: number
  sent: number
  skipped: number
  inFlight: number
  /** Closed loop: when each user sends next. */
  readonly users: Float64Array
  readonly connections: (Connection | null)[]
  nextConnection: number
  /** Failures were seen that no journey tells of: so many requests are looked at closely. */
  hunting: number
  /** Journeys of this second. */
  sampled: number
  readonly counts: number[]
}

/** A request of a person under way. */
export interface Single {
  /** What its server logs, and on which node; null: nothing. */
  readonly served: { readonly node: string; readonly message: ServedMessage } | null
  /** What it says, for who asks. */
  readonly body: string
  readonly at: Micros
  readonly finish: Micros
  readonly outcome: number
  readonly server: number
  readonly second: number
  readonly flow: number
  readonly timeout: Micros
  /** Another process wants to know what came of it (`traffic/ask`). */
  readonly ask?: { readonly to: string; readonly id: number } | undefined
}

/**
 * State of the process `traffic`. Bounds: flows 4,000, servers 8,000, journeys 1,000, services 300; flights by the generators' own bound.
 * `flights`: requests under way by the 10 ms in which they end, packed as numbers (see flights.ts).
 */
export interface TrafficState {
  readonly generators: Map<string, Generator>
  nextGenerator: number
  nextJourney: number
  readonly flights: Map<number, number[]>
  /** Sampled journeys under way, by id. */
  readonly underway: Map<number, Journey>
  readonly singles: Map<number, Single>
  /** Newest last. */
  journeys: Journey[]
  /** How many journeys have ended. */
  ended: number
  readonly servers: ServerLoad[]
  readonly serverOf: Map<string, number>
  readonly flows: Flow[]
  readonly flowOf: Map<string, number>
  /** ClientIP affinity as packets left it in the kernels: `node|chain|client` → endpoint and when it was used. */
  readonly sticky: Map<string, { endpoint: string; at: Micros }>
  /** ipvs round robin: `node|service port` → next place. */
  readonly turns: Map<string, number>
  readonly services: Map<string, ServiceStats>
  ticking: boolean
  settledTo: number
  reportedAt: Micros
}

/** A state without traffic. */
export function newTraffic(): TrafficState {
  return {
    generators: new Map(), nextGenerator: 1, nextJourney: 1, flights: new Map(), underway: new Map(), singles: new Map(), journeys: [], ended: 0, servers: [], serverOf: new Map(), flows: [], flowOf: new Map(),
    sticky: new Map(), turns: new Map(), services: new Map(), ticking: false, settledTo: 0, reportedAt: 0,
  }
}
