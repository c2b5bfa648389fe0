import { SECOND, type Micros } from '../sim'
import type { KubeObject } from '../apimachinery'
import type { StoreEvent } from '../etcd'
import { storageOfKey } from './served'

/** One change of a resource, kept so that watches can begin in the past. Immutable. */
export interface CacheEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly revision: number
  /** For a deletion the last state, with the revision of the deletion. */
  readonly object: KubeObject
  readonly previous: KubeObject | undefined
  readonly at: Micros
  /** Trace record of the commit. */
  readonly cause: number
}

const leastCapacity = 100
const mostCapacity = 102_400
const freshness = 75 * SECOND

/** All objects of one resource as of the newest event, and a window of events. Upstream: apiserver/pkg/storage/cacher/watch_cache.go */
export class ResourceCache {
  private readonly byNamespace = new Map<string, Map<string, KubeObject>>()
  private events: CacheEvent[] = []
  private capacity = leastCapacity
  size = 0
  /** Revision of the last change. */
  changed = 0

  /** Watches may begin at this revision or later. */
  constructor(private floor: number) {}

  get(namespace: string, name: string): KubeObject | undefined {
    return this.byNamespace.get(namespace)?.get(name)
  }

  /** Objects of a namespace, or of all; in no particular order. */
  values(namespace?: string): Iterable<KubeObject> {
    if (namespace !== undefined) return this.byNamespace.get(namespace)?.values() ?? []
    return this.byNamespace.size === 0 ? [] : this.everywhere()
  }

  private *everywhere(): Iterable<KubeObject> {
    for (const map of this.byNamespace.values()) yield* map.values()
  }

  /** Objects in the order of their keys in etcd. */
  sorted(namespace?: string): KubeObject[] {
    const out: KubeObject[] = []
    const spaces = namespace !== undefined ? [namespace] : [...this.byNamespace.keys()].sort()
    for (const ns of spaces) {
      const map = this.byNamespace.get(ns)
      if (map) for (const name of [...map.keys()].sort()) out.push(map.get(name) as KubeObject)
    }
    return out
  }

  put(object: KubeObject): KubeObject | undefined {
    const { namespace = '', name } = object.metadata
    let map = this.byNamespace.get(namespace)
    if (map === undefined) this.byNamespace.set(namespace, (map = new Map()))
    const old = map.get(name)
    map.set(name, object)
    if (old === undefined) this.size++
    return old
  }

  remove(object: KubeObject): KubeObject | undefined {
    const { namespace = '', name } = object.metadata
    const map = this.byNamespace.get(namespace)
    const old = map?.get(name)
    if (map === undefined || old === undefined) return undefined
    map.delete(name)
    if (map.size === 0) this.byNamespace.delete(namespace)
    this.size--
    return old
  }

  remember(event: CacheEvent): void {
    this.events.push(event)
    if (this.events.length <= this.capacity) return
    // As upstream: the window grows while its oldest event is fresh, else it forgets (in quarters, so that it is cheap).
    if (event.at - (this.events[0] as CacheEvent).at < freshness && this.capacity < mostCapacity) this.capacity *= 2
    else {
      const gone = this.capacity >> 2
      this.floor = (this.events[gone - 1] as CacheEvent).revision
      this.events = this.events.slice(gone)
      if (this.capacity > leastCapacity && this.events.length < this.capacity >> 2) this.capacity >>= 1
    }
  }

  /** Events after a revision; or, when they are forgotten, the oldest revision from which a watch could begin. */
  after(revision: number): readonly CacheEvent[] | number {
    if (revision < this.floor) return this.floor
    const e = this.events
    let low = 0
    let high = e.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((e[middle] as CacheEvent).revision <= revision) low = middle + 1
      else high = middle
    }
    return e.slice(low)
  }
}

/** Everything the server knows of etcd, kept up by one watch. Upstream: apiserver/pkg/storage/cacher */
export class WatchCache {
  private readonly resources = new Map<string, ResourceCache>()
  /** Revision up to which it is complete. */
  revision = 0
  /** Revision of the list it began with. */
  private begun = 0

  of(storage: string): ResourceCache {
    let r = this.resources.get(storage)
    if (r === undefined) this.resources.set(storage, (r = new ResourceCache(this.begun)))
    return r
  }

  get(storage: string, namespace: string, name: string): KubeObject | undefined {
    return this.resources.get(storage)?.get(namespace, name)
  }

  list(storage: string, namespace?: string): Iterable<KubeObject> {
    return this.resources.get(storage)?.values(namespace) ?? []
  }

  /** Revision of the last change of a resource. */
  changedAt(storage: string): number {
    return this.resources.get(storage)?.changed ?? 0
  }

  /** Begins anew with what a list of etcd found. */
  load(objects: Iterable<{ readonly key: string; readonly value: KubeObject }>, revision: number): void {
    this.resources.clear()
    this.revision = revision
    this.begun = revision
    for (const { key, value } of objects) {
      const resource = this.of(storageOfKey(key))
      resource.put(value)
      resource.changed = revision
    }
  }

  /** Takes a change in; returns it as watchers see it, with its storage name. */
  apply(e: StoreEvent, at: Micros): { readonly storage: string; readonly event: CacheEvent } {
    const storage = storageOfKey(e.kv.key)
    const resource = this.of(storage)
    const object = e.kv.value
    const deleted = e.type === 'delete'
    const previous = deleted ? resource.remove(object) : resource.put(object)
    const type = deleted ? 'DELETED' : previous ? 'MODIFIED' : 'ADDED'
    const event: CacheEvent = Object.freeze({ type, revision: e.kv.modRevision, object, previous, at, cause: e.cause })
    resource.remember(event)
    resource.changed = event.revision
    this.revision = e.kv.modRevision
    return { storage, event }
  }
}
