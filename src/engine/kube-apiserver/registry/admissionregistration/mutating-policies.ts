import type { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../../api'
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery'
import { compileMutation } from '../../cel'
import { ageColumn, column, define, nameColumn } from '../define'
import { nameIsPathSegment } from '../validation/object-meta'
import { conditionErrors, defaultMatch, matchErrors, paramKindErrors, paramKindText, paramRefErrors, paramRefText } from './policies'

const PATCHES = [['ApplyConfiguration', 'applyConfiguration'], ['JSONPatch', 'jsonPatch']] as const

/** Upstream: admissionregistration validation validateMutatingAdmissionPolicySpec */
function validate({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const errors: FieldError[] = []
  if (spec.failurePolicy != null && spec.failurePolicy !== 'Fail' && spec.failurePolicy !== 'Ignore') errors.push(notSupported('spec.failurePolicy', spec.failurePolicy, ['Fail', 'Ignore']))
  if (spec.paramKind != null) errors.push(...paramKindErrors(spec.paramKind))
  if (spec.matchConstraints == null) errors.push(required('spec.matchConstraints'))
  else {
    errors.push(...matchErrors(spec.matchConstraints, 'spec.matchConstraints'))
    if ((spec.matchConstraints.resourceRules ?? []).length === 0) errors.push(required('spec.matchConstraints.resourceRules'))
  }
  errors.push(...conditionErrors(spec.matchConditions, spec.paramKind != null, 'spec.matchConditions'))
  const mutations = spec.mutations ?? []
  if (mutations.length === 0) errors.push(required('spec.mutations', 'mutations must contain at least one item'))
  mutations.forEach((mutation, i) => {
    const at = `spec.mutations[${i}]`
    const type = PATCHES.find(([name]) => name === mutation.patchType)
    if (!mutation.patchType) errors.push(required(`${at}.patchType`))
    else if (type === undefined) errors.push(notSupported(`${at}.patchType`, mutation.patchType, PATCHES.map(([name]) => name)))
    for (const [name, field] of PATCHES) {
      if (name !== mutation.patchType) {
        if (type !== undefined && mutation[field] != null) errors.push(forbidden(`${at}.${field}`, `must not be set when patchType is ${mutation.patchType}`))
      } else if (mutation[field] == null) errors.push(required(`${at}.${field}`, `must be set when patchType is ${name}`))
      else if (!mutation[field].expression?.trim()) errors.push(required(`${at}.${field}.expression`, 'expression is not specified'))
      else {
        const text = mutation[field].expression.trim()
        const { error } = compileMutation(text, spec.paramKind != null, name === 'JSONPatch' ? 'list(JSONPatch)' : 'Object')
        if (error !== undefined) errors.push(invalid(`${at}.${field}.expression`, text, error))
      }
    }
  })
  if (spec.reinvocationPolicy !== 'Never' && spec.reinvocationPolicy !== 'IfNeeded') errors.push(notSupported('spec.reinvocationPolicy', spec.reinvocationPolicy, ['IfNeeded', 'Never']))
  return errors
}

function validateBinding({ spec }: MutatingAdmissionPolicyBinding): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.policyName) errors.push(required('spec.policyName'))
  else for (const message of nameIsPathSegment(spec.policyName, false)) errors.push(invalid('spec.policyName', spec.policyName, message))
  if (spec.paramRef != null) errors.push(...paramRefErrors(spec.paramRef))
  if (spec.matchResources != null) errors.push(...matchErrors(spec.matchResources, 'spec.matchResouces'))
  return errors
}

/** MutatingAdmissionPolicy. Upstream: pkg/registry/admissionregistration/mutatingadmissionpolicy */
export const mutatingAdmissionPolicy = define<MutatingAdmissionPolicy>({
  resource: 'mutatingadmissionpolicies',
  categories: ['api-extensions'],
  hasGeneration: true,
  defaults({ spec }) {
    spec.failurePolicy ??= 'Fail'
    spec.reinvocationPolicy ||= 'Never'
    defaultMatch(spec.matchConstraints)
  },
  validate,
  validateUpdate: (o) => validate(o),
  columns: [nameColumn, column('Mutations', (o) => o.spec.mutations?.length ?? 0, 'integer'), column('ParamKind', (o) => paramKindText(o.spec.paramKind)), ageColumn],
})

/** MutatingAdmissionPolicyBinding. Upstream: pkg/registry/admissionregistration/mutatingadmissionpolicybinding */
export const mutatingAdmissionPolicyBinding = define<MutatingAdmissionPolicyBinding>({
  resource: 'mutatingadmissionpolicybindings',
  categories: ['api-extensions'],
  hasGeneration: true,
  defaults: (o) => defaultMatch(o.spec.matchResources),
  validate: validateBinding,
  validateUpdate: (o) => validateBinding(o),
  columns: [nameColumn, column('PolicyName', (o) => o.spec.policyName ?? ''), column('ParamRef', (o) => paramRefText(o.spec.paramRef)), ageColumn],
})
