import { expect, test } from 'vitest'
import type { EndpointSlice } from '../../api'
import { SECOND } from '../../sim'
import { TestCluster } from '../testing'

const ns = '/api/v1/namespaces/default'
const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'

test('Endpoints written by hand get slices, which follow them and go with the service\'s selector', () => {
  const c = new TestCluster()
  const mine = (): EndpointSlice[] => c.list<EndpointSlice>(slices).filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === 'db')
  c.must({ verb: 'create', path: `${ns}/services`, body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'db', namespace: 'default' }, spec: { ports: [{ port: 5432 }] } } })
  const endpoints = (...ips: string[]) => ({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'db', namespace: 'default', labels: { who: 'me' } }, subsets: [{ addresses: ips.map((ip) => ({ ip })), ports: [{ port: 5432 }] }] })
  c.must({ verb: 'create', path: `${ns}/endpoints`, body: endpoints('192.0.2.42') })
  c.run(3 * SECOND)
  expect(mine().map((s) => [s.metadata.generateName, s.metadata.labels, s.addressType, s.ports, s.endpoints])).toEqual([[
    'db-', { who: 'me', 'kubernetes.io/service-name': 'db', 'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io' }, 'IPv4', [{ name: '', port: 5432, protocol: 'TCP' }], [{ addresses: ['192.0.2.42'], conditions: { ready: true } }],
  ]])
  c.must({ verb: 'update', path: `${ns}/endpoints/db`, body: endpoints('192.0.2.42', '192.0.2.43') })
  c.run(3 * SECOND)
  expect(mine().map((s) => s.endpoints?.map((e) => e.addresses[0]))).toEqual([['192.0.2.42', '192.0.2.43']])
  // Nobody else's slices are touched, and nothing is mirrored of the API server's own.
  expect(c.list<EndpointSlice>(slices).filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === 'kubernetes')).toHaveLength(1)
  c.must({ verb: 'patch', path: `${ns}/services/db`, patchType: 'application/merge-patch+json', body: { spec: { selector: { app: 'db' } } } })
  c.run(3 * SECOND)
  expect(mine().map((s) => s.metadata.labels?.['endpointslice.kubernetes.io/managed-by'])).not.toContain('endpointslicemirroring-controller.k8s.io')
  c.must({ verb: 'delete', path: `${ns}/services/db` })
  c.run(3 * SECOND)
  expect(mine()).toEqual([])
})
