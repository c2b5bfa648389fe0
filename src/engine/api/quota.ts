import { compareQuantity, labelSelector, matches, newQuantity, parseTime, quantity, subQuantity, addQuantity, type KubeObject, type Quantity } from '../apimachinery'
import { podQOS } from './pod-qos'
import { isPodLevelSet, podLimits, podRequests } from './pod-resources'
import type { PersistentVolumeClaim, Pod, ResourceQuota, ScopedResourceSelectorRequirement, Service } from './types.generated'

// What quotas count. Shared by admission (kube-apiserver) and the resourcequota controller, as upstream's pkg/quota/v1 is.

const ONE = newQuantity(1)
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage']
const LEGACY_COUNTS = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'])
const POD = new Set(['pods', 'count/pods', ...COMPUTE, ...COMPUTE.map((r) => `requests.${r}`), ...COMPUTE.map((r) => `limits.${r}`)])
const SERVICE = new Set(['services', 'count/services', 'services.nodeports', 'services.loadbalancers'])
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/'
const REQUIRED = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'])

/** Amounts by resource name. */
export type ResourceAmounts = Record<string, Quantity>

const amounts = (list: Readonly<Record<string, string>> | undefined): ResourceAmounts => Object.fromEntries(Object.entries(list ?? {}).map(([name, text]) => [name, quantity(text)]))

/** Name under which the objects of a resource are counted: `count/deployments.apps`. Upstream: generic.ObjectCountQuotaResourceNameFor. */
export function countName(group: string, resource: string): string {
  return group === '' ? `count/${resource}` : `count/${resource}.${group}`
}

/** Resource names of a quota that objects of a resource can use up. Upstream: Evaluator.MatchingResources. */
export function quotaResourcesOf(group: string, resource: string, names: readonly string[]): string[] {
  if (group === '') switch (resource) {
    case 'pods': return names.filter((n) => POD.has(n) || n.startsWith('hugepages-') || n.startsWith('requests.hugepages-') || (n.startsWith('requests.') && n.includes('/')))
    case 'services': return names.filter((n) => SERVICE.has(n))
    case 'persistentvolumeclaims': return names.filter((n) => n === 'persistentvolumeclaims' || n === 'count/persistentvolumeclaims' || n === 'requests.storage' || n.endsWith(`${CLASS_SUFFIX}persistentvolumeclaims`) || n.endsWith(`${CLASS_SUFFIX}requests.storage`))
    default:
  }
  const count = countName(group, resource)
  return names.filter((n) => n === count || (n === resource && group === '' && LEGACY_COUNTS.has(n)))
}

/** What one object uses. Units: `now` µs since 1970. Upstream: Evaluator.Usage. */
export function quotaUsage(group: string, resource: string, o: KubeObject, now: number): ResourceAmounts {
  const used: ResourceAmounts = { [countName(group, resource)]: ONE }
  if (group !== '') return used
  switch (resource) {
    case 'pods': return podUsage(o as Pod, used, now)
    case 'services': return serviceUsage(o as Service, used)
    case 'persistentvolumeclaims': return claimUsage(o as PersistentVolumeClaim, used)
    default:
      if (LEGACY_COUNTS.has(resource)) used[resource] = ONE
      return used
  }
}

function podUsage(pod: Pod, used: ResourceAmounts, now: number): ResourceAmounts {
  if (!countsPod(pod, now)) return used
  Object.assign(used, computeUsage(amounts(podRequests(pod, { useStatus: true })), amounts(podLimits(pod, { useStatus: true }))))
  return used
}

/** Pods that ended, or whose time to end is over, use nothing but their place in storage. Upstream: core.QuotaV1Pod. */
function countsPod({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const at = metadata?.deletionTimestamp === undefined ? undefined : parseTime(metadata.deletionTimestamp)
  return at === undefined || metadata.deletionGracePeriodSeconds === undefined || now <= at + metadata.deletionGracePeriodSeconds * 1_000_000
}

function computeUsage(requests: ResourceAmounts, limits: ResourceAmounts): ResourceAmounts {
  const used: ResourceAmounts = { pods: ONE }
  for (const k in requests) {
    const standard = COMPUTE.includes(k)
    if (standard || k.startsWith('hugepages-')) used[k] = requests[k]!
    if (standard || k.startsWith('hugepages-') || k.includes('/')) used[`requests.${k}`] = requests[k]!
  }
  for (const k in limits) if (COMPUTE.includes(k)) used[`limits.${k}`] = limits[k]!
  return used
}

function serviceUsage({ spec }: Service, used: ResourceAmounts): ResourceAmounts {
  const ports = spec.ports ?? []
  let nodePorts = 0
  if (spec.type === 'NodePort') nodePorts = ports.length
  else if (spec.type === 'LoadBalancer') nodePorts = spec.allocateLoadBalancerNodePorts === false ? ports.filter((p) => p.nodePort).length : ports.length
  used.services = ONE
  used['services.nodeports'] = newQuantity(nodePorts)
  used['services.loadbalancers'] = newQuantity(spec.type === 'LoadBalancer' ? 1 : 0)
  return used
}

function claimUsage({ spec, status, metadata }: PersistentVolumeClaim, used: ResourceAmounts): ResourceAmounts {
  const name = metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? ''
  used.persistentvolumeclaims = ONE
  if (name !== '') used[`${name}${CLASS_SUFFIX}persistentvolumeclaims`] = ONE
  const asked = spec?.resources?.requests?.storage
  if (asked === undefined) return used
  let size = quantity(asked)
  // A volume that was to grow and may not counts with what it has.
  const allocated = status?.allocatedResources?.storage
  if (allocated !== undefined && compareQuantity(quantity(allocated), size) > 0) size = quantity(allocated)
  size = size.nano % 1_000_000_000n === 0n ? size : newQuantity(size.value, size.format)
  used['requests.storage'] = size
  if (name !== '') used[`${name}${CLASS_SUFFIX}requests.storage`] = size
  return used
}

/** Why an object may not be counted at all: compute resources under quota must be named by each container. Upstream: podEvaluator.Constraints. */
export function quotaConstraint(resource: string, o: KubeObject, names: readonly string[]): string | undefined {
  const required = names.filter((n) => REQUIRED.has(n))
  // Resources of the pod as a whole stand for those of its containers.
  if (resource !== 'pods' || required.length === 0 || isPodLevelSet((o as Pod).spec.resources)) return undefined
  const { spec } = o as Pod
  const missing = new Map<string, string[]>()
  const check = (name: string, requests: ResourceAmounts, limits: ResourceAmounts): void => {
    const used = computeUsage(requests, limits)
    for (const r of required) if (used[r] === undefined) missing.set(r, [...(missing.get(r) ?? []), name])
  }
  for (const c of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    check(c.name, amounts(c.resources?.requests), amounts(c.resources?.limits))
  }
  if (missing.size === 0) return undefined
  return `must specify ${[...missing.keys()].sort().map((r) => `${r} for: ${[...new Set(missing.get(r))].sort().join(',')}`).join('; ')}`
}

/** Whether a quota counts an object: it limits something that the object uses, and all of its scopes fit. Upstream: generic.Matches. */
export function quotaMatches(quota: ResourceQuota, group: string, resource: string, o: KubeObject, hard: readonly string[]): boolean {
  if (quotaResourcesOf(group, resource, hard).length === 0) return false
  return quotaScopes(quota).every((s) => scopeFits(s, group, resource, o))
}

/** The scopes of a quota in one form. */
export function quotaScopes(quota: ResourceQuota): ScopedResourceSelectorRequirement[] {
  const simple = (quota.spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }) as ScopedResourceSelectorRequirement)
  return [...simple, ...(quota.spec?.scopeSelector?.matchExpressions ?? [])]
}

/** Upstream: core.podMatchesScopeFunc, pvcMatchesScopeFunc; other kinds have no scopes. */
export function scopeFits(s: ScopedResourceSelectorRequirement, group: string, resource: string, o: KubeObject): boolean {
  if (group !== '') return false
  if (resource === 'persistentvolumeclaims') {
    const { spec, status } = o as PersistentVolumeClaim
    if (s.scopeName !== 'VolumeAttributesClass') return false
    const names = [spec?.volumeAttributesClassName, status?.currentVolumeAttributesClassName, status?.modifyVolumeStatus?.targetVolumeAttributesClassName].filter((n): n is string => !!n)
    if (s.operator === 'Exists') return names.length > 0
    return names.length === 0 ? valueFits(s, '') : names.some((n) => valueFits(s, n))
  }
  if (resource !== 'pods') return false
  const { spec } = o as Pod
  const terminating = spec.activeDeadlineSeconds != null && spec.activeDeadlineSeconds >= 0
  switch (s.scopeName) {
    case 'Terminating': return terminating
    case 'NotTerminating': return !terminating
    case 'BestEffort': return podQOS(spec) === 'BestEffort'
    case 'NotBestEffort': return podQOS(spec) !== 'BestEffort'
    case 'PriorityClass': return s.operator === 'Exists' ? !!spec.priorityClassName : valueFits(s, spec.priorityClassName ?? '')
    case 'CrossNamespacePodAffinity': return crossesNamespaces(spec)
    default: return false
  }
}

function valueFits(s: ScopedResourceSelectorRequirement, value: string): boolean {
  const selector = labelSelector({ matchExpressions: [{ key: s.scopeName, operator: s.operator, ...(s.values === undefined ? {} : { values: s.values }) }] })
  return matches(selector, value === '' ? {} : { [s.scopeName]: value })
}

function crossesNamespaces(spec: Pod['spec']): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  for (const a of [podAffinity, podAntiAffinity]) {
    for (const t of a?.requiredDuringSchedulingIgnoredDuringExecution ?? []) if (t.namespaceSelector != null || t.namespaces?.length) return true
    for (const { podAffinityTerm: t } of a?.preferredDuringSchedulingIgnoredDuringExecution ?? []) if (t.namespaceSelector != null || t.namespaces?.length) return true
  }
  return false
}

/** a − b where it is more than nothing. Upstream: quota.SubtractWithNonNegativeResult. */
export function quotaDelta(a: ResourceAmounts, b: ResourceAmounts): ResourceAmounts {
  const out: ResourceAmounts = {}
  for (const k in a) {
    const left = b[k] === undefined ? a[k]! : subQuantity(a[k]!, b[k])
    out[k] = left.nano < 0n ? newQuantity(0) : left
  }
  return out
}

/** Amounts as texts, added to a list of texts. */
export function plusAmounts(list: Readonly<Record<string, string>>, more: ResourceAmounts): Record<string, string> {
  const out = { ...list }
  for (const k in more) out[k] = out[k] === undefined ? more[k]!.text : addQuantity(quantity(out[k]), more[k] as Quantity).text
  return out
}
