import type { RuntimeClass } from '../../../api'
import { deepEqual, dns1123LabelErrors, duplicate, invalid, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { validateTolerations } from '../validation/affinity'
import { internalValue } from '../validation/internal-diff'
import { validateLabels } from '../validation/object-meta'
import { validateResources } from '../validation/resources'

function validate(o: RuntimeClass): FieldError[] {
  const errors = dns1123LabelErrors(o.handler ?? '').map((m): FieldError => invalid('handler', o.handler ?? '', m))
  if (o.overhead != null) errors.push(...validateResources({ limits: o.overhead.podFixed ?? {} }, 'overhead'))
  if (o.scheduling == null) return errors
  errors.push(...validateLabels(o.scheduling.nodeSelector, 'scheduling.nodeSelector'))
  const tolerations = o.scheduling.tolerations ?? []
  tolerations.forEach((toleration, i) => {
    errors.push(...validateTolerations([toleration], 'scheduling.tolerations').map((e) => ({ ...e, field: e.field.replace('[0]', `[${i}]`) })))
    if (tolerations.findIndex((t) => deepEqual(t, toleration)) < i) errors.push(duplicate(`scheduling.tolerations[${i}]`, internalValue('Toleration', toleration)))
  })
  return errors
}

/** RuntimeClass. Upstream: pkg/registry/node/runtimeclass. */
export const runtimeClass = define<RuntimeClass>({
  resource: 'runtimeclasses',
  validate,
  validateUpdate: (o, old) => (o.handler === old.handler ? [] : [invalid('handler', o.handler, 'field is immutable')]),
  columns: [nameColumn, column('Handler', (o) => o.handler), ageColumn],
})
