import type { EndpointSlice, Ingress, Namespace, Secret, Service } from '../api'
import type { Client, EventRecorder, InformerFactory, LeaderElector } from '../client-go'
import type { KubeObject } from '../apimachinery'
import { buildGraph, type GatewayGraph } from './gateway-graph'
import { gatewayGroup, type Gateway, type GatewayClass, type HTTPRoute, type ReferenceGrant } from './gateway-types'
import { ingressKey } from './ingress-routes'
import type { Backend } from './routes'

/** Parameters of `ingress-controller@<pod>`. */
export interface IngressParams {
  readonly node: string
  readonly namespace: string
  readonly pod: string
  readonly ip: string
  /** `namespace/name` of the Service whose address the Ingresses get. */
  readonly publishService?: string | undefined
  readonly ingressClass?: string | undefined
}

/** State of an ingress controller: its caches; routes are read from them, as nginx's configuration would be made from them. */
export interface IngressState {
  readonly params: IngressParams
  readonly client: Client
  readonly informers: InformerFactory
  readonly recorder: EventRecorder
  readonly elector: LeaderElector
  /** Ingresses that were told of by a Sync event, by uid. */
  readonly told: Set<string>
  /** Resources of Gateway API that are served, and watched. */
  readonly gatewayApi: Set<string>
  /** Statuses are looked at in a moment. */
  waiting: boolean
}

/** Name of the controller, as IngressClasses and GatewayClasses bear it. */
export const ingressControllerName = 'k8s.io/ingress-nginx'

/** What is watched from the beginning. The definitions tell when there is a Gateway API. */
export const watched = ['ingresses', 'ingressclasses', 'services', 'secrets', 'endpointslices', 'namespaces', 'customresourcedefinitions']

/** Whether the caches are there that nothing goes without. A role that knows nothing of Gateway API does not hold up the Ingresses. */
export function isReady(state: IngressState): boolean {
  for (let i = 0; i < 5; i++) if (!state.informers.hasSynced(watched[i] as string)) return false
  return true
}

/** What is watched of Gateway API. */
export const gatewayResources = ['gatewayclasses', 'gateways', 'httproutes', 'referencegrants']

/** Whether an Ingress is this controller's. Upstream: ingress-nginx, internal/ingress/controller/ingressclass */
export function isOurs(state: IngressState, ingress: Ingress): boolean {
  const name = ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.['kubernetes.io/ingress.class']
  if (name === undefined) return false
  if (name === (state.params.ingressClass ?? 'nginx') && ingress.spec?.ingressClassName === undefined) return true
  return state.informers.cache<{ readonly spec?: { readonly controller?: string } } & Ingress>('ingressclasses').byKey(name)?.spec?.controller === ingressControllerName
}

/** The controller's Ingresses, by name. */
export function ownIngresses(state: IngressState): readonly Ingress[] {
  return [...state.informers.cache<Ingress>('ingresses').list()].filter((i) => isOurs(state, i)).sort((a, b) => (ingressKey(a) < ingressKey(b) ? -1 : 1))
}

/** The Service by which the controller is reached from outside. */
export function publishedService(state: IngressState): Service | undefined {
  return state.params.publishService === undefined ? undefined : state.informers.cache<Service>('services').byKey(state.params.publishService)
}

/** Where clients reach the controller: the published Service's addresses; without one, its pod's. */
export function publishedAddresses(state: IngressState): readonly string[] {
  if (state.params.publishService === undefined) return state.params.ip === '' ? [] : [state.params.ip]
  return (publishedService(state)?.status?.loadBalancer?.ingress ?? []).flatMap((i) => (i.ip ? [i.ip] : []))
}

/** The port that clients came to when a connection comes in at a port of the container. */
export function clientPort(state: IngressState, containerPort: number): number {
  const service = publishedService(state)
  for (const slice of state.informers.cache<EndpointSlice>('endpointslices').by('service', state.params.publishService ?? '')) {
    const name = slice.ports?.find((p) => p.port === containerPort)?.name
    const port = service?.spec?.ports?.find((p) => (p.name ?? '') === (name ?? ''))?.port
    if (port !== undefined) return port
  }
  return containerPort
}

/** The ready endpoints of a service port: nginx balances between them itself. */
export function upstreams(state: IngressState, service: string, port: number | string): Backend['endpoints'] {
  const wanted = state.informers.cache<Service>('services').byKey(service)?.spec?.ports?.find((p) => (typeof port === 'number' ? p.port === port : p.name === port))
  if (wanted === undefined) return []
  const out: { ip: string; port: number }[] = []
  for (const slice of state.informers.cache<EndpointSlice>('endpointslices').by('service', service)) {
    const at = slice.ports?.find((p) => (p.name ?? '') === (wanted.name ?? ''))?.port
    for (const e of slice.endpoints ?? []) if (at !== undefined && e.conditions?.ready !== false) for (const ip of e.addresses) out.push({ ip, port: at })
  }
  return out.sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port))
}

// What follows from caches at a revision: a memo, not state.
const graphs = new WeakMap<IngressState, { readonly key: string; readonly graph: GatewayGraph }>()

/** What the controller makes of Gateway API's objects now; undefined: there is no Gateway API. */
export function gatewayGraph(state: IngressState): GatewayGraph | undefined {
  const { informers, gatewayApi, params } = state
  if (gatewayApi.size < gatewayResources.length || !gatewayResources.every((r) => informers.hasSynced(r))) return undefined
  const key = [...gatewayResources, 'services', 'secrets', 'namespaces'].map((r) => informers.revision(r)).join()
  const known = graphs.get(state)
  if (known?.key === key) return known.graph
  const list = <T extends KubeObject>(resource: string): Iterable<T> => informers.cache<T>(resource).list()
  const published = publishedService(state)
  const graph = buildGraph({
    controllerName: ingressControllerName, classes: list<GatewayClass>('gatewayclasses'), gateways: list<Gateway>('gateways'), routes: list<HTTPRoute>('httproutes'), grants: list<ReferenceGrant>('referencegrants'),
    namespace: (name) => informers.cache<Namespace>('namespaces').byKey(name), service: (namespace, name) => informers.cache<Service>('services').get(namespace, name), secret: (namespace, name) => informers.cache<Secret>('secrets').get(namespace, name),
    ports: params.publishService === undefined ? undefined : new Set((published?.spec?.ports ?? []).map((p) => p.port)), published: params.publishService ?? '',
  })
  graphs.set(state, { key, graph })
  return graph
}

/** Path of a collection of Gateway API, of all namespaces. */
export function gatewayPath(resource: string, namespace?: string, name?: string): string {
  return `/apis/${gatewayGroup}/v1/${namespace === undefined ? '' : `namespaces/${namespace}/`}${resource}${name === undefined ? '' : `/${name}`}`
}
