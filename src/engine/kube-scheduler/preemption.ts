import type { Ctx } from '../sim'
import { resourcePath } from '../api'
import type { ApiResponse } from '../client-go'
import type { PodInfo } from './backend/pod-info'
import type { QueuePlugins } from './backend/queue'
import { podReference } from './failure'
import type { Preemption, SchedulerMessage, SchedulerState } from './state'

/**
 * Removes the victims of a preemption while scheduling goes on: each is marked (DisruptionTarget), then deleted. The last one goes only when
 * the others are asked for, so that its deletion wakes the preemptor. Upstream: pkg/scheduler/framework/preemption/executor.go
 */
export function startPreemption(state: SchedulerState, preemptor: PodInfo, node: string, victims: readonly PodInfo[], ctx: Ctx): void {
  // Less important pods that had been promised a place there must look elsewhere.
  for (const other of state.nominator.on(node)) {
    if (other.priority >= preemptor.priority) continue
    state.nominator.delete(other.uid)
    const then: SchedulerMessage = { type: 'scheduler/patched' }
    state.client.send(ctx, { verb: 'patch', path: resourcePath('pods', other.namespace, other.name, 'status'), patchType: 'application/strategic-merge-patch+json', body: { status: { nominatedNodeName: null } } }, then)
  }
  const last = victims[victims.length - 1] as PodInfo
  const p: Preemption = { preemptor, node, left: victims.length - 1, last }
  state.preemptions.set(preemptor.uid, p)
  if (p.left === 0) return mark(state, p, last, ctx)
  state.preempting.add(preemptor.uid)
  for (const v of victims.slice(0, -1)) mark(state, p, v, ctx)
}

function mark(state: SchedulerState, p: Preemption, victim: PodInfo, ctx: Ctx): void {
  const schedulerName = p.preemptor.pod.spec.schedulerName || 'default-scheduler'
  const condition = {
    type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', message: `${schedulerName}: preempting to accommodate a higher priority pod`,
    lastProbeTime: null, lastTransitionTime: ctx.wallTime(), observedGeneration: victim.pod.metadata.generation,
  }
  const then: SchedulerMessage = { type: 'scheduler/victim-marked', preemptor: p.preemptor.uid, victim }
  state.client.send(ctx, { verb: 'patch', path: resourcePath('pods', victim.namespace, victim.name, 'status'), patchType: 'application/strategic-merge-patch+json', body: { status: { conditions: [condition] } } }, then)
}

/** The answer to marking a victim: now it is deleted. A victim that is gone already is as good. */
export function victimMarked(state: SchedulerState, preemptor: string, victim: PodInfo, response: ApiResponse, ctx: Ctx, plugins: QueuePlugins): void {
  const p = state.preemptions.get(preemptor)
  if (p === undefined) return
  if (response.code === 404) return done(state, p, victim, ctx)
  if (response.code !== 200) return giveUp(state, p, ctx, plugins)
  const then: SchedulerMessage = { type: 'scheduler/victim-deleted', preemptor, victim }
  state.client.send(ctx, { verb: 'delete', path: resourcePath('pods', victim.namespace, victim.name), body: { kind: 'DeleteOptions', apiVersion: 'v1' } }, then)
}

/** The answer to deleting a victim. */
export function victimDeleted(state: SchedulerState, preemptor: string, victim: PodInfo, response: ApiResponse, ctx: Ctx, plugins: QueuePlugins): void {
  const p = state.preemptions.get(preemptor)
  if (p === undefined) return
  if (response.code === 404) return done(state, p, victim, ctx)
  if (response.code < 200 || response.code >= 300) return giveUp(state, p, ctx, plugins)
  state.recorder.event(ctx, podReference(victim), podReference(p.preemptor), 'Normal', 'Preempted', 'Preempting', `Preempted by pod ${p.preemptor.uid} on node ${p.node}`)
  done(state, p, victim, ctx)
}

function done(state: SchedulerState, p: Preemption, victim: PodInfo, ctx: Ctx): void {
  if (victim.uid === p.last.uid) {
    state.preemptions.delete(p.preemptor.uid)
    return
  }
  if (--p.left > 0) return
  state.preempting.delete(p.preemptor.uid)
  mark(state, p, p.last, ctx)
}

/** A victim could not be removed: the preemptor is tried again. */
function giveUp(state: SchedulerState, p: Preemption, ctx: Ctx, plugins: QueuePlugins): void {
  void ctx
  state.preemptions.delete(p.preemptor.uid)
  state.preempting.delete(p.preemptor.uid)
  state.queue.activate(p.preemptor.uid, plugins)
}
