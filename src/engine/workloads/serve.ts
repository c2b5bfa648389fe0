import { parseImage } from './image'
import type { ContainerSpec, ProgramIO } from './program'
import { programNamed } from './registry'

/** A request that a program makes to another before it answers. */
export interface Call {
  /** As written in its settings: `redis-leader:6379`, `http://catalogue/`. */
  readonly to: string
  /** It is only made now and then: one in so many. */
  readonly every: number
}

/** What one request costs a server. */
export interface ServeFacts {
  /** CPU time. Units: µs on one core. */
  readonly cpu: number
  /** Time in which it waits for disks and timers. Units: µs. */
  readonly wait: number
  /** Memory held while a request is in work. Units: bytes. */
  readonly memory: number
  /** What it asks of others, one after the other. */
  readonly calls: readonly Call[]
}

/** CPU and waiting for one request, by the last part of the image's name. Units: µs. Rounded from common benchmarks of these servers on one core. */
const costs: Readonly<Record<string, readonly [cpu: number, wait: number]>> = {
  nginx: [60, 100], httpd: [150, 150], 'http-echo': [50, 80], redis: [12, 20], valkey: [12, 20], memcached: [8, 15], mysql: [350, 600], mariadb: [350, 600], postgres: [350, 600], mongo: [250, 500], rabbitmq: [120, 200],
  coredns: [40, 60], 'php-apache': [60_000, 500], 'hpa-example': [60_000, 500], controller: [40, 40], wordpress: [25_000, 2_000], node: [1_500, 1_000], python: [4_000, 1_000],
}

const unknownCost = [500, 1_500] as const

/** Well-known applications that know their neighbours by heart. */
const neighbours: Readonly<Record<string, readonly Call[]>> = {
  'gb-frontend': [{ to: 'redis-follower:6379', every: 1 }, { to: 'redis-leader:6379', every: 5 }],
  guestbook: [{ to: 'redis-follower:6379', every: 1 }, { to: 'redis-leader:6379', every: 5 }],
  examplevotingapp_vote: [{ to: 'redis:6379', every: 1 }],
  examplevotingapp_result: [{ to: 'db:5432', every: 1 }],
}

/** Most calls that one request leads to directly. */
const mostCalls = 8

const none: readonly Call[] = Object.freeze([])

/** Facts by spec: a spec never changes, so this only saves work. */
const known = new WeakMap<ContainerSpec, ServeFacts>()

/** What a request costs this container, and whom it calls. Upstream applications name their neighbours in variables like `CART_SERVICE_ADDR`, `REDIS_ADDR`, `CATALOGUE_URL`. */
export function serveFacts(spec: ContainerSpec): ServeFacts {
  const made = known.get(spec)
  if (made !== undefined) return made
  const { base } = parseImage(spec.image)
  const [cpu, wait] = (Object.hasOwn(costs, base) ? costs[base] : undefined) ?? unknownCost
  const facts = Object.freeze({ cpu, wait, memory: 48 * 1024, calls: callsOf(base, spec.env) })
  known.set(spec, facts)
  return facts
}

function callsOf(base: string, env: Readonly<Record<string, string>>): readonly Call[] {
  if (Object.hasOwn(neighbours, base)) return neighbours[base] ?? none
  const calls: Call[] = []
  for (const name of Object.keys(env).sort()) {
    const value = env[name] ?? ''
    // The variables that the kubelet adds for services end with _PORT_80_TCP_ADDR: those are no settings.
    if (value === '' || /_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/.test(name) || !/_(ADDR|URL|UPSTREAM|ENDPOINT)$/.test(name)) continue
    if (/^([a-z]+:\/\/)?[\w.-]+(:\d+)?(\/\S*)?$/i.test(value) && calls.length < mostCalls) calls.push({ to: value, every: 1 })
  }
  return calls.length === 0 ? none : Object.freeze(calls)
}

/** Whether a running program takes new connections on a port: it listens, and has not been told to stop. */
export function accepts(program: string, state: unknown, io: ProgramIO, port: number): boolean {
  if ((state as { readonly phase?: string } | null)?.phase === 'stopping') return false
  return programNamed(program).listens(state, io, port)
}
