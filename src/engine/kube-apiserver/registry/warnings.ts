import { dns1123LabelErrors, type KubeObject } from '../../apimachinery'
import type { CronJob, Ingress, Job, NetworkPolicy, PersistentVolume, PersistentVolumeClaim, PodTemplateSpec, RuntimeClass, Service, StatefulSet, StorageClass } from '../../api'
import { claimWarnings, nodeTermWarnings, oldNodeLabel, podWarnings, volumeTypes } from './pod-warnings'
import { formatIP, networkOf, parseCIDR, parseIP } from './validation/ip'

const hostname = 'which can result in surprising behavior; a DNS label is recommended'

/** Where a kind keeps its pod template. */
const templates: Readonly<Record<string, string>> = {
  deployments: 'spec.template', replicasets: 'spec.template', replicationcontrollers: 'spec.template', statefulsets: 'spec.template', daemonsets: 'spec.template', jobs: 'spec.template', cronjobs: 'spec.jobTemplate.spec.template', podtemplates: 'template',
}
const namesPods: readonly string[] = ['deployments', 'replicasets', 'replicationcontrollers', 'statefulsets', 'jobs', 'cronjobs']

/**
 * What the server warns of when an object is written; it is written all the same.
 * Upstream: WarningsOnCreate and WarningsOnUpdate in pkg/registry/…/strategy.go, pkg/api/{pod,node,service,persistentvolume,storage}
 */
export function warningsFor(resource: string, object: KubeObject, isNew: boolean): readonly string[] {
  const out: string[] = []
  const { name } = object.metadata
  if (isNew && (namesPods.includes(resource) || resource === 'pods')) {
    const bad = dns1123LabelErrors(name)
    if (bad.length > 0) out.push(`metadata.name: this is used in ${resource === 'pods' ? "the Pod's hostname" : 'Pod names and hostnames'}, ${hostname}: [${bad.join(' ')}]`)
  }
  const path = templates[resource]
  if (path !== undefined) podWarnings(path, at(object, path) as PodTemplateSpec | undefined, out)
  const own = byResource[resource]
  // Nobody edits pods by hand, and who keeps an old annotation has heard of it.
  if (own !== undefined && (isNew || (resource !== 'pods' && resource !== 'ingresses'))) own(object, out)
  return out
}

type Warn = (o: KubeObject, out: string[]) => void

const byResource: Readonly<Record<string, Warn>> = {
  pods: (o, out) => podWarnings('', o as unknown as PodTemplateSpec, out),
  ingresses(o, out) {
    if (o.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined && (o as Ingress).spec?.ingressClassName === undefined) out.push(`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`)
  },
  services: (o, out) => serviceWarnings(o as Service, out),
  statefulsets(o, out) {
    const { volumeClaimTemplates, revisionHistoryLimit } = (o as StatefulSet).spec
    volumeClaimTemplates?.forEach((c, i) => claimWarnings(`spec.volumeClaimTemplates[${i}]`, c.spec, out))
    if ((revisionHistoryLimit ?? 0) < 0) out.push('spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended')
  },
  jobs: (o, out) => jobWarnings('spec', (o as Job).spec, out),
  cronjobs: (o, out) => jobWarnings('spec.jobTemplate.spec', (o as CronJob).spec.jobTemplate.spec ?? {}, out),
  persistentvolumeclaims(o, out) {
    storageClassAnnotation(o, out)
    claimWarnings('spec', (o as PersistentVolumeClaim).spec, out)
  },
  persistentvolumes: (o, out) => volumeWarnings(o as PersistentVolume, out),
  storageclasses: (o, out) => (o as StorageClass).allowedTopologies?.forEach((t, i) => t.matchLabelExpressions?.forEach((e, k) => {
    const text = oldNodeLabel(e.key)
    if (text !== undefined) out.push(`allowedTopologies[${i}].matchLabelExpressions[${k}].key: ${e.key} is ${text}`)
  })),
  runtimeclasses(o, out) {
    for (const k of Object.keys((o as RuntimeClass).scheduling?.nodeSelector ?? {}).sort()) if (oldNodeLabel(k) !== undefined) out.push(`scheduling.nodeSelector: ${oldNodeLabel(k)}`)
  },
  serviceaccounts(o, out) {
    const key = 'kubernetes.io/enforce-mountable-secrets'
    if (o.metadata.annotations?.[key] !== undefined) out.push(`metadata.annotations[${key}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`)
  },
  nodes(o, out) {
    const { configSource, externalID } = ((o as { spec?: { configSource?: unknown; externalID?: string } }).spec ?? {})
    if (configSource != null) out.push('spec.configSource: the field is deprecated in v1.22 and has no effect in v1.24+')
    if (externalID) out.push('spec.externalID: this field is deprecated, and is unused by Kubernetes')
  },
  networkpolicies(o, out) {
    const { ingress, egress } = (o as NetworkPolicy).spec ?? {}
    const peers = (where: string, list: readonly { ipBlock?: { cidr?: string; except?: readonly string[] } }[] | undefined): void => list?.forEach((p, k) => {
      if (p.ipBlock?.cidr) cidrWarnings(`${where}[${k}].ipBlock.cidr`, p.ipBlock.cidr, out)
      p.ipBlock?.except?.forEach((c, m) => cidrWarnings(`${where}[${k}].ipBlock.except[${m}]`, c, out))
    })
    ingress?.forEach((r, i) => peers(`spec.ingress[${i}].from`, r.from))
    egress?.forEach((r, i) => peers(`spec.egress[${i}].to`, r.to))
  },
}

function at(o: unknown, path: string): unknown {
  let v = o
  for (const k of path.split('.')) v = (v as Record<string, unknown> | undefined)?.[k]
  return v
}

/** Upstream: utilvalidation.GetWarningsForIP */
function ipWarnings(where: string, value: string, out: string[]): void {
  const ip = parseIP(value)
  if (ip === undefined) return
  const usual = formatIP(ip)
  const mapped = ip.version === 6 && ip.value >> 32n === 0xffffn
  if (mapped) out.push(`${where}: non-standard IP address "${value}" will be considered invalid in a future Kubernetes release: use "${formatIP({ version: 4, value: ip.value & 0xffffffffn })}"`)
  else if (ip.version === 4 && usual !== value) out.push(`${where}: non-standard IP address "${value}" will be considered invalid in a future Kubernetes release: use "${usual}"`)
  else if (usual !== value) out.push(`${where}: IPv6 address "${value}" should be in RFC 5952 canonical format ("${usual}")`)
}

/** Upstream: utilvalidation.GetWarningsForCIDR */
function cidrWarnings(where: string, value: string, out: string[]): void {
  const cidr = parseCIDR(value)
  if (cidr === undefined) return
  const network = networkOf(cidr)
  const usual = `${formatIP(network)}/${cidr.bits}`
  if (network.value !== cidr.ip.value) out.push(`${where}: CIDR value "${value}" is ambiguous in this context (should be "${usual}" or "${formatIP(cidr.ip)}/${cidr.ip.version === 4 ? 32 : 128}"?)`)
  else if (usual !== value) out.push(cidr.ip.version === 4 ? `${where}: non-standard CIDR value "${value}" will be considered invalid in a future Kubernetes release: use "${usual}"` : `${where}: IPv6 CIDR value "${value}" should be in RFC 5952 canonical format ("${usual}")`)
}

/** Upstream: pkg/api/service/warnings.go */
function serviceWarnings({ spec, metadata }: Service, out: string[]): void {
  const hints = 'service.kubernetes.io/topology-aware-hints'
  if (metadata.annotations?.[hints] !== undefined) out.push(`annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`)
  const headless = spec.type === 'ClusterIP' && spec.clusterIP === 'None'
  if (!headless) spec.clusterIPs?.forEach((ip, i) => ipWarnings(`spec.clusterIPs[${i}]`, ip, out))
  const external = spec.externalIPs ?? []
  if (headless) {
    if (spec.loadBalancerIP) out.push('spec.loadBalancerIP is ignored for headless services')
    if (external.length > 0) out.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== undefined && spec.sessionAffinity !== 'None') out.push('spec.SessionAffinity is ignored for headless services')
  }
  external.forEach((ip, i) => ipWarnings(`spec.externalIPs[${i}]`, ip, out))
  if (external.length > 0 && !headless && spec.type !== 'ExternalName') out.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters')
  if (spec.loadBalancerIP) ipWarnings('spec.loadBalancerIP', spec.loadBalancerIP, out)
  spec.loadBalancerSourceRanges?.forEach((c, i) => cidrWarnings(`spec.loadBalancerSourceRanges[${i}]`, c, out))
  if (spec.type === 'ExternalName' && external.length > 0) out.push('spec.externalIPs is ignored when spec.type is "ExternalName"')
  if (spec.type !== 'ExternalName' && spec.externalName) out.push('spec.externalName is ignored when spec.type is not "ExternalName"')
  if (spec.trafficDistribution === 'PreferClose') out.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
}

/** Upstream: pkg/registry/batch/job/strategy.go WarningsOnCreate, pkg/apis/batch/validation */
function jobWarnings(path: string, spec: Partial<Job['spec']>, out: string[]): void {
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 100_000 && (spec.parallelism ?? 0) > 10_000) {
    out.push(`${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes and failedIndexes`)
  }
}

function storageClassAnnotation(o: KubeObject, out: string[]): void {
  const given = o.metadata.annotations ?? {}
  if (given['volume.beta.kubernetes.io/storage-class'] !== undefined) out.push('metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead')
  if (o.kind === 'PersistentVolume' && given['volume.beta.kubernetes.io/mount-options'] !== undefined) out.push('metadata.annotations[volume.beta.kubernetes.io/mount-options]: deprecated since v1.31; use "mountOptions" attribute instead')
}

/** Upstream: pkg/api/persistentvolume/util.go */
function volumeWarnings(o: PersistentVolume, out: string[]): void {
  storageClassAnnotation(o, out)
  const { spec } = o
  spec?.nodeAffinity?.required?.nodeSelectorTerms?.forEach((t, i) => nodeTermWarnings(`spec.nodeAffinity.required.nodeSelectorTerms[${i}]`, t, out))
  if (spec?.persistentVolumeReclaimPolicy === 'Recycle') out.push('spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.')
  for (const type in volumeTypes) if ((spec as Record<string, unknown> | undefined)?.[type] != null) out.push(`spec.${type}: ${volumeTypes[type]}`)
}
