import type { Micros } from '../../sim'
import type { Memory } from './decide'

/** What the controller wanted of late for an autoscaler (`namespace/name`), oldest first: its stabilization windows look at these. Times are wall clock. */
export function recommendationsOf(manager: { readonly running: ReadonlyMap<string, { readonly state: unknown }> }, key: string): readonly { readonly replicas: number; readonly at: Micros }[] {
  const state = manager.running.get('horizontal-pod-autoscaler')?.state as { readonly memories: ReadonlyMap<string, Memory> } | undefined
  return (state?.memories.get(key)?.recommendations ?? []).toSorted((a, b) => a.at - b.at)
}
