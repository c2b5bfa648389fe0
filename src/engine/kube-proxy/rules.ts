import type { EndpointSlice, Service } from '../api'
import { endpointChain, probability, serviceChain } from './chains'

/** One endpoint of a service port with the chance of its rule (the last is always taken). */
export interface EndpointRule {
  readonly chain: string
  readonly ip: string
  readonly port: number
  readonly node: string
  readonly probability: string
}

/** The rules of one port of a service on a node, as the iptables proxier writes them. Immutable. */
export interface ServicePortRules {
  /** `namespace/name[:port]` */
  readonly name: string
  readonly namespace: string
  readonly service: string
  readonly protocol: string
  readonly chain: string
  readonly clusterIP: string
  readonly port: number
  /** 0: none. */
  readonly nodePort: number
  readonly externalIPs: readonly string[]
  /** Endpoints that traffic may go to; empty: it is rejected. */
  readonly endpoints: readonly EndpointRule[]
  /** With externalTrafficPolicy Local: those on this node, for traffic from outside. */
  readonly localEndpoints: readonly EndpointRule[] | null
  /** Seconds of ClientIP affinity; 0: none. */
  readonly affinitySeconds: number
}

/** Rules of all ports of one service. Upstream: pkg/proxy/servicechangetracker.go, endpointslicecache.go, topology.go, iptables/proxier.go syncProxyRules */
export function serviceRules(service: Service, slices: readonly EndpointSlice[], node: string): readonly ServicePortRules[] {
  const { spec } = service
  const clusterIP = spec?.clusterIP ?? ''
  if (spec === undefined || spec.type === 'ExternalName' || clusterIP === '' || clusterIP === 'None') return []
  const out: ServicePortRules[] = []
  for (const p of spec.ports ?? []) {
    const protocol = (p.protocol ?? 'TCP').toLowerCase()
    const namespace = service.metadata.namespace ?? ''
    const name = `${namespace}/${service.metadata.name}${p.name ? `:${p.name}` : ''}`
    const found: { ip: string; port: number; node: string; serving: boolean; ready: boolean; terminating: boolean }[] = []
    for (const slice of slices) {
      if (slice.addressType !== 'IPv4') continue
      const port = slice.ports?.find((x) => (x.name ?? '') === (p.name ?? '') && (x.protocol ?? 'TCP') === (p.protocol ?? 'TCP'))?.port
      if (port === undefined) continue
      for (const e of slice.endpoints ?? []) {
        const ready = e.conditions?.ready !== false
        for (const ip of e.addresses) found.push({ ip, port, node: e.nodeName ?? '', ready, serving: e.conditions?.serving ?? ready, terminating: e.conditions?.terminating === true })
      }
    }
    found.sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port))
    // Ready ones; when there is none, those that still serve while they terminate. Upstream: topology.go CategorizeEndpoints
    const usable = (list: typeof found) => {
      const ready = list.filter((e) => e.ready)
      return ready.length > 0 ? ready : list.filter((e) => e.serving && e.terminating)
    }
    const rules = (list: typeof found): EndpointRule[] => list.map((e, i) => ({ chain: endpointChain(name, protocol, `${e.ip}:${e.port}`), ip: e.ip, port: e.port, node: e.node, probability: probability(list.length - i) }))
    const local = found.filter((e) => e.node === node)
    out.push({
      name, namespace, service: service.metadata.name, protocol, chain: serviceChain('KUBE-SVC-', name, protocol), clusterIP, port: p.port, nodePort: p.nodePort ?? 0,
      externalIPs: [...(spec.externalIPs ?? []), ...(service.status?.loadBalancer?.ingress ?? []).flatMap((i) => (i.ip ? [i.ip] : []))],
      endpoints: rules(usable(spec.internalTrafficPolicy === 'Local' ? local : found)),
      localEndpoints: spec.externalTrafficPolicy === 'Local' ? rules(usable(local)) : null,
      affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0,
    })
  }
  return out
}
