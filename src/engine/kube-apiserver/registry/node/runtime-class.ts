import type { RuntimeClass } from '../../../api'
import { dns1123LabelErrors, invalid, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

/** RuntimeClass. Upstream: pkg/registry/node/runtimeclass. */
export const runtimeClass = define<RuntimeClass>({
  resource: 'runtimeclasses',
  validate: (o) => dns1123LabelErrors(o.handler ?? '').map((m): FieldError => invalid('handler', o.handler ?? '', m)),
  validateUpdate: (o, old) => (o.handler === old.handler ? [] : [invalid('handler', o.handler, 'field is immutable')]),
  columns: [nameColumn, column('Handler', (o) => o.handler), ageColumn],
})
