import type { Container, ContainerStatus, Pod } from '../api'
import { initContainers, isSidecar, restartingAll, shouldRestart, statusNamed } from './pod'

/**
 * The phase that the statuses of a pod's containers add up to. `podIsTerminal`: nothing will be started any more.
 * Upstream: kubelet_pods.go getPhase
 */
export function getPhase(pod: Pod, statuses: readonly ContainerStatus[], podIsTerminal: boolean, podHasInitialized = false): string {
  // What was removed so that all begins anew will begin anew.
  const again = (t: { readonly exitCode: number; readonly reason?: string }, c: Container, init: boolean) => t.reason === restartingAll.reason || shouldRestart(pod, c, init, t.exitCode)
  let pendingRestartable = 0
  let pendingRegular = 0
  let sidecars = 0
  let failedInitNotRestartable = 0
  for (const c of initContainers(pod)) {
    const s = statusNamed(statuses, c.name)
    if (isSidecar(c)) {
      if (s === undefined) pendingRestartable++
      else if (s.state?.running) {
        sidecars++
        if (s.started !== true) pendingRestartable++
      } else if (s.state?.terminated) {
        // A sidecar that ended is started again, whatever its exit code.
      } else if (s.state?.waiting) {
        if (!s.lastState?.terminated) pendingRestartable++
      } else pendingRestartable++
      continue
    }
    if (s === undefined) pendingRegular++
    else if (s.state?.running) pendingRegular++
    else if (s.state?.terminated) {
      if (s.state.terminated.exitCode !== 0) {
        if (!shouldRestart(pod, c, true, s.state.terminated.exitCode)) failedInitNotRestartable++
      }
    } else if (s.state?.waiting) {
      if (s.lastState?.terminated) {
        if (s.lastState.terminated.exitCode !== 0) {
            if (!again(s.lastState.terminated, c, true)) failedInitNotRestartable++
        }
      } else pendingRegular++
    } else pendingRegular++
  }
  let unknown = 0
  let running = 0
  let waiting = 0
  let stopped = 0
  let succeeded = 0
  let willRestart = 0
  for (const c of pod.spec.containers) {
    const s = statusNamed(statuses, c.name)
    if (s?.state?.running) running++
    else if (s?.state?.terminated) {
      stopped++
      if (s.state.terminated.exitCode === 0) succeeded++
      if (again(s.state.terminated, c, false)) willRestart++
    } else if (s?.state?.waiting) {
      if (s.lastState?.terminated) {
        stopped++
        if (again(s.lastState.terminated, c, false)) willRestart++
      } else waiting++
    } else unknown++
  }
  if (failedInitNotRestartable > 0) return 'Failed'
  if (pendingRegular > 0 || (pendingRestartable > 0 && !podHasInitialized)) return 'Pending'
  if (waiting > 0) return 'Pending'
  if (running > 0 && unknown === 0) return 'Running'
  if (running === 0 && stopped > 0 && unknown === 0) {
    // Sidecars go last: the pod runs as long as one of them does.
    if (sidecars > 0 && !podIsTerminal) return 'Running'
    if (podIsTerminal) return stopped === succeeded ? 'Succeeded' : 'Failed'
    if (willRestart > 0) return 'Running'
    return stopped === succeeded ? 'Succeeded' : 'Failed'
  }
  return 'Pending'
}
