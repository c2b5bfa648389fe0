import { controllerOf, labelSelector, matches, selectorFromSet, type LabelSelector, type Requirement, type Selector } from '../../apimachinery'
import type { KubeObject, Labels } from '../../apimachinery'
import type { Node, Service, TopologySpreadConstraint } from '../../api'
import type { SchedulerCache } from '../backend/cache'
import type { GroupCount, NodeInfo } from '../backend/node-info'
import type { PodInfo } from '../backend/pod-info'
import { nodeAffinityMatches } from '../framework/node-affinity'
import type { Handle } from '../framework/plugin'
import { untoleratedTaint } from '../framework/taints'

/** Label of a node's name: one domain per node. */
export const hostnameLabel = 'kubernetes.io/hostname'
const zoneLabel = 'topology.kubernetes.io/zone'

/** A compiled constraint. Upstream: podtopologyspread topologySpreadConstraint */
export interface SpreadConstraint {
  readonly maxSkew: number
  readonly topologyKey: string
  readonly selector: Selector
  readonly minDomains: number
  readonly honorAffinity: boolean
  readonly honorTaints: boolean
}

/** The pod's own constraints of one kind; soft ones (ScheduleAnyway) are scored, hard ones filter. */
export function ownConstraints(pod: PodInfo, action: 'DoNotSchedule' | 'ScheduleAnyway'): readonly SpreadConstraint[] {
  const list = pod.pod.spec.topologySpreadConstraints
  return list === undefined ? [] : list.filter((c) => c.whenUnsatisfiable === action).map((c) => compile(c, pod.labels))
}

function compile(c: TopologySpreadConstraint, labels: Labels): SpreadConstraint {
  let selector = labelSelector(c.labelSelector)
  const own: Requirement[] = []
  for (const key of c.matchLabelKeys ?? []) {
    const value = labels?.[key]
    if (value !== undefined) own.push({ key, operator: 'in', values: [value] })
  }
  if (own.length > 0 && !selector.nothing) selector = { nothing: false, requirements: [...selector.requirements, ...own] }
  return { maxSkew: c.maxSkew, topologyKey: c.topologyKey, selector, minDomains: c.minDomains ?? 1, honorAffinity: c.nodeAffinityPolicy !== 'Ignore', honorTaints: c.nodeTaintsPolicy === 'Honor' }
}

/** The constraints of pods that have none: by what selects them. Upstream: podtopologyspread/plugin.go systemDefaultConstraints */
export function defaultConstraints(pod: PodInfo, h: Handle): readonly SpreadConstraint[] {
  const selector = defaultSelector(pod, h)
  if (selector === undefined) return []
  const common = { selector, minDomains: 1, honorAffinity: true, honorTaints: false }
  return [{ maxSkew: 3, topologyKey: hostnameLabel, ...common }, { maxSkew: 5, topologyKey: zoneLabel, ...common }]
}

interface Owner extends KubeObject {
  readonly spec?: { readonly selector?: LabelSelector & Readonly<Record<string, string>> }
}

/** What selects a pod: its services and its controller together. Undefined when nothing does. Upstream: plugins/helper/spread.go DefaultSelector */
export function defaultSelector(pod: PodInfo, h: Pick<Handle, 'objects'>): Selector | undefined {
  let set: Record<string, string> | undefined
  for (const s of h.objects<Service>('services').by('namespace', pod.namespace)) {
    const wanted = s.spec.selector
    if (wanted !== undefined && Object.keys(wanted).length > 0 && matches(selectorFromSet(wanted), pod.labels)) set = { ...set, ...wanted }
  }
  const owner = controllerOf(pod.pod)
  const requirements: Requirement[] = []
  if (owner !== undefined) {
    const resource = owner.kind === 'ReplicaSet' && owner.apiVersion === 'apps/v1' ? 'replicasets' : owner.kind === 'StatefulSet' && owner.apiVersion === 'apps/v1' ? 'statefulsets' : owner.kind === 'ReplicationController' && owner.apiVersion === 'v1' ? 'replicationcontrollers' : ''
    const found = resource === '' ? undefined : h.objects<Owner>(resource).get(pod.namespace, owner.name)
    if (found?.spec?.selector !== undefined) {
      if (resource === 'replicationcontrollers') set = { ...set, ...(found.spec.selector as Readonly<Record<string, string>>) }
      else requirements.push(...labelSelector(found.spec.selector).requirements)
    }
  }
  if (set !== undefined) requirements.push(...selectorFromSet(set).requirements)
  return requirements.length === 0 ? undefined : { nothing: false, requirements }
}

/** Whether a node counts for a constraint. Upstream: matchNodeInclusionPolicies */
export function nodeIncluded(c: SpreadConstraint, pod: PodInfo, node: Node): boolean {
  if (c.honorAffinity && !nodeAffinityMatches(pod.spec.nodeAffinity, node)) return false
  return !c.honorTaints || untoleratedTaint(node.spec.taints, pod.pod.spec.tolerations) === undefined
}

/** True when a node has the labels of all constraints. */
export function hasTopologies(node: Node, constraints: readonly SpreadConstraint[]): boolean {
  const labels = node.metadata.labels
  for (const c of constraints) if (labels?.[c.topologyKey] === undefined) return false
  return true
}

/** Counts the pods of a namespace that a selector selects, node by node; each label group is matched only once. */
export class GroupMatcher {
  /** By group id: 0 unknown, 1 no, 2 yes. */
  private readonly known: Uint8Array
  private readonly empty: boolean

  constructor(
    private readonly cache: SchedulerCache,
    private readonly namespace: string,
    private readonly selector: Selector,
  ) {
    this.known = new Uint8Array(cache.groupBound)
    this.empty = selector.nothing || selector.requirements.length === 0
  }

  /** Pods on a node that are selected and not being deleted. Upstream: countPodsMatchSelector */
  count(node: NodeInfo): number {
    if (this.empty) return 0
    let sum = 0
    const { groups } = node
    for (let i = 0; i < groups.length; i++) {
      const { id, pods } = groups[i] as GroupCount
      if (id < 0) continue
      let k = this.known[id]
      if (k === 0) {
        const g = this.cache.group(id)
        k = g.namespace === this.namespace && matches(this.selector, g.labels) ? 2 : 1
        this.known[id] = k
      }
      if (k === 2) sum += pods
    }
    return sum
  }
}
