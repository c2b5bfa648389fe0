import { decodeStrict, type MutatingAdmissionPolicy, type MutatingAdmissionPolicyBinding } from '../../api'
import { applyJsonPatch, forbiddenStatus, isObject, type JsonPatchOperation, type KubeObject, type Status } from '../../apimachinery'
import { compileMutation, compilePolicy, fromDynamic, type Program } from '../cel'
import { layOver } from '../field-manager'
import { bindVariables, findParams, variablesOf } from './expressions'
import { fits } from './matching'
import type { AdmissionAttributes, AdmissionPlugin, Refusal } from './plugin'

interface Step {
  readonly isPatch: boolean
  readonly expression: string
  readonly program: Program
}

interface Compiled {
  readonly conditions: readonly Program[]
  readonly variables: readonly { readonly name: string; readonly program: Program }[]
  readonly steps: readonly Step[]
}

// What follows from a policy, an immutable value: a memo, not state.
const compiled = new WeakMap<MutatingAdmissionPolicy, Compiled>()

function compileAll(policy: MutatingAdmissionPolicy): Compiled {
  let made = compiled.get(policy)
  if (made !== undefined) return made
  const { spec } = policy
  const hasParams = spec.paramKind != null
  made = {
    conditions: (spec.matchConditions ?? []).flatMap((c) => compilePolicy(c.expression.trim(), hasParams).program ?? []),
    variables: (spec.variables ?? []).flatMap(({ name, expression }) => {
      const { program } = compileMutation(expression.trim(), hasParams, 'any')
      return program === undefined ? [] : [{ name, program }]
    }),
    steps: (spec.mutations ?? []).flatMap(({ applyConfiguration, jsonPatch, patchType }) => {
      const isPatch = patchType === 'JSONPatch'
      const expression = (isPatch ? jsonPatch : applyConfiguration)?.expression?.trim() ?? ''
      const { program } = compileMutation(expression, hasParams, isPatch ? 'list(JSONPatch)' : 'Object')
      return program === undefined ? [] : [{ isPatch, expression, program }]
    }),
  }
  compiled.set(policy, made)
  return made
}

/** Policies in CEL that change objects, by their bindings. Each mutation sees what the one before it made. Upstream: apiserver/pkg/admission/plugin/policy/mutating */
export const mutatingAdmissionPolicy: AdmissionPlugin = {
  name: 'MutatingAdmissionPolicy',
  admit(a): Refusal | undefined {
    if (a.write.changedAt('mutatingadmissionpolicybindings') === 0 || a.object === undefined || a.served.info.group === 'admissionregistration.k8s.io') return undefined
    for (const o of a.write.list('mutatingadmissionpolicybindings')) {
      const binding = o as MutatingAdmissionPolicyBinding
      const policy = a.write.get('mutatingadmissionpolicies', '', binding.spec.policyName ?? '') as MutatingAdmissionPolicy | undefined
      if (policy === undefined || !fits(policy.spec.matchConstraints, a) || (binding.spec.matchResources != null && !fits(binding.spec.matchResources, a))) continue
      const wrong = mutate(policy, binding, a)
      if (wrong !== undefined && policy.spec.failurePolicy !== 'Ignore') return refusal(a, `policy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${wrong}`)
    }
    return undefined
  },
}

function refusal(a: AdmissionAttributes, message: string): Status {
  const status = forbiddenStatus(a.served.gr, a.name || a.object?.metadata.generateName || '', message)
  return { ...status, message, details: { ...status.details, causes: [{ message }] } }
}

/** Changes the object; what went wrong, if something did. */
function mutate(policy: MutatingAdmissionPolicy, binding: MutatingAdmissionPolicyBinding, a: AdmissionAttributes): string | undefined {
  const params = findParams(policy.spec.paramKind, binding.spec.paramRef, a)
  if (typeof params === 'string') return params
  const { conditions, variables, steps } = compileAll(policy)
  for (const param of params) {
    const given = variablesOf(a, param)
    bindVariables(given, variables)
    let applies = true
    for (const condition of conditions) {
      const { value, error } = condition.run(given)
      if (error !== undefined) return error
      applies &&= value === true
    }
    if (!applies) continue
    for (const step of steps) {
      const now = variablesOf(a, param)
      bindVariables(now, variables)
      const { value, error } = step.program.run(now)
      if (error !== undefined) return `expression '${step.expression}' resulted in error: ${error}`
      const made = changed(step, fromDynamic(value), a)
      if (typeof made === 'string') return made
      replaceIn(a.object as KubeObject, made)
    }
  }
  return undefined
}

/** The object after a step, decoded again; a text when it cannot be done. */
function changed({ isPatch }: Step, value: unknown, a: AdmissionAttributes): KubeObject | string {
  const object = a.object as KubeObject
  let made: unknown
  if (isPatch) {
    const result = applyJsonPatch(object as never, (Array.isArray(value) ? value : []) as JsonPatchOperation[])
    // A test that fails keeps the patch from being applied, no more.
    if (result.error !== undefined) return result.error.endsWith('test failed') ? object : `JSON Patch: ${result.error}`
    made = result.value
  } else {
    if (!isObject(value)) return 'must evaluate to Object'
    const laid = layOver(a.served, object, value)
    if (typeof laid === 'string') return `invalid ApplyConfiguration: ${laid}`
    made = laid
  }
  if (a.served.custom !== undefined) return made as KubeObject
  const decoded = decodeStrict(a.served.info.kind, made as object)
  if (decoded.error !== undefined) return decoded.error
  const next: KubeObject = { ...(decoded.object as unknown as KubeObject), apiVersion: a.served.apiVersion, kind: a.served.info.kind }
  a.served.strategy.defaults?.(next)
  return next
}

/** Puts all of an object into another one, which others hold on to; its metadata too. */
function replaceIn(object: KubeObject, next: KubeObject): void {
  if (object === next) return
  const into = (to: Record<string, unknown>, from: Readonly<Record<string, unknown>>, but: string): void => {
    for (const key of Object.keys(to)) if (key !== but && from[key] === undefined) delete to[key]
    for (const key of Object.keys(from)) if (key !== but && from[key] !== undefined) to[key] = from[key]
  }
  into(object as never, next as never, 'metadata')
  const kept = object.metadata.managedFields
  into(object.metadata as never, next.metadata as never, 'managedFields')
  if (kept !== undefined) object.metadata.managedFields = kept
}
