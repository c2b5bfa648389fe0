import type { Job, JobSpec, PodFailurePolicyRule } from '../../../api'
import {
  deepEqual, dns1123LabelErrors, duplicate, goQuote, invalid, invalidOmitted, labelSelector, matches, notSupported, qualifiedNameErrors, required, sortKeys, tooLong, tooMany,
  type FieldError,
} from '../../../apimachinery'
import { validateDomainPath } from '../validation/domain-path'
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
  if (spec.manualSelector !== true && selector != null) errors.push(...labelErrors(o))
  if (spec.manualSelector !== true && selector != null && isCompilable(selector) && !matches(labelSelector(selector), generatedLabels(o))) {
    errors.push(invalid('spec.selector', sortKeys(selector), '`selector` not auto-generated'))
  }
  errors.push(...validateJobSpec(spec, 'spec'))
  if (selector == null) errors.push(required('spec.selector'))
  else errors.push(...validateLabelSelector(selector, 'spec.selector'))
  if (selector == null || (isCompilable(selector) && !matches(labelSelector(selector), spec.template.metadata?.labels))) {
    errors.push(invalid('spec.template.metadata.labels', sorted(spec.template.metadata?.labels), '`selector` does not match template `labels`'))
  }
  const top = (spec.completions ?? 0) - 1
  if (spec.completionMode === 'Indexed' && top >= 0 && dns1123LabelErrors(`${o.metadata.name}-${top}`).length > 0) {
    errors.push(invalid('metadata.name', o.metadata.name, `will not able to create pod with invalid DNS label: ${o.metadata.name}-${top}`))
  }
  return errors
}

/** What marks the pods of one job, by its new and by its old names. */
function generatedLabels(o: Job): Record<string, string> {
  const [uid, name] = [o.metadata.uid ?? '', o.metadata.name]
  return { 'controller-uid': uid, 'job-name': name, [UID]: uid, 'batch.kubernetes.io/job-name': name }
}

/** Upstream: ValidateHasLabel */
function labelErrors(o: Job): FieldError[] {
  const labels = o.spec.template.metadata?.labels
  return Object.entries(generatedLabels(o)).flatMap(([key, value]) => {
    const at = `spec.template.metadata.labels[${key}]`
    if (labels?.[key] === undefined) return [required(at, `must be '${value}'`)]
    return labels[key] === value ? [] : [invalid(at, sorted(labels), `must be '${value}'`)]
  })
}

/** Rules of a job's spec without its selector, as a CronJob's template has it. Upstream: validateJobSpec. */
export function validateJobSpec(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const field of ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
    errors.push(...nonNegative(spec[field], `${path}.${field}`))
  }
  if (spec.maxFailedIndexes != null && spec.backoffLimitPerIndex == null) errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  if (spec.managedBy != null) {
    errors.push(...validateDomainPath(spec.managedBy, `${path}.managedBy`))
    if (spec.managedBy.length > 63) errors.push(tooLong(`${path}.managedBy`, 63))
  }
  const indexed = spec.completionMode === 'Indexed'
  if (spec.completionMode != null && !indexed && spec.completionMode !== 'NonIndexed') {
    errors.push(notSupported(`${path}.completionMode`, spec.completionMode, ['NonIndexed', 'Indexed']))
  }
  if (indexed) {
    if (spec.completions == null) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'))
    if ((spec.parallelism ?? 0) > 100_000) errors.push(invalid(`${path}.parallelism`, spec.parallelism, 'must be less than or equal to 100000 when completion mode is Indexed'))
    errors.push(...failedIndexErrors(spec, path))
  } else {
    if (spec.backoffLimitPerIndex != null) errors.push(invalid(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex, 'requires indexed completion mode'))
    if (spec.maxFailedIndexes != null) errors.push(invalid(`${path}.maxFailedIndexes`, spec.maxFailedIndexes, 'requires indexed completion mode'))
  }
  if (spec.podFailurePolicy != null) errors.push(...failurePolicyErrors(spec, `${path}.podFailurePolicy`))
  if (spec.successPolicy != null) {
    if (!indexed) errors.push(invalid(`${path}.successPolicy`, internalValue('SuccessPolicy', spec.successPolicy), 'requires indexed completion mode'))
    else errors.push(...successPolicyErrors(spec, `${path}.successPolicy.rules`))
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

/** Limits of jobs with very many indexes. */
function failedIndexErrors(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { completions, maxFailedIndexes: failed, parallelism = 0 } = spec
  if (completions != null && failed != null && failed > completions) errors.push(invalid(`${path}.maxFailedIndexes`, failed, 'must be less than or equal to completions'))
  if (failed != null && failed > 100_000) errors.push(invalid(`${path}.maxFailedIndexes`, failed, 'must be less than or equal to 100000'))
  if ((completions ?? 0) <= 100_000 || spec.backoffLimitPerIndex == null) return errors
  const text = 'must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index'
  if (failed == null) errors.push(required(`${path}.maxFailedIndexes`, 'must be specified when completions is above 100000'))
  if (parallelism > 10_000) errors.push(invalid(`${path}.parallelism`, parallelism, text))
  if (failed != null && failed > 10_000) errors.push(invalid(`${path}.maxFailedIndexes`, failed, text))
  return errors
}

/** When a job with indexes is done early. Upstream: validateSuccessPolicy. */
function successPolicyErrors(spec: JobSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const rules = spec.successPolicy!.rules ?? []
  if (rules.length === 0) errors.push(required(path, 'at least one rules must be specified when the successPolicy is specified'))
  if (rules.length > 20) errors.push(tooMany(path, rules.length, 20))
  const completions = spec.completions ?? 0
  rules.forEach((rule, i) => {
    const at = `${path}[${i}]`
    const { succeededCount: count, succeededIndexes: indexes } = rule
    if (count == null && indexes == null) errors.push(required(at, 'at least one of succeededCount or succeededIndexes must be specified'))
    let total = 0
    if (indexes != null) {
      if (indexes.length > 65_536) errors.push(tooLong(`${at}.succeededIndexes`, 65_536))
      const parsed = countIndexes(indexes, completions)
      if (typeof parsed === 'string') errors.push(invalid(`${at}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${parsed}`))
      else total = parsed
    }
    if (count == null) return
    errors.push(...nonNegative(count, `${at}.succeededCount`))
    if (count > completions) errors.push(invalid(`${at}.succeededCount`, count, `must be less than or equal to ${completions} (the number of specified completions)`))
    if (indexes != null && count > total) errors.push(invalid(`${at}.succeededCount`, count, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`))
  })
  return errors
}

/** How many indexes a text such as `1,3-5` names, or what is wrong with it. Upstream: validateIndexesFormat, parseIndexInterval. */
function countIndexes(text: string, completions: number): number | string {
  if (text === '') return 0
  let last = -1
  let total = 0
  for (const interval of text.split(',')) {
    const parts = interval.split('-')
    if (parts.length > 2) return `the fragment ${goQuote(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`
    for (const part of parts) {
      if (!/^[+-]?[0-9]+$/.test(part)) return `cannot convert string to integer for index: ${goQuote(part)}`
      if (Number(part) >= completions) return `too large index: ${goQuote(part)}`
    }
    const [from, to] = [Number(parts[0]), Number(parts.at(-1))]
    if (parts.length === 2 && from >= to) return `non-increasing order, previous: ${from}, current: ${to}`
    if (last >= from) return `non-increasing order, previous: ${last}, current: ${from}`
    total += to - from + 1
    last = to
  }
  return total
}

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const STATUSES = ['False', 'True', 'Unknown']

/** A list of texts as Go prints it. */
const list = (values: readonly string[]): string => `[${values.map(goQuote).join(' ')}]`

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
  if (!rule.action) errors.push(required(`${path}.action`, `valid values: ${list(ACTIONS)}`))
  else if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex == null) {
    errors.push(invalid(`${path}.action`, rule.action, 'requires the backoffLimitPerIndex to be set'))
  } else if (!ACTIONS.includes(rule.action)) errors.push(notSupported(`${path}.action`, rule.action, ACTIONS))
  const conditions = rule.onPodConditions ?? []
  if (rule.onExitCodes != null) {
    const { containerName, operator, values } = rule.onExitCodes
    const at = `${path}.onExitCodes`
    if (operator === '') errors.push(required(`${at}.operator`, `valid values: ${list(['In', 'NotIn'])}`))
    else if (operator !== 'In' && operator !== 'NotIn') errors.push(notSupported(`${at}.operator`, operator, ['In', 'NotIn']))
    if (containerName != null && !names.has(containerName)) errors.push(invalid(`${at}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template'))
    const codes = values ?? []
    if (codes.length === 0) errors.push(invalid(`${at}.values`, codes, 'at least one value is required'))
    else if (codes.length > 255) errors.push(tooMany(`${at}.values`, codes.length, 255))
    codes.forEach((code, i) => {
      if (operator === 'In' && code === 0) errors.push(invalid(`${at}.values[${i}]`, code, 'must not be 0 for the In operator'))
      if (codes.indexOf(code) < i) errors.push(duplicate(`${at}.values[${i}]`, code))
    })
    if (codes.some((code, i) => i > 0 && codes[i - 1]! > code)) errors.push(invalid(`${at}.values`, codes, 'must be ordered'))
  }
  if (conditions.length > 0) {
    if (conditions.length > 20) errors.push(tooMany(`${path}.onPodConditions`, conditions.length, 20))
    conditions.forEach((c, i) => {
      for (const message of qualifiedNameErrors(c.type ?? '')) errors.push(invalid(`${path}.onPodConditions[${i}].type`, c.type ?? '', message))
      if (!STATUSES.includes(c.status ?? '')) errors.push(notSupported(`${path}.onPodConditions[${i}].status`, c.status, STATUSES))
    })
  }
  if (rule.onExitCodes != null && conditions.length > 0) errors.push(invalidOmitted(path, 'specifying both OnExitCodes and OnPodConditions is not supported'))
  if (rule.onExitCodes == null && conditions.length === 0) errors.push(invalidOmitted(path, 'specifying one of OnExitCodes and OnPodConditions is required'))
  return errors
}

/** The rules of a change: what decides about pods stays. Upstream: ValidateJobUpdate. */
export function validateJobUpdate(o: Job, old: Job): FieldError[] {
  const errors = validateJobSpec(o.spec, 'spec')
  const [next, last] = [o.spec, old.spec]
  const fixed = (field: keyof JobSpec, show: (value: unknown) => unknown = (v) => v ?? null): void => {
    if (!deepEqual(next[field], last[field])) errors.push(invalid(`spec.${field}`, show(next[field]), 'field is immutable'))
  }
  if (next.completionMode !== 'Indexed') fixed('completions')
  else if (next.completions != null && next.completions !== last.completions && next.completions !== next.parallelism) {
    errors.push(invalid('spec.completions', next.completions, 'can only be modified in tandem with spec.parallelism'))
  }
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
