import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, type JsonPatchOperation } from '../../apimachinery'
import { decodeStrict, structSchema } from '../../api'
import type { Thing } from '../api'
import { fail } from '../errors'
import { flagSpecs, type Flags } from '../flags'

/** Flags of verbs whose generated object can be overridden. Upstream: cmdutil OverrideOptions */
export const overrideFlags = flagSpecs('override-type:string=merge overrides:string')

/** A generated object with `--overrides`. Upstream: cmdutil/override_options.go Overrider.Apply */
export function overridden(flags: Flags, object: Thing): Thing {
  const text = flags.string('overrides')
  if (text === '') return object
  const type = flags.string('override-type') || 'merge'
  if (!['json', 'merge', 'strategic'].includes(type)) throw fail(`invalid override type: ${type}`)
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch {
    throw fail(type === 'merge' ? 'Invalid JSON Patch' : type === 'json' ? `couldn't decode the JSON patch: ${text}` : 'invalid JSON document')
  }
  const before = object as unknown as Record<string, unknown>
  const merged =
    type === 'json' ? applyJsonPatch(before, given as JsonPatchOperation[])
    : type === 'merge' ? { value: applyMergePatch(before, given as Record<string, unknown>) }
    : applyStrategicMergePatch(structSchema(object.kind as string) as NonNullable<ReturnType<typeof structSchema>>, before, given as Record<string, unknown>)
  if (merged.error !== undefined) throw fail(merged.error)
  // The result is decoded as its type: what the type has no place for is dropped.
  const decoded = decodeStrict(object.kind as string, merged.value)
  if (decoded.error !== undefined) throw fail(decoded.error)
  return decoded.object as unknown as Thing
}

/** `a=b` pairs, as labels and selectors are typed. Upstream: kubectl/pkg/generate ParseLabels */
export function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries(text.split(',').map((spec) => {
    const [k = '', v, extra] = spec.split('=')
    if (v === undefined || extra !== undefined) throw fail(`unexpected label spec: ${spec}`)
    if (k === '') throw fail('unexpected empty label key')
    return [k, v]
  }))
}
