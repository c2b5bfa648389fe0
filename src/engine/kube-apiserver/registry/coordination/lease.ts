import type { Lease } from '../../../api'
import { forbidden, invalid, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

function validate(o: Lease): FieldError[] {
  const errors: FieldError[] = []
  const { leaseDurationSeconds, leaseTransitions } = o.spec ?? {}
  if (leaseDurationSeconds != null && leaseDurationSeconds <= 0) errors.push(invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0'))
  if (leaseTransitions != null && leaseTransitions < 0) errors.push(invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0'))
  if (o.spec?.preferredHolder && !o.spec.strategy) errors.push(forbidden('spec.preferredHolder', 'may only be specified when `strategy` is defined'))
  return errors
}

/** Lease: written every 10 s by each node, so it does the least. Upstream: pkg/registry/coordination/lease. */
export const lease = define<Lease>({
  resource: 'leases',
  defaults(o) {
    o.spec ??= {}
  },
  validate,
  validateUpdate: validate,
  columns: [nameColumn, column('Holder', (o) => o.spec?.holderIdentity ?? ''), ageColumn],
})
