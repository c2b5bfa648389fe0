// Applying a strategic merge patch; private to strategic-merge-patch.ts.
import { goValue } from './go-format'
import { isObject, type JsonObject } from './merge-patch'
import { deepEqual } from './object'
import { identity, BAD_PRIMITIVE_LIST, BAD_RETAIN_KEYS, BAD_SET_ORDER, DELETE_LIST, DIRECTIVE, RETAIN_KEYS, SET_ORDER, afterSlash, asList, asMap, assign, dedupe, elementsAreObjects, fail, findByKey, goKind, indexIn, isPlain, jsonType, keyOf, lookup, lookupList, sortByOrder, withoutDirectives, withoutNulls, type Place } from './strategic-merge-common'

/** How a patch is merged. */
export interface MergeOptions {
  /** Whether $deleteFromPrimitiveList and $setElementOrder are carried out (else kept, when merging two patches). */
  readonly mergeParallelList: boolean
  readonly ignoreUnmatchedNulls: boolean
}

const DOLLAR = 36

/** Merges a patch into an object (or into another patch). A patch that changes nothing gives the object itself. Upstream: strategicpatch mergeMap. */
export function mergeMap(original: JsonObject, change: JsonObject, place: Place, options: MergeOptions): JsonObject {
  // A null that is there already takes nothing away.
  if (original === change && isPlain(change, false)) return original
  if (DIRECTIVE in change) return replaceOrDelete(change)
  let out = original
  // Lists that are merged already, because the patch gives their order.
  let ordered: ReadonlySet<string> | undefined
  for (const k in change) {
    if (k.charCodeAt(0) !== DOLLAR) continue
    out = { ...original }
    applyRetainKeys(out, change, options)
    ordered = applySetOrder(out, change, place, options)
    break
  }
  for (const patchKey in change) {
    if (ordered !== undefined && (ordered.has(patchKey) || patchKey === RETAIN_KEYS || patchKey.startsWith(SET_ORDER))) continue
    const value = change[patchKey]
    const isDeleteList = patchKey.startsWith(DELETE_LIST)
    const key = isDeleteList && options.mergeParallelList ? afterSlash(patchKey, BAD_PRIMITIVE_LIST) : patchKey
    const before = out[key]
    const after = isDeleteList && !options.mergeParallelList ? value : mergedValue(before, value, key, isDeleteList, place, options)
    if (after === before) continue
    if (out === original) out = { ...original }
    assign(out, key, after)
  }
  return out
}

/** What becomes of one value; undefined when it goes. */
function mergedValue(before: unknown, value: unknown, key: string, isDeleteList: boolean, place: Place, options: MergeOptions): unknown {
  if (value === null && options.ignoreUnmatchedNulls) return undefined
  if (value === null || before === undefined || jsonType(before) !== jsonType(value)) {
    if (isDeleteList) return before
    return isPlain(value) ? value : withoutDirectives(options.ignoreUnmatchedNulls ? withoutNulls(value) : value)
  }
  if (isObject(before)) {
    const meta = lookup(place, key)
    return meta.strategy === 'replace' ? value : mergeMap(before, value as JsonObject, meta.place, options)
  }
  if (!Array.isArray(before)) return value
  const meta = lookupList(place, key)
  return meta.strategy === 'merge' || isDeleteList ? mergeList(before, value as unknown[], meta.place, meta.mergeKey, options, isDeleteList) : value
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
  if (!options.mergeParallelList) {
    const known = original[RETAIN_KEYS]
    if (known === undefined) original[RETAIN_KEYS] = keys
    else if (!deepEqual(known, keys)) fail(`${goValue(known)} and ${goValue(keys)} are not deep equal: this may happen when calculating the 3-way diff patch`)
    return
  }
  if (!Array.isArray(keys)) fail(BAD_RETAIN_KEYS)
  const retained = new Set(keys as unknown[])
  for (const key of Object.keys(patch)) {
    if (patch[key] === null || key === RETAIN_KEYS || key.startsWith(DELETE_LIST) || key.startsWith(SET_ORDER)) continue
    if (!retained.has(key)) fail(BAD_RETAIN_KEYS)
  }
  for (const key of Object.keys(original)) if (!retained.has(key)) delete original[key]
}

/** Merges the lists whose order the patch gives; answers which. */
function applySetOrder(original: JsonObject, patch: JsonObject, place: Place, options: MergeOptions): ReadonlySet<string> {
  const done = new Set<string>()
  for (const orderKey in patch) {
    if (orderKey.charCodeAt(0) !== DOLLAR || !orderKey.startsWith(SET_ORDER)) continue
    const order = patch[orderKey]
    if (!options.mergeParallelList) {
      const known = original[orderKey]
      if (known === undefined) original[orderKey] = order
      else if (!deepEqual(known, order)) fail(BAD_SET_ORDER)
    }
    const orderList = asList(order)
    const key = afterSlash(orderKey, BAD_SET_ORDER)
    const originalList = original[key] === undefined ? undefined : asList(original[key])
    const patchList = patch[key] === undefined ? undefined : asList(patch[key])
    const meta = lookupList(place, key)
    const inOrderOfPatch = options.mergeParallelList && meta.strategy === 'merge' && patchList !== undefined
      ? mergeInOrder(originalList ?? [], patchList, orderList, meta.place, meta.mergeKey, options) : undefined
    if (inOrderOfPatch !== undefined) {
      original[key] = inOrderOfPatch
      done.add(key)
      continue
    }
    checkOrder(patchList ?? [], orderList, meta.mergeKey)
    if (originalList === undefined && patchList === undefined) continue
    const merged = patchList === undefined ? originalList!
      : originalList === undefined ? (withoutDirectives(patchList) as unknown[])
        : meta.strategy === 'merge' ? mergeList(originalList, patchList, meta.place, meta.mergeKey, options, false) : patchList
    const [inOrder, serverOnly] = partition(merged, orderList, meta.mergeKey)
    const maps = elementsAreObjects([originalList ?? [], patchList ?? []])
    const serverOrder = maps && meta.strategy === 'merge' ? orderAfterMerge(originalList ?? [], patchList ?? [], meta.mergeKey) : originalList ?? []
    original[key] = normalizeOrder(inOrder, serverOnly, orderList, serverOrder, meta.mergeKey, maps)
    done.add(key)
  }
  return done
}

/**
 * The usual patch of a list (a pod's conditions): the order names every element, in the patch's own order, and nothing is deleted. Then the
 * order is the result's. Undefined when the lists are not like that.
 */
function mergeInOrder(original: unknown[], patch: unknown[], order: unknown[], place: Place, mergeKey: string, options: MergeOptions): unknown[] | undefined {
  if (patch.length === 0) return undefined
  const out = order.slice()
  let fromOriginal = 0
  let fromPatch = 0
  for (let i = 0; i < order.length; i++) {
    const key = plainKey(order[i], mergeKey)
    if (key === undefined) return undefined
    for (let j = 0; j < i; j++) if (plainKey(order[j], mergeKey) === key) return undefined
    const before = withKey(original, mergeKey, key)
    if (before !== undefined) fromOriginal++
    const element = patch[fromPatch]
    if (plainKey(element, mergeKey) !== key) {
      if (before === undefined) return undefined
      out[i] = before
      continue
    }
    fromPatch++
    if (before === undefined ? !isPlain(element, false) : DIRECTIVE in (element as JsonObject)) return undefined
    out[i] = before === undefined ? element : mergeMap(before, element as JsonObject, place, options)
  }
  return fromOriginal === original.length && fromPatch === patch.length ? out : undefined
}

function plainKey(element: unknown, mergeKey: string): string | undefined {
  const key = isObject(element) ? element[mergeKey] : undefined
  return typeof key === 'string' ? key : undefined
}

function withKey(list: unknown[], mergeKey: string, key: string): JsonObject | undefined {
  for (let i = 0; i < list.length; i++) if (plainKey(list[i], mergeKey) === key) return list[i] as JsonObject
  return undefined
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
