import type { ReplicaSet } from '../../../api'
import { deepEqual, invalid, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { defaultPodSpec } from '../defaults/pod-spec'
import { templateColumns } from '../print'
import { nonNegative } from '../validation/numbers'
import { validateSelector, validateTemplateFor } from '../validation/pod-template'
import { validateCounts } from '../validation/status-counts'

const PARTS = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']
const COUNTS = ['replicas', ...PARTS, 'observedGeneration']

function validate(o: ReplicaSet): FieldError[] {
  const spec = o.spec
  const errors = nonNegative(spec.replicas, 'spec.replicas')
  errors.push(...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'))
  errors.push(...validateSelector(spec.selector, 'spec.selector', 'deployment'))
  if (spec.template != null) errors.push(...validateTemplateFor(spec.template, spec.selector, 'spec.template'))
  return errors
}

/** ReplicaSet. Upstream: pkg/registry/apps/replicaset. */
export const replicaSet = define<ReplicaSet>({
  resource: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  hasGeneration: true,
  defaults(o) {
    o.spec.replicas ??= 1
    if (o.spec.template?.spec !== undefined) defaultPodSpec(o.spec.template.spec)
  },
  prepareForCreate(o) {
    o.status = { replicas: 0 }
  },
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    if (!deepEqual(o.spec.selector, old.spec.selector)) errors.push(invalid('spec.selector', o.spec.selector, 'field is immutable'))
    return errors
  },
  fields: { 'status.replicas': (o) => String(o.status?.replicas ?? 0) },
  validateStatusUpdate: (o) => validateCounts(o.status, COUNTS, PARTS),
  columns: [
    nameColumn,
    column('Desired', (o) => o.spec.replicas ?? 0, 'integer'),
    column('Current', (o) => o.status?.replicas ?? 0, 'integer'),
    column('Ready', (o) => o.status?.readyReplicas ?? 0, 'integer'),
    ageColumn,
    ...templateColumns<ReplicaSet>((o) => o.spec.template, (o) => o.spec.selector),
  ],
})
