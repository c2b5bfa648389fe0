import type { Micros, TimerId } from '../sim'
import type { NodeStatus, Pod, PodStatus } from '../api'
import type { KubeObject } from '../apimachinery'
import type { Client, EventRecorder, InformerFactory } from '../client-go'
import type { PodView, VolumeGiven } from '../cri'
import type { Backoff } from './backoff'
import type { EvictionState } from './eviction/manager'
import type { KubeletConfig, KubeletFailure } from './kubelet-config'
import type { Shutdown } from './node-shutdown'
import type { Resize } from './resize'
import type { KubeletParams } from './params'
import type { TokenEntry } from './tokens'

/** Liveness, readiness or startup. */
export type ProbeType = 'liveness' | 'readiness' | 'startup'

/** A probe of a running container. Upstream: pkg/kubelet/prober/worker.go */
export interface ProbeWorker {
  readonly uid: string
  readonly container: string
  readonly probe: ProbeType
  /** Container that the results are of. */
  containerId: string
  result: boolean | null
  streak: number
  lastOk: boolean | null
  /** Paused until the container is a new one (after it failed and is restarted). */
  onHold: boolean
  /** Next tick; 0 when none is set. */
  nextAt: Micros
  timer: TimerId
  waiting: boolean
}

/** One thing that a sync does, each after the one before. */
export type Step =
  | { readonly do: 'volumes' }
  | { readonly do: 'stop-sandbox' }
  | { readonly do: 'sandbox'; readonly attempt: number }
  | { readonly do: 'kill'; readonly name: string; readonly id: string; readonly message: string; readonly grace: Micros }
  | { readonly do: 'start'; readonly name: string; readonly init: boolean }
  /** A running container gets other limits. */
  | { readonly do: 'resize'; readonly name: string; readonly id: string }
  /** All containers are removed, so that the pod begins anew. */
  | { readonly do: 'reset' }

/** What a pod worker is doing. Upstream: pod_workers.go WorkType */
export type Stage = 'sync' | 'terminating' | 'terminated' | 'finished'

/** Nothing of the pod runs any more, or ever did. */
export const isOver = (stage: Stage | undefined): boolean => stage === undefined || stage === 'terminated' || stage === 'finished'

/** A sync in progress. */
export interface Operation {
  readonly stage: Stage
  readonly steps: Step[]
  readonly startedAt: Micros
  /** The runtime's view when the sync began: decisions on back-off are taken on it, as upstream takes them on its cached status. */
  readonly view: PodView | undefined
  /** Calls to the runtime without an answer. */
  waiting: number
  /** An error that makes the pod come back after the back-off period instead of the sync period. */
  failed: boolean
  /** When the earliest back-off of its containers ends; 0 for none. Upstream: container/sync_result.go MinBackoffExpiration */
  backoffEnds: number
  /** The image that is being pulled for this operation's present step. */
  pulling: string
  sandboxMade: boolean
}

/** Why a pod is ended. */
export interface Termination {
  /** When it was asked for. */
  since: Micros
  /** Units: µs. */
  grace: Micros
  endsAt: Micros
  /** The node itself gives no more than this. Units: µs. */
  readonly limit?: Micros | undefined
  /** Status that an eviction or a deadline writes; `disruption` adds the condition DisruptionTarget. */
  readonly override: { readonly phase: 'Failed'; readonly reason: string; readonly message: string; readonly disruption?: boolean } | null
}

/** A pod as the kubelet works on it. Upstream: pod_workers.go podSyncStatus */
export interface PodWorker {
  readonly uid: string
  readonly key: string
  pod: Pod
  /** Read from a file of the node: `pod` is the manifest, with the status that the API has of its mirror. */
  readonly isStatic: boolean
  stage: Stage
  op: Operation | null
  /** Another sync was asked for while one ran. */
  pending: boolean
  /** End of the last sync; -1: none yet. */
  lastSyncAt: Micros
  /** The runtime was listed for this pod since the last sync (a container was started). */
  fresh: boolean
  /** A listing of the runtime found something while a sync ran: the next one waits for the next listing, and so on while each finds something. */
  told: boolean
  /** The listing that such a sync waits for; 0: none. */
  chainAt: Micros
  wakeAt: Micros
  wakeTimer: TimerId
  resyncTimer: TimerId
  termination: Termination | null
  /** Its object is gone from the API. */
  orphan: boolean
  rejected: boolean
  /** Other resources are wanted than those it began with; null: none. */
  resize: Resize | null
  volumesReady: boolean
  volumesSince: Micros
  /** Null until they are ready. */
  volumes: readonly VolumeGiven[] | null
  /** Of its service account, by audience and life. */
  readonly tokens: Map<string, TokenEntry>
  /** Names of those that are not, and why one cannot even be processed. */
  unmounted: string[]
  unattached: string[]
  unprocessed: string
  /** Why containers do not start: reason and message by container. Upstream: reason_cache.go */
  readonly reasons: Map<string, { readonly reason: string; readonly message: string }>
  /** The last address, kept for the status of a pod whose sandbox is gone. */
  ip: string
  restartCounts: Map<string, number>
  /** What the pod asks for; null: not summed up yet. Units: thousandths of a CPU, bytes. */
  requests: { readonly cpu: number; readonly memory: number } | null
}

/** A status that waits to be written. Upstream: status_manager.go versionedPodStatus */
export interface StatusEntry {
  status: PodStatus
  version: number
  sentVersion: number
  /** The pod is finished: delete its object once the status is written. */
  finished: boolean
  deleting: boolean
}

/** A pull in the queue. */
export interface Pull {
  readonly image: string
  readonly askedAt: Micros
  startedAt: Micros
  endsAt: Micros | null
  /** Pod that waits for it. */
  readonly uid: string
  /** Registries that the pod's secrets open. */
  readonly registries: readonly string[]
}

/** Calls to the runtime and what they were for. */
export type CriPurpose =
  | { readonly for: 'list' }
  | { readonly for: 'step'; readonly uid: string; readonly startedAt: Micros }
  | { readonly for: 'start'; readonly uid: string; readonly startedAt: Micros; readonly name: string }
  | { readonly for: 'pull'; readonly image: string }
  | { readonly for: 'probe'; readonly key: string; readonly containerId: string }
  | { readonly for: 'stats'; readonly from: string; readonly request: number }
  | { readonly for: 'log' | 'exec'; readonly from: string; readonly request: number; readonly options: unknown }
  | { readonly for: 'post-start'; readonly uid: string; readonly startedAt: Micros; readonly name: string }
  | { readonly for: 'pre-stop'; readonly id: string }
  /** `again`: after the node's own resources were reclaimed. */
  | { readonly for: 'eviction'; readonly again: boolean }
  | { readonly for: 'images' }
  | { readonly for: 'nothing' }

/** A container whose preStop hook runs. */
export interface StopHook {
  readonly uid: string
  readonly name: string
  readonly id: string
  /** What its end is for. */
  readonly then: CriPurpose
  /** End of the grace period. */
  endsAt: Micros
}

/** What never changes of a machine, as its node's status tells it. Frozen. */
export interface Machine {
  readonly info: NonNullable<NodeStatus['nodeInfo']>
  /** Capacity, and what pods may have of it. */
  readonly resources: Readonly<Record<string, string>>
  readonly allocatable: Readonly<Record<string, string>>
}

/** State of `kubelet@<node>`. */
export interface KubeletState {
  readonly params: KubeletParams
  readonly node: string
  readonly address: string
  readonly client: Client
  readonly informers: InformerFactory
  readonly recorder: EventRecorder
  /** Services are watched for the variables of containers; the emulated runtime has no use for them. */
  readonly withServices: boolean
  registered: boolean
  runtimeUp: boolean
  /** The runtime has been listed once: pods may be worked on. */
  listed: boolean
  /** Listings of the runtime fall on these moments. Units: µs. */
  readonly phase: Micros
  startedAt: Micros
  lease: KubeObject | null
  nodeStatusAt: Micros
  /** nodeInfo, once it was asked for. */
  machine: Machine | null
  readonly workers: Map<string, PodWorker>
  /** What the runtime has told, by pod uid. */
  readonly views: Map<string, PodView>
  /** Pods with changes that the next listing finds. */
  readonly dirty: Set<string>
  plegTimer: TimerId
  readonly calls: Map<number, CriPurpose>
  nextCall: number
  readonly images: Set<string>
  readonly pulls: Pull[]
  readonly restartBackoff: Backoff
  readonly pullBackoff: Backoff
  readonly probes: Map<string, ProbeWorker>
  /** Forced results: `namespace/pod/container|*\/probe` → ok. */
  readonly overrides: Map<string, boolean>
  /** Static pods: uid by the path of the manifest; those that wait for the end of another of their name; what the API shows of them, by namespace/name. */
  readonly manifests: Map<string, string>
  /** Files among them that are no pods, with why. */
  readonly manifestErrors: Map<string, { readonly at: Micros; readonly text: string }>
  readonly waitingStatic: Map<string, Pod>
  readonly mirrors: Map<string, Pod>
  /** Names of mirrors with a write under way. */
  readonly mirrorWrites: Set<string>
  mirrorTimer: TimerId
  readonly statuses: Map<string, StatusEntry>
  /** Statuses to write, in order. */
  readonly dirtyStatuses: Set<string>
  statusInFlight: number
  readonly objects: Map<string, ObjectEntry>
  eviction: EvictionState
  /** Claims whose file systems are growing. */
  readonly growing: Set<string>
  /** Pods whose pull secrets are being read. */
  readonly pullSecretsAsked: Set<string>
  /** Pods whose resize waits for room. */
  readonly deferredResizes: Set<string>
  /** It does not come to its work: nothing else is done until it is started again. */
  failed: (KubeletFailure & { readonly at: Micros }) | null
  /** What pods may have of the machine. */
  allocatable: { readonly cpuMillis: number; readonly memoryBytes: number; readonly maxPods: number }
  /** From the machine's file, read when the kubelet starts. */
  config: KubeletConfig
  /** The machine goes down: nothing new is taken. */
  shutdown: Shutdown | null
  /** By container id. */
  readonly stopHooks: Map<string, StopHook>
}

/** A ConfigMap, Secret, claim or volume as last read. Upstream: pkg/kubelet/util/manager */
export interface ObjectEntry {
  object: KubeObject | null
  /** When it was read; -1 while the first read is under way. */
  at: Micros
  reading: boolean
  readonly waiting: Set<string>
}
