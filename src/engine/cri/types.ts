import type { Message, Micros } from '../sim'
import type { ContainerSpec, ContainerUsage, EtcFiles, VolumeSource } from '../workloads'

export type { ContainerSpec, ContainerUsage, EtcFiles, VolumeSource } from '../workloads'

/** How a node pulls images. `fixedMs`: every pull takes that long, as in the recordings. */
export type PullModel = { readonly fixedMs: number } | { readonly bytesPerSecond: number; readonly latencyMs: number }

/** A component of the control plane that a container of this machine is: a process that the simulation knows with its params (the disk of an etcd member lies in them). */
export interface HostComponent {
  readonly process: string
  readonly kind: string
}

/** Parameters of `containerd@<node>`; the same object may be given to `kubelet@<node>`. */
export interface ContainerdParams {
  readonly node: { readonly name: string; readonly images?: readonly string[] | undefined; readonly podCIDR?: string | undefined; readonly cpuMillis?: number; readonly memoryBytes?: number; readonly diskBytes?: number | undefined; readonly files?: Readonly<Record<string, string>> | undefined }
  /** Components that static pods of this machine run, by the last part of the image's name. */
  readonly components?: Readonly<Record<string, HostComponent>> | undefined
  readonly pull: PullModel
  /** Containers stop at once on SIGTERM, with exit code 0 and no reason (as in the recordings). */
  readonly immediateStop?: boolean | undefined
  /** `emulated` is the runtime of the recordings: programs parsed from commands, probes succeed, nothing survives a power-off. Default: `emulated` with immediateStop, else `containerd`. */
  readonly runtime?: 'containerd' | 'emulated' | undefined
}

/** True when the node's runtime is the recordings' emulation. */
export function isEmulated(params: Pick<ContainerdParams, 'runtime' | 'immediateStop'>): boolean {
  return params.runtime === undefined ? params.immediateStop === true : params.runtime === 'emulated'
}

/** A container as the runtime reports it. Immutable. Upstream: cri-api ContainerStatus */
export interface ContainerView {
  readonly id: string
  readonly name: string
  readonly attempt: number
  readonly image: string
  readonly state: 'running' | 'exited'
  readonly startedAt: Micros
  readonly finishedAt: Micros
  readonly exitCode: number
  readonly reason: string
  readonly message: string
  readonly specHash: string
}

/** A pod as the runtime reports it. Immutable. `containers`: newest first. Upstream: kubecontainer.PodStatus */
export interface PodView {
  /** Grows with every view that the runtime gives out: a later one is newer. */
  readonly version: number
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly sandbox: { readonly id: string; readonly ready: boolean; readonly ip: string; readonly attempt: number; readonly createdAt: Micros } | null
  readonly containers: readonly ContainerView[]
}

/** A volume with what it holds. */
export interface VolumeGiven {
  readonly name: string
  readonly source: VolumeSource
}

/** What the machine gives a container besides its program: volumes, limits, the files in /etc. Plain frozen data. */
export interface ContainerHost {
  /** Volumes of the pod that this container mounts; those that the runtime has already are left as they are. */
  readonly volumes: readonly VolumeGiven[]
  readonly mounts: readonly { readonly volume: string; readonly path: string; readonly sub: string; readonly readOnly: boolean }[]
  readonly etc: EtcFiles | null
  readonly readOnlyRoot: boolean
  /** 0: none. Units: bytes; thousandths of a CPU. */
  readonly memoryLimit: number
  readonly cpuLimit: number
  /** Where the last words of the container are, and whether its log will do instead after a failure. */
  readonly terminationPath: string
  readonly fallbackToLogs: boolean
}

/** What one container uses. `throttledMillis`: the CPU it wants beyond its limit. */
export interface ContainerStats extends ContainerUsage {
  readonly uid: string
  readonly name: string
  readonly throttledMillis: number
}

/** What the machine has left. Units: bytes. Upstream: kubelet/pkg/apis/stats/v1alpha1 Summary */
export interface MachineStats {
  readonly fs: { readonly capacity: number; readonly available: number }
  readonly processes: { readonly most: number; readonly running: number }
  /** By pod uid: what its volumes on the machine's disk hold, by their names; and its containers, by name. */
  readonly pods: ReadonlyMap<string, { readonly volumes: ReadonlyMap<string, number>; readonly containers: ReadonlyMap<string, { readonly layer: number; readonly logs: number; readonly processes: number }> }>
}

/** Calls of the kubelet. Upstream: cri-api RuntimeService and ImageService; create and start are one call here. */
export type CriCall =
  | { readonly op: 'list'; readonly podCIDR?: string | undefined }
  | { readonly op: 'run-sandbox'; readonly uid: string; readonly namespace: string; readonly name: string; readonly attempt: number; readonly hostNetwork: boolean }
  | { readonly op: 'stop-sandbox'; readonly uid: string }
  | { readonly op: 'remove-pod'; readonly uid: string }
  /** `registries`: those that the pod has credentials for. */
  | { readonly op: 'pull'; readonly image: string; readonly registries?: readonly string[] | undefined }
  | { readonly op: 'start'; readonly uid: string; readonly name: string; readonly attempt: number; readonly spec: ContainerSpec; readonly specHash: string; readonly host?: ContainerHost | undefined }
  /** New contents of volumes that the kubelet writes. */
  | { readonly op: 'volumes'; readonly uid: string; readonly volumes: readonly VolumeGiven[] }
  /** Other limits for a running container. Units: bytes; thousandths of a CPU; 0: none. Upstream: UpdateContainerResources */
  | { readonly op: 'resize'; readonly uid: string; readonly id: string; readonly memoryLimit: number; readonly cpuLimit: number }
  /** `summary`: with what lies on the disk, and of the machine. */
  | { readonly op: 'stats'; readonly summary?: boolean | undefined }
  /** All containers of a pod, which run no more. */
  | { readonly op: 'remove-containers'; readonly uid: string }
  /** A pod that has ended: its volumes on the machine are removed; `layers`: its containers too, but for what is known of them. */
  | { readonly op: 'release'; readonly uid: string; readonly layers: boolean }
  /** Images that nothing uses are removed, but those named. */
  | { readonly op: 'remove-images'; readonly keep: readonly string[] }
  /** Grace in µs. Answered when the container is gone. */
  | { readonly op: 'stop'; readonly uid: string; readonly id: string; readonly grace: Micros }
  | { readonly op: 'probe'; readonly uid: string; readonly name: string; readonly probe: ProbeAction }
  /** Timeout in µs; 0: none. The answer takes as long as the command would. */
  | { readonly op: 'exec'; readonly uid: string; readonly name: string; readonly command: readonly string[]; readonly stdin?: string | undefined; readonly timeout?: Micros | undefined }
  /** A command that is typed into: begins one (`session` empty) or goes on with it. Answers what was printed, whether it reads (`ok`), and after which prompt (`output`). */
  | { readonly op: 'session'; readonly uid: string; readonly name: string; readonly session: string; readonly command: readonly string[]; readonly text?: string | undefined }
  /** Typed into the terminal of a container; nothing asks whether it reads, answered as `session`. */
  | { readonly op: 'type'; readonly uid: string; readonly name: string; readonly text: string }
  | { readonly op: 'log'; readonly uid: string; readonly name: string; readonly previous: boolean }

/** What a probe tries. */
export type ProbeAction =
  | { readonly kind: 'exec'; readonly command: readonly string[]; readonly timeout: Micros }
  /** `host`: what the probe asks for instead of the pod's address. */
  | { readonly kind: 'http'; readonly host?: string | undefined; readonly port: number; readonly path: string; readonly scheme: string; readonly timeout: Micros }
  | { readonly kind: 'tcp'; readonly port: number; readonly timeout: Micros }
  | { readonly kind: 'grpc'; readonly port: number; readonly timeout: Micros }

/** A line of a container's log. */
export interface LogLine {
  /** Wall clock. Units: µs since 1970. */
  readonly at: number
  readonly text: string
  /** No line break came after it (yet). Upstream: CRI log tag P */
  readonly partial?: boolean | undefined
}

/** Answers. `error` is the runtime's text. */
export interface CriResult {
  readonly error?: string | undefined
  readonly ok?: boolean | undefined
  readonly output?: string | undefined
  readonly stdout?: string | undefined
  readonly stderr?: string | undefined
  readonly stats?: readonly ContainerStats[] | undefined
  readonly machine?: MachineStats | undefined
  readonly code?: number | undefined
  /** pull: how long the pull itself took (µs), and the image's size. */
  readonly took?: Micros | undefined
  readonly size?: number | undefined
  readonly id?: string | undefined
  readonly lines?: readonly LogLine[] | undefined
  readonly pods?: readonly PodView[] | undefined
  readonly images?: readonly string[] | undefined
  /** list: the kubelet's own file. */
  readonly config?: string | undefined
  /** list: files of the directory of static pods. */
  readonly manifests?: readonly (readonly [path: string, text: string])[] | undefined
}

/** kubelet → containerd */
export interface CriCallMessage extends Message {
  readonly type: 'cri/call'
  readonly id: number
  readonly from: string
  readonly call: CriCall
}

/** containerd → kubelet; carries the pod as it is now. */
export interface CriReplyMessage extends Message {
  readonly type: 'cri/reply'
  readonly id: number
  readonly result: CriResult
  readonly pod: PodView | null
}

/** containerd → kubelet: something of a pod changed by itself (a container exited). What the kubelet's PLEG would find by listing. */
export interface CriEventMessage extends Message {
  readonly type: 'cri/event'
  readonly pod: PodView
}

/** Where kubeadm puts the kubelet's configuration. Upstream: cmd/kubeadm/app/constants KubeletConfigurationFileName */
export const kubeletConfigPath = '/var/lib/kubelet/config.yaml'

/** Directory of static pods' manifests. Upstream: KubeletConfiguration staticPodPath, as kubeadm sets it */
export const manifestDirectory = '/etc/kubernetes/manifests/'

/** containerd → kubelet: a file in the directory of static pods was written, or is gone (null). What inotify tells upstream; the machine's files are kept by the runtime's process here. */
export interface ManifestEvent extends Message {
  readonly type: 'cri/manifest'
  readonly path: string
  readonly text: string | null
}

/** To containerd: somebody on the machine itself writes a file, or removes it (null). */
export interface HostFileMessage extends Message {
  readonly type: 'cri/host-file'
  readonly path: string
  readonly text: string | null
}

/** To containerd: the process of a component has ended with this code. */
export interface ProcessEnded extends Message {
  readonly type: 'cri/process-ended'
  readonly process: string
  readonly code: number
}
