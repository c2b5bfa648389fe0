import type { PriorityClass } from '../../../api'
import { forbidden, invalid, notSupported, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

const HIGHEST_USER_PRIORITY = 1_000_000_000
const SYSTEM = ['system-node-critical', 'system-cluster-critical']

/** PriorityClass; names with `system-` belong to the system's two. Upstream: pkg/registry/scheduling/priorityclass. */
export const priorityClass = define<PriorityClass>({
  resource: 'priorityclasses',
  shortNames: ['pc'],
  hasGeneration: true,
  defaults(o) {
    o.preemptionPolicy ??= 'PreemptLowerPriority'
  },
  validate(o) {
    const errors: FieldError[] = []
    const { name } = o.metadata
    if (name?.startsWith('system-')) {
      if (!SYSTEM.includes(name)) errors.push(forbidden('metadata.name', `priority class names with 'system-' prefix are reserved for system use only. error: ${name} is not a known system priority class`))
    } else if ((o.value ?? 0) > HIGHEST_USER_PRIORITY) {
      errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`))
    }
    const policy = o.preemptionPolicy
    if (policy !== undefined && policy !== 'Never' && policy !== 'PreemptLowerPriority') errors.push(notSupported('preemptionPolicy', policy, ['PreemptLowerPriority', 'Never']))
    return errors
  },
  validateUpdate(o, old) {
    const errors: FieldError[] = []
    if ((o.value ?? 0) !== (old.value ?? 0)) errors.push(forbidden('value', 'may not be changed in an update.'))
    if (o.preemptionPolicy !== old.preemptionPolicy) errors.push(invalid('preemptionPolicy', o.preemptionPolicy, 'field is immutable'))
    return errors
  },
  columns: [
    nameColumn,
    column('Value', (o) => o.value ?? 0, 'integer'),
    column('Global-Default', (o) => String(o.globalDefault ?? false)),
    ageColumn,
    column('PreemptionPolicy', (o) => o.preemptionPolicy ?? ''),
  ],
})
