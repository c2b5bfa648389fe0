import type { Node } from '../../api'
import { Action } from '../framework/events'
import type { Plugin } from '../framework/plugin'
import { unresolvable, unschedulable, type PluginStatus } from '../framework/status'
import type { NodeInfo } from '../backend/node-info'
import type { PodInfo } from '../backend/pod-info'
import { Resource } from '../backend/resource'
import { leastAllocated, type ScoringStrategy } from './node-resources-strategies'

const name = 'NodeResourcesFit'

/** A resource of which a node has too little. */
export interface Insufficient {
  readonly resource: string
  readonly reason: string
  /** More than the node has when empty: removing pods cannot help. */
  readonly never: boolean
}

/** The resources of which a node has too little for a pod. Upstream: noderesources.fitsRequest */
export function insufficientResources(pod: PodInfo, node: NodeInfo): readonly Insufficient[] {
  return lacking(pod.spec.requests, node.requested, node.allocatable, node.pods.length)
}

function lacking(wanted: Resource, used: Resource, all: Resource, pods: number): readonly Insufficient[] {
  let out: Insufficient[] | undefined
  const lack = (resource: string, amount: number, total: number) => (out ??= []).push({ resource, reason: resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`, never: resource !== 'pods' && amount > total })
  if (pods + 1 > all.allowedPodNumber) lack('pods', 1, all.allowedPodNumber)
  if (wanted.milliCPU > 0 && wanted.milliCPU > all.milliCPU - used.milliCPU) lack('cpu', wanted.milliCPU, all.milliCPU)
  if (wanted.memory > 0 && wanted.memory > all.memory - used.memory) lack('memory', wanted.memory, all.memory)
  if (wanted.ephemeralStorage > 0 && wanted.ephemeralStorage > all.ephemeralStorage - used.ephemeralStorage) lack('ephemeral-storage', wanted.ephemeralStorage, all.ephemeralStorage)
  if (wanted.scalar)
    for (const [resource, amount] of wanted.scalar) {
      const total = all.scalar?.get(resource) ?? 0
      if (amount > 0 && amount > total - (used.scalar?.get(resource) ?? 0)) lack(resource, amount, total)
    }
  return out ?? []
}

function fits(pod: PodInfo, node: NodeInfo): boolean {
  const w = pod.spec.requests
  const u = node.requested
  const a = node.allocatable
  return node.pods.length < a.allowedPodNumber && w.scalar === undefined && (w.milliCPU === 0 || w.milliCPU <= a.milliCPU - u.milliCPU)
    && (w.memory === 0 || w.memory <= a.memory - u.memory) && (w.ephemeralStorage === 0 || w.ephemeralStorage <= a.ephemeralStorage - u.ephemeralStorage)
}

/** The common refusals, made once. */
const common: Readonly<Record<string, PluginStatus>> = {
  'cpu': unschedulable(name, 'Insufficient cpu'), 'cpu!': unresolvable(name, 'Insufficient cpu'),
  'memory': unschedulable(name, 'Insufficient memory'), 'memory!': unresolvable(name, 'Insufficient memory'),
  'pods': unschedulable(name, 'Too many pods'),
}

/** The fit plugin with a scoring strategy: requests must be free; free nodes are better (or worse). Upstream: plugins/noderesources/fit.go */
export function nodeResourcesFitWith(strategy: ScoringStrategy): Plugin {
  return {
    name,
    events: [
      {
        resource: 'AssignedPod', action: Action.Delete | Action.UpdatePodScaleDown,
        hint: (_pod, event, old) => event.action !== Action.Delete || (old as PodInfo).nodeName !== '' || old !== undefined,
      },
      { resource: 'UnscheduledPod', action: Action.UpdatePodScaleDown, hint: (pod, _event, _old, now) => (now as PodInfo).uid === pod.uid },
      {
        resource: 'Node', action: Action.Add | Action.UpdateNodeAllocatable,
        hint: (pod, _event, old, now) => {
          const all = Resource.of((now as Node).status?.allocatable)
          if (lacking(pod.spec.requests, new Resource(), all, 0).length > 0) return false
          return old === undefined || grew(pod.spec.requests, Resource.of((old as Node).status?.allocatable), all)
        },
      },
    ],

    filter(_cycle, pod, node) {
      if (fits(pod, node)) return undefined
      const list = insufficientResources(pod, node)
      if (list.length === 0) return undefined
      const never = list.some((i) => i.never)
      if (list.length === 1) {
        const known = common[(list[0] as Insufficient).resource + (never ? '!' : '')]
        if (known !== undefined) return known
      }
      return (never ? unresolvable : unschedulable)(name, ...list.map((i) => i.reason))
    },

    score(_cycle, pod, node) {
      return strategy(pod, node)
    },
  }
}

function grew(wanted: Resource, before: Resource, after: Resource): boolean {
  if (after.allowedPodNumber > before.allowedPodNumber) return true
  for (const r of ['cpu', 'memory', 'ephemeral-storage', ...(wanted.scalar?.keys() ?? [])]) if (wanted.get(r) > 0 && after.get(r) > before.get(r)) return true
  return false
}

/** The default: LeastAllocated over cpu and memory. */
export const nodeResourcesFit: Plugin = nodeResourcesFitWith(leastAllocated())
