import type { Micros, Simulation } from '../sim'
import type { NetworkState } from '../network'
import type { Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { currentStore, etcdMembers, storedObjects, type MemberView, type Store } from '../etcd'
import { podStatus, type ServerState } from '../kube-apiserver'
import type { ManagerState } from '../kube-controller-manager'
import { decisionOf, schedulerFacts, type DecisionView, type SchedulerState } from '../kube-scheduler'
import type { CloudManagerState, CloudState } from '../cloud-controller-manager'
import { renderRules, type KernelState, type ProxyMode, type ServicePortRules } from '../kube-proxy'
import { nodeUsage, type ContainerdState } from '../cri'
import { podTimers, type KubeletState } from '../kubelet'
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
    return { power, link: power ? link : (node?.link ?? false), kubelet: up(`kubelet@${name}`), runtime, cni: runtime, kubeProxy: up(`kube-proxy@${name}`) }
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
    const ports = [...kernel.rules.values()].flat().sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    return {
      node, mode: kernel.mode, writtenAt: kernel.writtenAt < 0 ? null : kernel.writtenAt - this.boot, proxyUp: this.sim.state.processes.get(`kube-proxy@${node}`)?.up ?? false,
      ports: ports.map((p) => ({ ...p, currentRevision: newest.get(`${p.namespace}/${p.service}`) ?? 0 })), text: renderRules(kernel),
    }
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

  apiserverView(): { readonly watches: number } | undefined {
    const state = this.sim.stateOf<ServerState>('kube-apiserver')
    return state && { watches: state.watchers.size }
  }

  /** The scheduler's last decision about a pod. Times are session times. */
  decision(namespace: string, name: string): DecisionView | undefined {
    const state = this.sim.stateOf<SchedulerState>('kube-scheduler')
    const view = state && decisionOf(state, namespace, name)
    return view && { ...view, at: view.at - this.boot }
  }
}
