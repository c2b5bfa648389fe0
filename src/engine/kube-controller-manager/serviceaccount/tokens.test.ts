import { expect, test } from 'vitest'
import type { Secret } from '../../api'
import { TestCluster } from '../testing'

const secrets = '/api/v1/namespaces/default/secrets'
const secretFor = (name: string, account: string) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'default', annotations: { 'kubernetes.io/service-account.name': account } }, type: 'kubernetes.io/service-account-token' })

test('a Secret of type service-account-token is filled, and goes with its account', () => {
  const c = new TestCluster()
  c.must({ verb: 'create', path: '/api/v1/namespaces/default/serviceaccounts', body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot', namespace: 'default' } } })
  c.must({ verb: 'create', path: secrets, body: secretFor('robot-token', 'robot') })
  c.must({ verb: 'create', path: secrets, body: secretFor('orphan', 'nobody') })
  c.settle()
  const [secret, ...others] = c.list<Secret>(secrets)
  expect(others).toEqual([])
  expect(Object.keys(secret?.data ?? {}).sort()).toEqual(['ca.crt', 'namespace', 'token'])
  expect(secret?.metadata.annotations?.['kubernetes.io/service-account.uid']).toMatch(/^[\da-f-]{36}$/)
  c.must({ verb: 'delete', path: '/api/v1/namespaces/default/serviceaccounts/robot' })
  c.settle()
  expect(c.list<Secret>(secrets)).toEqual([])
})
