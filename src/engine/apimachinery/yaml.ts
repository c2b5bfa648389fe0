import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type YAMLError } from 'yaml'

/** A YAML text as JSON, or go-yaml's complaint. */
export type YamlResult = { readonly value: unknown; readonly error?: undefined } | { readonly error: string }

/** Most nodes that aliases may unfold to. Upstream: go-yaml v2 decode.go allowedAliasRatio */
const mostNodes = 400_000

class YamlFault {
  constructor(readonly text: string) {}
}

/**
 * Reads one YAML document the way sigs.k8s.io/yaml does: YAML 1.1 words, no sexagesimals, timestamps stay strings, the last of two equal keys wins.
 * Errors: `yaml: line 8: did not find expected key` and its like. Upstream: sigs.k8s.io/yaml YAMLToJSON
 */
export function readYaml(text: string): YamlResult {
  let doc: Document
  try {
    doc = parseDocument(text, { version: '1.1', schema: 'failsafe', uniqueKeys: false, strict: true, logLevel: 'silent' })
  } catch {
    return { error: 'yaml: unknown problem parsing YAML content' }
  }
  const first = doc.errors[0]
  if (first !== undefined) return { error: complaint(first, text) }
  const budget = { nodes: mostNodes, anchors: new Map<string, unknown>() }
  try {
    return { value: toJson(doc.contents, budget, 0) }
  } catch (thrown) {
    if (thrown instanceof YamlFault) return { error: `yaml: ${thrown.text}` }
    throw thrown
  }
}

/** Texts that were read lately. A memo, not state. */
const configs = new Map<string, YamlResult>()
const mostConfigs = 32

/** `readYaml` of a configuration file, of which many machines have the same. Its value must not be changed. */
export function readConfigYaml(text: string): YamlResult {
  let known = configs.get(text)
  if (known === undefined) {
    if (configs.size >= mostConfigs) configs.clear()
    configs.set(text, (known = readYaml(text)))
  }
  return known
}

interface Budget {
  nodes: number
  readonly anchors: Map<string, unknown>
}

function toJson(node: unknown, budget: Budget, depth: number): unknown {
  if (--budget.nodes < 0) throw new YamlFault('document contains excessive aliasing')
  if (depth > 1000) throw new YamlFault('exceeded max depth of 10000')
  if (node === null || node === undefined) return null
  if (isAlias(node)) {
    if (!budget.anchors.has(node.source)) throw new YamlFault(`unknown anchor '${node.source}' referenced`)
    const value = budget.anchors.get(node.source)
    budget.nodes -= count(value, budget.nodes)
    return value
  }
  const anchor = (node as { anchor?: string }).anchor
  let value: unknown = null
  if (isScalar(node)) value = node.type === 'PLAIN' && node.tag === undefined ? resolve(String(node.source ?? '')) : tagged(node.tag, String(node.value ?? ''))
  else if (isSeq(node)) value = node.items.map((i) => toJson(i, budget, depth + 1))
  else if (isMap(node)) {
    const map: Record<string, unknown> = {}
    const merged: unknown[] = []
    for (const { key, value: v } of node.items) {
      const k = toJson(key, budget, depth + 1)
      const inner = toJson(v, budget, depth + 1)
      if (k === '<<' && isScalar(key) && key.type === 'PLAIN') merged.push(...(Array.isArray(inner) ? inner : [inner]))
      else if (typeof k === 'object' && k !== null) throw new YamlFault('invalid map key')
      else Object.defineProperty(map, k === null ? 'null' : String(k), { value: inner, writable: true, enumerable: true, configurable: true })
    }
    for (const m of merged) {
      if (typeof m !== 'object' || m === null || Array.isArray(m)) throw new YamlFault('map merge requires map or sequence of maps as the value')
      for (const [k, v] of Object.entries(m)) if (!Object.hasOwn(map, k)) map[k] = v
    }
    value = map
  }
  if (anchor !== undefined) budget.anchors.set(anchor, value)
  return value
}

function count(value: unknown, most: number): number {
  if (typeof value !== 'object' || value === null) return 1
  let n = 1
  for (const v of Object.values(value)) {
    n += count(v, most - n)
    if (n > most) break
  }
  return n
}

function tagged(tag: string | undefined, text: string): unknown {
  if (tag === undefined || tag === '!' || tag.endsWith(':str') || tag === '!!str') return text
  if (/(:|!!)binary$/.test(tag)) return text
  return /(:|!!)(int|float|bool|null)$/.test(tag) ? resolve(text) : text
}

const TRUE = new Set('y Y yes Yes YES true True TRUE on On ON'.split(' '))
const FALSE = new Set('n N no No NO false False FALSE off Off OFF'.split(' '))

/** The value of a plain scalar. Upstream: go-yaml v2 resolve.go */
function resolve(s: string): unknown {
  if (s === '' || s === '~' || s === 'null' || s === 'Null' || s === 'NULL') return null
  const c = s.charCodeAt(0)
  const numeric = c === 43 || c === 45 || c === 46 || (c >= 48 && c <= 57)
  if (!numeric) return TRUE.has(s) ? true : FALSE.has(s) ? false : s
  const plain = s.includes('_') ? s.replaceAll('_', '') : s
  if (/^[-+]?(0|[1-9]\d*)$/.test(plain)) return Number(plain)
  const m = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+)$/.exec(plain)
  if (m !== null) {
    const digits = (m[2] as string).toLowerCase()
    return (m[1] === '-' ? -1 : 1) * Number(/^0[xbo]/.test(digits) ? digits : `0o${digits.slice(1)}`)
  }
  if (/^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(plain)) return Number(plain)
  return s
}

/** go-yaml's words for what the parser found. Its parser counts lines from 0, its scanner from 1. */
function complaint(error: YAMLError, text: string): string {
  const line = error.linePos?.[0].line ?? 1
  const parser = (words: string, at = line - 1): string => `yaml: ${at > 0 ? `line ${at}: ` : ''}${words}`
  const scanner = (words: string): string => `yaml: line ${line}: ${words}`
  const { code, message } = error
  const here = text.split('\n', line)[line - 1] ?? ''
  if (/\t/.test(/^\s*/.exec(here)?.[0] ?? '') || code === 'TAB_AS_INDENT') return scanner('found character that cannot start any token')
  if (code === 'BLOCK_AS_IMPLICIT_KEY' || message.includes('Nested mappings')) return scanner('mapping values are not allowed in this context')
  if (code === 'MULTILINE_IMPLICIT_KEY' || message.includes('Implicit keys need to be on a single line') || message.includes('Implicit map keys need')) return scanner("could not find expected ':'")
  if (code === 'MISSING_CHAR') {
    if (message.includes('quote')) return `yaml: line ${text.split('\n').length}: found unexpected end of stream`
    if (message.includes(']')) return parser("did not find expected ',' or ']'", line)
    if (message.includes('}')) return parser("did not find expected ',' or '}'", line)
    if (message.includes('":"') || message.includes("':'")) return scanner("could not find expected ':'")
    return parser("did not find expected ',' or ']'", line)
  }
  if (code === 'BAD_INDENT' && message.includes('sequence')) return parser("did not find expected '-' indicator")
  if (code === 'BAD_ALIAS') return `yaml: ${message}`
  if (code === 'BAD_DIRECTIVE') return scanner('found unknown directive name')
  if (code === 'BAD_DQ_ESCAPE') return scanner('found unknown escape character')
  if (message.includes('Plain value cannot start with')) return scanner('found character that cannot start any token')
  if (/^\s*-\s/.test(here)) return parser('did not find expected key')
  return parser('did not find expected key')
}
