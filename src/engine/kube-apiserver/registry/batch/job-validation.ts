import type { Job, JobSpec, PodFailurePolicyRule } from '../../../api'
import { deepEqual, invalid, labelSelector, matches, notSupported, required, sortKeys, tooMany, type FieldError } from '../../../apimachinery'
import { internalValue } from '../validation/internal-diff'
import { isCompilable, validateLabelSelector } from '../validation/label-selector'
import { nonNegative } from '../validation/numbers'
import { sorted, validatePodTemplate } from '../validation/pod-template'

const UID = 'batch.kubernetes.io/controller-uid'

/** Rules of a job. Upstream: batch validation ValidateJob. */
export function validateJob(o: Job): FieldError[] {
  const errors: FieldError[] = []
  const { spec } = o
  const { selector } = spec
  if (spec.manualSelector !== true && selector != null && isCompilable(selector) && !matches(labelSelector(selector), { [UID]: o.metadata.uid ?? '' })) {
    errors.push(invalid('spec.selector', sortKeys(selector), '`selector` not auto-generated'))
  }
  errors.push(...validateJobSpec(spec, 'spec'))
  if (selector == null) errors.push(required('spec.selector'))
  else errors.push(...validateLabelSelector(selector, 'spec.selector'))
  if (selector == null || (isCompilable(selector) && !matches(labelSelector(selector), spec.template.metadata?.labels))) {
    errors.push(invalid('spec.template.metadata.labels', sorted(spec.template.metadata?.labels), '`selector` does not match template `labels`'))
  }
  return errors
}

/** Rules of a job's spec without its selector, as a CronJob's template has it. Upstream: validateJobSpec. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    errors.push(...nonNegative(spec[field], `${path}.${field}`))
  }
  const indexed = spec.completionMode === 'Indexed'
  if (spec.completionMode != null && !indexed && spec.completionMode !== 'NonIndexed') {
    errors.push(notSupported(`${path}.completionMode`, spec.completionMode, ['Indexed', 'NonIndexed']))
  }
  if (indexed) {
    if (spec.completions == null) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
    if ((spec.parallelism ?? 0) > 100_000) errors.push(invalid(`${path}.parallelism`, spec.parallelism, 'must be less than or equal to 100000 when completion mode is Indexed'))
  } else {
    if (spec.backoffLimitPerIndex != null) errors.push(invalid(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex, 'requires indexed completion mode'))
    if (spec.maxFailedIndexes != null) errors.push(invalid(`${path}.maxFailedIndexes`, spec.maxFailedIndexes, 'requires indexed completion mode'))
  }
  if (spec.maxFailedIndexes != null && spec.backoffLimitPerIndex == null) errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  if (spec.podFailurePolicy != null) errors.push(...failurePolicyErrors(spec, `${path}.podFailurePolicy`))
  if (spec.successPolicy != null) {
    if (!indexed) errors.push(invalid(`${path}.successPolicy`, internalValue('SuccessPolicy', spec.successPolicy), 'requires indexed completion mode'))
    if ((spec.successPolicy.rules ?? []).length === 0) errors.push(required(`${path}.successPolicy.rules`, 'at least one rules must be specified when the successPolicy is specified'))
  }
  const replacement = spec.podReplacementPolicy
  if (replacement != null) {
    if (spec.podFailurePolicy != null && replacement !== 'Failed') errors.push(notSupported(`${path}.podReplacementPolicy`, replacement, ['Failed']))
    else if (replacement !== 'Failed' && replacement !== 'TerminatingOrFailed') errors.push(notSupported(`${path}.podReplacementPolicy`, replacement, ['Failed', 'TerminatingOrFailed']))
  }
  errors.push(...validatePodTemplate(spec.template, `${path}.template`))
  const policy = spec.template.spec?.restartPolicy
  const at = `${path}.template.spec.restartPolicy`
  // Always is the default of a template, so to the user it means: not set.
  if (!policy || policy === 'Always') errors.push(required(at, 'valid values: "OnFailure", "Never"'))
  else if (policy !== 'OnFailure' && policy !== 'Never') errors.push(notSupported(at, policy, ['OnFailure', 'Never']))
  else if (spec.podFailurePolicy != null && policy !== 'Never') errors.push(invalid(at, policy, 'only "Never" is supported when podFailurePolicy is specified'))
  return errors
}

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']

function failurePolicyErrors(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const rules = spec.podFailurePolicy!.rules ?? []
  if (rules.length > 20) errors.push(tooMany(`${path}.rules`, rules.length, 20))
  const names = new Set([...(spec.template.spec?.containers ?? []), ...(spec.template.spec?.initContainers ?? [])].map((c) => c.name))
  rules.forEach((rule, i) => errors.push(...ruleErrors(rule, names, spec, `${path}.rules[${i}]`)))
  return errors
}

function ruleErrors(rule: PodFailurePolicyRule, names: ReadonlySet<string>, spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!rule.action) errors.push(required(`${path}.action`, `valid values: ${ACTIONS.map((a) => `"${a}"`).join(', ')}`))
  else if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex == null) {
    errors.push(invalid(`${path}.action`, rule.action, 'requires the backoffLimitPerIndex to be set'))
  } else if (!ACTIONS.includes(rule.action)) errors.push(notSupported(`${path}.action`, rule.action, ACTIONS))
  const conditions = rule.onPodConditions ?? []
  if (rule.onExitCodes != null) {
    const { containerName, operator, values } = rule.onExitCodes
    const at = `${path}.onExitCodes`
    if (operator === '') errors.push(required(`${at}.operator`, 'valid values: "In", "NotIn"'))
    else if (operator !== 'In' && operator !== 'NotIn') errors.push(notSupported(`${at}.operator`, operator, ['In', 'NotIn']))
    if (containerName != null && !names.has(containerName)) errors.push(invalid(`${at}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template'))
    const list = values ?? []
    if (list.length === 0) errors.push(invalid(`${at}.values`, list, 'at least one value is required'))
    else if (list.length > 255) errors.push(tooMany(`${at}.values`, list.length, 255))
    if (operator === 'In') list.forEach((v, i) => { if (v === 0) errors.push(invalid(`${at}.values[${i}]`, v, 'must not be 0 for the In operator')) })
  }
  if (conditions.length > 0) {
    conditions.forEach((c, i) => {
      if (!['False', 'True', 'Unknown'].includes(c.status ?? '')) errors.push(notSupported(`${path}.onPodConditions[${i}].status`, c.status, ['False', 'True', 'Unknown']))
    })
  }
  if (rule.onExitCodes == null && conditions.length === 0) errors.push(invalid(path, internalValue('PodFailurePolicyRule', rule), 'specifying one of OnExitCodes and OnPodConditions is required'))
  if (rule.onExitCodes != null && conditions.length > 0) errors.push(invalid(path, internalValue('PodFailurePolicyRule', rule), 'specifying both OnExitCodes and OnPodConditions is not supported'))
  return errors
}

/** The rules of a change: what decides about pods stays. Upstream: ValidateJobUpdate. */
export function validateJobUpdate(o: Job, old: Job): FieldError[] {
  const errors = validateJobSpec(o.spec, 'spec')
  const [next, last] = [o.spec, old.spec]
  const fixed = (field: keyof JobSpec, show: (value: unknown) => unknown = (v) => v ?? null): void => {
    if (!deepEqual(next[field], last[field])) errors.push(invalid(`spec.${field}`, show(next[field]), 'field is immutable'))
  }
  const isElastic = next.completionMode === 'Indexed' && last.completions !== next.completions && next.completions === next.parallelism
  if (!isElastic) fixed('completions')
  fixed('selector', (v) => sortKeys(v ?? null))
  // A suspended job that never started may still be told where to run.
  const isOpen = last.suspend === true && old.status?.startTime == null
  if (!isOpen || !deepEqual(withoutScheduling(next), withoutScheduling(last))) fixed('template', (v) => internalValue('PodTemplateSpec', v))
  fixed('completionMode')
  fixed('podFailurePolicy', (v) => internalValue('PodFailurePolicy', v))
  fixed('backoffLimitPerIndex')
  fixed('managedBy')
  fixed('successPolicy', (v) => internalValue('SuccessPolicy', v))
  return errors
}

function withoutScheduling(spec: JobSpec): unknown {
  const { nodeSelector: _n, affinity: _a, tolerations: _t, schedulingGates: _g, ...rest } = spec.template.spec ?? { containers: [] }
  return rest
}
