import { deepEqual, isObject, type JsonObject, type TypeSchema } from '../../apimachinery'
import { join, type Path, type PathSet } from './paths'

/** How a value is taken apart for ownership. */
type Shape = { readonly kind: 'leaf' } | { readonly kind: 'map'; readonly of: (key: string) => Field | undefined; readonly fixed: boolean } | { readonly kind: 'list'; readonly keys: readonly string[] | undefined; readonly item: Field }

/** A type at a place, with what the field that holds it says about lists and maps. */
export interface Field {
  readonly type: TypeSchema
  readonly listType?: string | undefined
  readonly listMapKeys?: readonly string[] | undefined
  readonly atomic?: boolean | undefined
}

/** Structs that are owned as a whole. Upstream: `+structType=atomic` in the API's Go types. */
const atomicStructs = new Set([
  'LabelSelector', 'NodeSelector', 'NodeSelectorTerm', 'LocalObjectReference', 'ObjectReference', 'TypedLocalObjectReference', 'SecretReference', 'SecretKeySelector', 'ConfigMapKeySelector', 'ObjectFieldSelector',
  'ResourceFieldSelector', 'ScopeSelector', 'ScopedResourceSelectorRequirement', 'TopologySelectorTerm', 'FileKeySelector', 'OwnerReference', 'RoleRef', 'Subject', 'NonResourceAttributes', 'IngressServiceBackend', 'ServiceBackendPort',
])

const leaf: Shape = { kind: 'leaf' }

function shapeOf(field: Field | undefined, value: unknown): Shape {
  // Without a schema (custom resources that say none) maps are taken apart and lists are not.
  if (field === undefined) return isObject(value) ? { kind: 'map', of: () => undefined, fixed: false } : leaf
  let { type } = field
  if (type.kind === 'pointer') type = type.elem as TypeSchema
  if (field.atomic) return leaf
  if (type.kind === 'struct' && isObject(value)) {
    const schema = type.struct!()
    if (atomicStructs.has(schema.name)) return leaf
    return { kind: 'map', of: (k) => schema.byName.get(k)?.field, fixed: true }
  }
  if (type.kind === 'map' && isObject(value)) {
    const elem = type.elem as TypeSchema
    return { kind: 'map', of: () => ({ type: elem }), fixed: false }
  }
  if (type.kind === 'any' && isObject(value)) return { kind: 'map', of: () => undefined, fixed: false }
  if (type.kind === 'list' && Array.isArray(value)) {
    const item: Field = { type: type.elem as TypeSchema }
    if (field.listType === 'map') return { kind: 'list', keys: field.listMapKeys ?? [], item }
    if (field.listType === 'set') return { kind: 'list', keys: undefined, item }
  }
  return leaf
}

function element(keys: readonly string[] | undefined, item: unknown): string {
  if (keys === undefined) return `v:${JSON.stringify(item)}`
  const out: Record<string, unknown> = {}
  for (const k of [...keys].sort()) {
    const v = (item as JsonObject)?.[k] ?? (k === 'protocol' ? 'TCP' : undefined)
    if (v !== undefined) out[k] = v
  }
  return `k:${JSON.stringify(out)}`
}

/** What only the server writes, and what names the object: nobody owns it. Upstream: managedfields/internal/stripmeta.go. */
const unowned = new Set(['f:apiVersion', 'f:kind', 'f:metadata'])
const unownedMeta = new Set(['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'generation', 'managedFields', 'resourceVersion', 'deletionTimestamp', 'deletionGracePeriodSeconds'])

/** What an object says at each owned path; containers that may be absent are told apart, for those who bring them. Upstream: typed.ToFieldSet. */
export interface Fields {
  readonly values: ReadonlyMap<Path, unknown>
  readonly containers: ReadonlySet<Path>
}

/** Takes an object apart. */
export function fieldsOf(root: Field | undefined, object: unknown): Fields {
  const values = new Map<Path, unknown>()
  const containers = new Set<Path>()
  const walk = (field: Field | undefined, value: unknown, path: Path, depth: number): void => {
    const shape = shapeOf(field, value)
    if (shape.kind === 'leaf') {
      if (path !== '') values.set(path, value)
      return
    }
    if (shape.kind === 'list') {
      containers.add(path)
      for (const item of value as unknown[]) {
        const at = join(path, element(shape.keys, item))
        if (shape.keys !== undefined) walk(shape.item, item, at, depth + 1)
        values.set(at, shape.keys === undefined ? item : null)
      }
      return
    }
    if (path !== '') containers.add(path)
    const map = value as JsonObject
    let empty = true
    for (const k in map) {
      empty = false
      const at = join(path, `f:${k}`)
      if (depth === 1 && path === 'f:metadata' && unownedMeta.has(k)) continue
      if (depth === 0 && k !== 'metadata' && unowned.has(at)) continue
      walk(shape.of(k), map[k], at, depth + 1)
    }
    if (empty && path !== '' && path !== 'f:metadata') values.set(path, map)
  }
  walk(root, object, '', 0)
  return { values, containers }
}

/** What is new or has another value; a container only when it is new. */
export function changedPaths(before: Fields, after: Fields): Set<Path> {
  const changed = new Set<Path>()
  for (const [p, v] of after.values) if (!before.values.has(p) || !deepEqual(before.values.get(p), v)) changed.add(p)
  for (const p of after.containers) if (!before.containers.has(p) && !before.values.has(p)) changed.add(p)
  return changed
}

/** Lays a configuration over an object: maps and keyed lists are merged, the rest is replaced. Upstream: typed.Merge. */
export function merge(field: Field | undefined, live: unknown, config: unknown): unknown {
  const shape = shapeOf(field, config)
  if (live === undefined || live === null || shape.kind === 'leaf' || shape.kind !== shapeOf(field, live).kind) return config
  if (shape.kind === 'map') {
    const out: JsonObject = { ...(live as JsonObject) }
    const given = config as JsonObject
    for (const k in given) out[k] = merge(shape.of(k), out[k], given[k])
    return out
  }
  const given = config as unknown[]
  const keys = given.map((item) => element(shape.keys, item))
  const out: unknown[] = []
  let next = 0
  const before = new Map((live as unknown[]).map((item) => [element(shape.keys, item), item]))
  const take = (): void => {
    const item = given[next]
    out.push(merge(shape.item, before.get(keys[next++] as string), item))
  }
  for (const [key, item] of before) {
    const at = keys.indexOf(key)
    if (at < 0) out.push(item)
    else while (next <= at) take()
  }
  while (next < given.length) take()
  return out
}

/** Takes away the paths of a set (of an item of a list: the item). Upstream: typed.RemoveItems. */
export function prune(field: Field | undefined, value: unknown, gone: PathSet, path: Path = ''): unknown {
  const shape = shapeOf(field, value)
  if (shape.kind === 'map') {
    const out: JsonObject = {}
    let changed = false
    const map = value as JsonObject
    for (const k in map) {
      const at = join(path, `f:${k}`)
      if (gone.has(at)) { changed = true; continue }
      const kept = prune(shape.of(k), map[k], gone, at)
      if (kept !== map[k]) changed = true
      // A map that lost its last key goes too, unless it was there empty.
      if (kept !== map[k] && !shape.fixed && isObject(kept) && Object.keys(kept).length === 0) continue
      out[k] = kept
    }
    return changed ? out : value
  }
  if (shape.kind === 'list') {
    const list = value as unknown[]
    const kept = list.filter((item) => !gone.has(join(path, element(shape.keys, item))))
    const out = shape.keys === undefined ? kept : kept.map((item) => prune(shape.item, item, gone, join(path, element(shape.keys, item))))
    return out.length === list.length && out.every((item, i) => item === list[i]) ? value : out
  }
  return value
}
