import type { KubeObject } from '../apimachinery'
import { MINUTE, SECOND, type Ctx, type Micros } from '../sim'
import type { Flight } from './flight'
import { plainFailure, refuse } from './respond'
import { storageKey, type Served } from './served'
import type { ServerState } from './state'

const eventTtl = 3600 * SECOND

/** Writes (or, without a value, deletes) a flight's object if its mod revision still is what it was computed from. */
export function commit(state: ServerState, flight: Flight, served: Served, modRevision: number, value: KubeObject | undefined, ctx: Ctx, delay: Micros): void {
  const key = storageKey(served, flight.namespace, flight.name)
  const lease = value !== undefined && served.storage === 'events' ? eventLease(state, ctx) : 0
  flight.etcdAt = ctx.now
  const about = { resource: served.storage, namespace: flight.namespace, name: flight.name }
  const writes = [lease ? { key, value, lease } : { key, value }]
  state.etcd.send(ctx, { op: 'txn', compare: [{ key, modRevision }], writes, about }, flight, delay)
}

/** Events live by a lease that those of the same minute share; it is asked for at once, so that it is there before they are. Upstream: apiserver/pkg/storage/etcd3/lease_manager.go */
function eventLease(state: ServerState, ctx: Ctx): number {
  if (ctx.now >= state.eventLeaseUntil) {
    state.eventLease = ctx.unique()
    state.eventLeaseUntil = ctx.now + MINUTE
    state.etcd.send(ctx, { op: 'lease-grant', lease: state.eventLease, ttl: eventTtl + MINUTE }, { type: 'apiserver/lease' })
  }
  return state.eventLease
}

/** Reads a flight's object from etcd itself. */
export function readFresh(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  flight.etcdAt ||= ctx.now
  state.etcd.send(ctx, { op: 'range', key: storageKey(served, flight.namespace, flight.name) }, flight)
}

/** Answers what became of a request that etcd refused. */
export function storageFailed(state: ServerState, flight: Flight, error: string, ctx: Ctx): void {
  refuse(state, flight, ctx, plainFailure(error), 'etcd')
}

/** Revision of a stored object. */
export function revisionOf(o: KubeObject): number {
  return Number(o.metadata.resourceVersion ?? 0)
}
