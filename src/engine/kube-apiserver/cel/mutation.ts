import { add } from './register'
import { compilePolicy, mutationEnvironments } from './policy'

/** Field names that CEL cannot spell. Upstream: apiserver/pkg/cel/escaping.go */
const ESCAPES: Readonly<Record<string, string>> = { __underscores__: '__', __dot__: '.', __dash__: '-', __slash__: '/' }
const unescaped = (name: string): string => name.replace(/__(underscores|dot|dash|slash)__/g, (text) => ESCAPES[text] ?? text).replace(/^__([a-z]+)__$/, '$1')

const NAME = /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/y
const STRING = /[rR]?(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/y
const FIELD = /\s*([A-Za-z_]\w*)\s*:/y

/**
 * Our CEL has no words for new objects: `Object{spec: Object.spec{replicas: 1}}` and `JSONPatch{op: "add", …}` become maps with names as keys,
 * and each value is dynamic, since fields differ in type.
 */
export function asMaps(source: string): string {
  let out = ''
  let at = 0
  /** The open brackets; a typed one has fields. */
  const open: { readonly isTyped: boolean; hasValue: boolean }[] = []
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(source)
    if (found !== null) at += found[0].length
    return found
  }
  const field = (): void => {
    const found = take(FIELD)
    if (found === null) return
    out += `${JSON.stringify(unescaped(found[1] as string))}: dyn(`
    open.at(-1)!.hasValue = true
  }
  while (at < source.length) {
    const text = take(STRING)
    if (text !== null) { out += text[0]; continue }
    const name = take(NAME)
    if (name !== null) {
      const brace = /^\s*\{/.exec(source.slice(at))
      if (brace === null || !/^(Object|JSONPatch)(\.|$)/.test(name[0])) { out += name[0]; continue }
      at += brace[0].length
      out += '{'
      open.push({ isTyped: true, hasValue: false })
      field()
      continue
    }
    const char = source[at++] as string
    const top = open.at(-1)
    if ('([{'.includes(char)) open.push({ isTyped: false, hasValue: false })
    else if (')]}'.includes(char)) {
      if (top?.isTyped && top.hasValue) out += ')'
      open.pop()
    } else if (char === ',' && top?.isTyped) {
      if (top.hasValue) out += ')'
      top.hasValue = false
      out += char
      field()
      continue
    }
    out += char
  }
  return out
}

/** An expression that makes an apply configuration or a list of patches. Upstream: plugin/policy/mutating/compilation.go */
export function compileMutation(source: string, hasParams: boolean, gives: 'Object' | 'list(JSONPatch)' | 'any'): ReturnType<typeof compilePolicy> {
  const made = compilePolicy(asMaps(source), hasParams, undefined, mutationEnvironments(addPatchLibrary))
  if (made.error !== undefined) return made
  const { type } = made.program
  return gives === 'any' || type === 'dyn' || type.startsWith(gives === 'Object' ? 'map(' : 'list(') ? made : { error: `must evaluate to ${gives}` }
}

class PatchNamespace {}

/** Upstream: apiserver/pkg/cel/mutation/jsonpatch, cel/library/jsonpatch.go */
function addPatchLibrary(env: Parameters<typeof add>[0]): void {
  env.registerType('JSONPatchNamespace', PatchNamespace)
  env.registerConstant('jsonpatch', 'JSONPatchNamespace', new PatchNamespace())
  add(env, 'JSONPatchNamespace.escapeKey(string): string', (_: unknown, key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'))
}

/** A value of CEL as JSON. */
export function fromDynamic(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(fromDynamic)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [String(key), fromDynamic(one)]))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fromDynamic(one)]))
}
