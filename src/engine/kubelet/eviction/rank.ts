import { podRequests } from '../../api'
import { quantityValue } from '../../apimachinery'
import type { PodWorker } from '../state'
import type { PodUsage } from './message'

/** A pod that might be evicted. */
export interface Candidate {
  readonly worker: PodWorker
  readonly usage: PodUsage
}

interface Ranked extends Candidate {
  readonly priority: number
  readonly used: number
  readonly request: number
}

/**
 * Who goes first: for memory and disk those above their requests, then the lower priority, then the most above its requests; for processes
 * the lower priority, then the most. Upstream: eviction/helpers.go rankMemoryPressure, rankDiskPressureFunc, rankPIDPressure
 */
export function ranked(resource: string, pods: readonly Candidate[]): readonly Candidate[] {
  const list = pods.map((c): Ranked => {
    const { pod } = c.worker
    const request = resource === 'pids' ? 0 : Number(quantityValue(podRequests(pod)[resource] ?? '0'))
    const used = resource === 'memory' ? c.usage.memory : resource === 'pids' ? c.usage.processes : c.usage.disk
    return { ...c, priority: pod.spec.priority ?? 0, used, request }
  })
  const exceeds = (r: Ranked): number => (resource !== 'pids' && r.used > r.request ? 1 : 0)
  return list.sort((a, b) => exceeds(b) - exceeds(a) || a.priority - b.priority || b.used - b.request - (a.used - a.request) || (a.worker.key < b.worker.key ? -1 : 1))
}
