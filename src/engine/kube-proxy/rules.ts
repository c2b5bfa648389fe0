import type { EndpointSlice, Service } from '../api'
import { endpointChain, probability, serviceChain } from './chains'
import { clusterIPOf, ofFamily } from './families'
import { categorizeEndpoints, type KnownEndpoint } from './topology'

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
  /** Endpoints that traffic to the cluster IP may go to; empty: it is rejected, or dropped with `internalLocal`. */
  readonly endpoints: readonly EndpointRule[]
  /** Endpoints for traffic from outside: with externalTrafficPolicy Local only those on this node. */
  readonly externalEndpoints: readonly EndpointRule[]
  /** Endpoints by the cluster's policy: for pods that ask an external address, whatever the policies. */
  readonly clusterEndpoints: readonly EndpointRule[]
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  /** Whether the service has a usable endpoint anywhere. */
  readonly hasEndpoints: boolean
  /** Ready endpoints on this node: what a load balancer's health check counts. */
  readonly localReady: number
  /** Seconds of ClientIP affinity; 0: none. */
  readonly affinitySeconds: number
  /** 0: none. */
  readonly healthCheckNodePort: number
  /** Who may use the load balancer's address; empty: everyone. */
  readonly sourceRanges: readonly string[]
  /** Newest resourceVersion of the EndpointSlices that the endpoints were read from; 0: there was none. */
  readonly revision: number
  /** Endpoints that were left out: not ready, or terminating while others are ready, or nearer ones are preferred. */
  readonly leftOut: number
}

/** Whether a proxy has nothing to do for a service. Upstream: pkg/proxy/util/utils.go ShouldSkipService */
export function shouldSkipService(service: Service): boolean {
  const ip = service.spec?.clusterIP ?? ''
  return ip === '' || ip === 'None' || service.spec?.type === 'ExternalName'
}

/** Rules of all ports of one service on a node in a zone. Upstream: pkg/proxy/serviceport.go, endpointslicecache.go, iptables/proxier.go syncProxyRules */
export function serviceRules(service: Service, slices: readonly EndpointSlice[], node: string, zone = ''): readonly ServicePortRules[] {
  const { spec } = service
  if (spec === undefined || shouldSkipService(service)) return []
  const namespace = service.metadata.namespace ?? ''
  const clusterIP = clusterIPOf(service, 'IPv4')
  if (clusterIP === '') return []
  const internalLocal = spec.internalTrafficPolicy === 'Local'
  const externalLocal = spec.externalTrafficPolicy === 'Local' && (spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs?.length ?? 0) > 0)
  let revision = 0
  for (const s of slices) revision = Math.max(revision, Number(s.metadata.resourceVersion ?? 0))
  const externalIPs = Object.freeze(ofFamily(spec.externalIPs, 'IPv4'))
  const loadBalancerIPs = Object.freeze(ofFamily((service.status?.loadBalancer?.ingress ?? []).flatMap((i) => (i.ip && i.ipMode !== 'Proxy' ? [i.ip] : [])), 'IPv4'))
  return (spec.ports ?? []).map((p): ServicePortRules => {
    const protocol = (p.protocol ?? 'TCP').toLowerCase()
    const name = `${namespace}/${service.metadata.name}${p.name ? `:${p.name}` : ''}`
    const known = endpointsOf(slices, p.name ?? '', p.protocol ?? 'TCP', node)
    const isExternal = (p.nodePort ?? 0) > 0 || externalIPs.length + loadBalancerIPs.length > 0
    const { cluster = [], local = [], hasAny } = categorizeEndpoints(known, { internalLocal, externalLocal, isExternal }, node, zone)
    const rules = (list: readonly KnownEndpoint[]) => Object.freeze(list.map((e, i): EndpointRule => Object.freeze({ chain: endpointChain(name, protocol, `${e.ip}:${e.port}`), ip: e.ip, port: e.port, node: e.node, probability: probability(list.length - i) })))
    const everywhere = rules(cluster)
    const here = internalLocal || externalLocal ? rules(local) : everywhere
    const inside = internalLocal ? here : everywhere
    return Object.freeze({
      name, namespace, service: service.metadata.name, protocol, chain: serviceChain('KUBE-SVC-', name, protocol), clusterIP, port: p.port, nodePort: p.nodePort ?? 0,
      externalIPs, loadBalancerIPs, endpoints: inside, externalEndpoints: externalLocal ? here : everywhere, clusterEndpoints: everywhere, internalLocal, externalLocal, hasEndpoints: hasAny,
      localReady: known.reduce((n, e) => n + (e.isLocal && e.ready ? 1 : 0), 0),
      affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : 0,
      healthCheckNodePort: spec.type === 'LoadBalancer' && externalLocal ? (spec.healthCheckNodePort ?? 0) : 0, sourceRanges: Object.freeze(ofFamily(spec.loadBalancerSourceRanges, 'IPv4')),
      revision, leftOut: known.length - inside.length,
    })
  })
}

/** The endpoints of a port, each once though two slices may have it. Upstream: pkg/proxy/endpointslicecache.go */
function endpointsOf(slices: readonly EndpointSlice[], portName: string, protocol: string, node: string): readonly KnownEndpoint[] {
  const found = new Map<string, KnownEndpoint>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const port = slice.ports?.find((x) => (x.name ?? '') === portName && (x.protocol ?? 'TCP') === protocol)?.port
    if (port === undefined) continue
    for (const e of slice.endpoints ?? []) {
      const [ip] = e.addresses
      if (ip === undefined) continue
      const isLocal = e.nodeName === node
      const key = `${ip}:${port}`
      if (found.has(key) && !isLocal) continue
      const { ready, serving, terminating } = e.conditions ?? {}
      found.set(key, {
        ip, port, node: e.nodeName ?? '', isLocal, ready: ready !== false, serving: serving !== false, terminating: terminating === true,
        zoneHints: namesOf(e.hints?.forZones), nodeHints: namesOf(e.hints?.forNodes),
      })
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, e]) => e)
}

const none: readonly string[] = Object.freeze([])
const namesOf = (list: readonly { readonly name: string }[] | null | undefined): readonly string[] => (list == null || list.length === 0 ? none : list.map((x) => x.name))
