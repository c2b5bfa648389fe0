import { SECOND, type Ctx } from '../sim'
import type { ApiResponse } from '../client-go'
import type { PodInfo } from './backend/pod-info'
import type { QueuedPod, QueuePlugins } from './backend/queue'
import type { Cycle } from './framework/cycle'
import { clusterEvents } from './framework/events'
import type { Framework } from './framework/framework'
import { messageOf } from './framework/status'
import { handleFor } from './handle'
import { frameworkFor } from './plugins/registry'
import { failed, podReference } from './failure'
import type { Binding, SchedulerMessage, SchedulerState } from './state'

/** How long a pod may wait for its volumes. Upstream: VolumeBindingArgs.bindTimeoutSeconds */
const volumesTimeout = 600 * SECOND

/** Begins to bind an assumed pod; the answers arrive later, other pods are scheduled meanwhile. Upstream: schedule_one.go bindingCycle */
export function startBinding(state: SchedulerState, queued: QueuedPod, pod: PodInfo, node: string, cycle: Cycle, framework: Framework, ctx: Ctx, plugins: QueuePlugins): void {
  const b: Binding = { queued, pod, node, cycle: cycle.only(framework.preBinders), inFlight: 0, failed: '', sent: false, timeout: 0 }
  state.bindings.set(pod.uid, b)
  const h = handleFor(state, framework, ctx)
  const then: SchedulerMessage = { type: 'scheduler/pre-bound', uid: pod.uid }
  for (const p of framework.preBinders)
    for (const request of p.preBind?.(cycle, pod, node, h) ?? []) {
      b.inFlight++
      state.client.send(ctx, request, then)
    }
  advance(state, b, ctx, plugins)
}

/** Goes on when every PreBind is through. */
function advance(state: SchedulerState, b: Binding, ctx: Ctx, plugins: QueuePlugins): void {
  if (b.inFlight > 0 || b.sent) return
  const framework = frameworkFor(b.pod.pod.spec.schedulerName) as Framework
  if (b.failed !== '') return fail(state, b, b.failed, ctx, plugins)
  const h = handleFor(state, framework, ctx)
  for (const p of framework.preBinders) {
    const s = p.preBound?.(b.cycle, b.pod, b.node, h)
    if (s === 'wait') {
      if (b.timeout === 0) b.timeout = ctx.after(volumesTimeout, { type: 'scheduler/volumes-timeout', uid: b.pod.uid } as SchedulerMessage)
      return
    }
    if (s !== undefined) return fail(state, b, `running PreBind plugin "${p.name}": ${messageOf(s)}`, ctx, plugins)
  }
  b.sent = true
  if (b.timeout !== 0) ctx.cancel(b.timeout)
  const then: SchedulerMessage = { type: 'scheduler/bound', uid: b.pod.uid }
  const request = framework.binder.bind?.(b.pod, b.node)
  if (request !== undefined) state.client.send(ctx, request, then)
}

/** Looks again at pods that wait for their volumes. */
export function advanceWaiting(state: SchedulerState, ctx: Ctx, plugins: QueuePlugins): void {
  if (state.bindings.size === 0) return
  const all = [...state.bindings.values()]
  for (const b of all) if (b.timeout !== 0) advance(state, b, ctx, plugins)
}

/** An answer of PreBind, or its time limit. */
export function preBound(state: SchedulerState, uid: string, response: ApiResponse | undefined, ctx: Ctx, plugins: QueuePlugins): void {
  const b = state.bindings.get(uid)
  if (b === undefined) return
  if (response === undefined) {
    b.timeout = 0
    if (!b.sent) fail(state, b, 'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded', ctx, plugins)
    return
  }
  b.inFlight--
  if (response.code < 200 || response.code >= 300) b.failed ||= `running PreBind plugin "VolumeBinding": ${(response.body as { message?: string }).message ?? ''}`
  advance(state, b, ctx, plugins)
}

/** The answer to a binding. */
export function bound(state: SchedulerState, uid: string, response: ApiResponse, ctx: Ctx, plugins: QueuePlugins): void {
  const b = state.bindings.get(uid)
  if (b === undefined) return
  const { pod, node } = b
  if (response.code < 200 || response.code >= 300) {
    const framework = frameworkFor(pod.pod.spec.schedulerName) as Framework
    return fail(state, b, `running Bind plugin "${framework.binder.name}": ${(response.body as { message?: string }).message ?? ''}`, ctx, plugins)
  }
  state.bindings.delete(uid)
  state.scheduled++
  const framework = frameworkFor(pod.pod.spec.schedulerName) as Framework
  framework.postBind(b.cycle, pod, node, handleFor(state, framework, ctx))
  state.recorder.event(ctx, podReference(pod), undefined, 'Normal', 'Scheduled', 'Binding', `Successfully assigned ${pod.namespace}/${pod.name} to ${node}`)
}

/** The pod is taken back from its node; others may have waited for the place. Upstream: handleBindingCycleError */
function fail(state: SchedulerState, b: Binding, message: string, ctx: Ctx, plugins: QueuePlugins): void {
  state.bindings.delete(b.pod.uid)
  if (b.timeout !== 0) ctx.cancel(b.timeout)
  const framework = frameworkFor(b.pod.pod.spec.schedulerName) as Framework
  framework.unreserve(b.cycle, b.pod, b.node, handleFor(state, framework, ctx))
  state.cache.forget(b.pod.uid)
  state.queue.move(clusterEvents.assignedPodDelete, b.pod, undefined, ctx.now, ctx.cause, plugins)
  b.queued.pod = b.pod.pod === b.queued.pod.pod ? b.queued.pod : b.pod
  failed(state, b.queued, message, true, '', ctx, plugins)
}
