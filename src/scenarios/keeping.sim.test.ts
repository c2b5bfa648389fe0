import { describe, expect, test } from 'vitest'
import { Recording, aPod, workload } from './recorded.testing'

const pv = (name: string, spec: object, size = '1Gi') => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec: { capacity: { storage: size }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/tmp/${name}` }, ...spec } })
const pvc = (name: string, spec: object, size = '1Gi') => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...spec } })
const using = (name: string, claimName: string) => aPod(name, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] }, { image: 'nginx:1.25', volumeMounts: [{ name: 'v', mountPath: '/v' }] })
const phase = (r: Recording, resource: string, name: string): string | undefined => r.object(resource, name)?.status.phase

describe('a claim', () => {
  test('takes the smallest volume that is large enough, and leaves it as its policy says', () => {
    const r = new Recording()
    r.apply(0.2, pv('a', { storageClassName: 'm' }), pv('b', { storageClassName: 'm', persistentVolumeReclaimPolicy: 'Delete' }, '5Gi'), pv('c', { storageClassName: 'm' }, '9Gi'))
    r.apply(1.5, pvc('small', { storageClassName: 'm' }, '500Mi'), pvc('mid', { storageClassName: 'm' }, '3Gi'))
    r.to(3)
    expect(['small', 'mid'].map((n) => [r.object('persistentvolumeclaims', n).spec.volumeName, r.object('persistentvolumeclaims', n).status.capacity.storage])).toEqual([['a', '1Gi'], ['b', '5Gi']])
    r.type(4, 'kubectl delete pvc small mid')
    r.to(7)
    expect([phase(r, 'persistentvolumes', 'a'), r.names('persistentvolumes')]).toEqual(['Released', ['a', 'c']])
    r.type(8, 'kubectl patch pv a --type=json -p \'[{"op":"remove","path":"/spec/claimRef"}]\'')
    expect(phase(r, 'persistentvolumes', 'a')).toBe('Available')
  })

  test('of a class that waits is bound when a pod needs it, on the node of its volume', () => {
    const r = new Recording()
    r.apply(0.2, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'l' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' })
    const affinity = { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-2'] }] }] } }
    r.apply(1.5, { ...pv('l', { storageClassName: 'l', nodeAffinity: affinity, hostPath: undefined, local: { path: '/mnt' } }) }, pvc('w', { storageClassName: 'l' }))
    r.to(3)
    expect([phase(r, 'persistentvolumeclaims', 'w'), r.events('PersistentVolumeClaim', 'w')]).toEqual(['Pending', ['WaitForFirstConsumer: waiting for first consumer to be created before binding']])
    r.apply(4, using('p', 'w'))
    r.to(6)
    expect([phase(r, 'persistentvolumeclaims', 'w'), r.object('pods', 'p').spec.nodeName]).toEqual(['Bound', 'node-2'])
    r.apply(7, pvc('w2', { storageClassName: 'l' }), using('p2', 'w2'))
    r.to(9)
    expect(r.events('Pod', 'p2')).toEqual(['FailedScheduling: 0/3 nodes are available: 3 node(s) didn\'t find available persistent volumes to bind. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.'])
  })

  test('in use is deleted when its last pod is gone', () => {
    const r = new Recording()
    r.apply(0.2, pv('a', { storageClassName: 'm' }), pvc('c', { storageClassName: 'm' }), using('p', 'c'))
    r.type(4, 'kubectl delete pvc c --wait=false')
    expect(r.object('persistentvolumeclaims', 'c').metadata).toMatchObject({ deletionTimestamp: expect.any(String), finalizers: ['kubernetes.io/pvc-protection'] })
    r.type(6, 'kubectl delete pod p')
    r.to(9)
    expect(r.names('persistentvolumeclaims')).toEqual([])
  })

  test('that nobody can provide says whom it waits for', () => {
    const r = new Recording()
    r.apply(0.2, { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'd', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }, provisioner: 'example.com/x' })
    r.apply(1.5, pvc('d', {}), pvc('none', { storageClassName: 'missing' }))
    r.to(3)
    expect(r.object('persistentvolumeclaims', 'd')).toMatchObject({ spec: { storageClassName: 'd' }, metadata: { annotations: { 'volume.kubernetes.io/storage-provisioner': 'example.com/x' } } })
    expect(r.events('PersistentVolumeClaim', 'd')[0]).toBe("ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com/x' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.")
    // The claim's annotation brings a second sync within milliseconds: the repeat is counted on the first event.
    r.to(20)
    expect(r.names('events').filter((n) => n.startsWith('d.')).map((n) => r.object('events', n).count > 1)).toEqual([true])
    expect(r.events('PersistentVolumeClaim', 'none')[0]).toBe('ProvisioningFailed: storageclass.storage.k8s.io "missing" not found')
  })
})

describe('a namespace', () => {
  test('that is deleted waits for what has finalizers, and says for what', () => {
    const r = new Recording()
    r.apply(0.3, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'stuck', finalizers: ['example.com/f'] } }, workload('Deployment', 'web', { replicas: 1 }))
    r.type(3, 'kubectl delete ns g-test --wait=false')
    expect(r.type(5, 'kubectl create configmap late').stderr).toBe('error: failed to create configmap: configmaps "late" is forbidden: unable to create new content in namespace g-test because it is being terminated\n')
    r.to(20)
    const said = Object.fromEntries(r.object('namespaces', 'g-test').status.conditions.map((c: any) => [c.type, `${c.status} ${c.reason}: ${c.message}`]))
    expect(said).toMatchObject({
      NamespaceDeletionContentFailure: 'False ContentDeleted: All content successfully deleted, may be waiting on finalization',
      NamespaceContentRemaining: 'True SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances',
      NamespaceFinalizersRemaining: 'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/f in 1 resource instances',
    })
    r.type(21, 'kubectl patch cm stuck --type=merge -p \'{"metadata":{"finalizers":null}}\'')
    r.to(40)
    expect(r.names('namespaces')).not.toContain('g-test')
  })
})

describe('the certificate of the cluster', () => {
  test('comes back to every namespace, as it was', () => {
    const r = new Recording()
    r.to(2)
    const { data } = r.object('configmaps', 'kube-root-ca.crt')
    r.type(2, 'kubectl patch cm kube-root-ca.crt --type=merge -p \'{"data":{"ca.crt":"mine","x":"y"}}\'')
    expect(r.object('configmaps', 'kube-root-ca.crt').data).toEqual(data)
    r.type(4, 'kubectl delete cm kube-root-ca.crt')
    expect(r.object('configmaps', 'kube-root-ca.crt').data).toEqual(data)
  })
})

describe('a quota', () => {
  test('with scopes counts those pods only, and a ReplicaSet that it stops tries again', () => {
    const r = new Recording()
    r.apply(0.2, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'be' }, spec: { hard: { pods: '1' }, scopes: ['BestEffort'] } }, { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'nt' }, spec: { hard: { pods: '2', 'requests.cpu': '1' }, scopes: ['NotTerminating', 'NotBestEffort'] } })
    r.type(1.5, 'kubectl run a --image=nginx:1.25')
    expect(r.type(3, 'kubectl run b --image=nginx:1.25').stderr).toBe('Error from server (Forbidden): pods "b" is forbidden: exceeded quota: be, requested: pods=1, used: pods=1, limited: pods=1\n')
    r.apply(4.5, aPod('c', {}, { image: 'nginx:1.25', resources: { requests: { cpu: '700m' } } }))
    expect([r.object('resourcequotas', 'be').status.used, r.object('resourcequotas', 'nt').status.used]).toEqual([{ pods: '1' }, { pods: '1', 'requests.cpu': '700m' }])
    r.type(6, 'kubectl create deployment one --image=nginx:1.25')
    r.to(8)
    expect(r.events('ReplicaSet', /^one-/)[0]).toMatch(/^FailedCreate: Error creating: pods "one-[a-z0-9]+-[a-z0-9]{5}" is forbidden: exceeded quota: be, requested: pods=1, used: pods=1, limited: pods=1$/)
    expect(r.object('deployments', 'one').status.conditions.find((c: any) => c.type === 'ReplicaFailure')).toMatchObject({ status: 'True', reason: 'FailedCreate' })
    r.type(9, 'kubectl delete pod a')
    r.to(25)
    expect(r.object('deployments', 'one').status.availableReplicas).toBe(1)
  })
})

describe('garbage', () => {
  test('of an owner: pods go with a ReplicationController, or are left alone', () => {
    const r = new Recording()
    const rc = (name: string) => ({ apiVersion: 'v1', kind: 'ReplicationController', metadata: { name }, spec: { replicas: 2, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] } } } })
    r.apply(0.2, rc('goes'), rc('stays'))
    r.type(3, 'kubectl delete rc stays --cascade=orphan')
    r.type(5, 'kubectl delete rc goes')
    r.to(9)
    expect(r.names('pods').map((n) => n.split('-')[0])).toEqual(['stays', 'stays'])
    expect(r.names('pods').map((n) => r.object('pods', n).metadata.ownerReferences)).toEqual([undefined, undefined])
  })
})
