import type { ReplicationController } from '../../../api'
import { invalid, matches, required, selectorFromSet, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn, wide } from '../define'
import { defaultPodSpec } from '../defaults/pod-spec'
import { containerColumns, formatLabels } from '../print'
import { nonNegative } from '../validation/numbers'
import { sorted, validatePodTemplate, validateRestart } from '../validation/pod-template'
import { validateCounts } from '../validation/status-counts'

const PARTS = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']
const COUNTS = ['replicas', ...PARTS, 'observedGeneration']

function validate(o: ReplicationController): FieldError[] {
  const { spec } = o
  const errors = nonNegative(spec.minReadySeconds, 'spec.minReadySeconds')
  const selector = spec.selector ?? {}
  if (Object.keys(selector).length === 0) errors.push(required('spec.selector'))
  errors.push(...nonNegative(spec.replicas, 'spec.replicas'))
  if (spec.template == null) errors.push(required('spec.template'))
  else {
    if (Object.keys(selector).length > 0 && !matches(selectorFromSet(selector), spec.template.metadata?.labels)) {
      errors.push(invalid('spec.template.metadata.labels', sorted(spec.template.metadata?.labels), '`selector` does not match template `labels`'))
    }
    errors.push(...validatePodTemplate(spec.template, 'spec.template'), ...validateRestart(spec.template, 'spec.template', 'ReplicationController'))
  }
  return errors
}

/** ReplicationController, which selects by plain labels. Upstream: pkg/registry/core/replicationcontroller. */
export const replicationController = define<ReplicationController>({
  resource: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  hasGeneration: true,
  defaults(o) {
    const labels = o.spec.template?.metadata?.labels
    if (labels != null && Object.keys(labels).length > 0) {
      if (Object.keys(o.spec.selector ?? {}).length === 0) o.spec.selector = { ...labels }
      if (Object.keys(o.metadata.labels ?? {}).length === 0) o.metadata.labels = { ...labels }
    }
    o.spec.replicas ??= 1
    if (o.spec.template?.spec != null) defaultPodSpec(o.spec.template.spec)
  },
  prepareForCreate(o) {
    o.status = { replicas: 0 }
  },
  validate,
  validateUpdate: validate,
  fields: { 'status.replicas': (o) => String(o.status?.replicas ?? 0) },
  validateStatusUpdate: (o) => validateCounts(o.status, COUNTS, PARTS),
  columns: [
    nameColumn,
    column('Desired', (o) => o.spec.replicas ?? 0, 'integer'),
    column('Current', (o) => o.status?.replicas ?? 0, 'integer'),
    column('Ready', (o) => o.status?.readyReplicas ?? 0, 'integer'),
    ageColumn,
    ...containerColumns<ReplicationController>((o) => o.spec.template),
    wide('Selector', (o) => formatLabels(o.spec.selector)),
  ],
})
