import type { ContainerState, Pod } from '../../../api'
import { humanDuration, parseTime } from '../../../apimachinery'

/** What `kubectl get pods` says of a pod. */
export interface PodSummary {
  /** `1/2`. */
  readonly ready: string
  /** The STATUS column: `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating` … */
  readonly status: string
  /** `2 (13s ago)`, or `0`. */
  readonly restarts: string
}

const UNREACHABLE = 'NodeLost'

/**
 * READY, STATUS and RESTARTS of a pod. Units: `now` is µs since 1970. Upstream: pkg/printers/internalversion printPod.
 */
export function podStatus(pod: Pod, now: number): PodSummary {
  const status = pod.status ?? {}
  const initContainers = pod.spec.initContainers ?? []
  let total = pod.spec.containers.length
  let ready = 0
  let restarts = 0
  let lastRestart: number | undefined
  let sidecarRestarts = 0
  let lastSidecarRestart: number | undefined
  let reason = status.reason || status.phase || ''
  let initialized = true
  let podReady = false
  for (const condition of status.conditions ?? []) {
    if (condition.type === 'PodScheduled') {
      if (condition.reason === 'SchedulingGated') reason = 'SchedulingGated'
    } else if (condition.type === 'Ready') podReady = condition.status === 'True'
  }
  for (const container of initContainers) if (container.restartPolicy === 'Always') total++

  const initStatuses = status.initContainerStatuses ?? []
  for (let i = 0; i < initStatuses.length; i++) {
    const c = initStatuses[i]!
    const sidecar = initContainers.some((spec) => spec.name === c.name && spec.restartPolicy === 'Always')
    restarts += c.restartCount
    lastRestart = later(lastRestart, c.lastState)
    if (sidecar) {
      sidecarRestarts += c.restartCount
      lastSidecarRestart = later(lastSidecarRestart, c.lastState)
    }
    const terminated = c.state?.terminated
    const waiting = c.state?.waiting
    if (terminated != null && terminated.exitCode === 0) continue
    if (sidecar && c.started === true) {
      if (c.ready) ready++
      continue
    }
    if (terminated != null) {
      reason = terminated.reason ? `Init:${terminated.reason}` : terminated.signal ? `Init:Signal:${terminated.signal}` : `Init:ExitCode:${terminated.exitCode}`
    } else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`
    else reason = `Init:${i}/${initContainers.length}`
    initialized = false
    break
  }

  if (initialized || isInitializedByCondition(pod)) {
    restarts = sidecarRestarts
    lastRestart = lastSidecarRestart
    let running = false
    const statuses = status.containerStatuses ?? []
    for (let i = statuses.length - 1; i >= 0; i--) {
      const c = statuses[i]!
      restarts += c.restartCount
      lastRestart = later(lastRestart, c.lastState)
      const terminated = c.state?.terminated
      if (c.state?.waiting?.reason) reason = c.state.waiting.reason
      else if (terminated != null) {
        reason = terminated.reason || (terminated.signal ? `Signal:${terminated.signal}` : `ExitCode:${terminated.exitCode}`)
      } else if (c.ready && c.state?.running != null) {
        running = true
        ready++
      }
    }
    // A pod with one container done and another running shows what still runs.
    if (reason === 'Completed' && running) reason = podReady ? 'Running' : 'NotReady'
  }

  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status.reason === UNREACHABLE) reason = 'Unknown'
    else if (status.phase !== 'Succeeded' && status.phase !== 'Failed') reason = 'Terminating'
  }
  const ago = restarts !== 0 && lastRestart !== undefined ? ` (${humanDuration((now - lastRestart) / 1_000_000)} ago)` : ''
  return { ready: `${ready}/${total}`, status: reason, restarts: `${restarts}${ago}` }
}

function isInitializedByCondition(pod: Pod): boolean {
  return pod.status?.conditions?.some((c) => c.type === 'Initialized' && c.status === 'True') ?? false
}

function later(known: number | undefined, last: ContainerState | undefined): number | undefined {
  const finished = last?.terminated?.finishedAt
  if (finished === undefined || finished === null) return known
  const at = parseTime(finished)
  return at === undefined || (known !== undefined && known >= at) ? known : at
}
