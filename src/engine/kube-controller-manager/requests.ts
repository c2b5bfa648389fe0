import { pathOf, resourcePath, type ResourceInfo } from '../api'
import type { KubeObject } from '../apimachinery'
import type { PatchType } from '../client-go'
import type { RequestIntent } from './controller'

type Extra = Omit<RequestIntent, 'do' | 'request'>

/** Reads an object past the cache. */
export const getObject = (resource: string, namespace: string | undefined, name: string, extra?: Extra): RequestIntent =>
  ({ do: 'request', request: { verb: 'get', path: resourcePath(resource, namespace, name) }, ...extra })

/** Creates an object in its namespace. */
export const createObject = (resource: string, body: object & { metadata: { namespace?: string } }, extra?: Extra): RequestIntent =>
  ({ do: 'request', request: { verb: 'create', path: resourcePath(resource, body.metadata.namespace), body }, ...extra })

/** Replaces an object, or one of its subresources. */
export const updateObject = (resource: string, body: KubeObject, subresource?: string, extra?: Extra): RequestIntent =>
  ({ do: 'request', request: { verb: 'update', path: resourcePath(resource, body.metadata.namespace, body.metadata.name, subresource), body }, ...extra })

/** Patches an object; a strategic merge patch unless said otherwise. */
export const patchObject = (resource: string, of: KubeObject, body: unknown, extra?: Extra & { subresource?: string; patchType?: PatchType }): RequestIntent => {
  const { subresource, patchType, ...rest } = extra ?? {}
  return { do: 'request', request: { verb: 'patch', path: resourcePath(resource, of.metadata.namespace, of.metadata.name, subresource), patchType: patchType ?? 'application/strategic-merge-patch+json', body }, ...rest }
}

/** What a delete may say. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/** Deletes an object. */
export const deleteObject = (resource: string, of: { metadata: { namespace?: string; name?: string } }, options: DeleteOptions = {}, extra?: Extra): RequestIntent =>
  deleteAt(resourcePath(resource, of.metadata.namespace, of.metadata.name), options, extra)

/** Deletes an object of any resource, custom ones too. */
export const deleteOf = (info: ResourceInfo, namespace: string | undefined, name: string, options: DeleteOptions = {}, extra?: Extra): RequestIntent =>
  deleteAt(pathOf(info, namespace, name), options, extra)

const deleteAt = (path: string, options: DeleteOptions, extra?: Extra): RequestIntent =>
  ({ do: 'request', request: { verb: 'delete', path, body: { apiVersion: 'v1', kind: 'DeleteOptions', ...options } }, ...extra })
