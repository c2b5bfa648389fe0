import type { Micros } from '../sim'

/** Who sends requests: somebody outside the cluster, a pod, or a node itself. */
export type ClientRef = { readonly kind: 'outside' } | { readonly kind: 'pod'; readonly namespace: string; readonly name: string } | { readonly kind: 'node'; readonly name: string }

/**
 * What became of a request. `ok`: answered below 500. Of the rest, in the order of a request's way:
 * `client-gone` nobody there to send it · `dns-*` the name · `no-route` no way to the address · `no-endpoints` rejected by the node's rules · `dropped` by them, silently ·
 * `policy` dropped by a NetworkPolicy · `timeout` silence: a dead node, a cut link · `unreachable` no pod has the address any more · `refused` nothing listens ·
 * `reset` the server went away meanwhile · `slow` the answer came too late · `server-error` 5xx.
 */
export type Outcome = (typeof outcomes)[number]

/** All outcomes, in a fixed order; code inside counts them by their place. */
export const outcomes = [
  'ok', 'client-gone', 'dns-nxdomain', 'dns-timeout', 'dns-failed', 'no-route', 'no-endpoints', 'dropped', 'policy', 'timeout', 'unreachable', 'refused', 'reset', 'slow', 'server-error',
] as const

/** The place of an outcome in `outcomes`. */
export const outcomeCode: Readonly<Record<Outcome, number>> = Object.freeze(Object.fromEntries(outcomes.map((o, i) => [o, i])) as Record<Outcome, number>)

/** One request. `to`: `[http|https|tcp|udp|sctp://]host[:port][/path]`; the host is a name or an IPv4 address. */
export interface RequestSpec {
  readonly from: ClientRef
  readonly to: string
  /** Host header, when it differs from the host of `to`. */
  readonly host?: string | undefined
  /** HTTP method. Default GET. */
  readonly method?: string | undefined
  /** HTTP headers, at most 20. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The client gives up after this. Units: ms. Default 5,000. */
  readonly timeoutMs?: number | undefined
}

/** How a generator's rate changes. Rates in requests a second, times in seconds since its start. */
export type Pattern =
  | { readonly kind: 'constant'; readonly rate: number }
  /** From one rate to another in so many seconds, then on. */
  | { readonly kind: 'ramp'; readonly from: number; readonly to: number; readonly seconds: number }
  /** `base`, but `peak` for `seconds` after `after`. */
  | { readonly kind: 'spike'; readonly base: number; readonly peak: number; readonly after: number; readonly seconds: number }
  /** So many users, each sending, waiting for the answer, and thinking. */
  | { readonly kind: 'closed'; readonly users: number; readonly thinkMs: number }

/** A load generator. */
export interface GeneratorSpec extends RequestSpec {
  /** Chosen by the traffic room when left out: `load-1`. */
  readonly id?: string | undefined
  readonly pattern: Pattern
  /** Connections are kept and used again: they stick to their endpoint. */
  readonly keepAlive?: boolean | undefined
  /** How many are kept. Default 10. */
  readonly connections?: number | undefined
  /** It stops by itself after this. Units: s. Default: never. */
  readonly seconds?: number | undefined
}

/** What a person asks of the traffic room. */
export type TrafficInput =
  | { readonly type: 'traffic'; readonly do: 'send'; readonly request: RequestSpec }
  | { readonly type: 'traffic'; readonly do: 'start'; readonly generator: GeneratorSpec }
  | { readonly type: 'traffic'; readonly do: 'stop'; readonly id: string }

/** Stations of a request's way. */
export type HopKind = 'client' | 'dns' | 'balancer' | 'rules' | 'policy' | 'network' | 'server' | 'proxy' | 'call' | 'end'

/** What a node's rules decided about a connection. */
export interface RuleDecision {
  readonly node: string
  readonly mode: 'iptables' | 'ipvs' | 'nftables'
  /** `namespace/name` */
  readonly service: string
  readonly via: 'cluster-ip' | 'external-ip' | 'load-balancer' | 'node-port'
  /** Chains it went through, first to last. */
  readonly chains: readonly string[]
  /** Chance of the endpoint among all, and of its own rule. Empty: there was no choice by chance. */
  readonly chance: string
  readonly ruleProbability: string
  /** The endpoints of the rules, at most 20; `picked` is the place in the whole list. */
  readonly endpoints: readonly string[]
  readonly of: number
  readonly picked: number
  /** Session affinity chose, not chance. */
  readonly sticky: boolean
  /** The source address becomes the node's. */
  readonly masquerade: boolean
  /** Revision of the EndpointSlices that the rules were made from, and the newest in the API. */
  readonly revision: number
  readonly currentRevision: number
  /** When the rules were written last. Session time. */
  readonly writtenAt: Micros
  /** kube-proxy does not run: the rules cannot change. */
  readonly proxyDown: boolean
}

/** One station of a request's way. */
export interface JourneyHop {
  readonly kind: HopKind
  /** Since the request was sent. */
  readonly after: Micros
  /** The machine where it happens: a node's name, `outside`, `cloud`. */
  readonly where: string
  /** What happens, in a sentence without a full stop. */
  readonly text: string
  readonly ok: boolean
  /** How deep in calls of calls; 0 is the request itself. */
  readonly depth: number
  readonly rule?: RuleDecision | undefined
  /** Where it goes from here, when it goes to a pod: `namespace/name`. */
  readonly pod?: string | undefined
  /** The trip that it belongs to: a place in the journey's `trips`. */
  readonly trip: number
}

/** Where a trip got no farther: at its client (no name, nobody there), the load balancer, the way into the entry node, that node's rules, the way to the pod, the pod itself. Empty: it came through. */
export type TripStop = '' | 'client' | 'balancer' | 'entry' | 'rules' | 'network' | 'pod'

/**
 * One question and its answer between two places: the request itself, a query to CoreDNS, what a proxy asks of an endpoint, what a server asks
 * of another before it answers. Trips of a journey lie in the order in which they set out; those that a trip leads to name it as `parent`.
 * Times since the journey's request was sent: start ≤ arrives ≤ leaves ≤ end.
 */
export interface JourneyTrip {
  readonly kind: 'request' | 'dns' | 'proxy' | 'call'
  /** The trip that had to have it; -1: the request itself. */
  readonly parent: number
  /** `namespace/name` of a pod, a node's name, or `outside`; and the machine it is on. */
  readonly client: string
  readonly from: string
  /** Address as the client knows it, or the name that is asked for. */
  readonly asked: string
  /** Its first packet leaves: names are looked up before, by trips of their own. */
  readonly start: Micros
  /** The server has the question, or the packets are where they stop. */
  readonly arrives: Micros
  /** The answer sets out. */
  readonly leaves: Micros
  /** The client has it, or gives up. */
  readonly end: Micros
  /** Node whose rules decide; empty: none do. */
  readonly entry: string
  /** What stands before the nodes and has chosen one; empty: nothing. */
  readonly balancer: string
  /** `namespace/name`; empty: none. */
  readonly service: string
  /** `namespace/name` of the pod at its end, and the node it is on. Empty: none was chosen. */
  readonly pod: string
  readonly node: string
  /** `ip:port` */
  readonly endpoint: string
  readonly outcome: Outcome
  readonly stops: TripStop
}

/** One request from its client to its end. Immutable. Times are session times. */
export interface Journey {
  readonly id: number
  readonly at: Micros
  /** The generator that sent it; empty: a person. */
  readonly generator: string
  readonly client: string
  readonly asked: string
  /** `namespace/name` of the Service it went through; empty: none. */
  readonly service: string
  /** Node whose rules decided. */
  readonly entry: string
  /** `ip:port` that it was sent to in the end. */
  readonly endpoint: string
  /** `namespace/name` */
  readonly pod: string
  readonly node: string
  readonly outcome: Outcome
  /** HTTP status; 0: none. */
  readonly status: number
  readonly latency: Micros
  /** It came over a kept connection. */
  readonly kept: boolean
  readonly hops: readonly JourneyHop[]
  /** The same as questions and answers between places, for drawing; the first is the request itself. */
  readonly trips: readonly JourneyTrip[]
}

/** Requests of one kind of way, counted since the traffic began. */
export interface FlowView {
  readonly client: string
  /** Node whose rules decided; empty: none did. */
  readonly entry: string
  readonly service: string
  /** `namespace/name`; empty: none was reached. */
  readonly pod: string
  readonly node: string
  readonly sent: number
  /** By place in `outcomes`, of the finished ones. */
  readonly counts: readonly number[]
}

/** One second of a Service. Latencies of answered requests in µs. */
export interface SecondStats {
  /** Start of the second. Session time. */
  readonly at: Micros
  readonly finished: number
  readonly ok: number
  /** By place in `outcomes`. */
  readonly counts: readonly number[]
  readonly p50: Micros
  readonly p95: Micros
  readonly p99: Micros
}

/** A generator as it runs. */
export interface GeneratorView {
  readonly id: string
  readonly spec: GeneratorSpec
  readonly startedAt: Micros
  readonly rate: number
  readonly sent: number
  readonly inFlight: number
  /** Could not be sent: too many were in flight. */
  readonly skipped: number
  readonly counts: readonly number[]
}
