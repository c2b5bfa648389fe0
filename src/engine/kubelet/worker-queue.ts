import { SECOND, parseTime, type Ctx, type Message, type Micros } from '../sim'
import { intervals } from './params'
import type { KubeletState, PodWorker } from './state'

/** Timer: a worker may go on. */
export interface WorkerWake extends Message {
  readonly type: 'kubelet/wake'
  readonly uid: string
  readonly at: Micros
}

/** Timer: a worker's regular turn. */
export interface Resync extends Message {
  readonly type: 'kubelet/resync'
  readonly uid: string
}

/** Timer: the next listing of the runtime, which finds what changed. */
export interface PlegTick extends Message {
  readonly type: 'kubelet/pleg'
}

/** The first listing of the runtime after a time. */
export function nextRelist(state: KubeletState, after: Micros): Micros {
  const n = Math.floor((after - state.phase) / intervals.plegRelist) + 1
  return state.phase + n * intervals.plegRelist
}

/** Something of a pod changed in the runtime: the next listing finds it. Upstream: pkg/kubelet/pleg/generic.go */
export function markDirty(state: KubeletState, uid: string, ctx: Ctx): void {
  state.dirty.add(uid)
  if (state.plegTimer !== 0) return
  const tick: PlegTick = { type: 'kubelet/pleg' }
  state.plegTimer = ctx.after(nextRelist(state, ctx.now) - ctx.now, tick)
}

/** Sets a worker's timer; an earlier one stays. */
export function wakeLater(worker: PodWorker, at: Micros, ctx: Ctx): void {
  if (worker.wakeTimer !== 0) {
    if (worker.wakeAt <= at) return
    ctx.cancel(worker.wakeTimer)
  }
  worker.wakeAt = at
  const wake: WorkerWake = { type: 'kubelet/wake', uid: worker.uid, at }
  worker.wakeTimer = ctx.after(at - ctx.now, wake)
}

/** A sync is over: when to look again. Upstream: pod_workers.go completeWork */
export function endSync(state: KubeletState, worker: PodWorker, next: 'again' | 'later', ctx: Ctx): void {
  const failed = worker.op?.failed ?? false
  const backoffEnds = worker.op?.backoffEnds ?? 0
  worker.op = null
  worker.lastSyncAt = ctx.now
  if (worker.resyncTimer !== 0) ctx.cancel(worker.resyncTimer)
  worker.resyncTimer = 0
  if (worker.told) {
    worker.told = false
    worker.chainAt = nextRelist(state, ctx.now)
    // Where everything runs one more look finds nothing new.
    if (state.views.get(worker.uid)?.containers.some((c) => c.state === 'exited')) wakeLater(worker, worker.chainAt, ctx)
  }
  if (next === 'again' || worker.pending) return wakeLater(worker, worker.fresh ? ctx.now : nextRelist(state, ctx.now), ctx)
  wakeForDeadline(state, worker, ctx)
  const resyncInterval = state.params.syncSeconds * SECOND
  // A failure that knows when its back-off ends is looked at then, but never later than an ordinary turn.
  const period = backoffEnds > 0 ? Math.min(Math.max(0, backoffEnds - ctx.now), resyncInterval) : failed ? Math.min(intervals.backOffPeriod, resyncInterval) : resyncInterval
  const wait = period + Math.floor(0.5 * period * ctx.rng.fraction())
  // The kubelet looks for due pods once a second.
  const due = nextRelist(state, ctx.now + wait - 1)
  const resync: Resync = { type: 'kubelet/resync', uid: worker.uid }
  worker.resyncTimer = ctx.after(due - ctx.now, resync)
}

/** A pod with a deadline is looked at when it is reached. Upstream: active_deadline.go ShouldSync, asked once a second */
function wakeForDeadline(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const seconds = worker.pod.spec.activeDeadlineSeconds
  const start = worker.pod.status?.startTime ?? state.statuses.get(worker.uid)?.status.startTime
  const since = start === undefined ? undefined : parseTime(start)
  if (seconds === undefined || since === undefined || worker.termination !== null || worker.stage !== 'sync') return
  const due = ctx.now + (since + seconds * SECOND - ctx.wallMicros())
  if (due > ctx.now) wakeLater(worker, nextRelist(state, due - 1), ctx)
}
