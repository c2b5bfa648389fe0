import { deepEqual, matches } from '../../apimachinery'
import type { Node } from '../../api'
import type { NodeInfo } from '../backend/node-info'
import type { PodInfo } from '../backend/pod-info'
import type { Cycle } from '../framework/cycle'
import { Action } from '../framework/events'
import { maxNodeScore } from '../framework/normalize'
import type { Handle, Plugin } from '../framework/plugin'
import { skip, unresolvable, unschedulable, type PluginStatus } from '../framework/status'
import { GroupMatcher, defaultConstraints, hasTopologies, hostnameLabel, nodeIncluded, ownConstraints, type SpreadConstraint } from './spread-constraints'

const name = 'PodTopologySpread'
const scoreState = 'PodTopologySpread/score'
const mismatch = unschedulable(name, "node(s) didn't match pod topology spread constraints")
const missingLabel = unresolvable(name, "node(s) didn't match pod topology spread constraints (missing required label)")

/** PreFilter's result: matching pods by domain, for each hard constraint. */
interface Counts {
  readonly constraints: readonly SpreadConstraint[]
  readonly byDomain: readonly Map<string, number>[]
  /** Whether the pod itself is selected, 0 or 1. */
  readonly self: readonly number[]
  /** Fewest matching pods in a domain; -1 when it has to be found again. */
  readonly least: number[]
}

/** PreScore's result. */
interface SoftCounts {
  readonly constraints: readonly SpreadConstraint[]
  readonly matchers: readonly GroupMatcher[]
  readonly byDomain: readonly Map<string, number>[]
  readonly weights: readonly number[]
  readonly ignored: ReadonlySet<string>
}

function leastOf(s: Counts, i: number): number {
  let least = s.least[i] as number
  if (least >= 0) return least
  const domains = s.byDomain[i] as Map<string, number>
  least = 0
  if (domains.size >= (s.constraints[i] as SpreadConstraint).minDomains && domains.size > 0) {
    least = Number.MAX_SAFE_INTEGER
    for (const n of domains.values()) if (n < least) least = n
  }
  s.least[i] = least
  return least
}

function shift(cycle: Cycle, pod: PodInfo, other: PodInfo, node: NodeInfo, by: number): PluginStatus | undefined {
  const s = cycle.read<Counts>(name)
  if (s === undefined || other.namespace !== pod.namespace || !hasTopologies(node.node, s.constraints)) return undefined
  for (let i = 0; i < s.constraints.length; i++) {
    const c = s.constraints[i] as SpreadConstraint
    if (!nodeIncluded(c, pod, node.node) || !matches(c.selector, other.labels)) continue
    const domain = node.node.metadata.labels?.[c.topologyKey] as string
    const domains = s.byDomain[i] as Map<string, number>
    domains.set(domain, (domains.get(domain) ?? 0) + by)
    s.least[i] = -1
  }
  return undefined
}

/** Constraints whose change may help, for the hints: the pod's own hard ones. */
function selects(constraints: readonly SpreadConstraint[], p: PodInfo): boolean {
  return constraints.some((c) => matches(c.selector, p.labels))
}

/** Spreads pods over domains: hard constraints filter, soft ones (and the system's defaults) score. Upstream: plugins/podtopologyspread */
export const podTopologySpread: Plugin = {
  name,
  events: [
    {
      resource: 'Pod', action: Action.Add | Action.UpdatePodLabel | Action.Delete,
      hint: (pod, _event, old, now) => {
        const [before, after] = [old as PodInfo | undefined, now as PodInfo | undefined]
        if ((after ?? before)?.namespace !== pod.namespace) return false
        const constraints = ownConstraints(pod, 'DoNotSchedule')
        if (before !== undefined && after !== undefined) return after.uid === pod.uid ? !deepEqual(before.labels, after.labels) : selects(constraints, before) !== selects(constraints, after)
        return selects(constraints, (after ?? before) as PodInfo)
      },
    },
    {
      resource: 'Node', action: Action.Add | Action.Delete | Action.UpdateNodeLabel | Action.UpdateNodeTaint,
      hint: (pod, event, old, now) => {
        const constraints = ownConstraints(pod, 'DoNotSchedule')
        const [before, after] = [old as Node | undefined, now as Node | undefined]
        const [had, has] = [before !== undefined && hasTopologies(before, constraints), after !== undefined && hasTopologies(after, constraints)]
        if (before === undefined || after === undefined) return had || has
        if (had !== has) return true
        if (has && constraints.some((c) => before.metadata.labels?.[c.topologyKey] !== after.metadata.labels?.[c.topologyKey])) return true
        return event.action === Action.UpdateNodeTaint && has && constraints.some((c) => c.honorTaints)
      },
    },
  ],

  preFilter(cycle, pod, h) {
    const constraints = ownConstraints(pod, 'DoNotSchedule')
    if (constraints.length === 0) return skip
    const byDomain = constraints.map(() => new Map<string, number>())
    const matchers = constraints.map((c) => new GroupMatcher(h.snapshot, pod.namespace, c.selector))
    for (const n of h.snapshot.list()) {
      if (!hasTopologies(n.node, constraints)) continue
      for (let i = 0; i < constraints.length; i++) {
        const c = constraints[i] as SpreadConstraint
        if (!nodeIncluded(c, pod, n.node)) continue
        const domain = n.node.metadata.labels?.[c.topologyKey] as string
        const domains = byDomain[i] as Map<string, number>
        domains.set(domain, (domains.get(domain) ?? 0) + (matchers[i] as GroupMatcher).count(n))
      }
    }
    const self = constraints.map((c) => (matches(c.selector, pod.labels) ? 1 : 0))
    cycle.write(name, { constraints, byDomain, self, least: constraints.map(() => -1) } satisfies Counts)
    return undefined
  },

  addPod: (cycle, pod, other, node) => shift(cycle, pod, other, node, 1),
  removePod: (cycle, pod, other, node) => shift(cycle, pod, other, node, -1),
  copyState(state) {
    const s = state as Counts
    return { ...s, byDomain: s.byDomain.map((m) => new Map(m)), least: [...s.least] }
  },

  filter(cycle, _pod, node) {
    const s = cycle.read<Counts>(name) as Counts
    for (let i = 0; i < s.constraints.length; i++) {
      const c = s.constraints[i] as SpreadConstraint
      const domain = node.node.metadata.labels?.[c.topologyKey]
      if (domain === undefined) return missingLabel
      const here = (s.byDomain[i] as Map<string, number>).get(domain) ?? 0
      if (here + (s.self[i] as number) - leastOf(s, i) > c.maxSkew) return mismatch
    }
    return undefined
  },

  preScore(cycle, pod, nodes, h) {
    const own = (pod.pod.spec.topologySpreadConstraints?.length ?? 0) > 0
    const constraints = own ? ownConstraints(pod, 'ScheduleAnyway') : defaultConstraints(pod, h)
    if (constraints.length === 0) return skip
    cycle.write(scoreState, softCounts(pod, constraints, own, nodes, h))
    return undefined
  },

  score(cycle, _pod, node) {
    const s = cycle.read<SoftCounts>(scoreState) as SoftCounts
    if (s.ignored.size > 0 && s.ignored.has(node.name)) return 0
    let score = 0
    for (let i = 0; i < s.constraints.length; i++) {
      const c = s.constraints[i] as SpreadConstraint
      const domain = node.node.metadata.labels?.[c.topologyKey]
      if (domain === undefined) continue
      const count = c.topologyKey === hostnameLabel ? (s.matchers[i] as GroupMatcher).count(node) : ((s.byDomain[i] as Map<string, number>).get(domain) ?? 0)
      score += count * (s.weights[i] as number) + (c.maxSkew - 1)
    }
    return Math.round(score)
  },

  normalize(cycle, _pod, nodes, scores) {
    const { ignored } = cycle.read<SoftCounts>(scoreState) as SoftCounts
    let min = Number.MAX_SAFE_INTEGER
    let max = 0
    for (let i = 0; i < scores.length; i++) {
      if (ignored.size > 0 && ignored.has((nodes[i] as NodeInfo).name)) continue
      min = Math.min(min, scores[i] as number)
      max = Math.max(max, scores[i] as number)
    }
    for (let i = 0; i < scores.length; i++) {
      if (ignored.size > 0 && ignored.has((nodes[i] as NodeInfo).name)) scores[i] = 0
      else scores[i] = max === 0 ? maxNodeScore : Math.floor((maxNodeScore * (max + min - (scores[i] as number))) / max)
    }
  },
}

function softCounts(pod: PodInfo, constraints: readonly SpreadConstraint[], requireAll: boolean, nodes: readonly NodeInfo[], h: Handle): SoftCounts {
  const ignored = new Set<string>()
  if (requireAll) for (const n of nodes) if (!hasTopologies(n.node, constraints)) ignored.add(n.name)
  const matchers: GroupMatcher[] = []
  const byDomain: Map<string, number>[] = []
  const weights: number[] = []
  for (const c of constraints) {
    const matcher = matcherOf(c, constraints, matchers) ?? new GroupMatcher(h.snapshot, pod.namespace, c.selector)
    const domains = new Map<string, number>()
    matchers.push(matcher)
    byDomain.push(domains)
    if (c.topologyKey !== hostnameLabel) countDomains(domains, c, matcher, pod, nodes, ignored, requireAll ? constraints : [], h)
    weights.push(Math.log((c.topologyKey === hostnameLabel ? nodes.length - ignored.size : domains.size) + 2))
  }
  return { constraints, matchers, byDomain, weights, ignored }
}

/** Constraints with one selector (the defaults) share a matcher. */
function matcherOf(c: SpreadConstraint, constraints: readonly SpreadConstraint[], matchers: readonly GroupMatcher[]): GroupMatcher | undefined {
  for (let i = 0; i < matchers.length; i++) if ((constraints[i] as SpreadConstraint).selector === c.selector) return matchers[i]
  return undefined
}

/** Counts matching pods by domain, over all nodes, but only of the domains that a feasible node is in. */
function countDomains(domains: Map<string, number>, c: SpreadConstraint, matcher: GroupMatcher, pod: PodInfo, nodes: readonly NodeInfo[], ignored: ReadonlySet<string>, required: readonly SpreadConstraint[], h: Handle): void {
  for (let i = 0; i < nodes.length; i++) {
    const { node } = nodes[i] as NodeInfo
    const domain = node.metadata.labels?.[c.topologyKey]
    if (domain !== undefined && !ignored.has(node.metadata.name)) domains.set(domain, 0)
  }
  if (domains.size === 0) return
  const all = h.snapshot.list()
  for (let i = 0; i < all.length; i++) {
    const n = all[i] as NodeInfo
    const domain = n.node.metadata.labels?.[c.topologyKey]
    const before = domain === undefined ? undefined : domains.get(domain)
    if (before === undefined || !hasTopologies(n.node, required) || !nodeIncluded(c, pod, n.node)) continue
    domains.set(domain as string, before + matcher.count(n))
  }
}
