import type { DaemonSet } from '../../../api'
import { deepEqual, forbidden, invalid, labelSelector, matches, notSupported, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { defaultPodSpec } from '../defaults/pod-spec'
import { formatLabels, templateColumns } from '../print'
import { internalValue } from '../validation/internal-diff'
import { isCompilable, isEmptySelector, validateLabelSelector } from '../validation/label-selector'
import { nonNegative, nonNegativeOrPercent, notOver100Percent } from '../validation/numbers'
import { validateCollisions, validateCounts } from '../validation/status-counts'
import { sorted, validatePodTemplate } from '../validation/pod-template'

const COUNTS = [
  'currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable',
  'collisionCount',
]
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation'

function validateStrategy(o: DaemonSet): FieldError[] {
  const strategy = o.spec.updateStrategy ?? {}
  const path = 'spec.updateStrategy'
  if (strategy.type === 'OnDelete') return []
  if (strategy.type !== 'RollingUpdate') return [notSupported(path, internalValue('DaemonSetUpdateStrategy', strategy), ['RollingUpdate', 'OnDelete'])]
  const at = `${path}.rollingUpdate`
  const rolling = strategy.rollingUpdate
  if (rolling == null) return [required(at)]
  const errors = [...nonNegativeOrPercent(rolling.maxUnavailable, `${at}.maxUnavailable`), ...nonNegativeOrPercent(rolling.maxSurge, `${at}.maxSurge`)]
  const nothing = (v: number | string | undefined): boolean => v === undefined || v === 0 || v === '0%'
  errors.push(...notOver100Percent(rolling.maxUnavailable, `${at}.maxUnavailable`), ...notOver100Percent(rolling.maxSurge, `${at}.maxSurge`))
  if (!nothing(rolling.maxUnavailable) && !nothing(rolling.maxSurge)) {
    errors.push(invalid(`${at}.maxSurge`, rolling.maxSurge, 'may not be set when maxUnavailable is non-zero'))
  } else if (nothing(rolling.maxUnavailable) && nothing(rolling.maxSurge)) {
    errors.push(required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'))
  }
  return errors
}

function validate(o: DaemonSet): FieldError[] {
  const { selector, template } = o.spec
  const errors = validateLabelSelector(selector, 'spec.selector')
  if (selector != null && isCompilable(selector) && !isEmptySelector(selector) && !matches(labelSelector(selector), template.metadata?.labels)) {
    errors.push(invalid('spec.template.metadata.labels', sorted(template.metadata?.labels), '`selector` does not match template `labels`'))
  }
  if (selector != null && isEmptySelector(selector)) errors.push(invalid('spec.selector', selector, 'empty selector is invalid for daemonset'))
  errors.push(...validatePodTemplate(template, 'spec.template'))
  if (template.spec!.restartPolicy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', template.spec!.restartPolicy, ['Always']))
  if (template.spec!.activeDeadlineSeconds != null) {
    errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in DaemonSet is not Supported'))
  }
  errors.push(...nonNegative(o.spec.minReadySeconds, 'spec.minReadySeconds'), ...validateStrategy(o), ...nonNegative(o.spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'))
  return errors
}

/** DaemonSet. Its annotation counts template changes, a leftover of the first API. Upstream: pkg/registry/apps/daemonset. */
export const daemonSet = define<DaemonSet>({
  resource: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  subresources: ['status'],
  hasGeneration: true,
  defaults(o) {
    const strategy = (o.spec.updateStrategy ??= {})
    strategy.type ||= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') {
      const rolling = (strategy.rollingUpdate ??= {})
      rolling.maxUnavailable ??= 1
      rolling.maxSurge ??= 0
    }
    o.spec.revisionHistoryLimit ??= 10
    defaultPodSpec(o.spec.template.spec!)
  },
  prepareForCreate(o) {
    o.status = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 }
    o.metadata.annotations = { ...o.metadata.annotations, [TEMPLATE_GENERATION]: '1' }
  },
  prepareForUpdate(o, old) {
    const last = old.metadata.annotations?.[TEMPLATE_GENERATION]
    if (last === undefined) return
    const changed = !deepEqual(o.spec.template, old.spec.template)
    o.metadata.annotations = { ...o.metadata.annotations, [TEMPLATE_GENERATION]: changed ? String(Number(last) + 1) : last }
  },
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    if (!deepEqual(o.spec.selector, old.spec.selector)) errors.push(invalid('spec.selector', o.spec.selector, 'field is immutable'))
    return errors
  },
  validateStatusUpdate: (o, old) => [...validateCounts(o.status, COUNTS, []), ...validateCollisions(o.status, old.status)],
  columns: [
    nameColumn,
    column('Desired', (o) => o.status?.desiredNumberScheduled ?? 0, 'integer'),
    column('Current', (o) => o.status?.currentNumberScheduled ?? 0, 'integer'),
    column('Ready', (o) => o.status?.numberReady ?? 0, 'integer'),
    column('Up-to-date', (o) => o.status?.updatedNumberScheduled ?? 0, 'integer'),
    column('Available', (o) => o.status?.numberAvailable ?? 0, 'integer'),
    column('Node Selector', (o) => formatLabels(o.spec.template.spec?.nodeSelector)),
    ageColumn,
    ...templateColumns<DaemonSet>((o) => o.spec.template, (o) => o.spec.selector),
  ],
})
