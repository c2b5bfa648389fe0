import type { CertificateSigningRequest } from '../../api'
import { base64OfText, issueCertificate, namesOf, parseCertificateRequest, valuesOf, type AlternativeName, type CertificateRequest } from '../../apimachinery'
import { SECOND } from '../../sim'
import type { Controller } from '../controller'
import { updateObject } from '../requests'

const YEAR = 365 * 24 * 3600 * SECOND
const BACKDATE = 300 * SECOND

/** Why a signer of the cluster does not sign for usages; undefined when it does. Upstream: pkg/controller/certificates/signer validAPIServerClientUsages, pkg/apis/certificates/helpers.go */
function refusal(signer: string, request: CertificateRequest, usages: readonly string[]): string | undefined {
  const optional = ['digital signature', 'key encipherment']
  if (signer === 'kubernetes.io/kube-apiserver-client') {
    const odd = usages.find((u) => u !== 'client auth' && !optional.includes(u))
    if (odd !== undefined) return `invalid usage for client certificate: ${odd}`
    return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth'
  }
  const serving = signer === 'kubernetes.io/kubelet-serving'
  const organizations = valuesOf(request.subject, 'O')
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes') return 'subject organization is not system:nodes'
  const has = (kind: AlternativeName[0]): boolean => namesOf(request, kind).length > 0
  if (serving && !has('DNS') && !has('IP Address')) return 'DNS or IP subjectAltName is required'
  if (!serving && has('DNS')) return 'DNS subjectAltNames are not allowed'
  if (!serving && has('IP Address')) return 'IP subjectAltNames are not allowed'
  if (has('email')) return 'Email subjectAltNames are not allowed'
  if (has('URI')) return 'URI subjectAltNames are not allowed'
  if (!valuesOf(request.subject, 'CN').at(-1)?.startsWith('system:node:')) return 'subject common name does not begin with system:node:'
  const needed = serving ? 'server auth' : 'client auth'
  const fits = usages.includes(needed) && usages.includes('digital signature') && usages.every((u) => u === needed || optional.includes(u))
  return fits ? undefined : `usages did not match [digital signature ${needed}]`
}

const SIGNERS = ['kubernetes.io/kube-apiserver-client', 'kubernetes.io/kube-apiserver-client-kubelet', 'kubernetes.io/kubelet-serving']

/** Whether somebody approved a request that nothing was done about. */
function isToBeSigned({ spec, status }: CertificateSigningRequest): boolean {
  const has = (type: string): boolean => status?.conditions?.some((c) => c.type === type) ?? false
  return SIGNERS.includes(spec.signerName) && !status?.certificate && has('Approved') && !has('Denied') && !has('Failed')
}

/** Signs what was approved. Upstream: pkg/controller/certificates/signer/signer.go */
export const csrSigningController: Controller<null> = {
  name: 'csrsigning',
  component: 'certificate-controller',
  resource: 'certificatesigningrequests',
  informers: [{ resource: 'certificatesigningrequests' }],
  workers: 5,
  start: () => null,

  onDelta(delta, env) {
    if (delta.type !== 'deleted' && isToBeSigned(delta.object as CertificateSigningRequest)) env.enqueue(delta.object.metadata.name)
  },

  reconcile(key, env) {
    const csr = env.cache<CertificateSigningRequest>('certificatesigningrequests').get('', key)
    if (csr === undefined || !isToBeSigned(csr)) return []
    const { signerName, usages = [], expirationSeconds, request: text } = csr.spec
    const request = parseCertificateRequest(text)
    if (request === undefined) return [{ do: 'fail', message: `unable to parse csr "${key}": PEM block type must be CERTIFICATE REQUEST` }]
    const refused = refusal(signerName, request, usages)
    const now = env.ctx.wallMicros()
    const time = env.ctx.wallTime()
    if (refused !== undefined) {
      const failed = { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message: refused, lastUpdateTime: time, lastTransitionTime: time }
      return [updateObject('certificatesigningrequests', { ...csr, status: { ...csr.status, conditions: [...(csr.status?.conditions ?? []), failed] } } as CertificateSigningRequest, 'status', { ignore: ['NotFound'] })]
    }
    const life = expirationSeconds == null ? YEAR : Math.min(YEAR, expirationSeconds * SECOND)
    const pem = issueCertificate(request, { serial: env.rng.uint32(), from: now - BACKDATE, to: now + life - (life > 8 * 3600 * SECOND ? BACKDATE : 0), usages })
    return [updateObject('certificatesigningrequests', { ...csr, status: { ...csr.status, certificate: base64OfText(pem) } } as CertificateSigningRequest, 'status', { ignore: ['NotFound'] })]
  },
}
