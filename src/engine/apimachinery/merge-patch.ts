import { deepEqual } from './object'

/** A JSON object. */
export type JsonObject = Record<string, unknown>

/** Outcome of something that can fail for a reason the user must read. */
export type Result<T> = { readonly value: T; readonly error?: undefined } | { readonly value?: undefined; readonly error: string }

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Applies a JSON merge patch (RFC 7386); returns a new object, inputs stay. Upstream: evanphx/json-patch MergePatch. */
export function applyMergePatch(original: JsonObject, patch: JsonObject): JsonObject {
  const out = { ...original }
  for (const key of Object.keys(patch)) {
    const change = patch[key]
    if (change === null || change === undefined) delete out[key]
    else if (isObject(change)) out[key] = applyMergePatch(isObject(out[key]) ? (out[key] as JsonObject) : {}, change)
    else out[key] = change
  }
  return out
}

/** The JSON merge patch that turns `original` into `modified`. Upstream: evanphx/json-patch CreateMergePatch. */
export function createMergePatch(original: JsonObject, modified: JsonObject): JsonObject {
  const out: JsonObject = {}
  for (const key of Object.keys(modified)) {
    const [before, after] = [original[key], modified[key]]
    if (before === undefined) out[key] = after
    else if (isObject(before) && isObject(after)) {
      const inner = createMergePatch(before, after)
      if (Object.keys(inner).length > 0) out[key] = inner
    } else if (!deepEqual(before, after)) out[key] = after
  }
  for (const key of Object.keys(original)) if (!(key in modified)) out[key] = null
  return out
}

/** Patch of `kubectl apply` for kinds without a schema. Upstream: util/jsonmergepatch CreateThreeWayJSONMergePatch. */
export function createThreeWayMergePatch(original: JsonObject, modified: JsonObject, current: JsonObject): JsonObject {
  const changes = keepOrDeleteNulls(createMergePatch(current, modified), false)
  const deletions = keepOrDeleteNulls(createMergePatch(original, modified), true)
  return mergePatches(deletions, changes)
}

/** Keeps only nulls of a patch, or all but nulls; empty objects that were in the patch itself count as values. */
export function keepOrDeleteNulls(patch: JsonObject, keep: boolean): JsonObject {
  const out: JsonObject = {}
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (isObject(value)) {
      if (Object.keys(value).length === 0) { if (!keep) out[key] = value; continue }
      const inner = keepOrDeleteNulls(value, keep)
      if (Object.keys(inner).length > 0) out[key] = inner
    } else if ((value === null) === keep) out[key] = value
  }
  return out
}

function mergePatches(first: JsonObject, second: JsonObject): JsonObject {
  const out = { ...first }
  for (const key of Object.keys(second)) {
    const [a, b] = [out[key], second[key]]
    out[key] = isObject(a) && isObject(b) ? mergePatches(a, b) : b
  }
  return out
}
