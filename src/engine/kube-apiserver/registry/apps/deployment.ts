import type { Deployment, DeploymentStrategy } from '../../../api'
import { deepEqual, forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { defaultPodSpec } from '../defaults/pod-spec'
import { templateColumns } from '../print'
import { internalValue } from '../validation/internal-diff'
import { nonNegative, nonNegativeOrPercent, notOver100Percent } from '../validation/numbers'
import { validateCollisions, validateCounts } from '../validation/status-counts'
import { validateSelector, validateTemplateFor } from '../validation/pod-template'

const COUNTS = ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'collisionCount']

/** Whether a count or share is zero. */
const isNothing = (value: number | string | undefined): boolean => value === 0 || value === '0%' || value === undefined

function validateStrategy(strategy: DeploymentStrategy, path: string): FieldError[] {
  switch (strategy.type) {
    case undefined: case '': return []
    case 'Recreate':
      return strategy.rollingUpdate == null ? []
        : [forbidden(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")]
    case 'RollingUpdate': {
      const at = `${path}.rollingUpdate`
      const rolling = strategy.rollingUpdate
      if (rolling == null) return [required(at, 'this should be defaulted and never be nil')]
      const errors = [...nonNegativeOrPercent(rolling.maxUnavailable, `${at}.maxUnavailable`), ...nonNegativeOrPercent(rolling.maxSurge, `${at}.maxSurge`)]
      if (isNothing(rolling.maxUnavailable) && isNothing(rolling.maxSurge)) {
        errors.push(invalid(`${at}.maxUnavailable`, rolling.maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
      }
      return [...errors, ...notOver100Percent(rolling.maxUnavailable, `${at}.maxUnavailable`)]
    }
    default: return [notSupported(path, internalValue('DeploymentStrategy', strategy), ['Recreate', 'RollingUpdate'])]
  }
}

function validate(o: Deployment): FieldError[] {
  const spec = o.spec
  const errors = nonNegative(spec.replicas, 'spec.replicas')
  errors.push(...validateSelector(spec.selector, 'spec.selector', 'deployment'))
  errors.push(...validateTemplateFor(spec.template, spec.selector, 'spec.template'))
  errors.push(...validateStrategy(spec.strategy ?? {}, 'spec.strategy'))
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'))
  errors.push(...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'))
  if (spec.progressDeadlineSeconds != null) {
    errors.push(...nonNegative(spec.progressDeadlineSeconds, 'spec.progressDeadlineSeconds'))
    if (spec.progressDeadlineSeconds <= (spec.minReadySeconds ?? 0)) {
      errors.push(invalid('spec.progressDeadlineSeconds', spec.progressDeadlineSeconds, 'must be greater than minReadySeconds'))
    }
  }
  return errors
}

/** Deployment. Upstream: pkg/registry/apps/deployment, SetDefaults_Deployment. */
export const deployment = define<Deployment>({
  resource: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  hasGeneration: true,
  defaults(o) {
    const spec = o.spec
    spec.replicas ??= 1
    const strategy = (spec.strategy ??= {})
    strategy.type ||= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') {
      const rolling = (strategy.rollingUpdate ??= {})
      rolling.maxUnavailable ??= '25%'
      rolling.maxSurge ??= '25%'
    }
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
    defaultPodSpec(spec.template.spec!)
  },
  prepareForCreate(o) {
    o.status = {}
  },
  prepareForUpdate(o, old) {
    // The controller copies annotations to ReplicaSets, so they count as part of the spec.
    if (!deepEqual(o.metadata.annotations ?? {}, old.metadata.annotations ?? {})) o.metadata.generation = (old.metadata.generation ?? 0) + 1
  },
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    if (!deepEqual(o.spec.selector, old.spec.selector)) errors.push(invalid('spec.selector', o.spec.selector, 'field is immutable'))
    return errors
  },
  validateStatusUpdate: (o, old) => [...validateCounts(o.status, COUNTS, ['updatedReplicas', 'readyReplicas', 'availableReplicas']), ...validateCollisions(o.status, old.status)],
  columns: [
    nameColumn,
    column('Ready', (o) => `${o.status?.readyReplicas ?? 0}/${o.spec.replicas ?? 0}`),
    column('Up-to-date', (o) => o.status?.updatedReplicas ?? 0),
    column('Available', (o) => o.status?.availableReplicas ?? 0),
    ageColumn,
    ...templateColumns<Deployment>((o) => o.spec.template, (o) => o.spec.selector),
  ],
})
