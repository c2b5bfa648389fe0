import type { JSONSchemaProps } from '../../../api'
import { child, deepEqual, fieldErrorText, forbidden, index, invalid, key, required, type FieldError } from '../../../apimachinery'
import { asSchema } from './as-schema'

type Level = 'at the root' | 'for specified array items' | 'for specified object fields'

const INT_OR_STRING: readonly JSONSchemaProps[] = [{ type: 'integer' }, { type: 'string' }]

/** Whether a schema says of every part what it is, so that unknown fields can be cut. Upstream: apiextensions-apiserver/pkg/apiserver/schema/validation.go ValidateStructural */
export function structuralErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = []
  invariants(schema, 'at the root', path, errors)
  complete(schema, schema, path, errors)
  return errors.map((e) => [fieldErrorText(e), e] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, e]) => e)
}

function invariants(s: JSONSchemaProps, level: Level, path: string, errors: FieldError[]): void {
  const items = asSchema(s.items)
  if (s.type === 'array' && items === undefined) errors.push(required(child(path, 'items'), 'must be specified'))
  if (items !== undefined) invariants(items, 'for specified array items', child(path, 'items'), errors)
  for (const k in s.properties) invariants(s.properties[k] as JSONSchemaProps, 'for specified object fields', key(child(path, 'properties'), k), errors)
  const more = s.additionalProperties
  if (more != null) {
    if (level === 'at the root') errors.push(forbidden(child(path, 'additionalProperties'), 'must not be used at the root'))
    const below = asSchema(more)
    if (below !== undefined) invariants(below, 'for specified object fields', child(path, 'additionalProperties'), errors)
  }
  const intOrString = s['x-kubernetes-int-or-string'] === true
  const open = s['x-kubernetes-preserve-unknown-fields'] === true
  const embedded = s['x-kubernetes-embedded-resource'] === true
  if (intOrString && open) errors.push(invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), true, 'must be false if x-kubernetes-int-or-string is true'))
  if (intOrString && embedded) errors.push(invalid(child(path, 'x-kubernetes-embedded-resource'), true, 'must be false if x-kubernetes-int-or-string is true'))
  valueErrors(s, intOrString, path, errors)
  if (embedded && s.type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(s.type ? invalid(child(path, 'type'), s.type, detail) : required(child(path, 'type'), detail))
  } else if (!s.type && !intOrString && !open) errors.push(required(child(path, 'type'), `must not be empty ${level}`))
  if (embedded && more != null) errors.push(forbidden(child(path, 'additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'))
  if (level === 'at the root' && s.type && s.type !== 'object') errors.push(invalid(child(path, 'type'), s.type, 'must be object at the root'))
  metadataErrors(s, level === 'at the root', embedded, path, errors)
  if (embedded && !open && Object.keys(s.properties ?? {}).length === 0) {
    errors.push(required(child(path, 'properties'), 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'))
  }
}

/** A root may restrict names, and nothing else of its metadata. */
function metadataErrors(s: JSONSchemaProps, isRoot: boolean, embedded: boolean, path: string, errors: FieldError[]): void {
  const at = child(path, 'properties')
  if (isRoot || embedded) {
    for (const k of ['kind', 'apiVersion'] as const) {
      const own = s.properties?.[k]
      if (own !== undefined && own.type !== 'string') errors.push(invalid(child(key(at, k), 'type'), own.type ?? '', 'must be string'))
    }
    const meta = s.properties?.metadata
    if (meta !== undefined && meta.type !== 'object') errors.push(invalid(child(key(at, 'metadata'), 'type'), meta.type ?? '', 'must be object'))
  }
  if (!isRoot || s.properties?.metadata === undefined) return
  const { type: _type, properties = {}, default: _default, description: _text, ...rest } = s.properties.metadata
  const others = Object.keys(properties).filter((k) => k !== 'name' && k !== 'generateName')
  if (others.length > 0 || Object.keys(rest).length > 0) errors.push(forbidden(key(at, 'metadata'), 'must not specify anything other than name and generateName, but metadata is implicitly specified'))
}

function valueErrors(s: JSONSchemaProps, intOrString: boolean, path: string, errors: FieldError[]): void {
  const skips = (anyOf: readonly JSONSchemaProps[] | undefined): boolean => intOrString && deepEqual(anyOf, INT_OR_STRING)
  if (!skips(s.anyOf)) s.anyOf?.forEach((p, i) => nested(p, index(child(path, 'anyOf'), i), errors))
  s.allOf?.forEach((p, i) => nested(i === 0 && skips(p.anyOf) ? { ...p, anyOf: [] } : p, index(child(path, 'allOf'), i), errors))
  s.oneOf?.forEach((p, i) => nested(p, index(child(path, 'oneOf'), i), errors))
  if (s.not !== undefined) nested(s.not, child(path, 'not'), errors)
  if (s.pattern) {
    try {
      void new RegExp(s.pattern, 'u')
    } catch (error) {
      // Ours knows less than Go's here and more there; only what neither reads is refused.
      if (/Unterminated|Nothing to repeat|Unmatched/i.test(String(error))) errors.push(invalid(child(path, 'pattern'), s.pattern, `must be a valid regular expression, but isn't: error parsing regexp: ${regexTrouble(s.pattern, String(error))}`))
    }
  }
}

/** What Go's regexp/syntax says of the commonest mistakes. */
function regexTrouble(pattern: string, error: string): string {
  if (/Unterminated character class/i.test(error)) return `missing closing ]: \`${pattern.slice(pattern.lastIndexOf('['))}\``
  if (/Unterminated group/i.test(error)) return `missing closing ): \`${pattern}\``
  if (/Unmatched/i.test(error)) return `unexpected ): \`${pattern}\``
  return `missing argument to repetition operator: \`${/[*+?]/.exec(pattern)?.[0] ?? pattern}\``
}

/** Inside of allOf, anyOf, oneOf and not, values may be restricted, but nothing may be specified. */
function nested(s: JSONSchemaProps, path: string, errors: FieldError[]): void {
  valueErrors(s, false, path, errors)
  const items = asSchema(s.items)
  if (items !== undefined) nested(items, child(path, 'items'), errors)
  for (const k in s.properties) nested(s.properties[k] as JSONSchemaProps, key(child(path, 'properties'), k), errors)
  const no = (field: string, detail: string): void => void errors.push(forbidden(child(path, field), `must be ${detail} to be structural`))
  if (s.type) no('type', 'empty')
  if (s.additionalProperties != null) no('additionalProperties', 'undefined')
  if (s.default !== undefined) no('default', 'undefined')
  if (s.title) no('title', 'empty')
  if (s.description) no('description', 'empty')
  if (s.nullable) no('nullable', 'false')
  if (s.externalDocs != null) no('externalDocs', 'undefined')
  if (s['x-kubernetes-preserve-unknown-fields']) no('x-kubernetes-preserve-unknown-fields', 'false')
  if (s['x-kubernetes-embedded-resource']) no('x-kubernetes-embedded-resource', 'false')
  if (s['x-kubernetes-int-or-string']) no('x-kubernetes-int-or-string', 'false')
  if ((s['x-kubernetes-list-map-keys'] ?? []).length > 0) no('x-kubernetes-list-map-keys', 'empty')
  if (s['x-kubernetes-list-type'] != null) no('x-kubernetes-list-type', 'undefined')
  if (s['x-kubernetes-map-type'] != null) no('x-kubernetes-map-type', 'undefined')
  if ((s['x-kubernetes-validations'] ?? []).length > 0) no('x-kubernetes-validations', 'empty')
  if (s.properties?.metadata !== undefined) errors.push(forbidden(key(child(path, 'properties'), 'metadata'), 'must not be specified in a nested context'))
}

/** What nested parts restrict must be specified outside of them too. Upstream: schema/complete.go validateStructuralCompleteness */
function complete(whole: JSONSchemaProps, part: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const parts: [JSONSchemaProps, string][] = []
  for (const k of ['allOf', 'anyOf', 'oneOf'] as const) part[k]?.forEach((p, i) => parts.push([p, index(child(path, k), i)]))
  if (part.not !== undefined) parts.push([part.not, child(path, 'not')])
  for (const [p, at] of parts) specified(whole, p, at, path, errors)
  if (whole !== part) return
  const items = asSchema(whole.items)
  if (items !== undefined) complete(items, items, child(path, 'items'), errors)
  for (const k in whole.properties) complete(whole.properties[k] as JSONSchemaProps, whole.properties[k] as JSONSchemaProps, key(child(path, 'properties'), k), errors)
  const more = asSchema(whole.additionalProperties)
  if (more !== undefined) complete(more, more, child(path, 'additionalProperties'), errors)
}

function specified(whole: JSONSchemaProps | undefined, part: JSONSchemaProps, path: string, home: string, errors: FieldError[]): void {
  if (whole === undefined) return void errors.push(required(home, `because it is defined in ${path}`))
  complete(whole, part, path, errors)
  const items = asSchema(part.items)
  if (items !== undefined) specified(asSchema(whole.items), items, child(path, 'items'), child(home, 'items'), errors)
  for (const k in part.properties) {
    const own = whole.properties?.[k] ?? asSchema(whole.additionalProperties)
    specified(own, part.properties[k] as JSONSchemaProps, key(child(path, 'properties'), k), key(child(home, 'properties'), k), errors)
  }
}
