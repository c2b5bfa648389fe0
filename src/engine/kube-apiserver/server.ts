import { apiserverId, type CancelWatch, type RequestMessage, type ResponseMessage } from '../client-go'
import { EtcdClient, type EtcdAnswer, type EtcdDelivery, type StoreEvent } from '../etcd'
import { MINUTE, MS, type Behaviour, type Ctx, type Disconnected, type Message, type Refused } from '../sim'
import { bootstrap, bootstrapPartDone, policyWritten } from './bootstrap'
import { aggregatedAnswered, aggregationFailed, onBackends } from './aggregation'
import type { Flight } from './flight'
import { onCustomObject, onDefinition } from './custom-resources'
import { created } from './handlers/create'
import { removed } from './handlers/delete'
import { collectionPartDone } from './handlers/delete-collection'
import { evictAnswered } from './handlers/eviction'
import { proxyAnswered, proxyFailed, type KubeletResponse } from './handlers/proxy'
import { readAnswered, releaseWaiting } from './handlers/read'
import { updated } from './handlers/update'
import { rowsOf, sweepWatches } from './handlers/watch'
import { handleRequest } from './pipeline'
import { defaultSettings, type ApiServerSettings } from './settings'
import type { ServerState } from './state'
import { WatchCache } from './watch-cache'
import { Watchers, type Watch } from './watchers'

/** Params of the process `kube-apiserver`: ids of the etcd members, and what its flags say. */
export interface ApiServerParams {
  readonly members: readonly string[]
  readonly settings?: ApiServerSettings | undefined
}

/** Upstream: storagebackend.DefaultCompactInterval */
const compactEvery = 5 * MINUTE

/** The API server. Upstream: cmd/kube-apiserver, pkg/controlplane, apiserver */
export const kubeApiserver: Behaviour<ServerState, ApiServerParams> = {
  kind: 'kube-apiserver',

  start(ctx, params) {
    const state: ServerState = {
      settings: params.settings ?? defaultSettings, etcd: new EtcdClient(params.members), cache: new WatchCache(), watchers: new Watchers(), ready: false, bootstrapping: 0, waiting: [],
      collections: new Map(), internal: [], proxied: new Map(), aggregated: new Map(), pendingServices: [], eventLease: 0, eventLeaseUntil: 0, compactNext: 0, handled: 0,
    }
    list(state, ctx)
    ctx.after(MINUTE, { type: 'apiserver/minute' })
    ctx.after(compactEvery, { type: 'apiserver/compact' })
    return state
  },

  handle(state, message, ctx) {
    dispatch(state, message, ctx)
    // Parts of greater things; one may bring the next to its end.
    while (state.internal.length > 0) {
      const parts = state.internal
      state.internal = []
      for (const { flight, code, body } of parts) {
        if (flight.parent !== 0) collectionPartDone(state, flight, code, body, ctx)
        else bootstrapPartDone(state, flight, code, body, ctx)
      }
    }
  },
}

function dispatch(state: ServerState, message: Message, ctx: Ctx): void {
  switch (message.type) {
    case 'request':
      return onRequest(state, message as RequestMessage, ctx)
    case 'cancel-watch':
      state.watchers.remove((message as CancelWatch).id)
      return
    case 'kubelet/response':
      return proxyAnswered(state, message as KubeletResponse, ctx)
    case 'response':
      return aggregatedAnswered(state, message as ResponseMessage, ctx)
    case 'apiserver/aggregation-timeout':
      return aggregationFailed(state, ctx, undefined)
    case 'apiserver/minute':
      sweepWatches(state, ctx, true)
      ctx.after(MINUTE, message)
      return
    case 'apiserver/expire-watches':
      return sweepWatches(state, ctx, false)
    case 'apiserver/patience':
      return releaseWaiting(state, ctx)
    case 'apiserver/proxy-timeout':
      return proxyFailed(state, ctx, () => false, 'timeout')
    case 'apiserver/compact':
      return compact(state, ctx)
    case 'apiserver/bootstrap':
      return bootstrap(state, ctx)
    case 'apiserver/list':
      return list(state, ctx)
    default:
  }
  const delivery = state.etcd.receive(message, ctx)
  if (delivery) return onEtcd(state, delivery, ctx)
  if (message.type === 'disconnected') return onDisconnected(state, (message as Disconnected).peer, ctx)
  if (message.type === 'refused') {
    const { to, message: sent } = message as Refused
    if (sent.type === 'kubelet/request') proxyFailed(state, ctx, (id) => id === (sent as KubeletResponse).id, 'refused')
    else if (sent.type === 'request') aggregationFailed(state, ctx, to)
    else state.watchers.removeClient(to)
  }
}

function onRequest(state: ServerState, message: RequestMessage, ctx: Ctx): void {
  if (state.ready) return handleRequest(state, message, ctx)
  // Not listening yet: what the network would say.
  ctx.send(message.from, { type: 'refused', to: apiserverId, message } as Refused)
}

function onDisconnected(state: ServerState, peer: string, ctx: Ctx): void {
  state.watchers.removeClient(peer)
  if (state.aggregated.size > 0) aggregationFailed(state, ctx, peer)
  if (peer.startsWith('kubelet@')) proxyFailed(state, ctx, (_id, node) => `kubelet@${node}` === peer, 'lost')
}

/** Fills the cache with everything that etcd holds. */
function list(state: ServerState, ctx: Ctx): void {
  state.etcd.send(ctx, { op: 'range', key: '/registry/', prefix: true }, { type: 'apiserver/listed' })
}

function listed(state: ServerState, answer: EtcdAnswer, ctx: Ctx): void {
  if (answer.error !== undefined) {
    ctx.after(500 * MS, { type: 'apiserver/list' })
    return
  }
  state.cache.load(answer.kvs, answer.revision)
  state.etcd.watch(ctx, answer.revision)
  bootstrap(state, ctx)
}

/** What etcd told: first every change goes to the cache and the watchers, then the requests that waited are answered. */
function onEtcd(state: ServerState, delivery: EtcdDelivery, ctx: Ctx): void {
  if (delivery.events.length > 0) {
    const touched: Watch[] = []
    for (let i = 0; i < delivery.events.length; i++) {
      const { storage, event } = state.cache.apply(delivery.events[i] as StoreEvent, ctx.now)
      state.watchers.deal(storage, event, touched)
      if (storage === 'customresourcedefinitions') onDefinition(state, event, ctx)
      else if (storage === 'endpointslices' || storage === 'apiservices') onBackends(state, storage, event, ctx)
      else if (storage.includes('.')) onCustomObject(state, storage, event, ctx)
    }
    state.watchers.flush(touched, ctx, rowsOf(state))
    releaseWaiting(state, ctx)
  }
  for (let i = 0; i < delivery.answers.length; i++) {
    const { then, answer, cause } = delivery.answers[i] as EtcdDelivery['answers'][number]
    ctx.cause = cause
    settle(state, then, answer, ctx)
  }
  // The watch cannot be resumed: everybody begins anew.
  if (delivery.compacted) restartFromList(state, ctx)
}

function restartFromList(state: ServerState, ctx: Ctx): void {
  state.ready = false
  for (const w of state.watchers.values()) {
    state.watchers.remove(w.id)
    ctx.send(w.client, { type: 'watch-closed', id: w.id } as Message)
  }
  list(state, ctx)
}

function settle(state: ServerState, then: Message, answer: EtcdAnswer, ctx: Ctx): void {
  if (then.type === 'apiserver/listed') return listed(state, answer, ctx)
  if (then.type === 'apiserver/policy') return policyWritten(state, answer, ctx)
  if (then.type === 'apiserver/lease' && answer.error !== undefined) state.eventLeaseUntil = 0
  if (then.type !== 'apiserver/flight') return
  const flight = then as Flight
  flight.cause = ctx.cause
  if (state.pendingServices.length > 0) state.pendingServices = state.pendingServices.filter((o) => o !== flight.object)
  switch (flight.step) {
    case 'create':
      return created(state, flight, answer, ctx)
    case 'update':
    case 'update-fresh':
      return updated(state, flight, answer, ctx)
    case 'delete':
    case 'delete-fresh':
    case 'delete-mark':
      return removed(state, flight, answer, ctx)
    case 'evict-budget':
      return evictAnswered(state, flight, answer, ctx)
    case 'get':
    case 'list':
    case 'page':
      return readAnswered(state, flight, answer, ctx)
    case 'proxy':
  }
}

/** Forgets history older than five minutes. Upstream: storage/etcd3/compact.go */
function compact(state: ServerState, ctx: Ctx): void {
  if (state.compactNext > 0) state.etcd.send(ctx, { op: 'compact', revision: state.compactNext }, { type: 'apiserver/ignore' })
  state.compactNext = state.cache.revision
  ctx.after(compactEvery, { type: 'apiserver/compact' })
}
