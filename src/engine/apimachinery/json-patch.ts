import { isObject, type JsonObject, type Result } from './merge-patch'
import { deepEqual } from './object'

/** One operation of a JSON patch. */
export interface JsonPatchOperation {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

class PatchError extends Error {}
const fail = (text: string): never => { throw new PatchError(text) }

/**
 * Applies a JSON patch (RFC 6902) to a copy. Errors: the library's text (the server hides it behind a 422).
 * Upstream: gopkg.in/evanphx/json-patch.v4 Patch.Apply.
 */
export function applyJsonPatch(document: JsonObject, operations: readonly JsonPatchOperation[]): Result<JsonObject> {
  try {
    // One holder, so that the path '' addresses the document itself.
    let root: unknown = document
    for (const operation of operations) root = applyOne(root, operation)
    return isObject(root) ? { value: root } : { error: 'the document is not an object' }
  } catch (error) {
    if (error instanceof PatchError) return { error: error.message }
    throw error
  }
}

function applyOne(root: unknown, operation: JsonPatchOperation): unknown {
  const { op, path, from } = operation
  switch (op) {
    case 'add': return edit(root, path, 'add', (parent, key) => insert(parent, key, operation.value ?? null, path))
    case 'remove': return edit(root, path, 'remove', (parent, key) => remove(parent, key, path))
    case 'replace': return edit(root, path, 'replace', (parent, key) => replace(parent, key, operation.value ?? null))
    case 'move': {
      const value = read(root, from ?? '', 'move')
      const without = edit(root, from ?? '', 'move', (parent, key) => remove(parent, key, from ?? ''))
      return edit(without, path, 'move', (parent, key) => insert(parent, key, value, path))
    }
    case 'copy': return edit(root, path, 'copy', (parent, key) => insert(parent, key, read(root, from ?? '', 'copy'), path))
    case 'test': {
      let found: unknown
      try { found = read(root, path, 'test') } catch (error) { if (!(error instanceof PatchError) || operation.value !== null) throw error; return root }
      return deepEqual(found ?? null, operation.value ?? null) ? root : fail(`testing value ${path} failed: test failed`)
    }
    default: return fail(`Unexpected kind: ${op}`)
  }
}

function segments(path: string): string[] {
  return path === '' ? [] : path.split('/').slice(1).map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Copies the spine of `root` down to the parent of `path` and lets `change` produce the new parent. */
function edit(root: unknown, path: string, op: string, change: (parent: JsonObject | unknown[], key: string) => unknown): unknown {
  const steps = segments(path)
  if (steps.length === 0) return op === 'replace' || op === 'add' ? (change({}, '') as JsonObject)[''] : fail(`${op} operation does not apply: doc is missing path: "${path}": missing value`)
  const walk = (node: unknown, depth: number): unknown => {
    if (typeof node !== 'object' || node === null) fail(`${op} operation does not apply: doc is missing path: "${path}": missing value`)
    const parent = node as JsonObject | unknown[]
    const key = steps[depth]!
    if (depth === steps.length - 1) return change(parent, key)
    const child = get(parent, key)
    if (child === undefined) fail(`${op} operation does not apply: doc is missing path: "${path}": missing value`)
    return put(parent, key, walk(child, depth + 1))
  }
  return walk(root, 0)
}

function read(root: unknown, path: string, op: string): unknown {
  let node = root
  for (const key of segments(path)) {
    const next: unknown = typeof node === 'object' && node !== null ? get(node as JsonObject, key) : undefined
    if (next === undefined) fail(`${op} operation does not apply: doc is missing ${op === 'test' ? '' : 'from '}path: ${path}: missing value`)
    node = next
  }
  return node
}

function get(parent: JsonObject | unknown[], key: string): unknown {
  if (!Array.isArray(parent)) return parent[key]
  return /^-?\d+$/.test(key) ? parent.at(Number(key)) : undefined
}

function put(parent: JsonObject | unknown[], key: string, value: unknown): JsonObject | unknown[] {
  if (Array.isArray(parent)) return parent.with(Number(key), value)
  return { ...parent, [key]: value }
}

function insert(parent: JsonObject | unknown[], key: string, value: unknown, path: string): JsonObject | unknown[] {
  if (!Array.isArray(parent)) return { ...parent, [key]: value }
  if (key === '-') return [...parent, value]
  const at = /^-?\d+$/.test(key) ? Number(key) : fail(`error in add for path: '${path}': value was not a proper array index: '${key}'`)
  const place = at < 0 ? parent.length + 1 + at : at
  if (place > parent.length || place < 0) fail(`error in add for path: '${path}': Unable to access invalid index: ${key}: invalid index referenced`)
  return [...parent.slice(0, place), value, ...parent.slice(place)]
}

function remove(parent: JsonObject | unknown[], key: string, path: string): JsonObject | unknown[] {
  if (!Array.isArray(parent)) {
    if (!(key in parent)) fail(`error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`)
    const { [key]: _, ...rest } = parent
    return rest
  }
  const at = /^-?\d+$/.test(key) ? Number(key) : NaN
  const place = at < 0 ? parent.length + at : at
  if (!(place >= 0 && place < parent.length)) fail(`error in remove for path: '${path}': Unable to access invalid index: ${key}: invalid index referenced`)
  return [...parent.slice(0, place), ...parent.slice(place + 1)]
}

function replace(parent: JsonObject | unknown[], key: string, value: unknown): JsonObject | unknown[] {
  if (key !== '' && get(parent, key) === undefined) fail(`replace operation does not apply: doc is missing key: ${key}: missing value`)
  return put(parent, key, value)
}
