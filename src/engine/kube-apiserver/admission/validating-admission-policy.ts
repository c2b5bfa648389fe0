import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../api'
import { forbiddenStatus, type Status } from '../../apimachinery'
import { compilePolicy, type Program } from '../cel'
import { bindVariables, findParams, variablesOf } from './expressions'
import { fits } from './matching'
import type { AdmissionAttributes, AdmissionPlugin, Refusal } from './plugin'

interface Check {
  readonly expression: string
  readonly program: Program
  readonly message: string | undefined
  readonly messageProgram: Program | undefined
  readonly reason: string | undefined
}

interface Compiled {
  readonly conditions: readonly Program[]
  readonly variables: readonly { readonly name: string; readonly program: Program }[]
  readonly checks: readonly Check[]
}

/** What one policy says against a write. */
interface Denial {
  readonly message: string
  readonly reason: string
}

// What follows from a policy, an immutable value: a memo, not state.
const compiled = new WeakMap<ValidatingAdmissionPolicy, Compiled>()

function compileAll(policy: ValidatingAdmissionPolicy): Compiled {
  let made = compiled.get(policy)
  if (made !== undefined) return made
  const { spec } = policy
  const program = (source: string | undefined): Program[] => {
    const found = source?.trim() ? compilePolicy(source.trim(), spec.paramKind != null).program : undefined
    return found === undefined ? [] : [found]
  }
  made = {
    conditions: (spec.matchConditions ?? []).flatMap((c) => program(c.expression)),
    variables: (spec.variables ?? []).flatMap((v) => program(v.expression).map((p) => ({ name: v.name, program: p }))),
    checks: (spec.validations ?? []).flatMap((v) => program(v.expression).map((p) => ({
      expression: v.expression, program: p, message: v.message, messageProgram: program(v.messageExpression)[0], reason: v.reason,
    }))),
  }
  compiled.set(policy, made)
  return made
}

/** Policies in CEL, by their bindings. They are not asked about themselves. Upstream: apiserver/pkg/admission/plugin/policy/validating */
export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  validate(a): Refusal | undefined {
    if (a.write.changedAt('validatingadmissionpolicybindings') === 0 || a.served.info.group === 'admissionregistration.k8s.io') return undefined
    let first: Status | undefined
    for (const binding of a.write.list('validatingadmissionpolicybindings') as Iterable<ValidatingAdmissionPolicyBinding>) {
      const policy = a.write.get('validatingadmissionpolicies', '', binding.spec.policyName) as ValidatingAdmissionPolicy | undefined
      if (policy === undefined || !fits(policy.spec.matchConstraints, a) || (binding.spec.matchResources != null && !fits(binding.spec.matchResources, a))) continue
      const named = `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}'`
      for (const denial of denials(policy, binding, a)) {
        if (binding.spec.validationActions.includes('Warn')) a.write.warn(`Validation failed for ${named}: ${denial.message}`)
        if (binding.spec.validationActions.includes('Deny')) first ??= refusal(a, `${named} denied request: ${denial.message}`, denial.reason)
      }
    }
    return first
  },
}

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 }

function refusal(a: AdmissionAttributes, message: string, reason: string): Status {
  const status = forbiddenStatus(a.served.gr, a.name || a.object?.metadata.generateName || '', message)
  return { ...status, reason: reason as NonNullable<Status['reason']>, code: CODES[reason] ?? 422, details: { ...status.details, causes: [{ message }] } }
}

function denials(policy: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, a: AdmissionAttributes): Denial[] {
  const failed = (message: string): Denial[] => (policy.spec.failurePolicy === 'Ignore' ? [] : [{ message, reason: 'Invalid' }])
  const params = findParams(policy.spec.paramKind, binding.spec.paramRef, a)
  if (typeof params === 'string') return failed(params)
  return params.flatMap((param) => evaluate(compileAll(policy), variablesOf(a, param), failed))
}

function evaluate({ conditions, variables, checks }: Compiled, given: Record<string, unknown>, failed: (message: string) => Denial[]): Denial[] {
  bindVariables(given, variables)
  for (const condition of conditions) {
    const result = condition.run(given)
    if (result.error !== undefined) return failed(result.error)
    if (result.value !== true) return []
  }
  const found: Denial[] = []
  for (const { expression, program, message, messageProgram, reason } of checks) {
    const result = program.run(given)
    if (result.error !== undefined) found.push(...failed(`expression '${expression}' resulted in error: ${result.error}`))
    else if (result.value !== true) found.push({ message: spoken(messageProgram, given) || message?.trim() || `failed expression: ${expression.trim()}`, reason: reason ?? 'Invalid' })
  }
  return found
}

function spoken(program: Program | undefined, given: Readonly<Record<string, unknown>>): string {
  const value = program?.run(given).value
  return typeof value === 'string' && !value.trim().includes('\n') && value.length <= 5 * 1024 ? value.trim() : ''
}
