import type { Plugin } from '../framework/plugin'
import { skip } from '../framework/status'
import type { NodeInfo } from '../backend/node-info'
import type { PodInfo } from '../backend/pod-info'
import { defaultResources, type ResourceWeight } from './node-resources-strategies'

const name = 'NodeResourcesBalancedAllocation'

/** How evenly a node's resources would be used, 0…100, with `sign` times the pod's requests on top. */
function evenness(pod: PodInfo, node: NodeInfo, resources: readonly ResourceWeight[], withPod: boolean): number {
  let n = 0
  let sum = 0
  let squares = 0
  let first = 0
  let second = 0
  for (let i = 0; i < resources.length; i++) {
    const r = (resources[i] as ResourceWeight).name
    const all = node.allocatable.get(r)
    const wanted = pod.spec.requests.get(r)
    if (all === 0 || (r !== 'cpu' && r !== 'memory' && r !== 'ephemeral-storage' && wanted === 0)) continue
    const fraction = Math.min(1, (node.requested.get(r) + (withPod ? wanted : 0)) / all)
    if (n === 0) first = fraction
    else second = fraction
    n++
    sum += fraction
    squares += fraction * fraction
  }
  let std = 0
  if (n === 2) std = Math.abs((first - second) / 2)
  else if (n > 2) std = Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2))
  return (1 - std) * 100
}

/** Prefers nodes whose resources the pod makes more evenly used. Upstream: plugins/noderesources/balanced_allocation.go (v1.36: the change counts) */
export function balancedAllocationWith(resources: readonly ResourceWeight[]): Plugin {
  return {
    name,
    preScore(_cycle, pod) {
      for (const r of resources) if (pod.spec.requests.get(r.name) > 0) return undefined
      return skip
    },
    score(_cycle, pod, node) {
      return Math.floor(50 + (50 + evenness(pod, node, resources, true) - evenness(pod, node, resources, false)) / 2)
    },
  }
}

/** The default: cpu and memory. */
export const nodeResourcesBalancedAllocation: Plugin = balancedAllocationWith(defaultResources)
