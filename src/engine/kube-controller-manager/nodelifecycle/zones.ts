import type { Node, NodeCondition } from '../../api'
import { SECOND, type Micros } from '../../sim'

/** How a zone is doing. */
export type ZoneState = 'Initial' | 'Normal' | 'PartialDisruption' | 'FullDisruption'

/** Nodes tainted per second: usually, and in large zones that are partly down. Upstream: --node-eviction-rate, --secondary-node-eviction-rate */
const evictionRate = 0.1
const secondaryEvictionRate = 0.01
const unhealthyThreshold = 0.55
const largeClusterSize = 50

/** Name of a node's zone. Upstream: nodetopology.GetZoneKey */
export function zoneOf(node: Node): string {
  const l = node.metadata.labels
  const zone = l?.['topology.kubernetes.io/zone'] ?? ''
  const region = l?.['topology.kubernetes.io/region'] ?? ''
  return zone === '' && region === '' ? '' : `${region}:\u0000:${zone}`
}

/** The state of a zone by the Ready conditions of its nodes. Upstream: ComputeZoneState */
export function zoneState(ready: readonly (NodeCondition | undefined)[]): ZoneState {
  const good = ready.filter((c) => c?.status === 'True').length
  const bad = ready.length - good
  if (good === 0 && bad > 0) return 'FullDisruption'
  return bad > 2 && bad / ready.length >= unhealthyThreshold ? 'PartialDisruption' : 'Normal'
}

/** Nodes that may be tainted per second in a zone of that state and size. Upstream: setLimiterInZone, ReducedQPSFunc */
export const rateOf = (state: ZoneState, size: number): number => (state === 'PartialDisruption' ? (size > largeClusterSize ? secondaryEvictionRate : 0) : evictionRate)

/**
 * Nodes of a zone that wait for their NoExecute taint, at a rate. Plain state.
 * Upstream: pkg/controller/nodelifecycle/scheduler/rate_limited_queue.go; burst 1
 */
export class RateLimitedQueue {
  private readonly nodes: string[] = []
  private tokens = 1
  private at: Micros = 0
  rate = evictionRate

  add(node: string): boolean {
    if (this.nodes.includes(node)) return false
    this.nodes.push(node)
    return true
  }

  remove(node: string): boolean {
    const i = this.nodes.indexOf(node)
    if (i < 0) return false
    this.nodes.splice(i, 1)
    return true
  }

  get size(): number {
    return this.nodes.length
  }

  /** The next node, if the rate allows. */
  take(now: Micros): string | undefined {
    if (this.nodes.length === 0) return undefined
    this.tokens = Math.min(1, this.tokens + ((now - this.at) * this.rate) / SECOND)
    this.at = now
    // Sums of fractions stay a hair below the whole.
    if (this.tokens < 1 - 1e-9 || this.rate === 0) return undefined
    this.tokens = 0
    return this.nodes.shift()
  }

  /** A new rate starts with an empty bucket's worth of one, as a new limiter does. */
  setRate(rate: number): void {
    if (rate === this.rate) return
    this.rate = rate
    this.tokens = 1
  }
}
