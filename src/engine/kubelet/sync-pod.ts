import { SECOND, parseTime, type Ctx, type Message } from '../sim'
import type { Container, PodStatus } from '../api'
import { isEmulated, type CriResult } from '../cri'
import { getBackoff, goSeconds, inBackoffSince, nextBackoff } from './backoff'
import { containerHost, containerSpec, rootRefused } from './container-spec'
import { environment } from './env'
import { dnsLimits } from './etc-files'
import { beginPostStart, hookFailure, killContainer } from './hooks'
import { expandVolumes } from './expand'
import { ensureImage } from './images'
import { reconcileMirror } from './mirror'
import { intervals } from './params'
import { containerReference, ephemeralContainers, formatPod, initContainers, isTerminalPhase, podReference } from './pod'
import { computePodActions, specHash } from './pod-actions'
import { generatePodStatus } from './pod-status'
import { probeResult, startProbes } from './prober'
import { lookForPullSecrets } from './pull-secrets'
import { limitsOf, resized, resizeStep } from './resize'
import { callRuntime } from './runtime'
import { setPodStatus } from './status-manager'
import { endSync, markDirty } from './worker-queue'
import type { KubeletState, Operation, PodWorker, Step } from './state'
import { prepareVolumes, readClaims, refreshVolumes, volumesGivenUp } from './volumes'

/** Timer: an operation's volumes are looked at. */
export interface VolumePoll extends Message {
  readonly type: 'kubelet/volumes'
  readonly uid: string
  readonly startedAt: number
}

/** One sync of a pod that should run. Upstream: kubelet.go SyncPod, kuberuntime_manager.go SyncPod */
export function beginSync(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const pod = worker.pod
  reconcileMirror(state, worker, ctx)
  checkDeadline(worker, state, ctx)
  const status = generatePodStatus(state, worker, worker.termination !== null, ctx)
  const terminal = isTerminalPhase(status.phase)
  const op: Operation = { stage: 'sync', steps: [], startedAt: ctx.now, view: state.views.get(worker.uid), waiting: 0, failed: false, backoffEnds: 0, pulling: '', sandboxMade: false }
  worker.op = op
  setPodStatus(state, worker, status, true, ctx)
  startProbes(state, worker, ctx)
  refreshVolumes(state, worker, ctx)
  if (pod.spec.volumes !== undefined) expandVolumes(state, worker, ctx)
  if (terminal) {
    // It has run to its end: what is left of it is taken down after the next listing.
    worker.stage = 'terminating'
    return endSync(state, worker, 'again', ctx)
  }
  if (pod.spec.imagePullSecrets !== undefined) lookForPullSecrets(state, worker, ctx)
  const view = state.views.get(worker.uid)
  const steps = computePodActions(pod, view, {
    volumesReady: worker.volumesReady,
    grace: (pod.spec.terminationGracePeriodSeconds ?? 30) * SECOND,
    failedProbe: (name) => (probeResult(state, pod, name, 'startup') === false && hasProbe(worker, name, 'startupProbe') ? 'startup' : probeResult(state, pod, name, 'liveness') === false ? 'liveness' : null),
    resize: worker.resize?.inProgress ? (c) => resizeStep(worker, c) : undefined,
    started: (name) => status.initContainerStatuses?.find((s) => s.name === name)?.started === true,
  })
  op.steps.push(...steps)
  advance(state, worker, ctx)
}

function hasProbe(worker: PodWorker, name: string, probe: 'startupProbe'): boolean {
  return [...initContainers(worker.pod), ...worker.pod.spec.containers].some((c) => c.name === name && c[probe] !== undefined)
}

/** Upstream: pkg/kubelet/active_deadline.go */
function checkDeadline(worker: PodWorker, state: KubeletState, ctx: Ctx): void {
  const seconds = worker.pod.spec.activeDeadlineSeconds
  const start = worker.pod.status?.startTime ?? state.statuses.get(worker.uid)?.status.startTime
  if (seconds === undefined || start === undefined || worker.termination) return
  const since = parseTime(start)
  if (since === undefined || ctx.wallMicros() - since < seconds * SECOND) return
  const message = 'Pod was active on the node longer than the specified deadline'
  state.recorder.event(ctx, podReference(worker.pod), 'Normal', 'DeadlineExceeded', message)
  worker.termination = { since: ctx.now, grace: 0, endsAt: ctx.now, override: { phase: 'Failed', reason: 'DeadlineExceeded', message } }
}

/** Does the steps of an operation one after another, until one has to wait. */
export function advance(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const op = worker.op
  if (op === null) return
  for (;;) {
    // A pod that is to go is not started any further.
    if (worker.pod.metadata.deletionTimestamp !== undefined || worker.orphan) op.steps.length = 0
    const step = op.steps[0]
    if (step === undefined) return endSync(state, worker, 'later', ctx)
    if (!perform(state, worker, op, step, ctx)) return
    op.steps.shift()
  }
}

function podName(worker: PodWorker): { namespace: string; name: string } {
  return { namespace: worker.pod.metadata.namespace ?? '', name: worker.pod.metadata.name }
}

/** True when the step is done (or was given up); false when an answer or a timer goes on with it. */
function perform(state: KubeletState, worker: PodWorker, op: Operation, step: Step, ctx: Ctx): boolean {
  const call = { for: 'step', uid: worker.uid, startedAt: op.startedAt } as const
  switch (step.do) {
    case 'volumes': {
      if (worker.pod.spec.volumes === undefined || worker.pod.spec.volumes.length === 0) {
        worker.volumesReady = true
        return true
      }
      if (worker.volumesSince < 0) worker.volumesSince = ctx.now
      readClaims(state, worker, ctx)
      const poll: VolumePoll = { type: 'kubelet/volumes', uid: worker.uid, startedAt: op.startedAt }
      ctx.after(intervals.volumePoll, poll)
      return false
    }
    case 'stop-sandbox':
      state.recorder.event(ctx, podReference(worker.pod), 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
      callRuntime(state, { op: 'stop-sandbox', uid: worker.uid }, call, podName(worker), ctx)
      return false
    case 'sandbox':
      callRuntime(state, { op: 'run-sandbox', uid: worker.uid, ...podName(worker), attempt: step.attempt, hostNetwork: worker.pod.spec.hostNetwork === true }, call, podName(worker), ctx)
      return false
    case 'kill':
      state.recorder.event(ctx, containerReference(worker.pod, step.name), 'Normal', 'Killing', step.message)
      killContainer(state, worker, [...worker.pod.spec.containers, ...initContainers(worker.pod)].find((c) => c.name === step.name), step.id, step.grace, call, ctx)
      return false
    case 'reset':
      callRuntime(state, { op: 'remove-containers', uid: worker.uid }, call, podName(worker), ctx)
      return false
    case 'resize': {
      const container = [...worker.pod.spec.containers, ...initContainers(worker.pod)].find((c) => c.name === step.name)
      if (container === undefined) return true
      callRuntime(state, { op: 'resize', uid: worker.uid, id: step.id, ...limitsOf(container) }, call, podName(worker), ctx)
      return false
    }
    case 'start':
      return start(state, worker, op, step, ctx)
  }
}

function containerOf(worker: PodWorker, step: Step & { do: 'start' }): Container | undefined {
  return (step.init ? initContainers(worker.pod) : worker.pod.spec.containers).find((c) => c.name === step.name) ?? ephemeralContainers(worker.pod).find((c) => c.name === step.name)
}

/** A container cannot be started now: its waiting state says why. */
function giveUp(state: KubeletState, worker: PodWorker, op: Operation, step: Step & { do: 'start' }, why: { readonly reason: string; readonly message: string }, ctx: Ctx): true {
  worker.reasons.set(step.name, why)
  if (why.reason !== 'CrashLoopBackOff') {
    const detail = ['ErrImagePull', 'ImagePullBackOff', 'ErrImageNeverPull', 'InvalidImageName'].includes(why.reason) ? why.reason : why.message
    state.recorder.event(ctx, containerReference(worker.pod, step.name), 'Warning', 'Failed', `Error: ${detail}`)
  }
  if (why.reason !== 'CrashLoopBackOff' && why.reason !== 'ImagePullBackOff') op.failed = true
  // Containers after an init container that does not start have to wait for it.
  if (step.init) op.steps.length = 1
  return true
}

function start(state: KubeletState, worker: PodWorker, op: Operation, step: Step & { do: 'start' }, ctx: Ctx): boolean {
  const container = containerOf(worker, step)
  if (container === undefined) return true
  const before = backoffKeyed(op, worker, container)
  if (before.exitedAt >= 0) {
    if (inBackoffSince(state.restartBackoff, before.key, before.exitedAt, ctx.now)) {
      state.recorder.event(ctx, containerReference(worker.pod, container.name), 'Warning', 'BackOff', `Back-off restarting failed container ${container.name} in pod ${formatPod(worker.pod)}`)
      const ends = before.exitedAt + getBackoff(state.restartBackoff, before.key)
      op.backoffEnds = op.backoffEnds === 0 ? ends : Math.min(op.backoffEnds, ends)
      return giveUp(state, worker, op, step, { reason: 'CrashLoopBackOff', message: `back-off ${goSeconds(getBackoff(state.restartBackoff, before.key))} restarting failed container=${container.name} pod=${formatPod(worker.pod)}` }, ctx)
    }
    nextBackoff(state.restartBackoff, before.key, before.exitedAt, ctx.now)
  }
  const image = ensureImage(state, worker, container, ctx)
  if (image === 'pulling') {
    op.pulling = container.image ?? ''
    return false
  }
  if (image !== 'present') return giveUp(state, worker, op, step, image, ctx)
  return create(state, worker, op, step, container, ctx)
}

/** Key of a container's back-off, and when it last ended (-1: never, or before this kubelet's time). */
function backoffKeyed(op: Operation, worker: PodWorker, container: Container): { readonly key: string; readonly exitedAt: number } {
  const exited = op.view?.containers.find((c) => c.name === container.name && c.state === 'exited')
  return { key: `${worker.uid}/${container.name}/${container.image ?? ''}`, exitedAt: exited ? exited.finishedAt : -1 }
}

function create(state: KubeletState, worker: PodWorker, op: Operation, step: Step & { do: 'start' }, container: Container, ctx: Ctx): boolean {
  const view = state.views.get(worker.uid)
  const ip = worker.pod.spec.hostNetwork ? state.address : (view?.sandbox?.ip ?? '')
  const env = environment(state, worker, container, ip, ctx)
  if (env === 'wait') return false
  if ('error' in env) return giveUp(state, worker, op, step, { reason: 'CreateContainerConfigError', message: env.error }, ctx)
  const refused = rootRefused(worker.pod, container)
  if (refused !== undefined) return giveUp(state, worker, op, step, { reason: 'CreateContainerConfigError', message: refused }, ctx)
  const emulated = isEmulated(state.params)
  if (worker.volumes === null && !emulated) {
    // A kubelet that was started anew knows only that the volumes were there.
    worker.volumes = prepareVolumes(state, worker, ctx)
    if (worker.volumes === null) {
      if (worker.unmounted.length === 0) return false
      worker.volumes = []
    }
  }
  const newest = view?.containers.find((c) => c.name === container.name)
  const attempt = newest ? newest.attempt + 1 : attemptFromApi(state.statuses.get(worker.uid)?.status ?? worker.pod.status, container.name, step.init)
  if (!emulated) for (const message of dnsLimits(worker.pod)) state.recorder.event(ctx, podReference(worker.pod), 'Warning', 'DNSConfigForming', message)
  const host = emulated ? undefined : containerHost(worker.pod, container, env.env, ip, worker.volumes ?? [])
  callRuntime(state, { op: 'start', uid: worker.uid, name: container.name, attempt, spec: containerSpec(worker.pod, container, env.env), specHash: specHash(container), host }, { for: 'start', uid: worker.uid, startedAt: op.startedAt, name: container.name }, podName(worker), ctx)
  return false
}

/** When the runtime has forgotten a container, its log directory still tells how often it was started. Upstream: calcRestartCountByLogDir */
function attemptFromApi(said: PodStatus | undefined, name: string, init: boolean): number {
  const status = (init ? said?.initContainerStatuses : said?.containerStatuses)?.find((s) => s.name === name)
  if (status === undefined) return 0
  return status.state?.running || status.state?.terminated ? status.restartCount + 1 : status.lastState?.terminated ? Math.max(1, status.restartCount) : status.restartCount
}

/** The runtime answered a step. */
export function stepDone(state: KubeletState, worker: PodWorker, result: CriResult, ctx: Ctx): void {
  const op = worker.op
  if (op === null) return
  const step = op.steps[0]
  if (step?.do === 'sandbox') {
    if (result.error) {
      state.recorder.event(ctx, podReference(worker.pod), 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${result.error}`)
      op.failed = true
      op.steps.length = 1
    } else {
      op.sandboxMade = true
      markDirty(state, worker.uid, ctx)
      sandboxReady(state, worker, ctx)
    }
  }
  if (step?.do === 'resize') {
    resized(state, worker, step.name, result, ctx)
    worker.pending = true
    worker.fresh = true
    if (result.error !== undefined) op.failed = true
  }
  if (step?.do === 'reset') {
    worker.fresh = true
    worker.pending = true
  }
  op.steps.shift()
  advance(state, worker, ctx)
}

/** The sandbox and its network are there: only that condition is written, early. Upstream: kubelet.go OnPodSandboxReady (KEP-3085) */
function sandboxReady(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const entry = state.statuses.get(worker.uid)
  if (entry === undefined) return
  const now = ctx.wallTime()
  let changed = false
  const conditions = (entry.status.conditions ?? []).map((c) => {
    if (c.type !== 'PodReadyToStartContainers' || c.status === 'True') return c
    changed = true
    return { ...c, status: 'True', lastTransitionTime: now }
  })
  if (changed) setPodStatus(state, worker, { ...entry.status, conditions }, true, ctx)
}

/** The runtime answered the start of a container: the pod's own listing follows at once. */
export function started(state: KubeletState, worker: PodWorker, name: string, result: CriResult, ctx: Ctx): void {
  const op = worker.op
  const step = op?.steps[0]
  if (op === null || step?.do !== 'start' || step.name !== name) return
  const about = containerReference(worker.pod, name)
  if (result.error) {
    // runc could not execute the command: the container was made, and is dead.
    if (state.views.get(worker.uid)?.containers.find((c) => c.name === name)?.reason === 'StartError') state.recorder.event(ctx, about, 'Normal', 'Created', 'Container created')
    giveUp(state, worker, op, step, { reason: 'RunContainerError', message: result.error }, ctx)
    op.steps.shift()
    return advance(state, worker, ctx)
  }
  state.recorder.event(ctx, about, 'Normal', 'Created', 'Container created')
  state.recorder.event(ctx, about, 'Normal', 'Started', 'Container started')
  const container = containerOf(worker, step)
  if (container === undefined || !beginPostStart(state, worker, container, op.startedAt, ctx)) running(state, worker, op, name, ctx)
}

function running(state: KubeletState, worker: PodWorker, op: Operation, name: string, ctx: Ctx): void {
  worker.reasons.delete(name)
  if (worker.resize?.inProgress) resized(state, worker, name, {}, ctx)
  worker.fresh = true
  worker.pending = true
  state.dirty.delete(worker.uid)
  op.steps.shift()
  advance(state, worker, ctx)
}

/** The postStart hook of the present step is over; after a failure the container is killed. */
export function postStarted(state: KubeletState, worker: PodWorker, name: string, result: CriResult, ctx: Ctx): void {
  const op = worker.op
  const step = op?.steps[0]
  const container = step?.do === 'start' && step.name === name ? containerOf(worker, step) : undefined
  if (op === null || step?.do !== 'start' || container === undefined) return
  const failure = hookFailure(worker, container, result)
  if (failure === '') return running(state, worker, op, name, ctx)
  const about = containerReference(worker.pod, name)
  state.recorder.event(ctx, about, 'Warning', 'FailedPostStartHook', 'PostStartHook failed')
  state.recorder.event(ctx, about, 'Normal', 'Killing', 'FailedPostStartHook')
  worker.reasons.set(name, { reason: 'PostStartHookError', message: failure })
  op.failed = true
  if (step.init) op.steps.length = 1
  const view = state.views.get(worker.uid)?.containers.find((c) => c.name === name && c.state === 'running')
  const grace = (worker.pod.spec.terminationGracePeriodSeconds ?? 30) * SECOND
  // The end of the container is the end of the step.
  if (view) return killContainer(state, worker, container, view.id, grace, { for: 'step', uid: worker.uid, startedAt: op.startedAt }, ctx)
  op.steps.shift()
  advance(state, worker, ctx)
}

/** The image of the present step was pulled, or not. */
export function imagePulled(state: KubeletState, worker: PodWorker, failure: { readonly reason: string; readonly message: string } | null, ctx: Ctx): void {
  const op = worker.op
  const step = op?.steps[0]
  if (op === null || step?.do !== 'start' || op.pulling === '') return
  op.pulling = ''
  const container = containerOf(worker, step)
  if (failure || container === undefined) {
    if (failure) giveUp(state, worker, op, step, failure, ctx)
  } else if (!create(state, worker, op, step, container, ctx)) return
  op.steps.shift()
  advance(state, worker, ctx)
}

/** An object that a container's environment needs has been read: on with the present step. */
export function objectsRead(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const op = worker.op
  const step = op?.steps[0]
  if (op === null || step?.do !== 'start' || op.pulling !== '') return
  const container = containerOf(worker, step)
  if (container === undefined || !create(state, worker, op, step, container, ctx)) return
  op.steps.shift()
  advance(state, worker, ctx)
}

/** The volumes are looked at again; missing ConfigMaps and Secrets are reported and waited for. Upstream: volume_manager.go WaitForAttachAndMount */
export function volumePoll(state: KubeletState, message: VolumePoll, ctx: Ctx): void {
  const worker = state.workers.get(message.uid)
  const op = worker?.op
  if (!worker || !op || op.startedAt !== message.startedAt || op.steps[0]?.do !== 'volumes') return
  if (worker.pod.metadata.deletionTimestamp === undefined && !worker.orphan) {
    const volumes = prepareVolumes(state, worker, ctx)
    if (volumes === null) {
      if (volumesGivenUp(state, worker, op.startedAt, ctx)) {
        op.failed = true
        op.steps.length = 0
        return advance(state, worker, ctx)
      }
      ctx.after(intervals.volumePoll, message)
      return
    }
    worker.volumes = volumes
  }
  worker.volumesReady = true
  op.steps.shift()
  advance(state, worker, ctx)
}
