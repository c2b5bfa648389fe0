import { isObject } from '../../apimachinery'

/** Separates the elements of a path in its text form. */
const SEPARATOR = '\u0000'

/** A path as text: elements as in FieldsV1 (`f:spec`, `k:{"name":"a"}`, `v:"x"`), one after the other. */
export type Path = string

/** A set of owned paths. */
export type PathSet = ReadonlySet<Path>

/** Child of a path. */
export function join(path: Path, element: string): Path {
  return path === '' ? element : path + SEPARATOR + element
}

/** The elements of a path. */
export function elements(path: Path): string[] {
  return path === '' ? [] : path.split(SEPARATOR)
}

/** The order in which Go walks a set: at each level first what ends there, then what goes deeper. Upstream: fieldpath/set.go Iterate */
export function comparePaths(a: Path, b: Path): number {
  const [x, y] = [elements(a), elements(b)]
  for (let i = 0; i < x.length && i < y.length; i++) {
    if (x[i] === y[i]) continue
    const [endsX, endsY] = [i === x.length - 1, i === y.length - 1]
    if (endsX !== endsY) return endsX ? -1 : 1
    return (x[i] as string) < (y[i] as string) ? -1 : 1
  }
  return x.length - y.length
}

/** FieldsV1 of a set; keys sorted as Go writes them. Upstream: structured-merge-diff fieldpath/serialize.go. */
export function toFieldsV1(set: PathSet): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const path of [...set].sort()) {
    let node = root
    for (const e of elements(path)) node = (node[e] ??= {}) as Record<string, unknown>
    // A leaf; a path inside of it that comes later turns it into a node with a member of its own.
    if (!('.' in node)) Object.defineProperty(node, '.', { value: {}, enumerable: true, configurable: true })
  }
  return tidy(root) as Record<string, unknown>
}

function tidy(node: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(node)
  if (keys.length === 1 && keys[0] === '.') return {}
  const out: Record<string, unknown> = {}
  for (const k of keys.sort()) out[k] = k === '.' ? {} : tidy(node[k] as Record<string, unknown>)
  return out
}

/** The set that a FieldsV1 tells. */
export function fromFieldsV1(fields: unknown): Set<Path> {
  const out = new Set<Path>()
  const walk = (node: Record<string, unknown>, path: Path): void => {
    const keys = Object.keys(node)
    if (path !== '' && (keys.length === 0 || '.' in node)) out.add(path)
    for (const k of keys) if (k !== '.' && isObject(node[k])) walk(node[k], join(path, k))
  }
  if (isObject(fields)) walk(fields, '')
  return out
}

/** `.spec.containers[name="a"].image`, as errors print it. Upstream: fieldpath.Path.String. */
export function formatPath(path: Path): string {
  return elements(path).map((e) => {
    const rest = e.slice(2)
    if (e.startsWith('f:')) return `.${rest}`
    if (e.startsWith('k:')) return `[${Object.entries(JSON.parse(rest) as Record<string, unknown>).map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(',')}]`
    return `[=${rest}]`
  }).join('')
}
