import { podQOS, type ContainerStatus, type Pod, type PodStatus } from '../api'
import type { Ctx } from '../sim'
import { isEmulated } from '../cri'
import { podConditions } from './conditions'
import { containerStatuses } from './container-status'
import { ephemeralContainers, initContainers, isSidecar, isTerminalPhase } from './pod'
import { getPhase } from './pod-phase'
import { probeResult } from './prober'
import type { KubeletState, PodWorker } from './state'

/**
 * What the API is told of a pod: statuses of containers from the runtime, the phase they add up to, conditions, addresses.
 * Upstream: kubelet_pods.go generateAPIPodStatus
 */
export function generatePodStatus(state: KubeletState, worker: PodWorker, podIsTerminal: boolean, ctx: Ctx): PodStatus {
  const pod = worker.pod
  const entry = state.statuses.get(worker.uid)
  const old = entry?.status ?? pod.status
  const view = state.views.get(worker.uid)
  const input = { epoch: ctx.wallMicros() - ctx.now, emulated: isEmulated(state.params), reasons: worker.reasons }
  const main = containerStatuses(pod, view, old, false, input)
  const init = initContainers(pod).length > 0 ? containerStatuses(pod, view, old, true, input) : []
  setReadiness(state, worker, main, init)
  const hasInitialized = view !== undefined && view.containers.some((c) => pod.spec.containers.some((s) => s.name === c.name))
  // Fields stand in Go's order, so that the server has nothing to sort; conditions come last but have their place.
  const status: PodStatus = pod.metadata.generation ? { observedGeneration: pod.metadata.generation, phase: '', conditions: none } : { phase: '', conditions: none }
  const override = worker.termination?.override
  if (old && isTerminalPhase(old.phase)) {
    // A terminal phase never changes again.
    status.phase = old.phase as string
    if (old.message) status.message = old.message
    if (old.reason) status.reason = old.reason
  } else if (override) {
    status.phase = override.phase
    status.message = override.message
    status.reason = override.reason
  } else status.phase = getPhase(pod, init.length > 0 ? [...init, ...main] : main, podIsTerminal, hasInitialized)
  status.hostIP = state.address
  status.hostIPs = [{ ip: state.address }]
  const ip = pod.spec.hostNetwork ? state.address : view?.sandbox?.ready ? view.sandbox.ip : worker.ip
  if (ip && !(pod.spec.hostNetwork && view?.sandbox == null)) {
    if (!pod.spec.hostNetwork) worker.ip = ip
    status.podIP = ip
    status.podIPs = [{ ip }]
  }
  status.startTime = old?.startTime ?? ctx.wallTime()
  if (init.length > 0) status.initContainerStatuses = init
  status.containerStatuses = main
  status.qosClass = pod.status?.qosClass ?? (worker.isStatic ? podQOS(pod.spec) : 'BestEffort')
  if (ephemeralContainers(pod).length > 0) status.ephemeralContainerStatuses = containerStatuses(pod, view, old, 'ephemeral', input)
  if (old?.resourceClaimStatuses) status.resourceClaimStatuses = old.resourceClaimStatuses
  const conditions = podConditions(pod, status, view?.sandbox?.ready === true, old, ctx.wallTime())
  if (override?.disruption && !conditions.some((c) => c.type === 'DisruptionTarget')) conditions.unshift({ type: 'DisruptionTarget', observedGeneration: pod.metadata.generation, status: 'True', lastProbeTime: null, lastTransitionTime: ctx.wallTime(), reason: 'TerminationByKubelet', message: override.message } as never)
  status.conditions = conditions
  return status
}

const none: never[] = []

/** Fills in `ready` and `started`. Upstream: prober_manager.go UpdatePodStatus */
function setReadiness(state: KubeletState, worker: PodWorker, main: ContainerStatus[], init: ContainerStatus[]): void {
  const pod = worker.pod
  for (let i = 0; i < main.length; i++) main[i] = withReadiness(state, pod, main[i] as ContainerStatus, pod.spec.containers[i], true)
  const inits = initContainers(pod)
  for (let i = 0; i < init.length; i++) {
    const s = init[i] as ContainerStatus
    const spec = inits[i]
    if (spec && isSidecar(spec)) init[i] = withReadiness(state, pod, s, spec, true)
    else init[i] = { ...s, ready: s.state?.terminated?.exitCode === 0, started: s.state?.running !== undefined }
  }
}

function withReadiness(state: KubeletState, pod: Pod, s: ContainerStatus, spec: Pod['spec']['containers'][number] | undefined, _main: boolean): ContainerStatus {
  const running = s.state?.running !== undefined
  const started = running && (spec?.startupProbe === undefined || probeResult(state, pod, s.name, 'startup') === true)
  const ready = started && (spec?.readinessProbe === undefined || probeResult(state, pod, s.name, 'readiness') === true)
  if (s.ready === ready && s.started === started) return s
  return { ...s, ready, started }
}

/** What happened to a pod that is over: containers that nobody can tell of count as killed, but those that never had their turn go on waiting. Upstream: status_manager.go TerminatePod */
export function terminatedStatus(status: PodStatus): PodStatus {
  const end = (s: ContainerStatus): ContainerStatus =>
    s.state?.terminated ? s : { ...s, ready: false, started: false, state: { terminated: { exitCode: 137, message: 'The container could not be located when the pod was terminated', reason: 'ContainerStatusUnknown' } } }
  const out: PodStatus = { ...status }
  if (hasInitialized(status)) out.containerStatuses = (status.containerStatuses ?? []).map(end)
  const inits = status.initContainerStatuses ?? []
  if (inits.length > 0) {
    const begun = Math.max(0, inits.findLastIndex((s) => s.state?.waiting === undefined || s.lastState?.terminated !== undefined))
    out.initContainerStatuses = inits.map((s, i) => (i <= begun ? end(s) : s))
  }
  if (!isTerminalPhase(out.phase)) out.phase = 'Failed'
  return out
}

/** Whether a pod's own containers had their turn. Upstream: status_manager.go hasPodInitialized */
function hasInitialized(status: PodStatus): boolean {
  const last = status.initContainerStatuses?.at(-1)
  return last === undefined || last.state?.terminated?.exitCode === 0 || (status.containerStatuses ?? []).some((s) => s.lastState?.terminated !== undefined || s.state?.waiting === undefined)
}
