import { describe, expect, test } from 'vitest'
import type { PersistentVolume, PersistentVolumeClaim, ResourceQuota, ClusterRole } from '../api'
import { SECOND } from '../sim'
import { TestCluster } from './testing'

const pvs = '/api/v1/persistentvolumes'
const pvcs = '/api/v1/namespaces/default/persistentvolumeclaims'
const pods = '/api/v1/namespaces/default/pods'
const volume = (name: string, storage: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], storageClassName: 'manual', hostPath: { path: '/tmp/x' }, ...spec } })
const claim = (name: string, storage: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace: 'default' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } }, storageClassName: 'manual', ...spec } })
const pod = (name: string, claimName: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'nginx' }], volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] } })

function cluster(...volumes: object[]): TestCluster {
  const c = new TestCluster()
  for (const v of volumes) c.must({ verb: 'create', path: pvs, body: v })
  c.run(SECOND / 10)
  return c
}
const pv = (c: TestCluster, name: string) => c.do({ verb: 'get', path: `${pvs}/${name}` }).body as unknown as PersistentVolume
const pvc = (c: TestCluster, name: string) => c.do({ verb: 'get', path: `${pvcs}/${name}` }).body as unknown as PersistentVolumeClaim

describe('binding', () => {
  test('takes the smallest volume that is large enough; both point to each other', () => {
    const c = cluster(volume('big', '10Gi'), volume('fits', '5Gi'), volume('small', '1Gi'))
    expect(pv(c, 'big').status?.phase).toBe('Available')
    c.must({ verb: 'create', path: pvcs, body: claim('c1', '2Gi') })
    c.run(SECOND)
    expect(pvc(c, 'c1')).toMatchObject({ metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' } }, spec: { volumeName: 'fits' }, status: { phase: 'Bound', capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'] } })
    expect(pv(c, 'fits')).toMatchObject({ metadata: { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes' } }, spec: { claimRef: { name: 'c1', uid: pvc(c, 'c1').metadata.uid } }, status: { phase: 'Bound' } })
    expect(pv(c, 'big').spec.claimRef).toBeUndefined()
  })

  test('two claims never get one volume; the second waits for one to come', () => {
    const c = cluster(volume('only', '1Gi'))
    for (const name of ['a', 'b']) c.must({ verb: 'create', path: pvcs, body: claim(name, '1Gi') })
    c.run(SECOND)
    expect([pvc(c, 'a').status?.phase, pvc(c, 'b').status?.phase].sort()).toEqual(['Bound', 'Pending'])
    expect(c.kubeEvents().some((e) => e.includes('ProvisioningFailed storageclass.storage.k8s.io "manual" not found'))).toBe(true)
    c.must({ verb: 'create', path: pvs, body: volume('late', '1Gi') })
    c.run(20 * SECOND)
    expect([pvc(c, 'a').status?.phase, pvc(c, 'b').status?.phase]).toEqual(['Bound', 'Bound'])
  })

  test('a claim that names its volume says why it cannot have it', () => {
    const c = cluster(volume('v', '1Gi'))
    c.must({ verb: 'create', path: pvcs, body: claim('c', '2Gi', { volumeName: 'v' }) })
    c.run(SECOND)
    expect(pvc(c, 'c').status?.phase).toBe('Pending')
    expect(c.kubeEvents()).toContain('PersistentVolumeClaim/c Warning VolumeMismatch Cannot bind to requested volume "v": requested PV is too small')
  })

  test('a claim is lost with its volume', () => {
    const c = cluster(volume('v', '1Gi'))
    c.must({ verb: 'create', path: pvcs, body: claim('c', '1Gi') })
    c.run(SECOND)
    c.must({ verb: 'delete', path: `${pvs}/v` })
    c.run(SECOND)
    // Its finalizer holds it as long as it is bound.
    expect(pv(c, 'v').metadata.deletionTimestamp).toBeDefined()
    c.must({ verb: 'patch', path: `${pvs}/v`, patchType: 'application/merge-patch+json', body: { metadata: { finalizers: null } } })
    c.run(SECOND)
    expect(pvc(c, 'c').status?.phase).toBe('Lost')
    expect(c.kubeEvents()).toContain('PersistentVolumeClaim/c Warning ClaimLost Bound claim has lost its PersistentVolume. Data on the volume is lost!')
  })

  test('a default class that comes late is filled in', () => {
    const c = cluster()
    c.must({ verb: 'create', path: pvcs, body: claim('c', '1Gi', { storageClassName: undefined }) })
    c.run(SECOND)
    expect(c.kubeEvents()).toContain('PersistentVolumeClaim/c Normal FailedBinding no persistent volumes available for this claim and no storage class is set')
    c.must({ verb: 'create', path: '/apis/storage.k8s.io/v1/storageclasses', body: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }, provisioner: 'example.com/x' } })
    c.run(20 * SECOND)
    expect(pvc(c, 'c').spec.storageClassName).toBe('fast')
    expect(pvc(c, 'c').metadata.annotations?.['volume.kubernetes.io/storage-provisioner']).toBe('example.com/x')
  })
})

describe('reclaiming', () => {
  test.each([['Retain', 'Released'], ['Recycle', 'Available'], ['Delete', undefined]])('with policy %s the volume becomes %s', (policy, phase) => {
    const c = cluster(volume('v', '1Gi', { persistentVolumeReclaimPolicy: policy }))
    c.must({ verb: 'create', path: pvcs, body: claim('c', '1Gi') })
    c.run(SECOND)
    c.must({ verb: 'delete', path: `${pvcs}/c` })
    c.run(SECOND)
    expect(pv(c, 'v').status?.phase ?? 'gone').toBe(phase ?? 'gone')
    if (policy === 'Delete') expect(c.do({ verb: 'get', path: `${pvs}/v` }).code).toBe(404)
  })

  test('what nobody can delete fails and says so', () => {
    const c = cluster(volume('v', '1Gi', { persistentVolumeReclaimPolicy: 'Delete', hostPath: { path: '/data' } }))
    c.must({ verb: 'create', path: pvcs, body: claim('c', '1Gi') })
    c.run(SECOND)
    c.must({ verb: 'delete', path: `${pvcs}/c` })
    c.run(40 * SECOND)
    expect(pv(c, 'v').status).toMatchObject({ phase: 'Failed', message: 'host_path deleter only supports /tmp/.+ but received provided /data' })
    expect(c.kubeEvents().filter((e) => e.includes('VolumeFailedDelete'))).toHaveLength(1)
  })
})

test('a claim in use is deleted when its last pod is gone', () => {
  const c = cluster(volume('v', '1Gi'))
  c.must({ verb: 'create', path: pvcs, body: claim('c', '1Gi') })
  c.must({ verb: 'create', path: pods, body: pod('p', 'c') })
  c.settle(2)
  c.must({ verb: 'delete', path: `${pvcs}/c` })
  c.run(30 * SECOND)
  expect(pvc(c, 'c').metadata.deletionTimestamp).toBeDefined()
  c.must({ verb: 'delete', path: `${pods}/p` })
  c.settle(2)
  expect(c.do({ verb: 'get', path: `${pvcs}/c` }).code).toBe(404)
  expect(pv(c, 'v').status?.phase).toBe('Released')
})

test('a quota is counted when it comes, charged by admission, and given back by what ends', () => {
  const c = cluster()
  const path = '/api/v1/namespaces/default/resourcequotas'
  const body = (name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '200m' } } }] } })
  c.must({ verb: 'create', path: pods, body: body('a') })
  c.must({ verb: 'create', path, body: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q', namespace: 'default' }, spec: { hard: { pods: '2', 'requests.cpu': '500m', 'count/deployments.apps': '1' } } } })
  c.run(SECOND)
  const status = () => (c.must({ verb: 'get', path: `${path}/q` }) as ResourceQuota).status
  expect(status()).toEqual({ hard: { pods: '2', 'requests.cpu': '500m', 'count/deployments.apps': '1' }, used: { pods: '1', 'requests.cpu': '200m', 'count/deployments.apps': '0' } })
  c.must({ verb: 'create', path: pods, body: body('b') })
  expect(status()?.used).toMatchObject({ pods: '2', 'requests.cpu': '400m' })
  expect(c.do({ verb: 'create', path: pods, body: body('x') }).body).toMatchObject({ message: 'pods "x" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=200m, used: pods=2,requests.cpu=400m, limited: pods=2,requests.cpu=500m' })
  c.must({ verb: 'patch', path: `${pods}/a/status`, patchType: 'application/merge-patch+json', body: { status: { phase: 'Succeeded' } } })
  c.run(SECOND)
  expect(status()?.used).toMatchObject({ pods: '1', 'requests.cpu': '200m' })
  c.must({ verb: 'delete', path: `${pods}/b`, body: { gracePeriodSeconds: 0 } })
  c.run(SECOND)
  expect(status()?.used).toMatchObject({ pods: '0', 'requests.cpu': '0' })
})

test('an aggregated role has the rules of those it selects', () => {
  const c = cluster()
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
  const role = (name: string, rest: object) => c.must({ verb: 'create', path, body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, ...('labels' in rest ? { labels: rest.labels } : {}) }, ...rest, labels: undefined } })
  const rule = { apiGroups: ['x.io'], resources: ['things'], verbs: ['get'] }
  role('all', { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { part: 'yes' } }] } })
  role('one', { labels: { part: 'yes' }, rules: [rule] })
  role('two', { labels: { part: 'yes' }, rules: [rule, { ...rule, verbs: ['list'] }] })
  c.run(SECOND)
  expect((c.must({ verb: 'get', path: `${path}/all` }) as ClusterRole).rules).toEqual([rule, { ...rule, verbs: ['list'] }])
})
