import { dns1123LabelErrors, type KubeObject } from '../../apimachinery'
import type { Affinity, Container, Ingress, NodeSelectorTerm, PersistentVolume, PersistentVolumeClaim, PodSpec, PodTemplateSpec, Service, TopologySpreadConstraint, Volume } from '../../api'

const nodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
}

const volumeTypes: Readonly<Record<string, string>> = {
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

const hostname = 'which can result in surprising behavior; a DNS label is recommended'

/** Where a kind keeps its pod template, and how its name ends up in names of pods. */
const templates: Readonly<Record<string, string>> = {
  deployments: 'spec.template', replicasets: 'spec.template', replicationcontrollers: 'spec.template', statefulsets: 'spec.template', daemonsets: 'spec.template', jobs: 'spec.template', cronjobs: 'spec.jobTemplate.spec.template', podtemplates: 'template',
}
const namesPods: readonly string[] = ['deployments', 'replicasets', 'replicationcontrollers', 'statefulsets', 'jobs', 'cronjobs']

/**
 * What the server warns of when an object is written; it is written all the same.
 * Upstream: pkg/api/pod/warnings.go, pkg/api/node/util.go, pkg/api/service/warnings.go, pkg/registry/…/strategy.go WarningsOnCreate
 */
export function warningsFor(resource: string, object: KubeObject, isNew: boolean): readonly string[] {
  const out: string[] = []
  const { name, annotations } = object.metadata
  if (isNew && (namesPods.includes(resource) || resource === 'pods')) {
    const bad = dns1123LabelErrors(name)
    if (bad.length > 0) out.push(`metadata.name: this is used in ${resource === 'pods' ? "the Pod's hostname" : 'Pod names and hostnames'}, ${hostname}: [${bad.join(' ')}]`)
  }
  const path = templates[resource]
  if (path !== undefined) podWarnings(path, at(object, path) as PodTemplateSpec | undefined, out)
  else if (resource === 'pods') podWarnings('', object as unknown as PodTemplateSpec, out)
  else if (resource === 'ingresses') {
    if (annotations?.['kubernetes.io/ingress.class'] !== undefined && (object as Ingress).spec?.ingressClassName === undefined) out.push(`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`)
  } else if (resource === 'services') serviceWarnings(object as Service, out)
  else if (resource === 'persistentvolumes' || resource === 'persistentvolumeclaims') storageWarnings(object as PersistentVolume | PersistentVolumeClaim, out)
  return out
}

function at(o: unknown, path: string): unknown {
  let v = o
  for (const k of path.split('.')) v = (v as Record<string, unknown> | undefined)?.[k]
  return v
}

function podWarnings(path: string, template: PodTemplateSpec | undefined, out: string[]): void {
  const spec = template?.spec
  if (spec === undefined) return
  const p = path === '' ? 'spec' : `${path}.spec`
  for (const k of Object.keys(spec.nodeSelector ?? {}).sort()) if (nodeLabels[k]) out.push(`${p}.nodeSelector[${k}]: ${nodeLabels[k]}`)
  affinityWarnings(`${p}.affinity`, spec.affinity, out)
  spec.topologySpreadConstraints?.forEach((t, i) => spreadWarnings(`${p}.topologySpreadConstraints[${i}]`, t, out))
  for (const k of Object.keys(template?.metadata?.annotations ?? {}).sort()) {
    const where = `${path === '' ? '' : `${path}.`}metadata.annotations[${k}]`
    if (k === 'seccomp.security.alpha.kubernetes.io/pod' || k.startsWith('container.seccomp.security.alpha.kubernetes.io/')) out.push(`${where}: non-functional in v1.27+; use the "seccompProfile" field instead`)
    else if (k.startsWith('container.apparmor.security.beta.kubernetes.io/')) out.push(`${where}: deprecated since v1.30; use the "appArmorProfile" field instead`)
  }
  spec.volumes?.forEach((v, i) => {
    for (const type of Object.keys(v)) if (volumeTypes[type]) out.push(`${p}.volumes[${i}].${type}: ${volumeTypes[type]}`)
  })
  repeated(spec.hostAliases?.map((a) => a.ip), (i, ip) => out.push(`${p}.hostAliases[${i}].ip: duplicate ip "${ip}"`))
  spec.imagePullSecrets?.forEach((s, i) => {
    if (!s.name) out.push(`${p}.imagePullSecrets[${i}].name: invalid empty name ""`)
  })
  repeated(spec.imagePullSecrets?.map((s) => s.name ?? ''), (i, n) => out.push(`${p}.imagePullSecrets[${i}].name: duplicate name "${n}"`))
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) out.push(`${p}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  containerWarnings(p, spec, out)
}

function affinityWarnings(path: string, affinity: Affinity | undefined, out: string[]): void {
  const node = affinity?.nodeAffinity
  const term = (where: string, t: NodeSelectorTerm | undefined): void => {
    t?.matchExpressions?.forEach((e, i) => {
      if (nodeLabels[e.key]) out.push(`${where}.matchExpressions[${i}].key: ${e.key} is ${nodeLabels[e.key]}`)
    })
  }
  node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.forEach((t, i) => term(`${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`, t))
  node?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((w, i) => term(`${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`, w.preference))
}

function spreadWarnings(where: string, t: TopologySpreadConstraint, out: string[]): void {
  if (nodeLabels[t.topologyKey]) out.push(`${where}.topologyKey: ${t.topologyKey} is ${nodeLabels[t.topologyKey]}`)
  if (t.labelSelector === undefined) out.push(`${where}.labelSelector: a null labelSelector results in matching no pod`)
}

function containerWarnings(p: string, spec: PodSpec, out: string[]): void {
  const ports = new Map<string, string>()
  const visit = (list: readonly Container[] | undefined, field: string, countPorts: boolean): void => {
    list?.forEach((c, i) => {
      const where = `${p}.${field}[${i}]`
      const seen = new Set<string>()
      c.env?.forEach((e, k) => {
        // One that builds on its earlier value means it.
        if (seen.has(e.name) && !e.value?.includes(`$(${e.name})`)) out.push(`${where}.env[${k}].name: hides previous definition of "${e.name}", which may be dropped when using apply`)
        seen.add(e.name)
      })
      if (!countPorts) return
      c.ports?.forEach((port, k) => {
        const key = `${port.containerPort}/${port.protocol ?? 'TCP'}/${port.hostPort ?? 0}/${port.hostIP ?? ''}`
        const first = ports.get(key)
        if (first === undefined) ports.set(key, `${where}.ports[${k}]`)
        else out.push(`${where}.ports[${k}]: duplicate port definition with ${first}`)
      })
    })
  }
  visit(spec.initContainers, 'initContainers', false)
  visit(spec.containers, 'containers', true)
}

function repeated(values: readonly string[] | undefined, found: (i: number, value: string) => void): void {
  const seen = new Set<string>()
  values?.forEach((v, i) => {
    if (seen.has(v)) found(i, v)
    seen.add(v)
  })
}

function serviceWarnings({ spec, metadata }: Service, out: string[]): void {
  if (metadata.annotations?.['service.kubernetes.io/topology-aware-hints'] !== undefined) out.push('metadata.annotations[service.kubernetes.io/topology-aware-hints]: deprecated since v1.27; use "service.kubernetes.io/topology-mode" instead')
  if (spec?.clusterIP === 'None') {
    if ((spec.externalIPs?.length ?? 0) > 0) out.push('spec.externalIPs is ignored when spec.clusterIP is "None"')
    if (spec.sessionAffinity !== undefined && spec.sessionAffinity !== 'None') out.push('spec.SessionAffinity is ignored for headless services')
  }
}

function storageWarnings(o: PersistentVolume | PersistentVolumeClaim, out: string[]): void {
  if (o.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) out.push('metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead')
  if (o.kind !== 'PersistentVolume') return
  const { spec } = o as PersistentVolume
  if (spec?.persistentVolumeReclaimPolicy === 'Recycle') out.push('spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.')
  for (const type of Object.keys((spec ?? {}) as Partial<Volume>)) if (volumeTypes[type]) out.push(`spec.${type}: ${volumeTypes[type]}`)
  spec?.nodeAffinity?.required?.nodeSelectorTerms?.forEach((t, i) =>
    t.matchExpressions?.forEach((e, k) => {
      if (nodeLabels[e.key]) out.push(`spec.nodeAffinity.required.nodeSelectorTerms[${i}].matchExpressions[${k}].key: ${e.key} is ${nodeLabels[e.key]}`)
    }),
  )
}
