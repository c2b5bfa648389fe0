import type { KubeObject } from '../apimachinery'
import type { EtcdClient } from '../etcd'
import type { Micros } from '../sim'
import type { Flight } from './flight'
import type { ApiServerSettings } from './settings'
import type { WatchCache } from './watch-cache'
import type { Watchers } from './watchers'

/** A deletecollection under way. */
export interface Collection {
  readonly flight: Flight
  remaining: number
  failure: { readonly code: number; readonly body: KubeObject } | undefined
}

/** All that a running kube-apiserver remembers. It holds no truth: everything is in etcd. */
export interface ServerState {
  /** Of the command line. */
  readonly settings: ApiServerSettings
  readonly etcd: EtcdClient
  readonly cache: WatchCache
  readonly watchers: Watchers
  /** True once the cache is filled and the first objects exist; requests before that are refused. */
  ready: boolean
  /** Objects of the bootstrap that still have to be written. */
  bootstrapping: number
  /** Flights that wait for the cache to reach a revision. */
  waiting: { readonly revision: number; readonly flight: Flight; readonly until: Micros }[]
  readonly collections: Map<number, Collection>
  /** Answers to requests of the server itself (first objects, parts of a collection); emptied at the end of each handler. */
  internal: { readonly flight: Flight; readonly code: number; readonly body: KubeObject }[]
  /** Requests proxied to kubelets, by id. */
  readonly proxied: Map<number, { readonly flight: Flight; readonly node: string; readonly until: Micros }>
  /** Requests handed to other API servers, by id. */
  readonly aggregated: Map<number, { readonly flight: Flight; readonly backend: string; readonly until: Micros }>
  /** Services that are on their way to etcd: their addresses and ports are taken. */
  pendingServices: KubeObject[]
  /** Lease that new Events live by; a new one is granted each minute. */
  eventLease: number
  eventLeaseUntil: Micros
  /** Revision that the next compaction may forget. */
  compactNext: number
  /** Requests answered, for the page. */
  handled: number
}
