import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../api'

/** Bounds: addresses in an Endpoints object. Upstream: maxCapacity */
const mostAddresses = 1000

const portKey = (p: EndpointPort): string => `${p.name ?? ''}|${p.protocol ?? ''}|${p.port}|${p.appProtocol ?? ''}`

const addressKey = (a: EndpointAddress): string => `${a.ip} ${a.targetRef?.uid ?? ''}`

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Folds subsets together: the ports of an address, then the addresses of a set of ports; sorted. Upstream: pkg/api/v1/endpoints RepackSubsets */
export function repackSubsets(subsets: readonly EndpointSubset[]): EndpointSubset[] {
  const byAddress = new Map<string, { address: EndpointAddress; ready: boolean; ports: Map<string, EndpointPort> }>()
  for (const s of subsets)
    for (const [list, ready] of [[s.addresses, true], [s.notReadyAddresses, false]] as const)
      for (const a of list ?? []) {
        const key = `${addressKey(a)} ${ready}`
        let entry = byAddress.get(key)
        if (entry === undefined) byAddress.set(key, (entry = { address: a, ready, ports: new Map() }))
        for (const p of s.ports ?? []) entry.ports.set(portKey(p), p)
      }
  const byPorts = new Map<string, { ready: EndpointAddress[]; notReady: EndpointAddress[]; ports: EndpointPort[] }>()
  for (const { address, ready, ports } of byAddress.values()) {
    const sorted = [...ports].sort(([a], [b]) => compare(a, b))
    const key = sorted.map(([k]) => k).join(',')
    let entry = byPorts.get(key)
    if (entry === undefined) byPorts.set(key, (entry = { ready: [], notReady: [], ports: sorted.map(([, p]) => p) }))
    ;(ready ? entry.ready : entry.notReady).push(address)
  }
  const byIp = (a: EndpointAddress, b: EndpointAddress): number => compare(addressKey(a), addressKey(b))
  return [...byPorts].sort(([a], [b]) => compare(a, b)).map(([, e]) => ({
    ...(e.ready.length > 0 && { addresses: e.ready.sort(byIp) }), ...(e.notReady.length > 0 && { notReadyAddresses: e.notReady.sort(byIp) }), ...(e.ports.length > 0 && { ports: e.ports }),
  }))
}

/** At most 1000 addresses, ready ones first. Upstream: truncateEndpoints */
export function truncate(subsets: readonly EndpointSubset[]): { readonly kept: readonly EndpointSubset[]; readonly truncated: boolean } {
  let ready = 0
  let notReady = 0
  for (const s of subsets) {
    ready += s.addresses?.length ?? 0
    notReady += s.notReadyAddresses?.length ?? 0
  }
  if (ready + notReady <= mostAddresses) return { kept: subsets, truncated: false }
  let roomReady = Math.min(ready, mostAddresses)
  let roomNotReady = mostAddresses - roomReady
  const kept: EndpointSubset[] = []
  for (const s of subsets) {
    const a = s.addresses?.slice(0, roomReady) ?? []
    const n = s.notReadyAddresses?.slice(0, roomNotReady) ?? []
    roomReady -= a.length
    roomNotReady -= n.length
    if (a.length + n.length > 0) kept.push({ ...(a.length > 0 && { addresses: a }), ...(n.length > 0 && { notReadyAddresses: n }), ...(s.ports && { ports: s.ports }) })
  }
  return { kept, truncated: true }
}
