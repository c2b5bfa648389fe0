import type { Micros, Simulation } from '../sim'
import type { NetworkState } from '../network'
import type { Node, Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { currentStore, etcdMembers, storedObjects, type MemberView, type Store } from '../etcd'
import { podStatus, type ServerState } from '../kube-apiserver'
import { recommendationsOf, type ManagerState } from '../kube-controller-manager'
import { decisionOf, schedulerFacts, type DecisionView, type SchedulerState } from '../kube-scheduler'
import type { CloudManagerState, CloudState } from '../cloud-controller-manager'
import { renderRules, type KernelState, type ProxyMode, type ServicePortRules } from '../kube-proxy'
import { nodeUsage, type ContainerdState } from '../cri'
import { podTimers, type KubeletState } from '../kubelet'
import { controlPlaneHost, manifestOf } from './boot'
import type { ClusterConfig } from './config'
import type { ClusterState } from './state'
import { newestSlices } from './traffic-world'

/** Something that a pod waits for, with when it ends. Session times, µs. `endsAt` null: nothing will end it. */
export interface PodTimer {
  readonly kind: 'pull' | 'probe' | 'backoff' | 'grace'
  readonly startedAt: Micros
  readonly endsAt: Micros | null
}

/** What is true of a node, whatever the API believes. */
export interface NodeTruth {
  readonly power: boolean
  readonly link: boolean
  readonly kubelet: boolean
  readonly runtime: boolean
  readonly cni: boolean
  readonly kubeProxy: boolean
}

/** The rules in a node's kernel. Times are session times. */
export interface NodeRulesView {
  readonly node: string
  readonly mode: ProxyMode
  readonly writtenAt: Micros | null
  readonly proxyUp: boolean
  readonly ports: readonly (ServicePortRules & { readonly currentRevision: number })[]
  readonly text: string
}

/** What the kernel of a node has about one Service. `port`: the port that is shown, with all its endpoints, for the nodes that it was asked of. */
export interface ServiceOnNode {
  readonly node: string
  /** InternalIP, and the pod range; empty: none yet. */
  readonly address: string
  readonly podCIDR: string
  /** Null: kube-proxy has never written there, or the machine has no power. */
  readonly mode: ProxyMode | null
  readonly proxyUp: boolean
  /** -1: there is no rule for the Service. */
  readonly endpoints: number
  /** Of the EndpointSlices that the rules were made from, and the newest in the API. */
  readonly revision: number
  readonly currentRevision: number
  readonly port: ServicePortRules | null
}

/** Reads a cluster for those who draw it or judge it. Nothing here changes anything. */
export abstract class ClusterReaders {
  abstract readonly sim: Simulation
  abstract readonly config: ClusterConfig
  abstract readonly boot: Micros

  /** The cluster's own memory: machines, components. */
  get state(): ClusterState {
    return this.sim.stateOf<ClusterState>('cluster') as ClusterState
  }

  /** The store that tells the truth, past all caches. */
  get store(): Store {
    return currentStore(this.sim.state) as Store
  }

  /** The stored object, or undefined. */
  object(resource: string, namespace: string, name: string): KubeObject | undefined {
    return this.store.get(`/registry/${resource}/${namespace === '' ? '' : `${namespace}/`}${name}`)?.value
  }

  /** All stored objects of a resource. */
  objects(resource: string): Iterable<KubeObject> {
    return storedObjects(this.store, resource)
  }

  /** What a revision wrote (for a delete: the last state); undefined when it is forgotten. */
  objectAt(revision: number): KubeObject | undefined {
    return this.store.changeAt(revision)?.kv.value
  }

  /** kubectl's STATUS of a pod; empty when it is gone. */
  podStatus(namespace: string, name: string): string {
    const pod = this.object('pods', namespace, name) as Pod | undefined
    return pod ? podStatus(pod, this.config.start - this.boot + this.sim.now).status : ''
  }

  nodeTruth(name: string): NodeTruth {
    const node = this.state.nodes.get(name)
    const up = (id: string) => this.sim.state.processes.get(id)?.up ?? false
    const power = node?.power ?? false
    const link = (node?.link ?? false) && !(this.sim.state.network as NetworkState).cut.has(name)
    const runtime = up(`containerd@${name}`)
    return { power, link: power ? link : (node?.link ?? false), kubelet: up(`kubelet@${name}`) && this.sim.stateOf<KubeletState>(`kubelet@${name}`)?.failed === null, runtime, cni: runtime, kubeProxy: up(`kube-proxy@${name}`) }
  }

  /**
   * A component of the control plane as it is. One in a static pod is down while its manifest is away, and crashed while its container
   * does not run though it should: `restart` is the wait for its next start, when that is known.
   */
  componentTruth(name: string): { readonly state: 'up' | 'down' | 'crashed'; readonly restart: { readonly startedAt: Micros; readonly endsAt: Micros } | null } {
    const c = this.state.components.get(name)
    if (this.sim.state.processes.get(name)?.up) return { state: 'up', restart: null }
    if (c === undefined) return { state: 'down', restart: null }
    const path = manifestOf(this.config, name)
    if (path === undefined) return c.restartAt > 0 && !c.up ? { state: 'crashed', restart: { startedAt: c.crashedAt - this.boot, endsAt: c.restartAt - this.boot } } : { state: 'down', restart: null }
    const kubelet = this.sim.stateOf<KubeletState>(`kubelet@${controlPlaneHost}`)
    const uid = kubelet?.manifests.get(path)
    if (!c.up || kubelet === undefined || uid === undefined) return { state: 'down', restart: null }
    const wait = podTimers(kubelet, uid).find((t) => t.kind === 'backoff')
    return { state: 'crashed', restart: wait && wait.endsAt !== null ? { startedAt: wait.startedAt - this.boot, endsAt: wait.endsAt - this.boot } : null }
  }

  /** What the containers of a node use now. */
  nodeUsage(name: string): { readonly cpuMillis: number; readonly memoryBytes: number } {
    const runtime = this.sim.stateOf<ContainerdState>(`containerd@${name}`)
    return runtime ? nodeUsage(runtime, this.sim.now) : { cpuMillis: 0, memoryBytes: 0 }
  }

  /** What a pod's kubelet waits for now: the wait that says most. */
  podTimer(node: string, uid: string): PodTimer | undefined {
    const kubelet = this.sim.stateOf<KubeletState>(`kubelet@${node}`)
    const timer = kubelet && podTimers(kubelet, uid)[0]
    return timer && { kind: timer.kind, startedAt: timer.startedAt - this.boot, endsAt: timer.endsAt === null ? null : timer.endsAt - this.boot }
  }

  /** When the scheduler tries an unscheduled pod again. */
  schedulerBackoff(pod: Pod): { readonly kind: 'scheduler'; readonly startedAt: Micros; readonly endsAt: Micros | null } | undefined {
    const scheduler = this.sim.stateOf<SchedulerState>('kube-scheduler')
    const queued = scheduler?.queue.get(pod.metadata.uid as string)
    if (queued === undefined || (queued.where !== 'backoff' && queued.where !== 'error')) return undefined
    return { kind: 'scheduler', startedAt: queued.timestamp - this.boot, endsAt: queued.backoffExpiration < 0 ? null : queued.backoffExpiration - this.boot }
  }

  /** Undefined while cloud-controller-manager is down, or where there is none. */
  cloudView(): { readonly leading: boolean; readonly balancers: number } | undefined {
    const state = this.sim.stateOf<CloudManagerState>('cloud-controller-manager')
    return state && { leading: state.elector.leading, balancers: this.sim.stateOf<CloudState>('cloud')?.balancers.size ?? 0 }
  }

  /** The rules in a node's kernel, with how new the API's endpoints are. Undefined: no kube-proxy has ever run there, or it has no power. */
  nodeRules(node: string): NodeRulesView | undefined {
    const kernel = this.sim.stateOf<KernelState>(`kernel@${node}`)
    if (kernel === undefined) return undefined
    const newest = newestSlices(this.store)
    const address = (this.object('nodes', '', node) as Node | undefined)?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address
    const ports = [...kernel.rules.values()].flat().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    return {
      node, mode: kernel.mode, writtenAt: kernel.writtenAt < 0 ? null : kernel.writtenAt - this.boot, proxyUp: this.sim.state.processes.get(`kube-proxy@${node}`)?.up ?? false,
      ports: ports.map((p) => ({ ...p, currentRevision: newest.get(`${p.namespace}/${p.service}`) ?? 0 })), text: renderRules(kernel, address),
    }
  }

  /** The rules of one Service (`namespace/name`) on all nodes, sorted by name; in full for those in `full`. Of several ports the one with endpoints, TCP first. */
  serviceRules(service: string, full: readonly string[]): readonly ServiceOnNode[] {
    const currentRevision = newestSlices(this.store).get(service) ?? 0
    const nodes = [...(this.objects('nodes') as Iterable<Node>)]
    return nodes.map((node): ServiceOnNode => {
      const name = node.metadata.name as string
      const kernel = this.sim.stateOf<KernelState>(`kernel@${name}`)
      const ports = kernel?.rules.get(service) ?? []
      const port = ports.find((p) => p.protocol === 'tcp' && p.endpoints.length > 0) ?? ports.find((p) => p.endpoints.length > 0) ?? ports[0]
      return {
        node: name, address: node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '', podCIDR: node.spec?.podCIDR ?? '',
        mode: kernel === undefined || kernel.writtenAt < 0 ? null : kernel.mode, proxyUp: this.sim.state.processes.get(`kube-proxy@${name}`)?.up ?? false,
        endpoints: port ? Math.max(port.endpoints.length, port.externalEndpoints.length) : -1, revision: port?.revision ?? 0, currentRevision, port: port && full.includes(name) ? port : null,
      }
    }).sort((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0))
  }

  etcdMembers(): readonly MemberView[] {
    return etcdMembers(this.sim.state)
  }

  /** Undefined while it is down. */
  schedulerView(): { readonly leading: boolean; readonly active: number; readonly backoff: number; readonly unschedulable: number } | undefined {
    const state = this.sim.stateOf<SchedulerState>('kube-scheduler')
    return state && schedulerFacts(state)
  }

  managerView(): { readonly leading: boolean; readonly controllers: readonly { readonly name: string; readonly queue: number; readonly active: boolean }[] } | undefined {
    const state = this.sim.stateOf<ManagerState>('kube-controller-manager')
    return state && { leading: state.elector.leading, controllers: [...state.running].map(([name, r]) => ({ name, queue: r.queue.length, active: r.queue.active > 0 })) }
  }

  /** What the autoscaler's controller wanted of late, oldest first. Session times. */
  recommendations(namespace: string, name: string): readonly { readonly replicas: number; readonly at: Micros }[] {
    const state = this.sim.stateOf<ManagerState>('kube-controller-manager')
    return state ? recommendationsOf(state, `${namespace}/${name}`).map(({ replicas, at }) => ({ replicas, at: at - this.config.start })) : []
  }

  apiserverView(): { readonly watches: number; readonly ready: boolean } | undefined {
    const state = this.sim.stateOf<ServerState>('kube-apiserver')
    return state && { watches: state.watchers.size, ready: state.ready }
  }

  /** The scheduler's last decision about a pod. Times are session times. */
  decision(namespace: string, name: string): DecisionView | undefined {
    const state = this.sim.stateOf<SchedulerState>('kube-scheduler')
    const view = state && decisionOf(state, namespace, name)
    return view && { ...view, at: view.at - this.boot }
  }
}
