import { goJson, goValue } from './go-format'
import { JsonPathError, parseTemplate, type JsonPathNode, type SliceParam } from './json-path-parser'
import { isObject, type Result } from './merge-patch'
import { sortKeys } from './object'

/** How a template is evaluated. */
export interface JsonPathOptions {
  /** A missing field gives nothing instead of an error (kubectl sets it, except for custom columns and wait). */
  readonly allowMissingKeys?: boolean
  /** Print results as JSON arrays (`-o jsonpath-as-json`). */
  readonly outputJson?: boolean
  /** Treat every number of the data as a float, as Go does with plain JSON; kubectl keeps integers. */
  readonly floats?: boolean
}

const fail = (text: string): never => { throw new JsonPathError(text) }

/** A parsed template. Upstream: client-go/util/jsonpath JSONPath. */
export interface JsonPath {
  /**
   * Evaluates and prints. Errors: upstream's text. As upstream, a template with `{range}` works once: a second call continues behind
   * the range and fails with `not in range, nothing to end`.
   */
  execute(data: unknown): Result<string>
  /** The results of each part of the template. */
  find(data: unknown): Result<unknown[][]>
}

/** Parses a template in kubectl's dialect. Errors: upstream's text. */
export function parseJsonPath(template: string, options: JsonPathOptions = {}): Result<JsonPath> {
  return attempt(() => new Evaluator(parseTemplate(template).nodes, options))
}

/**
 * Turns `x.y.z`, `.x.y.z`, `{x.y.z}` or `{.x.y.z}` into a template, as custom-columns, sort-by and wait accept.
 * Upstream: cli-runtime/pkg/get RelaxedJSONPathExpression.
 */
export function relaxedJsonPath(expression: string): Result<string> {
  if (expression === '') return { value: expression }
  const match = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(expression)
  if (match === null) return { error: "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'" }
  return { value: `{.${match[1] ?? match[2]}}` }
}

function attempt<T>(make: () => T): Result<T> {
  try {
    return { value: make() }
  } catch (error) {
    if (error instanceof JsonPathError) return { error: error.message }
    throw error
  }
}

class Evaluator implements JsonPath {
  private beginRange = 0
  private inRange = 0
  private endRange = 0
  private lastEnd: JsonPathNode | undefined
  constructor(private nodes: readonly JsonPathNode[], private readonly options: JsonPathOptions) {}

  execute(data: unknown): Result<string> {
    return attempt(() => this.results(data).map((r) => this.print(r)).join(''))
  }

  find(data: unknown): Result<unknown[][]> {
    return attempt(() => this.results(data).map((r) => r.map(plain)))
  }

  private results(data: unknown): unknown[][] {
    const nodes = this.nodes
    const all: unknown[][] = []
    for (let i = 0; i < nodes.length; i++) {
      const found = this.walk([data], nodes[i]!)
      if (this.endRange > 0 && this.endRange <= this.inRange) {
        this.endRange--
        this.lastEnd = nodes[i]
        break
      }
      if (this.beginRange > 0) {
        this.beginRange--
        this.inRange++
        // Without results the nodes of the range are walked all the same, to find its end.
        for (const value of found.length > 0 ? found : [undefined]) {
          this.nodes = nodes.slice(i + 1)
          const inner = this.results(value)
          if (found.length > 0) all.push(...inner)
        }
        this.inRange--
        const end = this.lastEnd === undefined ? -1 : nodes.indexOf(this.lastEnd, i + 1)
        if (end >= 0) i = end
        continue
      }
      all.push(found)
    }
    return all
  }

  private print(results: unknown[]): string {
    if (this.options.outputJson === true) return `${JSON.stringify(sortKeys(results.map(plain)), null, 4)}\n`
    return results.map((r) => (typeof r === 'object' && r !== null && !(r instanceof Literal) ? goJson(sortKeys(r)) : printScalar(plain(r)))).join(' ')
  }

  private walk(input: unknown[], node: JsonPathNode): unknown[] {
    switch (node.kind) {
      case 'list': return this.list(input, node)
      case 'text': return [node.text]
      case 'field': return this.field(input, node.name)
      case 'array': return slice(input, node.params)
      case 'filter': return this.filter(input, node)
      case 'int': return input.map(() => new Literal(node.value, 'int'))
      case 'float': return input.map(() => new Literal(node.value, 'float'))
      case 'bool': return input.map(() => node.value)
      case 'wildcard': return input.flatMap(children)
      case 'recursive': return recursive(input)
      case 'union': return node.nodes.flatMap((n) => this.list(input, n))
      case 'identifier': return this.identifier(input, node.name)
    }
  }

  private list(input: unknown[], node: JsonPathNode): unknown[] {
    let current = input
    for (const inner of (node as Extract<JsonPathNode, { kind: 'list' }>).nodes) current = this.walk(current, inner)
    return current
  }

  private identifier(input: unknown[], name: string): unknown[] {
    if (name === 'range') { this.beginRange++; return input }
    if (name !== 'end') return fail(`unrecognized identifier ${name}`)
    if (this.inRange === 0) return fail('not in range, nothing to end')
    this.endRange++
    return []
  }

  private field(input: unknown[], name: string): unknown[] {
    if (input.length === 0) return []
    const out: unknown[] = []
    for (const value of input) if (isObject(value) && value[name] !== undefined) out.push(value[name])
    return out.length === 0 && this.options.allowMissingKeys !== true ? fail(`${name} is not found`) : out
  }

  private filter(input: unknown[], node: Extract<JsonPathNode, { kind: 'filter' }>): unknown[] {
    const out: unknown[] = []
    for (const value of input) {
      if (!Array.isArray(value)) return fail(`${goValue(value)} is not array or slice and cannot be filtered`)
      for (const item of value) {
        if (node.operator === 'exists') {
          if ((attempt(() => this.list([item], node.left)).value ?? []).length > 0) out.push(item)
          continue
        }
        const lefts = this.list([item], node.left)
        if (lefts.length === 0) continue
        if (lefts.length > 1) return fail('can only compare one element at a time')
        const rights = this.list([item], node.right)
        if (rights.length === 0) continue
        if (rights.length > 1) return fail('can only compare one element at a time')
        if (this.compare(lefts[0], rights[0], node.operator)) out.push(item)
      }
    }
    return out
  }

  private compare(left: unknown, right: unknown, operator: string): boolean {
    const kinds = [this.kind(left), this.kind(right)]
    const [a, b] = [plain(left) as never, plain(right) as never]
    const check = (): void => {
      if (kinds.includes('invalid')) fail('invalid type for comparison')
      if (kinds[0] !== kinds[1]) fail('incompatible types for comparison')
    }
    const ordered = (): void => { check(); if (kinds[0] === 'bool') fail('invalid type for comparison') }
    switch (operator) {
      case '==': check(); return a === b
      case '!=': check(); return a !== b
      case '<': ordered(); return a < b
      case '<=': ordered(); return a <= b
      case '>': ordered(); return a > b
      case '>=': ordered(); return a >= b
      default: return fail(`unrecognized filter operator ${operator}`)
    }
  }

  private kind(value: unknown): string {
    if (value instanceof Literal) return value.kind
    switch (typeof value) {
      case 'string': return 'string'
      case 'boolean': return 'bool'
      case 'number': return this.options.floats === true || !Number.isInteger(value) ? 'float' : 'int'
      default: return 'invalid'
    }
  }
}

/** A number written in the template, whose Go type is known. */
class Literal {
  constructor(readonly value: number, readonly kind: 'int' | 'float') {}
}

function plain(value: unknown): unknown {
  return value instanceof Literal ? value.value : value
}

function printScalar(value: unknown): string {
  return value === null ? 'null' : value === undefined ? '<no value>' : String(value)
}

function children(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return [...value].map((c) => c.codePointAt(0))
  if (!isObject(value)) return []
  // Go's order is random here; sorted keys are one of its answers.
  return Object.keys(value).sort().map((k) => value[k])
}

function recursive(input: unknown[]): unknown[] {
  const out: unknown[] = []
  for (const value of input) {
    const inner = children(value)
    if (inner.length > 0) out.push(value, ...recursive(inner))
  }
  return out
}

function slice(input: unknown[], params: readonly SliceParam[]): unknown[] {
  const out: unknown[] = []
  for (const value of input) {
    if (value === null || value === undefined) continue
    if (!Array.isArray(value)) return fail(`${goTypeName(value)} is not array or slice`)
    const length = value.length
    const [first, last, step] = params as [SliceParam, SliceParam, SliceParam]
    let start = first.known ? first.value : 0
    if (start < 0) start += length
    let end = last.known ? last.value : length
    if (end < 0 || (end === 0 && last.derived)) end += length
    if (end === start) return out
    if (start >= length || start < 0) return fail(`array index out of bounds: index ${start}, length ${length}`)
    if (end > length || end < 0) return fail(`array index out of bounds: index ${end - 1}, length ${length}`)
    if (start > end) return fail(`starting index ${start} is greater than ending index ${end}`)
    if (step.known && step.value <= 0) return fail('step must be > 0')
    for (let i = start; i < end; i += step.known ? step.value : 1) out.push(value[i])
  }
  return out
}

function goTypeName(value: unknown): string {
  switch (typeof value) {
    case 'string': return 'string'
    case 'boolean': return 'bool'
    case 'number': return Number.isInteger(value) ? 'int64' : 'float64'
    default: return 'map[string]interface {}'
  }
}
