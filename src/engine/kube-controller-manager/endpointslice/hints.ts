import type { Endpoint, EndpointSlice, Service } from '../../api'

/** The slices of a service and one address type, by what becomes of them. */
export interface SliceSet {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly EndpointSlice[]
  readonly unchanged: readonly EndpointSlice[]
}

/** An event about a service's hints. */
export interface HintEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

const close: ReadonlySet<string> = new Set(['PreferClose', 'PreferSameZone', 'PreferSameNode'])

/** Whether a service asks for hints by zone capacity. Upstream: reconciler.go hintsEnabled */
export function hintsEnabled(s: Service): boolean {
  const annotations = s.metadata.annotations ?? {}
  const value = annotations['service.kubernetes.io/topology-aware-hints'] ?? annotations['service.kubernetes.io/topology-mode']
  return value === 'Auto' || value === 'auto'
}

/** Whether an endpoint takes part in hints. Upstream: EndpointReady */
export const isReady = (e: Endpoint): boolean => e.conditions?.ready === true

/** An endpoint with other hints, or itself when they are the same. */
export function withHints(e: Endpoint, hints: Endpoint['hints']): Endpoint {
  if (hints === undefined) {
    if (e.hints === undefined) return e
    const { hints: _none, ...rest } = e
    return rest
  }
  return sameHints(e.hints, hints) ? e : { ...e, hints }
}

function sameHints(a: Endpoint['hints'], b: Endpoint['hints']): boolean {
  const names = (list: readonly { readonly name: string }[] | null | undefined): string => (list ?? []).map((x) => x.name).join(',')
  return a !== undefined && b !== undefined && names(a.forZones) === names(b.forZones) && names(a.forNodes) === names(b.forNodes)
}

/**
 * Hints as spec.trafficDistribution wants them: each ready endpoint for its own zone (and node), or none.
 * Upstream: staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go ReconcileHints
 */
export function distributeTraffic(trafficDistribution: string | null | undefined, slices: SliceSet): SliceSet {
  const near = trafficDistribution != null && close.has(trafficDistribution)
  const byNode = trafficDistribution === 'PreferSameNode'
  if (!near && !anyHints(slices)) return slices
  const hint = (e: Endpoint): Endpoint => {
    if (!near) return withHints(e, undefined)
    if (!isReady(e)) return e
    const hints = { ...(e.zone !== undefined && { forZones: [{ name: e.zone }] }), ...(byNode && e.nodeName !== undefined && { forNodes: [{ name: e.nodeName }] }) }
    return withHints(e, Object.keys(hints).length === 0 ? undefined : hints)
  }
  return rehint(slices, hint)
}

const anyHints = ({ create, update, unchanged }: SliceSet): boolean => [create, update, unchanged].some((l) => l.some((s) => s.endpoints?.some((e) => e.hints !== undefined)))

/** Upstream: topologycache RemoveHintsFromSlices */
export function withoutHints(slices: SliceSet): SliceSet {
  return rehint(slices, (e) => withHints(e, undefined))
}

/** Gives endpoints their hints; unchanged slices where that makes a difference are updated too. */
function rehint(slices: SliceSet, hint: (e: Endpoint) => Endpoint): SliceSet {
  const change = (s: EndpointSlice): EndpointSlice => {
    const endpoints = (s.endpoints ?? []).map(hint)
    return endpoints.some((e, i) => e !== s.endpoints?.[i]) ? { ...s, endpoints } : s
  }
  const update = slices.update.map(change)
  const unchanged: EndpointSlice[] = []
  for (const s of slices.unchanged) {
    const changed = change(s)
    if (changed === s) unchanged.push(s)
    else update.push(changed)
  }
  return { create: slices.create.map(change), update, unchanged }
}
