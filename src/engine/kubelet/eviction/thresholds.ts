import { parseQuantity, quantitySign, quantityValue, type Quantity } from '../../apimachinery'
import { SECOND, type Micros } from '../../sim'

/** What is watched, and the resource that runs short with it. Upstream: pkg/kubelet/eviction/helpers.go signalToResource */
const resources: Readonly<Record<string, string>> = {
  'memory.available': 'memory', 'allocatableMemory.available': 'memory', 'pid.available': 'pids',
  'nodefs.available': 'ephemeral-storage', 'imagefs.available': 'ephemeral-storage', 'containerfs.available': 'ephemeral-storage',
  'nodefs.inodesFree': 'inodes', 'imagefs.inodesFree': 'inodes', 'containerfs.inodesFree': 'inodes',
}

/** The resource of a signal; undefined for a signal that there is not. */
export function resourceOf(signal: string): string | undefined {
  return Object.hasOwn(resources, signal) ? resources[signal] : undefined
}

/** The node's condition that a signal brings. Upstream: signalToNodeCondition */
export function conditionOf(signal: string): 'MemoryPressure' | 'DiskPressure' | 'PIDPressure' {
  const resource = resourceOf(signal)
  return resource === 'memory' ? 'MemoryPressure' : resource === 'pids' ? 'PIDPressure' : 'DiskPressure'
}

/** An amount, or a part of the capacity (0 to 1). */
export type ThresholdValue = { readonly quantity: string } | { readonly percentage: number }

/** When a signal is under its value, for longer than its grace period, something has to be done. Upstream: eviction/api/types.go Threshold */
export interface Threshold {
  readonly signal: string
  readonly value: ThresholdValue
  /** 0: hard. Units: µs. */
  readonly gracePeriod: Micros
  /** How much more than the value has to be there again before it is over. */
  readonly minReclaim?: ThresholdValue | undefined
}

/** Settings of the kubelet. Upstream: KubeletConfiguration evictionHard, evictionSoft, … */
export interface EvictionConfig {
  readonly hard?: Readonly<Record<string, string>> | undefined
  readonly soft?: Readonly<Record<string, string>> | undefined
  readonly softGracePeriod?: Readonly<Record<string, string>> | undefined
  readonly minimumReclaim?: Readonly<Record<string, string>> | undefined
  /** Most that a pod gets to end when a soft threshold is met. Units: s. */
  readonly maxPodGracePeriodSeconds?: number | undefined
  /** A condition is reported until it has been gone for so long. Units: s. */
  readonly pressureTransitionSeconds?: number | undefined
}

/** Upstream: pkg/kubelet/apis/config/v1beta1/defaults_linux.go DefaultEvictionHard; inodes are not modelled. */
export const defaultEvictionHard = { 'memory.available': '100Mi', 'nodefs.available': '10%', 'imagefs.available': '15%' } as const

/** What a signal is at now. */
export interface Observation {
  readonly available: number
  readonly capacity: number
}

export type Observations = ReadonlyMap<string, Observation>

class Wrong {
  constructor(readonly text: string) {}
}

/** Upstream: helpers.go ParseThresholdConfig. Errors: the text of the first wrong setting. */
export function parseThresholdConfig(enforced: readonly string[], config: EvictionConfig): { readonly thresholds: readonly Threshold[] } | { readonly error: string } {
  try {
    const hard = statements(config.hard)
    const soft = statements(config.soft)
    const grace = gracePeriods(config.softGracePeriod)
    const reclaim = minimumReclaims(config.minimumReclaim)
    const all = [...hard, ...soft.map((t): Threshold => {
      const gracePeriod = grace.get(t.signal)
      if (gracePeriod === undefined) throw new Wrong(`grace period must be specified for the soft eviction threshold ${t.signal}`)
      return { ...t, gracePeriod }
    })].map((t): Threshold => (reclaim.has(t.signal) ? { ...t, minReclaim: reclaim.get(t.signal) } : t))
    const allocatable = enforced.includes('pods') ? all.filter((t) => t.signal === 'memory.available' && t.gracePeriod === 0).map((t): Threshold => ({ ...t, signal: 'allocatableMemory.available' })) : []
    return { thresholds: Object.freeze([...all, ...allocatable].map((t) => Object.freeze(t))) }
  } catch (thrown) {
    if (thrown instanceof Wrong) return { error: thrown.text }
    throw thrown
  }
}

function statements(given: Readonly<Record<string, string>> | undefined): Threshold[] {
  const out: Threshold[] = []
  for (const signal of Object.keys(given ?? {}).sort()) {
    const text = given?.[signal] as string
    if (resourceOf(signal) === undefined) throw new Wrong(`unsupported eviction signal ${signal}`)
    if (text === '0%' || text === '100%') continue
    out.push({ signal, value: text.endsWith('%') ? { percentage: part(signal, text) } : { quantity: amount(signal, text) }, gracePeriod: 0 })
  }
  return out
}

function part(signal: string, text: string): number {
  const percentage = parsePercentage(text)
  if (percentage === undefined) throw new Wrong(`strconv.ParseFloat: parsing "${text.replace(/%+$/, '')}": invalid syntax`)
  if (percentage < 0) throw new Wrong(`eviction percentage threshold ${signal} must be >= 0%: ${text}`)
  if (percentage > 1) throw new Wrong(`eviction percentage threshold ${signal} must be <= 100%: ${text}`)
  return percentage
}

function parsed(text: string): Quantity {
  const found = parseQuantity(text)
  if (typeof found === 'string') throw new Wrong(found)
  return found
}

function amount(signal: string, text: string): string {
  const q = parsed(text)
  if (quantitySign(q) <= 0) throw new Wrong(`eviction threshold ${signal} must be positive: ${text}`)
  return text
}

/** `25.5%` as 0.255, in the precision of Go's float32; undefined when it is none. Upstream: helpers.go parsePercentage */
export function parsePercentage(text: string): number | undefined {
  const digits = text.replace(/%+$/, '')
  return /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/.test(digits) ? Math.fround(Math.fround(Number(digits)) / 100) : undefined
}

function gracePeriods(given: Readonly<Record<string, string>> | undefined): Map<string, Micros> {
  const out = new Map<string, Micros>()
  for (const signal of Object.keys(given ?? {}).sort()) {
    if (resourceOf(signal) === undefined) throw new Wrong(`unsupported eviction signal ${signal}`)
    const text = given?.[signal] as string
    const duration = goDuration(text)
    if (duration === undefined) throw new Wrong(`time: invalid duration "${text}"`)
    if (duration < 0) throw new Wrong(`invalid eviction grace period specified for ${signal} must be a positive value: ${text}`)
    out.set(signal, duration)
  }
  return out
}

const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }

/** A duration as Go reads it. Units: µs. Undefined: it is none. */
function goDuration(text: string): Micros | undefined {
  if (text === '0') return 0
  const m = /^([-+]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(text)
  if (m === null) return undefined
  let seconds = 0
  for (const [, n, unit] of (m[2] as string).matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)) seconds += Number(n) * (units[unit as string] as number)
  return Math.round((m[1] === '-' ? -seconds : seconds) * SECOND)
}

function minimumReclaims(given: Readonly<Record<string, string>> | undefined): Map<string, ThresholdValue> {
  const out = new Map<string, ThresholdValue>()
  for (const signal of Object.keys(given ?? {}).sort()) {
    if (resourceOf(signal) === undefined) throw new Wrong(`unsupported eviction signal ${signal}`)
    const text = given?.[signal] as string
    if (text.endsWith('%')) {
      const percentage = parsePercentage(text)
      if (percentage === undefined) throw new Wrong(`strconv.ParseFloat: parsing "${text.replace(/%+$/, '')}": invalid syntax`)
      if (percentage <= 0) throw new Wrong(`eviction percentage minimum reclaim ${signal} must be positive: ${text}`)
      out.set(signal, { percentage })
      continue
    }
    if (quantitySign(parsed(text)) < 0) throw new Wrong(`negative eviction minimum reclaim specified for ${signal}`)
    out.set(signal, { quantity: text })
  }
  return out
}

/** What a value comes to. Upstream: eviction/api GetThresholdQuantity */
export function thresholdQuantity(value: ThresholdValue, capacity: number): number {
  return 'quantity' in value ? Number(quantityValue(value.quantity)) : Math.trunc(capacity * value.percentage)
}

/** Those that are met, whatever their grace period; with `enforceMinReclaim` those that are not over. Upstream: helpers.go thresholdsMet */
export function thresholdsMet(thresholds: readonly Threshold[], observations: Observations, enforceMinReclaim: boolean): Threshold[] {
  return thresholds.filter((t) => {
    const seen = observations.get(t.signal)
    if (seen === undefined) return false
    const least = thresholdQuantity(t.value, seen.capacity) + (enforceMinReclaim && t.minReclaim ? thresholdQuantity(t.minReclaim, seen.capacity) : 0)
    return least > seen.available
  })
}

/** Upstream: helpers.go compareThresholdValue */
export function sameValue(a: ThresholdValue, b: ThresholdValue): boolean {
  if ('quantity' in a) return 'quantity' in b && quantityValue(a.quantity) === quantityValue(b.quantity)
  return 'percentage' in b && a.percentage === b.percentage
}

/** Tells thresholds apart. */
export function thresholdKey(t: Threshold): string {
  return `${t.signal} ${t.gracePeriod} ${'quantity' in t.value ? t.value.quantity : `${t.value.percentage}`}`
}
