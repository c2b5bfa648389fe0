import type { Container, ContainerState, ContainerStatus, Pod, PodStatus, VolumeMountStatus } from '../api'
import { formatTime, type Micros } from '../sim'
import { canonicalImage, imageReference, type ContainerView, type PodView } from '../cri'
import { ephemeralContainers, initContainers, restartPolicyOf, statusNamed } from './pod'

/** What the status of containers is made of, besides the pod and the runtime's view. */
export interface StatusInput {
  /** µs since 1970 at simulated time 0. */
  readonly epoch: Micros
  readonly emulated: boolean
  readonly reasons: ReadonlyMap<string, { readonly reason: string; readonly message: string }>
}

/**
 * Statuses of the pod's containers (or init containers), from what the runtime reports and what the API said before.
 * Upstream: kubelet_pods.go convertToAPIContainerStatuses
 */
export function containerStatuses(pod: Pod, view: PodView | undefined, old: PodStatus | undefined, init: boolean | 'ephemeral', input: StatusInput): ContainerStatus[] {
  const containers = init === 'ephemeral' ? ephemeralContainers(pod) : init ? initContainers(pod) : pod.spec.containers
  const hasInit = initContainers(pod).length > 0
  const waitingReason = !init && hasInit ? 'PodInitializing' : init && hasInit ? 'PodInitializing' : 'ContainerCreating'
  const before = init === 'ephemeral' ? old?.ephemeralContainerStatuses : init ? old?.initContainerStatuses : old?.containerStatuses
  const out: ContainerStatus[] = []
  for (const container of containers) {
    const was = statusNamed(before, container.name)
    let status: ContainerStatus
    let newest: ContainerView | undefined
    let previous: ContainerView | undefined
    if (view) for (const c of view.containers) if (c.name === container.name) {
      if (newest === undefined) newest = c
      else {
        previous = c
        break
      }
    }
    if (newest) {
      status = base(container, input.emulated)
      status.restartCount = newest.attempt
      status.state = stateOf(newest, input)
      if (previous) status.lastState = stateOf(previous, input)
      else if (newest.attempt > 0 && was?.lastState?.terminated) status.lastState = was.lastState
      status.containerID = idOf(newest, input)
      status.image = input.emulated ? container.image ?? '' : canonicalImage(newest.image)
      status.imageID = input.emulated ? container.image ?? '' : imageReference(newest.image)
      resources(status, container)
    } else if (was?.state?.terminated) {
      out.push(was)
      continue
    } else {
      status = base(container, input.emulated)
      status.state = { waiting: { reason: waitingReason } }
      if (was) {
        status.restartCount = was.restartCount
        if (was.lastState) status.lastState = was.lastState
        if (was.state?.running && !status.lastState?.terminated) {
          status.lastState = { terminated: { containerID: was.containerID, exitCode: 137, finishedAt: undefined, message: 'The container could not be located when the pod was deleted.  The container used to be Running', reason: 'ContainerStatusUnknown', startedAt: undefined } as NonNullable<ContainerState['terminated']> }
          if (pod.metadata.deletionTimestamp === undefined) status.restartCount++
        }
      }
    }
    if (init === 'ephemeral' ? newest === undefined : mayStart(pod, container, newest, init)) {
      const why = input.reasons.get(container.name)
      if (why) {
        if (status.state?.terminated) status.lastState = status.state
        status.state = { waiting: why.message ? { message: why.message, reason: why.reason } : { reason: why.reason } }
      }
    }
    out.push(status)
  }
  return out
}

function base(container: Container, emulated: boolean): ContainerStatus {
  const status: ContainerStatus = { image: container.image ?? '', imageID: '', lastState: {}, name: container.name, ready: false, restartCount: 0, started: false, state: {} }
  void emulated
  const mounts = container.volumeMounts
  if (mounts && mounts.length > 0)
    status.volumeMounts = mounts.map((m): VolumeMountStatus => (m.readOnly ? { mountPath: m.mountPath, name: m.name, readOnly: true, recursiveReadOnly: m.recursiveReadOnly ?? 'Disabled' } : { mountPath: m.mountPath, name: m.name }))
  return status
}

function resources(status: ContainerStatus, container: Container): void {
  const r = container.resources
  status.resources = r ? { ...r } : {}
  if (r?.requests && Object.keys(r.requests).length > 0) status.allocatedResources = r.requests
}

function idOf(c: ContainerView, input: StatusInput): string {
  return input.emulated ? `fakeRuntime://${c.id}` : `containerd://${c.id}`
}

function stateOf(c: ContainerView, input: StatusInput): ContainerState {
  const startedAt = formatTime(input.epoch + c.startedAt)
  if (c.state === 'running') return { running: { startedAt } }
  const t: NonNullable<ContainerState['terminated']> = { containerID: idOf(c, input), exitCode: c.exitCode, finishedAt: formatTime(input.epoch + c.finishedAt), startedAt }
  if (c.reason) t.reason = c.reason
  if (c.message) t.message = c.message
  return { terminated: t }
}

/** Whether the container is (re)started by the next sync. Upstream: pkg/kubelet/container/helpers.go ShouldContainerBeRestarted */
export function mayStart(pod: Pod, container: Container, newest: ContainerView | undefined, init: boolean): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  if (newest === undefined) return true
  if (newest.state === 'running') return false
  const policy = restartPolicyOf(pod, container, init)
  if (policy === 'Never') return false
  return policy === 'Always' || newest.exitCode !== 0
}
