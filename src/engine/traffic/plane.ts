import { reachable, type NetworkState } from '../network'
import type { Ctx, Message, Micros, World } from '../sim'
import type { NetworkPolicy, Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import type { PolicyAgentState } from '../cni'
import { sandboxOf, type ContainerdState } from '../cri'
import type { Route } from '../ingress-controller'
import type { KernelState } from '../kube-proxy'
import type { Dest } from './entry'
import type { End, Leg } from './path'
import type { Plan } from './plan'
import { resolverOf, worldResolver, type Resolver } from './resolver'
import { numberOf } from './target'
import type { TrafficState } from './state'
import type { ClientRef } from './types'

/** A machine of the cluster, as the wire knows it. */
export interface Machine {
  readonly name: string
  readonly address: string
  /** First address of its pods' range, and its size. -1: none yet. */
  readonly podBase: number
  readonly podSize: number
  readonly cores: number
}

/** What the wire may look at: it carries packets between everything, so it sees everything. Given by the cluster. */
export interface TrafficWorld {
  readonly world: World
  /** Start of the session in simulated time. */
  readonly boot: Micros
  machines(): readonly Machine[]
  /** The stored object, past all caches: for whom a person names, and for how stale a rule is. */
  object(resource: string, namespace: string, name: string): KubeObject | undefined
  /** All NetworkPolicies, whether anything enforces them or not. */
  policies(): readonly NetworkPolicy[]
  /** Newest revision of a Service's EndpointSlices. */
  sliceRevision(namespace: string, service: string): number
  /** Address of the Ingress for a host name, as its owner would have put it into the public DNS. */
  publicAddress(host: string): string | undefined
  /** Which nodes a load balancer at this address sends to; undefined: there is none. */
  balancer(ip: string, port: number): { readonly name: string; readonly nodes: readonly string[]; readonly all: readonly string[] } | undefined
  post(to: string, message: Message, cause: number): void
}

interface Index {
  readonly names: ReadonlyMap<string, Machine>
  readonly addresses: ReadonlyMap<string, Machine>
  /** By the first three bytes of a pod's address. */
  readonly blocks: ReadonlyMap<number, Machine>
}

const indices = new WeakMap<readonly Machine[], Index>()

/** Machines by name and address; made once for each list. */
function indexOf(machines: readonly Machine[]): Index {
  let index = indices.get(machines)
  if (index !== undefined) return index
  const [names, addresses, blocks] = [new Map<string, Machine>(), new Map<string, Machine>(), new Map<number, Machine>()]
  for (const m of machines) {
    names.set(m.name, m)
    if (m.address !== '') addresses.set(m.address, m)
    if (m.podBase >= 0) for (let b = m.podBase; b < m.podBase + m.podSize; b += 256) blocks.set(b >>> 8, m)
  }
  indices.set(machines, (index = { names, addresses, blocks }))
  return index
}

/** Addresses of a name, or why there are none. */
export type Answer = readonly string[] | 'NXDOMAIN' | 'SERVFAIL'

/** The address of people outside. */
export const outsideAddress = '198.51.100.10'

/** Whoever sends, resolved: where it is and by which address. */
export interface Client {
  readonly key: string
  readonly label: string
  /** Node, or `outside`. */
  readonly host: string
  readonly ip: string
  readonly namespace: string
  readonly pod: string
  /** It has the pod's own network, not the node's. */
  readonly ownNetwork: boolean
  readonly resolver: Resolver
  /** Why it cannot send; empty: it can. */
  readonly gone: string
}

/**
 * The network as it is at one instant: reads the state of the components and remembers what it read, for the length of one event.
 * Nothing of it is kept in the state.
 */
export class Plane {
  readonly legs = new Map<string, Leg>()
  readonly ends = new Map<string, End>()
  readonly dests = new Map<string, Dest>()
  readonly plans = new Map<string, Plan>()
  /** When containers ended, by id. */
  readonly deaths = new Map<string, Micros>()
  /** What ingress controllers decide, by controller and request. */
  readonly routes = new Map<string, Route>()
  /** What each CoreDNS says of names. */
  readonly answers = new Map<string, Map<string, Answer>>()
  private readonly clients = new Map<string, Client>()
  private readonly runtimes = new Map<string, ContainerdState | null>()
  private readonly kernels = new Map<string, KernelState | null>()
  private readonly agents = new Map<string, PolicyAgentState | null>()
  private found: Index | undefined
  readonly network: NetworkState

  constructor(
    readonly outer: TrafficWorld,
    readonly state: TrafficState,
    readonly ctx: Ctx,
  ) {
    this.network = outer.world.network as NetworkState
  }

  private get index(): Index {
    return (this.found ??= indexOf(this.outer.machines()))
  }

  machine(name: string): Machine | undefined {
    return this.index.names.get(name)
  }

  /** The machine with this address. */
  machineAt(ip: string): Machine | undefined {
    return this.index.addresses.get(ip)
  }

  /** The machine that routes lead to for a pod's address. */
  machineOfPod(ip: string): Machine | undefined {
    return this.index.blocks.get(numberOf(ip) >>> 8)
  }

  private stateOf<T>(id: string): T | undefined {
    const p = this.outer.world.processes.get(id)
    return p?.up ? (p.state as T) : undefined
  }

  runtime(node: string): ContainerdState | undefined {
    let known = this.runtimes.get(node)
    if (known === undefined) this.runtimes.set(node, (known = this.stateOf<ContainerdState>(`containerd@${node}`) ?? null))
    return known ?? undefined
  }

  kernel(node: string): KernelState | undefined {
    let known = this.kernels.get(node)
    if (known === undefined) this.kernels.set(node, (known = this.stateOf<KernelState>(`kernel@${node}`) ?? null))
    return known ?? undefined
  }

  policies(node: string): PolicyAgentState | undefined {
    let known = this.agents.get(node)
    if (known === undefined) this.agents.set(node, (known = this.stateOf<PolicyAgentState>(`cni@${node}`) ?? null))
    return known ?? undefined
  }

  process<T>(id: string): T | undefined {
    return this.stateOf<T>(id)
  }

  proxyUp(node: string): boolean {
    return this.outer.world.processes.get(`kube-proxy@${node}`)?.up ?? false
  }

  /** Whether packets pass between two machines; people outside are the host `you`. */
  passes(a: string, b: string): boolean {
    return reachable(this.outer.world, a === 'outside' ? 'you' : a, b === 'outside' ? 'you' : b)
  }

  /** One-way time between two machines, without jitter. */
  oneWay(a: string, b: string): Micros {
    return a === b ? this.network.local : this.network.latency
  }

  client(ref: ClientRef): Client {
    const key = ref.kind === 'pod' ? `pod/${ref.namespace}/${ref.name}` : ref.kind === 'node' ? `node/${ref.name}` : 'outside'
    let known = this.clients.get(key)
    if (known === undefined) this.clients.set(key, (known = this.findClient(ref, key)))
    return known
  }

  private findClient(ref: ClientRef, key: string): Client {
    if (ref.kind === 'outside') return { key, label: 'outside', host: 'outside', ip: outsideAddress, namespace: '', pod: '', ownNetwork: false, resolver: worldResolver, gone: '' }
    if (ref.kind === 'node') {
      const m = this.machine(ref.name)
      return { key, label: ref.name, host: ref.name, ip: m?.address ?? '', namespace: '', pod: '', ownNetwork: false, resolver: worldResolver, gone: m === undefined || this.runtime(ref.name) === undefined ? `node ${ref.name} does not run` : '' }
    }
    const label = `${ref.namespace}/${ref.name}`
    const pod = this.outer.object('pods', ref.namespace, ref.name) as Pod | undefined
    const node = pod?.spec.nodeName ?? ''
    const runtime = node === '' ? undefined : this.runtime(node)
    const sandbox = runtime && sandboxOf(runtime, ref.namespace, ref.name)
    const gone = pod === undefined ? `there is no pod ${label}` : node === '' ? `pod ${label} has no node` : runtime === undefined ? `node ${node} does not run` : !sandbox?.ready ? `pod ${label} does not run` : ''
    const ownNetwork = sandbox !== undefined && !sandbox.hostNetwork
    return { key, label, host: node, ip: ownNetwork ? sandbox.ip : (this.machine(node)?.address ?? ''), namespace: ref.namespace, pod: ref.name, ownNetwork, resolver: resolverOf(sandbox), gone }
  }
}
