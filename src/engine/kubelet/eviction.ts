import { SECOND, type Ctx, type Message } from '../sim'
import type { Pod } from '../api'
import { newQuantity, quantityValue } from '../apimachinery'
import { isEmulated, type ContainerStats, type CriResult } from '../cri'
import { podReference } from './pod'
import { callRuntime } from './runtime'
import type { KubeletState, PodWorker } from './state'

/** Timer: the node's memory is looked at. Upstream: pkg/kubelet/eviction/eviction_manager.go, monitoringInterval */
export interface EvictionTick extends Message {
  readonly type: 'kubelet/eviction'
}

const interval = 10 * SECOND

/** Hard threshold memory.available<100Mi. Units: bytes. */
const threshold = 100 * 1024 * 1024

/** Pressure is reported until it has been gone for so long. Upstream: evictionPressureTransitionPeriod. Units: µs. */
const transition = 300 * SECOND

/** Looks again after the interval. The emulated runtime has no memory. */
export function watchMemory(state: KubeletState, ctx: Ctx): void {
  if (isEmulated(state.params)) return
  const tick: EvictionTick = { type: 'kubelet/eviction' }
  ctx.after(interval, tick)
}

/** Asks the runtime what its containers use. */
export function evictionTick(state: KubeletState, ctx: Ctx): void {
  watchMemory(state, ctx)
  if (state.runtimeUp && state.workers.size > 0) callRuntime(state, { op: 'stats' }, { for: 'eviction' }, null, ctx)
}

/** True while the node reports memory pressure. */
export function underMemoryPressure(state: KubeletState, now: number): boolean {
  return state.pressureSince >= 0 && (state.pressed || now - state.pressureSince < transition)
}

const binary = (bytes: number): string => newQuantity(Math.max(0, Math.round(bytes / 1024) * 1024), 'BinarySI').text

/** A critical pod is never evicted. Upstream: pkg/kubelet/types/pod_update.go IsCriticalPod */
export function isCritical(pod: Pod): boolean {
  return (pod.spec.priority ?? 0) >= 2_000_000_000 || pod.metadata.annotations?.['kubernetes.io/config.source'] === 'file'
}

function requested(pod: Pod): number {
  let sum = 0
  for (const c of pod.spec.containers) if (c.resources?.requests?.memory !== undefined) sum += quantityValue(String(c.resources.requests.memory))
  return sum
}

interface Ranked {
  readonly worker: PodWorker
  readonly used: number
  readonly over: number
  readonly stats: readonly ContainerStats[]
}

/** Who goes first: those above their requests, then the lower priority, then the most above its requests. Upstream: eviction/helpers.go rankMemoryPressure */
function ranked(state: KubeletState, stats: readonly ContainerStats[]): Ranked[] {
  const out: Ranked[] = []
  for (const worker of state.workers.values()) {
    if (worker.stage !== 'sync' || worker.termination !== null || isCritical(worker.pod)) continue
    const own = stats.filter((s) => s.uid === worker.uid)
    const used = own.reduce((sum, s) => sum + s.memoryBytes, 0)
    if (own.length > 0) out.push({ worker, used, over: used - requested(worker.pod), stats: own })
  }
  return out.sort((a, b) => Number(b.over > 0) - Number(a.over > 0) || (a.worker.pod.spec.priority ?? 0) - (b.worker.pod.spec.priority ?? 0) || b.over - a.over || (a.worker.key < b.worker.key ? -1 : 1))
}

/** Upstream: eviction/helpers.go evictionMessage */
function evictionMessage(pod: Pod, available: number, stats: readonly ContainerStats[]): string {
  let text = `The node was low on resource: memory. Threshold quantity: ${binary(threshold)}, available: ${binary(available)}. `
  for (const s of stats) {
    const request = pod.spec.containers.find((c) => c.name === s.name)?.resources?.requests?.memory
    if (s.memoryBytes > quantityValue(request === undefined ? '0' : String(request))) text += `Container ${s.name} was using ${binary(s.memoryBytes)}, request is ${request === undefined ? '0' : String(request)}, has larger consumption of memory. `
  }
  return text
}

/** The runtime has answered: at most one pod is evicted each time. Upstream: eviction_manager.go synchronize. Answers the worker to be ended. */
export function considerEviction(state: KubeletState, result: CriResult, ctx: Ctx): PodWorker | undefined {
  const stats = result.stats ?? []
  const available = state.params.node.memoryBytes - stats.reduce((sum, s) => sum + s.memoryBytes, 0)
  state.pressed = available < threshold
  if (!state.pressed) return undefined
  state.pressureSince = ctx.now
  state.recorder.event(ctx, { apiVersion: 'v1', kind: 'Node', name: state.node, uid: state.node }, 'Warning', 'EvictionThresholdMet', 'Attempting to reclaim memory')
  const first = ranked(state, stats)[0]
  if (first === undefined) return undefined
  const message = evictionMessage(first.worker.pod, available, first.stats)
  state.recorder.event(ctx, podReference(first.worker.pod), 'Warning', 'Evicted', message)
  endPod(first.worker, 'Evicted', message, SECOND, ctx)
  return first.worker
}

/** Marks a pod to be ended by the node itself, with the status that tells why. Units of `limit`: µs. */
export function endPod(worker: PodWorker, reason: string, message: string, limit: number, ctx: Ctx): void {
  worker.termination = { since: ctx.now, grace: limit, endsAt: ctx.now + limit, limit, override: { phase: 'Failed', reason, message, disruption: true } }
}
