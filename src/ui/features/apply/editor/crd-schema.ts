import type { Field, Kind } from './schema'

/** What a CustomResourceDefinition says about its kinds, as the editor reads types. */
export interface CustomSchema {
  readonly kinds: readonly Kind[]
  readonly fields: ReadonlyMap<string, ReadonlyMap<string, Field>>
  /** Allowed values, by the name behind `enum:`. */
  readonly values: ReadonlyMap<string, readonly string[]>
  /** Descriptions, of `Type.field`. */
  readonly docs: ReadonlyMap<string, string>
}

/** As much of a JSON schema as is read. Upstream: apiextensions/v1 JSONSchemaProps. */
interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly required?: readonly string[]
  readonly enum?: readonly unknown[]
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
}

interface Definition {
  readonly kind?: string
  readonly spec?: {
    readonly group?: string
    readonly scope?: string
    readonly names?: { readonly kind?: string; readonly plural?: string }
    readonly versions?: readonly { readonly name?: string; readonly served?: boolean; readonly schema?: { readonly openAPIV3Schema?: JsonSchema } }[]
  }
}

/** Deepest nesting and most types that are read of one definition. */
const mostDeep = 30
const mostTypes = 2000

const scalars: Readonly<Record<string, string>> = { string: 'string', integer: 'int', number: 'float', boolean: 'bool' }

/** The kinds that a CustomResourceDefinition makes; none when it is not one, or not whole yet. */
export function readDefinition(definition: unknown): CustomSchema {
  const kinds: Kind[] = []
  const fields = new Map<string, ReadonlyMap<string, Field>>()
  const values = new Map<string, readonly string[]>()
  const docs = new Map<string, string>()

  const typeOf = (schema: JsonSchema | undefined, name: string, depth: number): string => {
    if (typeof schema !== 'object' || schema === null || depth > mostDeep || fields.size > mostTypes) return 'any'
    if (schema['x-kubernetes-int-or-string']) return 'intOrString'
    if (schema.type === 'array') return `[]${typeOf(schema.items, name, depth + 1)}`
    if (schema.type === 'object' || schema.properties) {
      if (schema.properties && !schema['x-kubernetes-preserve-unknown-fields']) return structOf(schema, name, depth)
      if (typeof schema.additionalProperties === 'object') return `{}${typeOf(schema.additionalProperties, name, depth + 1)}`
      return 'fields'
    }
    if (schema.type === 'string' && Array.isArray(schema.enum)) {
      values.set(name, schema.enum.map(String))
      return `enum:${name}`
    }
    return scalars[schema.type ?? ''] ?? 'any'
  }
  const structOf = (schema: JsonSchema, name: string, depth: number, more: readonly Field[] = []): string => {
    const found = new Map<string, Field>(more.map((field) => [field.name, field]))
    fields.set(name, found)
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (found.has(key)) continue
      found.set(key, { name: key, type: typeOf(property, `${name}.${key}`, depth + 1), required: Array.isArray(schema.required) && schema.required.includes(key), of: name })
      if (typeof property.description === 'string') docs.set(`${name}.${key}`, property.description)
    }
    return name
  }

  const { kind, spec } = (definition ?? {}) as Definition
  if (kind === 'CustomResourceDefinition' && spec?.group && spec.names?.kind && Array.isArray(spec.versions))
    for (const { name: version, served, schema } of spec.versions) {
      if (!version || served === false || !schema?.openAPIV3Schema) continue
      const apiVersion = `${spec.group}/${version}`
      const type = `${apiVersion}/${spec.names.kind}`
      // Every object has these, whatever its schema says of them.
      const common = (name: string, fieldType: string): Field => ({ name, type: fieldType, required: false, of: 'Pod' })
      if (!schema.openAPIV3Schema['x-kubernetes-preserve-unknown-fields'])
        structOf(schema.openAPIV3Schema, type, 0, [common('apiVersion', 'string'), common('kind', 'string'), common('metadata', 'ObjectMeta')])
      kinds.push({ apiVersion, kind: spec.names.kind, type: fields.has(type) ? type : 'fields', resource: spec.names.plural ?? '', namespaced: spec.scope !== 'Cluster' })
    }
  return { kinds, fields, values, docs }
}
