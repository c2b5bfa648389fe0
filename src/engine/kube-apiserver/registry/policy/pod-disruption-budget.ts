import type { PodDisruptionBudget } from '../../../api'
import { invalid, notSupported, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { internalValue } from '../validation/internal-diff'
import { validateLabelSelector } from '../validation/label-selector'
import { nonNegative, nonNegativeOrPercent, notOver100Percent } from '../validation/numbers'

function validate(o: PodDisruptionBudget): FieldError[] {
  const spec = o.spec ?? {}
  const errors: FieldError[] = []
  if (spec.minAvailable != null && spec.maxUnavailable != null) {
    errors.push(invalid('spec', internalValue('PodDisruptionBudgetSpec', spec), 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    errors.push(...nonNegativeOrPercent(spec[field], `spec.${field}`), ...notOver100Percent(spec[field], `spec.${field}`))
  }
  errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
  const policy = spec.unhealthyPodEvictionPolicy
  if (policy != null && policy !== 'AlwaysAllow' && policy !== 'IfHealthyBudget') {
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', policy, ['AlwaysAllow', 'IfHealthyBudget']))
  }
  return errors
}

/** PodDisruptionBudget. Upstream: pkg/registry/policy/poddisruptionbudget. */
export const podDisruptionBudget = define<PodDisruptionBudget>({
  resource: 'poddisruptionbudgets',
  shortNames: ['pdb'],
  subresources: ['status'],
  hasGeneration: true,
  prepareForCreate(o) {
    o.status = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }
  },
  validate,
  validateUpdate: validate,
  validateStatusUpdate: (o) => (['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const).flatMap((field) => nonNegative(o.status?.[field], `status.${field}`)),
  columns: [
    nameColumn,
    column('Min Available', (o) => String(o.spec?.minAvailable ?? 'N/A')),
    column('Max Unavailable', (o) => String(o.spec?.maxUnavailable ?? 'N/A')),
    column('Allowed Disruptions', (o) => o.status?.disruptionsAllowed ?? 0, 'integer'),
    ageColumn,
  ],
})
