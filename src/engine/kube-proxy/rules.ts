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

/** The rules of one port of a service on a node. Immutable. The modes of kube-proxy write the same facts in different forms. */
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
  /** `spec.externalIPs`. */
  readonly externalIPs: readonly string[]
  /** Addresses of its load balancer that the node answers itself (ipMode VIP). */
  readonly loadBalancerIPs: readonly string[]
  /** Endpoints that traffic from inside may go to; empty: it is rejected, or dropped with `internalLocal`. */
  readonly endpoints: readonly EndpointRule[]
  /** Endpoints for traffic from outside: with externalTrafficPolicy Local only those on this node. */
  readonly externalEndpoints: readonly EndpointRule[]
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  /** Whether the service has a usable endpoint anywhere. */
  readonly hasEndpoints: boolean
  /** Seconds of ClientIP affinity; 0: none. */
  readonly affinitySeconds: number
  /** 0: none. */
  readonly healthCheckNodePort: number
  /** Who may use the load balancer's address; empty: everyone. */
  readonly sourceRanges: readonly string[]
  /** Newest resourceVersion of the EndpointSlices that the endpoints were read from; 0: there was none. */
  readonly revision: number
  /** Endpoints that were left out: not ready, or terminating while others are ready. */
  readonly leftOut: number
}

interface Found {
  readonly ip: string
  readonly port: number
  readonly node: string
  readonly serving: boolean
  readonly ready: boolean
  readonly terminating: boolean
}

/** Whether a proxy has nothing to do for a service. Upstream: pkg/proxy/util/utils.go ShouldSkipService */
export function shouldSkipService(service: Service): boolean {
  const ip = service.spec?.clusterIP ?? ''
  return ip === '' || ip === 'None' || service.spec?.type === 'ExternalName'
}

/** Rules of all ports of one service. Upstream: pkg/proxy/servicechangetracker.go, endpointslicecache.go, topology.go, iptables/proxier.go syncProxyRules */
export function serviceRules(service: Service, slices: readonly EndpointSlice[], node: string): readonly ServicePortRules[] {
  const { spec } = service
  if (spec === undefined || shouldSkipService(service)) return []
  const namespace = service.metadata.namespace ?? ''
  const internalLocal = spec.internalTrafficPolicy === 'Local'
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs?.length ?? 0) > 0
  const externalLocal = external && spec.externalTrafficPolicy === 'Local'
  let revision = 0
  for (const s of slices) revision = Math.max(revision, Number(s.metadata.resourceVersion ?? 0))
  const loadBalancerIPs = spec.type === 'LoadBalancer' ? (service.status?.loadBalancer?.ingress ?? []).flatMap((i) => (i.ip && i.ipMode !== 'Proxy' ? [i.ip] : [])) : []
  return (spec.ports ?? []).map((p): ServicePortRules => {
    const protocol = (p.protocol ?? 'TCP').toLowerCase()
    const name = `${namespace}/${service.metadata.name}${p.name ? `:${p.name}` : ''}`
    const found = endpointsOf(slices, p.name ?? '', p.protocol ?? 'TCP')
    const rules = (list: readonly Found[]) => Object.freeze(list.map((e, i): EndpointRule => Object.freeze({ chain: endpointChain(name, protocol, `${e.ip}:${e.port}`), ip: e.ip, port: e.port, node: e.node, probability: probability(list.length - i) })))
    const all = usable(found)
    const local = internalLocal || externalLocal ? usable(found.filter((e) => e.node === node)) : all
    const everywhere = rules(all)
    const here = local === all ? everywhere : rules(local)
    const inside = internalLocal ? here : everywhere
    return Object.freeze({
      name, namespace, service: service.metadata.name, protocol, chain: serviceChain('KUBE-SVC-', name, protocol), clusterIP: spec.clusterIP ?? '', port: p.port, nodePort: p.nodePort ?? 0,
      externalIPs: Object.freeze([...(spec.externalIPs ?? [])]), loadBalancerIPs: Object.freeze(loadBalancerIPs),
      endpoints: inside, externalEndpoints: externalLocal ? here : everywhere, internalLocal, externalLocal, hasEndpoints: all.length > 0,
      affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0,
      healthCheckNodePort: externalLocal ? (spec.healthCheckNodePort ?? 0) : 0, sourceRanges: Object.freeze([...(spec.loadBalancerSourceRanges ?? [])]),
      revision, leftOut: found.length - inside.length,
    })
  })
}

function endpointsOf(slices: readonly EndpointSlice[], portName: string, protocol: string): readonly Found[] {
  const found: Found[] = []
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const port = slice.ports?.find((x) => (x.name ?? '') === portName && (x.protocol ?? 'TCP') === protocol)?.port
    if (port === undefined) continue
    for (const e of slice.endpoints ?? []) {
      const ready = e.conditions?.ready !== false
      for (const ip of e.addresses) found.push({ ip, port, node: e.nodeName ?? '', ready, serving: e.conditions?.serving ?? ready, terminating: e.conditions?.terminating === true })
    }
  }
  return found.sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port))
}

/** Ready ones; when there is none, those that still serve while they terminate. Upstream: topology.go CategorizeEndpoints */
function usable(list: readonly Found[]): readonly Found[] {
  const ready = list.filter((e) => e.ready)
  return ready.length > 0 ? ready : list.filter((e) => e.serving && e.terminating)
}
