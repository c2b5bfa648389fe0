import { describe, expect, test } from 'vitest'
import type { Pod, StatefulSet } from '../api'
import { TestCluster } from './testing'

const apps = '/apis/apps/v1/namespaces/default'
const set = (spec: object = {}) => ({
  apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'web', namespace: 'default' },
  spec: { replicas: 3, serviceName: 'nginx', selector: { matchLabels: { app: 'nginx' } }, template: { metadata: { labels: { app: 'nginx' } }, spec: { containers: [{ name: 'nginx', image: 'nginx:1.25', ports: [{ containerPort: 80, name: 'web' }] }] } }, ...spec },
})

describe('a StatefulSet', () => {
  test('creates its pods in order and updates them backwards', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: `${apps}/statefulsets`, body: set() })
    c.settle(3)
    expect(c.list('/api/v1/pods').map((p) => p.metadata.name)).not.toContain('web-2')
    c.settle(6)
    const get = () => c.must({ verb: 'get', path: `${apps}/statefulsets/web` }) as StatefulSet
    expect(get().status).toMatchObject({ replicas: 3, readyReplicas: 3, currentReplicas: 3, updatedReplicas: 3, availableReplicas: 3, collisionCount: 0 })
    const pod = c.must({ verb: 'get', path: '/api/v1/namespaces/default/pods/web-1' }) as Pod
    // The hash is the one that a real cluster gave this template (goldens/sts-ordered.json).
    expect(pod.metadata.labels).toMatchObject({ 'apps.kubernetes.io/pod-index': '1', 'statefulset.kubernetes.io/pod-name': 'web-1', 'controller-revision-hash': 'web-677f98675c' })
    expect(pod.spec).toMatchObject({ hostname: 'web-1', subdomain: 'nginx' })
    c.must({ verb: 'patch', path: `${apps}/statefulsets/web`, patchType: 'application/strategic-merge-patch+json', body: { spec: { template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1.26' }] } } } } })
    c.settle(12)
    expect(c.list<Pod>('/api/v1/pods').map((p) => p.spec.containers[0]?.image)).toEqual(['nginx:1.26', 'nginx:1.26', 'nginx:1.26'])
    expect(get().status?.currentRevision).toBe(get().status?.updateRevision)
    const deletions = c.kubeEvents().filter((e) => e.includes('SuccessfulDelete'))
    expect(deletions.map((e) => e.slice(e.indexOf('Delete Pod')))).toEqual(['Delete Pod web-2 in StatefulSet web successful', 'Delete Pod web-1 in StatefulSet web successful', 'Delete Pod web-0 in StatefulSet web successful'])
  })

  test('counts the partition from its first ordinal, and leaves in peace what is before it', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: `${apps}/statefulsets`, body: set({ replicas: 3, ordinals: { start: 2 }, podManagementPolicy: 'Parallel', updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }) })
    c.settle(4)
    c.must({ verb: 'patch', path: `${apps}/statefulsets/web`, patchType: 'application/strategic-merge-patch+json', body: { spec: { template: { spec: { containers: [{ name: 'nginx', image: 'nginx:1.26' }] } } } } })
    c.settle(12)
    expect(c.list<Pod>('/api/v1/pods').map((p) => [p.metadata.name, p.spec.containers[0]?.image])).toEqual([['web-2', 'nginx:1.25'], ['web-3', 'nginx:1.25'], ['web-4', 'nginx:1.26']])
    expect(c.kubeEvents().filter((e) => e.includes('SuccessfulDelete'))).toHaveLength(1)
  })

  test('scales down from the top and keeps its claims', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: `${apps}/statefulsets`, body: set({ podManagementPolicy: 'Parallel', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }] }) })
    c.settle(3)
    expect(c.list('/api/v1/pods')).toHaveLength(3)
    c.must({ verb: 'patch', path: `${apps}/statefulsets/web`, patchType: 'application/merge-patch+json', body: { spec: { replicas: 1 } } })
    c.settle(6)
    expect(c.list('/api/v1/pods').map((p) => p.metadata.name)).toEqual(['web-0'])
    expect(c.list('/api/v1/namespaces/default/persistentvolumeclaims').map((p) => p.metadata.name)).toEqual(['data-web-0', 'data-web-1', 'data-web-2'])
  })

  test('lets claims go as its retention policy says', () => {
    const c = new TestCluster()
    const claims = () => c.list('/api/v1/namespaces/default/persistentvolumeclaims')
    const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }]
    c.must({ verb: 'create', path: `${apps}/statefulsets`, body: set({ podManagementPolicy: 'Parallel', persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' }, volumeClaimTemplates }) })
    c.settle(6)
    expect(claims().map((p) => p.metadata.ownerReferences?.map((r) => [r.kind, r.name]))).toEqual([[['StatefulSet', 'web']], [['StatefulSet', 'web']], [['StatefulSet', 'web']]])
    c.must({ verb: 'patch', path: `${apps}/statefulsets/web`, patchType: 'application/merge-patch+json', body: { spec: { replicas: 1 } } })
    c.settle(8)
    expect(claims().map((p) => p.metadata.name)).toEqual(['data-web-0'])
    c.must({ verb: 'delete', path: `${apps}/statefulsets/web` })
    c.settle(8)
    expect(claims()).toEqual([])
  })

  test('takes back the history that an orphaning delete left', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: `${apps}/statefulsets`, body: set({ replicas: 1 }) })
    c.settle(4)
    c.must({ verb: 'delete', path: `${apps}/statefulsets/web`, body: { propagationPolicy: 'Orphan' } })
    c.settle(4)
    expect(c.list('/apis/apps/v1/controllerrevisions').map((r) => r.metadata.ownerReferences ?? [])).toEqual([[]])
    const made = c.must({ verb: 'create', path: `${apps}/statefulsets`, body: set({ replicas: 1 }) })
    c.settle(4)
    expect(c.list('/apis/apps/v1/controllerrevisions').map((r) => r.metadata.ownerReferences?.[0]?.uid)).toEqual([made.metadata.uid])
  })
})
