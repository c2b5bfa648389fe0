import type { Pod } from '../api'
import type { Micros } from '../sim'
import { isPodReady, podCondition, timeOf } from './pods'

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

/** A pod, with how many pods of its owner's owner run on its node. */
export interface RankedPod {
  readonly pod: Pod
  readonly rank: number
}

/**
 * Orders pods so that those to be deleted come first: unassigned, pending, not ready, cheap, crowded, young in readiness, much restarted, young.
 * Units: `now` µs since 1970. Upstream: controller.ActivePodsWithRanks.Less
 */
export function compareForDeletion(a: RankedPod, b: RankedPod, now: Micros): number {
  const p = a.pod
  const q = b.pod
  const assigned = Number((p.spec.nodeName ?? '') !== '') - Number((q.spec.nodeName ?? '') !== '')
  if (assigned !== 0) return assigned
  const phase = (phaseOrder[p.status?.phase ?? ''] ?? 0) - (phaseOrder[q.status?.phase ?? ''] ?? 0)
  if (phase !== 0) return phase
  const ready = Number(isPodReady(p)) - Number(isPodReady(q))
  if (ready !== 0) return ready
  const cost = deletionCost(p) - deletionCost(q)
  if (cost !== 0) return cost
  if (a.rank !== b.rank) return b.rank - a.rank
  if (isPodReady(p)) {
    const since = compareAges(p, q, podCondition(p, 'Ready')?.lastTransitionTime, podCondition(q, 'Ready')?.lastTransitionTime, now)
    if (since !== 0) return since
  }
  const restarts = maxRestarts(q, false) - maxRestarts(p, false) || maxRestarts(q, true) - maxRestarts(p, true)
  if (restarts !== 0) return restarts
  return compareAges(p, q, p.metadata.creationTimestamp, q.metadata.creationTimestamp, now) || byUid(p, q)
}

/** Younger first, by orders of magnitude of age; within one the uid decides, so that the choice is somewhat random. Absent times are youngest. */
function compareAges(p: Pod, q: Pod, a: string | undefined, b: string | undefined, now: Micros): number {
  if (a === b) return 0
  if (a === undefined) return -1
  if (b === undefined) return 1
  return logarithm(now - timeOf(a)) - logarithm(now - timeOf(b)) || byUid(p, q)
}

function byUid(p: Pod, q: Pod): number {
  const u = p.metadata.uid ?? ''
  const v = q.metadata.uid ?? ''
  return u < v ? -1 : u > v ? 1 : 0
}

const logarithm = (age: Micros): number => (age <= 0 ? -1 : Math.floor(Math.log2(age * 1000)))

function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost']
  return text !== undefined && /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0
}

/** Most restarts of a container; of the sidecars, or of the others. Upstream: controller.maxContainerRestarts */
function maxRestarts(pod: Pod, sidecars: boolean): number {
  let most = 0
  if (!sidecars) for (const c of pod.status?.containerStatuses ?? []) most = Math.max(most, c.restartCount)
  else
    for (const c of pod.spec.initContainers ?? [])
      if (c.restartPolicy === 'Always') most = Math.max(most, pod.status?.initContainerStatuses?.find((s) => s.name === c.name)?.restartCount ?? 0)
  return most
}
