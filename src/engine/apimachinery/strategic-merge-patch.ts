import { type JsonObject, type Result } from './merge-patch'
import type { StructSchema } from './schema'
import { PatchError } from './strategic-merge-common'
import { mergeMap } from './strategic-merge-apply'
import { diffMaps } from './strategic-merge-diff'

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
