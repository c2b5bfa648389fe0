import { isObject, type JsonObject, type Result } from './merge-patch'
import { deepEqual } from './object'
import { goValue } from './go-format'
import type { FieldSchema, StructSchema, TypeSchema } from './schema'

const DIRECTIVE = '$patch'
const RETAIN_KEYS = '$retainKeys'
const DELETE_LIST = '$deleteFromPrimitiveList'
const SET_ORDER = '$setElementOrder'

const BAD_RETAIN_KEYS = 'invalid patch format of retainKeys'
const BAD_SET_ORDER = 'invalid patch format of setElementOrder list'
const BAD_PRIMITIVE_LIST = 'invalid patch format of primitive list'

class PatchError extends Error {}
const fail = (text: string): never => { throw new PatchError(text) }

/**
 * Applies a strategic merge patch to an object of `schema`; returns a new object, inputs stay.
 * Errors: upstream's text. Upstream: util/strategicpatch StrategicMergeMapPatch.
 */
export function applyStrategicMergePatch(schema: StructSchema, original: JsonObject, patch: JsonObject): Result<JsonObject> {
  return attempt(() => mergeMap(original, patch, { schema }, { mergeParallelList: true, ignoreUnmatchedNulls: true }))
}

/** The strategic merge patch that turns `original` into `modified`. Upstream: strategicpatch CreateTwoWayMergePatch. */
export function createTwoWayStrategicPatch(schema: StructSchema, original: JsonObject, modified: JsonObject): Result<JsonObject> {
  return attempt(() => diffMaps(original, modified, { schema }, { setElementOrder: true }))
}

/**
 * Patch of `kubectl apply`: changes from `current` to `modified`, deletions from `original` (last applied) to `modified`.
 * Upstream: strategicpatch CreateThreeWayMergePatch with overwrite.
 */
export function createThreeWayStrategicPatch(schema: StructSchema, original: JsonObject, modified: JsonObject, current: JsonObject): Result<JsonObject> {
  return attempt(() => {
    const changes = diffMaps(current, modified, { schema }, { setElementOrder: true, ignoreDeletions: true })
    const deletions = diffMaps(original, modified, { schema }, { setElementOrder: true, ignoreChangesAndAdditions: true })
    return mergeMap(deletions, changes, { schema }, { mergeParallelList: false, ignoreUnmatchedNulls: false })
  })
}

function attempt(make: () => JsonObject): Result<JsonObject> {
  try {
    return { value: make() }
  } catch (error) {
    if (error instanceof PatchError) return { error: error.message }
    throw error
  }
}

// ---- schema lookups ----------------------------------------------------------------------------------------------------------------------

/** What is known of a JSON object: a struct, or another Go type. */
interface Place {
  readonly schema?: StructSchema
  readonly type?: TypeSchema
}

interface FieldMeta {
  readonly place: Place
  readonly retainKeys: boolean
  readonly strategy: string
  readonly mergeKey: string
}

function lookup(place: Place, key: string): FieldMeta {
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

function fieldOf(place: Place, key: string): FieldSchema {
  const { schema } = place
  if (schema === undefined) return fail(`merging an object in json but data type is not struct, instead is: ${goKind(place.type)}`)
  return schema.byName.get(key)?.field ?? fail(`unable to find api field in struct ${schema.goName.slice(schema.goName.indexOf('.') + 1)} for the json field ${JSON.stringify(key)}`)
}

/** As lookup, for lists: the place is the element. */
function lookupList(place: Place, key: string): FieldMeta {
  const meta = lookup(place, key)
  // Upstream takes a pointer to anything for a list of it.
  if (fieldOf(place, key).type.kind === 'pointer' && meta.place.schema !== undefined) return meta
  const { type } = meta.place
  if (type?.kind !== 'list') return fail(`expected slice or array type, but got: ${place.schema === undefined ? goKind(place.type) : 'struct'}`)
  return { ...meta, place: placeOf(type.elem!) }
}

function placeOf(type: TypeSchema): Place {
  const inner = type.kind === 'pointer' ? type.elem! : type
  return inner.kind === 'struct' ? { schema: inner.struct!() } : { type: inner }
}

function goKind(type: TypeSchema | undefined): string {
  switch (type?.kind) {
    case undefined: return 'invalid'
    case 'list': case 'bytes': return 'slice'
    case 'map': return 'map'
    case 'raw': case 'fields': case 'time': case 'microTime': case 'intOrString': case 'quantity': return 'struct'
    default: return type!.kind
  }
}

// ---- apply -------------------------------------------------------------------------------------------------------------------------------

interface MergeOptions {
  /** Whether $deleteFromPrimitiveList and $setElementOrder are carried out (else kept, when merging two patches). */
  readonly mergeParallelList: boolean
  readonly ignoreUnmatchedNulls: boolean
}

function mergeMap(original: JsonObject, change: JsonObject, place: Place, options: MergeOptions): JsonObject {
  if (DIRECTIVE in change) return replaceOrDelete(change)
  const out = { ...original }
  const patch = { ...change }
  applyRetainKeys(out, patch, options)
  applySetOrder(out, patch, place, options)
  for (const patchKey of Object.keys(patch)) {
    const value = patch[patchKey]
    const isDeleteList = patchKey.startsWith(DELETE_LIST)
    if (isDeleteList && !options.mergeParallelList) { out[patchKey] = value; continue }
    const key = isDeleteList ? afterSlash(patchKey, BAD_PRIMITIVE_LIST) : patchKey
    if (value === null) {
      delete out[key]
      if (options.ignoreUnmatchedNulls) continue
    }
    const before = out[key]
    if (before === undefined || jsonType(before) !== jsonType(value)) {
      if (!isDeleteList) assign(out, key, withoutDirectives(options.ignoreUnmatchedNulls ? withoutNulls(value) : value))
      continue
    }
    if (isObject(before)) {
      const meta = lookup(place, key)
      out[key] = meta.strategy === 'replace' ? value : mergeMap(before, value as JsonObject, meta.place, options)
    } else if (Array.isArray(before)) {
      const meta = lookupList(place, key)
      out[key] = meta.strategy === 'merge' || isDeleteList
        ? mergeList(before, value as unknown[], meta.place, meta.mergeKey, options, isDeleteList) : value
    } else out[key] = value
  }
  return out
}

function replaceOrDelete(patch: JsonObject): JsonObject {
  const { [DIRECTIVE]: directive, ...rest } = patch
  if (directive === 'replace') return rest
  if (directive === 'delete') return {}
  return fail(`unknown patch type: ${goValue(directive)} in map: ${goValue(patch)}`)
}

function applyRetainKeys(original: JsonObject, patch: JsonObject, options: MergeOptions): void {
  const keys = patch[RETAIN_KEYS]
  if (keys === undefined) return
  delete patch[RETAIN_KEYS]
  if (!options.mergeParallelList) {
    const known = original[RETAIN_KEYS]
    if (known === undefined) original[RETAIN_KEYS] = keys
    else if (!deepEqual(known, keys)) fail(`${goValue(known)} and ${goValue(keys)} are not deep equal: this may happen when calculating the 3-way diff patch`)
    return
  }
  if (!Array.isArray(keys)) fail(BAD_RETAIN_KEYS)
  const retained = new Set(keys as unknown[])
  for (const key of Object.keys(patch)) {
    if (patch[key] === null || key.startsWith(DELETE_LIST) || key.startsWith(SET_ORDER)) continue
    if (!retained.has(key)) fail(BAD_RETAIN_KEYS)
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key]
}

function applySetOrder(original: JsonObject, patch: JsonObject, place: Place, options: MergeOptions): void {
  for (const orderKey of Object.keys(patch)) {
    if (!orderKey.startsWith(SET_ORDER)) continue
    const order = patch[orderKey]
    if (!options.mergeParallelList) {
      const known = original[orderKey]
      if (known === undefined) original[orderKey] = order
      else if (!deepEqual(known, order)) fail(BAD_SET_ORDER)
    }
    delete patch[orderKey]
    const orderList = asList(order)
    const key = afterSlash(orderKey, BAD_SET_ORDER)
    const originalList = original[key] === undefined ? undefined : asList(original[key])
    const patchList = patch[key] === undefined ? undefined : asList(patch[key])
    const meta = lookupList(place, key)
    checkOrder(patchList ?? [], orderList, meta.mergeKey)
    if (originalList === undefined && patchList === undefined) continue
    const merged = patchList === undefined ? originalList!
      : originalList === undefined ? (withoutDirectives(patchList) as unknown[])
        : meta.strategy === 'merge' ? mergeList(originalList, patchList, meta.place, meta.mergeKey, options, false) : patchList
    const [inOrder, serverOnly] = partition(merged, orderList, meta.mergeKey)
    const maps = elementsAreObjects([originalList ?? [], patchList ?? []])
    const serverOrder = maps && meta.strategy === 'merge' ? orderAfterMerge(originalList ?? [], patchList ?? [], meta.mergeKey) : originalList ?? []
    original[key] = normalizeOrder(inOrder, serverOnly, orderList, serverOrder, meta.mergeKey, maps)
    delete patch[key]
  }
}

function mergeList(original: unknown[], patch: unknown[], place: Place, mergeKey: string, options: MergeOptions, isDeleteList: boolean): unknown[] {
  if (original.length === 0 && patch.length === 0) return original
  const maps = elementsAreObjects([original, patch])
  let merged: unknown[]
  let change = patch
  let base = original
  if (!maps) {
    if (options.mergeParallelList && isDeleteList) return original.filter((v) => !patch.includes(v))
    merged = dedupe([...original, ...patch])
  } else {
    if (mergeKey === '') fail(`cannot merge lists without merge key for ${place.schema === undefined ? goKind(place.type) : 'struct'}`)
    ;[base, change] = specialElements(original as JsonObject[], patch as JsonObject[], mergeKey)
    merged = [...base]
    for (const element of change as JsonObject[]) {
      const at = findByKey(merged, mergeKey, keyOf(element, mergeKey))
      if (at < 0) merged.push(element)
      else merged[at] = mergeMap(merged[at] as JsonObject, element, place, options)
    }
  }
  const [inPatch, serverOnly] = partition(merged, change, mergeKey)
  return normalizeOrder(inPatch, serverOnly, change, base, mergeKey, maps)
}

/**
 * The server's order that upstream compares with. Go deletes and appends in the array it also reads the order from, so elements that
 * the patch adds take the places of those it deletes.
 */
function orderAfterMerge(original: unknown[], patch: unknown[], mergeKey: string): unknown[] {
  const elements = patch.map(asMap)
  const deleted = elements.filter((e) => e[DIRECTIVE] === 'delete').map((e) => e[mergeKey])
  if (deleted.length === 0 || elements.some((e) => e[DIRECTIVE] === 'replace')) return original
  const kept = original.filter((item) => !deleted.includes(asMap(item)[mergeKey]))
  const added = elements.filter((e) => !(DIRECTIVE in e) && findByKey(kept, mergeKey, e[mergeKey]) < 0)
  return [...kept, ...added].slice(0, original.length)
}

/** Carries out `$patch: delete` and `$patch: replace` elements; the rest of the patch is returned beside the list. */
function specialElements(original: JsonObject[], patch: JsonObject[], mergeKey: string): [JsonObject[], JsonObject[]] {
  const plain: JsonObject[] = []
  let kept = original
  let replace = false
  for (const element of patch) {
    const directive = element[DIRECTIVE]
    if (directive === undefined) plain.push(element)
    else if (directive === 'delete') {
      const value = keyOf(element, mergeKey)
      kept = kept.filter((item) => item[mergeKey] !== value)
    } else if (directive === 'replace') replace = true
    else if (directive === 'merge') fail('merging lists cannot yet be specified in the patch')
    else fail(`unknown patch type: ${goValue(directive)} in map: ${goValue(element)}`)
  }
  return replace ? [plain, []] : [kept, plain]
}

function checkOrder(patch: unknown[], order: unknown[], mergeKey: string): void {
  if (order.length === 0 || patch.length === 0) return
  const items = mergeKey === '' ? patch : patch.filter((v) => asMap(v)[DIRECTIVE] !== 'delete')
  let i = 0
  let j = 0
  while (i < items.length && j < order.length) {
    const item = items[i]
    if (isObject(item) && DIRECTIVE in item) { i++; continue }
    if (identity(item, mergeKey) === identity(order[j], mergeKey)) i++
    j++
  }
  if (i < items.length && j >= order.length) {
    fail(`The order in patch list:\n${goValue(patch)}\n doesn't match ${SET_ORDER} list:\n${goValue(order)}\n`)
  }
}

function identity(item: unknown, mergeKey: string): unknown {
  return mergeKey === '' ? item : keyOf(asMap(item), mergeKey)
}

function partition(list: unknown[], by: unknown[], mergeKey: string): [inBy: unknown[], others: unknown[]] {
  const inBy: unknown[] = []
  const others: unknown[] = []
  for (const item of list) {
    const found = mergeKey === '' ? by.includes(item) : findByKey(by, mergeKey, keyOf(asMap(item), mergeKey)) >= 0
    ;(found ? inBy : others).push(item)
  }
  return [inBy, others]
}

function normalizeOrder(patch: unknown[], serverOnly: unknown[], patchOrder: unknown[], serverOrder: unknown[], mergeKey: string, maps: boolean): unknown[] {
  const right = sortByOrder(patch, patchOrder, mergeKey, maps)
  const left = sortByOrder(serverOnly, serverOrder, mergeKey, maps)
  const placeOfItem = (item: unknown): number => indexIn(serverOrder, item, mergeKey, maps)
  const out: unknown[] = []
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    if (i >= left.length) out.push(right[j++])
    else if (j >= right.length) out.push(left[i++])
    else {
      const [a, b] = [placeOfItem(left[i]), placeOfItem(right[j])]
      out.push(a >= 0 && b >= 0 && a < b ? left[i++] : right[j++])
    }
  }
  return out
}

/** Insertion sort with upstream's comparison, which calls unknown items smaller; deletions go last. */
function sortByOrder(list: unknown[], order: unknown[], mergeKey: string, maps: boolean): unknown[] {
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

function indexIn(list: unknown[], item: unknown, mergeKey: string, maps: boolean): number {
  if (!maps) return list.indexOf(item)
  const value = isObject(item) ? item[mergeKey] : undefined
  return list.findIndex((other) => (isObject(other) ? other[mergeKey] : undefined) === value)
}

// ---- diff --------------------------------------------------------------------------------------------------------------------------------

interface DiffOptions {
  readonly setElementOrder?: boolean
  readonly ignoreChangesAndAdditions?: boolean
  readonly ignoreDeletions?: boolean
  readonly retainKeys?: boolean
}

function diffMaps(original: JsonObject, modified: JsonObject, place: Place, options: DiffOptions): JsonObject {
  const patch: JsonObject = {}
  const retained: string[] = []
  for (const key of Object.keys(modified)) {
    const after = modified[key]
    if (after === undefined) continue
    if (options.retainKeys === true && after !== null) retained.push(key)
    const before = original[key]
    if (before === undefined) {
      if (options.ignoreChangesAndAdditions !== true) patch[key] = after
    } else if (key === DIRECTIVE) {
      if (typeof before !== 'string' || typeof after !== 'string') fail(`invalid value for special key: ${DIRECTIVE}`)
      if (before !== after) patch[key] = after
    } else if (jsonType(before) !== jsonType(after)) {
      if (options.ignoreChangesAndAdditions !== true) patch[key] = after
    } else if (isObject(before)) diffField(patch, key, before, after as JsonObject, place, options)
    else if (Array.isArray(before)) diffList(patch, key, before, after as unknown[], place, options)
    else if (options.ignoreChangesAndAdditions !== true && before !== after) patch[key] = after
  }
  if (options.ignoreDeletions !== true) {
    for (const key of Object.keys(original)) if (original[key] !== undefined && modified[key] === undefined) patch[key] = null
  }
  if (retained.length > 0 && (Object.keys(patch).length > 0 || Object.keys(original).some((k) => original[k] != null && modified[k] === undefined))) {
    patch[RETAIN_KEYS] = retained.sort()
  }
  return patch
}

function diffField(patch: JsonObject, key: string, before: JsonObject, after: JsonObject, place: Place, options: DiffOptions): void {
  if (!knows(place, key) && deepEqual(before, after)) return
  const meta = lookup(place, key)
  if (meta.strategy === 'replace') {
    if (options.ignoreChangesAndAdditions !== true) patch[key] = after
    return
  }
  const inner = diffMaps(before, after, meta.place, { ...options, retainKeys: meta.retainKeys })
  if (Object.keys(inner).length > 0) patch[key] = inner
}

function diffList(patch: JsonObject, key: string, before: unknown[], after: unknown[], place: Place, options: DiffOptions): void {
  if (!knows(place, key) && deepEqual(before, after)) return
  const meta = lookupList(place, key)
  if (meta.strategy !== 'merge') {
    if (options.ignoreChangesAndAdditions !== true && !deepEqual(before, after)) patch[key] = after
    return
  }
  const { additions, deletions, order } = diffMergeList(before, after, meta.place, meta.mergeKey, { ...options, retainKeys: meta.retainKeys })
  if (additions.length > 0) patch[key] = additions
  if (deletions.length > 0) patch[`${DELETE_LIST}/${key}`] = deletions
  if (order.length > 0) patch[`${SET_ORDER}/${key}`] = order
}

function knows(place: Place, key: string): boolean {
  return place.schema?.byName.has(key) ?? false
}

interface ListDiff { additions: unknown[]; deletions: unknown[]; order: unknown[] }

function diffMergeList(original: unknown[], modified: unknown[], place: Place, mergeKey: string, options: DiffOptions): ListDiff {
  const { ignoreChangesAndAdditions = false, ignoreDeletions = false, setElementOrder = false } = options
  if (original.length === 0) return { additions: ignoreChangesAndAdditions ? [] : modified, deletions: [], order: [] }
  if (elementsAreObjects([original, modified])) {
    const [changes, deletions] = diffObjects(original as JsonObject[], modified as JsonObject[], place, mergeKey, options)
    const additions = [...sortByOrder(changes, modified, mergeKey, true), ...deletions]
    const sameOrder = original.length === modified.length && modified.every((m, i) => identity(original[i], mergeKey) === identity(m, mergeKey))
    const ordered = setElementOrder && ((!ignoreChangesAndAdditions && (additions.length > 0 || !sameOrder)) || (!ignoreDeletions && additions.length > 0))
    return { additions, deletions: [], order: ordered ? modified.map((m) => ({ [mergeKey]: (m as JsonObject)[mergeKey] })) : [] }
  }
  const [added, removed] = diffScalars(original, modified)
  const deletions = ignoreDeletions ? [] : dedupe(removed)
  const ordered = setElementOrder && ((!ignoreDeletions && deletions.length > 0) || (!ignoreChangesAndAdditions && !deepEqual(original, modified)))
  return { additions: ignoreChangesAndAdditions ? [] : sortByOrder(added, modified, mergeKey, false), deletions, order: ordered ? modified : [] }
}

function diffObjects(original: JsonObject[], modified: JsonObject[], place: Place, mergeKey: string, options: DiffOptions): [JsonObject[], JsonObject[]] {
  const before = sortedByKey(original, mergeKey)
  const after = sortedByKey(modified, mergeKey)
  const changes: JsonObject[] = []
  const deletions: JsonObject[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    const a = i < before.length ? goValue(keyOf(before[i]!, mergeKey)) : undefined
    const b = j < after.length ? goValue(keyOf(after[j]!, mergeKey)) : undefined
    if (a !== undefined && a === b) {
      const inner = diffMaps(before[i]!, after[j]!, place, options)
      if (Object.keys(inner).length > 0) changes.push({ ...inner, [mergeKey]: after[j]![mergeKey] })
      i++
      j++
    } else if (a === undefined || (b !== undefined && a > b)) {
      if (options.ignoreChangesAndAdditions !== true) changes.push(after[j]!)
      j++
    } else {
      if (options.ignoreDeletions !== true) deletions.push({ [mergeKey]: before[i]![mergeKey], [DIRECTIVE]: 'delete' })
      i++
    }
  }
  return [changes, deletions]
}

function diffScalars(original: unknown[], modified: unknown[]): [added: unknown[], removed: unknown[]] {
  const before = [...original].sort(byText)
  const after = [...modified].sort(byText)
  const added: unknown[] = []
  const removed: unknown[] = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    const a = i < before.length ? goValue(before[i]) : undefined
    const b = j < after.length ? goValue(after[j]) : undefined
    if (a !== undefined && a === b) { i++; j++ } else if (a === undefined || (b !== undefined && a > b)) added.push(after[j++])
    else removed.push(before[i++])
  }
  return [added, removed]
}

// ---- small parts -------------------------------------------------------------------------------------------------------------------------

function sortedByKey(list: JsonObject[], mergeKey: string): JsonObject[] {
  return [...list].sort((a, b) => byText(a[mergeKey], b[mergeKey]))
}

function byText(a: unknown, b: unknown): number {
  const [x, y] = [goValue(a), goValue(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** Removes duplicates as upstream does: the last element takes the place of a duplicate. */
function dedupe(list: unknown[]): unknown[] {
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

function elementsAreObjects(lists: unknown[][]): boolean {
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

function jsonType(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

function goType(value: unknown): string {
  switch (jsonType(value)) {
    case 'array': return '[]interface {}'
    case 'object': return 'map[string]interface {}'
    case 'number': return Number.isInteger(value) ? 'int64' : 'float64'
    case 'boolean': return 'bool'
    case 'null': return '%!s(<nil>)'
    default: return 'string'
  }
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : fail(`expected a []interface {}, but received a ${goType(value)}`)
}

function asMap(value: unknown): JsonObject {
  return isObject(value) ? value : fail(`expected a map[string]interface {}, but received a ${goType(value)}`)
}

function keyOf(item: JsonObject, mergeKey: string): unknown {
  return mergeKey in item ? item[mergeKey] : fail(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`)
}

function findByKey(list: unknown[], mergeKey: string, value: unknown): number {
  return list.findIndex((item, i) => (isObject(item) ? item[mergeKey] === value : fail(`value for key ${i} is not a map`)))
}

function afterSlash(key: string, error: string): string {
  const slash = key.indexOf('/')
  return slash < 0 ? fail(error) : key.slice(slash + 1)
}

function assign(target: JsonObject, key: string, value: unknown): void {
  if (value === undefined) delete target[key]
  else target[key] = value
}

/** The value without parts that carry `$patch`; undefined when it carries one itself. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((v) => v !== undefined)
  if (!isObject(value)) return value
  if (DIRECTIVE in value) return undefined
  const out: JsonObject = {}
  for (const key of Object.keys(value)) assign(out, key, withoutDirectives(value[key]))
  return out
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const out: JsonObject = {}
  for (const key of Object.keys(value)) if (value[key] !== null) out[key] = withoutNulls(value[key])
  return out
}
