import type { PodCondition, PodStatus } from '../api'
import { resourcePath } from '../api'
import { deepEqual } from '../apimachinery'
import type { Ctx, Message } from '../sim'
import type { ApiResponse } from '../client-go'
import { isTerminalPhase } from './pod'
import { resizeConditions } from './resize'
import type { KubeletState, PodWorker } from './state'

/** Answer to a status write or the final delete. */
export interface StatusSent extends Message {
  readonly type: 'kubelet/status-sent'
  readonly uid: string
  readonly version: number
  readonly what: 'patch' | 'delete'
}

/** Timer: a failed write is tried again. Upstream: syncPeriod 10 s */
export interface StatusRetry extends Message {
  readonly type: 'kubelet/status-retry'
}

/**
 * Remembers a pod's new status and has it written. `mayRun`: containers may still run, so the phase must not become terminal yet.
 * Upstream: pkg/kubelet/status/status_manager.go SetPodStatus, mergePodStatus
 */
export function setPodStatus(state: KubeletState, worker: PodWorker, status: PodStatus, mayRun: boolean, ctx: Ctx): void {
  let next = status
  const entry = state.statuses.get(worker.uid)
  const before = entry?.status ?? worker.pod.status
  if (mayRun && isTerminalPhase(next.phase) && !isTerminalPhase(before?.phase)) {
    next = { ...next, phase: before?.phase ?? 'Pending' }
    delete next.reason
    delete next.message
  }
  if (entry) {
    if (deepEqual(entry.status, next)) return
    entry.status = Object.freeze(next)
    entry.version++
  } else {
    state.statuses.set(worker.uid, { status: Object.freeze(next), version: 1, sentVersion: 0, finished: false, deleting: false })
    if (worker.pod.status && deepEqual(worker.pod.status, next)) {
      ;(state.statuses.get(worker.uid) as { sentVersion: number }).sentVersion = 1
      return
    }
  }
  state.dirtyStatuses.add(worker.uid)
  flushStatuses(state, ctx)
}

/** The pod is through: its object may go once its last status is written. Upstream: status_manager.go TerminatePod, canBeDeleted */
export function finishPod(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const entry = state.statuses.get(worker.uid)
  if (entry === undefined) return
  entry.finished = true
  state.dirtyStatuses.add(worker.uid)
  flushStatuses(state, ctx)
}

/** Writes what waits, one request at a time, as upstream's one goroutine does. */
export function flushStatuses(state: KubeletState, ctx: Ctx): void {
  if (state.statusInFlight > 0) return
  for (const uid of state.dirtyStatuses) {
    state.dirtyStatuses.delete(uid)
    const worker = state.workers.get(uid)
    const entry = state.statuses.get(uid)
    if (worker === undefined || entry === undefined || worker.orphan) continue
    const { namespace, name } = worker.pod.metadata
    // The status of a static pod is written into its mirror, once there is one.
    const target = worker.isStatic ? state.mirrors.get(worker.key)?.metadata.uid : uid
    if (target === undefined) continue
    if (entry.version > entry.sentVersion) {
      const then: StatusSent = { type: 'kubelet/status-sent', uid, version: entry.version, what: 'patch' }
      state.statusInFlight++
      state.client.send(ctx, { verb: 'patch', path: resourcePath('pods', namespace, name, 'status'), patchType: 'application/strategic-merge-patch+json', body: { metadata: { uid: target }, status: patchOf(worker.pod.status, entry.status) } }, then)
      return
    }
    if (entry.finished && !entry.deleting && worker.pod.metadata.deletionTimestamp !== undefined) {
      entry.deleting = true
      const then: StatusSent = { type: 'kubelet/status-sent', uid, version: entry.version, what: 'delete' }
      state.statusInFlight++
      state.client.send(ctx, { verb: 'delete', path: resourcePath('pods', namespace, name), body: { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0, preconditions: { uid } } }, then)
      return
    }
  }
}

/** Timer: what the API says of a pod may still differ from what the kubelet wrote. */
export interface StatusReconcile extends Message {
  readonly type: 'kubelet/status-reconcile'
  readonly uid: string
}

/** The batch that finds such differences runs this often. Upstream: status_manager.go syncPeriod. Units: µs. */
const reconcileEvery = 10_000_000

/** Somebody else changed a status (the node controller, while it heard nothing of this node): the next batch writes it again. Upstream: status_manager.go needsReconcile */
export function noticeForeignStatus(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  if (!isForeign(state, worker)) return
  const message: StatusReconcile = { type: 'kubelet/status-reconcile', uid: worker.uid }
  ctx.after(reconcileEvery - ((ctx.now - state.phase) % reconcileEvery), message)
}

/** The batch's look at one pod. */
export function reconcileStatus(state: KubeletState, uid: string, ctx: Ctx): void {
  const worker = state.workers.get(uid)
  const entry = state.statuses.get(uid)
  if (worker === undefined || entry === undefined || !isForeign(state, worker)) return
  entry.version++
  state.dirtyStatuses.add(uid)
  flushStatuses(state, ctx)
}

/** True when all was written and yet a condition of the kubelet's reads otherwise in the API. */
function isForeign(state: KubeletState, worker: PodWorker): boolean {
  const entry = state.statuses.get(worker.uid)
  if (entry === undefined || entry.version !== entry.sentVersion || worker.orphan) return false
  const said = worker.pod.status
  if (said?.phase !== entry.status.phase) return true
  return entry.status.conditions?.some((c) => said?.conditions?.find((s) => s.type === c.type)?.status !== c.status) ?? false
}

/** The fields that differ; what is gone is null. Lists without a merge key are replaced whole by the server. */
function patchOf(old: PodStatus | undefined, next: PodStatus): Record<string, unknown> {
  const a = (old ?? {}) as Record<string, unknown>
  const b = next as Record<string, unknown>
  const patch: Record<string, unknown> = {}
  for (const k in b) {
    if (b[k] === undefined || deepEqual(a[k], b[k])) continue
    if (k === 'conditions') patchConditions(patch, old?.conditions ?? [], next.conditions ?? [])
    else patch[k] = k === 'podIPs' && Array.isArray(a[k]) ? [{ $patch: 'replace' }, ...(next.podIPs ?? [])] : b[k]
  }
  for (const k of goingFields) if (a[k] !== undefined && b[k] === undefined) patch[k] = null
  return patch
}

const goingFields = ['podIP', 'podIPs', 'reason', 'message', 'nominatedNodeName'] as const

/** Conditions are merged by type: those that changed are sent, and the order of all. */
function patchConditions(patch: Record<string, unknown>, old: readonly PodCondition[], next: readonly PodCondition[]): void {
  // The server refuses a list to be merged that is empty.
  if (next.length === 0) return
  patch['$setElementOrder/conditions'] = next.map((c) => ({ type: c.type }))
  const changed: unknown[] = []
  for (let i = 0; i < next.length; i++) {
    const c = next[i] as PodCondition
    const was = conditionOf(old, c.type)
    if (was === undefined) changed.push(c)
    else if (was !== c && !deepEqual(was, c)) changed.push(conditionPatch(was as unknown as Record<string, unknown>, c as unknown as Record<string, unknown>))
  }
  for (const was of old) if (resizeConditions.includes(was.type) && !next.some((c) => c.type === was.type)) changed.push({ $patch: 'delete', type: was.type })
  if (changed.length > 0) patch.conditions = changed
}

function conditionOf(list: readonly PodCondition[], type: string): PodCondition | undefined {
  for (let i = 0; i < list.length; i++) if (list[i]?.type === type) return list[i]
  return undefined
}

/** What a condition says now and did not say before; what it no longer says is null. */
function conditionPatch(was: Readonly<Record<string, unknown>>, c: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const out: Record<string, unknown> = { type: c.type }
  for (const k in c) if (c[k] !== was[k] && c[k] !== undefined) out[k] = c[k]
  for (const k in was) if (was[k] != null && c[k] === undefined) out[k] = null
  return out
}

/** An answer to a write: on with the next; after a failure the write is tried again later. */
export function statusSent(state: KubeletState, then: StatusSent, response: ApiResponse, ctx: Ctx): void {
  state.statusInFlight--
  const entry = state.statuses.get(then.uid)
  if (entry) {
    if (response.code >= 200 && response.code < 300) {
      if (then.what === 'patch') entry.sentVersion = Math.max(entry.sentVersion, then.version)
      if (entry.version > entry.sentVersion || (entry.finished && !entry.deleting)) state.dirtyStatuses.add(then.uid)
    } else if (response.code !== 404) {
      if (then.what === 'delete') entry.deleting = false
      state.dirtyStatuses.add(then.uid)
      const retry: StatusRetry = { type: 'kubelet/status-retry' }
      ctx.after(10_000_000, retry)
      return
    }
  }
  flushStatuses(state, ctx)
}
