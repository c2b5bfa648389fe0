// Creating a strategic merge patch; private to strategic-merge-patch.ts.
import { goValue } from './go-format'
import { isObject, type JsonObject } from './merge-patch'
import { deepEqual } from './object'
import { DELETE_LIST, DIRECTIVE, RETAIN_KEYS, SET_ORDER, byText, dedupe, elementsAreObjects, fail, identity, jsonType, keyOf, lookup, lookupList, sortByOrder, sortedByKey, type Place } from './strategic-merge-common'

/** What a difference shall contain. */
export interface DiffOptions {
  readonly setElementOrder?: boolean
  readonly ignoreChangesAndAdditions?: boolean
  readonly ignoreDeletions?: boolean
  readonly retainKeys?: boolean
}

/** The patch from one object to another. Upstream: strategicpatch diffMaps. */
export function diffMaps(original: JsonObject, modified: JsonObject, place: Place, options: DiffOptions): JsonObject {
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
