import { requiresExactField, type KubeObject } from '../apimachinery'
import type { WatchEvent } from '../client-go'
import type { Ctx, Message, Micros } from '../sim'
import type { Flight } from './flight'
import { selects, type Selection } from './selection'
import type { CacheEvent } from './watch-cache'

/** One open watch. */
export interface Watch {
  readonly id: number
  readonly client: string
  readonly storage: string
  /** `''`: all namespaces, or cluster scope. */
  readonly namespace: string
  readonly selection: Selection
  readonly bookmarks: boolean
  /** When the server ends it. */
  readonly deadline: Micros
  /** The request, when objects are wanted as rows of a table (`kubectl get -w`). */
  readonly asTable?: Flight | undefined
  /** The group and version in which custom objects are wanted. */
  readonly apiVersion?: string | undefined
  /** Events that have not been sent yet, while a batch of changes is dealt out. */
  outbox: WatchEvent[]
}

/** Watches of one resource, found by what a change touches. Each watch is in exactly one of the sets. */
interface Index {
  readonly all: Set<Watch>
  readonly byNamespace: Map<string, Set<Watch>>
  /** Pods by spec.nodeName, for kubelets. */
  readonly byNode: Map<string, Set<Watch>>
  /** Watches of one object, by `namespace/name` (`/name` for all namespaces). */
  readonly byName: Map<string, Set<Watch>>
}

/** All open watches, and the dealing out of changes. Upstream: apiserver/pkg/storage/cacher/{cacher,cache_watcher}.go */
export class Watchers {
  private readonly byId = new Map<number, Watch>()
  private readonly byClient = new Map<string, Set<number>>()
  private readonly byStorage = new Map<string, Index>()

  get size(): number {
    return this.byId.size
  }

  values(): IterableIterator<Watch> {
    return this.byId.values()
  }

  add(watch: Watch): void {
    this.byId.set(watch.id, watch)
    put(this.byClient, watch.client, watch.id)
    const index = this.index(watch.storage)
    const [map, key] = place(index, watch)
    if (map === undefined) index.all.add(watch)
    else put(map, key, watch)
  }

  remove(id: number): Watch | undefined {
    const watch = this.byId.get(id)
    if (watch === undefined) return undefined
    this.byId.delete(id)
    take(this.byClient, watch.client, id)
    const index = this.index(watch.storage)
    const [map, key] = place(index, watch)
    if (map === undefined) index.all.delete(watch)
    else take(map, key, watch)
    return watch
  }

  /** A client is gone, and its watches with it. */
  removeClient(client: string): void {
    const ids = this.byClient.get(client)
    if (ids) for (const id of ids) this.remove(id)
  }

  private index(storage: string): Index {
    let index = this.byStorage.get(storage)
    if (index === undefined) this.byStorage.set(storage, (index = { all: new Set(), byNamespace: new Map(), byNode: new Map(), byName: new Map() }))
    return index
  }

  /** Puts a change into the outbox of each watch that it concerns; watches that had an empty one are added to `touched`. */
  deal(storage: string, event: CacheEvent, touched: Watch[]): void {
    const index = this.byStorage.get(storage)
    if (index === undefined) return
    const shared: WatchEvent = { type: event.type, object: event.object, cause: event.cause }
    const { namespace = '', name } = event.object.metadata
    offer(index.all, event, shared, touched)
    if (index.byNamespace.size > 0) offer(index.byNamespace.get(namespace), event, shared, touched)
    if (index.byName.size > 0) {
      offer(index.byName.get(`${namespace}/${name}`), event, shared, touched)
      if (namespace !== '') offer(index.byName.get(`/${name}`), event, shared, touched)
    }
    if (index.byNode.size > 0) {
      const node = nodeOf(event.object)
      const before = event.previous ? nodeOf(event.previous) : undefined
      if (node) offer(index.byNode.get(node), event, shared, touched)
      if (before && before !== node) offer(index.byNode.get(before), event, shared, touched)
    }
  }

  /** Sends what is in the outboxes: one message to each watch. `rows` makes tables of objects. */
  flush(touched: readonly Watch[], ctx: Ctx, rows: (watch: Watch, events: readonly WatchEvent[], ctx: Ctx) => readonly WatchEvent[]): void {
    for (let i = 0; i < touched.length; i++) {
      const watch = touched[i] as Watch
      const events = watch.outbox
      watch.outbox = []
      ctx.cause = events[0]?.cause || ctx.cause
      ctx.send(watch.client, { type: 'watch', id: watch.id, events: watch.asTable || watch.apiVersion ? rows(watch, events, ctx) : events } as Message)
    }
  }
}

function nodeOf(o: KubeObject): string | undefined {
  return (o as { spec?: { nodeName?: string } }).spec?.nodeName
}

function place(index: Index, watch: Watch): readonly [Map<string, Set<Watch>> | undefined, string] {
  const { fields } = watch.selection
  if (fields) {
    const name = requiresExactField(fields, 'metadata.name')
    if (name !== undefined) return [index.byName, `${watch.namespace}/${name}`]
    const node = watch.namespace === '' && watch.storage === 'pods' ? requiresExactField(fields, 'spec.nodeName') : undefined
    if (node) return [index.byNode, node]
  }
  return watch.namespace === '' ? [undefined, ''] : [index.byNamespace, watch.namespace]
}

function put<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const set = map.get(key)
  if (set) set.add(value)
  else map.set(key, new Set([value]))
}

function take<T>(map: Map<string, Set<T>>, key: string, value: T): void {
  const set = map.get(key)
  if (set?.delete(value) && set.size === 0) map.delete(key)
}

function offer(set: Set<Watch> | undefined, event: CacheEvent, shared: WatchEvent, touched: Watch[]): void {
  if (set === undefined) return
  for (const watch of set) {
    const seen = asSeenBy(watch, event, shared)
    if (seen === undefined) continue
    if (watch.outbox.length === 0) touched.push(watch)
    watch.outbox.push(seen)
  }
}

/** A change as one watch sees it: objects that enter its selection are ADDED, those that leave it DELETED. */
export function asSeenBy(watch: Watch, event: CacheEvent, shared: WatchEvent): WatchEvent | undefined {
  const { selection } = watch
  if (selection.labels === undefined && selection.fields === undefined) return shared
  const was = event.previous !== undefined && selects(selection, watch.storage, event.previous)
  if (event.type === 'DELETED') return was ? shared : undefined
  const is = selects(selection, watch.storage, event.object)
  if (is) return was === (event.type === 'MODIFIED') ? shared : { type: was ? 'MODIFIED' : 'ADDED', object: event.object, cause: event.cause }
  if (!was) return undefined
  const previous = event.previous as KubeObject
  const last = Object.freeze({ ...previous, metadata: { ...previous.metadata, resourceVersion: String(event.revision) } })
  return { type: 'DELETED', object: last, cause: event.cause }
}
