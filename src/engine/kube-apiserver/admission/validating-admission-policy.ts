import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../api'
import { forbiddenStatus, labelSelector, matches, parseApiVersion, type KubeObject, type Status } from '../../apimachinery'
import { compilePolicy, type Program } from '../cel'
import { servedResources } from '../served'
import { fits, variablesOf } from './matching'
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
  const params = policy.spec.paramKind == null || binding.spec.paramRef == null ? [null] : findParams(policy, binding, a)
  if (params === undefined) return failed('failed to configure policy: failed to find resource referenced by paramKind: \'' + `${policy.spec.paramKind?.apiVersion}, Kind=${policy.spec.paramKind?.kind}'`)
  if (params.length === 0) return binding.spec.paramRef?.parameterNotFoundAction === 'Allow' ? [] : failed('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction')
  return params.flatMap((param) => evaluate(compileAll(policy), variablesOf(a, param), failed))
}

function evaluate({ conditions, variables, checks }: Compiled, given: Record<string, unknown>, failed: (message: string) => Denial[]): Denial[] {
  const values: Record<string, unknown> = {}
  given.variables = values
  for (const { name, program } of variables) {
    // Each is worked out when it is asked for, at most once.
    let done: ReturnType<Program['run']> | undefined
    Object.defineProperty(values, name, {
      enumerable: true,
      get() {
        done ??= program.run(given)
        if (done.error !== undefined) throw new Error(`composited variable "${name}" fails to evaluate: ${done.error}`)
        return done.value
      },
    })
  }
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

/** Objects that a binding gives to its policy; undefined when there is no such kind. */
function findParams(policy: ValidatingAdmissionPolicy, binding: ValidatingAdmissionPolicyBinding, a: AdmissionAttributes): readonly KubeObject[] | undefined {
  const { apiVersion = '', kind = '' } = policy.spec.paramKind!
  const { name, namespace, selector } = binding.spec.paramRef!
  const { group } = parseApiVersion(apiVersion)
  const storage = [...servedResources()].find((s) => s.info.kind === kind && s.info.group === group) ?? definedKind(a, group, kind)
  if (storage === undefined) return undefined
  const from = storage.info.namespaced ? namespace ?? a.namespace : ''
  if (name) {
    const found = a.write.get(storage.storage, from, name)
    return found === undefined ? [] : [found]
  }
  const wanted = labelSelector(selector)
  return [...a.write.list(storage.storage, storage.info.namespaced ? from : undefined)].filter((o) => matches(wanted, o.metadata.labels))
}

function definedKind(a: AdmissionAttributes, group: string, kind: string): { readonly storage: string; readonly info: { readonly namespaced: boolean } } | undefined {
  type Definition = KubeObject & { readonly spec: { readonly group: string; readonly scope: string; readonly names: { readonly kind: string; readonly plural: string } } }
  for (const { spec } of a.write.list('customresourcedefinitions') as Iterable<Definition>) {
    if (spec.group === group && spec.names.kind === kind) return { storage: `${spec.names.plural}.${group}`, info: { namespaced: spec.scope === 'Namespaced' } }
  }
  return undefined
}
