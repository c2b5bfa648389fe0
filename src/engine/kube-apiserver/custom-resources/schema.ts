import type { JSONSchemaProps } from '../../api'
import { child, deepEqual, index, invalid, isObject, notSupported, required, type FieldError, type JsonObject } from '../../apimachinery'
import { asSchema } from '../registry/apiextensions/as-schema'

const MAX_ERRORS = 100

function typeOf(v: unknown): string {
  if (v === null) return 'null'
  if (Array.isArray(v)) return 'array'
  if (typeof v === 'number') return Number.isInteger(v) ? 'integer' : 'number'
  return typeof v === 'object' ? 'object' : typeof v
}

const keepsUnknown = (s: JSONSchemaProps): boolean => s['x-kubernetes-preserve-unknown-fields'] === true

/**
 * A copy of a value without what its schema does not know; the paths of what was cut go to `unknown`. Nulls that are not nullable go as well.
 * Upstream: apiextensions-apiserver/pkg/apiserver/schema/pruning
 */
export function prune(schema: JSONSchemaProps | undefined, value: unknown, path: string, unknown: string[]): unknown {
  if (Array.isArray(value)) return value.map((v, i) => prune(asSchema(schema?.items), v, index(path, i), unknown))
  if (!isObject(value)) return value
  const out: JsonObject = {}
  const more = asSchema(schema?.additionalProperties)
  const open = schema === undefined || keepsUnknown(schema) || schema.additionalProperties === true
  const embedded = schema?.['x-kubernetes-embedded-resource'] === true
  for (const k in value) {
    const own = schema?.properties?.[k]
    if (own === undefined && more === undefined && !open && !(embedded && (k === 'apiVersion' || k === 'kind' || k === 'metadata'))) unknown.push(child(path, k))
    else if (value[k] !== null || (own ?? more) === undefined || (own ?? more)?.nullable) out[k] = prune(own ?? more, value[k], child(path, k), unknown)
  }
  return out
}

/** Fills in defaults, in place. Upstream: apiserver/schema/defaulting */
export function setDefaults(schema: JSONSchemaProps | undefined, value: unknown): void {
  if (schema === undefined) return
  if (Array.isArray(value)) for (const v of value) setDefaults(asSchema(schema.items), v)
  else if (isObject(value)) {
    const { properties } = schema
    for (const k in properties) {
      const own = properties[k] as JSONSchemaProps
      if (value[k] === undefined && own.default !== undefined) value[k] = copy(own.default)
      if (value[k] !== undefined) setDefaults(own, value[k])
    }
    const more = asSchema(schema.additionalProperties)
    if (more !== undefined) for (const k in value) if (properties?.[k] === undefined) setDefaults(more, value[k])
  }
}

function copy(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(copy)
  if (!isObject(v)) return v
  const out: JsonObject = {}
  for (const k in v) out[k] = copy(v[k])
  return out
}

/** What of a value breaks its schema. Upstream: kube-openapi/pkg/validation/validate, apiextensions-apiserver/pkg/apiserver/validation/validation.go */
export function validate(schema: JSONSchemaProps | undefined, value: unknown, path = '', old?: unknown): FieldError[] {
  const errors: FieldError[] = []
  if (schema !== undefined) check(schema, value, path, errors, old)
  return errors
}

/** What has not changed since `old` is let pass, as upstream's ratcheting does. */
function check(s: JSONSchemaProps, v: unknown, path: string, errors: FieldError[], old?: unknown): void {
  if (errors.length >= MAX_ERRORS || (old !== undefined && deepEqual(v, old))) return
  const say = (text: string): void => void errors.push(invalid(path, v, `${path} in body ${text}`))
  const type = typeOf(v)
  if (v === null && s.nullable) return
  if (s['x-kubernetes-int-or-string'] ? type !== 'integer' && type !== 'string' : s.type !== undefined && s.type !== '' && s.type !== type && !(s.type === 'number' && type === 'integer')) {
    const wanted = s['x-kubernetes-int-or-string'] ? 'integer,string' : s.type
    errors.push({ type: 'FieldValueTypeInvalid', field: path || '<nil>', value: type === 'integer' && s.type !== 'string' ? 'integer' : type, detail: `${path} in body must be of type ${wanted}: "${type}"` })
    return
  }
  if (s.enum != null && !s.enum.some((e) => deepEqual(e, v))) errors.push(notSupported(path, v as string, s.enum.map(String)))
  if (typeof v === 'number') numberErrors(s, v, say)
  else if (typeof v === 'string') stringErrors(s, v, path, say, errors)
  else if (Array.isArray(v)) {
    if (s.minItems != null && v.length < s.minItems) errors.push(invalid(path, v.length, `${path} in body should have at least ${s.minItems} items`))
    if (s.maxItems != null && v.length > s.maxItems) errors.push({ type: 'FieldValueTooMany', field: path, value: v.length, detail: `must have at most ${s.maxItems} items` })
    const items = asSchema(s.items)
    const before = old === undefined ? undefined : correlate(s, old)
    if (items !== undefined) v.forEach((item, i) => check(items, item, index(path, i), errors, before?.(item)))
    listErrors(s, v, path, errors)
  } else if (isObject(v)) objectErrors(s, v, path, errors, isObject(old) ? old : undefined)
  combined(s, v, path, errors)
}

function numberErrors(s: JSONSchemaProps, v: number, say: (text: string) => void): void {
  if (s.minimum != null && (s.exclusiveMinimum ? v <= s.minimum : v < s.minimum)) say(`should be greater than ${s.exclusiveMinimum ? '' : 'or equal to '}${s.minimum}`)
  if (s.maximum != null && (s.exclusiveMaximum ? v >= s.maximum : v > s.maximum)) say(`should be less than ${s.exclusiveMaximum ? '' : 'or equal to '}${s.maximum}`)
  if (s.multipleOf != null && s.multipleOf > 0 && !Number.isInteger(v / s.multipleOf)) say(`should be a multiple of ${s.multipleOf}`)
}

const formats: Readonly<Record<string, RegExp>> = {
  'date-time': /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/, date: /^\d{4}-\d\d-\d\d$/, ipv4: /^(\d{1,3}\.){3}\d{1,3}$/, uuid: /^[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}$/,
  email: /^[^@\s]+@[^@\s]+$/, hostname: /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, uri: /^[a-zA-Z][a-zA-Z0-9+.-]*:/,
}

function stringErrors(s: JSONSchemaProps, v: string, path: string, say: (text: string) => void, errors: FieldError[]): void {
  const length = [...v].length
  if (s.maxLength != null && length > s.maxLength) errors.push({ type: 'FieldValueTooLong', field: path, value: '', detail: `may not be more than ${s.maxLength} bytes` })
  if (s.minLength != null && length < s.minLength) say(`should be at least ${s.minLength} chars long`)
  if (s.pattern && pattern(s.pattern)?.test(v) === false) say(`should match '${s.pattern}'`)
  const format = s.format ? formats[s.format] : undefined
  if (format !== undefined && !format.test(v)) say(`must be of type ${s.format}: ${JSON.stringify(v)}`)
}

/** Go's expressions are close enough to ours; one that is not is not held against anybody. */
function pattern(text: string): RegExp | undefined {
  try {
    return new RegExp(text, 'u')
  } catch {
    return undefined
  }
}

function listErrors(s: JSONSchemaProps, list: readonly unknown[], path: string, errors: FieldError[]): void {
  const kind = s['x-kubernetes-list-type']
  if (kind !== 'set' && kind !== 'map') return
  const seen = new Set<string>()
  list.forEach((item, i) => {
    const keys = s['x-kubernetes-list-map-keys'] ?? []
    const value = kind === 'set' ? item : Object.fromEntries(keys.map((k) => [k, (item as JsonObject)?.[k]]))
    const id = JSON.stringify(value)
    if (seen.has(id)) errors.push({ type: 'FieldValueDuplicate', field: index(path, i), value, detail: '' })
    seen.add(id)
  })
}

/** Finds what an item of a list with keys was before. */
function correlate(s: JSONSchemaProps, old: unknown): ((item: unknown) => unknown) | undefined {
  const keys = s['x-kubernetes-list-map-keys'] ?? []
  if (s['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return undefined
  return (item) => old.find((o) => isObject(o) && isObject(item) && keys.every((k) => deepEqual(o[k], item[k])))
}

function objectErrors(s: JSONSchemaProps, o: JsonObject, path: string, errors: FieldError[], old: JsonObject | undefined): void {
  for (const k of s.required ?? []) if (o[k] === undefined) errors.push(required(child(path, k)))
  const count = Object.keys(o).length
  if (s.minProperties != null && count < s.minProperties) errors.push(invalid(path, count, `${path} in body should have at least ${s.minProperties} properties`))
  if (s.maxProperties != null && count > s.maxProperties) errors.push({ type: 'FieldValueTooMany', field: path, value: count, detail: `must have at most ${s.maxProperties} items` })
  const more = asSchema(s.additionalProperties)
  for (const k of Object.keys(o).sort()) {
    const own = s.properties?.[k] ?? more
    if (own !== undefined) check(own, o[k], child(path, k), errors, old?.[k])
  }
}

function combined(s: JSONSchemaProps, v: unknown, path: string, errors: FieldError[]): void {
  const fits = (part: JSONSchemaProps): boolean => validate(part, v, path).length === 0
  const say = (text: string): void => void errors.push(invalid(path, '', `"${path}" must ${text}`))
  for (const part of s.allOf ?? []) check(part, v, path, errors)
  if (s.anyOf?.length && !s.anyOf.some(fits)) say('validate at least one schema (anyOf)')
  if (s.oneOf?.length) {
    const n = s.oneOf.filter(fits).length
    if (n !== 1) say(`validate one and only one schema (oneOf). ${n === 0 ? 'Found none valid' : `Found ${n} valid alternatives`}`)
  }
  if (asSchema(s.not) !== undefined && fits(s.not as JSONSchemaProps)) say('not validate the schema (not)')
}
