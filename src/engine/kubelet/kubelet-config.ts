import { parseGoDuration, readYaml } from '../apimachinery'

/** Pods from this priority on, and the time that they get when the machine shuts down. Units: s. */
export interface ShutdownGroup {
  readonly priority: number
  readonly seconds: number
}

/** What this kubelet has been told by its file. Upstream: KubeletConfiguration */
export interface KubeletConfig {
  /** Lowest priority first; empty: a shutdown is not waited with. */
  readonly shutdownGroups: readonly ShutdownGroup[]
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
  const read = readYaml(text)
  const given = (read.error === undefined ? read.value : null) as Given | null
  if (given === null || typeof given !== 'object' || given.kind !== 'KubeletConfiguration') return { error: 'failed to load kubelet config file' }
  const all = seconds(given.shutdownGracePeriod)
  const critical = seconds(given.shutdownGracePeriodCriticalPods)
  const fail = (text: string) => ({ error: `invalid configuration: ${text}` })
  if (all === undefined || critical === undefined) return { error: 'failed to load kubelet config file' }
  if (critical > all) return fail(`shutdownGracePeriodCriticalPods ${critical}s must be <= shutdownGracePeriod ${all}s`)
  const byPriority = given.shutdownGracePeriodByPodPriority ?? []
  if (byPriority.length > 0) {
    if (all > 0 || critical > 0) return fail('Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time')
    return { shutdownGroups: byPriority.map((g) => ({ priority: g.priority ?? 0, seconds: g.shutdownGracePeriodSeconds ?? 0 })).sort((a, b) => a.priority - b.priority) }
  }
  if (all === 0) return defaultKubeletConfig
  return { shutdownGroups: [{ priority: 0, seconds: all - critical }, { priority: criticalPriority, seconds: critical }] }
}
