import { aggregateText, fieldErrorText, invalid, notSupported } from './field'
import { labelValueErrors, qualifiedNameErrors } from './names'
import { goQuote } from './go-format'
import type { LabelSelector } from './meta-types.generated'

/** Operators of a requirement, as they are written in selectors. Upstream: apimachinery/pkg/selection. */
export type SelectorOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'

/** One condition on labels. Upstream: labels.Requirement. */
export interface Requirement {
  readonly key: string
  readonly operator: SelectorOperator
  readonly values: readonly string[]
}

/** A precompiled selector: `nothing` matches no object; else all requirements must hold. Upstream: labels.Selector. */
export interface Selector {
  readonly nothing: boolean
  readonly requirements: readonly Requirement[]
}

/** Labels of an object; undefined is the empty set. */
export type Labels = Readonly<Record<string, string>> | undefined

/** Matches every object. Upstream: labels.Everything. */
export const EVERYTHING: Selector = { nothing: false, requirements: [] }
/** Matches no object. Upstream: labels.Nothing. */
export const NOTHING: Selector = { nothing: true, requirements: [] }

/** Whether labels satisfy a selector. Upstream: labels.Selector.Matches. */
export function matches(selector: Selector, labels: Labels): boolean {
  if (selector.nothing) return false
  const list = selector.requirements
  for (let i = 0; i < list.length; i++) if (!holds(list[i]!, labels)) return false
  return true
}

function holds(r: Requirement, labels: Labels): boolean {
  const value = labels === undefined ? undefined : labels[r.key]
  switch (r.operator) {
    case '=': case '==': return value === r.values[0] && value !== undefined
    case 'in': return value !== undefined && r.values.includes(value)
    case '!=': case 'notin': return value === undefined || !r.values.includes(value)
    case 'exists': return value !== undefined
    case '!': return value === undefined
    default: {
      if (value === undefined || !isInteger(value) || r.values.length !== 1) return false
      const have = BigInt(value)
      const want = BigInt(r.values[0]!)
      return r.operator === 'gt' ? have > want : have < want
    }
  }
}

/** Equality labels only, without validation: what Services and ReplicationControllers use. An empty or absent set matches everything. */
export function selectorFromSet(labels: Labels): Selector {
  if (labels === undefined) return EVERYTHING
  const requirements = Object.keys(labels).sort().map((key): Requirement => ({ key, operator: '=', values: [labels[key]!] }))
  return requirements.length === 0 ? EVERYTHING : { nothing: false, requirements }
}

const compiled = new WeakMap<LabelSelector, Selector>()

/**
 * Compiles an API LabelSelector (memoised per object, since objects are immutable). Absent matches nothing, empty everything.
 * Errors: a malformed selector matches nothing; ask labelSelectorError for the text. Upstream: meta/v1 LabelSelectorAsSelector.
 */
export function labelSelector(selector: LabelSelector | undefined): Selector {
  if (selector === undefined || selector === null) return NOTHING
  let made = compiled.get(selector)
  if (made === undefined) {
    const built = buildSelector(selector)
    made = typeof built === 'string' ? NOTHING : built
    compiled.set(selector, made)
  }
  return made
}

/** Why an API LabelSelector cannot be compiled; undefined when it can. */
export function labelSelectorError(selector: LabelSelector | undefined): string | undefined {
  if (selector === undefined) return undefined
  const built = buildSelector(selector)
  return typeof built === 'string' ? built : undefined
}

const API_OPERATORS: Record<string, SelectorOperator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

function buildSelector(selector: LabelSelector): Selector | string {
  const requirements: Requirement[] = []
  const labels = selector.matchLabels ?? {}
  for (const key of Object.keys(labels)) {
    const r = newRequirement(key, '=', [labels[key]!])
    if (typeof r === 'string') return r
    requirements.push(r)
  }
  for (const expression of selector.matchExpressions ?? []) {
    const operator = API_OPERATORS[expression.operator]
    if (operator === undefined) return `${goQuote(expression.operator)} is not a valid label selector operator`
    const r = newRequirement(expression.key, operator, expression.values ?? [])
    if (typeof r === 'string') return r
    requirements.push(r)
  }
  requirements.sort(byKey)
  return requirements.length === 0 ? EVERYTHING : { nothing: false, requirements }
}

function byKey(a: Requirement, b: Requirement): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

const OPERATOR_NAMES = ['in', 'notin', '=', '==', '!=', 'gt', 'lt', 'exists', '!']

/** A validated requirement, or the error text. `path` is the field it comes from. Upstream: labels.NewRequirement. */
export function newRequirement(key: string, operator: SelectorOperator, values: readonly string[], path = ''): Requirement | string {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const errors = []
  const keyErrors = qualifiedNameErrors(key)
  if (keyErrors.length > 0) errors.push(invalid(at('key'), key, keyErrors.join('; ')))
  const where = at('values')
  const count = values.length
  switch (operator) {
    case 'in': case 'notin':
      if (count === 0) errors.push(invalid(where, values, "for 'in', 'notin' operators, values set can't be empty"))
      break
    case '=': case '==': case '!=':
      if (count !== 1) errors.push(invalid(where, values, 'exact-match compatibility requires one single value'))
      break
    case 'exists': case '!':
      if (count !== 0) errors.push(invalid(where, values, 'values set must be empty for exists and does not exist'))
      break
    case 'gt': case 'lt':
      if (count !== 1) errors.push(invalid(where, values, "for 'Gt', 'Lt' operators, exactly one value is required"))
      values.forEach((value, i) => {
        if (!isInteger(value)) errors.push(invalid(`${where}[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"))
      })
      break
    default: errors.push(notSupported(at('operator'), operator, OPERATOR_NAMES))
  }
  values.forEach((value, i) => {
    const wrong = labelValueErrors(value)
    if (wrong.length > 0) errors.push(invalid(`${where}[${i}][${key}]`, value, wrong.join('; ')))
  })
  if (errors.length > 0) return aggregateText(errors.map(fieldErrorText))
  return { key, operator, values }
}

function isInteger(text: string): boolean {
  if (!/^[+-]?\d+$/.test(text)) return false
  const n = BigInt(text.startsWith('+') ? text.slice(1) : text)
  return n >= -(1n << 63n) && n < 1n << 63n
}

/** Text of a selector, canonical. Upstream: labels.Selector.String. */
export function formatSelector(selector: Selector): string {
  return selector.requirements.map(formatRequirement).join(',')
}

/** Text of an API LabelSelector as kubectl prints it: `<none>`, `<error>` or the canonical form. Upstream: meta/v1 FormatLabelSelector. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  if (selector === undefined) return '<none>'
  const built = buildSelector(selector)
  if (typeof built === 'string') return '<error>'
  const text = formatSelector(built)
  return text === '' ? '<none>' : text
}

function formatRequirement(r: Requirement): string {
  const values = (r.values.length > 1 ? [...r.values].sort() : r.values).join(',')
  switch (r.operator) {
    case 'exists': return r.key
    case '!': return `!${r.key}`
    case 'in': return `${r.key} in (${values})`
    case 'notin': return `${r.key} notin (${values})`
    case 'gt': return `${r.key}>${values}`
    case 'lt': return `${r.key}<${values}`
    default: return `${r.key}${r.operator}${values}`
  }
}

/** The value a selector demands for a label, when it demands exactly one. Upstream: Selector.RequiresExactMatch. */
export function requiresExactLabel(selector: Selector, key: string): string | undefined {
  for (const r of selector.requirements) {
    if (r.key !== key) continue
    return (r.operator === '=' || r.operator === '==' || r.operator === 'in') && r.values.length === 1 ? r.values[0] : undefined
  }
  return undefined
}

// ---- parsing -----------------------------------------------------------------------------------------------------------------------------

interface Token {
  readonly kind: 'id' | 'end' | ')' | '(' | ',' | '!' | '==' | '=' | '!=' | '>' | '<' | 'in' | 'notin' | 'error'
  readonly text: string
}

const SYMBOLS = new Set(['==', '!=', '=', '!', '(', ')', ',', '>', '<'])

function tokens(text: string): Token[] {
  const out: Token[] = []
  let i = 0
  for (;;) {
    while (i < text.length && ' \t\r\n'.includes(text[i]!)) i++
    if (i >= text.length) { out.push({ kind: 'end', text: '' }); return out }
    if ('=!(),><'.includes(text[i]!)) {
      const two = text.slice(i, i + 2)
      const symbol = SYMBOLS.has(two) ? two : text[i]!
      out.push({ kind: symbol as Token['kind'], text: symbol })
      i += symbol.length
      continue
    }
    const start = i
    while (i < text.length && !'=!(),>< \t\r\n'.includes(text[i]!)) i++
    const word = text.slice(start, i)
    out.push({ kind: word === 'in' || word === 'notin' ? word : 'id', text: word })
  }
}

const BINARY = 'in, notin, =, ==, !=, gt, lt'

/** Recursive descent over the tokens; Go's error texts are thrown inside and returned by parseSelector. */
class Parser {
  private position = 0
  private readonly items: Token[]
  constructor(text: string) {
    this.items = tokens(text)
  }

  parse(): Requirement[] {
    const out: Requirement[] = []
    for (;;) {
      const next = this.look()
      if (next.kind === 'end') return out
      if (next.kind !== 'id' && next.kind !== '!') throw new ParseError(`found '${next.text}', expected: !, identifier, or 'end of string'`)
      out.push(this.requirement())
      const after = this.take()
      if (after.kind === 'end') return out
      if (after.kind !== ',') throw new ParseError(`found '${after.text}', expected: ',' or 'end of string'`)
      const following = this.look()
      if (following.kind !== 'id' && following.kind !== '!') throw new ParseError(`found '${following.text}', expected: identifier after ','`)
    }
  }

  private look(keyword = false): Token {
    return this.asValue(this.items[this.position] ?? { kind: 'end', text: '' }, keyword)
  }

  private take(keyword = false): Token {
    const token = this.look(keyword)
    this.position++
    return token
  }

  private asValue(token: Token, keyword: boolean): Token {
    return !keyword && (token.kind === 'in' || token.kind === 'notin') ? { kind: 'id', text: token.text } : token
  }

  private requirement(): Requirement {
    const fail = (text: string): never => { throw new ParseError(`unable to parse requirement: ${text}`) }
    let token = this.take()
    const negated = token.kind === '!'
    if (negated) token = this.take()
    if (token.kind !== 'id') fail(`found '${token.text}', expected: identifier`)
    const key = token.text
    const wrong = qualifiedNameErrors(key)
    if (wrong.length > 0) fail(fieldErrorText(invalid('<nil>', key, wrong.join('; '))))
    const next = this.look().kind
    let made: Requirement | string
    if (negated || next === 'end' || next === ',') made = newRequirement(key, negated ? '!' : 'exists', [])
    else {
      const operator = this.take(true)
      switch (operator.kind) {
        case 'in': case 'notin': made = newRequirement(key, operator.kind, this.list(fail)); break
        case '=': case '==': case '!=': made = newRequirement(key, operator.kind, this.exact(fail)); break
        case '>': made = newRequirement(key, 'gt', this.exact(fail)); break
        case '<': made = newRequirement(key, 'lt', this.exact(fail)); break
        default: made = fail(`found '${operator.text}', expected: ${BINARY}`)
      }
    }
    return typeof made === 'string' ? fail(made) : made
  }

  private exact(fail: (text: string) => never): string[] {
    const next = this.look()
    if (next.kind === 'end' || next.kind === ',') return ['']
    const token = this.take()
    return token.kind === 'id' ? [token.text] : fail(`found '${token.text}', expected: identifier`)
  }

  private list(fail: (text: string) => never): string[] {
    const open = this.take()
    if (open.kind !== '(') fail(`found '${open.text}' expected: '('`)
    const next = this.look()
    if (next.kind === ')') { this.take(); return [''] }
    if (next.kind !== 'id' && next.kind !== ',') fail(`found '${next.text}', expected: ',', ')' or identifier`)
    const found = new Set<string>()
    for (;;) {
      const token = this.take()
      if (token.kind === 'id') {
        found.add(token.text)
        const after = this.look()
        if (after.kind === ')') break
        if (after.kind !== ',') fail(`found '${after.text}', expected: ',' or ')'`)
      } else if (token.kind === ',') {
        if (found.size === 0) found.add('')
        const after = this.look()
        if (after.kind === ')') { found.add(''); break }
        if (after.kind === ',') found.add('')
      } else fail(`found '${token.text}', expected: ',', or identifier`)
    }
    this.take()
    return [...found].sort()
  }
}

class ParseError extends Error {}

/** Parses `a=b,c in (d,e),!f`. Returns the error text on failure. Upstream: labels.Parse. */
export function parseSelector(text: string): Selector | string {
  try {
    const requirements = new Parser(text).parse().sort(byKey)
    return requirements.length === 0 ? EVERYTHING : { nothing: false, requirements }
  } catch (error) {
    if (error instanceof ParseError) return error.message
    throw error
  }
}
