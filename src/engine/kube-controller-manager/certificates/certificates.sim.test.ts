import { expect, test } from 'vitest'
import type { CertificateSigningRequest } from '../../api'
import { base64OfText, parseCertificate } from '../../apimachinery'
import { REAL_REQUEST } from '../../apimachinery/x509.testing'
import { SECOND } from '../../sim'
import { TestCluster } from '../testing'

const path = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

function approved(c: TestCluster, name: string, usages: readonly string[], signerName = 'kubernetes.io/kube-apiserver-client'): CertificateSigningRequest['status'] {
  const made = c.must({ verb: 'create', path, body: { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec: { request: base64OfText(REAL_REQUEST), signerName, usages, expirationSeconds: 86400 } } })
  c.must({ verb: 'update', path: `${path}/${name}/approval`, body: { ...made, status: { conditions: [{ type: 'Approved', status: 'True', reason: 'KubectlApprove' }] } } })
  c.run(SECOND)
  return (c.must({ verb: 'get', path: `${path}/${name}` }) as CertificateSigningRequest).status
}

test('what is approved is signed by the signers of the cluster, if its usages are right', () => {
  const c = new TestCluster()
  c.run(SECOND)
  const status = approved(c, 'jane', ['client auth', 'digital signature'])
  expect(status?.conditions?.map((x) => x.type)).toEqual(['Approved'])
  expect(parseCertificate(atob(status?.certificate ?? ''))).toEqual({ name: 'jane', groups: ['dev', 'ops'], issuer: 'kubernetes', until: expect.any(Number) })
  expect(approved(c, 'wrong', ['server auth'])?.conditions).toMatchObject([{ type: 'Approved' }, { type: 'Failed', reason: 'SignerValidationFailure', message: 'invalid usage for client certificate: server auth' }])
  expect(approved(c, 'node', ['digital signature', 'client auth'], 'kubernetes.io/kube-apiserver-client-kubelet')?.conditions?.[1]?.message).toBe('subject organization is not system:nodes')
  // Others sign by their own rules.
  expect(approved(c, 'other', ['client auth'], 'example.com/mine')).toEqual({ conditions: [expect.objectContaining({ type: 'Approved' })] })
})
