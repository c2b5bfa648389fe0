import type { Ctx } from '../sim'
import { resourcePath, type Pod } from '../api'
import type { ObjectReference } from '../client-go'
import { podInfo, type PodInfo } from './backend/pod-info'
import type { QueuedPod, QueuePlugins } from './backend/queue'
import type { SchedulerMessage, SchedulerState } from './state'

/** A reference to a pod for events. */
export function podReference(p: PodInfo): ObjectReference {
  return { kind: 'Pod', namespace: p.namespace, name: p.name, uid: p.uid, apiVersion: 'v1', resourceVersion: p.pod.metadata.resourceVersion }
}

/** An attempt failed: the pod goes back into the queue, its condition and an event say why. Upstream: schedule_one.go handleSchedulingFailure */
export function failed(state: SchedulerState, queued: QueuedPod, message: string, error: boolean, nominate: string | undefined, ctx: Ctx, plugins: QueuePlugins): void {
  const tried = queued.pod
  const current = state.informers.cache<Pod>('pods').get(tried.namespace, tried.name)
  if (error) {
    queued.unschedulablePlugins = []
    queued.pendingPlugins = []
  }
  if (current !== undefined && current.metadata.uid === tried.uid && !current.spec.nodeName) {
    queued.pod = podInfo(current, tried)
    if (nominate !== undefined) state.nominator.set(queued.pod, nominate)
    state.queue.giveBack(queued, ctx.now, plugins)
  }
  state.recorder.event(ctx, podReference(tried), undefined, 'Warning', 'FailedScheduling', 'Scheduling', message)
  patchCondition(state, tried, error ? 'SchedulerError' : 'Unschedulable', message, nominate, ctx)
}

/** Writes PodScheduled=False (and the nomination) when it says something new. Upstream: schedule_one.go updatePod */
function patchCondition(state: SchedulerState, p: PodInfo, reason: string, message: string, nominate: string | undefined, ctx: Ctx): void {
  const { status, metadata } = p.pod
  const known = status?.conditions?.find((c) => c.type === 'PodScheduled')
  const same = known !== undefined && known.status === 'False' && known.reason === reason && known.message === message
  const nominated = nominate !== undefined && nominate !== (status?.nominatedNodeName ?? '')
  if (same && !nominated) return
  const condition = {
    type: 'PodScheduled', status: 'False', reason, message, lastProbeTime: null, observedGeneration: metadata.generation,
    lastTransitionTime: known?.status === 'False' ? known.lastTransitionTime : ctx.wallTime(),
  }
  const body = { status: { conditions: [condition], ...(nominated ? { nominatedNodeName: nominate === '' ? null : nominate } : {}) } }
  const then: SchedulerMessage = { type: 'scheduler/patched' }
  state.client.send(ctx, { verb: 'patch', path: resourcePath('pods', p.namespace, p.name, 'status'), patchType: 'application/strategic-merge-patch+json', body }, then)
}
