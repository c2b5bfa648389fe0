import type { ContainerStatus, Pod, PodCondition, PodStatus } from '../api'
import { initContainers, isSidecar } from './pod'

/** A condition without times. */
interface Verdict {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly reason?: string | undefined
  readonly message?: string | undefined
}

/** Condition types that belong to the kubelet, in the order it writes them. */
export const kubeletConditions = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'] as const

/** Upstream: pkg/kubelet/status/generate.go GenerateContainersReadyCondition */
export function containersReady(pod: Pod, statuses: readonly ContainerStatus[] | undefined, phase: string, type = 'ContainersReady'): Verdict {
  if (statuses === undefined) return { type, status: 'False', reason: 'UnknownContainerStatuses' }
  const unknown: string[] = []
  const unready: string[] = []
  const look = (list: readonly { readonly name: string }[]) => {
    for (const c of list) {
      const s = statuses.find((x) => x.name === c.name)
      if (s === undefined) unknown.push(c.name)
      else if (!s.ready) unready.push(c.name)
    }
  }
  look(initContainers(pod).filter(isSidecar))
  look(pod.spec.containers)
  if (phase === 'Succeeded' && unknown.length === 0) return { type, status: 'False', reason: 'PodCompleted' }
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' }
  const messages: string[] = []
  if (unknown.length > 0) messages.push(`containers with unknown status: [${unknown.join(' ')}]`)
  if (unready.length > 0) messages.push(`containers with unready status: [${unready.join(' ')}]`)
  return messages.length > 0 ? { type, status: 'False', reason: 'ContainersNotReady', message: messages.join(', ') } : { type, status: 'True' }
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
    const s = statuses?.find((x) => x.name === c.name)
    if (s === undefined) unknown.push(c.name)
    else if (isSidecar(c)) {
      if (s.started !== true) incomplete.push(c.name)
    } else if (!s.ready) incomplete.push(c.name)
  }
  if (phase === 'Succeeded' && unknown.length === 0) return { type, status: 'True', reason: 'PodCompleted' }
  // A regular container that ever ran shows that initialization is over, whatever a sidecar does now.
  if (pod.spec.containers.some((c) => ran(statuses?.find((s) => s.name === c.name)))) return { type, status: 'True' }
  const messages: string[] = []
  if (unknown.length > 0) messages.push(`containers with unknown status: [${unknown.join(' ')}]`)
  if (incomplete.length > 0) messages.push(`containers with incomplete status: [${incomplete.join(' ')}]`)
  return messages.length > 0 ? { type, status: 'False', reason: 'ContainersNotInitialized', message: messages.join(', ') } : { type, status: 'True' }
}

/**
 * All conditions of a pod: those of others first, then the kubelet's. Transition times move only when the status does.
 * Upstream: kubelet_pods.go generateAPIPodStatus, status_manager.go updateLastTransitionTime
 */
export function podConditions(pod: Pod, status: PodStatus, sandboxReady: boolean, old: PodStatus | undefined, now: string): PodCondition[] {
  const phase = status.phase ?? 'Pending'
  const all = status.initContainerStatuses ? [...status.initContainerStatuses, ...(status.containerStatuses ?? [])] : status.containerStatuses
  const verdicts: Verdict[] = [
    { type: 'PodReadyToStartContainers', status: sandboxReady ? 'True' : 'False' },
    podInitialized(pod, all, phase),
    podReady(pod, pod.status?.conditions, all, phase),
    containersReady(pod, all, phase),
    { type: 'PodScheduled', status: 'True' },
  ]
  const out: PodCondition[] = []
  for (const c of pod.status?.conditions ?? []) if (!(kubeletConditions as readonly string[]).includes(c.type)) out.push(c)
  for (const v of verdicts) {
    const was = (old ?? pod.status)?.conditions?.find((c) => c.type === v.type)
    // What is as it was stays the same value, so that nobody has to compare it.
    if (was && says(was, v) && was.observedGeneration === (pod.metadata.generation || undefined)) {
      out.push(was)
      continue
    }
    const c = { type: v.type } as PodCondition
    if (pod.metadata.generation) c.observedGeneration = pod.metadata.generation
    c.status = v.status
    ;(c as { lastProbeTime?: string | null }).lastProbeTime = null
    c.lastTransitionTime = was && was.status === v.status ? was.lastTransitionTime ?? now : now
    if (v.reason) c.reason = v.reason
    if (v.message) c.message = v.message
    out.push(c)
  }
  return out
}

function says(c: PodCondition, v: Verdict): boolean {
  return c.status === v.status && (c.reason ?? '') === (v.reason ?? '') && (c.message ?? '') === (v.message ?? '') && (c.lastProbeTime as string | null) === null && c.lastTransitionTime !== undefined
}
