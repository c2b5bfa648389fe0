import type { Container, ContainerState, ContainerStatus, Pod, PodStatus, ResourceRequirements, VolumeMountStatus } from '../api'
import { formatTime, type Micros } from '../sim'
import { canonicalImage, imageReference, type ContainerView, type PodView } from '../cri'
import { ephemeralContainers, initContainers, isSidecar, restartingAll, shouldRestart, statusNamed } from './pod'

/** What the status of containers is made of, besides the pod and the runtime's view. */
export interface StatusInput {
  /** µs since 1970 at simulated time 0. */
  readonly epoch: Micros
  readonly emulated: boolean
  readonly reasons: ReadonlyMap<string, { readonly reason: string; readonly message: string }>
  /** What containers run with, where that is not what they were granted. */
  readonly actual?: ReadonlyMap<string, ResourceRequirements> | undefined
  /** All containers are being ended to begin anew. */
  readonly restartingAll?: boolean | undefined
}

/**
 * Statuses of the pod's containers (or init containers), from what the runtime reports and what the API said before.
 * Upstream: kubelet_pods.go convertToAPIContainerStatuses
 */
export function containerStatuses(pod: Pod, view: PodView | undefined, old: PodStatus | undefined, init: boolean | 'ephemeral', input: StatusInput): ContainerStatus[] {
  const containers = init === 'ephemeral' ? ephemeralContainers(pod) : init ? initContainers(pod) : pod.spec.containers
  const before = init === 'ephemeral' ? old?.ephemeralContainerStatuses : init ? old?.initContainerStatuses : old?.containerStatuses
  return containers.map((container) => {
    const newest = nth(view, container.name, 0)
    const was = statusNamed(before, container.name)
    if (newest === undefined && was?.state?.terminated && !input.restartingAll) return was
    const status = newest ? seen(pod, container, newest, nth(view, container.name, 1), was, input) : unseen(pod, container, was, init === true && hasRun(pod, view), input)
    if (init === 'ephemeral' ? newest !== undefined : !mayStart(pod, container, newest, init)) return status
    const why = input.reasons.get(container.name)
    if (why) {
      if (status.state?.terminated) status.lastState = status.state
      status.state = { waiting: why.message ? { message: why.message, reason: why.reason } : { reason: why.reason } }
    }
    return status
  })
}

/** The newest record of a container in the runtime (0), or the one before it (1). */
function nth(view: PodView | undefined, name: string, n: number): ContainerView | undefined {
  if (view === undefined) return undefined
  let left = n
  for (const c of view.containers) if (c.name === name && left-- === 0) return c
  return undefined
}

/** A container that the runtime knows. Fields stand in Go's order. */
function seen(pod: Pod, container: Container, newest: ContainerView, previous: ContainerView | undefined, was: ContainerStatus | undefined, input: StatusInput): ContainerStatus {
  const image = container.image ?? ''
  const r = container.resources
  const status: ContainerStatus = {
    name: container.name, state: stateOf(newest, input),
    lastState: previous ? stateOf(previous, input) : lastKnown(newest, was),
    ready: false, restartCount: restartCount(newest, was, input), image: input.emulated ? image : canonicalImage(newest.image), imageID: input.emulated ? image : imageReference(newest.image),
    containerID: idOf(newest, input), started: false,
  }
  if (r?.requests && Object.keys(r.requests).length > 0) status.allocatedResources = r.requests
  status.resources = (newest.state === 'running' ? input.actual?.get(container.name) : undefined) ?? r ?? {}
  withMounts(status, container)
  // The emulated runtime knows no users.
  if (!input.emulated) status.user = userOf(pod, container)
  return status
}

/** Most containers run as root and say nothing of groups. */
const root = Object.freeze({ linux: Object.freeze({ uid: 0, gid: 0, supplementalGroups: Object.freeze([0]) as unknown as number[] }) })

/** Whom the first process of a container runs as. Upstream: kubelet_pods.go convertContainerStatusUser */
function userOf(pod: Pod, container: Container): NonNullable<ContainerStatus['user']> {
  const ofPod = pod.spec.securityContext
  const own = container.securityContext
  if (own?.runAsUser === undefined && own?.runAsGroup === undefined && (ofPod === undefined || (ofPod.runAsUser === undefined && ofPod.runAsGroup === undefined && ofPod.fsGroup === undefined && ofPod.supplementalGroups === undefined))) return root
  const gid = own?.runAsGroup ?? ofPod?.runAsGroup ?? 0
  const groups = new Set([gid, ...(ofPod?.supplementalGroups ?? []), ...(ofPod?.fsGroup === undefined ? [] : [ofPod.fsGroup])])
  return { linux: { uid: own?.runAsUser ?? ofPod?.runAsUser ?? 0, gid, supplementalGroups: [...groups].sort((a, b) => a - b) } }
}

/** How it ended the last time, when the runtime has forgotten that. */
function lastKnown(newest: ContainerView, was: ContainerStatus | undefined): ContainerState {
  if (was?.state?.terminated && newest.state === 'running') return was.state
  return was?.lastState?.terminated ? was.lastState : {}
}

/** The runtime counts from the containers that it knows: when those of before are gone, the API's count goes on. */
function restartCount(newest: ContainerView, was: ContainerStatus | undefined, input: StatusInput): number {
  if (was === undefined || newest.attempt >= was.restartCount) return newest.attempt
  return was.state?.terminated && newest.state === 'running' && was.containerID !== idOf(newest, input) ? was.restartCount + 1 : was.restartCount
}

/** True when a regular container was ever started: so the pod was initialized. Upstream: kubecontainer.HasAnyRegularContainerCreated */
function hasRun(pod: Pod, view: PodView | undefined): boolean {
  return view?.containers.some((v) => pod.spec.containers.some((c) => c.name === v.name)) ?? false
}

/** A container that the runtime does not know: it has not been made yet, its record is lost, or it was removed so that all begin anew. */
function unseen(pod: Pod, container: Container, was: ContainerStatus | undefined, initialized: boolean, input: StatusInput): ContainerStatus {
  const status: ContainerStatus = {
    name: container.name, state: { waiting: { reason: initContainers(pod).length > 0 ? 'PodInitializing' : 'ContainerCreating' } }, lastState: was?.lastState ?? {},
    ready: false, restartCount: was?.restartCount ?? 0, image: container.image ?? '', imageID: '', started: false,
  }
  if (input.restartingAll && was && was.state?.waiting === undefined) {
    status.state = { waiting: restartingAll }
    status.lastState = { terminated: { exitCode: 137, ...restartingAll } as NonNullable<ContainerState['terminated']> }
    status.restartCount = was.restartCount + 1
  } else if (initialized && !isSidecar(container) && was?.state?.running === undefined) {
    status.state = { terminated: { exitCode: 0, reason: 'Completed', message: 'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally' } as NonNullable<ContainerState['terminated']> }
  } else if (was?.state?.running && !status.lastState?.terminated) {
    status.lastState = { terminated: { containerID: was.containerID, exitCode: 137, finishedAt: undefined, message: 'The container could not be located when the pod was deleted.  The container used to be Running', reason: 'ContainerStatusUnknown', startedAt: undefined } as NonNullable<ContainerState['terminated']> }
    if (pod.metadata.deletionTimestamp === undefined) status.restartCount++
  }
  return withMounts(status, container)
}

function withMounts(status: ContainerStatus, container: Container): ContainerStatus {
  const mounts = container.volumeMounts
  if (mounts && mounts.length > 0)
    status.volumeMounts = mounts.map((m): VolumeMountStatus => (m.readOnly ? { name: m.name, mountPath: m.mountPath, readOnly: true, recursiveReadOnly: m.recursiveReadOnly ?? 'Disabled' } : { name: m.name, mountPath: m.mountPath }))
  return status
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
  return shouldRestart(pod, container, init, newest.exitCode)
}
