import { parseImage } from './image'
import { callsOf, type Call } from './neighbours'
import type { ContainerSpec, ProgramIO } from './program'
import { programNamed } from './registry'

export type { Call } from './neighbours'

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

/** Facts by spec: a spec never changes, so this only saves work. */
const known = new WeakMap<ContainerSpec, ServeFacts>()

/** What a request costs this container, and whom it calls. */
export function serveFacts(spec: ContainerSpec): ServeFacts {
  const made = known.get(spec)
  if (made !== undefined) return made
  const image = parseImage(spec.image)
  const { base } = image
  const [cpu, wait] = (Object.hasOwn(costs, base) ? costs[base] : undefined) ?? unknownCost
  const facts = Object.freeze({ cpu, wait, memory: 48 * 1024, calls: callsOf(image, spec.env) })
  known.set(spec, facts)
  return facts
}

/** Whether a running program takes new connections on a port: it listens, and has not been told to stop. */
export function accepts(program: string, state: unknown, io: ProgramIO, port: number): boolean {
  if ((state as { readonly phase?: string } | null)?.phase === 'stopping') return false
  return programNamed(program).listens(state, io, port)
}
