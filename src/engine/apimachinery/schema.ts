/** Kinds of values a Go type can hold, as far as decoding, patching and hashing need to tell them apart. */
export type TypeKind =
  | 'string' | 'bool' | 'int' | 'uint' | 'float' | 'bytes' | 'quantity' | 'time' | 'microTime' | 'duration' | 'intOrString'
  | 'raw' | 'fields' | 'any' | 'struct' | 'list' | 'map' | 'pointer'

/** A Go type. `goName` is what reflect prints (`[]v1.Container`). */
export interface TypeSchema {
  readonly kind: TypeKind
  readonly goName: string
  /** Element of a list, map or pointer. */
  readonly elem?: TypeSchema
  /** Schema of a struct, built when first asked for. */
  readonly struct?: () => StructSchema
  /** Units: bits, of int and uint. */
  readonly bits?: number
}

/** A struct with its fields in Go order. */
export interface StructSchema {
  readonly name: string
  readonly goName: string
  /** Its Go package, `apps/v1`. */
  readonly pkg?: string
  readonly fields: readonly FieldSchema[]
  /** Fields by JSON name, those of embedded structs included, with the embedded structs on the way. */
  readonly byName: ReadonlyMap<string, { readonly field: FieldSchema; readonly via: readonly string[] }>
}

/** One field of a struct. An embedded struct without JSON name has `name` ''. */
export interface FieldSchema {
  readonly name: string
  readonly goName: string
  readonly type: TypeSchema
  /** When Go leaves it out of JSON: never, when empty (omitempty), also when a zero struct (omitzero). */
  readonly omit: 'never' | 'empty' | 'zero'
  /** Required by the API's OpenAPI document. */
  readonly required: boolean
  readonly patchMergeKey?: string
  readonly patchStrategy: readonly string[]
  /** Server-side apply: atomic, set or map. */
  readonly listType?: string
  readonly listMapKeys: readonly string[]
  /** Server-side apply: an atomic struct or map. */
  readonly atomic: boolean
}

/** Whether a JSON value is what Go's omitempty drops for a type. */
export function isEmptyValue(type: TypeSchema, value: unknown): boolean {
  if (value === undefined || value === null) return true
  switch (type.kind) {
    case 'string': case 'bytes': return value === ''
    case 'bool': return value === false
    case 'int': case 'uint': case 'float': return value === 0
    case 'list': return (value as unknown[]).length === 0
    case 'map': case 'fields': for (const _ in value as object) return false; return true
    default: return false
  }
}
