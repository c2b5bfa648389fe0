import { deepEqual, isControlledBy } from '../../apimachinery'
import type { DiscoveryEndpointPort, Endpoint, EndpointSlice, Node, Pod, Service } from '../../api'
import { addressTypesOf, endpointPorts, newSlice, podToEndpoint, portsKey, sliceLabels } from './desired'
import { distributeTraffic, hintsEnabled, withHints, type HintEvent, type SliceSet } from './hints'
import { shouldBeInEndpoints } from './services'
import type { TopologyCache } from './topology'

/** Bounds: endpoints in a slice. Upstream: --max-endpoints-per-slice */
export const mostEndpoints = 100

/** What must be written for a service. */
export interface SliceChanges {
  readonly create: EndpointSlice[]
  readonly update: EndpointSlice[]
  readonly remove: EndpointSlice[]
  /** Pods left out because their node is not known (yet). */
  readonly errors: string[]
  readonly events: HintEvent[]
}

/** Brings the slices of a service in line with its pods, with few writes. Upstream: staging/src/k8s.io/endpointslice/reconciler.go Reconcile */
export function reconcileSlices(s: Service, pods: readonly Pod[], existing: readonly EndpointSlice[], nodeOf: (name: string) => Node | undefined, topology?: TopologyCache, most = mostEndpoints): SliceChanges {
  const out: SliceChanges = { create: [], update: [], remove: [], errors: [], events: [] }
  const types = addressTypesOf(s)
  for (const slice of existing) if (!types.includes(slice.addressType)) out.remove.push(slice)
  for (const type of types) reconcileType(s, pods, existing.filter((e) => e.addressType === type), type, nodeOf, topology, most, out)
  return out
}

/** Slices by what becomes of them. */
interface Found {
  readonly create: EndpointSlice[]
  readonly update: EndpointSlice[]
  readonly unchanged: EndpointSlice[]
  readonly remove: EndpointSlice[]
}

interface Wanted {
  readonly ports: DiscoveryEndpointPort[]
  /** By addresses and pod. */
  readonly endpoints: Map<string, Endpoint>
}

const endpointKey = (e: Endpoint): string => `${e.addresses.join(',')}|${e.targetRef?.uid ?? ''}|${e.targetRef?.name ?? ''}`

function reconcileType(s: Service, pods: readonly Pod[], existing: readonly EndpointSlice[], type: string, nodeOf: (name: string) => Node | undefined, topology: TopologyCache | undefined, most: number, out: SliceChanges): void {
  const found: Found = { create: [], update: [], unchanged: [], remove: [] }
  const { remove } = found
  const byPorts = new Map<string, EndpointSlice[]>()
  for (const slice of existing) {
    if (!isControlledBy(slice, s)) {
      remove.push(slice)
      continue
    }
    const key = portsKey(slice.ports)
    const list = byPorts.get(key)
    if (list) list.push(slice)
    else byPorts.set(key, [slice])
  }
  const wanted = new Map<string, Wanted>()
  for (const pod of pods) {
    if (!shouldBeInEndpoints(pod, true)) continue
    const node = nodeOf(pod.spec.nodeName ?? '')
    if (node === undefined && !s.spec?.publishNotReadyAddresses) {
      out.errors.push(`skipping Pod ${pod.metadata.name} for Service ${s.metadata.namespace}/${s.metadata.name}: Node ${pod.spec.nodeName ?? ''} Not Found`)
      continue
    }
    const endpoint = podToEndpoint(pod, node, s, type)
    if (endpoint.addresses.length === 0) continue
    const ports = endpointPorts(s, pod)
    const key = portsKey(ports)
    let w = wanted.get(key)
    if (w === undefined) wanted.set(key, (w = { ports, endpoints: new Map() }))
    w.endpoints.set(endpointKey(endpoint), endpoint)
  }
  for (const [key, w] of wanted) reconcilePorts(s, byPorts.get(key) ?? [], w, type, most, found)
  for (const [key, slices] of byPorts) if (!wanted.has(key)) remove.push(...slices)
  if (existing.length === remove.length && found.create.length === 0) {
    // A service without endpoints has one empty slice.
    const placeholder = newSlice(s, type, [])
    if (remove.length === 1 && isPlaceholder(remove[0] as EndpointSlice, placeholder)) remove.length = 0
    else found.create.push(placeholder)
  }
  const hinted = hint(s, type, found, topology, out.events)
  const create = [...hinted.create]
  const update = [...hinted.update]
  // Slices about to be deleted are used for what would be created.
  for (let i = 0; i < remove.length && create.length > 0; ) {
    const old = remove[i] as EndpointSlice
    if (!isControlledBy(old, s)) {
      i++
      continue
    }
    const next = create.pop() as EndpointSlice
    update.push({ ...next, metadata: { ...next.metadata, name: old.metadata.name } })
    remove.splice(i, 1)
  }
  if (s.metadata.deletionTimestamp === undefined) out.create.push(...create)
  out.update.push(...update)
  out.remove.push(...remove)
}

/** Hints by the annotation or else by trafficDistribution. Upstream: the middle of reconcileByAddressType */
function hint(s: Service, type: string, slices: SliceSet, topology: TopologyCache | undefined, events: HintEvent[]): SliceSet {
  const key = `${s.metadata.namespace}/${s.metadata.name}`
  if (topology !== undefined && hintsEnabled(s)) {
    const { slices: hinted, event } = topology.addHints(key, type, slices)
    if (event) events.push(event)
    return hinted
  }
  if (topology?.has(key)) events.push({ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: `Topology Aware Hints has been disabled, addressType: ${type}` })
  topology?.remove(key, type)
  return distributeTraffic(s.spec?.trafficDistribution, slices)
}

function isPlaceholder(slice: EndpointSlice, placeholder: EndpointSlice): boolean {
  return (slice.endpoints?.length ?? 0) === 0 && (slice.ports?.length ?? 0) === 0 && deepEqual(slice.metadata.labels, placeholder.metadata.labels) && deepEqual(slice.metadata.ownerReferences, placeholder.metadata.ownerReferences)
}

/** Upstream: reconcileByPortMapping. First keep and drop, then fill changed slices, then unchanged ones with room, then new ones. */
function reconcilePorts(s: Service, existing: readonly EndpointSlice[], wanted: Wanted, type: string, most: number, out: Found): void {
  const rest = new Map(wanted.endpoints)
  const labels = sliceLabels(s)
  const { unchanged } = out
  const from = unchanged.length
  const changed: { slice: EndpointSlice; endpoints: Endpoint[] }[] = []
  for (const slice of existing) {
    const kept: Endpoint[] = []
    let touched = false
    for (const e of slice.endpoints ?? []) {
      const key = endpointKey(e)
      const w = rest.get(key)
      if (w === undefined) {
        touched = true
        continue
      }
      rest.delete(key)
      // Hints are seen to afterwards.
      const same = deepEqual(withHints(e, undefined), w)
      if (!same) touched = true
      kept.push(same ? e : w)
    }
    if (!touched && deepEqual(slice.metadata.labels, labels)) unchanged.push(slice)
    else if (kept.length === 0 && touched) out.remove.push(slice)
    else changed.push({ slice, endpoints: kept })
  }
  const take = (into: Endpoint[]): void => {
    for (const [key, e] of rest) {
      if (into.length >= most) return
      into.push(e)
      rest.delete(key)
    }
  }
  changed.sort((a, b) => b.endpoints.length - a.endpoints.length)
  for (const c of changed) take(c.endpoints)
  while (rest.size > 0) {
    // The fullest unchanged slice that has room for all that is left; else a new one.
    let best = -1
    if (rest.size < most)
      for (const [i, u] of unchanged.entries()) {
        if (i < from) continue
        const n = u.endpoints?.length ?? 0
        if (n + rest.size <= most && (best < 0 || n > (unchanged[best]?.endpoints?.length ?? 0))) best = i
      }
    if (best >= 0) {
      const [slice] = unchanged.splice(best, 1) as [EndpointSlice]
      const endpoints = [...(slice.endpoints ?? [])]
      take(endpoints)
      changed.push({ slice, endpoints })
    } else {
      const endpoints: Endpoint[] = []
      take(endpoints)
      out.create.push({ ...newSlice(s, type, wanted.ports), endpoints })
    }
  }
  for (const { slice, endpoints } of changed) out.update.push({ ...slice, endpoints, metadata: { ...slice.metadata, labels } })
}
