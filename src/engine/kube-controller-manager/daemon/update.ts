import { scaledOr } from '../../apimachinery'
import type { DaemonSet, Node, Pod } from '../../api'
import type { Micros } from '../../sim'
import { isPodAvailable, isPodReady } from '../pods'
import { nodeShouldRun } from './should-run'

/** Pods by the node they are on or meant for. */
export type PodsByNode = Map<string, Pod[]>

/** Pods to delete, and nodes to create one on. */
export interface Moves {
  readonly remove: Pod[]
  readonly create: string[]
}

/** Annotation with the generation of the template. */
export const generationAnnotation = 'deprecated.daemonset.template.generation'
/** Label with it on pods. */
export const generationLabel = 'pod-template-generation'
/** Label with the hash of the template. */
export const hashLabel = 'controller-revision-hash'

/** Whether a pod is of the newest template. Upstream: daemon/util IsPodUpdated */
export function isUpdated(pod: Pod, hash: string, generation: string | undefined): boolean {
  const l = pod.metadata.labels
  return (hash !== '' && l?.[hashLabel] === hash) || (generation !== undefined && l?.[generationLabel] === generation)
}

/** Those on a node first, then the oldest. Upstream: podByCreationTimestampAndPhase */
export function byAge(a: Pod, b: Pod): number {
  const assigned = Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName))
  const [s, t] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '']
  return assigned || (s < t ? -1 : s > t ? 1 : a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0)
}

/** Upstream: daemon/util SurgeCount, UnavailableCount, updatedDesiredNodeCounts */
export function counts(ds: DaemonSet, nodes: readonly Node[], pods: PodsByNode): { surge: number; unavailable: number } {
  let desired = 0
  for (const node of nodes) {
    if (!nodeShouldRun(ds, node).run) continue
    desired++
    if (!pods.has(node.metadata.name)) pods.set(node.metadata.name, [])
  }
  const r = ds.spec.updateStrategy?.rollingUpdate
  const surge = scaledOr(r?.maxSurge, desired, true, 0)
  const unavailable = scaledOr(r?.maxUnavailable, desired, true, 0)
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

/** Whether new pods may run beside old ones. */
export const allowsSurge = (ds: DaemonSet): boolean => ds.spec.updateStrategy?.type === 'RollingUpdate' && scaledOr(ds.spec.updateStrategy.rollingUpdate?.maxSurge, 100, true, 0) > 0

function updatedOn(pods: readonly Pod[], hash: string, generation: string | undefined): { fresh: Pod | undefined; old: Pod | undefined } | undefined {
  let fresh: Pod | undefined
  let old: Pod | undefined
  for (const p of pods) {
    if (p.metadata.deletionTimestamp !== undefined) continue
    if (isUpdated(p, hash, generation)) {
      if (fresh) return undefined
      fresh = p
    } else if (old) return undefined
    else old = p
  }
  return { fresh, old }
}

/** What a rolling update does next. Units: `now` µs since 1970. Upstream: pkg/controller/daemon/update.go rollingUpdate */
export function rollingUpdate(ds: DaemonSet, nodes: readonly Node[], pods: PodsByNode, hash: string, now: Micros): Moves {
  const { surge, unavailable } = counts(ds, nodes, pods)
  const generation = ds.metadata.annotations?.[generationAnnotation]
  const ready = (p: Pod): boolean => isPodAvailable(p, ds.spec.minReadySeconds ?? 0, now)
  const remove: Pod[] = []
  if (surge === 0) {
    let missing = 0
    const candidates: Pod[] = []
    for (const list of pods.values()) {
      const found = updatedOn(list, hash, generation)
      if (found === undefined || (found.old === undefined) === (found.fresh === undefined)) missing++
      else if (found.fresh) missing += ready(found.fresh) ? 0 : 1
      else if (!ready(found.old as Pod)) remove.push(found.old as Pod)
      else if (missing < unavailable) candidates.push(found.old as Pod)
    }
    remove.push(...candidates.slice(0, Math.max(0, unavailable - missing)))
    return { remove, create: [] }
  }
  let surging = 0
  const create: string[] = []
  const candidates: string[] = []
  for (const [node, list] of pods) {
    const found = updatedOn(list, hash, generation)
    if (found === undefined) surging++
    else if (found.old === undefined) continue
    else if (found.fresh === undefined) {
      if (!ready(found.old)) create.push(node)
      else if (surging < surge) candidates.push(node)
    } else if (!ready(found.fresh)) surging++
    else remove.push(found.old)
  }
  create.push(...candidates.slice(0, Math.max(0, surge - surging)))
  return { remove, create }
}

/** With surge: which of several pods on a node go. Upstream: podsShouldBeOnNode */
export function excessWithSurge(running: readonly Pod[], hash: string, minReadySeconds: number, now: Micros): Pod[] {
  const out: Pod[] = []
  let fresh: Pod | undefined
  let old: Pod | undefined
  for (const p of running) {
    if (p.metadata.labels?.[hashLabel] === hash) {
      if (fresh === undefined) {
        fresh = p
        continue
      }
    } else if (old === undefined) {
      old = p
      continue
    }
    out.push(p)
  }
  if (fresh && old && (!isPodReady(old) || isPodAvailable(fresh, minReadySeconds, now))) out.push(old)
  return out
}
