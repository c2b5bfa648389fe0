import { SECOND, type Ctx, type Message, type Micros } from '../sim'
import type { Container, LifecycleHandler } from '../api'
import { isEmulated, type CriResult } from '../cri'
import { intervals } from './params'
import { containerReference, formatPod } from './pod'
import { callRuntime } from './runtime'
import type { CriPurpose, KubeletState, PodWorker, StopHook } from './state'

/** Timer: a hook that only sleeps is over, or a preStop hook has used up the grace period. */
export interface HookTimer extends Message {
  readonly type: 'kubelet/hook'
  readonly purpose: HookPurpose
  readonly why: 'slept' | 'time is up'
}

type HookPurpose = CriPurpose & { readonly for: 'post-start' | 'pre-stop' }

const pod = (worker: PodWorker) => ({ namespace: worker.pod.metadata.namespace ?? '', name: worker.pod.metadata.name })

/** Runs a hook's handler; its end comes as an answer of the runtime or as a timer. Upstream: pkg/kubelet/lifecycle/handlers.go */
function run(state: KubeletState, worker: PodWorker, container: Container, handler: LifecycleHandler, purpose: HookPurpose, timeout: Micros, ctx: Ctx): void {
  if (handler.exec && !isEmulated(state.params)) return callRuntime(state, { op: 'exec', uid: worker.uid, name: container.name, command: handler.exec.command ?? [], timeout }, purpose, pod(worker), ctx)
  if (handler.httpGet) {
    const { port, path, scheme } = handler.httpGet
    const number = typeof port === 'number' ? port : (container.ports?.find((p) => p.name === port)?.containerPort ?? (Number(port) || 80))
    return callRuntime(state, { op: 'probe', uid: worker.uid, name: container.name, probe: { kind: 'http', port: number, path: path ?? '/', scheme: scheme ?? 'HTTP', timeout: 30 * SECOND } }, purpose, pod(worker), ctx)
  }
  const slept: HookTimer = { type: 'kubelet/hook', purpose, why: 'slept' }
  ctx.after((handler.sleep?.seconds ?? 0) * SECOND, slept)
}

/** Begins the postStart hook of a container that was just started; false when it has none. The sync goes on when it is over. */
export function beginPostStart(state: KubeletState, worker: PodWorker, container: Container, startedAt: Micros, ctx: Ctx): boolean {
  const handler = container.lifecycle?.postStart
  if (handler === undefined) return false
  run(state, worker, container, handler, { for: 'post-start', uid: worker.uid, startedAt, name: container.name }, 0, ctx)
  return true
}

/** Why a postStart hook failed, as the container's waiting state says it; empty when it did not. */
export function hookFailure(worker: PodWorker, container: Container, result: CriResult): string {
  const handler = container.lifecycle?.postStart
  if (handler?.exec && (result.error !== undefined || (result.code ?? 0) !== 0)) {
    const command = handler.exec.command ?? []
    const error = result.error ?? `command '${command.join(' ')}' exited with ${result.code ?? 0}: ${result.stderr ?? ''}`
    return `Exec lifecycle hook ([${command.join(' ')}]) for Container "${container.name}" in Pod "${formatPod(worker.pod)}" failed - error: ${error}, message: ${JSON.stringify(result.output ?? '')}`
  }
  if (handler?.httpGet && result.ok !== true) return `HTTP lifecycle hook (${handler.httpGet.path ?? '/'}) for Container "${container.name}" in Pod "${formatPod(worker.pod)}" failed - error: ${result.output ?? ''}, message: ""`
  return ''
}

/**
 * Ends a container: its preStop hook first, whose time counts in the grace period, then SIGTERM with what is left, two seconds at least.
 * Called again while the hook runs, it only hurries. Upstream: kuberuntime_container.go killContainer, executePreStopHook
 */
export function killContainer(state: KubeletState, worker: PodWorker, container: Container | undefined, id: string, grace: Micros, then: CriPurpose, ctx: Ctx): void {
  const under = state.stopHooks.get(id)
  if (under) {
    under.endsAt = Math.min(under.endsAt, ctx.now + grace)
    return wait(under, ctx)
  }
  const handler = container?.lifecycle?.preStop
  if (handler === undefined || container === undefined || grace <= 0) return stop(state, worker, id, grace, then, ctx)
  const hook: StopHook = { uid: worker.uid, name: container.name, id, then, endsAt: ctx.now + grace }
  state.stopHooks.set(id, hook)
  wait(hook, ctx)
  run(state, worker, container, handler, { for: 'pre-stop', id }, 0, ctx)
}

function wait(hook: StopHook, ctx: Ctx): void {
  const timer: HookTimer = { type: 'kubelet/hook', purpose: { for: 'pre-stop', id: hook.id }, why: 'time is up' }
  ctx.after(Math.max(0, hook.endsAt - ctx.now), timer)
}

function stop(state: KubeletState, worker: PodWorker, id: string, grace: Micros, then: CriPurpose, ctx: Ctx): void {
  callRuntime(state, { op: 'stop', uid: worker.uid, id, grace: Math.max(grace, intervals.minimumGrace) }, then, pod(worker), ctx)
}

/** A preStop hook is over, well or not, or its time is. */
export function preStopDone(state: KubeletState, id: string, result: CriResult | null, ctx: Ctx): void {
  const hook = state.stopHooks.get(id)
  if (hook === undefined || (result === null && ctx.now < hook.endsAt)) return
  state.stopHooks.delete(id)
  const worker = state.workers.get(hook.uid)
  if (worker === undefined) return
  if (result !== null && (result.error !== undefined || (result.code ?? 0) !== 0 || result.ok === false)) state.recorder.event(ctx, containerReference(worker.pod, hook.name), 'Warning', 'FailedPreStopHook', 'PreStopHook failed')
  stop(state, worker, id, hook.endsAt - ctx.now, hook.then, ctx)
}
