import type { KubeObject } from '../apimachinery'
import type { EtcdAnswer } from '../etcd'
import { MINUTE, SECOND, type Ctx, type Micros } from '../sim'
import type { Flight } from './flight'
import { plainFailure, refuse } from './respond'
import { servedByName, storageKey, type Served } from './served'
import type { ServerState } from './state'

const eventTtl = 3600 * SECOND

/** Writes (or, without a value, deletes) a flight's object if its mod revision still is what it was computed from. */
export function commit(state: ServerState, flight: Flight, served: Served, modRevision: number, value: KubeObject | undefined, ctx: Ctx, delay: Micros): void {
  const key = storageKey(served, flight.namespace, flight.name)
  const lease = value !== undefined && served.storage === 'events' ? eventLease(state, ctx) : 0
  flight.etcdAt = ctx.now
  const about = { resource: served.storage, namespace: flight.namespace, name: flight.name }
  const compare = [{ key, modRevision }]
  const writes = []
  // Others that change with it (quotas) come first, as upstream writes them first.
  for (const other of flight.alongside) {
    const otherKey = storageKey(servedByName(other.storage) as Served, flight.namespace, other.object.metadata.name)
    compare.push({ key: otherKey, modRevision: revisionOf(other.object) })
    writes.push({ key: otherKey, value: other.object })
  }
  writes.push(lease ? { key, value, lease } : { key, value })
  if (served.storage === 'services' && value !== undefined) state.pendingServices.push(value)
  state.etcd.send(ctx, { op: 'txn', compare, writes, about }, flight, delay)
}

/** What an answer of etcd says of the flight's own key. */
export function ownValue(flight: Flight, served: Served, answer: EtcdAnswer): KubeObject | undefined {
  const { kvs } = answer
  if (flight.alongside.length === 0) return kvs[0]?.value
  const key = storageKey(served, flight.namespace, flight.name)
  return kvs.find((kv) => kv.key === key)?.value
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
