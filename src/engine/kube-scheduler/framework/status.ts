/** Outcome of a plugin. Upstream: kube-scheduler/framework Code */
export type Code = 'Success' | 'Error' | 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Wait' | 'Skip' | 'Pending'

/** What a plugin says when it does not simply succeed (success is `undefined`). Immutable, so that hot paths can share one object per answer. */
export interface PluginStatus {
  readonly code: Code
  readonly reasons: readonly string[]
  /** The plugin that said it; empty for the framework itself. */
  readonly plugin: string
}

/** Makes a status. */
export function status(code: Code, plugin: string, ...reasons: readonly string[]): PluginStatus {
  return Object.freeze({ code, reasons: Object.freeze(reasons), plugin })
}

/** The pod cannot be scheduled now, but removing other pods may help. */
export const unschedulable = (plugin: string, ...reasons: readonly string[]): PluginStatus => status('Unschedulable', plugin, ...reasons)

/** The pod cannot be scheduled, and removing other pods would not help. */
export const unresolvable = (plugin: string, ...reasons: readonly string[]): PluginStatus => status('UnschedulableAndUnresolvable', plugin, ...reasons)

/** The plugin has nothing to do for this pod: its coupled extension point is not called. */
export const skip: PluginStatus = status('Skip', '')

/** True when the plugin rejected the pod (as against failed). Upstream: Status.IsRejected */
export function isRejected(s: PluginStatus): boolean {
  return s.code === 'Unschedulable' || s.code === 'UnschedulableAndUnresolvable' || s.code === 'Pending'
}

/** All reasons in one text. Upstream: Status.Message */
export function messageOf(s: PluginStatus | undefined): string {
  return s === undefined ? '' : s.reasons.join(', ')
}
