import type { CustomResourceValidation, JSONSchemaProps } from '../../../api'
import { child, deepEqual, forbidden, index, invalid, key, notSupported, required, type FieldError } from '../../../apimachinery'
import { asSchema } from './as-schema'
import { mentions } from '../../cel'
import { readFieldPath } from '../../custom-resources/field-path'
import { costOf, costText, RULE_LIMIT, SCHEMA_LIMIT, unboundedCardinality } from '../../custom-resources/rule-cost'
import { rulesOf, type RuleNode } from '../../custom-resources/rules'
import { prune, validate } from '../../custom-resources/schema'
import { internalValue } from '../validation/internal-diff'
import { nestedErrors } from './nested-schemas'
import { structuralErrors } from './structural'

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const ROOT_FIELDS = ['Description', 'Type', 'Format', 'Title', 'Maximum', 'ExclusiveMaximum', 'Minimum', 'ExclusiveMinimum', 'MaxLength', 'MinLength', 'Pattern', 'MaxItems', 'MinItems', 'UniqueItems', 'MultipleOf', 'Required', 'Items', 'Properties', 'ExternalDocs', 'Example', 'XPreserveUnknownFields', 'XValidations']
const NOT_AT_ROOT = ['id', '$schema', '$ref', 'default', 'enum', 'maxProperties', 'minProperties', 'allOf', 'oneOf', 'anyOf', 'not', 'additionalProperties', 'patternProperties', 'dependencies', 'additionalItems', 'definitions', 'nullable', 'x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string', 'x-kubernetes-list-map-keys', 'x-kubernetes-list-type', 'x-kubernetes-map-type'] as const
const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const META = new Set(['metadata', 'kind', 'apiVersion'])

/** What holds where a part of a schema stands. */
interface Place {
  readonly root: boolean
  /** Why there must be no default. */
  readonly noDefaults?: string | undefined
  readonly inMeta: boolean
  /** Where old and new values cannot be matched up any more. */
  readonly uncorrelatable?: string | undefined
}

/** The rules of a version's schema. Upstream: apiextensions/validation validateCustomResourceDefinitionValidation */
export function validateSchema(given: CustomResourceValidation | undefined, hasStatus: boolean, path: string): FieldError[] {
  const schema = given?.openAPIV3Schema
  if (schema == null) return []
  const errors: FieldError[] = []
  const at = child(path, 'openAPIV3Schema')
  const misfits = nestedErrors(schema, at)
  if (misfits.length > 0) return misfits
  if (hasStatus) {
    if (schema.type && schema.type !== 'object') errors.push(invalid(child(at, 'type'), schema.type, 'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'))
    else if (NOT_AT_ROOT.some((k) => isSet(schema[k]))) errors.push(invalid(at, internalValue('JSONSchemaProps', schema), `only [${ROOT_FIELDS.join(' ')}] fields are allowed at the root of the schema if the status subresource is enabled`))
  }
  if (schema.nullable) errors.push(forbidden(child(at, 'nullable'), 'nullable cannot be true at the root'))
  const wrong = structuralErrors(schema, at)
  errors.push(...wrong)
  const defaults: FieldError[] = []
  if (wrong.length === 0) defaultErrors(schema, at, true, defaults)
  errors.push(...defaults)
  const own: FieldError[] = []
  schemaErrors(schema, at, { root: true, inMeta: false }, own)
  errors.push(...own)
  // Rules are compiled when the schema can be understood.
  if (wrong.length === 0 && defaults.length === 0 && own.length === 0) ruleErrors(schema, at, errors)
  return errors
}

function isSet(v: unknown): boolean {
  return v !== undefined && v !== null && v !== false && v !== '' && !(Array.isArray(v) && v.length === 0)
}

/** Defaults must be what the schema lets pass. Upstream: schema/defaulting/validation.go ValidateDefaults */
function defaultErrors(s: JSONSchemaProps, path: string, isRoot: boolean, errors: FieldError[]): void {
  if (s.default !== undefined && s.default !== null && !isRoot) {
    const at = child(path, 'default')
    const unknown: string[] = []
    const pruned = prune(s, s.default, '', unknown)
    if (unknown.length > 0 || !deepEqual(pruned, s.default)) errors.push(invalid(at, s.default, 'must not have unknown fields'))
    errors.push(...validate(s, s.default, at))
  }
  const items = asSchema(s.items)
  if (items !== undefined) defaultErrors(items, child(path, 'items'), false, errors)
  for (const k of Object.keys(s.properties ?? {}).sort()) {
    if (!isRoot || !META.has(k)) defaultErrors((s.properties as Record<string, JSONSchemaProps>)[k] as JSONSchemaProps, key(child(path, 'properties'), k), false, errors)
  }
  const more = asSchema(s.additionalProperties)
  if (more !== undefined) defaultErrors(more, child(path, 'additionalProperties'), false, errors)
}

/** Upstream: ValidateCustomResourceDefinitionOpenAPISchema, specStandardValidatorV3.validate */
function schemaErrors(s: JSONSchemaProps, path: string, place: Place, errors: FieldError[]): void {
  const no = (field: string, detail = `${field} is not supported`): void => void errors.push(forbidden(child(path, field), detail))
  if (s.type && !TYPES.includes(s.type)) errors.push(notSupported(child(path, 'type'), s.type, TYPES))
  if (s.default !== undefined && s.default !== null && place.noDefaults !== undefined) no('default', `must not be set ${place.noDefaults}`)
  for (const k of ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const) if (isSet(s[k])) no(k)
  if (s.type === 'null') no('type', 'type cannot be set to null, use nullable as an alternative')
  if (Array.isArray(s.items)) no('items', 'items must be a schema object and not an array')
  if (place.inMeta && s['x-kubernetes-embedded-resource']) no('x-kubernetes-embedded-resource', 'must not be used inside of resource meta')
  if (s.uniqueItems) no('uniqueItems', 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic')
  const inside: Place = { ...place, root: false }
  const more = s.additionalProperties
  if (more != null) {
    if (Object.keys(s.properties ?? {}).length > 0 && more !== true) no('additionalProperties', 'additionalProperties and properties are mutual exclusive')
    const below = asSchema(more)
    if (below) schemaErrors(below, child(path, 'additionalProperties'), place.inMeta ? { ...inside, noDefaults: 'inside additionalProperties applying to object metadata' } : inside, errors)
  }
  const atomic = s['x-kubernetes-map-type'] === 'atomic'
  for (const k of Object.keys(s.properties ?? {}).sort()) {
    const meta = (place.root || s['x-kubernetes-embedded-resource'] === true) && META.has(k)
    schemaErrors((s.properties as Record<string, JSONSchemaProps>)[k] as JSONSchemaProps, key(child(path, 'properties'), k), {
      ...inside, inMeta: place.inMeta || meta, noDefaults: meta && place.root ? `in top-level ${k}` : place.noDefaults, uncorrelatable: place.uncorrelatable ?? (atomic ? path : undefined),
    }, errors)
  }
  if (s.not) schemaErrors(s.not, child(path, 'not'), inside, errors)
  for (const k of ['allOf', 'oneOf', 'anyOf'] as const) s[k]?.forEach((p, i) => schemaErrors(p, index(child(path, k), i), inside, errors))
  const items = asSchema(s.items)
  if (items) schemaErrors(items, child(path, 'items'), { ...inside, uncorrelatable: place.uncorrelatable ?? (s['x-kubernetes-list-type'] === 'map' ? undefined : path) }, errors)
  extensionErrors(s, path, errors)
  ruleShapeErrors(s, path, errors)
}

function extensionErrors(s: JSONSchemaProps, path: string, errors: FieldError[]): void {
  if (s['x-kubernetes-preserve-unknown-fields'] === false) errors.push(invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'))
  const typed = (type: string, field: string): void => {
    if (s.type === type) return
    const detail = `must be ${type} if ${field} is specified`
    errors.push(s.type ? invalid(child(path, 'type'), s.type, detail) : required(child(path, 'type'), detail))
  }
  const map = s['x-kubernetes-map-type']
  if (map != null) {
    typed('object', 'x-kubernetes-map-type')
    if (map !== 'atomic' && map !== 'granular') errors.push(notSupported(child(path, 'x-kubernetes-map-type'), map, ['atomic', 'granular']))
  }
  const list = s['x-kubernetes-list-type']
  const keys = s['x-kubernetes-list-map-keys'] ?? []
  const items = asSchema(s.items)
  if (list != null) typed('array', 'x-kubernetes-list-type')
  if (list === 'set' && s.type === 'array' && items) {
    const atomic = 'must be atomic as item of a list with x-kubernetes-list-type=set'
    const itemList = items['x-kubernetes-list-type']
    if (items.type === 'array' && itemList != null && itemList !== 'atomic') errors.push(invalid(child(path, 'items', 'x-kubernetes-list-type'), itemList, atomic))
    if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') errors.push(invalid(child(path, 'items', 'x-kubernetes-map-type'), itemList ?? null, atomic))
  }
  if (list != null && list !== 'atomic' && list !== 'set' && list !== 'map') errors.push(notSupported(child(path, 'x-kubernetes-list-type'), list, ['atomic', 'set', 'map']))
  if (keys.length > 0 && list !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty'
    errors.push(list == null ? required(child(path, 'x-kubernetes-list-type'), detail) : invalid(child(path, 'x-kubernetes-list-type'), list, detail))
  }
  if (list === 'map') mapListErrors(s, keys, items, path, errors)
  if ((list === 'set' || list === 'map') && items) {
    if (items.nullable) errors.push(forbidden(child(path, 'items', 'nullable'), `cannot be nullable when x-kubernetes-list-type is ${list}`))
    if (list === 'map') for (const k of keys) {
      const own = items.properties?.[k]
      if (own === undefined) continue
      const at = key(child(path, 'items', 'properties'), k)
      if (!items.required?.includes(k) && own.default == null) errors.push(required(child(at, 'default'), 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'))
      if (own.nullable) errors.push(forbidden(child(at, 'nullable'), 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'))
    }
  }
}

function mapListErrors(s: JSONSchemaProps, keys: readonly string[], items: JSONSchemaProps | undefined, path: string, errors: FieldError[]): void {
  const at = child(path, 'x-kubernetes-list-map-keys')
  if (keys.length === 0) errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'))
  if (s.items == null) errors.push(required(child(path, 'items'), 'must have a schema if x-kubernetes-list-type is map'))
  if (items === undefined) return
  if (items.type !== 'object') return void errors.push(invalid(child(path, 'items', 'type'), items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"))
  const seen = new Set<string>()
  for (const k of keys) {
    const own = items.properties?.[k]
    if (own === undefined) errors.push(invalid(at, keys, 'entries must all be names of item properties'))
    else if (own.type === 'array' || own.type === 'object') errors.push(invalid(child(key(child(path, 'items', 'properties'), k), 'type'), items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"))
    if (seen.has(k)) errors.push(invalid(at, keys, 'must not contain duplicate entries'))
    seen.add(k)
  }
}

/** What can be said of rules without compiling them. */
function ruleShapeErrors(s: JSONSchemaProps, path: string, errors: FieldError[]): void {
  s['x-kubernetes-validations']?.forEach((r, i) => {
    const at = index(child(path, 'x-kubernetes-validations'), i)
    const { message = '', messageExpression = '', fieldPath = '' } = r
    const lines = /[\n\r]/
    if (r.rule.trim() === '') errors.push(required(child(at, 'rule'), 'rule is not specified'))
    else if (message !== '' && message.trim() === '') errors.push(invalid(child(at, 'message'), message, 'message must be non-empty if specified'))
    else if (lines.test(message.trim())) errors.push(invalid(child(at, 'message'), message, 'message must not contain line breaks'))
    else if (lines.test(r.rule.trim()) && message.trim() === '') errors.push(required(child(at, 'message'), 'message must be specified if rule contains line breaks'))
    if (messageExpression !== '' && messageExpression.trim() === '') errors.push(required(child(at, 'messageExpression'), 'messageExpression must be non-empty if specified'))
    if (r.reason != null && !REASONS.includes(r.reason)) errors.push(notSupported(child(at, 'reason'), r.reason, REASONS))
    if (fieldPath === '') return
    if (fieldPath.trim() === '') errors.push(invalid(child(at, 'fieldPath'), fieldPath, 'fieldPath must be non-empty if specified'))
    if (lines.test(fieldPath)) errors.push(invalid(child(at, 'fieldPath'), fieldPath, 'fieldPath must not contain line breaks'))
    if (readFieldPath(fieldPath, s).error !== undefined) errors.push(invalid(child(at, 'fieldPath'), fieldPath, 'fieldPath must be a valid path'))
  })
}

/** Compiles the rules and weighs what they may cost. */
function ruleErrors(schema: JSONSchemaProps, path: string, errors: FieldError[]): void {
  const root = rulesOf(schema)
  if (root === undefined) return
  const costs: { readonly path: string; readonly cost: number }[] = []
  const visit = (node: RuleNode, at: string, cardinality: number | undefined, uncorrelatable: string | undefined): void => {
    const below = (n: number | undefined): number | undefined => (cardinality === undefined || n == null ? undefined : cardinality * n)
    const { schema: s } = node
    if (node.more) visit(node.more, child(at, 'additionalProperties'), below(s.maxProperties), uncorrelatable)
    for (const [k, own] of node.properties) visit(own, key(child(at, 'properties'), k), cardinality, uncorrelatable ?? (s['x-kubernetes-map-type'] === 'atomic' ? at : undefined))
    if (node.items) visit(node.items, child(at, 'items'), below(s.maxItems), uncorrelatable ?? (s['x-kubernetes-list-type'] === 'map' ? undefined : at))
    node.rules.forEach((r, i) => {
      const here = index(child(at, 'x-kubernetes-validations'), i)
      const value = internalValue('ValidationRule', r.rule)
      const weigh = (ast: Parameters<typeof costOf>[0], field: string, what: string, times: number): void => {
        const cost = costOf(ast, node.type) * times
        if (cost > RULE_LIMIT) errors.push(forbidden(child(here, field), costText(what, cost, RULE_LIMIT)))
        costs.push({ path: child(here, field), cost })
      }
      if (r.program) weigh(r.program.ast, 'rule', 'estimated rule cost', cardinality ?? unboundedCardinality(node.type.minSize))
      if (r.error !== undefined) errors.push(invalid(child(here, 'rule'), value, r.error))
      if (r.messageError !== undefined) errors.push(invalid(child(here, 'messageExpression'), value, r.messageError))
      else if (r.message) weigh(r.message.ast, 'messageExpression', 'estimated messageExpression cost', 1)
      if (r.program === undefined) return
      if (r.usesOldSelf || (r.message && mentions(r.message.ast, 'oldSelf'))) {
        if (uncorrelatable !== undefined) errors.push(invalid(child(here, 'rule'), r.rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`))
      } else if (r.rule.optionalOldSelf != null) errors.push(invalid(child(here, 'optionalOldSelf'), r.rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'))
    })
  }
  visit(root, path, 1, undefined)
  const total = costs.reduce((sum, c) => sum + c.cost, 0)
  if (total <= SCHEMA_LIMIT) return
  const dearest = costs.filter((c) => c.cost >= SCHEMA_LIMIT / 100).sort((a, b) => b.cost - a.cost || (a.path < b.path ? -1 : 1)).slice(0, 4)
  for (const c of dearest) errors.push(forbidden(c.path, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'))
  errors.push(forbidden(path, costText('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', total, SCHEMA_LIMIT)))
}
