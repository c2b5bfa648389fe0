import { structSchema, type JSONSchemaProps } from '../../api'
import { type FieldSchema, type StructSchema, type TypeSchema } from '../../apimachinery'
import { asSchema } from '../registry/apiextensions/as-schema'
import type { Field } from './typed'

const ANY: TypeSchema = { kind: 'any', goName: '' }

// What follows from a schema, an immutable value: a memo, not state.
const made = new WeakMap<JSONSchemaProps, Field>()

/** How custom objects are taken apart: by the list and map types of their schema; their metadata as everybody's. Upstream: managedfields NewTypeConverter over the published OpenAPI */
export function customField(schema: JSONSchemaProps): Field {
  let found = made.get(schema)
  if (found === undefined) {
    const { type } = typeOf(schema)
    const own = type.kind === 'struct' ? type.struct!() : undefined
    const meta = structSchema('ObjectMeta')
    const root = own && meta ? struct(new Map([...own.byName].map(([k, v]) => [k, v.field] as const)).set('metadata', field('metadata', { type: { kind: 'struct', goName: meta.goName, struct: () => meta } }))) : undefined
    made.set(schema, (found = root === undefined ? { type: ANY } : { type: { kind: 'struct', goName: '', struct: () => root } }))
  }
  return found
}

function field(name: string, { type, listType, listMapKeys, atomic }: Field): FieldSchema {
  return { name, goName: name, type, omit: 'empty', required: false, patchStrategy: [], listMapKeys: listMapKeys ?? [], atomic: atomic ?? false, ...(listType === undefined ? {} : { listType }) }
}

function struct(fields: ReadonlyMap<string, FieldSchema>): StructSchema {
  return { name: '', goName: '', fields: [...fields.values()], byName: new Map([...fields].map(([k, f]) => [k, { field: f, via: [] }])) }
}

function typeOf(s: JSONSchemaProps): Field {
  const listType = s['x-kubernetes-list-type']
  switch (s.type) {
    case 'array': {
      const items = asSchema(s.items)
      return { type: { kind: 'list', goName: '', elem: items === undefined ? ANY : typeOf(items).type }, listType, listMapKeys: s['x-kubernetes-list-map-keys'] }
    }
    case 'object': {
      const atomic = s['x-kubernetes-map-type'] === 'atomic'
      const more = asSchema(s.additionalProperties)
      if (s.properties === undefined) return { type: more === undefined ? ANY : { kind: 'map', goName: '', elem: typeOf(more).type }, atomic }
      const { properties } = s
      let known: StructSchema | undefined
      const build = (): StructSchema => (known ??= struct(new Map(Object.keys(properties).map((k) => [k, field(k, typeOf(properties[k] as JSONSchemaProps))]))))
      return { type: { kind: 'struct', goName: '', struct: build }, atomic }
    }
    default: return { type: { kind: 'string', goName: '' } }
  }
}
