import { controllerOf, matches, type Selector } from '../../apimachinery'
import type { Pod, ReplicaSet } from '../../api'
import type { Micros } from '../../sim'
import type { ControllerEnv } from '../controller'
import { compareForDeletion } from '../pod-ranking'
import { isPodActive } from '../pods'

interface Owner {
  readonly resource: string
  readonly selectorOf: (o: ReplicaSet) => Selector
}

/** The pods to delete when a ReplicaSet has `count` too many. No ranking when all go. Upstream: replicaset.getPodsToDelete */
export function podsToDelete(k: Owner, rs: ReplicaSet, active: readonly Pod[], count: number, env: ControllerEnv<unknown>): readonly Pod[] {
  if (count >= active.length) return active.slice(0, count)
  return rankForDeletion(active, relatedPods(k, rs, env), env.ctx.wallMicros()).slice(0, count)
}

/** Pods in the order in which they should go; pods on nodes with many related ones go first. Upstream: getPodsRankedByRelatedPodsOnSameNode */
export function rankForDeletion(pods: readonly Pod[], related: readonly Pod[], now: Micros): Pod[] {
  const onNode = new Map<string, number>()
  for (const p of related) if (isPodActive(p)) onNode.set(p.spec.nodeName ?? '', (onNode.get(p.spec.nodeName ?? '') ?? 0) + 1)
  return pods.map((pod) => ({ pod, rank: onNode.get(pod.spec.nodeName ?? '') ?? 0 })).sort((a, b) => compareForDeletion(a, b, now)).map((r) => r.pod)
}

/** Pods of all ReplicaSets of the same owner. Upstream: getIndirectlyRelatedPods, getReplicaSetsWithSameController */
function relatedPods(k: Owner, rs: ReplicaSet, env: ControllerEnv<unknown>): Pod[] {
  const owner = controllerOf(rs)
  const sets = owner === undefined ? [rs] : env.cache<ReplicaSet>(k.resource).by('controller', owner.uid)
  const seen = new Set<Pod>()
  for (const set of sets) {
    const selector = k.selectorOf(set)
    for (const p of env.cache<Pod>('pods').by('controller', set.metadata.uid as string)) if (matches(selector, p.metadata.labels)) seen.add(p)
  }
  return [...seen]
}
