import { decodeStrict, type JSONSchemaProps } from '../../../api'
import { child, deepEqual, index, invalid, isObject, key, type FieldError } from '../../../apimachinery'

// Schemas that may also be a list, or true or false, have no type that decoding knows of: what they hold is decoded here.
const UNTYPED = ['items', 'additionalProperties', 'additionalItems'] as const

/** Decodes what `items`, `additionalProperties` and `additionalItems` hold, in place: null becomes an empty schema, unknown fields go. Upstream: apiextensions/v1/marshal.go */
export function decodeNested(schema: JSONSchemaProps): void {
  for (const name of UNTYPED) {
    const given: unknown = schema[name]
    if (!isObject(given)) continue
    const { object, error } = decodeStrict('JSONSchemaProps', given)
    if (error !== undefined) return
    if (!deepEqual(object, given)) (schema as Record<string, unknown>)[name] = object
  }
  for (const [part] of below(schema, '')) decodeNested(part)
}

/** What of it does not fit. (Upstream refuses the whole body for it; here decoding is over.) */
export function nestedErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors = UNTYPED.flatMap((name) => {
    const given: unknown = schema[name]
    const error = isObject(given) ? decodeStrict('JSONSchemaProps', given).error : undefined
    return error === undefined ? [] : [invalid(child(path, name), given, error)]
  })
  return errors.length > 0 ? errors : below(schema, path).flatMap(([part, at]) => nestedErrors(part, at))
}

function below(s: JSONSchemaProps, path: string): [JSONSchemaProps, string][] {
  const parts: [JSONSchemaProps, string][] = UNTYPED.flatMap((name) => (isObject(s[name]) ? [[s[name] as JSONSchemaProps, child(path, name)] as [JSONSchemaProps, string]] : []))
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) s[name]?.forEach((part, i) => parts.push([part, index(child(path, name), i)]))
  if (s.not != null) parts.push([s.not, child(path, 'not')])
  for (const k in s.properties) parts.push([s.properties[k] as JSONSchemaProps, key(child(path, 'properties'), k)])
  return parts
}
