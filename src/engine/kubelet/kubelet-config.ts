import { parseGoDuration, parseQuantity, quantityMilliValue, quantityValue, readConfigYaml } from '../apimachinery'
import { defaultEvictionHard, parseThresholdConfig, type EvictionConfig } from './eviction/thresholds'

/** Pods from this priority on, and the time that they get when the machine shuts down. Units: s. */
export interface ShutdownGroup {
  readonly priority: number
  readonly seconds: number
}

/** What this kubelet has been told by its file. Upstream: KubeletConfiguration */
export interface KubeletConfig {
  /** Lowest priority first; empty: a shutdown is not waited with. */
  readonly shutdownGroups: readonly ShutdownGroup[]
  /** Left out: as the machine says. */
  readonly maxPods?: number | undefined
  /** Of kubeReserved and systemReserved together: what pods may not have. */
  readonly reserved?: { readonly cpuMillis: number; readonly memoryBytes: number } | undefined
  readonly eviction?: EvictionConfig | undefined
}

/** Why a kubelet does not come to its work, as its log tells it; `restarts`: it has ended, and systemd starts it again. */
export interface KubeletFailure {
  readonly where: string
  readonly text: string
  readonly restarts: boolean
}

/** As kubeadm leaves it: no graceful shutdown. */
export const defaultKubeletConfig: KubeletConfig = Object.freeze({ shutdownGroups: [] })

const criticalPriority = 2_000_000_000

interface Given {
  readonly kind?: unknown
  readonly maxPods?: unknown
  readonly kubeReserved?: unknown
  readonly systemReserved?: unknown
  readonly evictionHard?: unknown
  readonly evictionSoft?: unknown
  readonly evictionSoftGracePeriod?: unknown
  readonly evictionMinimumReclaim?: unknown
  readonly evictionMaxPodGracePeriod?: unknown
  readonly evictionPressureTransitionPeriod?: unknown
  readonly shutdownGracePeriod?: unknown
  readonly shutdownGracePeriodCriticalPods?: unknown
  readonly shutdownGracePeriodByPodPriority?: readonly { readonly priority?: number; readonly shutdownGracePeriodSeconds?: number }[] | null
}

const seconds = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return 0
  const parsed = typeof value === 'string' ? parseGoDuration(value) : undefined
  return parsed === undefined ? undefined : Math.floor(parsed / 1_000_000)
}

/**
 * Reads the kubelet's file. Errors: why an upstream kubelet would not start with it.
 * Upstream: pkg/kubelet/apis/config/validation/validation.go, pkg/kubelet/nodeshutdown migrateConfig
 */
export function readKubeletConfig(text: string): KubeletConfig | { readonly error: string } {
  const read = readConfigYaml(text)
  const given = (read.error === undefined ? read.value : null) as Given | null
  if (given === null || typeof given !== 'object' || given.kind !== 'KubeletConfiguration') return { error: 'failed to load kubelet config file' }
  const all = seconds(given.shutdownGracePeriod)
  const critical = seconds(given.shutdownGracePeriodCriticalPods)
  const fail = (text: string) => ({ error: `invalid configuration: ${text}` })
  if (all === undefined || critical === undefined) return { error: 'failed to load kubelet config file' }
  if (critical > all) return fail(`shutdownGracePeriodCriticalPods ${critical}s must be <= shutdownGracePeriod ${all}s`)
  if (given.maxPods !== undefined && (typeof given.maxPods !== 'number' || given.maxPods < 0)) return typeof given.maxPods === 'number' ? fail(`maxPods (--max-pods) ${given.maxPods} must not be a negative number`) : { error: 'failed to load kubelet config file' }
  const reserved = reservedOf(given)
  if ('error' in reserved) return reserved
  const eviction = evictionOf(given)
  if (eviction !== undefined && 'error' in eviction) return eviction
  const rest = { maxPods: given.maxPods || undefined, reserved, eviction }
  const byPriority = given.shutdownGracePeriodByPodPriority ?? []
  if (byPriority.length > 0) {
    if (all > 0 || critical > 0) return fail('Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time')
    return { ...rest, shutdownGroups: byPriority.map((g) => ({ priority: g.priority ?? 0, seconds: g.shutdownGracePeriodSeconds ?? 0 })).sort((a, b) => a.priority - b.priority) }
  }
  if (all === 0) return { ...defaultKubeletConfig, ...rest }
  return { ...rest, shutdownGroups: [{ priority: 0, seconds: all - critical }, { priority: criticalPriority, seconds: critical }] }
}

type Texts = Readonly<Record<string, string>>

const textsOf = (value: unknown): Texts | undefined => (typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, String(v)])) : undefined)

/** Upstream: cmd/kubelet/app/server.go parseResourceList */
function reservedOf(given: Given): { readonly cpuMillis: number; readonly memoryBytes: number } | { readonly error: string } {
  let cpuMillis = 0
  let memoryBytes = 0
  for (const list of [textsOf(given.kubeReserved), textsOf(given.systemReserved)])
    for (const name in list) {
      const text = list[name] as string
      if (!['cpu', 'memory', 'ephemeral-storage', 'pid'].includes(name)) return { error: `failed to run Kubelet: cannot reserve "${name}" resource` }
      const parsed = parseQuantity(text)
      if (typeof parsed === 'string') return { error: `failed to run Kubelet: failed to parse quantity "${text}" for "${name}" resource: ${parsed}` }
      if (name === 'cpu') cpuMillis += Number(quantityMilliValue(text))
      else if (name === 'memory') memoryBytes += Number(quantityValue(text))
    }
  return { cpuMillis, memoryBytes }
}

/** When the node is short of something, by the file; undefined: it does not say. Upstream: pkg/kubelet/eviction/helpers.go ParseThresholdConfig */
function evictionOf(given: Given): EvictionConfig | { readonly error: string } | undefined {
  const hard = textsOf(given.evictionHard)
  const soft = textsOf(given.evictionSoft)
  const transition = seconds(given.evictionPressureTransitionPeriod) || undefined
  if (hard === undefined && soft === undefined && transition === undefined) return undefined
  const config: EvictionConfig = {
    hard: hard ?? defaultEvictionHard, soft, softGracePeriod: textsOf(given.evictionSoftGracePeriod), minimumReclaim: textsOf(given.evictionMinimumReclaim),
    maxPodGracePeriodSeconds: typeof given.evictionMaxPodGracePeriod === 'number' ? given.evictionMaxPodGracePeriod : undefined, pressureTransitionSeconds: transition,
  }
  const parsed = parseThresholdConfig([], config)
  return 'error' in parsed ? { error: `failed to run Kubelet: ${parsed.error}` } : config
}
