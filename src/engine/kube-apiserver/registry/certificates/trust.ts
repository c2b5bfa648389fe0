import type { ClusterTrustBundle, PodCertificateRequest } from '../../../api'
import { deepEqual, invalid, required, type FieldError } from '../../../apimachinery'
import { column, define, nameColumn, wide } from '../define'
import { formatLabels } from '../print'
import { signerErrors } from './certificate-signing-request'

function bundleErrors({ metadata, spec }: ClusterTrustBundle): FieldError[] {
  const errors: FieldError[] = []
  const { name } = metadata
  const { signerName, trustBundle } = spec
  if (signerName) {
    const prefix = `${signerName.replaceAll('/', ':')}:`
    if (!name.startsWith(prefix)) errors.push(invalid('metadata.name', name, `ClusterTrustBundle for signerName ${signerName} must be named with prefix ${prefix}`))
    errors.push(...signerErrors(signerName, 'spec.signerName'))
  } else if (name.includes(':')) errors.push(invalid('metadata.name', name, 'ClusterTrustBundle without signer name must not have ":" in its name'))
  if (!trustBundle?.includes('-----BEGIN CERTIFICATE-----')) errors.push(invalid('spec.trustBundle', '<value omitted>', 'at least one trust anchor must be provided'))
  return errors
}

/** ClusterTrustBundle: whom pods may trust. Served when a flag asks for it. Upstream: pkg/registry/certificates/clustertrustbundle */
export const clusterTrustBundle = define<ClusterTrustBundle>({
  resource: 'clustertrustbundles',
  validateName: () => [],
  fields: { 'spec.signerName': (o) => o.spec.signerName ?? '' },
  validate: bundleErrors,
  validateUpdate(o, old) {
    const errors = bundleErrors(o)
    if (o.spec.signerName !== old.spec.signerName) errors.push(invalid('spec.signerName', o.spec.signerName ?? '', 'field is immutable'))
    return errors
  },
  columns: [nameColumn, column('SignerName', (o) => o.spec.signerName ?? '')],
})

/** How far a request is: the last of the conditions that end it. Upstream: printers printPodCertificateRequest */
function stateOf({ status }: PodCertificateRequest): string {
  const types = (status?.conditions ?? []).map((c) => c.type)
  return types.find((t) => t === 'Denied' || t === 'Failed' || t === 'Issued') ?? 'Pending'
}

/** PodCertificateRequest: kept; nobody here issues. Served when a flag asks for it. Upstream: pkg/registry/certificates/podcertificaterequest */
export const podCertificateRequest = define<PodCertificateRequest>({
  resource: 'podcertificaterequests',
  subresources: ['status'],
  fields: { 'spec.signerName': (o) => o.spec.signerName, 'spec.podName': (o) => o.spec.podName, 'spec.nodeName': (o) => o.spec.nodeName },
  prepareForCreate(o) {
    o.status = {}
  },
  validate({ spec }) {
    const errors = signerErrors(spec.signerName ?? '', 'spec.signerName')
    for (const field of ['podName', 'podUID', 'serviceAccountName', 'serviceAccountUID', 'nodeName', 'nodeUID'] as const) if (!spec[field]) errors.push(required(`spec.${field}`))
    return errors
  },
  validateUpdate: (o, old) => (deepEqual(o.spec, old.spec) ? [] : [invalid('spec', o.spec, 'field is immutable')]),
  columns: [
    nameColumn, column('PodName', (o) => o.spec.podName), column('ServiceAccountName', (o) => o.spec.serviceAccountName), column('NodeName', (o) => o.spec.nodeName),
    column('SignerName', (o) => o.spec.signerName), column('State', stateOf), wide('UnverifiedUserAnnotations', (o) => formatLabels(o.spec.unverifiedUserAnnotations)),
  ],
})
