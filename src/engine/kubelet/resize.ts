import { SECOND, type Ctx, type Message } from '../sim'
import type { Container, Pod, PodCondition, ResourceRequirements } from '../api'
import { deepEqual, quantityMilliValue, quantityValue } from '../apimachinery'
import type { CriResult } from '../cri'
import { podRequests, roomFor } from './admission'
import { ephemeralContainers, initContainers, isSidecar, isStaticPod, podReference } from './pod'
import type { KubeletState, PodWorker } from './state'

/** A change of a running pod's resources. Upstream: pkg/kubelet/allocation, status manager's resize conditions */
export interface Resize {
  /** The pod as the API has it, while the node has not granted what it asks for; null: all is granted. */
  desired: Pod | null
  /** Why it is not granted. */
  pending: { readonly reason: 'Deferred' | 'Infeasible'; readonly message: string; readonly generation: number } | null
  /** Granted and not (all) done yet; `error`: why it cannot be done. */
  inProgress: { readonly generation: number; readonly error: string } | null
  /** What the containers run with, where that is not what was granted. */
  readonly actual: Map<string, ResourceRequirements>
}

/** Timer: resizes that wait for room are tried again. Upstream: allocation_manager.go retryDelay */
export interface ResizeRetry extends Message {
  readonly type: 'kubelet/resize-retry'
}

const retryAfter = 180 * SECOND
const none: ResourceRequirements = Object.freeze({})

/** Conditions of a resize, which come and go. */
export const resizeConditions: readonly string[] = ['PodResizePending', 'PodResizeInProgress']

/**
 * The pod's object has changed: what it wants of the node is granted, or it goes on as it was. Answers the pod as the kubelet works on it.
 * Upstream: allocation_manager.go handlePodResourcesResize, UpdatePodFromAllocation
 */
export function considerResize(state: KubeletState, worker: PodWorker, pod: Pod, ctx: Ctx, again = false): Pod {
  const allocated = worker.pod
  if (worker.resize === null && (pod.spec === allocated.spec || pod.metadata.generation === allocated.metadata.generation || sameResources(pod, allocated))) return pod
  if (worker.isStatic || worker.stage !== 'sync' || worker.rejected) return pod
  if (sameResources(pod, allocated)) {
    // What was asked for is what it has: nothing waits any more.
    const { resize } = worker
    if (resize) resize.desired = resize.pending = null
    return pod
  }
  const waiting = worker.resize
  if (!again && waiting?.pending && waiting.pending.generation === (pod.metadata.generation ?? 0)) {
    waiting.desired = pod
    return withResources(pod, resourcesOf(allocated))
  }
  const resize = (worker.resize ??= { desired: null, pending: null, inProgress: null, actual: new Map() })
  const generation = pod.metadata.generation ?? 0
  const refused = refusal(state, pod)
  if (refused === null) {
    const running = state.views.get(worker.uid)?.containers ?? []
    for (const c of resizable(allocated)) if (!resize.actual.has(c.name) && running.some((v) => v.name === c.name && v.state === 'running')) resize.actual.set(c.name, c.resources ?? none)
    resize.desired = resize.pending = null
    resize.inProgress = { generation, error: '' }
    worker.requests = null
    state.recorder.event(ctx, podReference(pod), 'Normal', 'ResizeStarted', `Pod resize started: ${summary(pod, generation)}`)
    completeResize(state, worker, pod, ctx)
    return pod
  }
  const before = resize.pending
  if (before === null || before.reason !== refused.reason || before.message !== refused.message || before.generation !== generation)
    state.recorder.event(ctx, podReference(pod), 'Warning', refused.reason === 'Infeasible' ? 'ResizeInfeasible' : 'ResizeDeferred', `Pod resize ${refused.reason}: ${summary(pod, generation, refused.message)}`)
  resize.pending = { ...refused, generation }
  resize.desired = pod
  if (refused.reason === 'Deferred') {
    const retry: ResizeRetry = { type: 'kubelet/resize-retry' }
    ctx.after(retryAfter, retry)
    state.deferredResizes.add(worker.uid)
  }
  return withResources(pod, resourcesOf(allocated))
}

/** Resizes that wait for room are looked at again: a pod has gone, or time has. Answers the workers whose pods got what they want. */
export function retryResizes(state: KubeletState, ctx: Ctx): readonly PodWorker[] {
  const waiting = [...state.deferredResizes].flatMap((uid) => state.workers.get(uid) ?? []).filter((w) => w.resize?.desired != null && w.resize.pending?.reason === 'Deferred')
  state.deferredResizes.clear()
  // Those of higher priority first, then who has waited longest.
  waiting.sort((a, b) => (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0))
  const granted: PodWorker[] = []
  for (const worker of waiting) {
    const desired = worker.resize?.desired as Pod
    worker.pod = considerResize(state, worker, { ...desired, status: worker.pod.status } as Pod, ctx, true)
    if (worker.resize?.desired === null) granted.push(worker)
  }
  return granted
}

/** Why the node cannot give a pod what it wants, for good or for now. Upstream: allocation/handlers.go, lifecycle/predicate.go */
function refusal(state: KubeletState, pod: Pod): { readonly reason: 'Deferred' | 'Infeasible'; readonly message: string } | null {
  if (isStaticPod(pod)) return { reason: 'Infeasible', message: 'In-place resize of static-pods is not supported' }
  const { cpuMillis, memoryBytes } = state.allocatable
  const want = podRequests(pod)
  const over = want.cpu > cpuMillis ? `cpu, requested: ${want.cpu}, capacity: ${cpuMillis}` : want.memory > memoryBytes ? `memory, requested: ${want.memory}, capacity: ${memoryBytes}` : ''
  if (over !== '') return { reason: 'Infeasible', message: `Node didn't have enough capacity: ${over}` }
  const lacks = roomFor(state, pod)
  return lacks === null ? null : { reason: 'Deferred', message: lacks.message.replace('Pod was rejected: ', '') }
}

/** Containers whose resources may change while they run. */
function resizable(pod: Pod): readonly Container[] {
  const sidecars = initContainers(pod).filter(isSidecar)
  return sidecars.length === 0 ? pod.spec.containers : [...sidecars, ...pod.spec.containers]
}

function sameResources(a: Pod, b: Pod): boolean {
  const of = new Map(resizable(b).map((c) => [c.name, c.resources ?? none]))
  return resizable(a).every((c) => deepEqual(c.resources ?? none, of.get(c.name) ?? c.resources ?? none))
}

const resourcesOf = (pod: Pod) => new Map(resizable(pod).map((c) => [c.name, c.resources]))

function withResources(pod: Pod, of: ReadonlyMap<string, ResourceRequirements | undefined>): Pod {
  const give = (c: Container): Container => (of.has(c.name) ? ({ ...c, resources: of.get(c.name) } as Container) : c)
  const spec = { ...pod.spec, containers: pod.spec.containers.map(give) }
  if (pod.spec.initContainers) spec.initContainers = pod.spec.initContainers.map((c) => (isSidecar(c) ? give(c) : c))
  return Object.freeze({ ...pod, spec })
}

/** What has to be done to a running container: nothing, new limits, or a restart, as its policy has it. Upstream: kuberuntime_manager.go computePodResizeAction */
export function resizeStep(worker: PodWorker, container: Container): 'update' | 'restart' | null {
  const actual = worker.resize?.actual.get(container.name)
  if (actual === undefined || ephemeralContainers(worker.pod).some((c) => c.name === container.name)) return null
  const want = container.resources ?? none
  if (deepEqual(actual, want)) return null
  for (const name of ['cpu', 'memory'] as const) {
    const changed = want.requests?.[name] !== actual.requests?.[name] || want.limits?.[name] !== actual.limits?.[name]
    if (changed && container.resizePolicy?.find((p) => p.resourceName === name)?.restartPolicy === 'RestartContainer') return 'restart'
  }
  return 'update'
}

/** The limits of a container. Units: bytes, thousandths of a CPU; 0: none. */
export function limitsOf(container: Container): { readonly memoryLimit: number; readonly cpuLimit: number } {
  const limits = container.resources?.limits
  return { memoryLimit: limits?.memory === undefined ? 0 : Number(quantityValue(String(limits.memory))), cpuLimit: limits?.cpu === undefined ? 0 : Number(quantityMilliValue(String(limits.cpu))) }
}

/** A container runs with what was granted (or the runtime refused it). When all do, the resize is over. */
export function resized(state: KubeletState, worker: PodWorker, name: string, result: CriResult, ctx: Ctx): void {
  const { resize } = worker
  if (resize?.inProgress == null) return
  const generation = worker.pod.metadata.generation ?? 0
  if (result.error !== undefined) {
    if (resize.inProgress.error !== result.error) state.recorder.event(ctx, podReference(worker.pod), 'Warning', 'ResizeError', `Pod resize error: ${summary(worker.pod, generation, result.error)}`)
    resize.inProgress = { ...resize.inProgress, error: result.error }
    return
  }
  resize.actual.delete(name)
  completeResize(state, worker, worker.pod, ctx)
}

/** Over when no container runs with anything else than it was granted. */
function completeResize(state: KubeletState, worker: PodWorker, pod: Pod, ctx: Ctx): void {
  const resize = worker.resize as Resize
  if (resizable(pod).some((c) => resize.actual.has(c.name) && !deepEqual(resize.actual.get(c.name), c.resources ?? none))) return
  resize.actual.clear()
  resize.inProgress = null
  state.recorder.event(ctx, podReference(pod), 'Normal', 'ResizeCompleted', `Pod resize completed: ${summary(pod, pod.metadata.generation ?? 0)}`)
  if (resize.desired === null) worker.resize = null
}

/** The pod's conditions of its resize, fields in Go's order. Upstream: status_manager.go podResizeConditions */
export function conditionsOfResize(worker: PodWorker, before: readonly PodCondition[], now: string): PodCondition[] {
  const { resize } = worker
  if (resize === null) return []
  const out: PodCondition[] = []
  const add = (type: string, generation: number, reason: string, message: string): void => {
    const was = before.find((c) => c.type === type)
    const c = { type, observedGeneration: generation, status: 'True', lastProbeTime: null, lastTransitionTime: was?.lastTransitionTime ?? now } as unknown as PodCondition
    if (reason !== '') c.reason = reason
    if (message !== '') c.message = message
    out.push(was !== undefined && deepEqual(was, c) ? was : c)
  }
  if (resize.pending) add('PodResizePending', resize.pending.generation, resize.pending.reason, resize.pending.message)
  if (resize.inProgress) add('PodResizeInProgress', resize.inProgress.generation, resize.inProgress.error === '' ? '' : 'Error', resize.inProgress.error)
  return out
}

/** The wanted resources as events tell them. Upstream: pkg/kubelet/events/event.go makeResourceSummaryFromSpec */
function summary(pod: Pod, generation: number, error = ''): string {
  const sorted = (list: Readonly<Record<string, string>> | undefined) => list && Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1)))
  const of = (c: Container) => ({ name: c.name, resources: { ...(c.resources?.limits ? { limits: sorted(c.resources.limits) } : {}), ...(c.resources?.requests ? { requests: sorted(c.resources.requests) } : {}) } })
  const sidecars = initContainers(pod).filter(isSidecar)
  return JSON.stringify({ ...(sidecars.length > 0 ? { initContainers: sidecars.map(of) } : {}), containers: pod.spec.containers.map(of), generation, ...(error === '' ? {} : { error }) })
}

/** After a start of the kubelet: what a pod runs with is in its status, where a resize was under way. */
export function resumeResize(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const { pod } = worker
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const had = new Map<string, ResourceRequirements>()
  for (const c of resizable(pod)) {
    const s = statuses.find((x) => x.name === c.name)
    if (s?.state?.running && s.resources && !deepEqual(s.resources, c.resources ?? none)) had.set(c.name, s.resources)
  }
  if (had.size === 0) return
  worker.pod = withResources({ ...pod, metadata: { ...pod.metadata, generation: -1 } }, had)
  worker.pod = considerResize(state, worker, pod, ctx)
}
