import type { Micros, Rng } from '../../sim'
import type { Cache, RequestInit } from '../../client-go'
import type { KubeObject, Labels } from '../../apimachinery'
import type { SchedulerCache } from '../backend/cache'
import type { NodeInfo } from '../backend/node-info'
import type { Nominator } from '../backend/nominator'
import type { PodInfo } from '../backend/pod-info'
import type { QueuedPod } from '../backend/queue'
import type { Cycle } from './cycle'
import type { ClusterEvent, EventResource } from './events'
import type { PluginStatus } from './status'

/** What plugins may see. Upstream: fwk.Handle */
export interface Handle {
  readonly now: Micros
  readonly rng: Rng
  readonly snapshot: SchedulerCache
  readonly nominator: Nominator
  /** Pods whose victims are being deleted right now. */
  readonly preempting: ReadonlySet<string>
  /** Volumes promised to claims (`namespace/name`) whose binding the cache does not show yet. */
  readonly assumedVolumes: Map<string, string>
  /** The informer cache of a resource. */
  objects<T extends KubeObject>(resource: string): Cache<T>
  readonly namespaceLabels: (namespace: string) => Labels
  /** Filters a node, taking pods nominated to it into account. Upstream: RunFilterPluginsWithNominatedPods */
  filter(cycle: Cycle, pod: PodInfo, node: NodeInfo): PluginStatus | undefined
  /** A copy of a cycle's results, to try changes on. */
  readonly cloneCycle: (cycle: Cycle) => Cycle
  /** Tells plugins that a pod is tried on, or taken off, a node (a copy). Upstream: RunPreFilterExtensionAddPod, …RemovePod */
  tryPod(cycle: Cycle, pod: PodInfo, other: PodInfo, node: NodeInfo, add: boolean): PluginStatus | undefined
}

/** A PreFilter's answer that leaves only some nodes. */
export interface PreFilterResult {
  readonly nodeNames: ReadonlySet<string>
}

/** What PostFilter found out. */
export interface PostFilterResult {
  readonly status: PluginStatus | undefined
  /** The node to nominate; '' clears an old nomination, undefined leaves it. */
  readonly nominate?: string | undefined
  /** Pods to remove from that node, in order. */
  readonly victims?: readonly PodInfo[] | undefined
}

/** Why each node was refused. Upstream: framework.Diagnosis */
export interface Diagnosis {
  /** Nodes that were looked at and refused. */
  readonly refused: ReadonlyMap<string, PluginStatus>
  /** Said of nodes that were not looked at, when PreFilter left them out. */
  readonly absent: PluginStatus | undefined
  readonly preFilterMessage: string
}

/** An interest in events, as plugins write it. Upstream: EventsToRegister */
export interface PluginEvent {
  readonly resource: EventResource
  readonly action: number
  /** Whether this change may make the pod schedulable; always, when left out. `old` and `now` are Nodes, PodInfos or other objects. */
  hint?(pod: PodInfo, event: ClusterEvent, old: unknown, now: unknown): boolean
}

/**
 * A scheduler plugin: functions only; what it computes for one pod lives in the cycle. Success is `undefined`.
 * Upstream: staging/src/k8s.io/kube-scheduler/framework
 */
export interface Plugin {
  readonly name: string
  readonly events?: readonly PluginEvent[]
  preEnqueue?(pod: PodInfo, h: Pick<Handle, 'preempting'>): PluginStatus | undefined
  less?(a: QueuedPod, b: QueuedPod): boolean
  preFilter?(cycle: Cycle, pod: PodInfo, h: Handle): PluginStatus | PreFilterResult | undefined
  /** Extension of PreFilter: its result as if `other` also ran on `node`. */
  addPod?(cycle: Cycle, pod: PodInfo, other: PodInfo, node: NodeInfo, h: Handle): PluginStatus | undefined
  /** Extension of PreFilter: its result as if `other` did not run on `node`. */
  removePod?(cycle: Cycle, pod: PodInfo, other: PodInfo, node: NodeInfo, h: Handle): PluginStatus | undefined
  /** Copies what preFilter left in the cycle, where addPod and removePod change it. */
  copyState?(state: unknown): unknown
  filter?(cycle: Cycle, pod: PodInfo, node: NodeInfo, h: Handle): PluginStatus | undefined
  postFilter?(cycle: Cycle, pod: PodInfo, diagnosis: Diagnosis, h: Handle): PostFilterResult
  preScore?(cycle: Cycle, pod: PodInfo, nodes: readonly NodeInfo[], h: Handle): PluginStatus | undefined
  score?(cycle: Cycle, pod: PodInfo, node: NodeInfo, h: Handle): number
  /** Brings raw scores to 0…100, in place. Without it they are taken as they are. */
  normalize?(cycle: Cycle, pod: PodInfo, nodes: readonly NodeInfo[], scores: number[], h: Handle): void
  reserve?(cycle: Cycle, pod: PodInfo, node: string, h: Handle): PluginStatus | undefined
  unreserve?(cycle: Cycle, pod: PodInfo, node: string, h: Handle): void
  permit?(cycle: Cycle, pod: PodInfo, node: string, h: Handle): PluginStatus | undefined
  /** Requests to make before binding; sent side by side. */
  preBind?(cycle: Cycle, pod: PodInfo, node: string, h: Handle): readonly RequestInit[]
  /** After the requests, and whenever something changed: 'wait' for more, or how it ended. */
  preBound?(cycle: Cycle, pod: PodInfo, node: string, h: Handle): PluginStatus | 'wait' | undefined
  /** The request that binds the pod. */
  bind?(pod: PodInfo, node: string): RequestInit
  postBind?(cycle: Cycle, pod: PodInfo, node: string, h: Handle): void
}

/** A plugin in a profile. */
export interface EnabledPlugin {
  readonly plugin: Plugin
  /** Weight of its score; 0 for plugins that do not score. */
  readonly weight: number
}

/** A set of plugins under a scheduler name. Upstream: KubeSchedulerProfile */
export interface Profile {
  readonly schedulerName: string
  readonly plugins: readonly EnabledPlugin[]
  /** 0: adapts to the number of nodes. */
  readonly percentageOfNodesToScore: number
}
