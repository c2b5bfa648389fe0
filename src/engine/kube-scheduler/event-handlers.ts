import type { Ctx } from '../sim'
import type { Node, Pod } from '../api'
import type { Delta } from '../client-go'
import { podInfo, type PodInfo } from './backend/pod-info'
import type { QueuePlugins } from './backend/queue'
import { Action, clusterEvents, nodeChanges, podChanges, type ClusterEvent, type EventResource } from './framework/events'
import { frameworkFor } from './plugins/registry'
import type { SchedulerState } from './state'

const resourceOf: Readonly<Record<string, EventResource>> = {
  persistentvolumes: 'PersistentVolume', persistentvolumeclaims: 'PersistentVolumeClaim', storageclasses: 'StorageClass', csinodes: 'CSINode',
}

/** Takes a change of a cache: into the scheduler's cache and queue, and to the pods that it may help. Upstream: pkg/scheduler/eventhandlers.go */
export function onDelta(state: SchedulerState, delta: Delta, ctx: Ctx, plugins: QueuePlugins): void {
  if (delta.resource === 'pods') return onPod(state, delta, ctx, plugins)
  const move = (e: ClusterEvent, old: unknown, now: unknown) => state.queue.move(e, old, now, ctx.now, ctx.cause, plugins)
  if (delta.resource === 'nodes') {
    const node = delta.object as Node
    if (delta.type === 'deleted') {
      state.cache.removeNode(node.metadata.name)
      return move(clusterEvents.nodeDelete, node, undefined)
    }
    state.cache.setNode(node)
    if (delta.type === 'added') return move(clusterEvents.nodeAdd, undefined, node)
    const old = delta.old as Node
    for (const e of nodeChanges(node, old)) move(e, old, node)
    return
  }
  const resource = resourceOf[delta.resource]
  if (resource === undefined) return
  const action = delta.type === 'added' ? Action.Add : delta.type === 'deleted' ? Action.Delete : Action.Update
  move({ resource, action }, delta.type === 'deleted' ? delta.object : delta.old, delta.type === 'deleted' ? undefined : delta.object)
}

const terminal = (p: Pod): boolean => p.status?.phase === 'Succeeded' || p.status?.phase === 'Failed'

function onPod(state: SchedulerState, delta: Delta, ctx: Ctx, plugins: QueuePlugins): void {
  const pod = delta.object as Pod
  const uid = pod.metadata.uid as string
  // The informer leaves terminal pods out; should one arrive, it is gone for the scheduler all the same.
  if (delta.type === 'deleted' || terminal(pod)) return podGone(state, uid, pod, ctx, plugins)
  if (pod.spec.nodeName) {
    const waited = state.queue.get(uid)
    if (waited !== undefined) state.queue.delete(uid, plugins)
    state.nominator.delete(uid)
    const info = podInfo(pod, state.cache.pod(uid))
    const wasAssumed = state.cache.isAssumed(uid)
    const old = state.cache.setPod(info)
    if (old === undefined || wasAssumed) state.queue.move(clusterEvents.assignedPodAdd, undefined, info, ctx.now, ctx.cause, plugins)
    else for (const e of podChanges(info, old)) state.queue.move(e, old, info, ctx.now, ctx.cause, plugins)
    return
  }
  if (frameworkFor(pod.spec.schedulerName) === undefined || state.cache.isAssumed(uid)) return
  const queued = state.queue.get(uid)
  const info = podInfo(pod, queued?.pod)
  const nominated = pod.status?.nominatedNodeName ?? ''
  if (nominated !== '' && nominated !== state.nominator.nodeNameOf(uid)) state.nominator.set(info, nominated)
  if (queued === undefined) state.queue.add(info, ctx.now, ctx.cause, plugins)
  else state.queue.update(info, ctx.now, ctx.cause, plugins, podChanges(info, queued.pod))
}

function podGone(state: SchedulerState, uid: string, pod: Pod, ctx: Ctx, plugins: QueuePlugins): void {
  state.queue.delete(uid, plugins)
  const nominated = state.nominator.nodeNameOf(uid) !== ''
  state.nominator.delete(uid)
  const counted: PodInfo | undefined = state.cache.removePod(uid)
  if (counted !== undefined || nominated) {
    const old = counted ?? podInfo(pod)
    state.queue.move(clusterEvents.assignedPodDelete, old, undefined, ctx.now, ctx.cause, plugins)
  }
}
