import { Environment } from '@marcbachmann/cel-js'
import { addNetworkLibrary } from './library-network'
import { addQuantityLibrary } from './library-quantity'
import { add, fail, regex } from './register'

let base: Environment | undefined

/** The environment that all expressions of the server share: cel-go's strings, and Kubernetes' own lists, regex, sets, quantity, URL, IP, CIDR and format functions. Upstream: apiserver/pkg/cel/environment/base.go, cel/library */
export function baseEnvironment(): Environment {
  if (base !== undefined) return base
  const env = new Environment({ enableOptionalTypes: true })
  addStrings(env)
  addLists(env)
  addSets(env)
  addQuantityLibrary(env)
  addNetworkLibrary(env)
  // A memo of a constant.
  return (base = env)
}

function addStrings(env: Environment): void {
  add(env, 'string.charAt(int): string', (s: string, i: bigint) => {
    const chars = [...s]
    if (i < 0n || i > BigInt(chars.length)) fail(`index out of range: ${i}`)
    return chars[Number(i)] ?? ''
  })
  add(env, 'string.replace(string, string): string', (s: string, from: string, to: string) => s.replaceAll(from, () => to))
  add(env, 'string.replace(string, string, int): string', (s: string, from: string, to: string, n: bigint) => {
    if (n < 0n) return s.replaceAll(from, () => to)
    let out = s
    let at = 0
    for (let k = 0n; k < n; k++) {
      const i = out.indexOf(from, at)
      if (i < 0) break
      out = out.slice(0, i) + to + out.slice(i + from.length)
      at = i + to.length + (from === '' ? 1 : 0)
    }
    return out
  })
  add(env, 'string.reverse(): string', (s: string) => [...s].reverse().join(''))
  add(env, 'string.format(list): string', (s: string, list: readonly unknown[]) => format(s, list))
  add(env, 'string.find(string): string', (s: string, r: string) => regex(r, 'u').exec(s)?.[0] ?? '')
  add(env, 'string.findAll(string): list<string>', (s: string, r: string) => s.match(regex(r, 'gu')) ?? [])
  add(env, 'string.findAll(string, int): list<string>', (s: string, r: string, n: bigint) => {
    const all = s.match(regex(r, 'gu')) ?? []
    return n < 0n ? all : all.slice(0, Number(n))
  })
  env.registerType('StringsNamespace', StringsNamespace)
  env.registerConstant('strings', 'StringsNamespace', new StringsNamespace())
  add(env, 'StringsNamespace.quote(string): string', (_: unknown, s: string) => JSON.stringify(s))
}

class StringsNamespace {}
class SetsNamespace {}

/** `"%d of %s".format([1, "a"])`. Upstream: cel-go ext/formatting.go */
function format(text: string, list: readonly unknown[]): string {
  let next = 0
  return text.replace(/%(?:%|(?:\.(\d+))?([sdfexXbo]))/g, (whole, precision: string | undefined, verb: string | undefined) => {
    if (verb === undefined) return whole === '%%' ? '%' : whole
    if (next >= list.length) fail(`index ${next} out of range`)
    const value = list[next++]
    const digits = precision === undefined ? 6 : Number(precision)
    switch (verb) {
      case 'd': return typeof value === 'number' ? String(Math.trunc(value)) : String(value)
      case 'f': return Number(value).toFixed(digits)
      case 'e': return Number(value).toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2')
      case 'x': case 'X': {
        const hex = typeof value === 'string' ? [...value].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('') : (value as bigint).toString(16)
        return verb === 'X' ? hex.toUpperCase() : hex
      }
      case 'b': return typeof value === 'boolean' ? (value ? '1' : '0') : (value as bigint).toString(2)
      case 'o': return (value as bigint).toString(8)
      default: return shown(value)
    }
  })
}

/** A value as `%s` prints it. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (value instanceof Map) return `{${[...value].map(([k, v]) => `${shown(k)}: ${shown(v)}`).sort().join(', ')}}`
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return `{${Object.entries(value).map(([k, v]) => `${k}: ${shown(v)}`).sort().join(', ')}}`
  }
  return String(value)
}

type Comparable = string | number | bigint | boolean

/** Upstream: apiserver/pkg/cel/library/lists.go */
function addLists(env: Environment): void {
  const ordered = ['int', 'double', 'string', 'bool', 'google.protobuf.Duration', 'google.protobuf.Timestamp']
  for (const t of ordered) {
    add(env, `list<${t}>.isSorted(): bool`, (list: readonly Comparable[]) => list.every((v, i) => i === 0 || !(v < (list[i - 1] as Comparable))))
    add(env, `list<${t}>.min(): ${t}`, (list: readonly Comparable[]) => (list.length === 0 ? fail('min called on empty list') : list.reduce((a, b) => (b < a ? b : a))))
    add(env, `list<${t}>.max(): ${t}`, (list: readonly Comparable[]) => (list.length === 0 ? fail('max called on empty list') : list.reduce((a, b) => (a < b ? b : a))))
    add(env, `list<${t}>.indexOf(${t}): int`, (list: readonly Comparable[], v: Comparable) => BigInt(list.findIndex((o) => o.valueOf() === v.valueOf())))
    add(env, `list<${t}>.lastIndexOf(${t}): int`, (list: readonly Comparable[], v: Comparable) => BigInt(list.findLastIndex((o) => o.valueOf() === v.valueOf())))
  }
  add(env, 'list<int>.sum(): int', (list: readonly bigint[]) => list.reduce((a, b) => a + b, 0n))
  add(env, 'list<double>.sum(): double', (list: readonly number[]) => list.reduce((a, b) => a + b, 0))
}

/** Upstream: cel-go ext/sets.go */
function addSets(env: Environment): void {
  const id = (v: unknown): string => JSON.stringify(v, (_k, x: unknown) => (typeof x === 'bigint' ? Number(x) : x))
  const within = (a: readonly unknown[], b: readonly unknown[]): boolean => {
    const known = new Set(b.map(id))
    return a.every((v) => known.has(id(v)))
  }
  env.registerType('SetsNamespace', SetsNamespace)
  env.registerConstant('sets', 'SetsNamespace', new SetsNamespace())
  add(env, 'SetsNamespace.contains(list, list): bool', (_: unknown, a: readonly unknown[], b: readonly unknown[]) => within(b, a))
  add(env, 'SetsNamespace.equivalent(list, list): bool', (_: unknown, a: readonly unknown[], b: readonly unknown[]) => within(a, b) && within(b, a))
  add(env, 'SetsNamespace.intersects(list, list): bool', (_: unknown, a: readonly unknown[], b: readonly unknown[]) => {
    const known = new Set(b.map(id))
    return a.some((v) => known.has(id(v)))
  })
}
