import type { Container, Pod } from '../api'
import type { ContainerView, PodView } from '../cri'
import { mayStart } from './container-status'
import { ephemeralContainers, initContainers, isSidecar, restartPolicyOf, restartsAll, shouldRestart } from './pod'
import type { Step } from './state'

/** What the sync of a pod depends on besides its object and the runtime's view. */
export interface ActionInput {
  readonly volumesReady: boolean
  /** Grace period of containers that are killed. Units: µs. */
  readonly grace: number
  /** `liveness` or `startup` when that probe of the container has failed. */
  failedProbe(container: string, id: string): 'liveness' | 'startup' | null
  /** What a resize has to do to a running container; left out: there is none. */
  readonly resize?: ((container: Container) => 'update' | 'restart' | null) | undefined
  /** Whether a sidecar's startup probe has succeeded. */
  started(container: string): boolean
}

/** Tells a change of a container's definition from its restart. */
export function specHash(container: Container): string {
  return `${container.image ?? ''}`
}

function newest(view: PodView | undefined, name: string): ContainerView | undefined {
  return view?.containers.find((c) => c.name === name)
}

/** True while a container whose end restarts all of the pod is there, dead. Upstream: kubecontainer.ShouldAllContainersRestart */
export function restartTriggered(pod: Pod, view: PodView | undefined): boolean {
  return view !== undefined && [...pod.spec.containers, ...initContainers(pod)].some((c) => {
    if (c.restartPolicyRules === undefined) return false
    const now = newest(view, c.name)
    return now?.state === 'exited' && restartsAll(c, now.exitCode)
  })
}

/**
 * What has to be done to bring a pod's containers to what its spec wants, in order.
 * Upstream: kuberuntime_manager.go computePodActions, computeInitContainerActions
 */
export function computePodActions(pod: Pod, view: PodView | undefined, input: ActionInput): Step[] {
  const steps: Step[] = []
  const sandbox = view?.sandbox ?? null
  const policy = pod.spec.restartPolicy ?? 'Always'
  if (!input.volumesReady) steps.push({ do: 'volumes' })
  if (sandbox === null || !sandbox.ready) {
    const toStart = pod.spec.containers.filter((c) => mayStart(pod, c, newest(view, c.name), false))
    if (policy !== 'Always' && sandbox !== null && toStart.length === 0) return []
    if (sandbox !== null) steps.push({ do: 'stop-sandbox' })
    steps.push({ do: 'sandbox', attempt: sandbox === null ? 0 : sandbox.attempt + 1 })
    const init = initContainers(pod)
    if (init.length > 0 && !(policy !== 'Always' && sandbox !== null && init.every((c) => newest(view, c.name)?.exitCode === 0))) {
      // A new sandbox begins with the first init container; sidecars before the first plain one start along with it.
      for (const c of init) {
        steps.push({ do: 'start', name: c.name, init: true })
        if (!isSidecar(c) || c.startupProbe !== undefined) return steps
      }
    }
    for (const c of toStart) steps.push({ do: 'start', name: c.name, init: false })
    return steps
  }
  // One container's end ends all; when none runs any more they are removed, and the next sync begins with the first.
  if (restartTriggered(pod, view)) {
    for (const c of [...pod.spec.containers, ...[...initContainers(pod)].reverse()]) {
      const now = newest(view, c.name)
      if (now?.state === 'running') steps.push({ do: 'kill', name: c.name, id: now.id, message: `Stopping container ${c.name}`, grace: input.grace })
    }
    steps.push({ do: 'reset' })
    return steps
  }
  // They are started once, whatever the others do. Upstream: "ephemeral containers are never restarted"
  for (const c of ephemeralContainers(pod)) if (newest(view, c.name) === undefined) steps.push({ do: 'start', name: c.name, init: false })
  const initialized = view !== undefined && pod.spec.containers.some((c) => newest(view, c.name) !== undefined)
  if (initialized && pod.spec.containers.every((c) => newest(view, c.name)?.state === 'exited' && !mayStart(pod, c, newest(view, c.name), false))) {
    // The work is done: sidecars are stopped, in reverse order.
    for (const c of [...initContainers(pod)].reverse()) {
      const now = newest(view, c.name)
      if (now?.state === 'running') steps.push({ do: 'kill', name: c.name, id: now.id, message: `Stopping container ${c.name}`, grace: input.grace })
    }
    return steps
  }
  for (const c of initContainers(pod)) {
    const now = newest(view, c.name)
    if (isSidecar(c)) {
      if (now === undefined || now.state === 'exited') {
        steps.push({ do: 'start', name: c.name, init: true })
        if (c.startupProbe !== undefined && !initialized) return steps
      } else {
        const failed = input.failedProbe(c.name, now.id)
        if (!failed && input.resize?.(c) === 'update') steps.push({ do: 'resize', name: c.name, id: now.id })
        if (failed) steps.push({ do: 'kill', name: c.name, id: now.id, message: `Init container ${c.name} failed ${failed} probe`, grace: input.grace }, { do: 'start', name: c.name, init: true })
        if (!initialized && !input.started(c.name)) return steps
      }
      continue
    }
    if (initialized) continue
    if (now === undefined) {
      steps.push({ do: 'start', name: c.name, init: true })
      return steps
    }
    if (now.state === 'running') return steps
    if (now.exitCode !== 0) {
      if (shouldRestart(pod, c, true, now.exitCode)) steps.push({ do: 'start', name: c.name, init: true })
      return steps
    }
  }
  const starts: Step[] = []
  for (const c of pod.spec.containers) {
    const now = newest(view, c.name)
    if (now === undefined || now.state === 'exited') {
      if (mayStart(pod, c, now, false)) starts.push({ do: 'start', name: c.name, init: false })
      continue
    }
    let message = ''
    let restart = restartPolicyOf(pod, c, false) !== 'Never'
    if (now.specHash !== specHash(c)) {
      message = `Container ${c.name} definition changed`
      restart = true
    } else if (input.resize?.(c) === 'restart') {
      message = `Container ${c.name} resize requires restart`
      restart = true
    } else {
      const failed = input.failedProbe(c.name, now.id)
      if (failed === null) {
        if (input.resize?.(c) === 'update') steps.push({ do: 'resize', name: c.name, id: now.id })
        continue
      }
      message = `Container ${c.name} failed ${failed} probe`
    }
    if (restart) {
      message += ', will be restarted'
      starts.push({ do: 'start', name: c.name, init: false })
    }
    steps.push({ do: 'kill', name: c.name, id: now.id, message, grace: input.grace })
  }
  return [...steps, ...starts]
}
