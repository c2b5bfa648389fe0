import { parseQuantity } from '../../apimachinery'
import type { Container, ContainerPort, NodeSelectorTerm, PersistentVolumeClaimSpec, PodAffinityTerm, PodSpec, PodTemplateSpec, Volume } from '../../api'

const nodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'node-role.kubernetes.io/master': 'use "node-role.kubernetes.io/control-plane" instead',
}

/** Volumes of the past, in the order in which upstream looks for them. */
export const volumeTypes: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  flocker: 'deprecated in v1.22, non-functional in v1.25+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  quobyte: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
}

const annotations: readonly (readonly [key: string, text: string])[] = [
  ['scheduler.alpha.kubernetes.io/critical-pod', 'non-functional in v1.16+; use the "priorityClassName" field instead'],
  ['security.alpha.kubernetes.io/sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
  ['security.alpha.kubernetes.io/unsafe-sysctls', 'non-functional in v1.11+; use the "sysctls" field instead'],
]

/** What is said of an old node label. Upstream: pkg/api/node/util.go GetNodeLabelDeprecatedMessage */
export function oldNodeLabel(label: string): string | undefined {
  return nodeLabels[label]
}

/** Old labels in a term. Upstream: GetWarningsForNodeSelectorTerm */
export function nodeTermWarnings(where: string, t: NodeSelectorTerm | undefined, out: string[]): void {
  t?.matchExpressions?.forEach((e, i) => {
    if (nodeLabels[e.key]) out.push(`${where}.matchExpressions[${i}].key: ${e.key} is ${nodeLabels[e.key]}`)
  })
}

/** Bytes come whole. */
function fractional(where: string, amounts: Readonly<Record<string, string>> | undefined, names: readonly string[], out: string[]): void {
  for (const name of names) {
    const q = amounts?.[name] === undefined ? undefined : parseQuantity(amounts[name])
    if (typeof q === 'object' && q.milliValue % 1000 !== 0) out.push(`${where}[${name}]: fractional byte value "${q.text}" is invalid, must be an integer`)
  }
}

/** Upstream: GetWarningsForPersistentVolumeClaimSpec */
export function claimWarnings(where: string, spec: PersistentVolumeClaimSpec | undefined, out: string[]): void {
  fractional(`${where}.resources.requests`, spec?.resources?.requests, ['storage'], out)
  fractional(`${where}.resources.limits`, spec?.resources?.limits, ['storage'], out)
}

/** What is warned of in a pod (`path` is ''), or in a template. Upstream: pkg/api/pod/warnings.go warningsForPodSpecAndMeta */
export function podWarnings(path: string, template: PodTemplateSpec | undefined, out: string[]): void {
  const spec = template?.spec
  if (spec === undefined) return
  const p = path === '' ? 'spec' : `${path}.spec`
  const meta = `${path === '' ? '' : `${path}.`}metadata.annotations`
  const given = template?.metadata?.annotations ?? {}
  for (const k of Object.keys(spec.nodeSelector ?? {}).sort()) if (nodeLabels[k]) out.push(`${p}.nodeSelector[${k}]: ${nodeLabels[k]}`)
  const node = spec.affinity?.nodeAffinity
  const at = `${p}.affinity.nodeAffinity`
  node?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.forEach((t, i) => nodeTermWarnings(`${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`, t, out))
  node?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((w, i) => nodeTermWarnings(`${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`, w.preference, out))
  spec.topologySpreadConstraints?.forEach((t, i) => {
    const where = `${p}.topologySpreadConstraints[${i}]`
    if (nodeLabels[t.topologyKey]) out.push(`${where}.topologyKey: ${t.topologyKey} is ${nodeLabels[t.topologyKey]}`)
    if (t.labelSelector == null) out.push(`${where}.labelSelector: a null labelSelector results in matching no pod`)
  })
  for (const [k, text] of annotations) if (given[k] !== undefined) out.push(`${meta}[${k}]: ${text}`)
  spec.volumes?.forEach((v, i) => {
    for (const type in volumeTypes) if (v[type as keyof Volume] != null) out.push(`${p}.volumes[${i}].${type}: ${volumeTypes[type]}`)
    if (v.ephemeral?.volumeClaimTemplate != null) claimWarnings(`${p}.volumes[${i}].ephemeral.volumeClaimTemplate.spec`, v.ephemeral.volumeClaimTemplate.spec, out)
  })
  tokenPaths(p, spec, out)
  if ((spec.hostAliases?.length ?? 0) > 1) repeated(spec.hostAliases?.map((a) => a.ip), (i, ip) => out.push(`${p}.hostAliases[${i}].ip: duplicate ip "${ip}"`))
  repeated(spec.imagePullSecrets?.map((s) => s.name ?? ''), (i, n) => out.push(`${p}.imagePullSecrets[${i}].name: duplicate name "${n}"`))
  spec.imagePullSecrets?.forEach((s, i) => {
    if (!s.name) out.push(`${p}.imagePullSecrets[${i}].name: invalid empty name ""`)
  })
  fractional(`${p}.overhead`, spec.overhead, ['memory', 'ephemeral-storage'], out)
  const seccomp = 'seccomp.security.alpha.kubernetes.io/pod'
  if (spec.securityContext?.seccompProfile == null && given[seccomp] !== undefined) out.push(`${meta}[${seccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`)
  for (const [c, where] of containersOf(p, spec)) containerWarnings(c, where, spec, meta, given, out)
  portWarnings(p, spec, out)
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) out.push(`${p}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`)
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const affinity = spec.affinity?.[kind]
    const say = (where: string, t: PodAffinityTerm | undefined): void => {
      if (t !== undefined && t.labelSelector == null) out.push(`${p}.affinity.${kind}.${where}.labelSelector: a null labelSelector results in matching no pod`)
    }
    affinity?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((t, i) => say(`requiredDuringSchedulingIgnoredDuringExecution[${i}]`, t))
    affinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach((w, i) => say(`preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`, w.podAffinityTerm))
  }
}

/** A file that a projected token would cover, or be covered by. */
function tokenPaths(p: string, spec: PodSpec, out: string[]): void {
  const tokens = new Set((spec.volumes ?? []).flatMap((v) => v.projected?.sources?.flatMap((s) => (s.serviceAccountToken == null ? [] : [s.serviceAccountToken.path])) ?? []))
  if (tokens.size === 0) return
  spec.volumes?.forEach((v, i) => {
    const say = (where: string, path: string): void => {
      if (tokens.has(path)) out.push(`${p}.volumes[${i}].projected.sources.${where}: has duplicated path with ServiceAccountToken "${path}"`)
    }
    for (const s of v.projected?.sources ?? []) {
      s.configMap?.items?.forEach((item, j) => say(`configMap[${j}]`, item.path))
      s.secret?.items?.forEach((item, j) => say(`secrets[${j}]`, item.path))
      s.downwardAPI?.items?.forEach((item, j) => say(`downwardAPI[${j}]`, item.path))
      if (s.clusterTrustBundle != null) say('ClusterTrustBundle', s.clusterTrustBundle.path)
    }
  })
}

function containersOf(p: string, spec: PodSpec): (readonly [Container, string])[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((field) => ((spec[field] ?? []) as Container[]).map((c, i) => [c, `${p}.${field}[${i}]`] as const))
}

function containerWarnings(c: Container, where: string, spec: PodSpec, meta: string, given: Readonly<Record<string, string>>, out: string[]): void {
  const seccomp = `container.seccomp.security.alpha.kubernetes.io/${c.name}`
  if (c.securityContext?.seccompProfile == null && given[seccomp] !== undefined) out.push(`${meta}[${seccomp}]: non-functional in v1.27+; use the "seccompProfile" field instead`)
  const appArmor = `container.apparmor.security.beta.kubernetes.io/${c.name}`
  if (spec.securityContext?.appArmorProfile == null && c.securityContext?.appArmorProfile == null && given[appArmor] !== undefined) out.push(`${meta}[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`)
  for (const name of ['memory', 'ephemeral-storage']) for (const side of ['limits', 'requests'] as const) fractional(`${where}.resources.${side}`, c.resources?.[side], [name], out)
  const seen = new Set<string>()
  c.env?.forEach((e, k) => {
    const ref = `$(${e.name})`
    // One that builds on its earlier value means it.
    if (seen.has(e.name) && (e.valueFrom != null || e.value === ref || !e.value?.includes(ref))) out.push(`${where}.env[${k}]: hides previous definition of "${e.name}", which may be dropped when using apply`)
    seen.add(e.name)
  })
}

function portWarnings(p: string, spec: PodSpec, out: string[]): void {
  const all = new Map<string, { readonly where: string; readonly port: ContainerPort }[]>()
  for (const [c, at] of containersOf(p, spec)) c.ports?.forEach((port, k) => {
    const where = `${at}.ports[${k}]`
    const [ip, host] = [port.hostIP ?? '', port.hostPort ?? 0]
    if (ip !== '' && host === 0) out.push(`${where}: hostIP set without hostPort: {Name:${port.name ?? ''} HostPort:0 ContainerPort:${port.containerPort} Protocol:${port.protocol ?? 'TCP'} HostIP:${ip}}`)
    const id = `${port.containerPort}/${port.protocol ?? 'TCP'}`
    const others = all.get(id) ?? []
    for (const o of others) {
      const [otherIP, otherHost] = [o.port.hostIP ?? '', o.port.hostPort ?? 0]
      if (ip === otherIP && host === otherHost) out.push(`${where}: duplicate port definition with ${o.where}`)
      else if (host === 0 || otherHost === 0) out.push(`${where}: overlapping port definition with ${o.where}`)
      else if (host === otherHost && (ip === '') !== (otherIP === '')) out.push(`${where}: dangerously ambiguous port definition with ${o.where}`)
    }
    all.set(id, [...others, { where, port }])
  })
}

function repeated(values: readonly string[] | undefined, found: (i: number, value: string) => void): void {
  const seen = new Set<string>()
  values?.forEach((v, i) => {
    if (seen.has(v)) found(i, v)
    seen.add(v)
  })
}
