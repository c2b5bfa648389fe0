import type { KubeObject } from '../apimachinery'
import type { Micros } from '../sim'
import { etcdErrors, type Compare, type EtcdAnswer, type Range, type Txn, type Write } from './messages'

/** What a key holds. Immutable. */
export interface KeyValue {
  readonly key: string
  readonly value: KubeObject
  readonly createRevision: number
  readonly modRevision: number
  /** Counts writes since the key was created. */
  readonly version: number
  readonly lease: number
}

/** One key changed at one revision. For a delete, `kv` is the last value, stamped with the revision of the deletion. Immutable. */
export interface StoreEvent {
  readonly type: 'put' | 'delete'
  readonly kv: KeyValue
  readonly previous: KeyValue | undefined
  /** Trace record of the commit; 0 when it was made before this member led. */
  readonly cause: number
}

/** When a lease ends. */
export interface Expiry {
  readonly lease: number
  readonly expires: Micros
}

interface LeaseState {
  expires: Micros
  readonly keys: Set<string>
}

/** Events kept at most; a store that is never compacted forgets the older half then. */
const mostHistory = 400_000

/**
 * The multi-version store of one member: the present value of each key, and the changes since the last compaction, from which older
 * revisions are found again. Upstream: etcd server/storage/mvcc (kvstore.go, watchable_store.go), server/lease
 */
export class Store {
  /** A fresh etcd stands at 1. */
  revision = 1
  compacted = 0
  private readonly kvs = new Map<string, KeyValue>()
  private history: StoreEvent[] = []
  private readonly leases = new Map<number, LeaseState>()
  /** The lease that ends first, if any. */
  private soonest: Expiry | undefined

  get size(): number {
    return this.kvs.size
  }

  get(key: string): KeyValue | undefined {
    return this.kvs.get(key)
  }

  values(): IterableIterator<KeyValue> {
    return this.kvs.values()
  }

  /** Applies a transaction; the events it made are added to `made`. `id` and `cause` are for the answer. */
  txn(txn: Txn, id: number, cause: number, made: StoreEvent[]): EtcdAnswer {
    return this.refusal(txn, id) ?? this.commit(txn, id, cause, made)
  }

  /** The answer to a transaction whose compares do not hold, or that names a lease which is gone. */
  refusal({ compare, writes }: Txn, id: number): EtcdAnswer | undefined {
    for (let i = 0; i < compare.length; i++) {
      const { key, modRevision } = compare[i] as Compare
      if ((this.kvs.get(key)?.modRevision ?? 0) === modRevision) continue
      return answer(id, this.revision, compare.flatMap((c) => this.kvs.get(c.key) ?? []), false)
    }
    for (let i = 0; i < writes.length; i++) {
      const { lease } = writes[i] as Write
      if (lease && !this.leases.has(lease)) return failed(id, this.revision, etcdErrors.noLease)
    }
    return undefined
  }

  /** Makes the writes of a transaction that is not refused. */
  commit({ writes }: Txn, id: number, cause: number, made: StoreEvent[]): EtcdAnswer {
    const revision = this.revision + 1
    const kvs: KeyValue[] = []
    for (let i = 0; i < writes.length; i++) {
      const kv = this.write(writes[i] as Write, revision, cause, made)
      if (kv) kvs.push(kv)
    }
    if (kvs.length > 0) this.revision = revision
    return answer(id, this.revision, kvs, true, cause)
  }

  private write(w: Write, revision: number, cause: number, made: StoreEvent[]): KeyValue | undefined {
    const previous = this.kvs.get(w.key)
    if (previous?.lease) this.leases.get(previous.lease)?.keys.delete(w.key)
    const deleted = w.value === undefined
    if (deleted && previous === undefined) return undefined
    const kv: KeyValue = Object.freeze({
      key: w.key,
      value: stamp((w.value ?? previous?.value) as KubeObject, revision),
      createRevision: previous?.createRevision ?? revision,
      modRevision: revision,
      version: deleted ? 0 : (previous?.version ?? 0) + 1,
      lease: w.lease ?? 0,
    })
    if (deleted) this.kvs.delete(w.key)
    else {
      this.kvs.set(w.key, kv)
      if (kv.lease) this.leases.get(kv.lease)?.keys.add(w.key)
    }
    const event: StoreEvent = Object.freeze({ type: deleted ? 'delete' : 'put', kv, previous, cause })
    this.history.push(event)
    made.push(event)
    if (this.history.length > mostHistory) this.compact((this.history[this.history.length >> 1] as StoreEvent).kv.modRevision)
    return kv
  }

  /** Reads a key or a prefix, at a revision. */
  range(range: Range, id: number): EtcdAnswer {
    const at = range.revision ?? 0
    if (at > this.revision) return failed(id, this.revision, etcdErrors.futureRevision)
    if (at > 0 && at < this.compacted) return failed(id, this.revision, etcdErrors.compacted)
    const past = at > 0 && at < this.revision ? this.changedAfter(at) : undefined
    if (!range.prefix) {
      const kv = past?.has(range.key) ? past.get(range.key) : this.kvs.get(range.key)
      return answer(id, this.revision, kv ? [kv] : none)
    }
    const after = range.after ?? ''
    let found: KeyValue[] = []
    for (const [key, kv] of this.kvs) if (key.startsWith(range.key) && key > after && !past?.has(key)) found.push(kv)
    if (past) for (const [key, kv] of past) if (kv && key.startsWith(range.key) && key > after) found.push(kv)
    found.sort((a, b) => (a.key < b.key ? -1 : 1))
    const limit = range.limit ?? 0
    const remaining = limit > 0 ? Math.max(0, found.length - limit) : 0
    if (remaining > 0) found = found.slice(0, limit)
    return answer(id, this.revision, found, true, 0, remaining)
  }

  /** For each key that changed after a revision: what it held then. */
  private changedAfter(revision: number): Map<string, KeyValue | undefined> {
    const past = new Map<string, KeyValue | undefined>()
    for (let i = this.history.length - 1; i >= 0; i--) {
      const e = this.history[i] as StoreEvent
      if (e.kv.modRevision <= revision) break
      past.set(e.kv.key, e.previous)
    }
    return past
  }

  /** Changes from a revision on, in order; undefined when they are compacted away. */
  since(revision: number): readonly StoreEvent[] | undefined {
    return revision <= this.compacted ? undefined : this.history.slice(this.indexOf(revision))
  }

  /** The first change that a revision made; undefined when it is compacted away, or made none. */
  changeAt(revision: number): StoreEvent | undefined {
    const e = revision <= this.compacted ? undefined : this.history[this.indexOf(revision)]
    return e?.kv.modRevision === revision ? e : undefined
  }

  /** Where in the history the changes of a revision begin. */
  private indexOf(revision: number): number {
    const h = this.history
    let low = 0
    let high = h.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((h[middle] as StoreEvent).kv.modRevision < revision) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Forgets what was before a revision; the present values stay. False when that is done already. */
  compact(revision: number): boolean {
    if (revision <= this.compacted || revision > this.revision) return false
    this.history = this.since(revision + 1) as StoreEvent[]
    this.compacted = revision
    return true
  }

  grant(lease: number, expires: Micros): void {
    this.leases.set(lease, { expires, keys: new Set() })
    this.findSoonest()
  }

  /** The lease that ends first, if any. */
  nextExpiry(): Expiry | undefined {
    return this.soonest
  }

  private findSoonest(): void {
    let first: Expiry | undefined
    for (const [lease, { expires }] of this.leases) if (first === undefined || expires < first.expires) first = { lease, expires }
    this.soonest = first
  }

  /** Ends a lease: its keys are deleted at one revision. */
  revoke(lease: number, cause: number, made: StoreEvent[]): void {
    const keys = [...(this.leases.get(lease)?.keys ?? [])].sort()
    this.leases.delete(lease)
    this.findSoonest()
    if (keys.length > 0) this.txn({ op: 'txn', compare: [], writes: keys.map((key) => ({ key })) }, 0, cause, made)
  }
}

const none: readonly KeyValue[] = []

/** An answer without error. */
export function answer(id: number, revision: number, kvs: readonly KeyValue[] = none, succeeded = true, cause = 0, remaining = 0): EtcdAnswer {
  return { id, revision, succeeded, kvs, remaining, cause, error: undefined, notLeader: undefined }
}

/** An answer that tells an error. */
export function failed(id: number, revision: number, error: string, notLeader?: string): EtcdAnswer {
  return { id, revision, succeeded: false, kvs: none, remaining: 0, cause: 0, error, notLeader }
}

/**
 * The value with its revision in metadata.resourceVersion, frozen. Upstream does this when kube-apiserver decodes what etcd holds
 * (storage.APIObjectVersioner); here it is done once, at the write, so that store, watch cache and wire share one object. What is not
 * frozen yet is the writer's private copy, given away with the request: it is stamped in place.
 */
function stamp(value: KubeObject, revision: number): KubeObject {
  const resourceVersion = String(revision)
  const object = Object.isFrozen(value) ? { ...value } : value
  if (Object.isFrozen(object.metadata)) object.metadata = { ...object.metadata, resourceVersion }
  else object.metadata.resourceVersion = resourceVersion
  Object.freeze(object.metadata)
  return Object.freeze(object)
}
