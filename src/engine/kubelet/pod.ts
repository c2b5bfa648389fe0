import type { Container, ContainerStatus, Pod } from '../api'
import type { ObjectReference } from '../client-go'

/** All init containers of a pod. */
export function initContainers(pod: Pod): readonly Container[] {
  return pod.spec.initContainers ?? none
}

/** Containers that somebody added to the running pod. */
export function ephemeralContainers(pod: Pod): readonly Container[] {
  return (pod.spec.ephemeralContainers ?? none) as readonly Container[]
}

const none: readonly Container[] = []

/** A sidecar: an init container that keeps running. Upstream: pkg/kubelet/util/podutils IsRestartableInitContainer */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === 'Always'
}

/** Restart policy that holds for one container. */
export function restartPolicyOf(pod: Pod, container: Container, init: boolean): string {
  if (container.restartPolicy) return container.restartPolicy
  const policy = pod.spec.restartPolicy ?? 'Always'
  return init && policy === 'Always' ? 'OnFailure' : policy
}

/** The rule of a container for this exit code. Upstream: pkg/api/v1/pod/util.go findMatchingContainerRestartRule */
function matchingRule(container: Container, exitCode: number): string | undefined {
  if (!container.restartPolicy) return undefined
  for (const rule of container.restartPolicyRules ?? []) {
    const codes = rule.exitCodes
    if (codes && (codes.values ?? []).includes(exitCode) === (codes.operator === 'In')) return rule.action
  }
  return undefined
}

/** Whether a container that ended with this code is started again: by its rules, by its own policy, by the pod's. Upstream: ContainerShouldRestart */
export function shouldRestart(pod: Pod, container: Container, init: boolean, exitCode: number): boolean {
  if (matchingRule(container, exitCode) !== undefined) return true
  const policy = restartPolicyOf(pod, container, init)
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}

/** True when the end of this container ends and restarts all of the pod. Upstream: kubecontainer.ShouldAllContainersRestart */
export function restartsAll(container: Container, exitCode: number): boolean {
  return matchingRule(container, exitCode) === 'RestartAllContainers'
}

/** True for pods in which one container's end may restart all. */
export function hasRestartAllRule(pod: Pod): boolean {
  return [...pod.spec.containers, ...initContainers(pod)].some((c) => c.restartPolicyRules?.some((r) => r.action === 'RestartAllContainers'))
}

/** Reason and message of containers that were removed so that all of the pod can begin anew. */
export const restartingAll = { reason: 'RestartingAllContainers', message: 'The container is removed because RestartAllContainers in place' } as const

/** Namespace/name. */
export function podKey(pod: Pod): string {
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`
}

/** `name_namespace(uid)`, as the kubelet's messages name a pod. Upstream: pkg/kubelet/util/format Pod */
export function formatPod(pod: Pod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`
}

/** What an event of a pod is about. */
export function podReference(pod: Pod, fieldPath?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = pod.metadata
  return { kind: 'Pod', namespace, name, uid, apiVersion: 'v1', resourceVersion, fieldPath }
}

/** What an event of a container is about. */
export function containerReference(pod: Pod, container: string): ObjectReference {
  const list = initContainers(pod).some((c) => c.name === container) ? 'initContainers' : ephemeralContainers(pod).some((c) => c.name === container) ? 'ephemeralContainers' : 'containers'
  return podReference(pod, `spec.${list}{${container}}`)
}

/** The status of a container in a list. */
export function statusNamed(statuses: readonly ContainerStatus[] | undefined, name: string): ContainerStatus | undefined {
  if (statuses !== undefined) for (const s of statuses) if (s.name === name) return s
  return undefined
}

/** Annotations of pods that do not come from the API. Upstream: pkg/kubelet/types/pod_update.go */
export const configAnnotations = { hash: 'kubernetes.io/config.hash', mirror: 'kubernetes.io/config.mirror', seen: 'kubernetes.io/config.seen', source: 'kubernetes.io/config.source' } as const

/** True for a pod that the kubelet reads from a file. */
export function isStaticPod(pod: Pick<Pod, 'metadata'>): boolean {
  return pod.metadata.annotations?.[configAnnotations.source] === 'file'
}

/** True for the image of a static pod in the API. */
export function isMirrorPod(pod: Pod): boolean {
  return pod.metadata.annotations?.[configAnnotations.mirror] !== undefined
}

/** True for a phase that never changes again. */
export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}
