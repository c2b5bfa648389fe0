import { EVERYTHING, NOTHING, compareQuantity, labelSelector, labelSelectorError, matches, quantity, type Labels, type Selector } from '../../apimachinery'
import type { Affinity, Container, ContainerStatus, Pod, PodAffinityTerm, PodSpec, WeightedPodAffinityTerm } from '../../api'
import { requiredNodeAffinity, type RequiredNodeAffinity } from '../framework/node-affinity'
import { podRequests, type Resource } from './resource'

/** A port that a pod takes on its node. */
export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

/** What scheduling needs of a pod's spec, computed once per spec object. */
export interface SpecInfo {
  readonly requests: Resource
  readonly nonZeroRequests: Resource
  readonly hostPorts: readonly HostPort[]
  /** Normalized image names of all containers and image volumes. */
  readonly images: readonly string[]
  /** Number of containers, init containers included. */
  readonly containers: number
  readonly nodeAffinity: RequiredNodeAffinity
  /** Names of the claims that it mounts (ephemeral volumes: `pod-volume`, completed by the volume plugins). */
  readonly claims: readonly string[]
}

/** A compiled pod (anti-)affinity term. Upstream: framework.AffinityTerm */
export interface AffinityTerm {
  readonly namespaces: readonly string[]
  readonly namespaceSelector: Selector
  readonly selector: Selector
  readonly topologyKey: string
  /** 0 for required terms. */
  readonly weight: number
}

/** A pod with what scheduling needs of it. Frozen: shared by caches, queues and checkpoints. Upstream: framework.PodInfo */
export interface PodInfo {
  readonly pod: Pod
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
  /** Empty while unassigned. */
  readonly nodeName: string
  readonly priority: number
  readonly deleting: boolean
  readonly spec: SpecInfo
  readonly requiredAffinity: readonly AffinityTerm[]
  readonly requiredAntiAffinity: readonly AffinityTerm[]
  readonly preferredAffinity: readonly AffinityTerm[]
  readonly preferredAntiAffinity: readonly AffinityTerm[]
  /** Why its terms cannot be understood; '' when they can. */
  readonly affinityError: string
}

const none: readonly never[] = Object.freeze([])
// Memo of a pure function of an immutable object; not state.
const specs = new WeakMap<PodSpec, SpecInfo>()

/** What scheduling needs of a spec. */
export function specInfo(spec: PodSpec): SpecInfo {
  let info = specs.get(spec)
  if (info === undefined) specs.set(spec, (info = compile(spec)))
  return info
}

function compile(spec: PodSpec): SpecInfo {
  const hostPorts: HostPort[] = []
  const images: string[] = []
  for (const c of spec.initContainers ?? []) {
    images.push(normalizedImageName(c.image ?? ''))
    if (c.restartPolicy === 'Always') for (const p of c.ports ?? []) if (p.hostPort) hostPorts.push({ ip: p.hostIP || '0.0.0.0', protocol: p.protocol || 'TCP', port: p.hostPort })
  }
  for (const c of spec.containers ?? []) {
    images.push(normalizedImageName(c.image ?? ''))
    for (const p of c.ports ?? []) if (p.hostPort) hostPorts.push({ ip: p.hostIP || '0.0.0.0', protocol: p.protocol || 'TCP', port: p.hostPort })
  }
  const claims: string[] = []
  const containers = images.length
  for (const v of spec.volumes ?? []) {
    if (v.persistentVolumeClaim) claims.push(v.persistentVolumeClaim.claimName)
    if (v.image?.reference) images.push(normalizedImageName(v.image.reference))
  }
  return Object.freeze({
    requests: Object.freeze(podRequests(spec, false)), nonZeroRequests: Object.freeze(podRequests(spec, true)),
    hostPorts: hostPorts.length === 0 ? none : hostPorts, images, containers, nodeAffinity: requiredNodeAffinity(spec), claims: claims.length === 0 ? none : claims,
  })
}

/** Image name with a tag, as nodes report it. Upstream: imagelocality normalizedImageName */
export function normalizedImageName(image: string): string {
  return image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
}

/** While a pod is resized, the larger of what it wants and what it has counts for each container. Upstream: component-helpers/resource PodRequests, UseStatusResources */
function countedSpec(pod: Pod): PodSpec {
  const { spec, status } = pod
  if (!spec.nodeName || !status?.conditions?.some((c) => c.type === 'PodResizePending' || c.type === 'PodResizeInProgress')) return spec
  const infeasible = status.conditions.some((c) => c.type === 'PodResizePending' && c.reason === 'Infeasible')
  const counted = (c: Container, statuses: readonly ContainerStatus[] | undefined): Container => {
    const s = statuses?.find((x) => x.name === c.name)
    if (s?.resources == null) return c
    const requests: Record<string, string> = infeasible ? {} : { ...c.resources?.requests }
    for (const had of [s.resources.requests, s.allocatedResources]) for (const name in had) if (requests[name] === undefined || compareQuantity(quantity(had[name]), quantity(requests[name])) > 0) requests[name] = had[name] as string
    return { ...c, resources: { ...c.resources, requests } }
  }
  return { ...spec, containers: spec.containers.map((c) => counted(c, status.containerStatuses)), ...(spec.initContainers ? { initContainers: spec.initContainers.map((c) => (c.restartPolicy === 'Always' ? counted(c, status.initContainerStatuses) : c)) } : {}) }
}

/** Prepares a pod for scheduling. `known` is what was prepared for an earlier version; unchanged parts are kept. */
export function podInfo(pod: Pod, known?: PodInfo): PodInfo {
  const { metadata, spec } = pod
  const sameSpec = known !== undefined && known.pod.spec === spec
  const namespace = metadata.namespace ?? ''
  const affinity = spec.affinity
  const own = sameSpec || affinity === undefined ? undefined : namespace
  return Object.freeze({
    pod, uid: metadata.uid ?? '', namespace, name: metadata.name, labels: metadata.labels, nodeName: spec.nodeName ?? '', priority: spec.priority ?? 0,
    deleting: metadata.deletionTimestamp !== undefined, spec: specInfo((metadata.generation ?? 0) > 1 ? countedSpec(pod) : spec),
    requiredAffinity: own === undefined ? (known && sameSpec ? known.requiredAffinity : none) : required(affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution, own),
    requiredAntiAffinity: own === undefined ? (known && sameSpec ? known.requiredAntiAffinity : none) : required(affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution, own),
    preferredAffinity: own === undefined ? (known && sameSpec ? known.preferredAffinity : none) : preferred(affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution, own),
    preferredAntiAffinity: own === undefined ? (known && sameSpec ? known.preferredAntiAffinity : none) : preferred(affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution, own),
    affinityError: own === undefined ? (known && sameSpec ? known.affinityError : '') : errorOf(affinity as Affinity),
  })
}

/** Upstream: framework/types.go PodInfo.Update (the API server lets no such pod in) */
function errorOf(a: Affinity): string {
  const errors: string[] = []
  const check = (name: string, terms: readonly PodAffinityTerm[]) => {
    for (const t of terms) {
      const e = labelSelectorError(t.labelSelector) ?? labelSelectorError(t.namespaceSelector)
      if (e === undefined) continue
      errors.push(`${name}: ${e}`)
      return
    }
  }
  check('requiredAffinityTerms', a.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
  check('requiredAntiAffinityTerms', a.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [])
  check('preferredAffinityTerms', (a.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => t.podAffinityTerm))
  check('preferredAntiAffinityTerms', (a.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((t) => t.podAffinityTerm))
  return errors.length > 1 ? `[${errors.join(', ')}]` : (errors[0] ?? '')
}

function required(terms: readonly PodAffinityTerm[] | undefined, namespace: string): readonly AffinityTerm[] {
  return terms === undefined || terms.length === 0 ? none : terms.map((t) => affinityTerm(t, namespace, 0))
}

function preferred(terms: readonly WeightedPodAffinityTerm[] | undefined, namespace: string): readonly AffinityTerm[] {
  return terms === undefined || terms.length === 0 ? none : terms.map((t) => affinityTerm(t.podAffinityTerm, namespace, t.weight))
}

function affinityTerm(t: PodAffinityTerm, namespace: string, weight: number): AffinityTerm {
  const namespaces = (t.namespaces?.length ?? 0) === 0 && t.namespaceSelector === undefined ? [namespace] : (t.namespaces ?? [])
  return Object.freeze({ namespaces, namespaceSelector: t.namespaceSelector === undefined ? NOTHING : labelSelector(t.namespaceSelector), selector: labelSelector(t.labelSelector), topologyKey: t.topologyKey, weight })
}

/** Whether a term speaks of a pod. `labelsOf` gives the labels of a namespace. Upstream: AffinityTerm.Matches */
export function termMatches(term: AffinityTerm, pod: PodInfo, labelsOf: (namespace: string) => Labels): boolean {
  const { namespaceSelector } = term
  if (!term.namespaces.includes(pod.namespace)) {
    if (namespaceSelector.nothing) return false
    if (namespaceSelector !== EVERYTHING && !matches(namespaceSelector, labelsOf(pod.namespace))) return false
  }
  return matches(term.selector, pod.labels)
}

/** True when the pod has (anti-)affinity to other pods. */
export function hasPodAffinity(p: PodInfo): boolean {
  return p.requiredAffinity.length > 0 || p.requiredAntiAffinity.length > 0 || p.preferredAffinity.length > 0 || p.preferredAntiAffinity.length > 0
}
