import type { Ctx, Disconnected, Message, Micros } from '../sim'
import { componentProgram, parseImage, type ComponentRun, type ContainerSpec } from '../workloads'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'
import type { LogLine } from './types'

/** A cluster component that runs in a container: its container spawns a process of the simulation. */
export interface ContainerComponent {
  readonly kind: string
  process(node: string, pod: string): string
  params(node: string, pod: PodSandbox, spec: ContainerSpec): unknown
}

/** Components by the last part of their image's name. One line for each. */
const components: Readonly<Record<string, ContainerComponent>> = {
  'kube-proxy': { kind: 'kube-proxy', process: (node) => `kube-proxy@${node}`, params: (node, _pod, spec) => ({ node, mode: flag(spec, '--proxy-mode') }) },
  coredns: { kind: 'coredns', process: (_node, pod) => `coredns@${pod}`, params: (node, pod) => ({ node, pod: pod.name, ip: pod.ip }) },
  'metrics-server': { kind: 'metrics-server', process: (_node, pod) => `metrics-server@${pod}`, params: (_node, pod) => ({ pod: pod.name }) },
  'local-path-provisioner': { kind: 'local-path-provisioner', process: (_node, pod) => `local-path-provisioner@${pod}`, params: (_node, pod) => ({ pod: pod.name }) },
  'ingress-nginx-controller': { kind: 'ingress-controller', process: (_node, pod) => `ingress-controller@${pod}`, params: (node, pod, spec) => ({ node, namespace: pod.namespace, pod: pod.name, ip: pod.ip, publishService: flag(spec, '--publish-service'), ingressClass: flag(spec, '--ingress-class') }) },
}

/** The value of a flag of a container's command line. */
function flag(spec: ContainerSpec, name: string): string | undefined {
  return [...spec.command, ...spec.args].find((a) => a.startsWith(`${name}=`))?.slice(name.length + 1)
}

/** The component that an image is, if any. */
export function componentOf(image: string): ContainerComponent | undefined {
  const { base, repository } = parseImage(image)
  return components[repository.endsWith('ingress-nginx/controller') ? 'ingress-nginx-controller' : base]
}

/** Starts the process that a container is, if it is one. Answers its id, or ''. Components of the control plane are run in static pods of the machine only: elsewhere their images are plain servers. */
export function startProcess(state: ContainerdState, pod: PodSandbox, container: RunningContainer, ctx: Ctx): string {
  const { spec } = container
  const host = pod.hostNetwork && pod.namespace === 'kube-system' ? state.params.components?.[parseImage(spec.image).base] : undefined
  const component = componentOf(spec.image)
  const process = host?.process ?? component?.process(state.node, pod.name) ?? ''
  if (process === '' || ctx.isUp(process)) return process
  if (host) {
    const question: ComponentQuestion = { type: 'cri/component', process, ask: { launch: container } }
    const verdict = ctx.exchange?.(question) as LaunchVerdict | undefined
    if (verdict !== undefined) listenAt(container, verdict)
    if (verdict?.exit !== undefined) return ''
    ctx.spawn(process, host.kind, state.node, verdict?.params ?? ctx.paramsOf(process))
    // Who has a connection to a process is told of its end: so the runtime, its parent, learns of it.
    const hello: Message = { type: 'cri/parent' }
    ctx.send(process, hello)
  } else if (component) ctx.spawn(process, component.kind, state.node, component.params(state.node, pod, spec))
  return process
}

/** A component that fails, or listens elsewhere than its kind does, has a program of its own in its container. */
function listenAt(container: RunningContainer, { ports, exit = -1, after = 0, lines = [], last, again, every = 0 }: LaunchVerdict): void {
  if (exit < 0 && lines.length === 0 && ports.every((p) => container.spec.ports.includes(p))) return
  const run: ComponentRun = { ports, lines, last: last ?? again ?? '', every, exit, after, startedAt: -1 }
  container.program = componentProgram.name
  container.programState = run
}

/** The container that a process is. */
export function containerOfProcess(state: ContainerdState, process: string): { readonly pod: PodSandbox; readonly container: RunningContainer } | undefined {
  for (const pod of state.pods.values())
    for (const container of pod.containers) if (container.process === process && container.view.state === 'running') return { pod, container }
  return undefined
}

/** The process that is gone with this message, if it is one that this machine runs in a container. */
export function lostProcess(state: ContainerdState, message: Message, ctx: Ctx): { readonly pod: PodSandbox; readonly container: RunningContainer } | undefined {
  const { peer } = message as Disconnected
  return ctx.isUp(peer) ? undefined : containerOfProcess(state, peer)
}

/** A container's question to the whole: how a component of the control plane is (the answer is an HTTP status and its text), or what it has said. */
export interface ComponentQuestion extends Message {
  readonly type: 'cri/component'
  readonly process: string
  readonly ask: { readonly health: string } | 'log' | { readonly launch: RunningContainer } | { readonly hostPath: string } | { readonly kubelet: string }
}

/** What becomes of a component of the control plane with its command line and its files. */
export interface LaunchVerdict {
  /** Where it listens. */
  readonly ports: readonly number[]
  /** Parameters of its process; left out: those that the process has. */
  readonly params?: unknown
  /** It does not come to its work: it ends so (-1: it hangs), after a while, with these words. */
  readonly exit?: number | undefined
  readonly after?: Micros | undefined
  readonly lines?: readonly string[] | undefined
  readonly last?: string | undefined
  /** Said again and again. */
  readonly again?: string | undefined
  readonly every?: Micros | undefined
}

/** What a component's health endpoint answers; undefined: this container is none. */
export function componentHealth(container: RunningContainer, path: string, ctx: Ctx): { readonly status: number; readonly body: string } | undefined {
  if (container.process === '') return undefined
  const question: ComponentQuestion = { type: 'cri/component', process: container.process, ask: { health: path } }
  return ctx.exchange?.(question) as { readonly status: number; readonly body: string } | undefined
}

/** What a component has said since it was started, in the order of time. Upstream processes write it to stderr; here it is read off their state. */
export function componentLog(container: RunningContainer, ctx: Ctx): readonly LogLine[] {
  if (container.process === '' || container.view.state !== 'running') return []
  const question: ComponentQuestion = { type: 'cri/component', process: container.process, ask: 'log' }
  return (ctx.exchange?.(question) as readonly LogLine[] | undefined) ?? []
}
