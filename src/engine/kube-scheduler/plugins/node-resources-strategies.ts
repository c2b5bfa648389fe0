import { maxNodeScore } from '../framework/normalize'
import type { NodeInfo } from '../backend/node-info'
import type { PodInfo } from '../backend/pod-info'

/** Scores a node by what it would have left. */
export type ScoringStrategy = (pod: PodInfo, node: NodeInfo) => number

/** A resource and how much it counts. Upstream: config.ResourceSpec */
export interface ResourceWeight {
  readonly name: string
  readonly weight: number
}

/** cpu and memory, equally. Upstream: apis/config/v1/defaults.go */
export const defaultResources: readonly ResourceWeight[] = [{ name: 'cpu', weight: 1 }, { name: 'memory', weight: 1 }]

/** What the pod's node would have given away, counting defaults for containers that request nothing. */
function requestedWith(pod: PodInfo, node: NodeInfo, resource: string): number {
  if (resource === 'cpu') return node.nonZeroRequested.milliCPU + pod.spec.nonZeroRequests.milliCPU
  if (resource === 'memory') return node.nonZeroRequested.memory + pod.spec.nonZeroRequests.memory
  return node.requested.get(resource) + pod.spec.requests.get(resource)
}

/** Extended resources that the pod does not ask for are left out. */
function counts(pod: PodInfo, node: NodeInfo, resource: string): boolean {
  if (node.allocatable.get(resource) === 0) return false
  return resource === 'cpu' || resource === 'memory' || resource === 'ephemeral-storage' || pod.spec.requests.get(resource) !== 0
}

function weighted(resources: readonly ResourceWeight[], score: (requested: number, allocatable: number) => number, round: (sum: number, weights: number) => number, onlyPositive = false): ScoringStrategy {
  return (pod, node) => {
    let sum = 0
    let weights = 0
    for (let i = 0; i < resources.length; i++) {
      const { name, weight } = resources[i] as ResourceWeight
      if (!counts(pod, node, name)) continue
      const s = score(requestedWith(pod, node, name), node.allocatable.get(name))
      if (onlyPositive && s <= 0) continue
      sum += s * weight
      weights += weight
    }
    return weights === 0 ? 0 : round(sum, weights)
  }
}

const floor = (sum: number, weights: number) => Math.floor(sum / weights)

/** Free nodes are better. Upstream: noderesources/least_allocated.go */
export function leastAllocated(resources: readonly ResourceWeight[] = defaultResources): ScoringStrategy {
  return weighted(resources, (requested, all) => (requested > all ? 0 : Math.floor(((all - requested) * maxNodeScore) / all)), floor)
}

/** Full nodes are better. Upstream: noderesources/most_allocated.go */
export function mostAllocated(resources: readonly ResourceWeight[] = defaultResources): ScoringStrategy {
  return weighted(resources, (requested, all) => Math.floor((Math.min(requested, all) * maxNodeScore) / all), floor)
}

/** A point of a scoring function. Units: percent, score 0…10. */
export interface ShapePoint {
  readonly utilization: number
  readonly score: number
}

/** A function through points, constant outside of them. Upstream: plugins/helper/shape_score.go BuildBrokenLinearFunction */
export function brokenLinear(points: readonly ShapePoint[], p: number): number {
  for (let i = 0; i < points.length; i++) {
    const here = points[i] as ShapePoint
    if (p > here.utilization) continue
    if (i === 0) return here.score
    const before = points[i - 1] as ShapePoint
    return before.score + Math.trunc(((here.score - before.score) * (p - before.utilization)) / (here.utilization - before.utilization))
  }
  return (points[points.length - 1] as ShapePoint).score
}

/** Scores by a function of utilization. Upstream: noderesources/requested_to_capacity_ratio.go */
export function requestedToCapacityRatio(shape: readonly ShapePoint[], resources: readonly ResourceWeight[] = defaultResources): ScoringStrategy {
  const points = shape.map((p) => ({ utilization: p.utilization, score: p.score * (maxNodeScore / 10) }))
  const score = (requested: number, all: number) => (all === 0 || requested > all ? brokenLinear(points, 100) : brokenLinear(points, Math.floor((requested * 100) / all)))
  return weighted(resources, score, (sum, weights) => Math.round(sum / weights), true)
}
