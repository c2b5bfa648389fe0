import type { Container, ContainerStatus, Pod, PodCondition, PodStatus } from '../api'
import { initContainers, isSidecar, statusNamed } from './pod'
import { resizeConditions } from './resize'

/** A condition without times. */
interface Verdict {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly reason?: string | undefined
  readonly message?: string | undefined
}

/** Condition types that belong to the kubelet, in the order it writes them. */
export const kubeletConditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled', 'AllContainersRestarting'] as const

/** Upstream: pkg/kubelet/status/generate.go GenerateContainersReadyCondition */
export function containersReady(pod: Pod, statuses: readonly ContainerStatus[] | undefined, phase: string, type = 'ContainersReady'): Verdict {
  if (statuses === undefined) return { type, status: 'False', reason: 'UnknownContainerStatuses' }
  const unknown: string[] = []
  const unready: string[] = []
  for (const c of initContainers(pod)) if (isSidecar(c)) sort(c, statuses, unknown, unready)
  for (const c of pod.spec.containers) sort(c, statuses, unknown, unready)
  if (phase === 'Succeeded' && unknown.length === 0) return { type, status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' }
  const messages: string[] = []
  if (unknown.length > 0) messages.push(`containers with unknown status: [${unknown.join(' ')}]`)
  if (unready.length > 0) messages.push(`containers with unready status: [${unready.join(' ')}]`)
  return messages.length > 0 ? { type, status: 'False', reason: 'ContainersNotReady', message: messages.join(', ') } : { type, status: 'True' }
}

function sort(container: Container, statuses: readonly ContainerStatus[], unknown: string[], unready: string[]): void {
  const s = statusNamed(statuses, container.name)
  if (s === undefined) unknown.push(container.name)
  else if (!s.ready) unready.push(container.name)
}

/** Upstream: generate.go GeneratePodReadyCondition; readiness gates are conditions that others write. */
export function podReady(pod: Pod, conditions: readonly PodCondition[] | undefined, statuses: readonly ContainerStatus[] | undefined, phase: string): Verdict {
  const ready = containersReady(pod, statuses, phase, 'Ready')
  if (ready.status !== 'True') return ready
  const messages: string[] = []
  for (const gate of pod.spec.readinessGates ?? []) {
    const c = conditions?.find((x) => x.type === gate.conditionType)
    if (c === undefined) messages.push(`corresponding condition of pod readiness gate "${gate.conditionType}" does not exist.`)
    else if (c.status !== 'True') messages.push(`the status of pod readiness gate "${gate.conditionType}" is not "True", but ${c.status}`)
  }
  return messages.length > 0 ? { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') } : ready
}

/** Upstream: generate.go GenerateAllContainersRestartingCondition; only pods with such a rule have it. */
export function allContainersRestarting(restarting: boolean, phase: string): Verdict {
  const type = 'AllContainersRestarting'
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' }
  return restarting ? { type, status: 'True', reason: 'RestartAllContainersStarted', message: 'container exited with restart policy rule' } : { type, status: 'False' }
}

/** True when somebody wrote a condition that a readiness gate waits for, and the pod's readiness is another now. Upstream: status_manager.go NeedToReconcilePodReadiness */
export function needToReconcileReadiness(pod: Pod): boolean {
  if (!pod.spec.readinessGates?.length) return false
  const is = pod.status?.conditions?.find((c) => c.type === 'Ready')
  if (is === undefined) return false
  const should = podReady(pod, pod.status?.conditions, pod.status?.containerStatuses, pod.status?.phase ?? '')
  return is.status !== should.status || (is.message ?? '') !== (should.message ?? '')
}

function ran(s: ContainerStatus | undefined): boolean {
  return s !== undefined && (s.state?.running !== undefined || s.state?.terminated !== undefined || s.lastState?.terminated !== undefined)
}

/** Upstream: generate.go GeneratePodInitializedCondition; `statuses` of init and regular containers together. */
export function podInitialized(pod: Pod, statuses: readonly ContainerStatus[] | undefined, phase: string): Verdict {
  const type = 'Initialized'
  if (statuses === undefined && initContainers(pod).length > 0) return { type, status: 'False', reason: 'UnknownContainerStatuses' }
  const unknown: string[] = []
  const incomplete: string[] = []
  for (const c of initContainers(pod)) {
    const s = statusNamed(statuses, c.name)
    if (s === undefined) unknown.push(c.name)
    else if (isSidecar(c)) {
      if (s.started !== true) incomplete.push(c.name)
    } else if (!s.ready) incomplete.push(c.name)
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { type, status: 'True', reason: 'PodCompleted' }
  // A regular container that ever ran shows that initialization is over, whatever a sidecar does now.
  if (pod.spec.containers.some((c) => ran(statusNamed(statuses, c.name)))) return { type, status: 'True' }
  const messages: string[] = []
  if (unknown.length > 0) messages.push(`containers with unknown status: [${unknown.join(' ')}]`)
  if (incomplete.length > 0) messages.push(`containers with incomplete status: [${incomplete.join(' ')}]`)
  return messages.length > 0 ? { type, status: 'False', reason: 'ContainersNotInitialized', message: messages.join(', ') } : { type, status: 'True' }
}

/**
 * All conditions of a pod: those of others first, then the kubelet's. Transition times move only when the status does.
 * Upstream: kubelet_pods.go generateAPIPodStatus, status_manager.go updateLastTransitionTime
 */
export function podConditions(pod: Pod, status: PodStatus, sandboxReady: boolean, old: PodStatus | undefined, now: string, restartingAll?: boolean): PodCondition[] {
  const phase = status.phase ?? 'Pending'
  const all = status.initContainerStatuses ? [...status.initContainerStatuses, ...(status.containerStatuses ?? [])] : status.containerStatuses
  const verdicts: Verdict[] = [
    { type: 'PodReadyToStartContainers', status: sandboxReady ? 'True' : 'False' },
    podInitialized(pod, all, phase),
    podReady(pod, pod.status?.conditions, all, phase),
    containersReady(pod, all, phase),
    { type: 'PodScheduled', status: 'True' },
  ]
  if (restartingAll !== undefined) verdicts.push(allContainersRestarting(restartingAll, phase))
  const foreign = (pod.status?.conditions ?? none).filter((c) => !(kubeletConditions as readonly string[]).includes(c.type) && !resizeConditions.includes(c.type))
  const before = (old ?? pod.status)?.conditions ?? none
  return foreign.concat(verdicts.map((v) => conditionOf(v, before.find((c) => c.type === v.type), pod.metadata.generation || undefined, now)))
}

const none: readonly PodCondition[] = []

/** A verdict as the API has it, fields in Go's order. What is as it was stays the same value, so that nobody has to compare it. */
function conditionOf(v: Verdict, was: PodCondition | undefined, generation: number | undefined, now: string): PodCondition {
  if (was && says(was, v) && was.observedGeneration === generation) return was
  const since = was && was.status === v.status ? was.lastTransitionTime ?? now : now
  const c = (generation === undefined
    ? { type: v.type, status: v.status, lastProbeTime: null, lastTransitionTime: since }
    : { type: v.type, observedGeneration: generation, status: v.status, lastProbeTime: null, lastTransitionTime: since }) as unknown as PodCondition
  if (v.reason) c.reason = v.reason
  if (v.message) c.message = v.message
  return c
}

function says(c: PodCondition, v: Verdict): boolean {
  return c.status === v.status && (c.reason ?? '') === (v.reason ?? '') && (c.message ?? '') === (v.message ?? '') && (c.lastProbeTime as string | null) === null && c.lastTransitionTime !== undefined
}
