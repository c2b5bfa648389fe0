import type { TimerId } from '../sim'
import { Client, EventsRecorder, InformerFactory, LeaderElector } from '../client-go'
import type { Ctx } from '../sim'
import { SchedulerCache } from './backend/cache'
import { Nominator } from './backend/nominator'
import type { PodInfo } from './backend/pod-info'
import { SchedulingQueue, type QueuedPod } from './backend/queue'
import { Decisions } from './decisions'
import type { Cycle } from './framework/cycle'

/** A pod on its way from decision to binding. */
export interface Binding {
  readonly queued: QueuedPod
  /** The pod as assumed on its node. */
  readonly pod: PodInfo
  readonly node: string
  readonly cycle: Cycle
  /** Requests of PreBind without an answer. */
  inFlight: number
  failed: string
  /** Set once the binding itself was sent. */
  sent: boolean
  /** Ends the wait for volumes. */
  timeout: TimerId
}

/** Victims of a preemption that are being removed. */
export interface Preemption {
  readonly preemptor: PodInfo
  readonly node: string
  /** Victims that must be gone (asked for) before the last one is touched. */
  left: number
  readonly last: PodInfo
}

/** State of kube-scheduler. Plain data; written by this room only. */
export interface SchedulerState {
  readonly client: Client
  readonly electionClient: Client
  readonly eventClient: Client
  readonly volumeClient: Client
  readonly elector: LeaderElector
  readonly informers: InformerFactory
  /** Caches that scheduling can begin without: what volumes and preemption need. */
  readonly volumeInformers: InformerFactory
  readonly recorder: EventsRecorder
  readonly cache: SchedulerCache
  readonly queue: SchedulingQueue
  readonly nominator: Nominator
  readonly decisions: Decisions
  readonly bindings: Map<string, Binding>
  readonly preemptions: Map<string, Preemption>
  readonly preempting: Set<string>
  readonly assumedVolumes: Map<string, string>
  /** Where the next cycle begins to look at nodes. */
  nextStart: number
  /** A cycle is under way. */
  busy: boolean
  backoffTimer: boolean
  leftoverTimer: boolean
  /** Pods scheduled and attempts made since the start, for the page. */
  scheduled: number
  attempts: number
}

/** Parameters of the process. */
export interface SchedulerParams {
  readonly leaderElect?: boolean
  /** It runs in a container: when it exits, the kubelet starts it again. */
  readonly contained?: boolean
}

/** Informers that must be in sync before the first pod is scheduled. Terminal pods are none of the scheduler's business. */
const needed = ['nodes', 'namespaces', 'services', 'replicationcontrollers', 'replicasets', 'statefulsets'] as const
/** The others. */
export const volumeResources: readonly string[] = ['persistentvolumes', 'persistentvolumeclaims', 'storageclasses', 'csinodes', 'poddisruptionbudgets']

/** A scheduler that knows nothing yet. */
export function newState(ctx: Ctx): SchedulerState {
  const user = 'system:kube-scheduler'
  // Upstream: --kube-api-qps=50 --kube-api-burst=100, for each of its clients.
  const limit = { qps: 50, burst: 100 }
  const client = new Client(user, 'kube-scheduler', limit, 0)
  const eventClient = new Client(user, 'kube-scheduler', limit, 1)
  const electionClient = new Client(user, 'kube-scheduler', limit, 2)
  const volumeClient = new Client(user, 'kube-scheduler', limit, 3)
  const informers = new InformerFactory(client)
  informers.add({ resource: 'pods', fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' })
  for (const resource of needed) informers.add({ resource, indexes: resource === 'services' ? ['namespace'] : [] })
  const volumeInformers = new InformerFactory(volumeClient)
  for (const resource of volumeResources) volumeInformers.add({ resource, indexes: resource === 'poddisruptionbudgets' ? ['namespace'] : [] })
  return {
    client, electionClient, eventClient, volumeClient, informers, volumeInformers,
    elector: new LeaderElector(electionClient, 'kube-scheduler', `${ctx.host}_${ctx.rng.uint32().toString(16)}`),
    recorder: new EventsRecorder(eventClient, 'default-scheduler', `default-scheduler-${ctx.host}`),
    cache: new SchedulerCache(), queue: new SchedulingQueue(), nominator: new Nominator(), decisions: new Decisions(),
    bindings: new Map(), preemptions: new Map(), preempting: new Set(), assumedVolumes: new Map(),
    nextStart: 0, busy: false, backoffTimer: false, leftoverTimer: false, scheduled: 0, attempts: 0,
  }
}

/** Messages of the scheduler to itself, and what it wants done with answers. */
export type SchedulerMessage =
  | { readonly type: 'scheduler/cycle' | 'scheduler/flush-backoff' | 'scheduler/flush-leftover' | 'scheduler/patched' }
  | { readonly type: 'scheduler/bound' | 'scheduler/pre-bound' | 'scheduler/volumes-timeout'; readonly uid: string }
  | { readonly type: 'scheduler/victim-marked' | 'scheduler/victim-deleted'; readonly preemptor: string; readonly victim: PodInfo }

