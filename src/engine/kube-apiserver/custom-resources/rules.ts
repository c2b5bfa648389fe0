import type { JSONSchemaProps, ValidationRule } from '../../api'
import { child, deepEqual, duplicate, fieldErrorText, forbidden, invalid, isObject, key, index, required, type FieldError, type JsonObject } from '../../apimachinery'
import { asSchema } from '../registry/apiextensions/as-schema'
import { baseEnvironment, compile, mentions, type Program } from '../cel'
import { declare, type DeclType } from './declared-types'
import { readFieldPath } from './field-path'

/** A rule that compiled, or why it did not. */
export interface CompiledRule {
  readonly rule: ValidationRule
  readonly program?: Program | undefined
  readonly error?: string | undefined
  readonly message?: Program | undefined
  readonly messageError?: string | undefined
  readonly usesOldSelf: boolean
  /** fieldPath as messages write it. */
  readonly at: string
}

/** The rules of a schema and of what is below it. Upstream: apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go Validator */
export interface RuleNode {
  readonly schema: JSONSchemaProps
  readonly type: DeclType
  readonly rules: readonly CompiledRule[]
  readonly items?: RuleNode | undefined
  readonly more?: RuleNode | undefined
  readonly properties: ReadonlyMap<string, RuleNode>
  readonly allOf: readonly RuleNode[]
}


// What follows from a schema, an immutable value: a memo, not state.
const made = new WeakMap<JSONSchemaProps, RuleNode | null>()

/** The rules of a root schema; undefined when it has none. */
export function rulesOf(schema: JSONSchemaProps): RuleNode | undefined {
  let found = made.get(schema)
  if (found === undefined) made.set(schema, (found = hasRules(schema) ? compileAll(schema) : null))
  return found ?? undefined
}

/** Whether a schema or one below has rules. */
function hasRules(s: JSONSchemaProps): boolean {
  if ((s['x-kubernetes-validations'] ?? []).length > 0) return true
  const below = [asSchema(s.items), asSchema(s.additionalProperties), ...Object.values(s.properties ?? {}), ...(s.allOf ?? [])]
  return below.some((b) => b !== undefined && hasRules(b))
}

function compileAll(schema: JSONSchemaProps): RuleNode | null {
  const env = baseEnvironment().clone()
  const objects = new Map<string, DeclType['fields']>()
  const root = declare(schema, true, 'selfType', env, objects)
  if (root === undefined) return null
  const build = (rules: JSONSchemaProps, s: JSONSchemaProps, type: DeclType): RuleNode | undefined => {
    const compiled = (rules['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, s, type))
    const sub = (r: unknown, n: unknown, t: DeclType | undefined): RuleNode | undefined => {
      const [ruled, node] = [asSchema(r), asSchema(n)]
      return ruled && node && t && build(ruled, node, t)
    }
    const properties = new Map<string, RuleNode>()
    for (const { property, type: own } of type.fields.values()) {
      const found = sub(rules.properties?.[property], s.properties?.[property], own)
      if (found) properties.set(property, found)
    }
    const items = type.kind === 'list' ? sub(rules.items, s.items, type.elem) : undefined
    const more = type.kind === 'map' ? sub(rules.additionalProperties, s.additionalProperties, type.elem) : undefined
    const allOf = (rules.allOf ?? []).flatMap((part) => build(part, s, type) ?? [])
    if (compiled.length === 0 && properties.size === 0 && !items && !more && allOf.length === 0) return undefined
    return { schema: s, type, rules: compiled, items, more, properties, allOf }
  }
  const compileRule = (rule: ValidationRule, s: JSONSchemaProps, type: DeclType): CompiledRule => {
    const at = rule.fieldPath ? (readFieldPath(rule.fieldPath, s).path ?? '') : ''
    if (rule.rule.trim() === '') return { rule, usesOldSelf: false, at }
    const own = env.clone().registerVariable('self', type.name).registerVariable('oldSelf', rule.optionalOldSelf ? `optional<${type.name}>` : type.name)
    const compiled = compile(own, rule.rule, objects)
    const usesOldSelf = compiled.program !== undefined && mentions(compiled.program.ast, 'oldSelf')
    const error = compiled.error !== undefined ? `compilation failed: ${compiled.error}` : compiled.program.type === 'bool' ? undefined : 'cel expression must evaluate to a bool'
    const text = rule.messageExpression ? compile(own, rule.messageExpression, objects) : undefined
    const messageError = text === undefined ? undefined
      : text.error !== undefined ? `messageExpression compilation failed: ${text.error}` : text.program.type === 'string' ? undefined : 'messageExpression must evaluate to a string'
    return { rule, program: error === undefined ? compiled.program : undefined, error, message: messageError === undefined ? text?.program : undefined, messageError, usesOldSelf, at }
  }
  return build(schema, schema, root) ?? null
}

/** What of an object breaks the rules of its schema; unchanged values that do are only warned of. */
export function checkRules(root: RuleNode, object: unknown, old: unknown, warn: (text: string) => void): FieldError[] {
  const errors: FieldError[] = []
  visit(root, object, old, '', old !== undefined, false, errors, warn)
  return errors
}

/** `correlated`: `old` is what this value was; `same`: something above it has not changed. */
function visit(node: RuleNode, value: unknown, old: unknown, path: string, correlated: boolean, same: boolean, errors: FieldError[], warn: (text: string) => void): void {
  if (value === null || value === undefined) return
  const unchanged = same || (correlated && old !== undefined && deepEqual(value, old))
  if (node.rules.length > 0) evaluate(node, value, old, path, unchanged, errors, warn)
  for (const part of node.allOf) visit(part, value, old, path, correlated, unchanged, errors, warn)
  if (Array.isArray(value)) {
    if (node.items === undefined) return
    const before = node.schema['x-kubernetes-list-type'] === 'map' && Array.isArray(old) ? old : []
    const keys = node.schema['x-kubernetes-list-map-keys'] ?? []
    value.forEach((item, i) => {
      const was = before.find((o) => keys.every((k) => deepEqual((o as JsonObject)?.[k], (item as JsonObject)?.[k])))
      visit(node.items as RuleNode, item, was, index(path, i), was !== undefined, unchanged, errors, warn)
    })
  } else if (isObject(value)) {
    const before = node.schema['x-kubernetes-map-type'] !== 'atomic' && isObject(old) ? old : {}
    for (const k of Object.keys(value).sort()) {
      const own = node.properties.get(k)
      if (own) visit(own, value[k], before[k], child(path, k), before[k] !== undefined, unchanged, errors, warn)
      else if (node.more) visit(node.more, value[k], before[k], key(path, k), before[k] !== undefined, unchanged, errors, warn)
    }
  }
}

function evaluate({ rules, type, schema }: RuleNode, value: unknown, old: unknown, path: string, unchanged: boolean, errors: FieldError[], warn: (text: string) => void): void {
  const field = path || '<nil>'
  const self = type.convert(value)
  const oldSelf = old === undefined || old === null ? undefined : type.convert(old)
  const bad = (detail: string): void => void errors.push(invalid(field, schema.type ?? '', detail))
  for (const { rule, program, error, message, usesOldSelf, at } of rules) {
    if (error !== undefined) { bad(`rule compile error: ${error}`); continue }
    if (program === undefined || (usesOldSelf && oldSelf === undefined && !rule.optionalOldSelf)) continue
    const variables = { self, oldSelf: rule.optionalOldSelf ? optionalOf(oldSelf) : oldSelf }
    const result = program.run(variables)
    if (result.error !== undefined) {
      bad(result.error.startsWith('no such overload')
        ? `'${result.error}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}` : `${result.error} evaluating rule: ${ruleText(rule)}`)
      continue
    }
    if (result.value === true) continue
    const where = at === '' ? field : path === '' ? at.replace(/^\./, '') : `${path}${at.startsWith('[') ? '' : '.'}${at}`
    const problem = problemOf(rule, where, schema.type ?? '', messageOf(message, variables) ?? (rule.message ? rule.message.trim() : `failed rule: ${ruleText(rule)}`))
    if (unchanged && !usesOldSelf) warn(fieldErrorText(problem))
    else errors.push(problem)
  }
}

let none: Program | undefined
let some: Program | undefined

function optionalOf(value: unknown): unknown {
  if (value === undefined) return ((none ??= constant('optional.none()')).run({}) as { value: unknown }).value
  return ((some ??= constant('optional.of(v)')).run({ v: value }) as { value: unknown }).value
}

function constant(source: string): Program {
  return (compile(baseEnvironment().clone().registerVariable('v', 'dyn'), source) as { program: Program }).program
}

function ruleText(rule: ValidationRule): string {
  return (rule.message || rule.rule).trim()
}

/** What a messageExpression says; undefined when it says nothing that can be shown. */
function messageOf(program: Program | undefined, variables: Readonly<Record<string, unknown>>): string | undefined {
  const result = program?.run(variables)
  if (result === undefined || result.error !== undefined || typeof result.value !== 'string') return undefined
  const text = result.value.trim()
  return text === '' || text.includes('\n') || text.length > 5 * 1024 ? undefined : text
}

function problemOf(rule: ValidationRule, field: string, type: string, detail: string): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden': return forbidden(field, detail)
    case 'FieldValueRequired': return required(field, detail)
    case 'FieldValueDuplicate': return duplicate(field, type)
    default: return invalid(field, type, detail)
  }
}
