import { decodeStrict, type CustomResourceDefinition } from '../../api'
import { isObject, type JsonObject, type KubeObject } from '../../apimachinery'
import type { Ctx } from '../../sim'
import { generic, findServed, serve, servedByName, servedResources, storageKey, type Served } from '../served'
import type { ServerState } from '../state'
import { revisionOf } from '../storage'
import type { CacheEvent, WatchCache } from '../watch-cache'
import { prune } from './schema'
import { isEstablished, servedOf, storedOf } from './served'

const definitions = 'customresourcedefinitions'

/** What is served under a storage name; a custom kind by its definition. */
export function servedIn(cache: WatchCache, storage: string): Served {
  const builtIn = servedByName(storage)
  if (builtIn) return builtIn
  const crd = cache.get(definitions, '', storage)
  const found = crd && storedOf(crd)
  if (found) return found
  // Its definition was deleted while a request was on its way.
  const dot = storage.indexOf('.')
  const info = { resource: storage.slice(0, dot), kind: '', group: storage.slice(dot + 1), version: 'v1', namespaced: true }
  return serve(info, generic(info), storage)
}

/** What a path names, custom kinds included. */
export function findServedIn(cache: WatchCache, group: string, version: string, resource: string): Served | undefined {
  const builtIn = findServed(group, version, resource)
  if (builtIn || group === '') return builtIn
  const crd = cache.get(definitions, '', `${resource}.${group}`)
  const found = crd && isEstablished(crd) ? servedOf(crd).get(version) : undefined
  return found?.custom?.isServed ? found : undefined
}

/** All that is served, for discovery. */
export function allServed(cache: WatchCache): Served[] {
  const out = [...servedResources()]
  for (const crd of cache.of(definitions).sorted()) if (isEstablished(crd)) for (const s of servedOf(crd).values()) if (s.custom?.isServed) out.push(s)
  return out
}

/** Decodes a custom object: metadata strictly, the rest by its schema. Upstream: apiextensions-apiserver/pkg/apiserver/customresource_handler.go schemaCoercingDecoder */
export function decodeCustom(served: Served, body: object): { readonly object: Record<string, unknown>; readonly unknown: string[]; readonly error?: string } {
  const paths: string[] = []
  const { apiVersion: _v, kind: _k, metadata: sent, ...rest } = body as JsonObject
  const meta = decodeStrict('ObjectMeta', isObject(sent) ? sent : {})
  const schema = served.custom?.schema
  const pruned = prune(schema === undefined ? undefined : { ...schema, properties: { ...schema.properties } }, rest, '', paths) as JsonObject
  const unknown = [...meta.unknown.map((t) => t.replace('unknown field "', 'unknown field "metadata.')), ...paths.map((p) => `unknown field "${p}"`)]
  return { object: { ...pruned, metadata: meta.object }, unknown, ...(meta.error === undefined ? {} : { error: meta.error }) }
}

/** Looks after definitions: accepts new ones, and takes the objects of deleted ones away. Upstream: apiextensions-apiserver/pkg/controller/{status,establish,finalizer} */
export function onDefinition(state: ServerState, event: CacheEvent, ctx: Ctx): void {
  const crd = event.object as CustomResourceDefinition
  const { name } = crd.metadata
  if (event.type === 'DELETED') {
    const served = storedOf(crd)
    const left = [...state.cache.of(name).values()]
    if (served === undefined || left.length === 0) return
    const writes = left.map((o) => ({ key: storageKey(served, o.metadata.namespace ?? '', o.metadata.name) }))
    state.etcd.send(ctx, { op: 'txn', compare: [], writes, about: { resource: name, namespace: '', name: '' } }, { type: 'apiserver/ignore' })
    return
  }
  if (isEstablished(crd) || crd.metadata.deletionTimestamp !== undefined) return
  const time = ctx.wallTime()
  const status = {
    ...crd.status, acceptedNames: crd.spec.names,
    conditions: [
      { lastTransitionTime: time, message: 'no conflicts found', reason: 'NoConflicts', status: 'True', type: 'NamesAccepted' },
      { lastTransitionTime: time, message: 'the initial names have been accepted', reason: 'InitialNamesAccepted', status: 'True', type: 'Established' },
    ],
    storedVersions: crd.status?.storedVersions ?? crd.spec.versions.filter((v) => v.storage).map((v) => v.name),
  }
  const key = storageKey(servedByName(definitions) as Served, '', name)
  // When it moves meanwhile, its next event comes here again.
  state.etcd.send(ctx, { op: 'txn', compare: [{ key, modRevision: revisionOf(crd as KubeObject) }], writes: [{ key, value: { ...crd, status } as unknown as KubeObject }], about: { resource: definitions, namespace: '', name } }, { type: 'apiserver/ignore' })
}
