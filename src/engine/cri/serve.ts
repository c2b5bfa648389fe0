import type { Ctx, Message, Micros } from '../sim'
import { accepts, programNamed, serveFacts, type HttpAnswer, type HttpRequest, type ServeFacts } from '../workloads'
import { ioOf } from './io'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'

/** What requests cost a container now, as they were counted on the wire. */
export interface ContainerLoad {
  readonly cpuMillis: number
  readonly memoryBytes: number
  /** How long a request that comes now waits for its turn. Units: µs. */
  readonly wait: Micros
  /** When it was counted. */
  readonly at: Micros
}

/** Told to `containerd@<node>` about once a second for each container that answers requests. */
export interface LoadMessage extends Message {
  readonly type: 'cri/load'
  readonly uid: string
  readonly id: string
  readonly load: ContainerLoad
}

/** Told to `containerd@<node>` when somebody's request has reached a container: its server logs it. */
export interface ServedMessage extends Message {
  readonly type: 'cri/served'
  readonly uid: string
  readonly id: string
  readonly request: HttpRequest
}

/** Told to `containerd@<node>` when a program's request has cost a container something. Units: µs on one core; bytes while it is in work. */
export interface WorkMessage extends Message {
  readonly type: 'cri/work'
  readonly uid: string
  readonly id: string
  readonly cpu: Micros
  readonly memory: number
}

/** What programs' own requests cost a container: work in its queue, and the time that was spent in this and the last window. */
export interface OwnLoad {
  /** Work that waits. Units: µs on one core. */
  work: Micros
  at: Micros
  windowAt: Micros
  busy: Micros
  busyBefore: Micros
  memory: number
}

/** Over so long requests are counted. Units: µs. */
const windowLength = 5_000_000

/** Adds a program's request to its server's queue. Answers whose it was. */
export function noteWork(state: ContainerdState, message: WorkMessage, now: Micros): { readonly pod: PodSandbox; readonly container: RunningContainer } | undefined {
  const pod = state.pods.get(message.uid)
  const container = pod?.containers.find((c) => c.view.id === message.id)
  if (pod === undefined || container?.view.state !== 'running') return undefined
  const own = (container.own ??= { work: 0, at: now, windowAt: now - (now % windowLength), busy: 0, busyBefore: 0, memory: message.memory })
  turn(own, now)
  own.work = Math.max(0, own.work - (now - own.at) * coresOf(container)) + message.cpu
  own.at = now
  own.busy += message.cpu
  own.memory = message.memory
  return { pod, container }
}

function coresOf(container: RunningContainer): number {
  return container.cpuLimit > 0 ? container.cpuLimit / 1000 : 1
}

function turn(own: OwnLoad, now: Micros): void {
  const windows = Math.floor((now - own.windowAt) / windowLength)
  if (windows <= 0) return
  own.busyBefore = windows === 1 ? own.busy : 0
  own.busy = 0
  own.windowAt += windows * windowLength
}

/** CPU that programs' own requests cost now. Reads only: the windows are turned by who writes. */
function ownCpu(own: OwnLoad, now: Micros): number {
  const windows = Math.floor((now - own.windowAt) / windowLength)
  if (windows > 1) return 0
  const spent = windows === 1 ? own.busy : own.busy + own.busyBefore
  return Math.round((1000 * spent) / (now - own.windowAt + (windows === 1 ? 0 : windowLength)))
}

/** How long a request that comes now waits for its turn behind those of programs. Units: µs. */
export function waitOf(container: RunningContainer, now: Micros): Micros {
  const { own } = container
  if (own === undefined) return 0
  const cores = coresOf(container)
  const left = own.work - (now - own.at) * cores
  // A limited container may use a period's quota at once.
  const burst = container.cpuLimit > 0 ? cores * 100_000 : 0
  return left > burst ? Math.round((left - burst) / cores) : 0
}

/** Lets a server log a request. */
export function noteServed(state: ContainerdState, message: ServedMessage, ctx: Ctx): void {
  const pod = state.pods.get(message.uid)
  const c = pod?.containers.find((x) => x.view.id === message.id)
  if (c?.view.state === 'running') programNamed(c.program).http(c.programState, ioOf(c, ctx, pod), message.request)
}

/** After so long a count says nothing any more. Units: µs. */
const staleAfter = 2_500_000

/** Keeps what was counted; answers whose it was. */
export function noteLoad(state: ContainerdState, message: LoadMessage): { readonly pod: PodSandbox; readonly container: RunningContainer } | undefined {
  const pod = state.pods.get(message.uid)
  const container = pod?.containers.find((c) => c.view.id === message.id)
  if (pod === undefined || container?.view.state !== 'running') return undefined
  container.load = message.load
  return { pod, container }
}

/** The load of a container: traffic as it was counted last, as long as that is fresh, and programs' own requests. */
export function loadOf(container: RunningContainer, now: Micros): ContainerLoad | undefined {
  const traffic = container.load !== undefined && now - container.load.at <= staleAfter ? container.load : undefined
  const { own } = container
  if (own === undefined) return traffic
  const cpuMillis = ownCpu(own, now)
  if (cpuMillis === 0 && own.work <= (now - own.at) * coresOf(container)) return traffic
  return { cpuMillis: cpuMillis + (traffic?.cpuMillis ?? 0), memoryBytes: own.memory + (traffic?.memoryBytes ?? 0), wait: waitOf(container, now) + (traffic?.wait ?? 0), at: now }
}

/** The sandbox that has an address on this node; for the node's own address the host-network pods are asked by `listenerOnHost`. */
export function sandboxAt(state: ContainerdState, ip: string): PodSandbox | undefined {
  for (const pod of state.pods.values()) if (pod.ready && pod.ip === ip) return pod
  return undefined
}

/** The sandbox of a pod by its name, the newest. */
export function sandboxOf(state: ContainerdState, namespace: string, name: string): PodSandbox | undefined {
  let found: PodSandbox | undefined
  for (const pod of state.pods.values()) if (pod.name === name && pod.namespace === namespace && (found === undefined || pod.createdAt >= found.createdAt)) found = pod
  return found
}

/** The container of a pod that takes connections on a port now. */
export function listener(pod: PodSandbox, port: number, ctx: Ctx): RunningContainer | undefined {
  return pod.ready ? pod.containers.find((c) => c.view.state === 'running' && accepts(c.program, c.programState, ioOf(c, ctx), port)) : undefined
}

/** The host-network container of a node that takes connections on a port. */
export function listenerOnHost(state: ContainerdState, port: number, ctx: Ctx): { readonly pod: PodSandbox; readonly container: RunningContainer } | undefined {
  for (const pod of state.pods.values()) {
    const container = pod.hostNetwork ? listener(pod, port, ctx) : undefined
    if (container) return { pod, container }
  }
  return undefined
}

/** Why nothing takes connections on a pod's port, in words. */
export function whyNotListening(pod: PodSandbox, port: number): string {
  const last = pod.containers.at(-1)
  if (last === undefined) return 'no container has started in the pod'
  if (last.view.state !== 'running') return `container ${last.view.name} has exited (${last.view.exitCode})`
  if (last.stoppingSince >= 0) return `container ${last.view.name} was told to stop and accepts nothing new`
  return `nothing listens on port ${port}`
}

/** What a container answers to an HTTP request; status 0: it does not speak HTTP. Leaves no trace in it: see `ServedMessage`. */
export function httpAnswer(container: RunningContainer, request: HttpRequest, ctx: Ctx): HttpAnswer {
  // Asked once for many requests, and by others: so it must leave no line in the log.
  const io = { ...ioOf(container, ctx), out: () => undefined, err: () => undefined }
  return programNamed(container.program).http(container.programState, io, request)
}

/** What a request costs the container, and whom it calls. */
export function serving(container: RunningContainer): ServeFacts {
  return serveFacts(container.spec)
}
