/**
 * What crosses the worker boundary: inputs go down, frames come up (law 8). Types only; plain data that can be cloned.
 * Times are simulated, in µs since the session began, unless said otherwise.
 */

import type { FlowView, GeneratorView, Journey, Outcome, ServicePortRules, TrafficInput } from '../engine/cluster'

export type { ClientRef, FlowView, GeneratorSpec, GeneratorView, Journey, JourneyHop, JourneyTrip, Outcome, Pattern, RequestSpec, RuleDecision, SecondStats, ServiceOnNode, ServicePortRules, TrafficInput, TripStop } from '../engine/cluster'

/** A flow whose counts changed; `key` stays the same as long as the history does. Counts are totals since the traffic began. */
export interface FlowRow extends FlowView {
  readonly key: number
}

/** Traffic since the frame before. On `full`: all flows and the newest journeys. */
export interface TrafficFrame {
  readonly flows: readonly FlowRow[]
  /** Sampled journeys that ended since, newest last, at most 120. */
  readonly journeys: readonly Journey[]
  /**
   * Sampled journeys that were sent since and are under way, oldest first, at most 120; on `full` all that are. They bring what they will have
   * met by their end, so draw no more than lies before now; when they have ended they come again in `journeys` with the same id, and that is
   * what counts (a server may have gone meanwhile). Those that began and ended between two frames are only in `journeys`.
   */
  readonly begun: readonly Journey[]
  /** How many journeys have ended in all. */
  readonly ended: number
  readonly generators: readonly GeneratorView[]
}

/** The rules in a node's kernel. */
export interface NodeRules {
  readonly node: string
  readonly mode: 'iptables' | 'ipvs' | 'nftables'
  /** When kube-proxy wrote last; session time. Null: never. */
  readonly writtenAt: number | null
  readonly proxyUp: boolean
  /** Service ports, sorted by name, each with the newest revision of its EndpointSlices in the API. */
  readonly ports: readonly (ServicePortRules & { readonly currentRevision: number })[]
  /** As iptables-save, ipvsadm or nft print them. */
  readonly text: string
}

/** An autoscaler over time, oldest first; a sample holds until the next. Session times, µs. */
export interface AutoscalerHistory {
  /** Each status that it wrote, as far back as etcd has not compacted it. `values`: of each metric what is compared with its target (percent, or milli-units); null: unknown. */
  readonly samples: readonly { readonly at: number; readonly current: number; readonly desired: number; readonly values: readonly (number | null)[] }[]
  /** What it wanted at each look before anything held it back; empty while its controller does not run. */
  readonly wanted: readonly { readonly at: number; readonly replicas: number }[]
}

/** Something a person does to the cluster. The input log is a list of these; with the seed it is the whole session. */
export type Input =
  /** A kubectl line as typed, e.g. `kubectl scale deployment web --replicas=3`; `stdin` for `-f -`. */
  | { readonly type: 'kubectl'; readonly line: string; readonly stdin?: string | undefined }
  | { readonly type: 'fault'; readonly fault: Fault }
  /** Ctrl-C for a command that runs, by its number; `hangup`: its terminal was closed. */
  | { readonly type: 'interrupt'; readonly command: number; readonly hangup?: true }
  /** The text that a command (`kubectl edit`, `vi`) waits for, or the line (`kubectl exec -it`, `read`); null: given up, the end of input. */
  | { readonly type: 'edited'; readonly command: number; readonly text: string | null }
  /** A file put onto the machine that lines are typed on, by its path below home. */
  | { readonly type: 'file'; readonly path: string; readonly text: string }
  /** One request, or a load generator begun or ended. */
  | TrafficInput

/** Something broken or mended. Names as in the headless runner's scripts. */
export type Fault =
  | { readonly kind: 'node-down' | 'node-up' | 'kubelet-stop' | 'kubelet-start' | 'partition' | 'heal' | 'node-remove' | 'kube-proxy-stop' | 'kube-proxy-start' | 'node-shutdown'; readonly node: string }
  | { readonly kind: 'node-add'; readonly node?: string | undefined; readonly zone?: string | undefined }
  /** Somebody on the machine writes a file, or removes it (null): manifests of static pods lie in /etc/kubernetes/manifests. */
  | { readonly kind: 'host-file'; readonly node: string; readonly path: string; readonly text: string | null }
  /** Components: kube-apiserver, kube-scheduler, kube-controller-manager, etcd-0 … etcd-4. `crash` is down and up again, by the kubelet whose static pod it is (at once, then with its back-off) or a supervisor. */
  | { readonly kind: 'component-down' | 'component-up' | 'component-crash'; readonly component: string }
  | { readonly kind: 'probe'; readonly pod: string; readonly namespace?: string | undefined; readonly container?: string | undefined; readonly probe: 'liveness' | 'readiness' | 'startup'; readonly ok: boolean }

/** An input with the moment at which it was given. */
export interface LoggedInput {
  readonly at: number
  readonly input: Input
}

/** How a session began, and all that was done to it: enough to make it again. */
export interface SavedSession {
  readonly version: 1
  readonly seed: number
  readonly preset: string
  readonly branches: readonly SavedBranch[]
  readonly current: number
  readonly at: number
}

/** A line of history. Branch 0 is `main`; others fork from a parent at a time. `inputs` are those made on this branch itself. */
export interface SavedBranch {
  readonly id: number
  readonly parent: number | null
  readonly forkedAt: number
  /** How many of the parent's inputs came before; absent in old files: those up to `forkedAt`. */
  readonly inherited?: number
  readonly inputs: readonly LoggedInput[]
  /** How far it was ever simulated. */
  readonly head: number
  readonly label: string
}

/** How time runs. `factor` is the speed: event-paced 0.25 to 8, real time 0.1 to 1000. */
export interface Pace {
  readonly mode: 'event-paced' | 'real-time'
  readonly factor: number
}

/** page → worker */
export type Down =
  | { readonly type: 'start'; readonly seed?: number | undefined; readonly preset?: string | undefined; readonly session?: SavedSession | undefined }
  | { readonly type: 'input'; readonly id: number; readonly input: Input }
  | { readonly type: 'play' }
  | { readonly type: 'pause' }
  | { readonly type: 'pace'; readonly pace: Pace }
  /** One visible step on or back. */
  | { readonly type: 'step'; readonly by: 1 | -1 }
  | { readonly type: 'milestone'; readonly by: 1 | -1 }
  | { readonly type: 'seek'; readonly to: { readonly at: number } | { readonly step: number } }
  | { readonly type: 'branch'; readonly id: number }
  /** Takes the last input of the current branch back; what came of it is kept as a branch. */
  | { readonly type: 'undo' }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  | { readonly type: 'ack'; readonly frame: number }

/** Questions about the present moment; each is answered by an Answer of the same id. */
export type Question =
  /** The whole API object, as JSON-able data. */
  | { readonly about: 'object'; readonly resource: string; readonly namespace: string; readonly name: string }
  /** Kubernetes Events about an object; with an empty kind the newest of the whole cluster. */
  | { readonly about: 'events'; readonly kind: string; readonly namespace: string; readonly name: string }
  /** The scheduler's last decision for a pod: filters and scores by node. */
  | { readonly about: 'decision'; readonly namespace: string; readonly name: string }
  /** The chain of causes behind the newest change of an object (newest first). */
  | { readonly about: 'why'; readonly resource: string; readonly namespace: string; readonly name: string }
  /** One journey, under way or among the last 1,000: Journey. */
  | { readonly about: 'journey'; readonly id: number }
  /** The newest journeys (at most 1,000), filtered when asked for: Journey[], newest first. */
  | { readonly about: 'journeys'; readonly outcome?: Outcome | undefined; readonly service?: string | undefined; readonly most?: number | undefined }
  /** The rules in a node's kernel: NodeRules. */
  | { readonly about: 'rules'; readonly node: string }
  /** What all nodes have about one Service (`namespace/name`), in full for the `nodes` named: ServiceOnNode[]. */
  | { readonly about: 'service-rules'; readonly service: string; readonly nodes: readonly string[] }
  /** What an autoscaler measured and wanted over time: AutoscalerHistory. */
  | { readonly about: 'autoscaler'; readonly namespace: string; readonly name: string }
  /** The seconds of a Service's requests, oldest first, at most 600: SecondStats[]. */
  | { readonly about: 'service-stats'; readonly namespace: string; readonly name: string }
  /** Words that could stand at the cursor of a line: `{ from, options }`; null: nothing is known, the page says what it knows itself. */
  | { readonly about: 'complete'; readonly line: string; readonly cursor: number }
  /** What kubectl lines would print if they were typed now: TriedCommand[], one for each. Nothing of it happens, and time stands still. */
  | { readonly about: 'try'; readonly commands: readonly { readonly line: string; readonly stdin?: string | undefined }[] }
  /** The text of a file of the terminal's machine, or null; with an empty path the paths of all. */
  | { readonly about: 'file'; readonly path: string }
  /** A report for a bug: seed, input log, last records. */
  | { readonly about: 'report' }

/** What a line that was tried printed; `exit` null: it had not ended after a minute of simulated time. */
export interface TriedCommand {
  readonly stdout: string
  readonly stderr: string
  readonly exit: number | null
}

/** worker → page */
export type Up = Hello | Frame | Answer | Crash | Saved | Refused

/** The session as it can be stored; sent after each change of the log, and now and then for the playhead. */
export interface Saved {
  readonly type: 'saved'
  readonly session: SavedSession
}

/** An input that cannot be done; nothing has changed. `id` is the input's. */
export interface Refused {
  readonly type: 'refused'
  readonly id: number
  readonly error: string
}

/** First message: what there is to choose from. */
export interface Hello {
  readonly type: 'hello'
  readonly kubernetes: string
  readonly presets: readonly { readonly id: string; readonly title: string }[]
  readonly samples: readonly { readonly id: string; readonly title: string; readonly summary: string; readonly trouble?: true; readonly yaml: string }[]
  /** Controllers of kube-controller-manager, in order. */
  readonly controllers: readonly string[]
}

export interface Answer {
  readonly type: 'answer'
  readonly id: number
  readonly value: unknown
  /** Why there is no value. */
  readonly error?: string | undefined
}

/** The engine found itself in a state that must not exist. */
export interface Crash {
  readonly type: 'crash'
  readonly message: string
  /** A file for a bug report: JSON with seed, input log, last records. */
  readonly report: string
  /** An assertion failed, and the worker has already begun again from the log, or could not; or an invariant was seen broken, and the session goes on. */
  readonly after: 'restarted' | 'stopped' | 'going-on'
}

/** What the page needs to know since the frame before (`diff`), or all of it (`full`: on connect and seek). */
export interface Frame {
  readonly type: 'frame'
  readonly number: number
  readonly kind: 'full' | 'diff'
  readonly clock: Clock
  readonly nodes: Changes<NodeRow>
  readonly pods: Changes<PodRow>
  readonly workloads: Changes<WorkloadRow>
  readonly services: Changes<ServiceRow>
  /** Every other API object, for the list view. */
  readonly objects: Changes<ObjectRow>
  readonly components: readonly ComponentRow[] | null
  /** Steps that were made since the frame before; on `full`, all of the current branch (a bounded number, oldest dropped first). */
  readonly steps: readonly StepRow[]
  /** Number of the step that the cluster stands at; 0 before the first. */
  readonly step: number
  readonly branches: readonly BranchRow[] | null
  /** Output of commands since the frame before; on `full`, all output up to now. */
  readonly output: readonly OutputRow[]
  /** Set when the frame jumped over idle time: how much was skipped. */
  readonly skipped: number
  /** Requests since the frame before; null or absent: none. */
  readonly traffic?: TrafficFrame | null
}

/** Rows to put in or replace, and keys of rows to take out. A `full` frame's `put` is everything. */
export interface Changes<T> {
  readonly put: readonly T[]
  readonly gone: readonly string[]
}

export interface Clock {
  readonly now: number
  /** Wall clock in the cluster, µs since 1970. */
  readonly wall: number
  readonly revision: number
  readonly playing: boolean
  readonly pace: Pace
  readonly branch: number
  /** Farthest moment simulated on this branch. `now` < `head` means that we look at the past. */
  readonly head: number
  /** Real milliseconds that this step should take on screen (event-paced); 0 = at once. */
  readonly spreadMs: number
}

/** Glyph of the status language (design.md §4). */
export type Glyph = 'ok' | 'run' | 'prog' | 'pend' | 'warn' | 'err' | 'term' | 'unk' | 'done' | 'cord'

/** A ring that counts simulated time down. `endsAt` null: nothing will end it. */
export interface Ring {
  readonly kind: 'pull' | 'probe' | 'backoff' | 'grace' | 'toleration' | 'scheduler' | 'lease' | 'monitor'
  readonly startedAt: number
  readonly endsAt: number | null
}

export interface PodRow {
  /** uid */
  readonly key: string
  readonly namespace: string
  readonly name: string
  /** Null: a record without a node; drawn on the spine's shelf. */
  readonly node: string | null
  readonly owner: { readonly kind: string; readonly name: string } | null
  readonly phase: string
  /** State of the first container that is not fine, e.g. `Waiting: ContainerCreating`; `none`. */
  readonly container: string
  /** kubectl's STATUS column. */
  readonly status: string
  /** kubectl's READY column, `1/1`. */
  readonly ready: string
  readonly restarts: number
  readonly ip: string
  readonly glyph: Glyph
  /** Second line of the tile: status and ready, or the running timer's words (`Evict in`, with `ring`). */
  readonly line: string
  readonly ring: Ring | null
  readonly deleting: boolean
  readonly createdAt: number
  /** Nothing real behind the record (yet, or any more): dashed. */
  readonly ghost: boolean
}

export interface NodeRow {
  /** name */
  readonly key: string
  readonly zone: string
  readonly roles: string
  readonly ready: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  /** kubectl's STATUS column. */
  readonly status: string
  readonly unschedulable: boolean
  readonly taints: readonly string[]
  /** What is true, as against what the API knows. */
  readonly truth: { readonly power: boolean; readonly link: boolean; readonly kubelet: boolean; readonly runtime: boolean; readonly cni: boolean; readonly kubeProxy: boolean }
  readonly glyph: Glyph
  /** Last time the API heard of the node (lease or status). */
  readonly heardAt: number
  /** 40 s from the last renewal; then the 50 s grace period while it is silent. */
  readonly ring: Ring | null
  readonly cpu: Usage
  /** Bytes. */
  readonly memory: Usage
  readonly podCapacity: number
  readonly joining: boolean
}

/** CPU in millicores, memory in bytes. `used` is what runs there now, by the model of the workloads. */
export interface Usage {
  readonly requested: number
  readonly used: number
  readonly allocatable: number
}

export interface WorkloadRow {
  /** uid */
  readonly key: string
  readonly kind: 'Deployment' | 'ReplicaSet' | 'StatefulSet' | 'DaemonSet' | 'Job' | 'CronJob' | 'ReplicationController'
  readonly namespace: string
  readonly name: string
  readonly owner: string | null
  readonly desired: number
  readonly current: number
  readonly ready: number
  readonly updated: number
  /** Of a Job: how many of its pods have succeeded. */
  readonly available: number
  readonly images: readonly { readonly container: string; readonly image: string }[]
  readonly paused: boolean
  /** A Job that is given up. */
  readonly failed: boolean
  readonly createdAt: number
}

export interface ServiceRow {
  /** uid */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly type: string
  readonly clusterIP: string
  readonly externalIP: string
  readonly ports: string
  readonly endpointsReady: number
  readonly endpoints: number
  readonly createdAt: number
}

export interface ObjectRow {
  /** uid */
  readonly key: string
  readonly resource: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly createdAt: number
}

export interface ComponentRow {
  /** `kube-apiserver`, `etcd`, `kube-scheduler`, `kube-controller-manager`, `cloud-controller-manager` */
  readonly key: string
  /** `standby`: runs, but does not lead (yet). `no-quorum`: etcd only. */
  readonly state: 'up' | 'standby' | 'down' | 'crashed' | 'no-quorum'
  /** Set while a back-off holds its next start back. */
  readonly restart: Ring | null
  /** One or two lines of facts, e.g. `Active 1, back-off 0`. */
  readonly facts: readonly string[]
  readonly members?: readonly { readonly id: string; readonly role: 'leader' | 'follower' | 'candidate' | 'down'; readonly revision: number }[]
  readonly controllers?: readonly { readonly name: string; readonly queue: number; readonly active: boolean; /** step in which it last reconciled */ readonly step: number }[]
  /** kube-apiserver: open watches. */
  readonly watches?: number
}

/** Kind of a hop; each looks different (design.md §6). */
export type HopKind = 'write' | 'read' | 'store' | 'watch' | 'local'

export interface Hop {
  readonly kind: HopKind
  /** Who: `you`, a component, a controller as `kube-controller-manager/replicaset`, or an agent as `kubelet@node-1`. */
  readonly from: string
  readonly to: string
  /** `POST pods`, `put, rev 42`, `MODIFIED pod` */
  readonly label: string
  readonly at: number
  /** HTTP code of a refusal, with the stage of the pipeline that refused. */
  readonly code?: number | undefined
  readonly stage?: string | undefined
}

/** A visible step: one API transaction (identical ones within 50 ms merged), or a fault, or an input. */
export interface StepRow {
  readonly n: number
  /** When it took effect. */
  readonly at: number
  /** When the last of the writes that it stands for took effect; `at` for a single one. */
  readonly endedAt: number
  /** When its last hop had arrived; the picture of the step is the state at this time. */
  readonly until: number
  readonly kind: 'transaction' | 'fault' | 'input'
  readonly lane: string
  /** A sentence: `kubelet on node-2 writes status ContainerCreating`. */
  readonly caption: string
  readonly verb: string
  readonly object: { readonly resource: string; readonly namespace: string; readonly name: string } | null
  readonly revision: number
  /** How many identical writes it stands for. */
  readonly count: number
  readonly hops: readonly Hop[]
  /** A short flag text when it is a milestone: `NotReady`, `Eviction`, `Rolled out`. */
  readonly milestone: string | null
  readonly failed: boolean
  /** Trace record, for `why`. */
  readonly record: number
}

export interface BranchRow {
  readonly id: number
  readonly parent: number | null
  readonly forkedAt: number
  readonly head: number
  readonly label: string
  readonly steps: number
}

export interface OutputRow {
  /** Number of the command, counted through the session. */
  readonly command: number
  readonly at: number
  readonly stream: 'line' | 'stdout' | 'stderr' | 'exit' | 'edit' | 'prompt'
  /**
   * The typed line for `line`, the exit code for `exit`; for `edit` JSON `{ path, text }`: the person is to edit it, the command waits;
   * for `prompt` what stands before the line that it waits for.
   */
  readonly text: string
}
