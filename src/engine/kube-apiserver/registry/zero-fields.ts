import { structSchema } from '../../api'
import type { StructSchema } from '../../apimachinery'

type Step = (object: Record<string, unknown>) => void

const compiled = new Map<string, readonly Step[]>()

/**
 * Places what Go's JSON always writes: structs that are no pointers (`status: {}`, `resources: {}`) and fields without omitempty
 * (`replicas: 0`). Lists without omitempty become `[]` where the API calls them required, else null, as an absent Go slice prints.
 * The object is changed in place. Upstream: encoding/json on the types of k8s.io/api.
 */
export function fillZeroes(kind: string, object: object): void {
  for (const step of stepsOf(structSchema(kind)!)) step(object as Record<string, unknown>)
}

function stepsOf(schema: StructSchema): readonly Step[] {
  const known = compiled.get(schema.name)
  if (known !== undefined) return known
  const steps: Step[] = []
  // Registered first: a type may contain itself (JSONSchemaProps).
  compiled.set(schema.name, steps)
  for (const { name, type, omit, required } of schema.fields) {
    if (name === '') {
      steps.push(...stepsOf(type.struct!()))
      continue
    }
    const elem = type.kind === 'list' || type.kind === 'map' || type.kind === 'pointer' ? type.elem : undefined
    if (type.kind === 'struct' && omit !== 'zero') {
      const inner = type.struct!()
      steps.push((o) => {
        const value = (o[name] ??= {}) as object
        for (const step of stepsOf(inner)) step(value as Record<string, unknown>)
      })
    } else if (type.kind === 'struct' || elem?.kind === 'struct') {
      const inner = (elem ?? type).struct!()
      if (needsNothing(inner, new Set())) continue
      const all = stepsOf(inner)
      const apply = (value: unknown): void => { if (typeof value === 'object' && value !== null) for (const step of all) step(value as Record<string, unknown>) }
      if (type.kind === 'list') steps.push((o) => { if (Array.isArray(o[name])) for (const item of o[name] as unknown[]) apply(item) })
      else if (type.kind === 'map') steps.push((o) => { if (o[name] != null) for (const item of Object.values(o[name])) apply(item) })
      else steps.push((o) => apply(o[name]))
    }
    if (omit !== 'never') continue
    const zero = type.kind === 'string' || type.kind === 'bytes' ? '' : type.kind === 'int' || type.kind === 'uint' || type.kind === 'float' ? 0
      : type.kind === 'bool' ? false : type.kind === 'list' && required ? [] : type.kind === 'list' || type.kind === 'map' ? null : undefined
    if (zero === undefined) continue
    steps.push((o) => { if (o[name] === undefined) o[name] = Array.isArray(zero) ? [] : zero })
  }
  return steps
}

/** Whether filling a type could never do anything, so that its values need no walk. */
function needsNothing(schema: StructSchema, seen: Set<string>): boolean {
  if (seen.has(schema.name)) return true
  seen.add(schema.name)
  return schema.fields.every(({ type, omit }) => {
    if (omit === 'never') return false
    if (type.kind === 'struct' && omit !== 'zero') return false
    const inner = type.kind === 'struct' ? type : type.elem
    return inner?.kind !== 'struct' || needsNothing(inner.struct!(), seen)
  })
}
