import type { ContainerdState, PodSandbox } from './state'
import type { ContainerView, PodView } from './types'

/** The pod as the runtime reports it now. */
export function podView(state: ContainerdState, pod: PodSandbox): PodView {
  const containers: ContainerView[] = []
  for (let i = pod.containers.length - 1; i >= 0; i--) containers.push((pod.containers[i] as { view: ContainerView }).view)
  const sandbox = pod.id === '' ? null : Object.freeze({ id: pod.id, ready: pod.ready, ip: pod.ip, attempt: pod.attempt, createdAt: pod.createdAt })
  return Object.freeze({ version: state.next++, uid: pod.uid, namespace: pod.namespace, name: pod.name, sandbox, containers })
}
