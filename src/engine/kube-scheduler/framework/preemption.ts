import { labelSelector, matches, parseTime } from '../../apimachinery'
import type { PodDisruptionBudget } from '../../api'
import type { NodeInfo } from '../backend/node-info'
import type { PodInfo } from '../backend/pod-info'
import type { Cycle } from './cycle'
import type { Handle } from './plugin'
import { unresolvable, type PluginStatus } from './status'

/** Pods to remove from a node so that another fits, most important first. */
export interface Candidate {
  readonly node: string
  readonly victims: readonly PodInfo[]
  /** How many of them a disruption budget protects. */
  readonly violations: number
}

const noVictims = unresolvable('', 'No preemption victims found for incoming pod')
const notHelpful = unresolvable('', 'Preemption is not helpful for scheduling')

/** Upstream: DefaultPreemptionArgs minCandidateNodesPercentage, minCandidateNodesAbsolute */
const candidates = { percent: 10, absolute: 100 }

function startTime(p: PodInfo): number {
  const t = p.pod.status?.startTime
  // A pod that has not started counts as started just now.
  return (t === undefined ? undefined : parseTime(t)) ?? Number.MAX_SAFE_INTEGER
}

/** Order of importance: priority, then age. Upstream: pkg/scheduler/util MoreImportantPod */
export function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority
  const [x, y] = [startTime(a), startTime(b)]
  if (x !== y) return x - y
  return a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0
}

/** The fewest pods of lower priority that must leave a node for `pod` to fit, or why none help. Upstream: DefaultPreemption.SelectVictimsOnNode */
export function victimsOn(cycle: Cycle, pod: PodInfo, node: NodeInfo, budgets: readonly PodDisruptionBudget[], h: Handle): Candidate | PluginStatus {
  const potential = node.pods.filter((p) => p.priority < pod.priority)
  if (potential.length === 0) return noVictims
  const move = (p: PodInfo, add: boolean): PluginStatus | undefined => {
    if (add) node.addPod(p, h.snapshot.groupOf(p))
    else node.removePod(p, h.snapshot.groupOf(p))
    return h.tryPod(cycle, pod, p, node, add)
  }
  for (const p of potential) move(p, false)
  const s = h.filter(cycle, pod, node)
  if (s !== undefined) return s
  potential.sort(byImportance)
  const { violating, others } = splitByBudget(potential, budgets)
  const victims: PodInfo[] = []
  // Spare as many as possible, those that a budget protects first.
  const spare = (p: PodInfo): boolean => {
    move(p, true)
    if (h.filter(cycle, pod, node) === undefined) return true
    move(p, false)
    victims.push(p)
    return false
  }
  let violations = 0
  for (const p of violating) if (!spare(p)) violations++
  for (const p of others) spare(p)
  victims.sort(byImportance)
  return { node: node.name, victims, violations }
}

/** Pods whose removal would break a disruption budget, and the others. Upstream: filterPodsWithPDBViolation */
function splitByBudget(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): { readonly violating: readonly PodInfo[]; readonly others: readonly PodInfo[] } {
  const left = budgets.map((b) => b.status?.disruptionsAllowed ?? 0)
  const violating: PodInfo[] = []
  const others: PodInfo[] = []
  for (const p of pods) {
    let broken = false
    if (p.labels !== undefined && Object.keys(p.labels).length > 0)
      for (let i = 0; i < budgets.length; i++) {
        const b = budgets[i] as PodDisruptionBudget
        if ((b.metadata.namespace ?? '') !== p.namespace) continue
        const selector = labelSelector(b.spec.selector)
        if (selector.nothing || selector.requirements.length === 0 || !matches(selector, p.labels)) continue
        if (b.status?.disruptedPods?.[p.name] !== undefined) continue
        left[i] = (left[i] as number) - 1
        if ((left[i] as number) < 0) broken = true
      }
    ;(broken ? violating : others).push(p)
  }
  return { violating, others }
}

/** Tries preemption on nodes, from a drawn start, until enough candidates are found. Upstream: preemption.go DryRunPreemption */
export function findCandidates(cycle: Cycle, pod: PodInfo, nodes: readonly NodeInfo[], budgets: readonly PodDisruptionBudget[], clone: (cycle: Cycle) => Cycle, h: Handle): { readonly found: readonly Candidate[]; readonly statuses: readonly PluginStatus[] } {
  const found: Candidate[] = []
  const statuses: PluginStatus[] = []
  const enough = Math.min(nodes.length, Math.max(Math.floor((nodes.length * candidates.percent) / 100), candidates.absolute))
  const offset = nodes.length === 0 ? 0 : h.rng.below(nodes.length)
  let clean = 0
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[(offset + i) % nodes.length] as NodeInfo
    if (!node.pods.some((p) => p.priority < pod.priority)) {
      statuses.push(noVictims)
      continue
    }
    const result = victimsOn(clone(cycle), pod, node.clone(), budgets, h)
    if ('code' in result) statuses.push(result)
    // Victims may turn out to be none when nominated pods made the difference.
    else if (result.victims.length === 0) statuses.push(noVictims)
    else {
      found.push(result)
      if (result.violations === 0) clean++
      if (clean > 0 && found.length >= enough) break
    }
  }
  return { found, statuses }
}

/** The best candidate: fewest broken budgets, least important victims, fewest, youngest. Upstream: pickOneNodeForPreemption */
export function pickCandidate(list: readonly Candidate[]): Candidate | undefined {
  const top = (c: Candidate) => (c.victims[0] as PodInfo).priority
  // Priorities are shifted so that they cannot cancel each other out.
  const sum = (c: Candidate) => c.victims.reduce((n, p) => n + p.priority + 2 ** 31, 0)
  const eldest = (c: Candidate) => Math.min(...c.victims.filter((p) => p.priority === top(c)).map(startTime))
  let best = list
  for (const rank of [(c: Candidate) => -c.violations, (c: Candidate) => -top(c), (c: Candidate) => -sum(c), (c: Candidate) => -c.victims.length, eldest]) {
    if (best.length <= 1) break
    const highest = Math.max(...best.map(rank))
    best = best.filter((c) => rank(c) === highest)
  }
  return best[0]
}

/** Said of the nodes on which removing pods would not help. */
export const preemptionNotHelpful: PluginStatus = notHelpful
