import { quantityMilliValue, quantityValue, type KubeObject } from '../apimachinery'
import { podQOS, type Node, type Pod } from '../api'
import { isCritical } from './eviction/manager'
import { initContainers, isSidecar, isStaticPod } from './pod'
import { isOver, type KubeletState, type PodWorker } from './state'

/** Why a kubelet does not take a pod: the pod fails with this reason. */
export interface Rejection {
  readonly reason: string
  readonly message: string
}

/** What a pod asks for: the larger of the containers' sum and any init container, sidecars added. Upstream: component-helpers/resource PodRequests */
export function podRequests(pod: Pod): { readonly cpu: number; readonly memory: number } {
  const of = (c: { resources?: { requests?: Record<string, string> } }) => {
    const r = c.resources?.requests
    return { cpu: r?.cpu ? quantityMilliValue(r.cpu) : 0, memory: r?.memory ? quantityValue(r.memory) : 0 }
  }
  let cpu = 0
  let memory = 0
  for (const c of pod.spec.containers) {
    const r = of(c)
    cpu += r.cpu
    memory += r.memory
  }
  let sideCpu = 0
  let sideMemory = 0
  let mostCpu = 0
  let mostMemory = 0
  for (const c of initContainers(pod)) {
    const r = of(c)
    if (isSidecar(c)) {
      sideCpu += r.cpu
      sideMemory += r.memory
    }
    mostCpu = Math.max(mostCpu, isSidecar(c) ? sideCpu : sideCpu + r.cpu)
    mostMemory = Math.max(mostMemory, isSidecar(c) ? sideMemory : sideMemory + r.memory)
  }
  return { cpu: Math.max(cpu + sideCpu, mostCpu), memory: Math.max(memory + sideMemory, mostMemory) }
}

type Toleration = NonNullable<Pod['spec']['tolerations']>[number]

/** Upstream: component-helpers/scheduling/corev1 ToleratesTaint */
function tolerates(t: Toleration, taint: { readonly key: string; readonly value?: string | undefined; readonly effect: string }): boolean {
  if (t.effect && t.effect !== taint.effect) return false
  if (t.key && t.key !== taint.key) return false
  return t.operator === 'Exists' || (!!t.key && (t.value ?? '') === (taint.value ?? ''))
}

/** Whether a pod may be on a node of these labels. Upstream: component-helpers/scheduling/corev1/nodeaffinity GetRequiredNodeAffinity */
export function matchesNode(pod: Pick<Pod, 'spec'>, name: string, labels: Readonly<Record<string, string>>): boolean {
  for (const [k, v] of Object.entries(pod.spec.nodeSelector ?? {})) if (labels[k] !== v) return false
  const terms = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms === undefined || terms.some((t) => {
    const expressions = t.matchExpressions ?? []
    const fields = t.matchFields ?? []
    return expressions.length + fields.length > 0 && expressions.every((e) => satisfied(labels[e.key], e.operator, e.values)) && fields.every((f) => f.key === 'metadata.name' && satisfied(name, f.operator, f.values))
  })
}

function satisfied(value: string | undefined, operator: string, values: readonly string[] = []): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) > Number(values[0])
    case 'Lt':
      return value !== undefined && /^-?\d+$/.test(value) && Number(value) < Number(values[0])
    default:
      return false
  }
}

/** A pod for another operating system: this node runs Linux, whatever its label says. Upstream: pkg/kubelet/lifecycle/predicate.go rejectPodAdmissionBasedOnOSSelector, …OnOSField */
export function otherSystem(pod: Pick<Pod, 'metadata' | 'spec'>): Rejection | null {
  const label = pod.metadata?.labels?.['kubernetes.io/os']
  if (label !== undefined && label !== 'linux') return { reason: 'PodOSSelectorNodeLabelDoesNotMatch', message: "Pod was rejected: Failed to admit pod as the `kubernetes.io/os` label doesn't match node label" }
  return pod.spec?.os?.name !== undefined && pod.spec.os.name !== 'linux' ? { reason: 'PodOSNotSupported', message: "Pod was rejected: Failed to admit pod as the OS field doesn't match node OS" } : null
}

/** Under memory pressure alone, pods that ask for something (or tolerate it) are still taken; under any other, critical ones only. Upstream: eviction_manager.go Admit */
function refusedUnderPressure(conditions: readonly string[], pod: Pod): string {
  if (conditions.length === 0 || isCritical(pod)) return ''
  if (conditions.length === 1 && conditions[0] === 'MemoryPressure') {
    if (podQOS(pod.spec) !== 'BestEffort') return ''
    if (pod.spec.tolerations?.some((t) => tolerates(t, { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }))) return ''
  }
  return `The node had condition: [${conditions.join(' ')}]. `
}

/** Whether the kubelet takes one more pod beside those it runs. Upstream: pkg/kubelet/lifecycle/predicate.go */
export function admit(state: KubeletState, pod: Pod): Rejection | null {
  if (state.shutdown !== null) return { reason: 'NodeShutdown', message: 'Pod was rejected: Pod was rejected as the node is shutting down.' }
  const pressure = refusedUnderPressure(state.eviction.conditions, pod)
  if (pressure !== '') return { reason: 'Evicted', message: `Pod was rejected: ${pressure}` }
  const full = roomFor(state, pod)
  if (full) return full
  const node = state.params.node
  const labels = nodeLabels(state)
  if (!matchesNode(pod, node.name, labels)) return { reason: 'NodeAffinity', message: "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" }
  const taints = (state.informers.cache<Node & KubeObject>('nodes').get('', node.name)?.spec?.taints ?? []).filter((t) => t.effect === 'NoExecute')
  if (!isStaticPod(pod) && taints.some((taint) => !(pod.spec.tolerations ?? []).some((t) => tolerates(t, taint)))) return { reason: 'TaintToleration', message: "Pod was rejected: Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate" }
  const os = otherSystem(pod)
  if (os) return os
  const wanted = hostPorts(pod)
  if (wanted.length > 0 && [...state.workers.values()].some((w) => counts(w, pod) && hostPorts(w.pod).some((p) => wanted.includes(p)))) return { reason: 'NodePorts', message: "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" }
  return null
}

/** Whether there is room for a pod beside the others; what it has itself does not count. Upstream: scheduler's AdmissionCheck, as the kubelet asks it */
export function roomFor(state: KubeletState, pod: Pod): Rejection | null {
  const node = state.allocatable
  let cpu = 0
  let memory = 0
  let pods = 0
  for (const w of state.workers.values()) {
    if (!counts(w, pod)) continue
    const r = (w.requests ??= Object.freeze(podRequests(w.pod)))
    cpu += r.cpu
    memory += r.memory
    pods++
  }
  const want = podRequests(pod)
  const lacks = (what: string, asked: number, used: number, capacity: number): Rejection => ({ reason: `OutOf${what}`, message: `Pod was rejected: Node didn't have enough resource: ${what}, requested: ${asked}, used: ${used}, capacity: ${capacity}` })
  if (pods + 1 > node.maxPods) return lacks('pods', 1, pods, node.maxPods)
  if (want.cpu > 0 && cpu + want.cpu > node.cpuMillis) return lacks('cpu', want.cpu, cpu, node.cpuMillis)
  if (want.memory > 0 && memory + want.memory > node.memoryBytes) return lacks('memory', want.memory, memory, node.memoryBytes)
  return null
}

/** Whether a worker's pod takes room from another. */
function counts(w: PodWorker, pod: Pod): boolean {
  return w.uid !== pod.metadata.uid && !w.rejected && !isOver(w.stage)
}

/** Ports of the node that a pod's containers take, e.g. `TCP/80`. */
function hostPorts(pod: Pod): string[] {
  const out: string[] = []
  for (const c of pod.spec.containers) for (const p of c.ports ?? []) if (p.hostPort) out.push(`${p.protocol ?? 'TCP'}/${p.hostPort}`)
  return out
}

/** Labels of the node: those of its object, or those it registers with. */
export function nodeLabels(state: KubeletState): Readonly<Record<string, string>> {
  const node = state.informers.cache('nodes').get('', state.node)
  return node?.metadata.labels ?? initialLabels(state)
}

/** Labels that the kubelet gives its node. Upstream: kubelet_node_status.go initialNode */
export function initialLabels(state: KubeletState): Record<string, string> {
  return { 'beta.kubernetes.io/arch': 'amd64', 'beta.kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', 'kubernetes.io/hostname': state.node, 'kubernetes.io/os': 'linux', ...state.params.node.labels }
}
