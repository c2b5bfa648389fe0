import type { Micros, TimerId } from '../sim'
import type { IpamState } from '../cni'
import type { ContainerSpec, DiskSpace, FileSystem, Volume } from '../workloads'
import type { ContainerLoad, OwnLoad } from './serve'
import type { ExecSession } from './sessions'
import type { ContainerdParams, ContainerView, CriCallMessage, LogLine } from './types'

/** A container and its running program. */
export interface RunningContainer {
  view: ContainerView
  readonly podUid: string
  readonly spec: ContainerSpec
  program: string
  programState: unknown
  readonly files: FileSystem
  /** Newest lines last. Bounds: `mostLogLines`. */
  log: LogLine[]
  /** Bytes of all that it wrote, as far as rotation keeps it. */
  logBytes: number
  /** Text after the last line break. */
  partial: string
  /** Wake of the program, and of SIGKILL. 0: none. */
  wakeTimer: TimerId
  killTimer: TimerId
  stoppingSince: Micros
  /** Calls that wait for its end. */
  waiters: { readonly id: number; readonly from: string }[]
  /** Process of a cluster component that this container is, e.g. `kube-proxy@node-1`. */
  process: string
  /** 0: none. Units: bytes; thousandths of a CPU. */
  memoryLimit: number
  cpuLimit: number
  readonly terminationPath: string
  readonly fallbackToLogs: boolean
  /** What requests cost it, as counted last; and what those of programs in containers do. */
  load?: ContainerLoad
  own?: OwnLoad
}

/** A pod's sandbox and its containers. */
export interface PodSandbox {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  id: string
  ready: boolean
  ip: string
  attempt: number
  createdAt: Micros
  hostNetwork: boolean
  /** Oldest first. Bounds: two of each name, older ones are removed. */
  containers: RunningContainer[]
  /** Volumes of the pod alone, by name. */
  readonly volumes: Map<string, Volume>
}

/** State of `containerd@<node>`. */
export interface ContainerdState {
  readonly params: ContainerdParams
  readonly node: string
  /** False until the disk was read. */
  ready: boolean
  early: CriCallMessage[]
  readonly images: Map<string, number>
  readonly pods: Map<string, PodSandbox>
  readonly ipam: IpamState
  /** The machine's disk. */
  readonly space: DiskSpace
  /** The machine's own files, as hostPath volumes see them. */
  readonly hostFiles: Volume
  /** Volumes on the network that are attached here, by id. */
  readonly attached: Map<string, Volume>
  /** Starts that wait for a volume to be attached. Bounds: one for each pod of the node. */
  parked: { readonly id: string; readonly message: CriCallMessage }[]
  /** Commands that somebody types into. */
  sessions?: Map<string, ExecSession>
  /** Who is told of changes. */
  kubelet: string
  next: number
}

/** What rotation keeps of a container's log. Units: bytes. Upstream: containerLogMaxSize 10Mi, containerLogMaxFiles 5 */
export const mostLogBytes = 5 * 10 * 1024 * 1024

/** Bounds of a container's log, in lines. */
export const mostLogLines = 2_000
