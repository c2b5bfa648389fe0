import type { Ctx } from '../sim'
import type { PodInfo } from './backend/pod-info'
import type { QueuedPod, QueuePlugins } from './backend/queue'
import { startBinding } from './binding'
import { failed, podReference } from './failure'
import type { Framework } from './framework/framework'
import { isRejected, messageOf } from './framework/status'
import { fitErrorText } from './framework/fit-error'
import { handleFor } from './handle'
import { frameworkFor } from './plugins/registry'
import { startPreemption } from './preemption'
import { schedulePod, type Attempt } from './schedule-pod'
import type { SchedulerState } from './state'

/** Takes the next pod and tries to place it. Upstream: schedule_one.go ScheduleOne */
export function scheduleOne(state: SchedulerState, ctx: Ctx, plugins: QueuePlugins): void {
  const queued = state.queue.pop(plugins)
  if (queued === undefined) return
  ctx.cause = queued.cause
  const { pod } = queued
  if (pod.deleting) {
    state.recorder.event(ctx, podReference(pod), undefined, 'Warning', 'FailedScheduling', 'Scheduling', `skip schedule deleting pod: ${pod.namespace}/${pod.name}`)
    return
  }
  if (state.cache.isAssumed(pod.uid)) return
  const framework = frameworkFor(pod.pod.spec.schedulerName) as Framework
  const h = handleFor(state, framework, ctx)
  const attempt = schedulePod(framework, pod, state.nextStart, h)
  state.nextStart = attempt.nextStart
  state.attempts++
  const result = attempt.failure === undefined ? 'scheduled' : attempt.failure.error ? 'error' : 'unschedulable'
  ctx.trace({
    kind: 'schedule', what: result, object: { resource: 'pods', namespace: pod.namespace, name: pod.name },
    detail: { result, node: attempt.node === '' ? null : attempt.node, feasible: attempt.feasible, evaluated: attempt.refused.length },
  })
  record(state, pod, attempt, ctx)
  if (attempt.failure === undefined) return place(state, queued, attempt, framework, ctx, plugins)
  queued.unschedulablePlugins = attempt.failure.unschedulablePlugins
  queued.pendingPlugins = attempt.failure.pendingPlugins
  if (attempt.failure.victims.length > 0) startPreemption(state, pod, attempt.failure.nominate as string, attempt.failure.victims, ctx)
  failed(state, queued, attempt.failure.message, attempt.failure.error, attempt.failure.nominate, ctx, plugins)
}

function record(state: SchedulerState, pod: PodInfo, a: Attempt, ctx: Ctx): void {
  const message = a.failure?.message ?? `Successfully assigned ${pod.namespace}/${pod.name} to ${a.node}`
  state.decisions.record(pod, ctx.now, a.node, message, state.cache.nodeCount, a.names, a.start, a.refused, a.feasible, a.scores)
}

function place(state: SchedulerState, queued: QueuedPod, attempt: Attempt, framework: Framework, ctx: Ctx, plugins: QueuePlugins): void {
  const { cycle, node } = attempt
  const h = handleFor(state, framework, ctx)
  const assumed = state.cache.assume(queued.pod, node)
  state.nominator.delete(assumed.uid)
  const refused = framework.reserve(cycle, assumed, node, h) ?? framework.permit(cycle, assumed, node, h)
  if (refused === undefined) return startBinding(state, queued, assumed, node, cycle, framework, ctx, plugins)
  framework.unreserve(cycle, assumed, node, h)
  state.cache.forget(assumed.uid)
  const rejected = isRejected(refused)
  queued.unschedulablePlugins = rejected && refused.code !== 'Pending' ? [refused.plugin] : []
  queued.pendingPlugins = refused.code === 'Pending' ? [refused.plugin] : []
  failed(state, queued, rejected ? fitErrorText(1, [refused]) : messageOf(refused), !rejected, '', ctx, plugins)
}
