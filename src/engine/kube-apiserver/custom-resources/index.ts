import { decodeStrict } from '../../api'
import { isObject, type JsonObject } from '../../apimachinery'
import { generic, findServed, serve, servedByName, servedResources, type Served } from '../served'
import type { WatchCache } from '../watch-cache'
import { prune } from './schema'
import { isEstablished, servedOf, storedOf } from './served'
import { compareVersions } from './versions'

export { onCustomObject, onDefinition, terminating } from './lifecycle'
export { asVersion, toVersion } from './versions'

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

/** The version of a custom resource in which its objects are kept. */
export function keptAs(cache: WatchCache, served: Served): Served {
  const crd = cache.get(definitions, '', served.storage)
  return (crd && storedOf(crd)) ?? served
}

/** What is served under an address: the version whose columns a table has. */
export function inVersion(cache: WatchCache, served: Served, apiVersion: string | undefined): Served {
  if (apiVersion === undefined || apiVersion === served.apiVersion) return served
  const crd = cache.get(definitions, '', served.storage)
  return (crd && servedOf(crd).get(apiVersion.slice(apiVersion.indexOf('/') + 1))) ?? served
}

/** Whether the definition of a custom resource is being deleted. */
export function isTerminating(cache: WatchCache, served: Served): boolean {
  return cache.get(definitions, '', served.storage)?.metadata.deletionTimestamp !== undefined
}

/** All that is served, for discovery. */
export function allServed(cache: WatchCache): Served[] {
  const out = [...servedResources()]
  for (const crd of cache.of(definitions).sorted()) {
    if (!isEstablished(crd)) continue
    const versions = [...servedOf(crd).values()].sort((a, b) => compareVersions(a.info.version, b.info.version))
    for (const s of versions) if (s.custom?.isServed) out.push(s)
  }
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
