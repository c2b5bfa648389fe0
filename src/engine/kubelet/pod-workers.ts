import { assert, type Ctx } from '../sim'
import type { Pod } from '../api'
import { isEmulated } from '../cri'
import { admit } from './admission'
import { needToReconcileReadiness } from './conditions'
import { intervals } from './params'
import { forgetMirror } from './mirror'
import { isStaticPod, isTerminalPhase, podKey, podReference } from './pod'
import { stopProbes } from './prober'
import { considerResize, resumeResize, retryResizes } from './resize'
import { callRuntime } from './runtime'
import { generatePodStatus, terminatedStatus } from './pod-status'
import { finishPod, setPodStatus, noticeForeignStatus } from './status-manager'
import { nextRelist, wakeLater, type Resync, type WorkerWake } from './worker-queue'
import { beginSync } from './sync-pod'
import { beginTermination } from './terminate'
import { isOver, type KubeletState, type PodWorker } from './state'

/** A listing of the runtime. A sync that waited for it begins on what it found, before the news of that comes: the news asks for one more. Upstream: pleg/generic.go Relist (the cache first, then the events) */
export function relist(state: KubeletState, ctx: Ctx): void {
  state.plegTimer = 0
  const dirty = [...state.dirty]
  state.dirty.clear()
  for (const uid of dirty) {
    const worker = state.workers.get(uid)
    if (worker === undefined) continue
    if (worker.op !== null || worker.chainAt === ctx.now) worker.told = true
    updateWorker(state, worker, ctx)
  }
}

/** A pod was bound to this node (or was found at the start). Upstream: kubelet.go HandlePodAdditions */
export function addPod(state: KubeletState, pod: Pod, ctx: Ctx): void {
  const uid = pod.metadata.uid ?? ''
  if (state.workers.has(uid)) return
  const worker: PodWorker = {
    uid, key: podKey(pod), pod, isStatic: isStaticPod(pod), stage: 'sync', op: null, pending: false, lastSyncAt: -1, fresh: false, told: false, chainAt: 0, wakeAt: 0, wakeTimer: 0, resyncTimer: 0, termination: null, orphan: false,
    rejected: false, resize: null, volumesReady: false, volumesSince: -1, volumes: null, tokens: new Map(), unmounted: [], unattached: [], unprocessed: '', reasons: new Map(), ip: '', restartCounts: new Map(), requests: null,
  }
  const known = state.views.get(uid)
  if (known) worker.volumesReady = known.containers.some((c) => c.state === 'running')
  if (isTerminalPhase(pod.status?.phase) && !known?.containers.some((c) => c.state === 'running')) {
    state.workers.set(uid, worker)
    if (pod.metadata.deletionTimestamp !== undefined) return terminated(state, worker, ctx)
    worker.stage = 'finished'
    return
  }
  if (pod.metadata.deletionTimestamp === undefined && known === undefined) {
    const rejection = admit(state, pod)
    state.workers.set(uid, worker)
    if (rejection) {
      worker.rejected = true
      worker.stage = 'finished'
      state.recorder.event(ctx, podReference(pod), 'Warning', rejection.reason, rejection.message.replace('Pod was rejected: ', ''))
      setPodStatus(state, worker, { phase: 'Failed', reason: rejection.reason, message: rejection.message, qosClass: pod.status?.qosClass ?? 'BestEffort', startTime: ctx.wallTime(), observedGeneration: pod.metadata.generation, conditions: pod.status?.conditions ?? [] }, false, ctx)
      return
    }
  } else state.workers.set(uid, worker)
  if (known && (pod.metadata.generation ?? 0) > 1) resumeResize(state, worker, ctx)
  updateWorker(state, worker, ctx)
}

/** A pod's object changed. What the kubelet itself wrote into the status is no reason to sync. Upstream: HandlePodUpdates */
export function podChanged(state: KubeletState, pod: Pod, old: Pod, ctx: Ctx): void {
  const worker = state.workers.get(pod.metadata.uid ?? '')
  if (worker === undefined) return addPod(state, pod, ctx)
  worker.pod = worker.resize === null && pod.spec === old.spec ? pod : considerResize(state, worker, pod, ctx)
  noticeForeignStatus(state, worker, ctx)
  const deleting = pod.metadata.deletionTimestamp !== undefined
  if (!deleting && pod.metadata.generation === old.metadata.generation && !needToReconcileReadiness(pod)) return
  if (worker.stage === 'finished') {
    if (deleting) terminated(state, worker, ctx)
    return
  }
  if (deleting && old.metadata.deletionTimestamp !== undefined && old.metadata.deletionGracePeriodSeconds === pod.metadata.deletionGracePeriodSeconds) return
  updateWorker(state, worker, ctx)
}

/** A pod's object is gone: what still runs of it is killed. Upstream: HandlePodRemoves */
export function podGone(state: KubeletState, pod: Pod, ctx: Ctx): void {
  const worker = state.workers.get(pod.metadata.uid ?? '')
  if (worker === undefined) return
  worker.pod = pod
  worker.orphan = true
  if (isOver(worker.stage)) return forget(state, worker, ctx)
  updateWorker(state, worker, ctx)
}

/** Looks at a pod soon: at once, or, when it was just looked at, after the next listing of the runtime. Upstream: pod_workers.go UpdatePod, cache.GetNewerThan */
export function updateWorker(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  if (!state.listed) return
  if (worker.op) {
    worker.pending = true
    if (worker.op.stage === 'terminating' && worker.termination) beginTermination(state, worker, ctx)
    return
  }
  const seen = nextRelist(state, ctx.now) - intervals.plegRelist
  if (worker.lastSyncAt < 0 || worker.fresh || seen > worker.lastSyncAt) return run(state, worker, ctx)
  wakeLater(worker, nextRelist(state, ctx.now), ctx)
}

/** A worker's timer. */
export function workerWake(state: KubeletState, message: WorkerWake, ctx: Ctx): void {
  const worker = state.workers.get(message.uid)
  if (worker === undefined || worker.wakeAt !== message.at) return
  worker.wakeTimer = 0
  if (worker.op) worker.pending = true
  else run(state, worker, ctx)
}

/** A worker's regular turn. */
export function workerResync(state: KubeletState, message: Resync, ctx: Ctx): void {
  const worker = state.workers.get(message.uid)
  if (worker === undefined) return
  worker.resyncTimer = 0
  if (worker.stage !== 'finished') updateWorker(state, worker, ctx)
}

function run(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  assert(worker.op === null, 'two syncs of one pod')
  if (worker.wakeTimer !== 0) {
    ctx.cancel(worker.wakeTimer)
    worker.wakeTimer = 0
  }
  worker.fresh = false
  worker.pending = false
  if (worker.stage === 'sync' && (worker.orphan || worker.termination !== null || worker.pod.metadata.deletionTimestamp !== undefined)) worker.stage = 'terminating'
  switch (worker.stage) {
    case 'sync':
      return beginSync(state, worker, ctx)
    case 'terminating':
      return beginTermination(state, worker, ctx)
    case 'terminated':
      return terminated(state, worker, ctx)
    case 'finished':
      return
  }
}

/** All containers are gone: the last status, then the object may go. Upstream: kubelet.go SyncTerminatedPod */
export function terminated(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  worker.stage = 'finished'
  if (state.deferredResizes.size > 0) for (const other of retryResizes(state, ctx)) updateWorker(state, other, ctx)
  if (worker.orphan) return forget(state, worker, ctx)
  setPodStatus(state, worker, terminatedStatus(worker.pod, generatePodStatus(state, worker, true, ctx)), false, ctx)
  finishPod(state, worker, ctx)
  release(state, worker, ctx)
}

/** What a pod that has ended keeps on the disk is removed; of an evicted one its containers too. Upstream: volume manager's reconciler, kubelet.go cleanUpContainersInPod */
function release(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const evicted = worker.termination?.override?.reason === 'Evicted'
  if (isEmulated(state.params) || !state.views.has(worker.uid) || !(evicted || worker.pod.spec.volumes?.some((v) => v.emptyDir))) return
  callRuntime(state, { op: 'release', uid: worker.uid, layers: evicted }, { for: 'nothing' }, { namespace: worker.pod.metadata.namespace ?? '', name: worker.pod.metadata.name }, ctx)
}

/** Nothing of the pod is left. */
export function forget(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  stopProbes(state, worker.uid, ctx)
  if (worker.wakeTimer) ctx.cancel(worker.wakeTimer)
  if (worker.resyncTimer) ctx.cancel(worker.resyncTimer)
  state.workers.delete(worker.uid)
  state.pullSecretsAsked.delete(worker.uid)
  state.deferredResizes.delete(worker.uid)
  state.statuses.delete(worker.uid)
  state.dirtyStatuses.delete(worker.uid)
  for (const key of state.restartBackoff.entries.keys()) if (key.startsWith(worker.uid)) state.restartBackoff.entries.delete(key)
  for (const key of state.pullBackoff.entries.keys()) if (key.startsWith(worker.uid)) state.pullBackoff.entries.delete(key)
  if (worker.isStatic) startWaiting(state, worker.key, ctx)
  if (state.views.delete(worker.uid)) callRuntime(state, { op: 'remove-pod', uid: worker.uid }, { for: 'nothing' }, { namespace: worker.pod.metadata.namespace ?? '', name: worker.pod.metadata.name }, ctx)
}

/** Nothing is left of a static pod: another of its name that waited is started, or what the API shows of it goes too. */
function startWaiting(state: KubeletState, key: string, ctx: Ctx): void {
  for (const [uid, pod] of state.waitingStatic)
    if (podKey(pod) === key) {
      state.waitingStatic.delete(uid)
      return addPod(state, pod, ctx)
    }
  forgetMirror(state, key, ctx)
}
