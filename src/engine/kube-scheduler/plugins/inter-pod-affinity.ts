import type { Node } from '../../api'
import type { Labels } from '../../apimachinery'
import type { NodeInfo } from '../backend/node-info'
import { termMatches, type AffinityTerm, type PodInfo } from '../backend/pod-info'
import type { Cycle } from '../framework/cycle'
import { Action } from '../framework/events'
import { maxNodeScore } from '../framework/normalize'
import type { Handle, Plugin } from '../framework/plugin'
import { skip, status, unresolvable, unschedulable, type PluginStatus } from '../framework/status'

const name = 'InterPodAffinity'
const affinityRefused = unresolvable(name, "node(s) didn't match pod affinity rules")
const antiAffinityRefused = unschedulable(name, "node(s) didn't match pod anti-affinity rules")
const existingRefused = unschedulable(name, "node(s) didn't satisfy existing pods anti-affinity rules")

/** Numbers by topology key and value. */
class Pairs {
  readonly byKey = new Map<string, Map<string, number>>()

  add(node: Node, key: string, by: number): void {
    const value = node.metadata.labels?.[key]
    if (value === undefined) return
    let values = this.byKey.get(key)
    if (values === undefined) this.byKey.set(key, (values = new Map()))
    const n = (values.get(value) ?? 0) + by
    if (n !== 0) values.set(value, n)
    else {
      values.delete(value)
      if (values.size === 0) this.byKey.delete(key)
    }
  }

  get(key: string, value: string): number {
    return this.byKey.get(key)?.get(value) ?? 0
  }

  get empty(): boolean {
    return this.byKey.size === 0
  }

  copy(): Pairs {
    const p = new Pairs()
    for (const [k, values] of this.byKey) p.byKey.set(k, new Map(values))
    return p
  }
}

interface Counts {
  /** Anti-affinity of pods that run, against the incoming pod. */
  readonly existingAnti: Pairs
  /** Pods that all of the incoming pod's affinity terms select. */
  readonly affinity: Pairs
  /** Pods that one of its anti-affinity terms selects. */
  readonly anti: Pairs
}

type LabelsOf = (namespace: string) => Labels

function allTermsMatch(terms: readonly AffinityTerm[], p: PodInfo, labelsOf: LabelsOf): boolean {
  if (terms.length === 0) return false
  for (const t of terms) if (!termMatches(t, p, labelsOf)) return false
  return true
}

function countPod(c: Counts, pod: PodInfo, other: PodInfo, node: Node, by: number, labelsOf: LabelsOf): void {
  for (const t of other.requiredAntiAffinity) if (termMatches(t, pod, labelsOf)) c.existingAnti.add(node, t.topologyKey, by)
  if (allTermsMatch(pod.requiredAffinity, other, labelsOf)) for (const t of pod.requiredAffinity) c.affinity.add(node, t.topologyKey, by)
  for (const t of pod.requiredAntiAffinity) if (termMatches(t, other, labelsOf)) c.anti.add(node, t.topologyKey, by)
}

function tryPod(cycle: Cycle, pod: PodInfo, other: PodInfo, node: NodeInfo, by: number, h: Handle): PluginStatus | undefined {
  const c = cycle.read<Counts>(name)
  if (c !== undefined) countPod(c, pod, other, node.node, by, h.namespaceLabels)
  return undefined
}

/** Adds up what pods on a node say of the incoming pod, and it of them. Upstream: processExistingPod */
function scorePod(score: Pairs, pod: PodInfo, other: PodInfo, node: Node, hardWeight: number, labelsOf: LabelsOf): void {
  for (const t of pod.preferredAffinity) if (termMatches(t, other, labelsOf)) score.add(node, t.topologyKey, t.weight)
  for (const t of pod.preferredAntiAffinity) if (termMatches(t, other, labelsOf)) score.add(node, t.topologyKey, -t.weight)
  if (hardWeight > 0) for (const t of other.requiredAffinity) if (termMatches(t, pod, labelsOf)) score.add(node, t.topologyKey, hardWeight)
  for (const t of other.preferredAffinity) if (termMatches(t, pod, labelsOf)) score.add(node, t.topologyKey, t.weight)
  for (const t of other.preferredAntiAffinity) if (termMatches(t, pod, labelsOf)) score.add(node, t.topologyKey, -t.weight)
}

function podHint(pod: PodInfo, before: PodInfo | undefined, after: PodInfo | undefined): boolean {
  // Namespace labels are not at hand in a hint: terms with a namespace selector are taken to match, as a needless retry is harmless.
  const labelsOf: LabelsOf = () => undefined
  const wide = [...pod.requiredAffinity, ...pod.requiredAntiAffinity].some((t) => !t.namespaceSelector.nothing)
  if (wide) return true
  const selected = (p: PodInfo) => allTermsMatch(pod.requiredAffinity, p, labelsOf)
  const repelled = (p: PodInfo) => pod.requiredAntiAffinity.some((t) => termMatches(t, p, labelsOf))
  if (before !== undefined && after !== undefined) return after.uid === pod.uid || (!selected(before) && selected(after)) || (repelled(before) && !repelled(after))
  if (after !== undefined) return selected(after)
  return before !== undefined && (repelled(before) || before.requiredAntiAffinity.some((t) => !t.namespaceSelector.nothing || termMatches(t, pod, labelsOf)))
}

function nodeHint(pod: PodInfo, before: Node | undefined, after: Node): boolean {
  const terms = [...pod.requiredAffinity, ...pod.requiredAntiAffinity]
  if (terms.length === 0) return true
  return terms.some((t) => {
    const value = after.metadata.labels?.[t.topologyKey]
    return before === undefined ? value !== undefined : before.metadata.labels?.[t.topologyKey] !== value
  })
}

/** Affinity and anti-affinity between pods. `hardWeight`: what required affinity of running pods counts in scores. Upstream: plugins/interpodaffinity */
export function interPodAffinityWith(hardWeight: number): Plugin {
  return {
    name,
    events: [
      { resource: 'Pod', action: Action.Add | Action.UpdatePodLabel | Action.Delete, hint: (pod, _event, old, now) => podHint(pod, old as PodInfo | undefined, now as PodInfo | undefined) },
      { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel, hint: (pod, _event, old, now) => nodeHint(pod, old as Node | undefined, now as Node) },
    ],

    preFilter(cycle, pod, h) {
      if (pod.affinityError !== '') return unresolvable(name, `parsing pod: ${pod.affinityError}`)
      const c: Counts = { existingAnti: new Pairs(), affinity: new Pairs(), anti: new Pairs() }
      const own = pod.requiredAffinity.length > 0 || pod.requiredAntiAffinity.length > 0
      for (const n of own ? h.snapshot.list() : h.snapshot.listWithRequiredAntiAffinity()) for (const other of own ? n.pods : n.podsWithRequiredAntiAffinity) countPod(c, pod, other, n.node, 1, h.namespaceLabels)
      if (!own && c.existingAnti.empty) return skip
      cycle.write(name, c)
      return undefined
    },

    addPod: (cycle, pod, other, node, h) => tryPod(cycle, pod, other, node, 1, h),
    removePod: (cycle, pod, other, node, h) => tryPod(cycle, pod, other, node, -1, h),
    copyState(state) {
      const c = state as Counts
      return { existingAnti: c.existingAnti.copy(), affinity: c.affinity.copy(), anti: c.anti.copy() }
    },

    filter(cycle, pod, node, h) {
      const c = cycle.read<Counts>(name) as Counts
      const labels = node.node.metadata.labels
      let together = true
      for (const t of pod.requiredAffinity) {
        const value = labels?.[t.topologyKey]
        if (value === undefined) return affinityRefused
        if (c.affinity.get(t.topologyKey, value) <= 0) together = false
      }
      // The first pod of a group that wants to be together may go anywhere.
      if (!together && !(c.affinity.empty && allTermsMatch(pod.requiredAffinity, pod, h.namespaceLabels))) return affinityRefused
      if (!c.anti.empty)
        for (const t of pod.requiredAntiAffinity) {
          const value = labels?.[t.topologyKey]
          if (value !== undefined && c.anti.get(t.topologyKey, value) > 0) return antiAffinityRefused
        }
      if (!c.existingAnti.empty && labels !== undefined)
        for (const [key, values] of c.existingAnti.byKey) {
          const value = labels[key]
          if (value !== undefined && (values.get(value) ?? 0) > 0) return existingRefused
        }
      return undefined
    },

    preScore(cycle, pod, _nodes, h) {
      if (pod.affinityError !== '') return status('Error', name, `parsing pod: ${pod.affinityError}`)
      const own = pod.preferredAffinity.length > 0 || pod.preferredAntiAffinity.length > 0
      const score = new Pairs()
      for (const n of own ? h.snapshot.list() : h.snapshot.listWithAffinity()) for (const other of own ? n.pods : n.podsWithAffinity) scorePod(score, pod, other, n.node, hardWeight, h.namespaceLabels)
      if (score.empty) return skip
      cycle.write(`${name}/score`, score)
      return undefined
    },

    score(cycle, _pod, node) {
      const labels = node.node.metadata.labels
      let sum = 0
      for (const [key, values] of (cycle.read<Pairs>(`${name}/score`) as Pairs).byKey) sum += (labels?.[key] === undefined ? undefined : values.get(labels[key] as string)) ?? 0
      return sum
    },

    normalize(_cycle, _pod, _nodes, scores) {
      let min = Number.MAX_SAFE_INTEGER
      let max = -Number.MAX_SAFE_INTEGER
      for (const s of scores) {
        if (s < min) min = s
        if (s > max) max = s
      }
      const span = max - min
      for (let i = 0; i < scores.length; i++) scores[i] = span > 0 ? Math.trunc(maxNodeScore * (((scores[i] as number) - min) / span)) : 0
    },
  }
}

/** The default: hardPodAffinityWeight 1. */
export const interPodAffinity: Plugin = interPodAffinityWith(1)
