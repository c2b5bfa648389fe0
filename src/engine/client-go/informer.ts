import { MS, SECOND, assert, type Ctx, type Message } from '../sim'
import type { KubeObject } from '../apimachinery'
import { resourcePath } from '../api'
import type { Client, Reply } from './client'
import type { WatchEvent, WatchMessage } from './wire'

/** A change of a cache. `old` is the last known object (absent for added), `object` the new one (for deleted: the last state). */
export interface Delta {
  readonly resource: string
  readonly type: 'added' | 'updated' | 'deleted'
  readonly object: KubeObject
  readonly old?: KubeObject | undefined
}

/** Keys under which a cache can be looked up besides namespace/name. Functions live here, not in the state. */
const indexers = {
  /** By UID of the controlling owner. */
  controller: (o: KubeObject) => o.metadata.ownerReferences?.find((r) => r.controller)?.uid,
  /** Pods by the node they are bound to. */
  node: (o: KubeObject) => (o as { spec?: { nodeName?: string } }).spec?.nodeName,
  namespace: (o: KubeObject) => o.metadata.namespace,
  /** EndpointSlices by their Service, `namespace/name`. */
  service: (o: KubeObject) => {
    const name = o.metadata.labels?.['kubernetes.io/service-name']
    return name === undefined ? undefined : `${o.metadata.namespace ?? ''}/${name}`
  },
  /** Objects without a controlling owner, by namespace: those that a controller may adopt. */
  orphan: (o: KubeObject) => (o.metadata.ownerReferences?.some((r) => r.controller) ? undefined : o.metadata.namespace),
} satisfies Record<string, (o: KubeObject) => string | undefined>

/** Name of an index. */
export type IndexName = keyof typeof indexers

interface Index {
  readonly name: IndexName
  /** Keys of objects by what the indexer says of them. */
  readonly keys: Map<string, Set<string>>
}

/** Key of an object in a cache: `namespace/name`, or `name` at cluster scope. */
export function cacheKey(o: KubeObject): string {
  const { namespace, name } = o.metadata
  return namespace ? `${namespace}/${name}` : (name as string)
}

/** A local copy of one resource as its watch has told it so far; may be stale. Upstream: client-go/tools/cache */
export class Cache<T extends KubeObject = KubeObject> {
  private readonly items = new Map<string, T>()
  private readonly indices: Index[] = []

  constructor(names: readonly IndexName[] = []) {
    for (const name of names) this.indices.push({ name, keys: new Map() })
  }

  get size(): number {
    return this.items.size
  }

  get(namespace: string, name: string): T | undefined {
    return this.items.get(namespace === '' ? name : `${namespace}/${name}`)
  }

  byKey(key: string): T | undefined {
    return this.items.get(key)
  }

  /** All objects, in order of arrival. */
  list(): IterableIterator<T> {
    return this.items.values()
  }

  /** Objects of an index value, in order of arrival. The index must have been asked for. */
  by(index: IndexName, value: string): readonly T[] {
    let found: Index | undefined
    for (let i = 0; i < this.indices.length; i++) if (this.indices[i]?.name === index) found = this.indices[i]
    assert(found, () => `no index ${index}`)
    const set = found.keys.get(value)
    if (set === undefined) return []
    const out: T[] = []
    for (const k of set) out.push(this.items.get(k) as T)
    return out
  }

  keys(): IterableIterator<string> {
    return this.items.keys()
  }

  /** Puts an object in; returns what was there. */
  set(object: T): T | undefined {
    const key = cacheKey(object)
    const old = this.items.get(key)
    this.items.set(key, object)
    for (let i = 0; i < this.indices.length; i++) {
      const { name, keys } = this.indices[i] as Index
      const was = old && indexers[name](old)
      const is = indexers[name](object)
      if (was === is && old) continue
      if (was !== undefined) unindex(keys, was, key)
      if (is !== undefined) {
        let set = keys.get(is)
        if (set === undefined) keys.set(is, (set = new Set()))
        set.add(key)
      }
    }
    return old
  }

  /** Takes an object out; returns what was there. */
  delete(key: string): T | undefined {
    const old = this.items.get(key)
    if (old === undefined) return undefined
    this.items.delete(key)
    for (const { name, keys } of this.indices) {
      const was = indexers[name](old)
      if (was !== undefined) unindex(keys, was, key)
    }
    return old
  }
}

function unindex(index: Map<string, Set<string>>, value: string, key: string): void {
  const set = index.get(value)
  if (set === undefined) return
  set.delete(key)
  if (set.size === 0) index.delete(value)
}

interface ListReply extends Message {
  readonly type: 'informer/list'
  readonly name: string
}

interface WatchReply extends Message {
  readonly type: 'informer/watch'
  readonly name: string
}

interface Retry extends Message {
  readonly type: 'informer/retry'
  readonly name: string
}

/** What an informer watches. */
export interface InformerOptions {
  readonly resource: string
  readonly namespace?: string | undefined
  readonly fieldSelector?: string | undefined
  readonly labelSelector?: string | undefined
  readonly indexes?: readonly IndexName[] | undefined
  /** Path of the collection, of a resource that is not built in. */
  readonly path?: string | undefined
  /** Name in the factory; the resource by default. */
  readonly name?: string | undefined
}

class Informer {
  readonly cache: Cache
  synced = false
  /** Revision up to which the cache has heard everything. */
  revision = ''
  watchId = 0
  /** Consecutive failures, for the back-off. */
  failures = 0

  constructor(readonly options: InformerOptions) {
    this.cache = new Cache(options.indexes)
  }
}

/**
 * The informers of one process: list, then watch, relist after a loss. Give every incoming message to `receive`.
 * Upstream: client-go/tools/cache/reflector.go, informers.SharedInformerFactory. Back-off: 800 ms doubling to 30 s, with jitter.
 */
export class InformerFactory {
  private readonly informers = new Map<string, Informer>()
  private started = false
  /** Informers that have not had their first list. */
  private unsynced = 0

  constructor(private readonly client: Client) {}

  /** Asks for a resource; returns its cache. Informers that several ask for are shared, their indexes must be given by the first. */
  add(options: InformerOptions): Cache {
    const name = options.name ?? options.resource
    let informer = this.informers.get(name)
    if (informer === undefined) {
      this.informers.set(name, (informer = new Informer(options)))
      this.unsynced++
    }
    return informer.cache
  }

  /** Asks for a resource while it runs: lists it at once. */
  watchAlso(ctx: Ctx, options: InformerOptions): void {
    const name = options.name ?? options.resource
    if (this.informers.has(name)) return
    this.add(options)
    if (this.started) this.list(ctx, name)
  }

  /** Watches a resource no more; all that its cache held is told as deleted. */
  forget(ctx: Ctx, name: string, onDelta: (delta: Delta) => void): void {
    const informer = this.informers.get(name)
    if (informer === undefined) return
    this.informers.delete(name)
    if (!informer.synced) this.unsynced--
    if (informer.watchId !== 0) this.client.cancelWatch(ctx, informer.watchId)
    for (const object of informer.cache.list()) onDelta({ resource: informer.options.resource, type: 'deleted', object, old: object })
  }

  /** The cache of an informer; asserts that it was asked for. */
  cache<T extends KubeObject = KubeObject>(name: string): Cache<T> {
    const informer = this.informers.get(name)
    assert(informer, () => `no informer ${name}`)
    return informer.cache as unknown as Cache<T>
  }

  /** Lists everything and begins to watch. */
  start(ctx: Ctx): void {
    this.started = true
    for (const name of this.informers.keys()) this.list(ctx, name)
  }

  /** True when every cache has had its first list. */
  get synced(): boolean {
    return this.started && this.unsynced === 0
  }

  /** True when the named cache has had its first list. */
  hasSynced(name: string): boolean {
    return this.informers.get(name)?.synced ?? false
  }

  /** Newest revision the named cache has seen. */
  revision(name: string): string {
    return this.informers.get(name)?.revision ?? ''
  }

  private query(informer: Informer): Record<string, string> {
    const q: Record<string, string> = {}
    if (informer.options.fieldSelector) q.fieldSelector = informer.options.fieldSelector
    if (informer.options.labelSelector) q.labelSelector = informer.options.labelSelector
    return q
  }

  private list(ctx: Ctx, name: string): void {
    const informer = this.informers.get(name) as Informer
    const { resource, namespace } = informer.options
    const then: ListReply = { type: 'informer/list', name }
    this.client.send(ctx, { verb: 'list', path: informer.options.path ?? resourcePath(resource, namespace), query: { ...this.query(informer), resourceVersion: '0' } }, then)
  }

  private watch(ctx: Ctx, name: string): void {
    const informer = this.informers.get(name) as Informer
    const { resource, namespace } = informer.options
    const then: WatchReply = { type: 'informer/watch', name }
    informer.watchId = this.client.send(ctx, { verb: 'watch', path: informer.options.path ?? resourcePath(resource, namespace), query: { ...this.query(informer), watch: 'true', resourceVersion: informer.revision, allowWatchBookmarks: 'true' } }, then)
  }

  /**
   * Handles a message of the watch and retry kind. `onDelta` is called for each change, in order.
   * Returns true when the message was the informers'.
   */
  receive(message: Message, ctx: Ctx, onDelta: (delta: Delta) => void): boolean {
    if (message.type === 'watch') {
      const { id, events } = message as WatchMessage
      const then = this.client.watching(id)
      if (then?.type !== 'informer/watch') return false
      const name = (then as WatchReply).name
      const informer = this.informers.get(name)
      if (informer?.watchId !== id) return true
      for (let i = 0; i < events.length; i++) {
        const event = events[i] as WatchEvent
        if (event.type === 'ERROR') {
          this.client.cancelWatch(ctx, id)
          informer.revision = ''
          this.list(ctx, name)
          return true
        }
        informer.revision = event.object.metadata.resourceVersion ?? informer.revision
        if (event.type === 'BOOKMARK') continue
        const cause = ctx.cause
        ctx.cause = event.cause || cause
        const { namespace, name: objectName, resourceVersion } = event.object.metadata
        ctx.trace({ kind: 'watch', what: event.type, object: { resource: informer.options.resource, namespace: namespace ?? '', name: objectName as string }, revision: Number(resourceVersion) })
        this.apply(informer, event.type === 'DELETED', event.object, onDelta)
        ctx.cause = cause
      }
      return true
    }
    if (message.type === 'informer/retry') {
      const name = (message as Retry).name
      const informer = this.informers.get(name)
      if (informer === undefined) return true
      if (informer.revision === '') this.list(ctx, name)
      else this.watch(ctx, name)
      return true
    }
    return false
  }

  /**
   * Everything that comes in to a process that only watches, or that does little else: the informers' messages, the replies to their requests.
   * Replies to others' requests go to `onReply`.
   */
  handle(message: Message, ctx: Ctx, onDelta: (delta: Delta) => void, onReply?: (reply: Reply) => void): void {
    if (this.receive(message, ctx, onDelta)) return
    for (const reply of this.client.receive(message, ctx)) if (!this.reply(reply, ctx, onDelta)) onReply?.(reply)
  }

  /** Handles a reply of `Client.receive`. Returns true when it was the informers'. */
  reply(reply: Reply, ctx: Ctx, onDelta: (delta: Delta) => void): boolean {
    const { then, response } = reply
    if (then.type === 'informer/list') {
      const name = (then as ListReply).name
      const informer = this.informers.get(name)
      if (informer === undefined) return true
      if (response.code !== 200) this.retry(ctx, name)
      else {
        informer.failures = 0
        const list = response.body as KubeObject & { items: readonly KubeObject[] }
        const gone = new Set(informer.cache.keys())
        for (const object of list.items) {
          gone.delete(cacheKey(object))
          this.apply(informer, false, object, onDelta)
        }
        for (const key of gone) {
          const object = informer.cache.delete(key)
          if (object) onDelta({ resource: informer.options.resource, type: 'deleted', object, old: object })
        }
        informer.revision = list.metadata.resourceVersion as string
        if (!informer.synced) this.unsynced--
        informer.synced = true
        this.watch(ctx, name)
      }
      return true
    }
    if (then.type === 'informer/watch') {
      const name = (then as WatchReply).name
      const informer = this.informers.get(name)
      if (informer === undefined) return true
      if (response.code === 410) {
        informer.revision = ''
        this.list(ctx, name)
      } else if (response.code === 0 && (response.body as { reason?: string }).reason === 'WatchClosed') this.watch(ctx, name)
      else this.retry(ctx, name)
      return true
    }
    return false
  }

  private apply(informer: Informer, deleted: boolean, object: KubeObject, onDelta: (delta: Delta) => void): void {
    const { resource } = informer.options
    if (deleted) {
      const old = informer.cache.delete(cacheKey(object))
      if (old) onDelta({ resource, type: 'deleted', object, old })
      return
    }
    const old = informer.cache.set(object)
    if (old === object) return
    if (old && old.metadata.uid !== object.metadata.uid) {
      onDelta({ resource, type: 'deleted', object: old, old })
      onDelta({ resource, type: 'added', object })
    } else if (old) {
      if (old.metadata.resourceVersion !== object.metadata.resourceVersion) onDelta({ resource, type: 'updated', object, old })
    } else onDelta({ resource, type: 'added', object })
  }

  private retry(ctx: Ctx, name: string): void {
    const informer = this.informers.get(name) as Informer
    const base = Math.min(30 * SECOND, 800 * MS * 2 ** Math.min(informer.failures++, 10))
    const message: Retry = { type: 'informer/retry', name }
    ctx.after(base + Math.floor(base * ctx.rng.fraction()), message)
  }
}
