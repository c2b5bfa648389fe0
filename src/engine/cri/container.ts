import { MS, assert, hexText, type Ctx, type Message, type Micros } from '../sim'
import { FileSystem, emulatedProgram, programFor, programNamed, promptOf, startError, type Outcome, type Program, type Session } from '../workloads'
import { componentOf, startProcess } from './components'
import { appendLog, ioOf } from './io'
import { saveVolumes } from './volumes'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'
import { isEmulated, type ContainerView, type CriCall, type CriEventMessage, type CriReplyMessage, type CriResult } from './types'
import { memoryOf } from './usage'
import { freeLayer } from './space'
import { podView } from './view'

/** Timer: a container's program goes on. */
export interface ProgramWake extends Message {
  readonly type: 'cri/wake'
  readonly uid: string
  readonly id: string
}

/** Timer: the grace period is over. */
export interface KillDue extends Message {
  readonly type: 'cri/kill'
  readonly uid: string
  readonly id: string
}

/** From the exec of a container's command to its first instruction. Units: µs. */
const execTime = 30 * MS

/** Starts a container: its record, its program, and for a cluster component its process. One that cannot be executed is dead at once. */
export function startContainer(state: ContainerdState, pod: PodSandbox, call: CriCall & { op: 'start' }, files: FileSystem, delay: Micros, ctx: Ctx): RunningContainer {
  const { host } = call
  const emulated = isEmulated(state.params)
  const component = componentOf(call.spec.image)
  const program: Program = emulated && component === undefined ? (emulatedProgram as Program) : programFor(call.spec)
  const id = emulated ? `${pod.name}_${pod.namespace}_${pod.uid}_${pod.attempt}_${call.name}_${call.attempt}` : hexId(`${pod.uid}/${call.name}/${call.attempt}/${pod.attempt}`)
  const view: ContainerView = Object.freeze({ id, name: call.name, attempt: call.attempt, image: call.spec.image, state: 'running', startedAt: ctx.now, finishedAt: 0, exitCode: 0, reason: '', message: '', specHash: call.specHash })
  const container: RunningContainer = {
    view, podUid: pod.uid, spec: call.spec, program: program.name, programState: program.start(call.spec), files, log: [], logBytes: 0, partial: '',
    wakeTimer: 0, killTimer: 0, stoppingSince: -1, waiters: [], process: '', memoryLimit: host?.memoryLimit ?? 0, cpuLimit: host?.cpuLimit ?? 0, terminationPath: host?.terminationPath ?? '/dev/termination-log', fallbackToLogs: host?.fallbackToLogs === true,
  }
  dropOlder(pod, call.name)
  pod.containers.push(container)
  const cannot = emulated ? undefined : startError(call.spec)
  if (cannot !== undefined) {
    container.view = Object.freeze({ ...view, state: 'exited', startedAt: -ctx.wallMicros() + ctx.now, finishedAt: ctx.now, exitCode: 128, reason: 'StartError', message: `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${cannot}: unknown` })
    return container
  }
  container.process = startProcess(state, pod, container, ctx)
  // A server has nothing to wait for; the shell takes a moment to come up, so that a listing sees it running.
  const wake: ProgramWake = { type: 'cri/wake', uid: pod.uid, id }
  container.wakeTimer = ctx.after(delay + execTime, wake)
  return container
}

/** The runtime keeps one dead container of each name. Upstream: pkg/kubelet/kuberuntime/kuberuntime_gc.go, MaxPerPodContainer 1 */
function dropOlder(pod: PodSandbox, name: string): void {
  const same = pod.containers.filter((c) => c.view.name === name)
  if (same.length < 2) return
  const drop = new Set(same.slice(0, same.length - 1))
  for (const c of drop) freeLayer(c)
  pod.containers = pod.containers.filter((c) => !drop.has(c))
}

/** Gives a running container other limits. Memory that it holds is not taken from it. Upstream: UpdateContainerResources; the kubelet's validateMemoryResizeAction */
export function resizeContainer(container: RunningContainer, limits: { readonly memoryLimit: number; readonly cpuLimit: number }, ctx: Ctx): CriResult {
  const used = memoryOf(container, ctx.now)
  if (limits.memoryLimit > 0 && limits.memoryLimit < used) return { error: `attempting to set container ${container.view.name} memory limit (${limits.memoryLimit}) below current usage (${used})` }
  container.memoryLimit = limits.memoryLimit
  container.cpuLimit = limits.cpuLimit
  return {}
}

/** Runs a container's program on. */
export function wakeContainer(state: ContainerdState, pod: PodSandbox, container: RunningContainer, ctx: Ctx): void {
  container.wakeTimer = 0
  if (container.view.state !== 'running') return
  settle(state, pod, container, programNamed(container.program).run(container.programState, ioOf(container, ctx, pod)), ctx)
  afterRun(state, pod, container, ctx)
}

/** What is typed into a container's terminal: lines for what reads there, Ctrl-C (SIGINT to what runs in its foreground). Answers whether it reads now, and after which prompt. */
export function typeInto(state: ContainerdState, pod: PodSandbox, container: RunningContainer, text: string, ctx: Ctx): CriResult {
  if (container.view.state !== 'running') return {}
  const program = programNamed(container.program)
  const io = ioOf(container, ctx, pod)
  const outcome = text === '' ? undefined : text.includes('\u0003') ? program.interrupt?.(container.programState, io) : program.type?.(container.programState, io, text)
  if (outcome !== undefined) {
    if (container.wakeTimer) ctx.cancel(container.wakeTimer)
    container.wakeTimer = 0
    settle(state, pod, container, outcome, ctx)
    afterRun(state, pod, container, ctx)
  }
  const prompt = program.type === undefined || container.view.state !== 'running' ? undefined : promptOf(container.programState as Session, io)
  return { ok: prompt !== undefined, output: prompt ?? '' }
}

/** After anything ran in a container: changed files are saved, and a container that holds more memory than it may is killed. Upstream: the kernel's OOM killer, memory.oom.group */
export function afterRun(state: ContainerdState, pod: PodSandbox, container: RunningContainer, ctx: Ctx): void {
  if (container.files.mounts.length > 0) saveVolumes(state, container.files, ctx)
  if (container.view.state !== 'running' || isEmulated(state.params)) return
  const most = container.memoryLimit || (state.params.node.memoryBytes ?? 0)
  if (most > 0 && memoryOf(container, ctx.now) > most) exitContainer(state, pod, container, 137, 'OOMKilled', ctx)
}

function settle(state: ContainerdState, pod: PodSandbox, container: RunningContainer, outcome: Outcome, ctx: Ctx): void {
  if ('exit' in outcome) return exitContainer(state, pod, container, outcome.exit, outcome.exit === 0 ? 'Completed' : 'Error', ctx)
  if (outcome.wait === null) return
  assert(outcome.wait > ctx.now, () => `program ${container.program} waits for the past`)
  const wake: ProgramWake = { type: 'cri/wake', uid: container.podUid, id: container.view.id }
  container.wakeTimer = ctx.after(outcome.wait - ctx.now, wake)
}

/** A container's first process is gone. */
export function exitContainer(state: ContainerdState, pod: PodSandbox, container: RunningContainer, code: number, reason: string, ctx: Ctx): void {
  if (container.view.state !== 'running') return
  if (container.wakeTimer) ctx.cancel(container.wakeTimer)
  if (container.killTimer) ctx.cancel(container.killTimer)
  container.wakeTimer = container.killTimer = 0
  if (container.partial !== '') appendLog(container, ctx.wallMicros(), '\n')
  if (container.process) ctx.kill(container.process)
  const message = lastWords(container, code)
  container.view = Object.freeze({ ...container.view, state: 'exited', finishedAt: ctx.now, exitCode: code, reason, message })
  const cause = ctx.cause
  ctx.trace({ kind: 'program', what: `exit ${code}`, object: { resource: 'pods', namespace: pod.namespace, name: pod.name }, detail: Object.freeze({ container: container.view.name, reason }) })
  for (const w of container.waiters) reply(state, w.from, w.id, pod, {}, ctx)
  container.waiters = []
  if (state.kubelet) {
    const event: CriEventMessage = { type: 'cri/event', pod: podView(state, pod) }
    ctx.send(state.kubelet, event)
  }
  ctx.cause = cause
}

/** Upstream: kuberuntime_container.go getTerminationMessage; 4,096 bytes, or of the log 80 lines and 2,048 bytes. */
function lastWords(container: RunningContainer, code: number): string {
  const text = container.files.get(container.terminationPath) ?? ''
  if (text !== '' || code === 0 || !container.fallbackToLogs) return text.slice(0, 4096)
  let log = ''
  for (const l of container.log.slice(-80)) log += `${l.text}\n`
  return log.slice(-2048)
}

/** SIGTERM, and SIGKILL after the grace period; the caller is answered at the end. */
export function stopContainer(state: ContainerdState, pod: PodSandbox, container: RunningContainer, call: CriCall & { op: 'stop' }, waiter: { readonly id: number; readonly from: string }, ctx: Ctx): void {
  container.waiters.push(waiter)
  if (state.params.immediateStop) return exitContainer(state, pod, container, 0, '', ctx)
  if (call.grace <= 0) return exitContainer(state, pod, container, 137, 'Error', ctx)
  const kill: KillDue = { type: 'cri/kill', uid: pod.uid, id: container.view.id }
  if (container.killTimer) ctx.cancel(container.killTimer)
  container.killTimer = ctx.after(call.grace, kill)
  if (container.stoppingSince >= 0) return
  container.stoppingSince = ctx.now
  const before = container.wakeTimer
  const outcome = programNamed(container.program).terminate(container.programState, ioOf(container, ctx, pod))
  if ('exit' in outcome) return settle(state, pod, container, outcome, ctx)
  if (outcome.wait !== null) {
    if (before) ctx.cancel(before)
    settle(state, pod, container, outcome, ctx)
  }
}

/** Answers a call, with the pod as it is now. */
export function reply(state: ContainerdState, to: string, id: number, pod: PodSandbox | undefined, result: CriResult, ctx: Ctx, extra = 0): void {
  const message: CriReplyMessage = { type: 'cri/reply', id, result, pod: pod ? podView(state, pod) : null }
  ctx.send(to, message, extra)
}

/** A 64-digit id drawn from a text: 64 bits of it, spread out. */
export function hexId(text: string): string {
  let a = 0x811c9dc5 | 0
  let b = 0x9e3779b1 | 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 16777619)
    b = (Math.imul(b ^ c, 0x85ebca6b) + 0x7f4a7c15) | 0
  }
  const words: number[] = []
  for (let part = 0; part < 8; part++) {
    let h = (part % 2 === 0 ? a : b) ^ Math.imul(part + 1, 0xc2b2ae35)
    h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
    h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
    words.push(h ^ (h >>> 15))
  }
  return hexText(words)
}
