import type { Environment } from '@marcbachmann/cel-js'
import type { JSONSchemaProps } from '../../api'
import { isObject } from '../../apimachinery'
import { asSchema } from '../registry/apiextensions/as-schema'
import { baseEnvironment, compile } from '../cel'

/** What a schema means to an expression: a type, and how a value of the object becomes one of the expression. Upstream: apiserver/pkg/cel/types.go DeclType */
export interface DeclType {
  /** Name in the environment. */
  readonly name: string
  readonly kind: 'scalar' | 'list' | 'map' | 'object' | 'dyn'
  /** Of objects, by escaped name. */
  readonly fields: ReadonlyMap<string, { readonly type: DeclType; readonly property: string }>
  /** Of lists and maps. */
  readonly elem?: DeclType
  /** Most elements, characters or entries that a value can have. */
  readonly maxElements: number
  /** Least size of a value as JSON. Units: bytes. */
  readonly minSize: number
  readonly convert: (value: unknown) => unknown
}

const MAX_REQUEST = 3 * 1024 * 1024
const NO_FIELDS: DeclType['fields'] = new Map()
const RESERVED = new Set(['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'])

/** A field's name as expressions write it; undefined when they cannot. Upstream: apiserver/pkg/cel/escaping.go */
export function escapeName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`
  if (!/^[a-zA-Z_][a-zA-Z0-9_\-./]*$/.test(name)) return undefined
  return name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__')
}

/** An object of a schema, as an expression holds it: only the fields that are there. */
class ObjectValue {}


let timestamp: ((text: string) => unknown) | undefined
let duration: ((text: string) => unknown) | undefined

/** What a function of the language makes of a text. */
function converter(name: string): (text: string) => unknown {
  const made = compile(baseEnvironment().clone().registerVariable('t', 'string'), `${name}(t)`)
  return (t) => {
    const result = made.program?.run({ t })
    return result?.error === undefined ? result?.value : t
  }
}

/** Any value, by what it is: of an int-or-string, mostly. */
export function convertAny(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(convertAny)
  if (!isObject(value)) return value
  const out = new Map<string, unknown>()
  for (const k in value) if (value[k] !== null && value[k] !== undefined) out.set(k, convertAny(value[k]))
  return out
}

function scalar(name: string, minSize: number, convert: DeclType['convert'], maxElements = 1): DeclType {
  return { name, kind: 'scalar', fields: NO_FIELDS, maxElements, minSize, convert }
}

function stringType(s: JSONSchemaProps): DeclType {
  switch (s.format) {
    case 'date': return scalar('google.protobuf.Timestamp', 12, (v) => (timestamp ??= converter('timestamp'))(`${String(v)}T00:00:00Z`))
    case 'date-time': return scalar('google.protobuf.Timestamp', 22, (v) => (timestamp ??= converter('timestamp'))(String(v)))
    case 'duration': return scalar('google.protobuf.Duration', 4, (v) => (duration ??= converter('duration'))(String(v)))
    default:
  }
  const longest = s.enum != null && s.enum.length > 0 ? Math.max(...s.enum.map((e) => String(e).length)) : s.maxLength != null ? s.maxLength * 4 : MAX_REQUEST - 2
  return scalar('string', 2, (v) => v, longest)
}

/** The type of a schema, and of all below; undefined when expressions cannot see it. `name` is that of its object type. Upstream: apiserver/pkg/cel/common/schemas.go SchemaDeclType */
export function declare(schema: JSONSchemaProps, isRoot: boolean, name: string, env: Environment, objects: Map<string, DeclType['fields']>): DeclType | undefined {
  if (schema['x-kubernetes-int-or-string']) return { name: 'dyn', kind: 'dyn', fields: NO_FIELDS, maxElements: MAX_REQUEST - 2, minSize: 1, convert: convertAny }
  const rooted = isRoot || schema['x-kubernetes-embedded-resource'] === true
  switch (schema.type) {
    case 'boolean': return scalar('bool', 4, (v) => v)
    case 'integer': return scalar('int', 1, (v) => (typeof v === 'number' ? BigInt(Math.trunc(v)) : v))
    case 'number': return scalar('double', 1, (v) => v)
    case 'string': return stringType(schema)
    case 'array': {
      const items = asSchema(schema.items)
      const elem = items && declare(items, false, `${name}.idx`, env, objects)
      if (elem === undefined) return undefined
      const maxElements = schema.maxItems ?? Math.floor((MAX_REQUEST - 2) / (elem.minSize + 1))
      return { name: `list<${elem.name}>`, kind: 'list', fields: NO_FIELDS, elem, maxElements, minSize: 2, convert: (v) => (Array.isArray(v) ? v.map(elem.convert) : v) }
    }
    case 'object': {
      const more = asSchema(schema.additionalProperties)
      if (more !== undefined) {
        const elem = declare(more, false, `${name}.elem`, env, objects)
        if (elem === undefined) return undefined
        const maxElements = schema.maxProperties ?? Math.floor((MAX_REQUEST - 2) / (elem.minSize + 6))
        return { name: `map<string, ${elem.name}>`, kind: 'map', fields: NO_FIELDS, elem, maxElements, minSize: 2, convert: (v) => mapOf(v, elem) }
      }
      return objectType(rooted ? withMetadata(schema) : schema, name, env, objects)
    }
    default: return undefined
  }
}

function mapOf(value: unknown, elem: DeclType): unknown {
  const out = new Map<string, unknown>()
  if (isObject(value)) for (const k in value) if (value[k] !== null) out.set(k, elem.convert(value[k]))
  return out
}

/** What every resource has besides. Upstream: model.WithTypeAndObjectMeta */
function withMetadata(schema: JSONSchemaProps): JSONSchemaProps {
  const text: JSONSchemaProps = { type: 'string' }
  return { ...schema, properties: { ...schema.properties, apiVersion: text, kind: text, metadata: { type: 'object', properties: { name: text, generateName: text } } } }
}

function objectType(schema: JSONSchemaProps, name: string, env: Environment, objects: Map<string, DeclType['fields']>): DeclType {
  const fields = new Map<string, { type: DeclType; property: string }>()
  let minSize = 2
  for (const property of Object.keys(schema.properties ?? {}).sort()) {
    const own = (schema.properties as Record<string, JSONSchemaProps>)[property] as JSONSchemaProps
    const escaped = escapeName(property)
    if (escaped === undefined) continue
    const type = declare(own, false, `${name}.${escaped}`, env, objects)
    if (type === undefined) continue
    fields.set(escaped, { type, property })
    if (schema.required?.includes(property) && own.default === undefined) minSize += property.length + type.minSize + 4
  }
  const ctor = class extends ObjectValue {}
  const types = Object.fromEntries([...fields].map(([k, f]) => [k, f.type.name]))
  env.registerType(name, { ctor, fields: types } as never)
  env.registerOperator(`${name} == ${name}`, sameValue)
  objects.set(name, fields)
  return {
    name, kind: 'object', fields, maxElements: 1, minSize,
    convert(value) {
      const out = new ctor() as Record<string, unknown>
      if (isObject(value)) for (const [k, f] of fields) if (value[f.property] !== undefined && value[f.property] !== null) out[k] = f.type.convert(value[f.property])
      return out
    },
  }
}

/** Equality of what conversion makes. */
function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((v, i) => sameValue(v, b[i]))
  if (a instanceof Map) return b instanceof Map && a.size === b.size && [...a].every(([k, v]) => b.has(k) && sameValue(v, b.get(k)))
  if (!(a instanceof ObjectValue)) return String(a) === String(b)
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every((k) => sameValue(left[k], right[k]))
}
