import type { CustomSchema } from './crd-schema'

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

/** Where custom kinds come from: definitions in the cluster, and those in the text that is being written. */
type Origin = 'cluster' | 'text'

const custom: Record<Origin, readonly CustomSchema[]> = { cluster: [], text: [] }
const listeners = new Set<() => void>()

/** Kinds that are not built in, from here on. What listens is told when they come from the cluster. */
export function setCustomKinds(origin: Origin, schemas: readonly CustomSchema[]): void {
  custom[origin] = schemas
  if (origin === 'cluster') for (const listener of listeners) listener()
}

/** Hears of custom kinds; the result ends that. */
export function onCustomKinds(listener: () => void): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** What is being written stands for what is there already. */
const customs = (): readonly CustomSchema[] => [...custom.text, ...custom.cluster]

function inCustom<T>(find: (one: CustomSchema) => T | undefined): T | undefined {
  for (const one of customs()) {
    const found = find(one)
    if (found !== undefined) return found
  }
  return undefined
}

/** All kinds, by apiVersion and kind; custom ones last. */
export function allKinds(): readonly Kind[] {
  return [...schema.kinds, ...customs().flatMap(({ kinds }) => kinds)]
}

/** The kind that a document names; undefined for unknown ones. */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  const is = (k: Kind): boolean => k.kind === kind && k.apiVersion === apiVersion
  return schema.kinds.find(is) ?? inCustom(({ kinds }) => kinds.find(is))
}

const parsed = new Map<string, ReadonlyMap<string, Field>>()

/** Fields of a type; undefined when it is no struct. */
export function fieldsOf(type: string): ReadonlyMap<string, Field> | undefined {
  const known = parsed.get(type)
  if (known) return known
  const lines = schema.types[type]
  if (!lines) return inCustom(({ fields: known }) => known.get(type))
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
  if (!type.startsWith('enum:')) return undefined
  return schema.enums[type.slice(5)] ?? inCustom(({ values }) => values.get(type.slice(5)))
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
  return words[type] ?? (type.includes('/') ? 'object' : type) // types of custom kinds have no names
}

let docs: Promise<Readonly<Record<string, string>>> | undefined

/** The description of a field with that of its type; '' without one. The texts are loaded when the first is asked for. */
export async function describe(field: Field): Promise<string> {
  const own = inCustom((one) => one.docs.get(`${field.of}.${field.name}`))
  if (own !== undefined) return own
  docs ??= import('virtual:api-docs').then((m) => m.docs)
  const texts = await docs
  const inner = field.type.replace(/^(?:\[\]|\{\})+/, '')
  return texts[`${field.of}.${field.name}`] || texts[inner] || ''
}
