import { MS, SECOND, type Behaviour, type Ctx, type Message } from '../sim'
import { resourcePath, type CustomResourceDefinition, type Ingress, type Secret } from '../api'
import { deepEqual } from '../apimachinery'
import { Client, EventRecorder, InformerFactory, LeaderElector, referenceTo, type Delta } from '../client-go'
import { routeGateway } from './gateway-match'
import { statusWrites } from './gateway-status'
import { gatewayGroup, type HTTPRoute } from './gateway-types'
import { routeIngress } from './ingress-routes'
import type { RequestLine, Route } from './routes'
import { clientPort, gatewayGraph, gatewayPath, gatewayResources, ingressControllerName, isOurs, isReady, ownIngresses, publishedAddresses, upstreams, watched, type IngressParams, type IngressState } from './state'

interface StatusTick extends Message {
  readonly type: 'ingress/status'
}

interface GatewayTick extends Message {
  readonly type: 'ingress/gateways'
}

interface Wrote extends Message {
  readonly type: 'ingress/wrote'
}

/** Status is written this often. Upstream: ingress-nginx --status-update-interval is 60 s; the first comes with leadership */
const statusEvery = 5 * SECOND

/** Changes that come together are looked at together. Units: µs. */
const batch = 100 * MS

/** An nginx-like ingress controller. Upstream: kubernetes/ingress-nginx, internal/ingress/controller, internal/ingress/status; nginx/nginx-gateway-fabric */
export const ingressController: Behaviour<IngressState, IngressParams> = {
  kind: 'ingress-controller',
  start(ctx, params) {
    const client = new Client(`system:serviceaccount:${params.namespace}:ingress-nginx`, 'nginx-ingress-controller', { qps: 0, burst: 0 })
    const state: IngressState = {
      params, client, informers: new InformerFactory(client), recorder: new EventRecorder(client, 'nginx-ingress-controller'), elector: new LeaderElector(client, 'ingress-nginx-leader', params.pod),
      told: new Set(), gatewayApi: new Set(), waiting: false,
    }
    for (const resource of watched) state.informers.add({ resource, indexes: resource === 'endpointslices' ? ['service'] : [] })
    state.informers.start(ctx)
    state.elector.start(ctx)
    const first: StatusTick = { type: 'ingress/status' }
    ctx.after(2 * SECOND, first)
    return state
  },
  handle(state, message, ctx) {
    if (message.type === 'ingress/status') {
      const again: StatusTick = { type: 'ingress/status' }
      ctx.after(statusEvery, again)
      writeIngresses(state, ctx)
      return writeGateways(state, ctx)
    }
    if (message.type === 'ingress/gateways') {
      state.waiting = false
      return writeGateways(state, ctx)
    }
    if (state.elector.receive(message, ctx) !== undefined) return
    state.informers.handle(message, ctx, (delta) => note(state, delta, ctx), (reply) => {
      if (state.elector.receive(reply, ctx) === undefined) state.recorder.reply(reply, ctx)
    })
  },
}

function note(state: IngressState, delta: Delta, ctx: Ctx): void {
  const { object, resource, type } = delta
  if (resource === 'customresourcedefinitions') return watchGateways(state, delta, ctx)
  if (resource === 'ingresses' && type !== 'deleted' && isOurs(state, object as Ingress) && !state.told.has(object.metadata.uid as string)) {
    state.told.add(object.metadata.uid as string)
    if (state.told.size > 2_000) state.told.delete(state.told.values().next().value as string)
    state.recorder.event(ctx, referenceTo(object), 'Normal', 'Sync', 'Scheduled for sync')
  }
  if (state.waiting || state.gatewayApi.size === 0 || !relevant.has(resource)) return
  state.waiting = true
  const soon: GatewayTick = { type: 'ingress/gateways' }
  ctx.after(batch, soon)
}

/** What statuses of Gateway API follow from. */
const relevant: ReadonlySet<string> = new Set([...gatewayResources, 'services', 'secrets', 'namespaces'])

/** Gateway API is watched as soon as its definitions are there. */
function watchGateways(state: IngressState, { object, type }: Delta, ctx: Ctx): void {
  const { spec, status } = object as CustomResourceDefinition
  const resource = spec.names.plural
  if (spec.group !== gatewayGroup || !gatewayResources.includes(resource)) return
  const served = type !== 'deleted' && status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True') === true
  if (served === state.gatewayApi.has(resource)) return
  if (served) {
    state.gatewayApi.add(resource)
    state.informers.watchAlso(ctx, { resource, path: gatewayPath(resource) })
  } else {
    state.gatewayApi.delete(resource)
    state.informers.forget(ctx, resource, () => undefined)
  }
}

/** The leader writes the published Service's address into every Ingress of its. */
function writeIngresses(state: IngressState, ctx: Ctx): void {
  if (!state.elector.leading || !isReady(state) || state.params.publishService === undefined) return
  const addresses = publishedAddresses(state).map((ip) => ({ ip }))
  for (const ingress of ownIngresses(state)) {
    const now = ingress.status?.loadBalancer?.ingress ?? []
    if (deepEqual(now.map((i) => ({ ip: i.ip })), addresses)) continue
    const then: Wrote = { type: 'ingress/wrote' }
    const { namespace, name } = ingress.metadata
    state.client.send(ctx, { verb: 'update', path: `${resourcePath('ingresses', namespace, name)}/status`, body: { ...ingress, status: { loadBalancer: { ingress: addresses } } } }, then)
  }
}

/** The leader writes what it makes of Gateways and routes into their statuses. A refused write is made again with the next look. */
function writeGateways(state: IngressState, ctx: Ctx): void {
  if (!state.elector.leading || !isReady(state)) return
  const graph = gatewayGraph(state)
  if (graph === undefined) return
  const writes = statusWrites(graph, state.informers.cache<HTTPRoute>('httproutes').list(), ingressControllerName, publishedAddresses(state), ctx.wallTime())
  for (const { resource, object } of writes) {
    const then: Wrote = { type: 'ingress/wrote' }
    const { namespace, name } = object.metadata
    state.client.send(ctx, { verb: 'update', path: `${gatewayPath(resource, namespace, name)}/status`, body: object }, then)
  }
}

/** What nginx does with a request: a Gateway's listener that is for it decides, else the Ingresses. */
export function routeRequest(state: IngressState, request: RequestLine): Route {
  const { informers } = state
  if (!isReady(state)) return { kind: 'status', status: 503, text: 'the controller has not read its configuration yet', certificate: '' }
  const graph = gatewayGraph(state)
  const byGateway = graph && routeGateway(graph, request, clientPort(state, request.port), (service, port) => upstreams(state, service, port))
  if (byGateway !== undefined && !(byGateway.kind === 'status' && byGateway.status === 404)) return byGateway
  const secret = (namespace: string, name: string): Secret | undefined => informers.cache<Secret>('secrets').get(namespace, name)
  const byIngress = routeIngress({ ingresses: ownIngresses(state), secret, endpoints: (service, port) => upstreams(state, service, port) }, request)
  return byGateway !== undefined && byIngress.kind === 'status' && byIngress.status === 404 ? byGateway : byIngress
}
