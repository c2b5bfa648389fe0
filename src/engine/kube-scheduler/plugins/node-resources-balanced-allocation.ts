import type { Plugin } from '../framework/plugin'
import { skip } from '../framework/status'
import type { NodeInfo } from '../backend/node-info'
import type { PodInfo } from '../backend/pod-info'
import { defaultResources, type ResourceWeight } from './node-resources-strategies'

const name = 'NodeResourcesBalancedAllocation'

/** How evenly a node's resources would be used, 0…100, with or without the pod. The arithmetic follows upstream's to the last bit. */
function evenness(pod: PodInfo, node: NodeInfo, resources: readonly ResourceWeight[], withPod: boolean): number {
  const fractions: number[] = []
  for (let i = 0; i < resources.length; i++) {
    const r = (resources[i] as ResourceWeight).name
    const all = node.allocatable.get(r)
    const wanted = pod.spec.requests.get(r)
    if (all === 0 || (r !== 'cpu' && r !== 'memory' && r !== 'ephemeral-storage' && wanted === 0)) continue
    fractions.push(Math.min(1, (node.requested.get(r) + (withPod ? wanted : 0)) / all))
  }
  let std = 0
  if (fractions.length === 2) std = Math.abs(((fractions[0] as number) - (fractions[1] as number)) / 2)
  else if (fractions.length > 2) {
    const mean = fractions.reduce((a, b) => a + b, 0) / fractions.length
    std = Math.sqrt(fractions.reduce((sum, f) => sum + (f - mean) * (f - mean), 0) / fractions.length)
  }
  return Math.floor((1 - std) * 100)
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
