import type { CertificateSigningRequest } from '../../../api'
import { humanDuration, invalid, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

function condition(o: CertificateSigningRequest): string {
  const has = (type: string): boolean => o.status?.conditions?.some((c) => c.type === type) ?? false
  let text = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  if (has('Failed')) text += ',Failed'
  return o.status?.certificate ? `${text},Issued` : text
}

/** CertificateSigningRequest. Upstream: pkg/registry/certificates/certificates. */
export const certificateSigningRequest = define<CertificateSigningRequest>({
  resource: 'certificatesigningrequests',
  shortNames: ['csr'],
  subresources: ['status', 'approval'],
  prepareForCreate(o, write) {
    o.spec.username = write.user
    o.status = {}
  },
  validate(o) {
    const errors: FieldError[] = []
    if (!o.spec.request) errors.push(required('spec.request'))
    if ((o.spec.usages ?? []).length === 0) errors.push(required('spec.usages'))
    if (!o.spec.signerName) errors.push(required('spec.signerName'))
    const seconds = o.spec.expirationSeconds
    if (seconds != null && seconds < 600) errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'))
    return errors
  },
  fields: { 'spec.signerName': (o) => o.spec.signerName },
  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', (o) => o.spec.signerName || '<none>'),
    column('Requestor', (o) => o.spec.username ?? ''),
    column('RequestedDuration', (o) => (o.spec.expirationSeconds == null ? '<none>' : humanDuration(o.spec.expirationSeconds))),
    column('Condition', condition),
  ],
})
