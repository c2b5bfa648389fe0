import { formatMicroTime, formatTime, isEmptyValue, jsonKind, parseQuantity, parseTime, type FieldSchema, type StructSchema, type TypeSchema } from '../apimachinery'
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
 * (kubectl sends keys sorted). What `value` shares with `known`, a canonical value at the same place, is not looked at again and stays shared:
 * only for callers that change nothing in place. Upstream: sigs.k8s.io/json UnmarshalStrict and encoding of the typed object.
 */
export function decodeStrict(typeName: string, value: unknown, known?: unknown): Decoded {
  const schema = structSchema(typeName)
  if (schema === undefined) throw new Error(`no schema for ${typeName}`)
  const decoder = new Decoder(schema)
  const object = decoder.root(value, known) as Record<string, unknown> | undefined
  return { object: object ?? zeroStruct(schema), unknown: decoder.unknown, ...(decoder.error === undefined ? {} : { error: decoder.error }) }
}

/** The canonical form of a known-good object (see Decoded.object). Objects must be stored in this form: lists print like upstream's. */
export function canonicalize<T>(typeName: string, object: T): T {
  return decodeStrict(typeName, object).object as T
}

const noErrors: readonly string[] = Object.freeze([])

class Decoder {
  unknown: readonly string[] = noErrors
  error: string | undefined
  /** Keys and list indexes on the way to the value at hand; texts are made of them only for an error. */
  private readonly path: (string | number)[] = []

  constructor(private readonly schema: StructSchema) {}

  root(value: unknown, known: unknown): unknown {
    if (value === null || value === undefined) return undefined
    const { schema } = this
    return typeof value === 'object' && !Array.isArray(value) ? this.struct(schema, value, known)
      : this.mismatch(value, { kind: 'struct', goName: schema.goName, struct: () => schema })
  }

  /** Decodes to the canonical value; undefined for null and for what does not fit. */
  private value(type: TypeSchema, value: unknown, known: unknown): unknown {
    if (value === null || value === undefined) return undefined
    switch (type.kind) {
      case 'string': return typeof value === 'string' ? value : this.mismatch(value, type)
      case 'pointer': return this.value(type.elem!, value, known)
      case 'struct':
        if (value === known) return value
        return typeof value === 'object' && !Array.isArray(value) ? this.struct(type.struct!(), value, known) : this.mismatch(value, type)
      case 'list': return value === known ? value : this.list(type, value, known)
      case 'map': return value === known ? value : this.map(type, value, known)
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

  private struct(schema: StructSchema, value: object, known: unknown): unknown {
    const layout = layoutOf(schema)
    const { fields, names, always } = layout
    const { path } = this
    const out: Record<string, unknown> = {}
    let last = -1
    let a = 0
    let isOrdered = true
    const before = typeof known === 'object' && known !== null ? (known as Record<string, unknown>) : undefined
    for (const key in value) {
      // Mostly the field behind the last one.
      const place = names[last + 1] === key ? last + 1 : layout.places.get(key)
      const item = (value as Record<string, unknown>)[key]
      const field = place === undefined ? undefined : fields[place]!
      let decoded = item
      // Most fields are strings, which are what they are.
      if (field?.type.kind !== 'string' || typeof item !== 'string') {
        path.push(key)
        if (field === undefined) this.strict()
        decoded = field && this.value(field.type, item, before?.[key])
        path.pop()
      }
      if (decoded === undefined) continue
      if (place! < last) isOrdered = false
      else for (last = place!; a < always.length && always[a]! <= last; a++) if (always[a]! < last) layout.writeAbsent(out, always[a]!)
      writeField(out, field!, decoded)
    }
    for (; a < always.length; a++) layout.writeAbsent(out, always[a]!)
    return isOrdered ? out : layout.inOrder(out)
  }

  private list(type: TypeSchema, value: unknown, known: unknown): unknown {
    if (!Array.isArray(value)) return this.mismatch(value, type)
    const before: readonly unknown[] = Array.isArray(known) ? known : noErrors
    const { path } = this
    const out: unknown[] = value.slice()
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i]
      const same = before.length > 0 && typeof item === 'object' && item !== null && before.includes(item)
      path.push(i)
      const decoded = same ? item : this.value(type.elem!, item, before[i])
      path.pop()
      out[i] = decoded === undefined ? zero(type.elem!) : decoded
    }
    return out
  }

  private map(type: TypeSchema, value: unknown, known: unknown): unknown {
    if (typeof value !== 'object' || Array.isArray(value)) return this.mismatch(value, type)
    const before = typeof known === 'object' && known !== null ? (known as Record<string, unknown>) : undefined
    const elem = type.elem!
    const { path } = this
    const out: Record<string, unknown> = {}
    for (const key in value) {
      const item = (value as Record<string, unknown>)[key]
      if (elem.kind === 'string' && typeof item === 'string') { out[key] = item; continue }
      path.push(key)
      const decoded = this.value(elem, item, before?.[key])
      path.pop()
      out[key] = decoded === undefined ? zero(elem) : decoded
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
    if (type.kind === 'time') {
      if (value === lastTime) return value
      if (isPlainTime(value, 20)) return (lastTime = value)
    } else if (isPlainTime(value, 27)) return value
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
    const name = what ?? jsonKind(value)
    this.fail(`json: cannot unmarshal ${name} into ${this.where()} of type ${type.goName}`)
    return undefined
  }

  /** Go's error context: the innermost struct, and the fields on the way with the names of embedded structs. */
  private where(): string {
    const fields: string[] = []
    let struct = ''
    let type: TypeSchema = { kind: 'struct', goName: '', struct: () => this.schema }
    for (const key of this.path) {
      while (type.kind === 'pointer') type = type.elem!
      if (type.kind !== 'struct') { type = type.elem!; continue }
      const schema = type.struct!()
      const found = schema.byName.get(key as string)!
      fields.push(...found.via, key as string)
      struct = schema.goName
      type = found.field.type
    }
    return fields.length === 0 ? 'Go value' : `Go struct field ${struct.slice(struct.indexOf('.') + 1)}.${fields.join('.')}`
  }

  private fail(text: string): void {
    this.error ??= text
  }

  /** The field at hand is not known. */
  private strict(): void {
    if (this.unknown.length >= MAX_STRICT_ERRORS) return
    let path = ''
    for (const key of this.path) path += typeof key === 'number' ? `[${key}]` : path === '' ? key : `.${key}`
    const text = `unknown field "${path}"`
    if (!this.unknown.includes(text)) this.unknown = [...this.unknown, text]
  }
}

/** A metav1.Time that was found plain: most are of the same second. */
let lastTime = ''

/** The form `2006-01-02T15:04:05Z` (20 characters), or with six digits of a fraction (27), of a day that every month has. */
function isPlainTime(text: string, length: number): boolean {
  if (text.length !== length || text[length - 1] !== 'Z' || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':') return false
  if (length === 27 && text[19] !== '.') return false
  for (let i = 0; i < length - 1; i++) {
    if (i === 4 || i === 7 || i === 10 || i === 13 || i === 16 || i === 19) continue
    const c = text.charCodeAt(i)
    if (c < 48 || c > 57) return false
  }
  const two = (i: number): number => text.charCodeAt(i) * 10 + text.charCodeAt(i + 1) - 528
  const month = two(5)
  const day = two(8)
  return month >= 1 && month <= 12 && day >= 1 && day <= 28 && two(11) < 24 && two(14) < 60 && two(17) < 60
}

// ---- Go's encoding of a decoded struct ---------------------------------------------------------------------------------------------------

const layouts = new WeakMap<StructSchema, Layout>()

/** A struct as it is written: fields in Go order with embedded structs unfolded, and those that are written even when absent. */
class Layout {
  readonly places = new Map<string, number>()
  /** By place; '' for a field that one before it hides. */
  readonly names: readonly string[]
  /** Places of the fields that are written even when absent, ascending. */
  readonly always: readonly number[]

  constructor(readonly fields: readonly FieldSchema[]) {
    fields.forEach((f, i) => { if (!this.places.has(f.name)) this.places.set(f.name, i) })
    this.names = fields.map((f, i) => (this.places.get(f.name) === i ? f.name : ''))
    this.always = fields.flatMap((f, i) => (isWrittenAbsent(f) ? [i] : []))
  }

  /** The same struct with its fields in Go order. */
  inOrder(struct: Record<string, unknown>): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    for (let i = 0; i < this.names.length; i++) {
      const name = this.names[i] as string
      const value = struct[name]
      if (value !== undefined) out[name] = value
    }
    return out
  }

  writeAbsent(out: Record<string, unknown>, place: number): void {
    const field = this.fields[place]!
    const value = absentValue(field)
    if (value !== undefined) out[field.name] = value
  }
}

/** Writes a value that is there, or not, as the field's rule for empty ones has it. */
function writeField(out: Record<string, unknown>, { name, type, omit }: FieldSchema, value: unknown): void {
  if (type.kind === 'string') {
    if (value !== '' || omit === 'never') out[name] = value
  } else if (type.kind === 'pointer') out[name] = value
  else if (omit === 'never') out[name] = (type.kind === 'list' || type.kind === 'map') && isEmptyValue(type, value) ? null : value
  else if (omit === 'zero' && type.kind === 'struct') {
    for (const _ in value as object) { out[name] = value; break }
  } else if (!isEmptyValue(type, value)) out[name] = value
}

function layoutOf(schema: StructSchema): Layout {
  let known = layouts.get(schema)
  if (known === undefined) layouts.set(schema, (known = new Layout(flat(schema))))
  return known
}

function flat(schema: StructSchema): FieldSchema[] {
  return schema.fields.flatMap((f) => (f.name === '' ? flat(f.type.struct!()) : [f]))
}

/** Whether Go may write a field that has no value. */
function isWrittenAbsent({ type, omit }: FieldSchema): boolean {
  switch (type.kind) {
    case 'struct': case 'time': case 'microTime': case 'quantity': case 'intOrString': case 'raw': case 'duration': return omit !== 'zero'
    default: return omit === 'never'
  }
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
  const layout = layoutOf(schema)
  const out: Record<string, unknown> = {}
  for (const place of layout.always) layout.writeAbsent(out, place)
  return out
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

