/** A kind of the API that manifests can name. */
export interface Kind {
  readonly apiVersion: string
  readonly kind: string
  /** Name of its type in the schema. */
  readonly type: string
  /** Plural name as in REST paths. */
  readonly resource: string
  readonly namespaced: boolean
}

/** A field of a type. */
export interface Field {
  readonly name: string
  readonly type: string
  readonly required: boolean
  /** Type that has it. */
  readonly of: string
}

interface Schema {
  readonly kinds: readonly Kind[]
  readonly types: Readonly<Record<string, readonly string[]>>
  readonly enums: Readonly<Record<string, readonly string[]>>
}

let schema: Schema = { kinds: [], types: {}, enums: {} }

/** The schema comes beside the editor; until then it knows nothing, and nothing is wrong. */
export const schemaReady: Promise<void> = import('virtual:api-schema').then(({ kinds, types, enums }) => {
  schema = {
    types, enums,
    kinds: kinds.map((line) => {
      const [apiVersion = '', kind = '', type = '', resource = '', scope] = line.split(' ')
      return { apiVersion, kind, type, resource, namespaced: scope !== 'cluster' }
    }),
  }
})

/** All kinds, by apiVersion and kind. */
export function allKinds(): readonly Kind[] {
  return schema.kinds
}

/** The kind that a document names; undefined for custom and unknown ones. */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  return schema.kinds.find((k) => k.kind === kind && k.apiVersion === apiVersion)
}

const parsed = new Map<string, ReadonlyMap<string, Field>>()

/** Fields of a type; undefined when it is no struct. */
export function fieldsOf(type: string): ReadonlyMap<string, Field> | undefined {
  const known = parsed.get(type)
  if (known) return known
  const lines = schema.types[type]
  if (!lines) return undefined
  const fields = new Map(lines.map((line) => {
    const [name = '', rest = ''] = line.split(' ')
    return [name, { name, type: rest.replace(/!$/, ''), required: rest.endsWith('!'), of: type }] as const
  }))
  parsed.set(type, fields)
  return fields
}

/** What stands at a path below a type: its type, and the field it was reached by. Undefined where the schema says nothing. */
export function typeAt(root: string, path: readonly string[]): { readonly type: string; readonly field: Field | null } | undefined {
  let type = root
  let field: Field | null = null
  for (const key of path) {
    if (type.startsWith('[]')) {
      if (key !== '[]') return undefined
      type = type.slice(2)
    } else if (key === '[]') return undefined
    else if (type.startsWith('{}')) type = type.slice(2)
    else {
      const found = fieldsOf(type)?.get(key)
      if (!found) return undefined
      field = found
      type = found.type
    }
  }
  return { type, field }
}

/** Values that a type allows; undefined when it is no enumeration. */
export function valuesOf(type: string): readonly string[] | undefined {
  if (type === 'bool') return ['true', 'false']
  return type.startsWith('enum:') ? schema.enums[type.slice(5)] : undefined
}

const words: Readonly<Record<string, string>> = {
  bool: 'boolean', int: 'integer', uint: 'integer', float: 'number', bytes: 'base64 text', quantity: 'quantity', time: 'time', microTime: 'time', duration: 'duration',
  intOrString: 'integer or string', raw: 'object', fields: 'object', any: 'anything',
}

/** A type as a person reads it: `list of Container`, `map of string`. */
export function typeText(type: string): string {
  if (type.startsWith('[]')) return `list of ${typeText(type.slice(2))}`
  if (type.startsWith('{}')) return `map of ${typeText(type.slice(2))}`
  if (type.startsWith('enum:')) return 'string'
  return words[type] ?? type
}

let docs: Promise<Readonly<Record<string, string>>> | undefined

/** The description of a field with that of its type; '' without one. The texts are loaded when the first is asked for. */
export async function describe(field: Field): Promise<string> {
  docs ??= import('virtual:api-docs').then((m) => m.docs)
  const texts = await docs
  const inner = field.type.replace(/^(?:\[\]|\{\})+/, '')
  return texts[`${field.of}.${field.name}`] || texts[inner] || ''
}
