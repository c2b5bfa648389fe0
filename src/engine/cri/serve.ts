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

/** The load of a container, as long as it is fresh. */
export function loadOf(container: RunningContainer, now: Micros): ContainerLoad | undefined {
  return container.load !== undefined && now - container.load.at <= staleAfter ? container.load : undefined
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
