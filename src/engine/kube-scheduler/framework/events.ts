import type { Node } from '../../api'
import { deepEqual } from '../../apimachinery'
import type { PodInfo } from '../backend/pod-info'

/** Kinds of changes, as bits. Upstream: kube-scheduler/framework/types.go ActionType */
export const Action = {
  Add: 1, Delete: 2, UpdateNodeAllocatable: 4, UpdateNodeLabel: 8, UpdateNodeTaint: 16, UpdateNodeCondition: 32, UpdateNodeAnnotation: 64,
  UpdatePodLabel: 128, UpdatePodScaleDown: 256, UpdatePodToleration: 512, UpdatePodSchedulingGatesEliminated: 1024, Update: 0x7ffffc, All: 0x7fffff,
} as const

/** What changed. `Pod` in an interest stands for both kinds of pods. `*` wakes every pod. */
export type EventResource = 'Node' | 'Pod' | 'AssignedPod' | 'UnscheduledPod' | 'PersistentVolume' | 'PersistentVolumeClaim' | 'StorageClass' | 'CSINode' | 'CSIDriver' | 'VolumeAttachment' | '*'

/** A change in the cluster that may make rejected pods schedulable. Upstream: framework.ClusterEvent */
export interface ClusterEvent {
  readonly resource: EventResource
  readonly action: number
}

const event = (resource: EventResource, action: number): ClusterEvent => Object.freeze({ resource, action })

/** Events that are used by name. Upstream: pkg/scheduler/framework/events.go */
export const clusterEvents = {
  assignedPodAdd: event('AssignedPod', Action.Add),
  assignedPodDelete: event('AssignedPod', Action.Delete),
  nodeAdd: event('Node', Action.Add),
  nodeDelete: event('Node', Action.Delete),
  unschedulableTimeout: event('*', Action.All),
}

/** Whether an interest covers an event. Upstream: ClusterEvent.Match */
export function covers(interest: { readonly resource: EventResource; readonly action: number }, e: ClusterEvent): boolean {
  if (e.resource === '*' || interest.resource === '*') return true
  const sameResource = interest.resource === e.resource || (interest.resource === 'Pod' && (e.resource === 'AssignedPod' || e.resource === 'UnscheduledPod'))
  return sameResource && (interest.action & e.action) !== 0
}

const nodeEvents = [Action.UpdateNodeAllocatable, Action.UpdateNodeLabel, Action.UpdateNodeTaint, Action.UpdateNodeCondition, Action.UpdateNodeAnnotation].map((a) => event('Node', a))

/** The scheduling properties in which two versions of a node differ. Upstream: framework.NodeSchedulingPropertiesChange */
export function nodeChanges(node: Node, old: Node): readonly ClusterEvent[] {
  const out: ClusterEvent[] = []
  if (!deepEqual(old.status?.allocatable, node.status?.allocatable)) out.push(nodeEvents[0]!)
  if (!deepEqual(old.metadata.labels, node.metadata.labels)) out.push(nodeEvents[1]!)
  if (!deepEqual(old.spec.taints, node.spec.taints) || (!node.spec.unschedulable && old.spec.unschedulable)) out.push(nodeEvents[2]!)
  if (conditionsChanged(node, old)) out.push(nodeEvents[3]!)
  if (!deepEqual(old.metadata.annotations, node.metadata.annotations)) out.push(nodeEvents[4]!)
  return out
}

function conditionsChanged(node: Node, old: Node): boolean {
  const a = node.status?.conditions ?? []
  const b = old.status?.conditions ?? []
  if (a === b) return false
  if (a.length !== b.length) return true
  return a.some((c) => b.find((o) => o.type === c.type)?.status !== c.status)
}

/** The scheduling properties in which two versions of a pod differ. Upstream: framework.PodSchedulingPropertiesChange */
export function podChanges(pod: PodInfo, old: PodInfo): readonly ClusterEvent[] {
  const resource = pod.nodeName === '' ? 'UnscheduledPod' : 'AssignedPod'
  const out: ClusterEvent[] = []
  if (pod.labels !== old.labels && !deepEqual(pod.labels, old.labels)) out.push(event(resource, Action.UpdatePodLabel))
  if (pod.spec !== old.spec) {
    const r = pod.spec.requests
    const o = old.spec.requests
    let less = r.milliCPU < o.milliCPU || r.memory < o.memory || r.ephemeralStorage < o.ephemeralStorage
    for (const [name, amount] of o.scalar ?? []) less ||= (r.scalar?.get(name) ?? 0) < amount
    if (less) out.push(event(resource, Action.UpdatePodScaleDown))
    const [gates, oldGates] = [pod.pod.spec.schedulingGates?.length ?? 0, old.pod.spec.schedulingGates?.length ?? 0]
    if (gates === 0 && oldGates > 0) out.push(event(resource, Action.UpdatePodSchedulingGatesEliminated))
    if ((pod.pod.spec.tolerations?.length ?? 0) !== (old.pod.spec.tolerations?.length ?? 0)) out.push(event(resource, Action.UpdatePodToleration))
  }
  return out
}
