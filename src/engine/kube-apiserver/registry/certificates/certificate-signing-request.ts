import type { CertificateSigningRequest } from '../../../api'
import { dns1123LabelErrors, dns1123SubdomainErrors, duplicate, goQuote, humanDuration, invalid, notSupported, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { base64Decode } from '../validation/text'

function condition(o: CertificateSigningRequest): string {
  const has = (type: string): boolean => o.status?.conditions?.some((c) => c.type === type) ?? false
  let text = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'
  if (has('Failed')) text += ',Failed'
  return o.status?.certificate ? `${text},Issued` : text
}

const USAGES = [
  'any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only',
  'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping',
]

/** Of the request only its kind is looked at. Upstream: certificates validation validateCertificateSigningRequest */
function validate(o: CertificateSigningRequest): FieldError[] {
  const { request, usages = [], signerName, expirationSeconds: seconds } = o.spec
  const errors: FieldError[] = []
  if (!base64Decode(request ?? '')?.includes('-----BEGIN CERTIFICATE REQUEST-----')) errors.push(invalid('spec.request', request ?? null, 'PEM block type must be CERTIFICATE REQUEST'))
  if (usages.length === 0) errors.push(required('spec.usages'))
  usages.forEach((usage, i) => { if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${i}]`, usage, USAGES)) })
  usages.forEach((usage, i) => { if (usages.indexOf(usage) < i) errors.push(duplicate(`spec.usages[${i}]`, usage)) })
  if (signerName === 'kubernetes.io/legacy-unknown') errors.push(invalid('spec.signerName', signerName, 'the legacy signerName is not allowed via this API version'))
  else errors.push(...signerErrors(signerName ?? '', 'spec.signerName'))
  if (seconds != null && seconds < 600) errors.push(invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'))
  return errors
}

/** `example.com/signer-name`. Upstream: core validation ValidateSignerName */
export function signerErrors(name: string, path: string): FieldError[] {
  const errors = name === '' ? [required(path)] : []
  const [domain = '', rest, more] = name.split('/')
  if (rest === undefined || more !== undefined) return [...errors, invalid(path, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'")]
  const labels = domain.split('.')
  for (const [text, parts, check] of [[domain, labels, dns1123LabelErrors], [rest, rest.split('.'), dns1123SubdomainErrors]] as const) {
    const wrong = parts.find((label) => check(label).length > 0)
    if (wrong !== undefined) for (const message of check(wrong)) errors.push(invalid(path, text, `validating label ${goQuote(wrong)}: ${message}`))
    if (text === domain && labels.length < 2) errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'))
  }
  return errors
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
  validate,
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
