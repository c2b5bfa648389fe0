import { compareQuantity, goQuote, parseJsonPath, parseQuantity, relaxedJsonPath } from '../apimachinery'
import { fail } from './errors'

/** Sorts by the value at a path. Errors: `couldn't find any field with path "{.x}" in the list of objects`. Upstream: kubectl/pkg/cmd/get sorter.go */
export function sortByPath<T>(list: readonly T[], field: string, objectOf: (item: T) => unknown): readonly T[] {
  const relaxed = relaxedJsonPath(field)
  const path = relaxed.error === undefined ? relaxed.value : field
  const parsed = parseJsonPath(path, { allowMissingKeys: true })
  if (parsed.error !== undefined) throw fail(`sorting error: ${parsed.error}`)
  const keyed = list.map((item) => {
    const found = parsed.value.find(objectOf(item))
    return { item, value: found.error === undefined ? found.value[0]?.[0] : undefined }
  })
  if (list.length > 0 && keyed.every((k) => k.value === undefined)) throw fail(`couldn't find any field with path ${goQuote(path)} in the list of objects`)
  return keyed.toSorted((a, b) => compare(a.value, b.value)).map((k) => k.item)
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1
  // A null, such as the lastTimestamp of an Event of the events API, comes first too.
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  const x = String(a)
  const y = String(b)
  const p = parseQuantity(x)
  const q = parseQuantity(y)
  if (typeof p !== 'string' && typeof q !== 'string') return compareQuantity(p, q)
  return natural(x, y)
}

/** Digits by value, the rest by code unit. Upstream: fvbommel/sortorder NaturalLess */
function natural(a: string, b: string): number {
  const chunks = /(\d+|\D+)/g
  const x = a.match(chunks) ?? []
  const y = b.match(chunks) ?? []
  for (let i = 0; i < x.length && i < y.length; i++) {
    const p = x[i] as string
    const q = y[i] as string
    if (p === q) continue
    if (/^\d/.test(p) && /^\d/.test(q) && Number(p) !== Number(q)) return Number(p) - Number(q)
    return p < q ? -1 : 1
  }
  return x.length - y.length
}
