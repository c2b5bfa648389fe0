import type { MatchCondition, MatchResources, NamedRuleWithOperations, ParamKind, ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../../api'
import { duplicate, invalid, notSupported, parseApiVersion, qualifiedNameErrors, required, type FieldError } from '../../../apimachinery'
import { compilePolicy } from '../../cel'
import { ageColumn, column, define, nameColumn } from '../define'
import { validateLabelSelector } from '../validation/label-selector'
import { nameIsPathSegment } from '../validation/object-meta'

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized']
const ACTIONS = ['Audit', 'Deny', 'Warn']
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/

/** What a match leaves out means all. */
export function defaultMatch(match: MatchResources | undefined): void {
  if (match == null) return
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*'
}

/** Upstream: validateMatchResources, validateRule */
export function matchErrors(match: MatchResources, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (match.matchPolicy != null && match.matchPolicy !== 'Equivalent' && match.matchPolicy !== 'Exact') errors.push(notSupported(`${path}.matchPolicy`, match.matchPolicy, ['Equivalent', 'Exact']))
  errors.push(...validateLabelSelector(match.namespaceSelector, `${path}.namespaceSelector`), ...validateLabelSelector(match.objectSelector, `${path}.objectSelector`))
  for (const field of ['resourceRules', 'excludeResourceRules'] as const) (match[field] ?? []).forEach((rule, i) => errors.push(...ruleErrors(rule, `${path}.${field}[${i}]`)))
  return errors
}

/** Upstream: validateRuleWithOperations */
export function ruleErrors(rule: Partial<NamedRuleWithOperations>, at: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const name of rule.resourceNames ?? []) {
    for (const message of nameIsPathSegment(name, false)) errors.push(invalid(`${at}.resourceNames`, name, message))
    if (seen.has(name)) errors.push(duplicate(`${at}.resourceNames`, name))
    seen.add(name)
  }
  if ((rule.operations ?? []).length === 0) errors.push(required(`${at}.operations`))
  else if (rule.operations!.length > 1 && rule.operations!.includes('*')) errors.push(invalid(`${at}.operations`, rule.operations, "if '*' is present, must not specify other operations"))
  rule.operations?.forEach((operation, j) => { if (!OPERATIONS.includes(operation)) errors.push(notSupported(`${at}.operations[${j}]`, operation, OPERATIONS)) })
  for (const [list, text] of [['apiGroups', 'API groups'], ['apiVersions', 'API versions']] as const) {
    const values = rule[list] ?? []
    if (values.length === 0) errors.push(required(`${at}.${list}`))
    else if (values.length > 1 && values.includes('*')) errors.push(invalid(`${at}.${list}`, values, `if '*' is present, must not specify other ${text}`))
    if (list === 'apiVersions') values.forEach((value, j) => { if (value === '') errors.push(required(`${at}.${list}[${j}]`)) })
  }
  if ((rule.resources ?? []).length === 0) errors.push(required(`${at}.resources`))
  if (rule.scope != null && !SCOPES.includes(rule.scope)) errors.push(notSupported(`${at}.scope`, rule.scope, SCOPES))
  return errors
}

function expressionErrors(source: string | undefined, hasParams: boolean, type: 'bool' | 'string' | undefined, path: string, missing = ''): FieldError[] {
  const text = (source ?? '').trim()
  if (text === '') return [required(path, missing)]
  const { error } = compilePolicy(text, hasParams, type)
  return error === undefined ? [] : [invalid(path, text, error)]
}

/** Upstream: validateMatchConditions */
export function conditionErrors(list: readonly MatchCondition[] | undefined, hasParams: boolean, path: string): FieldError[] {
  return (list ?? []).flatMap((one, i) => {
    const at = `${path}[${i}]`
    return [...qualifiedNameErrors(one.name ?? '').map((message) => invalid(`${at}.name`, one.name ?? '', message)), ...expressionErrors(one.expression, hasParams, 'bool', `${at}.expression`)]
  })
}

/** Upstream: validateParamKind */
export function paramKindErrors({ apiVersion, kind }: ParamKind): FieldError[] {
  const errors: FieldError[] = []
  if (!apiVersion) errors.push(required('spec.paramKind.apiVersion'))
  else if (parseApiVersion(apiVersion).version === '') errors.push(invalid('spec.paramKind.apiVersion', apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  if (!kind) errors.push(required('spec.paramKind.kind'))
  return errors
}

/** Upstream: validateParamRef */
export function paramRefErrors(ref: ParamRef): FieldError[] {
  const errors: FieldError[] = []
  if (!ref.name && ref.selector == null) errors.push(required('spec.paramRef', 'one of name or selector must be specified'))
  if (ref.name && ref.selector != null) errors.push(invalid('spec.paramRef.name', ref.name, 'name and selector are mutually exclusive'))
  if (ref.parameterNotFoundAction == null) errors.push(required('spec.paramRef.parameterNotFoundAction'))
  else if (ref.parameterNotFoundAction !== 'Allow' && ref.parameterNotFoundAction !== 'Deny') errors.push(notSupported('spec.paramRef.parameterNotFoundAction', ref.parameterNotFoundAction, ['Deny', 'Allow']))
  return errors
}

/** Cell of the kind that a policy's parameters have. */
export const paramKindText = (kind: ParamKind | undefined): string => (kind == null ? '<unset>' : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`)

/** Cell of the parameters that a binding names. */
export const paramRefText = (ref: ParamRef | undefined): string => (ref == null ? '<unset>' : ref.namespace ? `${ref.namespace}/${ref.name ?? ''}` : `*/${ref.name ?? ''}`)

/** Upstream: admissionregistration validation validateValidatingAdmissionPolicySpec */
function validatePolicy(o: ValidatingAdmissionPolicy): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  if (spec.failurePolicy != null && spec.failurePolicy !== 'Fail' && spec.failurePolicy !== 'Ignore') errors.push(notSupported('spec.failurePolicy', spec.failurePolicy, ['Fail', 'Ignore']))
  const hasParams = spec.paramKind != null
  if (hasParams) {
    errors.push(...paramKindErrors(spec.paramKind!))
  }
  if (spec.matchConstraints == null) errors.push(required('spec.matchConstraints'))
  else {
    errors.push(...matchErrors(spec.matchConstraints, 'spec.matchConstraints'))
    if ((spec.matchConstraints.resourceRules ?? []).length === 0) errors.push(required('spec.matchConstraints.resourceRules'))
  }
  errors.push(...conditionErrors(spec.matchConditions, hasParams, 'spec.matchConditions'))
  const names = new Set<string>()
  ;(spec.variables ?? []).forEach((one, i) => {
    const at = `spec.variables[${i}]`
    if (!one.name?.trim()) errors.push(required(`${at}.name`, 'name is not specified'))
    else if (!IDENTIFIER.test(one.name)) errors.push(invalid(`${at}.name`, one.name, 'name is not a valid CEL identifier'))
    else if (names.has(one.name)) errors.push(duplicate(`${at}.name`, one.name))
    names.add(one.name)
    errors.push(...expressionErrors(one.expression, hasParams, undefined, `${at}.expression`, 'expression is not specified'))
  })
  if ((spec.validations ?? []).length === 0 && (spec.auditAnnotations ?? []).length === 0) {
    errors.push(required('spec.validations', 'validations or auditAnnotations must contain at least one item'), required('spec.auditAnnotations', 'validations or auditAnnotations must contain at least one item'))
  }
  ;(spec.validations ?? []).forEach((one, i) => {
    const at = `spec.validations[${i}]`
    errors.push(...expressionErrors(one.expression, hasParams, 'bool', `${at}.expression`, 'expression is not specified'))
    if (one.messageExpression != null && one.messageExpression.trim() === '') errors.push(invalid(`${at}.messageExpression`, one.messageExpression, 'must be non-empty if specified'))
    else if (one.messageExpression) errors.push(...expressionErrors(one.messageExpression, hasParams, 'string', `${at}.messageExpression`))
    if (one.message) {
      if (one.message.trim() === '') errors.push(invalid(`${at}.message`, one.message, 'message must be non-empty if specified'))
      else if (one.message.trim().includes('\n')) errors.push(invalid(`${at}.message`, one.message, 'message must not contain line breaks'))
      else if (/\n/.test(one.expression ?? '') && !one.message) errors.push(required(`${at}.message`, 'message must be specified if expression contains line breaks'))
    } else if ((one.expression ?? '').trim().includes('\n') && !one.messageExpression) errors.push(required(`${at}.message`, 'message must be specified if expression contains line breaks'))
    if (one.reason != null && !REASONS.includes(one.reason)) errors.push(notSupported(`${at}.reason`, one.reason, REASONS))
  })
  return errors
}

/** Upstream: validateValidatingAdmissionPolicyBindingSpec */
function validateBinding(o: ValidatingAdmissionPolicyBinding): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  if (!spec.policyName) errors.push(required('spec.policyName'))
  else for (const message of nameIsPathSegment(spec.policyName, false)) errors.push(invalid('spec.policyName', spec.policyName, message))
  if (spec.paramRef != null) errors.push(...paramRefErrors(spec.paramRef))
  if (spec.matchResources != null) errors.push(...matchErrors(spec.matchResources, 'spec.matchResouces'))
  const actions = spec.validationActions ?? []
  if (actions.length === 0) errors.push(required('spec.validationActions', 'at least one validation action is required'))
  actions.forEach((action, i) => {
    if (!ACTIONS.includes(action)) errors.push(notSupported(`spec.validationActions[${i}]`, action, ACTIONS))
    if (actions.indexOf(action) < i) errors.push(duplicate(`spec.validationActions[${i}]`, action))
  })
  if (actions.includes('Deny') && actions.includes('Warn')) {
    errors.push(invalid('spec.validationActions', [...actions].sort(), 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)'))
  }
  return errors
}

/** ValidatingAdmissionPolicy. Upstream: pkg/registry/admissionregistration/validatingadmissionpolicy */
export const validatingAdmissionPolicy = define<ValidatingAdmissionPolicy>({
  resource: 'validatingadmissionpolicies',
  categories: ['api-extensions'],
  subresources: ['status'],
  hasGeneration: true,
  defaults(o) {
    o.spec.failurePolicy ??= 'Fail'
    defaultMatch(o.spec.matchConstraints)
  },
  prepareForCreate(o) {
    o.status = {}
  },
  validate: validatePolicy,
  validateUpdate: (o) => validatePolicy(o),
  columns: [
    nameColumn, column('Validations', (o) => o.spec.validations?.length ?? 0, 'integer'),
    column('ParamKind', (o) => paramKindText(o.spec.paramKind)), ageColumn,
  ],
})

/** ValidatingAdmissionPolicyBinding. Upstream: pkg/registry/admissionregistration/validatingadmissionpolicybinding */
export const validatingAdmissionPolicyBinding = define<ValidatingAdmissionPolicyBinding>({
  resource: 'validatingadmissionpolicybindings',
  categories: ['api-extensions'],
  hasGeneration: true,
  defaults(o) {
    defaultMatch(o.spec.matchResources)
  },
  validate: validateBinding,
  validateUpdate: (o) => validateBinding(o),
  columns: [
    nameColumn, column('PolicyName', (o) => o.spec.policyName),
    column('ParamRef', (o) => paramRefText(o.spec.paramRef)), ageColumn,
  ],
})
