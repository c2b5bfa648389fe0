import { podQOS, type ContainerStatus, type Pod, type PodStatus } from '../api'
import type { Ctx } from '../sim'
import { isEmulated, type PodView } from '../cri'
import { podConditions } from './conditions'
import { containerStatuses } from './container-status'
import { ephemeralContainers, hasRestartAllRule, initContainers, isSidecar, isTerminalPhase } from './pod'
import { restartTriggered } from './pod-actions'
import { getPhase } from './pod-phase'
import { probeResult } from './prober'
import { conditionsOfResize } from './resize'
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
  const restarting = hasRestartAllRule(pod) && isRestartingAll(pod, view, old)
  const input = { epoch: ctx.wallMicros() - ctx.now, emulated: isEmulated(state.params), reasons: worker.reasons, restartingAll: restarting, actual: worker.resize?.actual }
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
  const own = pod.spec.resources
  if (own?.requests) status.allocatedResources = own.requests
  status.resources = own ?? noResources
  const conditions = podConditions(pod, status, view?.sandbox?.ready === true, old, ctx.wallTime(), hasRestartAllRule(pod) ? restarting : undefined)
  if (worker.resize !== null) conditions.splice(conditions.findIndex((c) => c.type === 'PodReadyToStartContainers'), 0, ...conditionsOfResize(worker, (old ?? pod.status)?.conditions ?? none, ctx.wallTime()))
  if (override?.disruption && !conditions.some((c) => c.type === 'DisruptionTarget')) conditions.unshift({ type: 'DisruptionTarget', observedGeneration: pod.metadata.generation, status: 'True', lastProbeTime: null, lastTransitionTime: ctx.wallTime(), reason: 'TerminationByKubelet', message: override.message } as never)
  status.conditions = conditions
  return status
}

const none: never[] = []

/** Of a pod that asks for nothing as a whole. */
const noResources: NonNullable<PodStatus['resources']> = Object.freeze({})

/** From the end of the container that restarts all until containers run again. */
function isRestartingAll(pod: Pod, view: PodView | undefined, old: PodStatus | undefined): boolean {
  if (restartTriggered(pod, view)) return true
  return old?.conditions?.find((c) => c.type === 'AllContainersRestarting')?.status === 'True' && (view === undefined || !view.containers.some((c) => c.state === 'running' && pod.spec.containers.some((s) => s.name === c.name)))
}

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

/** What happened to a pod that is over: containers that nobody can tell of count as killed, but those that never had their turn. Upstream: status_manager.go TerminatePod */
export function terminatedStatus(pod: Pod, status: PodStatus): PodStatus {
  const end = (s: ContainerStatus): ContainerStatus =>
    s.state?.terminated ? s : { ...s, ready: false, started: false, state: { terminated: { exitCode: 137, message: 'The container could not be located when the pod was terminated', reason: 'ContainerStatusUnknown' } } }
  const out: PodStatus = { ...status }
  if (hasInitialized(pod, status)) out.containerStatuses = (status.containerStatuses ?? []).map(end)
  const inits = status.initContainerStatuses
  if (inits) {
    const tried = Math.max(0, inits.findLastIndex((s) => s.state?.waiting === undefined || s.lastState?.terminated !== undefined))
    out.initContainerStatuses = inits.map((s, i) => (i <= tried ? end(s) : s))
  }
  if (!isTerminalPhase(out.phase)) out.phase = 'Failed'
  return out
}

/** Upstream: status_manager.go hasPodInitialized */
function hasInitialized(pod: Pod, status: PodStatus): boolean {
  if (initContainers(pod).length === 0) return true
  if (status.containerStatuses?.some((s) => s.lastState?.terminated || s.state?.running || s.state?.terminated)) return true
  const last = status.initContainerStatuses?.at(-1)
  const spec = initContainers(pod).find((c) => c.name === last?.name)
  if (last === undefined || spec === undefined) return false
  return isSidecar(spec) ? last.state?.running !== undefined && last.started === true : last.state?.terminated?.exitCode === 0 || last.lastState?.terminated?.exitCode === 0
}
