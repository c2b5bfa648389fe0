import { MS, SECOND, type Ctx, type Message, type Micros } from '../../sim'
import { podLimits, type Pod } from '../../api'
import { quantitySign, quantity, quantityValue } from '../../apimachinery'
import { canonicalImage, isEmulated, type ContainerStats, type CriResult, type MachineStats } from '../../cri'
import type { KubeletParams } from '../params'
import { ephemeralContainers, initContainers, isStaticPod, podReference } from '../pod'
import { callRuntime } from '../runtime'
import { isOver, type KubeletState, type PodWorker } from '../state'
import { evictionMessage, type PodUsage } from './message'
import { ranked, type Candidate } from './rank'
import { conditionOf, defaultEvictionHard, parseThresholdConfig, resourceOf, thresholdKey, thresholdsMet, type Observation, type Threshold } from './thresholds'

/** Timer: the node's resources are looked at. Upstream: pkg/kubelet/eviction/eviction_manager.go, evictionMonitoringPeriod */
export interface EvictionTick extends Message {
  readonly type: 'kubelet/eviction'
}

const interval = 10 * SECOND
/** After an eviction the pod's end is waited for, at most so long; then all is looked at again at once. */
const cleanupPoll = SECOND
const cleanupTimeout = 30 * SECOND

/** A pressure that is found: what has to be reclaimed. */
interface Pressing {
  readonly threshold: Threshold
  readonly resource: string
  readonly thresholds: readonly Threshold[]
}

/** Memory of the eviction manager. Upstream: managerImpl */
export interface EvictionState {
  readonly thresholds: readonly Threshold[]
  /** Met, with their grace period, and not over yet. */
  met: readonly Threshold[]
  /** By threshold: when it was first seen to be met. */
  readonly firstSeen: Map<string, Micros>
  /** By condition: when a threshold of it was last seen to be met. */
  readonly lastSeen: Map<string, Micros>
  /** The node's conditions that are reported now, in the order of the alphabet. */
  conditions: readonly string[]
  /** Pods whose end is waited for, and since when. */
  evicted: readonly string[]
  evictedAt: Micros
  /** What is left to do after the node's own resources were reclaimed. */
  pressing: Pressing | null
}

/** Errors: an assertion of the caller is to hold that the settings are right; wrong ones leave the defaults, as an upstream kubelet would not start. */
export function newEviction(params: Pick<KubeletParams, 'eviction'>): EvictionState {
  const config = params.eviction ?? {}
  const parsed = parseThresholdConfig([], { ...config, hard: config.hard ?? defaultEvictionHard })
  const fallback = parseThresholdConfig([], { hard: defaultEvictionHard })
  const thresholds = 'thresholds' in parsed ? parsed.thresholds : 'thresholds' in fallback ? fallback.thresholds : []
  return { thresholds, met: [], firstSeen: new Map(), lastSeen: new Map(), conditions: [], evicted: [], evictedAt: 0, pressing: null }
}

/** Looks again after the interval. The emulated runtime has nothing that runs short. */
export function watchResources(state: KubeletState, ctx: Ctx, after: Micros = interval): void {
  if (isEmulated(state.params)) return
  const tick: EvictionTick = { type: 'kubelet/eviction' }
  ctx.after(after, tick)
}

/** Asks the runtime what there is, unless the end of an evicted pod is waited for. */
export function evictionTick(state: KubeletState, ctx: Ctx): void {
  const e = state.eviction
  if (e.evicted.length > 0) {
    const cleaned = e.evicted.every((uid) => {
      const w = state.workers.get(uid)
      return isOver(w?.stage)
    })
    if (!cleaned && ctx.now - e.evictedAt < cleanupTimeout) return watchResources(state, ctx, cleanupPoll)
    e.evicted = []
  }
  watchResources(state, ctx)
  if (state.runtimeUp && state.workers.size > 0) callRuntime(state, { op: 'stats', summary: true }, { for: 'eviction', again: false }, null, ctx)
}

/** A critical pod is never evicted. Upstream: pkg/kubelet/types/pod_update.go IsCriticalPod */
export function isCritical(pod: Pod): boolean {
  return (pod.spec.priority ?? 0) >= 2_000_000_000 || isStaticPod(pod)
}

/** Upstream: helpers.go makeSignalObservations; images lie on the node's own disk. */
function observe(state: KubeletState, stats: readonly ContainerStats[], machine: MachineStats): Map<string, Observation> {
  const capacity = state.params.node.memoryBytes
  const fs = { available: machine.fs.available, capacity: machine.fs.capacity }
  const { most, running } = machine.processes
  return new Map([
    // Memory comes in pages.
    ['memory.available', { available: Math.max(0, Math.round((capacity - stats.reduce((sum, s) => sum + s.memoryBytes, 0)) / 1024) * 1024), capacity }],
    ['nodefs.available', fs], ['imagefs.available', fs], ['pid.available', { available: most - running, capacity: most }],
  ])
}

/** The pods that might go, all or some, with what they use. */
function candidates(state: KubeletState, stats: readonly ContainerStats[], machine: MachineStats, isMeant: (pod: Pod) => boolean = () => true): Candidate[] {
  const out: Candidate[] = []
  for (const worker of state.workers.values()) {
    if (worker.stage !== 'sync' || worker.termination !== null || !isMeant(worker.pod)) continue
    const own = stats.filter((s) => s.uid === worker.uid)
    if (own.length > 0) out.push({ worker, usage: usageOf(worker, own, machine) })
  }
  return out
}

/** Files of a pod on the machine's disk: layers, logs, and volumes that die with it. Upstream: helpers.go podDiskUsage */
function usageOf(worker: PodWorker, own: readonly ContainerStats[], machine: MachineStats): PodUsage {
  const disk = machine.pods.get(worker.uid)
  const containers = own.map((s) => {
    const c = disk?.containers.get(s.name)
    return { name: s.name, memory: s.memoryBytes, disk: (c?.layer ?? 0) + (c?.logs ?? 0), processes: c?.processes ?? 1 }
  })
  let onDisk = containers.reduce((sum, c) => sum + c.disk, 0)
  for (const v of worker.pod.spec.volumes ?? []) if (v.emptyDir && v.emptyDir.medium !== 'Memory') onDisk += disk?.volumes.get(v.name) ?? 0
  return { containers, memory: own.reduce((sum, s) => sum + s.memoryBytes, 0), disk: onDisk, processes: containers.reduce((sum, c) => sum + c.processes, 0) }
}

/** The runtime has answered: conditions, limits of single pods, then what the node is short of. Upstream: eviction_manager.go synchronize. Answers the workers to be ended. */
export function considerEviction(state: KubeletState, result: CriResult, again: boolean, ctx: Ctx): readonly PodWorker[] {
  const { machine } = result
  if (machine === undefined) return none
  const e = state.eviction
  const stats = result.stats ?? []
  const observations = observe(state, stats, machine)
  if (again) {
    const { pressing } = e
    e.pressing = null
    // What was reclaimed of the node itself may do.
    if (pressing === null || thresholdsMet(e.thresholds, observations, true).length === 0) return none
    return evictOne(state, pressing, candidates(state, stats, machine), observations, ctx)
  }
  const thresholds = noteConditions(state, observations, ctx)
  const over = overLimits(state, candidates(state, stats, machine, hasDiskLimit), machine, ctx)
  if (over.length > 0) return over
  const sorted = [...thresholds].sort((a, b) => Number(resourceOf(b.signal) === 'memory') - Number(resourceOf(a.signal) === 'memory'))
  const threshold = sorted[0]
  const resource = threshold && resourceOf(threshold.signal)
  if (threshold === undefined || resource === undefined) return none
  state.recorder.event(ctx, { apiVersion: 'v1', kind: 'Node', name: state.node, uid: state.node }, 'Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resource}`)
  const pressing: Pressing = { threshold, resource, thresholds: sorted }
  if (resource !== 'ephemeral-storage') return evictOne(state, pressing, candidates(state, stats, machine), observations, ctx)
  e.pressing = pressing
  callRuntime(state, { op: 'remove-images', keep: imagesInUse(state) }, { for: 'images' }, null, ctx)
  callRuntime(state, { op: 'stats', summary: true }, { for: 'eviction', again: true }, null, ctx)
  return none
}

const none: readonly PodWorker[] = []

/** Keeps what was seen; answers the thresholds that have been met for their grace period. */
function noteConditions(state: KubeletState, observations: ReadonlyMap<string, Observation>, ctx: Ctx): readonly Threshold[] {
  const e = state.eviction
  const now = thresholdsMet(e.thresholds, observations, false)
  const keys = new Set(now.map(thresholdKey))
  for (const t of thresholdsMet(e.met, observations, true)) if (!keys.has(thresholdKey(t))) {
    keys.add(thresholdKey(t))
    now.push(t)
  }
  for (const key of e.firstSeen.keys()) if (!keys.has(key)) e.firstSeen.delete(key)
  for (const t of now) {
    if (!e.firstSeen.has(thresholdKey(t))) e.firstSeen.set(thresholdKey(t), ctx.now)
    e.lastSeen.set(conditionOf(t.signal), ctx.now)
  }
  const transition = ((state.config.eviction ?? state.params.eviction)?.pressureTransitionSeconds ?? 300) * SECOND
  const conditions: string[] = []
  for (const [condition, at] of e.lastSeen) {
    if (ctx.now - at < transition) conditions.push(condition)
    else e.lastSeen.delete(condition)
  }
  e.conditions = Object.freeze(conditions.sort())
  e.met = Object.freeze(now.filter((t) => ctx.now - (e.firstSeen.get(thresholdKey(t)) ?? ctx.now) >= t.gracePeriod))
  return e.met
}

/** Images of containers that the node has. Upstream: image_gc_manager.go detectImages */
function imagesInUse(state: KubeletState): readonly string[] {
  const out = new Set<string>()
  for (const { pod, stage } of state.workers.values()) {
    if (stage === 'finished') continue
    for (const c of [...pod.spec.containers, ...initContainers(pod), ...ephemeralContainers(pod)]) out.add(canonicalImage(c.image ?? ''))
  }
  return [...out].sort()
}

/** At most one pod is evicted each time; critical ones are passed over. */
function evictOne(state: KubeletState, { threshold, resource, thresholds }: Pressing, pods: readonly Candidate[], observations: ReadonlyMap<string, Observation>, ctx: Ctx): readonly PodWorker[] {
  for (const { worker, usage } of ranked(resource, pods)) {
    if (isCritical(worker.pod)) continue
    const { message, annotations } = evictionMessage(resource, worker.pod, usage, thresholds, observations)
    const soft = Math.min((state.config.eviction ?? state.params.eviction)?.maxPodGracePeriodSeconds ?? 0, worker.pod.spec.terminationGracePeriodSeconds ?? 30)
    evict(state, worker, message, annotations, threshold.gracePeriod > 0 ? Math.max(soft * SECOND, MS) : SECOND, true, ctx)
    return [worker]
  }
  return none
}

function evict(state: KubeletState, worker: PodWorker, message: string, annotations: Readonly<Record<string, string>>, grace: Micros, disruption: boolean, ctx: Ctx): void {
  state.recorder.event(ctx, podReference(worker.pod), 'Warning', 'Evicted', message, annotations)
  endPod(worker, 'Evicted', message, grace, ctx, disruption)
  state.eviction.evicted = [...state.eviction.evicted, worker.uid]
  state.eviction.evictedAt = ctx.now
}

/** Pods that hold more on the disk than they may. Upstream: eviction_manager.go localStorageEviction */
function overLimits(state: KubeletState, pods: readonly Candidate[], machine: MachineStats, ctx: Ctx): readonly PodWorker[] {
  const out: PodWorker[] = []
  for (const { worker, usage } of pods) {
    const why = overLimit(worker.pod, usage, machine.pods.get(worker.uid)?.volumes)
    if (why === undefined || isCritical(worker.pod)) continue
    evict(state, worker, why, {}, SECOND, false, ctx)
    out.push(worker)
  }
  return out
}

/** Whether a pod may hold only so much on the disk. */
function hasDiskLimit({ spec }: Pod): boolean {
  const isLimited = (of: { readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> } }): boolean => of.resources?.limits?.['ephemeral-storage'] !== undefined
  return (spec.volumes?.some((v) => v.emptyDir?.sizeLimit != null) ?? false) || isLimited(spec) || spec.containers.some(isLimited) || (spec.initContainers?.some(isLimited) ?? false)
}

/** Why a pod has to go for what it holds; undefined: it need not. */
export function overLimit(pod: Pod, usage: PodUsage, volumes: ReadonlyMap<string, number> | undefined): string | undefined {
  for (const v of pod.spec.volumes ?? []) {
    const limit = v.emptyDir?.sizeLimit
    if (limit === undefined || limit === null || quantitySign(quantity(String(limit))) <= 0) continue
    if ((volumes?.get(v.name) ?? 0) > Number(quantityValue(String(limit)))) return `Usage of EmptyDir volume "${v.name}" exceeds the limit "${limit}". `
  }
  const limit = podLimits(pod)['ephemeral-storage']
  if (limit === undefined) return undefined
  if (usage.disk > Number(quantityValue(limit))) return `Pod ephemeral local storage usage exceeds the total limit of containers ${limit}. `
  for (const c of usage.containers) {
    const own = pod.spec.containers.find((s) => s.name === c.name)?.resources?.limits?.['ephemeral-storage']
    if (own !== undefined && Number(quantityValue(String(own))) !== 0 && c.disk > Number(quantityValue(String(own)))) return `Container ${c.name} exceeded its local ephemeral storage limit "${own}". `
  }
  return undefined
}

/** Marks a pod to be ended by the node itself, with the status that tells why. Units of `limit`: µs. */
export function endPod(worker: PodWorker, reason: string, message: string, limit: Micros, ctx: Ctx, disruption = true): void {
  worker.termination = { since: ctx.now, grace: limit, endsAt: ctx.now + limit, limit, override: { phase: 'Failed', reason, message, disruption } }
}
