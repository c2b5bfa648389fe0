/** An endpoint as a proxy knows it. */
export interface KnownEndpoint {
  readonly ip: string
  readonly port: number
  readonly node: string
  readonly isLocal: boolean
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  readonly zoneHints: readonly string[]
  readonly nodeHints: readonly string[]
}

/** What of a service port decides which endpoints it uses. */
export interface EndpointPolicy {
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  /** It has a node port, an external IP or a load balancer's address. */
  readonly isExternal: boolean
}

/** Endpoints by how they may be used. Undefined: the service never uses such. */
export interface Categories<E> {
  readonly cluster: readonly E[] | undefined
  readonly local: readonly E[] | undefined
  /** Reachable from this node by any of the two. */
  readonly reachable: readonly E[]
  /** There is one somewhere in the cluster. */
  readonly hasAny: boolean
}

/**
 * Which endpoints a node uses for a service port: ready ones, else those that still serve while they terminate, for the cluster's policy and
 * the node's own each by itself; the cluster's by the hints of the EndpointSlices. Upstream: pkg/proxy/topology.go CategorizeEndpoints
 */
export function categorizeEndpoints<E extends KnownEndpoint>(endpoints: readonly E[], { internalLocal, externalLocal, isExternal }: EndpointPolicy, node: string, zone: string): Categories<E> {
  if (endpoints.length === 0) return { cluster: undefined, local: undefined, reachable: [], hasAny: false }
  const usesLocal = internalLocal || (externalLocal && isExternal)
  let cluster: readonly E[] | undefined
  // Also with both policies Local the cluster's endpoints are needed: pods' requests to an external address go to them.
  if (!internalLocal || isExternal) {
    cluster = byHints(endpoints.filter((e) => e.ready), node, zone)
    if (cluster.length === 0) cluster = endpoints.filter(servesTerminating)
  }
  if (!usesLocal) return { cluster, local: undefined, reachable: cluster ?? [], hasAny: (cluster?.length ?? 0) > 0 }
  const ready = endpoints.filter((e) => e.isLocal && e.ready)
  const local = ready.length > 0 ? ready : endpoints.filter((e) => e.isLocal && servesTerminating(e))
  const reachable = cluster === undefined ? local : [...cluster, ...local.filter((e) => !cluster.includes(e))]
  return { cluster, local, reachable, hasAny: endpoints.some((e) => e.ready || servesTerminating(e)) }
}

const servesTerminating = (e: KnownEndpoint): boolean => e.serving && e.terminating

/** Ready endpoints for this node, else for its zone; all of them when a hint is missing or none fits. Upstream: topologyModeFromHints, availableForTopology */
function byHints<E extends KnownEndpoint>(ready: readonly E[], node: string, zone: string): readonly E[] {
  if (ready.every((e) => e.nodeHints.length > 0)) {
    const here = ready.filter((e) => e.nodeHints.includes(node))
    if (here.length > 0) return here
  }
  if (ready.every((e) => e.zoneHints.length > 0)) {
    const near = ready.filter((e) => e.zoneHints.includes(zone))
    if (near.length > 0) return near
  }
  return ready
}
