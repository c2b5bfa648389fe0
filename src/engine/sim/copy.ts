/**
 * Copies a graph of plain state, so that both sides can go their own way.
 * Frozen values are shared: in this engine, frozen means "immutable value" (every stored Kubernetes object is).
 * Everything else (arrays, maps, sets, records, class instances without closures) is copied, identity and cycles kept.
 * Errors: AssertionError when a function is found in the state (law 2: state is data).
 */
export function copyState<T>(value: T): T {
  return copy(value, new Map()) as T
}

function copy(value: unknown, seen: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'function') throw new Error(`a function in the state: ${value.name}`)
    return value
  }
  if (Object.isFrozen(value)) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  if (Array.isArray(value)) {
    const out: unknown[] = new Array(value.length)
    seen.set(value, out)
    for (let i = 0; i < value.length; i++) {
      const v: unknown = value[i]
      out[i] = typeof v === 'object' && v !== null ? copy(v, seen) : v
    }
    return out
  }
  if (value instanceof Map) {
    const out = new Map<unknown, unknown>()
    seen.set(value, out)
    for (const [k, v] of value) out.set(typeof k === 'object' ? copy(k, seen) : k, typeof v === 'object' && v !== null ? copy(v, seen) : v)
    return out
  }
  if (value instanceof Set) {
    const out = new Set<unknown>()
    seen.set(value, out)
    for (const v of value) out.add(typeof v === 'object' ? copy(v, seen) : v)
    return out
  }
  if (ArrayBuffer.isView(value)) {
    const out = (value as Uint32Array).slice()
    seen.set(value, out)
    return out
  }
  const proto = Object.getPrototypeOf(value) as object | null
  // A spread clones a plain record's shape at once.
  const out = (proto === Object.prototype ? { ...value } : Object.assign(Object.create(proto) as object, value)) as Record<string, unknown>
  seen.set(value, out)
  for (const k in out) {
    const v = out[k]
    if (typeof v === 'object' && v !== null) {
      const c = copy(v, seen)
      if (c !== v) out[k] = c
    } else if (typeof v === 'function') copy(v, seen)
  }
  return out
}
