import { formatMicroTime, formatTime, isEmptyValue, parseQuantity, parseTime, type FieldSchema, type StructSchema, type TypeSchema } from '../apimachinery'
import { structSchema } from './schema'

/** What came out of decoding a request body. */
export interface Decoded {
  /** The object as Go would write it again: unknown fields dropped, quantities canonical, empty values left out, zero structs filled in. */
  readonly object: Record<string, unknown>
  /** Strict decoding errors, in the order of the document: `unknown field "spec.foo"`. */
  readonly unknown: readonly string[]
  /** The first value that does not fit: `json: cannot unmarshal string into Go struct field …`. */
  readonly error?: string
}

const MAX_STRICT_ERRORS = 100

/**
 * Decodes JSON as a Kubernetes type the way Go does. `value` is walked in its own key order, which decides the order of errors
 * (kubectl sends keys sorted). Upstream: sigs.k8s.io/json UnmarshalStrict and encoding of the typed object.
 */
export function decodeStrict(typeName: string, value: unknown): Decoded {
  const schema = structSchema(typeName)
  if (schema === undefined) throw new Error(`no schema for ${typeName}`)
  const decoder = new Decoder()
  const object = decoder.value({ kind: 'struct', goName: schema.goName, struct: () => schema }, value) as Record<string, unknown> | undefined
  return { object: object ?? zeroStruct(schema), unknown: decoder.unknown, ...(decoder.error === undefined ? {} : { error: decoder.error }) }
}

/** The canonical form of a known-good object (see Decoded.object). Objects must be stored in this form: lists print like upstream's. */
export function canonicalize<T>(typeName: string, object: T): T {
  return decodeStrict(typeName, object).object as T
}

class Decoder {
  readonly unknown: string[] = []
  error: string | undefined
  /** Go's error context: the struct, and the path with the names of embedded structs. */
  private struct = ''
  private readonly stack: string[] = []
  /** The path of strict errors. */
  private readonly path: string[] = []

  /** Decodes to the canonical value; undefined for null and for what does not fit. */
  value(type: TypeSchema, value: unknown): unknown {
    if (value === null || value === undefined) return undefined
    switch (type.kind) {
      case 'pointer': return this.value(type.elem!, value)
      case 'struct': return this.object(type, value)
      case 'list': return this.list(type, value)
      case 'map': return this.map(type, value)
      case 'string': return typeof value === 'string' ? value : this.mismatch(value, type)
      case 'bool': return typeof value === 'boolean' ? value : this.mismatch(value, type)
      case 'int': case 'uint': return this.integer(type, value)
      case 'float': return typeof value === 'number' ? value : this.mismatch(value, type)
      case 'bytes': return this.bytes(type, value)
      case 'quantity': return this.quantity(value)
      case 'intOrString': return typeof value === 'string' ? value : this.integer({ kind: 'int', goName: 'int32', bits: 32 }, value)
      case 'time': case 'microTime': return this.time(type, value)
      default: return value
    }
  }

  private object(type: TypeSchema, value: unknown): unknown {
    if (typeof value !== 'object' || Array.isArray(value)) return this.mismatch(value, type)
    const schema = type.struct!()
    const found: Record<string, unknown> = {}
    const outer = this.struct
    const depth = this.stack.length
    for (const key in value) {
      const known = schema.byName.get(key)
      this.path.push(this.path.length === 0 ? key : `.${key}`)
      if (known === undefined) this.strict(`unknown field "${this.path.join('')}"`)
      else {
        this.struct = schema.goName
        this.stack.push(...known.via, key)
        found[key] = this.value(known.field.type, (value as Record<string, unknown>)[key])
        this.stack.length = depth
        this.struct = outer
      }
      this.path.pop()
    }
    return encode(schema, found)
  }

  private list(type: TypeSchema, value: unknown): unknown {
    if (!Array.isArray(value)) return this.mismatch(value, type)
    return value.map((item, i) => {
      this.path.push(`[${i}]`)
      const decoded = this.value(type.elem!, item)
      this.path.pop()
      return decoded === undefined ? zero(type.elem!) : decoded
    })
  }

  private map(type: TypeSchema, value: unknown): unknown {
    if (typeof value !== 'object' || Array.isArray(value)) return this.mismatch(value, type)
    const out: Record<string, unknown> = {}
    for (const key in value) {
      this.path.push(this.path.length === 0 ? key : `.${key}`)
      const decoded = this.value(type.elem!, (value as Record<string, unknown>)[key])
      this.path.pop()
      out[key] = decoded === undefined ? zero(type.elem!) : decoded
    }
    return out
  }

  private integer(type: TypeSchema, value: unknown): unknown {
    if (typeof value !== 'number') return this.mismatch(value, type)
    const limit = 2 ** ((type.bits ?? 64) - (type.kind === 'int' ? 1 : 0))
    const low = type.kind === 'int' ? -limit : 0
    return Number.isInteger(value) && value >= low && value < limit ? value : this.mismatch(value, type, `number ${value}`)
  }

  private quantity(value: unknown): unknown {
    const text = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : JSON.stringify(value)
    const parsed = parseQuantity(text)
    if (typeof parsed !== 'string') return parsed.text
    this.fail(parsed)
    return undefined
  }

  private time(type: TypeSchema, value: unknown): unknown {
    if (typeof value !== 'string') return this.mismatch(value, { kind: 'string', goName: 'string' })
    if (type.kind === 'time' && value.length === 20 && value.endsWith('Z')) {
      if (parseTime(value) !== undefined) return value
    }
    const at = parseTime(value)
    if (at !== undefined) return type.kind === 'time' ? formatTime(at) : formatMicroTime(at)
    this.fail(timeError(value, type.kind === 'time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00'))
    return undefined
  }

  private bytes(type: TypeSchema, value: unknown): unknown {
    if (typeof value !== 'string') return this.mismatch(value, type)
    const at = base64Error(value)
    if (at === undefined) return value.replace(/[\r\n]/g, '')
    this.fail(`illegal base64 data at input byte ${at}`)
    return undefined
  }

  private mismatch(value: unknown, type: TypeSchema, what?: string): undefined {
    const name = what ?? (typeof value === 'boolean' ? 'bool' : Array.isArray(value) ? 'array' : typeof value)
    const where = this.stack.length === 0 ? 'Go value' : `Go struct field ${this.struct.slice(this.struct.indexOf('.') + 1)}.${this.stack.join('.')}`
    this.fail(`json: cannot unmarshal ${name} into ${where} of type ${type.goName}`)
    return undefined
  }

  private fail(text: string): void {
    this.error ??= text
  }

  private strict(text: string): void {
    if (this.unknown.length < MAX_STRICT_ERRORS && !this.unknown.includes(text)) this.unknown.push(text)
  }
}

// ---- Go's encoding of a decoded struct ---------------------------------------------------------------------------------------------------

const flatFields = new WeakMap<StructSchema, readonly FieldSchema[]>()

/** Fields in Go order with embedded structs unfolded. */
function flat(schema: StructSchema): readonly FieldSchema[] {
  let known = flatFields.get(schema)
  if (known === undefined) {
    known = schema.fields.flatMap((f) => (f.name === '' ? flat(f.type.struct!()) : [f]))
    flatFields.set(schema, known)
  }
  return known
}

function encode(schema: StructSchema, found: Record<string, unknown>): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const field of flat(schema)) {
    const value = found[field.name]
    const { type } = field
    if (value === undefined) {
      const absent = absentValue(field)
      if (absent !== undefined) out[field.name] = absent
    } else if (type.kind === 'pointer') out[field.name] = value
    else if (field.omit === 'never') out[field.name] = (type.kind === 'list' || type.kind === 'map') && isEmptyValue(type, value) ? null : value
    else if (field.omit === 'zero' && type.kind === 'struct') {
      for (const _ in value as object) { out[field.name] = value; break }
    } else if (!isEmptyValue(type, value)) out[field.name] = value
  }
  return out
}

/** What Go writes for a field without value; undefined for nothing. */
function absentValue(field: FieldSchema): unknown {
  const { type } = field
  switch (type.kind) {
    case 'struct': case 'time': case 'microTime': case 'quantity': case 'intOrString': case 'raw': case 'duration':
      return field.omit === 'zero' ? undefined : zero(type)
    default: return field.omit === 'never' ? zero(type) : undefined
  }
}

/** JSON of Go's zero value. */
function zero(type: TypeSchema): unknown {
  switch (type.kind) {
    case 'struct': return zeroStruct(type.struct!())
    case 'string': return ''
    case 'bool': return false
    case 'int': case 'uint': case 'float': case 'intOrString': return 0
    case 'quantity': return '0'
    case 'duration': return '0s'
    default: return null
  }
}

/** A fresh one each time: what was decoded is the server's private copy, and defaults are placed into it. */
function zeroStruct(schema: StructSchema): Record<string, unknown> {
  return encode(schema, {})
}

// ---- error texts -------------------------------------------------------------------------------------------------------------------------

const TIME_PARTS: readonly [pattern: RegExp, name: string][] = [
  [/^\d{4}/, '2006'], [/^-/, '-'], [/^\d\d/, '01'], [/^-/, '-'], [/^\d\d/, '02'], [/^T/, 'T'], [/^\d\d/, '15'], [/^:/, ':'],
  [/^\d\d/, '04'], [/^:/, ':'], [/^\d\d(\.\d+)?/, '05'], [/^(Z|[+-]\d\d:\d\d)/, 'Z07:00'],
]

/** Upstream: Go time.ParseError. */
function timeError(text: string, layout: string): string {
  const head = `parsing time ${JSON.stringify(text)}`
  let rest = text
  for (const [pattern, name] of TIME_PARTS) {
    const match = pattern.exec(rest)
    if (match === null) return `${head} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(name)}`
    rest = rest.slice(match[0].length)
  }
  return rest === '' ? `${head}: day out of range` : `${head}: extra text: ${JSON.stringify(rest)}`
}

/** Index of the first byte that is not base64 as Go sees it; undefined when all is well. Upstream: encoding/base64 decodeQuantum. */
function base64Error(text: string): number | undefined {
  let inQuantum = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (c === '\n' || c === '\r') continue
    if (/[A-Za-z0-9+/]/.test(c)) { inQuantum = (inQuantum + 1) % 4; continue }
    if (c !== '=' || inQuantum < 2) return i
    let next = i + 1
    if (inQuantum === 2) {
      while (text[next] === '\n' || text[next] === '\r') next++
      if (next >= text.length) return text.length
      if (text[next] !== '=') return next - 1
      next++
    }
    while (text[next] === '\n' || text[next] === '\r') next++
    return next < text.length ? next : undefined
  }
  return inQuantum === 0 ? undefined : text.length - inQuantum
}

