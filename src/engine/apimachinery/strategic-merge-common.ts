// Parts that applying and creating strategic merge patches share; private to strategic-merge-patch.ts.
import { goValue } from './go-format'
import { isObject, type JsonObject } from './merge-patch'
import type { FieldSchema, StructSchema, TypeSchema } from './schema'

/** Directive of a map or list element: replace, delete, merge. */
export const DIRECTIVE = '$patch'
/** Lists the keys of a map that stay. */
export const RETAIN_KEYS = '$retainKeys'
/** Prefix of a key that lists scalars to delete. */
export const DELETE_LIST = '$deleteFromPrimitiveList'
/** Prefix of a key that gives the order of a list. */
export const SET_ORDER = '$setElementOrder'

/** Upstream: mergepatch.ErrBadPatchFormatForRetainKeys. */
export const BAD_RETAIN_KEYS = 'invalid patch format of retainKeys'
/** Upstream: mergepatch.ErrBadPatchFormatForSetElementOrderList. */
export const BAD_SET_ORDER = 'invalid patch format of setElementOrder list'
/** Upstream: mergepatch.ErrBadPatchFormatForPrimitiveList. */
export const BAD_PRIMITIVE_LIST = 'invalid patch format of primitive list'

/** Thrown inside; the door turns it into an error text. */
export class PatchError extends Error {}
/** Gives up with an error text. */
export const fail = (text: string): never => { throw new PatchError(text) }

/** What is known of a JSON object: a struct, or another Go type. */
export interface Place {
  readonly schema?: StructSchema
  readonly type?: TypeSchema
}

/** Patch knowledge of one field. */
export interface FieldMeta {
  readonly place: Place
  readonly retainKeys: boolean
  readonly strategy: string
  readonly mergeKey: string
}

/** Patch knowledge of a field. Errors: upstream's text when there is none. */
export function lookup(place: Place, key: string): FieldMeta {
  const field = fieldOf(place, key)
  const strategies = field.patchStrategy
  const retainKeys = strategies.includes('retainKeys')
  return {
    place: placeOf(field.type),
    retainKeys,
    strategy: strategies.find((s) => s !== 'retainKeys') ?? '',
    mergeKey: field.patchMergeKey ?? '',
  }
}

/** The field of a struct. Errors: PatchError. */
export function fieldOf(place: Place, key: string): FieldSchema {
  const { schema } = place
  if (schema === undefined) return fail(`merging an object in json but data type is not struct, instead is: ${goKind(place.type)}`)
  return schema.byName.get(key)?.field ?? fail(`unable to find api field in struct ${schema.goName.slice(schema.goName.indexOf('.') + 1)} for the json field ${JSON.stringify(key)}`)
}

/** As lookup, for lists: the place is the element. */
export function lookupList(place: Place, key: string): FieldMeta {
  const meta = lookup(place, key)
  // Upstream takes a pointer to anything for a list of it.
  if (fieldOf(place, key).type.kind === 'pointer' && meta.place.schema !== undefined) return meta
  const { type } = meta.place
  if (type?.kind !== 'list') return fail(`expected slice or array type, but got: ${place.schema === undefined ? goKind(place.type) : 'struct'}`)
  return { ...meta, place: placeOf(type.elem!) }
}

/** The place a type opens. */
export function placeOf(type: TypeSchema): Place {
  const inner = type.kind === 'pointer' ? type.elem! : type
  return inner.kind === 'struct' ? { schema: inner.struct!() } : { type: inner }
}

/** Go's reflect kind of a type. */
export function goKind(type: TypeSchema | undefined): string {
  switch (type?.kind) {
    case undefined: return 'invalid'
    case 'list': case 'bytes': return 'slice'
    case 'map': return 'map'
    case 'raw': case 'fields': case 'time': case 'microTime': case 'intOrString': case 'quantity': return 'struct'
    default: return type!.kind
  }
}

/** Insertion sort with upstream's comparison, which calls unknown items smaller; deletions go last. */
export function sortByOrder(list: unknown[], order: unknown[], mergeKey: string, maps: boolean): unknown[] {
  const deletions: unknown[] = []
  const sorted: unknown[] = []
  if (maps) for (const item of [...list, ...order]) keyOf(asMap(item), mergeKey)
  for (const item of list) (maps && asMap(item)[DIRECTIVE] === 'delete' ? deletions : sorted).push(item)
  const places = sorted.map((item) => indexIn(order, item, mergeKey, maps))
  const less = (a: number, b: number): boolean => (a >= 0 && b >= 0 ? a < b : true)
  for (let i = 1; i < sorted.length; i++) {
    for (let j = i; j > 0 && less(places[j]!, places[j - 1]!); j--) {
      ;[sorted[j], sorted[j - 1]] = [sorted[j - 1], sorted[j]]
      ;[places[j], places[j - 1]] = [places[j - 1]!, places[j]!]
    }
  }
  return [...sorted, ...deletions]
}

/** Place of an item in a list, by merge key or value; -1 when absent. */
export function indexIn(list: unknown[], item: unknown, mergeKey: string, maps: boolean): number {
  if (!maps) return list.indexOf(item)
  const value = isObject(item) ? item[mergeKey] : undefined
  return list.findIndex((other) => (isObject(other) ? other[mergeKey] : undefined) === value)
}

/** What tells an element apart: its merge key, or itself. */
export function identity(item: unknown, mergeKey: string): unknown {
  return mergeKey === '' ? item : keyOf(asMap(item), mergeKey)
}

/** A list of maps by the text of its merge key. */
export function sortedByKey(list: JsonObject[], mergeKey: string): JsonObject[] {
  return [...list].sort((a, b) => byText(a[mergeKey], b[mergeKey]))
}

/** Order by printed text. */
export function byText(a: unknown, b: unknown): number {
  const [x, y] = [goValue(a), goValue(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** Removes duplicates as upstream does: the last element takes the place of a duplicate. */
export function dedupe(list: unknown[]): unknown[] {
  const out = [...list]
  for (let i = 0; i < out.length; i++) {
    for (let j = i + 1; j < out.length; j++) {
      if (out[i] !== out[j]) continue
      out[j] = out[out.length - 1]
      out.pop()
      j--
    }
  }
  return out
}

/** Whether lists hold maps. Errors: mixed or nested lists, no element. */
export function elementsAreObjects(lists: unknown[][]): boolean {
  let kind: string | undefined
  for (const list of lists) {
    for (const item of list) {
      const type = jsonType(item)
      if (type === 'array') fail('lists of lists are not supported')
      if (kind !== undefined && kind !== type) fail(`list element types are not identical: ${goValue(lists)}`)
      kind = type
    }
  }
  if (kind === undefined) fail('no elements in any of the given slices')
  return kind === 'object'
}

/** null, array, object, string, number or boolean. */
export function jsonType(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** Go's name of a decoded JSON value. */
export function goType(value: unknown): string {
  switch (jsonType(value)) {
    case 'array': return '[]interface {}'
    case 'object': return 'map[string]interface {}'
    case 'number': return Number.isInteger(value) ? 'int64' : 'float64'
    case 'boolean': return 'bool'
    case 'null': return '%!s(<nil>)'
    default: return 'string'
  }
}

/** The value as a list. Errors: PatchError. */
export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : fail(`expected a []interface {}, but received a ${goType(value)}`)
}

/** The value as a map. Errors: PatchError. */
export function asMap(value: unknown): JsonObject {
  return isObject(value) ? value : fail(`expected a map[string]interface {}, but received a ${goType(value)}`)
}

/** The merge key of an element. Errors: it has none. */
export function keyOf(item: JsonObject, mergeKey: string): unknown {
  return mergeKey in item ? item[mergeKey] : fail(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`)
}

/** Index of the element with a merge key value; -1 when absent. */
export function findByKey(list: unknown[], mergeKey: string, value: unknown): number {
  return list.findIndex((item, i) => (isObject(item) ? item[mergeKey] === value : fail(`value for key ${i} is not a map`)))
}

/** Field name behind a directive prefix. Errors: `error`. */
export function afterSlash(key: string, error: string): string {
  const slash = key.indexOf('/')
  return slash < 0 ? fail(error) : key.slice(slash + 1)
}

/** Sets a key, or deletes it when the value is undefined. */
export function assign(target: JsonObject, key: string, value: unknown): void {
  if (value === undefined) delete target[key]
  else target[key] = value
}

/** Whether a value has neither directives nor (if they matter) nulls: a patch may then put it in as it is. */
export function isPlain(value: unknown, nullsMatter = true): boolean {
  if (typeof value !== 'object') return true
  if (value === null) return !nullsMatter
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isPlain(value[i], nullsMatter)) return false
    return true
  }
  for (const key in value) if (key.charCodeAt(0) === 36 || !isPlain((value as JsonObject)[key], nullsMatter)) return false
  return true
}

/** The value without parts that carry `$patch`; undefined when it carries one itself. */
export function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((v) => v !== undefined)
  if (!isObject(value)) return value
  if (DIRECTIVE in value) return undefined
  const out: JsonObject = {}
  for (const key of Object.keys(value)) assign(out, key, withoutDirectives(value[key]))
  return out
}

/** The value without keys that are null. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const out: JsonObject = {}
  for (const key of Object.keys(value)) if (value[key] !== null) out[key] = withoutNulls(value[key])
  return out
}
