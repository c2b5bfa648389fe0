import { describe, expect, test } from 'vitest'
import type { Deployment, EndpointSlice, Pod, ReplicaSet } from '../api'
import { SECOND } from '../sim'
import { TestCluster } from './testing'

const deployments = '/apis/apps/v1/namespaces/default/deployments'
const web = (replicas: number, image = 'nginx:1.25') => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'nginx', image }] } } },
})

describe('a Deployment', () => {
  test('comes up, is rolled over, scaled and deleted', () => {
    const c = new TestCluster()
    const watch = c.watch(deployments)
    c.must({ verb: 'create', path: deployments, body: web(3) })
    c.settle()
    const d = c.must({ verb: 'get', path: `${deployments}/web` }) as Deployment
    expect(d.status).toMatchObject({ observedGeneration: 1, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 })
    expect(d.metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' })
    expect(d.status?.conditions?.map((x) => `${x.type} ${x.status} ${x.reason} ${x.message}`)).toEqual([
      'Available True MinimumReplicasAvailable Deployment has minimum availability.',
      expect.stringMatching(/^Progressing True NewReplicaSetAvailable ReplicaSet "web-\w+" has successfully progressed\.$/),
    ])
    expect(c.events(watch).slice(0, 3).map((e) => [(e.object as Deployment).status?.observedGeneration, ((e.object as Deployment).status?.conditions ?? []).map((x) => x.reason).join()])).toEqual([
      [undefined, ''], [undefined, 'NewReplicaSetCreated'], [1, 'NewReplicaSetCreated,MinimumReplicasUnavailable'],
    ])
    c.must({ verb: 'patch', path: `${deployments}/web`, patchType: 'application/merge-patch+json', body: { spec: { template: web(3, 'nginx:1.26').spec.template } } })
    c.settle(10)
    const sets = c.list<ReplicaSet>('/apis/apps/v1/namespaces/default/replicasets')
    expect(sets.map((s) => s.spec.replicas).sort()).toEqual([0, 3])
    const pods = c.list<Pod>('/api/v1/namespaces/default/pods')
    expect(pods.map((p) => p.spec.containers[0]?.image)).toEqual(['nginx:1.26', 'nginx:1.26', 'nginx:1.26'])
    const events = c.kubeEvents().filter((e) => e.startsWith('Deployment/web')).map((e) => e.replace(/web-\w+ /, 'RS '))
    expect(events).toEqual([
      'Deployment/web Normal ScalingReplicaSet Scaled up replica set RS from 0 to 3',
      'Deployment/web Normal ScalingReplicaSet Scaled up replica set RS from 0 to 1',
      'Deployment/web Normal ScalingReplicaSet Scaled down replica set RS from 3 to 2',
      'Deployment/web Normal ScalingReplicaSet Scaled up replica set RS from 1 to 2',
      'Deployment/web Normal ScalingReplicaSet Scaled down replica set RS from 2 to 1',
      'Deployment/web Normal ScalingReplicaSet Scaled up replica set RS from 2 to 3',
      'Deployment/web Normal ScalingReplicaSet Scaled down replica set RS from 1 to 0',
    ])
    c.must({ verb: 'patch', path: `${deployments}/web`, patchType: 'application/merge-patch+json', body: { spec: { replicas: 1 } } })
    c.settle()
    expect(c.list('/api/v1/namespaces/default/pods')).toHaveLength(1)
    c.must({ verb: 'delete', path: `${deployments}/web`, body: { propagationPolicy: 'Background' } })
    c.settle()
    expect(c.list('/api/v1/namespaces/default/pods')).toHaveLength(0)
    expect(c.list('/apis/apps/v1/namespaces/default/replicasets')).toHaveLength(0)
  })

  test('a Service gets its slices', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: '/api/v1/namespaces/default/services', body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } } })
    c.run(SECOND)
    const slices = () => c.list<EndpointSlice>('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices').filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === 'web')
    expect(slices().map((s) => [s.endpoints?.length ?? 0, s.ports?.length ?? 0])).toEqual([[0, 0]])
    c.must({ verb: 'create', path: deployments, body: web(2) })
    c.settle()
    c.run(3 * SECOND)
    expect(slices()).toHaveLength(1)
    expect(slices()[0]?.endpoints?.map((e) => e.conditions)).toEqual([{ ready: true, serving: true, terminating: false }, { ready: true, serving: true, terminating: false }])
    const endpoints = c.must({ verb: 'get', path: '/api/v1/namespaces/default/endpoints/web' }) as unknown as { subsets: { addresses: unknown[]; ports: unknown[] }[] }
    expect(endpoints.subsets[0]?.addresses).toHaveLength(2)
    expect(endpoints.subsets[0]?.ports).toEqual([{ port: 80, protocol: 'TCP' }])
  })
})
