import type { DaemonSet, Node, NodeSelectorRequirement, NodeSelectorTerm, Pod, PodSpec, Taint, Toleration } from '../../api'
import { tolerates } from '../tainteviction/tolerations'

const always: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
]

const hostNetwork: Toleration = { key: 'node.kubernetes.io/network-unavailable', operator: 'Exists', effect: 'NoSchedule' }

/** A daemon pod's tolerations: its own, and those that keep it on sick nodes. Upstream: daemon/util AddOrUpdateDaemonPodTolerations */
export function daemonTolerations(spec: PodSpec): Toleration[] {
  const out = [...(spec.tolerations ?? [])]
  for (const t of spec.hostNetwork ? [...always, hostNetwork] : always) {
    const i = out.findIndex((o) => o.key === t.key && o.operator === t.operator && (o.effect ?? '') === t.effect && (o.value ?? '') === '')
    if (i < 0) out.push(t)
    else out[i] = t
  }
  return out
}

/** A pod spec tied to a node by affinity, whatever its own affinity says of fields. Upstream: ReplaceDaemonSetPodNodeNameNodeAffinity */
export function onNode(spec: PodSpec, node: string): PodSpec {
  const matchFields: NodeSelectorRequirement[] = [{ key: 'metadata.name', operator: 'In', values: [node] }]
  const affinity = spec.affinity ?? {}
  const terms = affinity.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  // Terms are alternatives: each of them must name the node.
  const nodeSelectorTerms: NodeSelectorTerm[] = terms === undefined || terms.length === 0 ? [{ matchFields }] : terms.map((t) => ({ ...t, matchFields }))
  return { ...spec, affinity: { ...affinity, nodeAffinity: { ...affinity.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } }
}

/** The node a daemon pod is on, or is meant for. Upstream: GetTargetNodeName */
export function targetNode(pod: Pod): string {
  if (pod.spec.nodeName) return pod.spec.nodeName
  for (const t of pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [])
    for (const f of t.matchFields ?? []) if (f.key === 'metadata.name' && f.operator === 'In' && f.values?.length === 1) return f.values[0] as string
  return ''
}

function holds(r: NodeSelectorRequirement, value: string | undefined): boolean {
  switch (r.operator) {
    case 'In': return value !== undefined && (r.values ?? []).includes(value)
    case 'NotIn': return value === undefined || !(r.values ?? []).includes(value)
    case 'Exists': return value !== undefined
    case 'DoesNotExist': return value === undefined
    case 'Gt': return value !== undefined && Number(value) > Number(r.values?.[0])
    case 'Lt': return value !== undefined && Number(value) < Number(r.values?.[0])
    default: return false
  }
}

/** Whether a node has the labels and fields that a pod requires. Upstream: component-helpers nodeaffinity GetRequiredNodeAffinity */
export function matchesNodeAffinity(spec: PodSpec, node: Node): boolean {
  const labels = node.metadata.labels ?? {}
  for (const [k, v] of Object.entries(spec.nodeSelector ?? {})) if (labels[k] !== v) return false
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  if (terms === undefined) return true
  return terms.some((t) => {
    const some = (t.matchExpressions?.length ?? 0) + (t.matchFields?.length ?? 0) > 0
    return some && (t.matchExpressions ?? []).every((r) => holds(r, labels[r.key])) && (t.matchFields ?? []).every((r) => r.key === 'metadata.name' && holds(r, node.metadata.name))
  })
}

const untolerated = (taints: readonly Taint[], tolerations: readonly Toleration[], effects: readonly string[]): boolean =>
  taints.some((t) => effects.includes(t.effect) && !tolerations.some((x) => tolerates(x, t)))

/** Whether a node should get a daemon's pod, and whether one that is there may stay. Upstream: NodeShouldRunDaemonPod */
export function nodeShouldRun(ds: DaemonSet, node: Node): { readonly run: boolean; readonly stay: boolean } {
  const spec = ds.spec.template.spec as PodSpec
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return { run: false, stay: false }
  if (!matchesNodeAffinity(spec, node)) return { run: false, stay: false }
  const taints = node.spec?.taints ?? []
  if (taints.length === 0) return { run: true, stay: true }
  const tolerations = daemonTolerations(spec)
  if (!untolerated(taints, tolerations, ['NoExecute', 'NoSchedule'])) return { run: true, stay: true }
  return { run: false, stay: !untolerated(taints, tolerations, ['NoExecute']) }
}
