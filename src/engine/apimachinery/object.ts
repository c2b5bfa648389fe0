import type { ObjectMeta, OwnerReference } from './meta-types.generated'

/** Metadata of a whole object (not of a template): it has a name. */
export interface NamedMeta extends ObjectMeta {
  name: string
}

/** Any Kubernetes object as JSON. Typed kinds (room `api`) are assignable to it. Objects are immutable once stored. */
export interface KubeObject {
  apiVersion?: string
  kind?: string
  metadata: NamedMeta
}

/** A list as the server answers it. */
export interface KubeList<T = KubeObject> {
  apiVersion?: string
  kind?: string
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number }
  items: T[]
}

/** `namespace/name`, or `name` for cluster-scoped objects. Upstream: client-go/tools/cache MetaNamespaceKeyFunc. */
export function objectKey(o: { metadata: { name?: string; namespace?: string } }): string {
  const { namespace, name } = o.metadata
  return namespace === undefined || namespace === '' ? (name ?? '') : `${namespace}/${name ?? ''}`
}

/** The owner reference with `controller: true`, if any. Upstream: apimachinery/pkg/apis/meta/v1 GetControllerOf. */
export function controllerOf(o: { metadata: { ownerReferences?: OwnerReference[] } }): OwnerReference | undefined {
  const refs = o.metadata.ownerReferences
  if (refs === undefined) return undefined
  for (let i = 0; i < refs.length; i++) if (refs[i]?.controller === true) return refs[i]
  return undefined
}

/** Whether `owner` controls `o`, by uid. Upstream: meta/v1 IsControlledBy. */
export function isControlledBy(o: { metadata: { ownerReferences?: OwnerReference[] } }, owner: { metadata: { uid?: string } }): boolean {
  const ref = controllerOf(o)
  return ref !== undefined && ref.uid === owner.metadata.uid
}

/** A controller reference to `owner`. Upstream: meta/v1 NewControllerRef. */
export function ownerReference(owner: { metadata: { name?: string; uid?: string } }, apiVersion: string, kind: string): OwnerReference {
  return { apiVersion, kind, name: owner.metadata.name ?? '', uid: owner.metadata.uid ?? '', controller: true, blockOwnerDeletion: true }
}

/** Group and version of an apiVersion: `apps/v1` → `{ group: 'apps', version: 'v1' }`. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? { group: '', version: apiVersion } : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** Deep equality of JSON values; a key whose value is undefined counts as absent. Allocates nothing. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!deepEqual(a[i], b[i])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const x = a as Record<string, unknown>
  const y = b as Record<string, unknown>
  let known = 0
  for (const key in x) {
    const value = x[key]
    if (value === undefined) continue
    known++
    const other = y[key]
    if (other === undefined || (value !== other && !deepEqual(value, other))) return false
  }
  for (const key in y) if (y[key] !== undefined) known--
  return known === 0
}

/** A copy whose object keys are sorted at every depth, as Go's encoding/json writes maps (what kubectl sends). */
export function sortKeys<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sortKeys) as T
  if (typeof value !== 'object' || value === null) return value
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) {
    const v = (value as Record<string, unknown>)[key]
    if (v !== undefined) out[key] = sortKeys(v)
  }
  return out as T
}
