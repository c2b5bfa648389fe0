import { resourcePath, type Node, type Pod } from '../api'
import type { ApiResponse } from '../client-go'
import { SECOND, type Ctx, type Message } from '../sim'
import { configAnnotations, podKey } from './pod'
import type { KubeletState, PodWorker } from './state'
import { flushStatuses, noticeForeignStatus } from './status-manager'

/** Answer to the creation of a mirror pod, or to its deletion. */
export interface MirrorWritten extends Message {
  readonly type: 'kubelet/mirror-created' | 'kubelet/mirror-deleted'
  readonly key: string
}

/** Timer: mirror pods that mirror nothing any more are looked for. Upstream: kubelet.go housekeepingPeriod */
export interface MirrorHousekeeping extends Message {
  readonly type: 'kubelet/mirror-housekeeping'
}

const housekeeping = 2 * SECOND

/** The static pod of that name on this node. */
export function staticWorker(state: KubeletState, key: string): PodWorker | undefined {
  for (const w of state.workers.values()) if (w.key === key && w.isStatic) return w
  return undefined
}

/**
 * Sees to it that the API shows a static pod: a mirror that is being deleted or shows another pod goes, a missing one is made.
 * While the API server does not answer, the pod runs all the same; the next sync tries again. Upstream: kubelet.go tryReconcileMirrorPods
 */
export function reconcileMirror(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  if (!worker.isStatic || worker.orphan || state.mirrorWrites.has(worker.key)) return
  const mirror = state.mirrors.get(worker.key)
  if (mirror) {
    if (mirror.metadata.deletionTimestamp !== undefined || mirror.metadata.annotations?.[configAnnotations.mirror] !== worker.uid) deleteMirror(state, mirror, ctx)
    return
  }
  const node = state.informers.cache<Node & { metadata: { name: string } }>('nodes').get('', state.node)
  if (node === undefined || node.metadata.deletionTimestamp !== undefined) return
  const { pod } = worker
  const then: MirrorWritten = { type: 'kubelet/mirror-created', key: worker.key }
  const { uid, ...metadata } = pod.metadata
  const body = {
    apiVersion: 'v1', kind: 'Pod',
    metadata: { ...metadata, annotations: { ...pod.metadata.annotations, [configAnnotations.mirror]: uid }, ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: state.node, uid: node.metadata.uid, controller: true }] },
    spec: pod.spec,
  }
  state.mirrorWrites.add(worker.key)
  state.client.send(ctx, { verb: 'create', path: resourcePath('pods', metadata.namespace), body }, then)
}

/** Upstream: pkg/kubelet/pod/mirror_client.go DeleteMirrorPod */
function deleteMirror(state: KubeletState, mirror: Pod, ctx: Ctx): void {
  const { namespace, name, uid } = mirror.metadata
  const then: MirrorWritten = { type: 'kubelet/mirror-deleted', key: podKey(mirror) }
  state.mirrorWrites.add(then.key)
  state.client.send(ctx, { verb: 'delete', path: resourcePath('pods', namespace, name), body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions: { uid } } }, then)
}

/** A mirror was written, or not: what comes of it is seen by the watch. */
export function mirrorWritten(state: KubeletState, then: MirrorWritten, _response: ApiResponse): void {
  state.mirrorWrites.delete(then.key)
}

/** The API's pod of a static pod has come, changed or gone. Answers the static pod when it has to be looked at. */
export function mirrorChanged(state: KubeletState, pod: Pod, gone: boolean, ctx: Ctx): PodWorker | undefined {
  const key = podKey(pod)
  const worker = staticWorker(state, key)
  const known = state.mirrors.get(key)
  if (gone) {
    if (known && known.metadata.uid !== pod.metadata.uid) return undefined
    state.mirrors.delete(key)
    if (worker) worker.pod = Object.freeze({ ...worker.pod, status: { phase: 'Pending' } })
    return worker
  }
  state.mirrors.set(key, pod)
  if (worker === undefined) {
    lookAgain(state, ctx)
    return undefined
  }
  const fresh = known?.metadata.uid !== pod.metadata.uid
  worker.pod = Object.freeze({ ...worker.pod, status: pod.status })
  if (fresh) {
    const entry = state.statuses.get(worker.uid)
    if (entry) {
      // What was written was written of another object.
      entry.sentVersion = 0
      state.dirtyStatuses.add(worker.uid)
      flushStatuses(state, ctx)
    }
  }
  noticeForeignStatus(state, worker, ctx)
  return pod.metadata.deletionTimestamp !== undefined || pod.metadata.annotations?.[configAnnotations.mirror] !== worker.uid ? worker : undefined
}

/** A static pod has ended for good: so does what the API shows of it. */
export function forgetMirror(state: KubeletState, key: string, ctx: Ctx): void {
  if (state.mirrors.has(key)) lookAgain(state, ctx)
}

function lookAgain(state: KubeletState, ctx: Ctx): void {
  if (state.mirrorTimer !== 0) return
  const message: MirrorHousekeeping = { type: 'kubelet/mirror-housekeeping' }
  state.mirrorTimer = ctx.after(housekeeping, message)
}

/** Mirrors of pods that are no more are deleted; as long as there are any, it is tried again. Upstream: kubelet_pods.go deleteOrphanedMirrorPods */
export function mirrorHousekeeping(state: KubeletState, ctx: Ctx): void {
  state.mirrorTimer = 0
  let orphans = false
  for (const [key, mirror] of state.mirrors) {
    if (staticWorker(state, key) || [...state.waitingStatic.values()].some((p) => podKey(p) === key)) continue
    orphans = true
    if (state.listed && !state.mirrorWrites.has(key)) deleteMirror(state, mirror, ctx)
  }
  if (orphans) lookAgain(state, ctx)
}

/** The node has come to be known: static pods are shown at once. Upstream: kubelet.go fastStaticPodsRegistration */
export function showStaticPods(state: KubeletState, ctx: Ctx): void {
  for (const worker of state.workers.values()) reconcileMirror(state, worker, ctx)
}
