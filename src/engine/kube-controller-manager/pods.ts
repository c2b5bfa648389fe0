import { parseTime } from '../apimachinery'
import type { Pod, PodCondition } from '../api'
import { SECOND, type Micros } from '../sim'

/** A condition of a pod by its type. Upstream: pkg/api/v1/pod GetPodCondition */
export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  const conditions = pod.status?.conditions
  if (conditions === undefined) return undefined
  for (let i = 0; i < conditions.length; i++) if (conditions[i]?.type === type) return conditions[i]
  return undefined
}

/** Upstream: pkg/api/v1/pod IsPodReady */
export const isPodReady = (pod: Pod): boolean => podCondition(pod, 'Ready')?.status === 'True'

/** Succeeded or Failed. Upstream: pkg/api/v1/pod IsPodTerminal */
export function isPodTerminal(pod: Pod): boolean {
  const phase = pod.status?.phase
  return phase === 'Succeeded' || phase === 'Failed'
}

/** Neither over nor being deleted. Upstream: controller.IsPodActive */
export const isPodActive = (pod: Pod): boolean => pod.metadata.deletionTimestamp === undefined && !isPodTerminal(pod)

/** Being deleted and not over. Upstream: controller.IsPodTerminating */
export const isPodTerminating = (pod: Pod): boolean => pod.metadata.deletionTimestamp !== undefined && !isPodTerminal(pod)

/** Ready for at least minReadySeconds. Units: `now` µs since 1970. Upstream: pkg/api/v1/pod IsPodAvailable */
export function isPodAvailable(pod: Pod, minReadySeconds: number, now: Micros): boolean {
  if (!isPodReady(pod)) return false
  return minReadySeconds <= 0 || (nextPodAvailability(pod, minReadySeconds, now) ?? 1) <= 0
}

/** How long until a ready pod counts as available; 0 when it does, undefined when it is not ready. Units: µs. Upstream: controller.nextPodAvailabilityCheck */
export function nextPodAvailability(pod: Pod, minReadySeconds: number, now: Micros): Micros | undefined {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return undefined
  if (minReadySeconds <= 0) return 0
  const since = ready.lastTransitionTime === undefined ? undefined : parseTime(ready.lastTransitionTime)
  return since === undefined ? undefined : Math.max(0, since + minReadySeconds * SECOND - now)
}

/** A time of an object. Units: µs since 1970; 0 when absent. */
export const timeOf = (text: string | undefined | null): Micros => (text == null ? 0 : (parseTime(text) ?? 0))
