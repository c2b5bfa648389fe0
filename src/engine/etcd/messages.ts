import type { KubeObject } from '../apimachinery'
import type { Message, Micros, TraceObject } from '../sim'
import type { KeyValue, StoreEvent } from './store'

/** Holds when the key's mod revision is this; 0: the key must not exist. Upstream: etcdserverpb.Compare (MOD, EQUAL) */
export interface Compare {
  readonly key: string
  readonly modRevision: number
}

/** One write of a transaction. Without a value it deletes the key. */
export interface Write {
  readonly key: string
  readonly value?: KubeObject | undefined
  /** Lease that the key lives by; 0 or none: for ever. */
  readonly lease?: number | undefined
}

/** If all compares hold, all writes are made at one new revision; else the answer carries what the compared keys hold now. */
export interface Txn {
  readonly op: 'txn'
  readonly compare: readonly Compare[]
  readonly writes: readonly Write[]
  /** What the trace says about it. */
  readonly about?: TraceObject | undefined
}

/** Linearizable read of a key, or of all keys with a prefix, in key order. */
export interface Range {
  readonly op: 'range'
  readonly key: string
  readonly prefix?: boolean | undefined
  /** Read as of this revision; now when left out. */
  readonly revision?: number | undefined
  /** At most this many; 0 or none: all. */
  readonly limit?: number | undefined
  /** With a prefix: only keys > this. */
  readonly after?: string | undefined
}

/** Everything a client may ask. `revision` is a linearizable read of nothing but the store's revision. Leases: TTL in µs. */
export type EtcdOp =
  | Txn
  | Range
  | { readonly op: 'revision' }
  | { readonly op: 'watch'; readonly revision: number }
  | { readonly op: 'compact'; readonly revision: number }
  | { readonly op: 'lease-grant'; readonly lease: number; readonly ttl: Micros }

/** client → member */
export interface EtcdRequest extends Message {
  readonly type: 'etcd/request'
  readonly id: number
  readonly from: string
  readonly op: EtcdOp
}

/** Answer to one request. `error` is etcd's own text; `notLeader` sends the client to another member. */
export interface EtcdAnswer {
  readonly id: number
  /** Revision of the store when it was answered; of the write itself for a transaction that succeeded. */
  readonly revision: number
  readonly succeeded: boolean
  /** What a range found, what a transaction wrote (a deletion: the last value), or what the compared keys of a failed one hold. */
  readonly kvs: readonly KeyValue[]
  /** Keys that a limit cut off. */
  readonly remaining: number
  /** Trace record of the commit, 0 when there is none. */
  readonly cause: number
  readonly error?: string | undefined
  /** Set by a member that does not lead: the member that does, or '' when it knows none. */
  readonly notLeader?: string | undefined
}

/** member → client: answers, and what happened on a watch, in order of revision. One message for a whole group commit. */
export interface EtcdResponse extends Message {
  readonly type: 'etcd/response'
  readonly member: string
  readonly answers: readonly EtcdAnswer[]
  readonly events: readonly StoreEvent[]
}

/** Texts of the errors that clients see. Upstream: etcd api/v3/v3rpc/rpctypes/error.go */
export const etcdErrors = {
  timeout: 'etcdserver: request timed out',
  leaderChanged: 'etcdserver: leader changed',
  compacted: 'etcdserver: mvcc: required revision has been compacted',
  futureRevision: 'etcdserver: mvcc: required revision is a future revision',
  noLease: 'etcdserver: requested lease not found',
  refused: 'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:2379: connect: connection refused"',
  lost: 'rpc error: code = Unavailable desc = error reading from server: EOF',
} as const
