import type { APIService, EndpointSlice } from '../api'
import { genericServerResponse, type KubeObject } from '../apimachinery'
import { parsePath, type RequestMessage, type ResponseMessage } from '../client-go'
import { SECOND, type Ctx } from '../sim'
import type { Flight } from './flight'
import { readStages, refuse, respond, workTime } from './respond'
import { servedByName, storageKey, type Served } from './served'
import type { ServerState } from './state'
import { revisionOf } from './storage'
import type { CacheEvent } from './watch-cache'

const patience = 60 * SECOND
const services = 'apiservices'

/** The APIService that a path belongs to. Upstream: kube-aggregator pkg/apiserver/apiserver.go AddAPIService */
function apiServiceOf(state: ServerState, path: string): APIService | undefined {
  if (!path.startsWith('/apis/') || state.cache.of(services).size === 0) return undefined
  const { group, version } = parsePath(path)
  return state.cache.get(services, '', `${version}.${group}`) as APIService | undefined
}

/** Process of a ready backend. An aggregated server is a process called after its service and its pod. Upstream: pkg/apiserver/handler_proxy.go, proxy.ResolveEndpoint */
function backendOf(state: ServerState, service: APIService): string | undefined {
  const { namespace = '', name = '' } = service.spec.service ?? {}
  for (const o of state.cache.of('endpointslices').values(namespace)) {
    if (o.metadata.labels?.['kubernetes.io/service-name'] !== name) continue
    for (const e of (o as EndpointSlice).endpoints ?? []) if (e.conditions?.ready !== false && e.targetRef?.kind === 'Pod') return `${name}@${e.targetRef.name}`
  }
  return undefined
}

/** Hands a request to the server that an APIService names. False when the path is nobody's. */
export function aggregate(state: ServerState, flight: Flight, ctx: Ctx): boolean {
  const service = apiServiceOf(state, flight.request.path)
  if (service?.spec.service === undefined) return false
  const backend = backendOf(state, service)
  if (backend === undefined) {
    unavailable(state, flight, ctx)
    return true
  }
  const id = ctx.unique()
  flight.step = 'proxy'
  state.aggregated.set(id, { flight, backend, until: ctx.now + patience })
  const message: RequestMessage = { type: 'request', id, from: ctx.self, request: flight.request }
  ctx.send(backend, message, workTime(readStages, ctx))
  ctx.after(patience, { type: 'apiserver/aggregation-timeout' })
  return true
}

function unavailable(state: ServerState, flight: Flight, ctx: Ctx): void {
  refuse(state, flight, ctx, genericServerResponse(503, flight.request.verb, { group: '', resource: '' }, '', 'service unavailable'), 'registry', workTime(readStages, ctx))
}

/** The other server has answered. */
export function aggregatedAnswered(state: ServerState, message: ResponseMessage, ctx: Ctx): void {
  const waiting = state.aggregated.get(message.id)
  if (waiting === undefined) return
  state.aggregated.delete(message.id)
  respond(state, waiting.flight, ctx, message.response.code, message.response.body)
}

/** The other server is gone, or silent. */
export function aggregationFailed(state: ServerState, ctx: Ctx, gone: string | undefined): void {
  for (const [id, w] of state.aggregated) {
    if (gone === undefined ? w.until > ctx.now : w.backend !== gone) continue
    state.aggregated.delete(id)
    unavailable(state, w.flight, ctx)
  }
}

/** Groups that other servers serve, for discovery. */
export function aggregatedGroups(state: { readonly cache: ServerState['cache'] }): { group: string; version: string }[] {
  return state.cache.of(services).sorted().flatMap((o) => {
    const { service, group = '', version = '' } = (o as APIService).spec
    return service === undefined ? [] : [{ group, version }]
  })
}

/** Tells by the condition Available whether an APIService has somebody to answer. Upstream: kube-aggregator pkg/controllers/status/remote/remote_available_controller.go */
export function onBackends(state: ServerState, storage: string, event: CacheEvent, ctx: Ctx): void {
  const all = state.cache.of(services)
  if (all.size === 0) return
  for (const o of all.values()) {
    const s = o as APIService
    const { service } = s.spec
    if (service === undefined || s.metadata.deletionTimestamp !== undefined) continue
    if (storage === services ? event.object.metadata.name !== s.metadata.name : event.object.metadata.labels?.['kubernetes.io/service-name'] !== service.name || event.object.metadata.namespace !== service.namespace) continue
    const up = backendOf(state, s) !== undefined
    const old = s.status?.conditions?.find((c) => c.type === 'Available')
    const reason = up ? 'Passed' : 'MissingEndpoints'
    if (old?.reason === reason) continue
    const message = up ? 'all checks passed' : `endpoints for service/${service.name} in "${service.namespace}" have no addresses with port name "https"`
    const lastTransitionTime = old?.status === (up ? 'True' : 'False') ? old.lastTransitionTime : ctx.wallTime()
    const value = { ...s, status: { conditions: [{ lastTransitionTime, message, reason, status: up ? 'True' : 'False', type: 'Available' }] } } as KubeObject
    const key = storageKey(servedByName(services) as Served, '', s.metadata.name)
    state.etcd.send(ctx, { op: 'txn', compare: [{ key, modRevision: revisionOf(s as KubeObject) }], writes: [{ key, value }], about: { resource: services, namespace: '', name: s.metadata.name } }, { type: 'apiserver/ignore' })
  }
}
