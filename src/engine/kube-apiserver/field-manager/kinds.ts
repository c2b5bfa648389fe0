import { decodeStrict, structSchema } from '../../api'
import type { StructSchema } from '../../apimachinery'
import type { Served } from '../served'
import { customField } from './custom-type'
import { fieldsOf, type Field, type Fields } from './typed'

/** How objects of a kind are taken apart; undefined: by their look alone. */
export function fieldOfKind(served: Served): Field | undefined {
  if (served.custom !== undefined) return served.custom.schema && customField(served.custom.schema)
  const schema = structSchema(served.info.kind)
  return schema && rootOf(schema)
}

function rootOf(schema: StructSchema): Field {
  return { type: { kind: 'struct', goName: schema.goName, struct: () => schema } }
}

// What follows from the schemas: a memo, not state.
const zeros = new Map<string, Fields>()

/** What an object has before anything is written to it: the structs that Go keeps by value. Upstream: scope.Creater.New */
export function zeroFields(served: Served): Fields {
  const { kind } = served.info
  if (served.custom !== undefined) return fieldsOf(undefined, { metadata: {} })
  let found = zeros.get(kind)
  if (found === undefined) {
    const { status: _, ...zero } = (decodeStrict(kind, {}).object ?? {}) as { status?: unknown }
    zeros.set(kind, (found = fieldsOf(fieldOfKind(served), { metadata: {}, ...zero })))
  }
  return found
}
