import type { LeaseCandidate } from '../../../api'
import { required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

function validate({ spec }: LeaseCandidate): FieldError[] {
  return (['leaseName', 'binaryVersion', 'strategy'] as const).flatMap((field) => (spec?.[field] ? [] : [required(`spec.${field}`)]))
}

/** LeaseCandidate: who could lead. Served when a flag asks for it; nobody elects by it. Upstream: pkg/registry/coordination/leasecandidate */
export const leaseCandidate = define<LeaseCandidate>({
  resource: 'leasecandidates',
  validate,
  validateUpdate: validate,
  columns: [
    nameColumn, column('LeaseName', (o) => o.spec?.leaseName ?? ''), column('BinaryVersion', (o) => o.spec?.binaryVersion ?? ''), column('EmulationVersion', (o) => o.spec?.emulationVersion ?? ''), ageColumn,
  ],
})
