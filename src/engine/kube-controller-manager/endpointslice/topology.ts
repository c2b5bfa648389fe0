import { quantityMilliValue } from '../../apimachinery'
import type { Endpoint, EndpointSlice, Node } from '../../api'
import { isReady, withHints, withoutHints, type HintEvent, type SliceSet } from './hints'

/** How much more than its share an endpoint may have to carry. */
const overload = 0.2

interface Allocation {
  readonly minimum: number
  readonly maximum: number
  readonly desired: number
}

type Counts = Map<string, number>
const add = (counts: Counts, key: string, n: number): void => void counts.set(key, (counts.get(key) ?? 0) + n)
const sorted = (keys: Iterable<string>): string[] => [...keys].sort()

/**
 * How nodes' CPUs and services' endpoints are spread over zones, for the annotation service.kubernetes.io/topology-mode: Auto. Plain state.
 * Zones are taken in the order of their names (upstream: of a Go map, by chance). Upstream: staging/src/k8s.io/endpointslice/topologycache
 */
export class TopologyCache {
  private ratios: Counts | undefined
  private readonly byService = new Map<string, Map<string, Counts>>()
  private readonly populated = new Set<string>()

  /** Upstream: SetNodes */
  setNodes(nodes: Iterable<Node>): void {
    const cpu: Counts = new Map()
    let total = 0
    this.ratios = undefined
    for (const n of nodes) {
      const labels = n.metadata.labels ?? {}
      if ('node-role.kubernetes.io/control-plane' in labels || 'node-role.kubernetes.io/master' in labels || !nodeReady(n)) continue
      const zone = labels['topology.kubernetes.io/zone'] ?? ''
      const millis = quantityMilliValue(n.status?.allocatable?.cpu ?? '0')
      if (zone === '' || millis === 0) return
      total += millis
      add(cpu, zone, millis)
    }
    if (total === 0 || cpu.size < 2) return
    this.ratios = new Map([...cpu].map(([zone, millis]) => [zone, millis / total]))
  }

  /** Services with too few endpoints for a zone. Upstream: GetOverloadedServices */
  overloaded(): string[] {
    return [...this.byService].filter(([, types]) => [...types.values()].some((zones) => this.isOverloaded(zones))).map(([key]) => key)
  }

  private isOverloaded(zones: Counts): boolean {
    if (zones.size === 0) return false
    if (this.ratios === undefined) return true
    let total = 0
    for (const n of zones.values()) total += n
    for (const [zone, ratio] of this.ratios) if ((zones.get(zone) ?? -1) < Math.ceil((total * ratio) / (1 + overload))) return true
    return false
  }

  /** Whether a service has hints from here. */
  has(service: string): boolean {
    return this.populated.has(service)
  }

  /** Upstream: RemoveHints */
  remove(service: string, type: string): void {
    const types = this.byService.get(service)
    types?.delete(type)
    if (types?.size === 0) this.byService.delete(service)
    this.populated.delete(service)
  }

  /** Gives endpoints to zones by the zones' CPUs, most to their own. Upstream: AddHints */
  addHints(service: string, type: string, slices: SliceSet): { readonly slices: SliceSet; readonly event?: HintEvent } {
    const give = (message: string): { slices: SliceSet; event: HintEvent } => {
      this.remove(service, type)
      return { slices: withoutHints(slices), event: { type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: `${message}, addressType: ${type}` } }
    }
    const ready = [...slices.create, ...slices.update, ...slices.unchanged].reduce((n, s) => n + (s.endpoints ?? []).filter(isReady).length, 0)
    const allocations = this.allocate(ready)
    if (typeof allocations === 'string') return give(allocations)
    const hinted: Counts = new Map()
    const update = [...slices.update]
    const unchanged: EndpointSlice[] = []
    for (const s of slices.unchanged) {
      const own = hintsOf(s, hinted, allocations)
      if (own === undefined) update.push(s)
      else {
        unchanged.push(s)
        for (const [zone, n] of own) add(hinted, zone, n)
      }
    }
    for (const s of [...slices.create, ...update]) for (const e of s.endpoints ?? []) {
      if (!isReady(e)) continue
      if (!e.zone) return give('One or more endpoints do not have a zone specified')
      add(hinted, e.zone, 1)
    }
    const moves = givingAndReceiving(allocations, hinted)
    const hint = (e: Endpoint): Endpoint => (isReady(e) ? withHints(e, { forZones: [{ name: moved(e.zone as string, moves, hinted) }] }) : e)
    const change = (s: EndpointSlice): EndpointSlice => ({ ...s, endpoints: (s.endpoints ?? []).map(hint) })
    const out: SliceSet = { create: slices.create.map(change), update: update.map(change), unchanged }
    if (hinted.size === 0) return give('No hints allocated for zones')
    const before = this.populated.has(service)
    let types = this.byService.get(service)
    if (types === undefined) this.byService.set(service, (types = new Map()))
    types.set(type, hinted)
    this.populated.add(service)
    return before ? { slices: out } : { slices: out, event: { type: 'Normal', reason: 'TopologyAwareHintsEnabled', message: `Topology Aware Hints has been enabled, addressType: ${type}` } }
  }

  /** Shares of zones, or why there are none. Upstream: getAllocations */
  private allocate(endpoints: number): ReadonlyMap<string, Allocation> | string {
    const { ratios } = this
    if (ratios === undefined) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'
    const numbers = `(${endpoints} endpoints, ${ratios.size} zones)`
    if (ratios.size > endpoints) return `Insufficient number of endpoints ${numbers}`
    const shares = sorted(ratios.keys()).map((zone) => {
      const desired = (ratios.get(zone) as number) * endpoints
      const minimum = Math.ceil(desired / (1 + overload))
      return { zone, minimum, desired: Math.max(desired, minimum) }
    })
    const total = shares.reduce((n, s) => n + s.minimum, 0)
    if (total > endpoints) return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${numbers}`
    return new Map(shares.map(({ zone, minimum, desired }) => [zone, { minimum, desired, maximum: minimum + endpoints - total }]))
  }
}

const nodeReady = (n: Node): boolean => n.status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True'

/** Whether a change of a node may change the shares of zones. Upstream: endpointslice_controller.go updateNode */
export function sharesMayChange(node: Node, old: Node): boolean {
  const zone = 'topology.kubernetes.io/zone'
  return nodeReady(node) !== nodeReady(old) || node.metadata.labels?.[zone] !== old.metadata.labels?.[zone]
}

/** Hints of a slice that can stay as it is; undefined when it cannot. Upstream: getHintsByZone */
function hintsOf(s: EndpointSlice, hinted: Counts, allocations: ReadonlyMap<string, Allocation>): Counts | undefined {
  const own: Counts = new Map()
  for (const e of s.endpoints ?? []) {
    if (!isReady(e)) continue
    const zones = e.hints?.forZones ?? []
    if (zones.length === 0) return undefined
    for (const { name } of zones) {
      if (!allocations.has(name)) return undefined
      add(own, name, 1)
    }
  }
  for (const [zone, n] of own) if (n + (hinted.get(zone) ?? 0) > (allocations.get(zone) as Allocation).maximum) return undefined
  return own
}

interface Moves {
  readonly giving: Counts
  readonly receiving: Counts
}

/** Upstream: getGivingAndReceivingZones */
function givingAndReceiving(allocations: ReadonlyMap<string, Allocation>, hinted: Counts): Moves {
  const give: Counts = new Map()
  const want: Counts = new Map()
  for (const [zone, { desired }] of allocations) {
    const n = hinted.get(zone) ?? 0
    if (n > desired) give.set(zone, n - desired)
    else if (n < desired) want.set(zone, desired - n)
  }
  const out: Moves = { giving: new Map(), receiving: new Map() }
  for (;;) {
    const [from, give1] = most(give)
    const [to, want1] = most(want)
    if (from === '' || to === '' || (give1 < 1 && want1 < 1) || give1 < 0.5 || want1 < 0.5) return out
    add(out.giving, from, 1)
    add(give, from, -1)
    add(out.receiving, to, 1)
    add(want, to, -1)
  }
}

function most(zones: Counts): [string, number] {
  let best: [string, number] = ['', 0]
  for (const [zone, n] of zones) if (n > best[1]) best = [zone, n]
  return best
}

/** The zone that an endpoint serves, after what is still to be moved. Upstream: redistributeHints */
function moved(zone: string, { giving, receiving }: Moves, hinted: Counts): string {
  if ((giving.get(zone) ?? 0) <= 0) return zone
  for (const to of sorted(receiving.keys())) {
    if ((receiving.get(to) as number) <= 0) continue
    add(giving, zone, -1)
    add(receiving, to, -1)
    add(hinted, zone, -1)
    add(hinted, to, 1)
    return to
  }
  return zone
}
