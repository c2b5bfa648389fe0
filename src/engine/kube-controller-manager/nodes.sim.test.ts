import { describe, expect, test } from 'vitest'
import type { DaemonSet, Namespace, Pod } from '../api'
import { SECOND } from '../sim'
import { TestCluster } from './testing'

const apps = '/apis/apps/v1/namespaces/default'
const template = (app: string) => ({ metadata: { labels: { app } }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] } })
const selector = (app: string) => ({ matchLabels: { app } })
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'

/** Renews the leases of some nodes for a while, as their kubelets would. */
function renew(c: TestCluster, nodes: readonly string[], seconds: number): void {
  for (let s = 0; s < seconds; s += 10) {
    for (const name of nodes) {
      const renewTime = new Date((c.sim.state.epoch + c.sim.now) / 1000).toISOString().replace('Z', '000Z')
      const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace: 'kube-node-lease' }, spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime } }
      if (c.do({ verb: 'create', path: leases, body: lease }).code === 409) c.must({ verb: 'update', path: `${leases}/${name}`, body: lease })
    }
    c.run(10 * SECOND)
  }
}

describe('nodes', () => {
  test('each gets a podCIDR of its own', () => {
    const c = new TestCluster()
    expect(c.nodes().map((n) => n.spec?.podCIDR).sort()).toEqual(['10.244.1.0/24', '10.244.2.0/24', '10.244.3.0/24'])
  })

  test('a DaemonSet runs on all of them and is replaced one by one', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: `${apps}/daemonsets`, body: { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'ds', namespace: 'default' }, spec: { selector: selector('ds'), template: template('ds') } } })
    c.settle()
    const get = () => c.must({ verb: 'get', path: `${apps}/daemonsets/ds` }) as DaemonSet
    expect(get().status).toMatchObject({ desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 3, updatedNumberScheduled: 3, numberAvailable: 3, numberMisscheduled: 0, observedGeneration: 1 })
    c.must({ verb: 'patch', path: `${apps}/daemonsets/ds`, patchType: 'application/strategic-merge-patch+json', body: { spec: { template: { spec: { containers: [{ name: 'c', image: 'nginx:1.26' }] } } } } })
    c.settle(12)
    expect(c.list<Pod>('/api/v1/pods').map((p) => p.spec.containers[0]?.image)).toEqual(['nginx:1.26', 'nginx:1.26', 'nginx:1.26'])
    expect(c.list(`${apps}/controllerrevisions`)).toHaveLength(2)
  })

  test('a silent node is Unknown after 50 s, and its pods are evicted 300 s later', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: `${apps}/deployments`, body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 3, selector: selector('web'), template: template('web') } } })
    c.must({ verb: 'create', path: `${apps}/daemonsets`, body: { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'ds', namespace: 'default' }, spec: { selector: selector('ds'), template: template('ds') } } })
    c.settle()
    renew(c, ['node-1', 'node-2', 'node-3'], 10)
    renew(c, ['node-1', 'node-2'], 60)
    const node = c.nodes().find((n) => n.metadata.name === 'node-3')
    expect(node?.status?.conditions?.find((x) => x.type === 'Ready')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' })
    expect(node?.spec?.taints?.map((t) => `${t.key}:${t.effect}`)).toEqual(['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'])
    const there = c.list<Pod>('/api/v1/pods').filter((p) => p.spec.nodeName === 'node-3')
    expect(there.map((p) => p.status?.conditions?.find((x) => x.type === 'Ready')?.status)).toEqual(['False', 'False'])
    expect(c.kubeEvents().filter((e) => e.includes('NodeNotReady'))).toHaveLength(3)
    renew(c, ['node-1', 'node-2'], 310)
    const evicted = c.list<Pod>('/api/v1/pods').filter((p) => p.metadata.deletionTimestamp !== undefined)
    expect(evicted).toHaveLength(1)
    expect(evicted[0]?.metadata.labels?.app).toBe('web')
    expect(evicted[0]?.status?.conditions?.find((x) => x.type === 'DisruptionTarget')?.reason).toBe('DeletionByTaintManager')
    expect(c.kubeEvents()).toContain(`Pod/${evicted[0]?.metadata.name} Normal TaintManagerEviction Marking for deletion Pod default/${evicted[0]?.metadata.name}`)
    expect(c.list<Pod>('/api/v1/pods').filter((p) => p.metadata.labels?.app === 'web')).toHaveLength(4)
  })
})

describe('collecting garbage', () => {
  const make = (c: TestCluster) => {
    c.must({ verb: 'create', path: `${apps}/deployments`, body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 2, selector: selector('web'), template: template('web') } } })
    c.settle()
  }
  const left = (c: TestCluster) => [c.list(`${apps}/deployments`).length, c.list(`${apps}/replicasets`).length, c.list('/api/v1/pods').length]

  test('foreground deletion takes the dependents first', () => {
    const c = new TestCluster()
    make(c)
    c.must({ verb: 'delete', path: `${apps}/deployments/web`, body: { propagationPolicy: 'Foreground' } })
    c.run(SECOND / 2)
    expect(left(c)).toEqual([1, 1, 2])
    c.settle()
    expect(left(c)).toEqual([0, 0, 0])
  })

  test('orphans stay, without their owner', () => {
    const c = new TestCluster()
    make(c)
    c.must({ verb: 'delete', path: `${apps}/deployments/web`, body: { propagationPolicy: 'Orphan' } })
    c.settle()
    expect(left(c)).toEqual([0, 1, 2])
    expect(c.list(`${apps}/replicasets`)[0]?.metadata.ownerReferences).toBeUndefined()
  })

  test('a namespace is emptied and goes', () => {
    const c = new TestCluster()
    c.must({ verb: 'create', path: '/api/v1/namespaces', body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } } })
    c.run(SECOND)
    expect(c.list('/api/v1/namespaces/x/serviceaccounts').map((o) => o.metadata.name)).toEqual(['default'])
    expect(c.list('/api/v1/namespaces/x/configmaps').map((o) => o.metadata.name)).toEqual(['kube-root-ca.crt'])
    c.must({ verb: 'create', path: '/apis/apps/v1/namespaces/x/deployments', body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'x' }, spec: { replicas: 2, selector: selector('web'), template: template('web') } } })
    c.settle()
    c.must({ verb: 'delete', path: '/api/v1/namespaces/x' })
    c.run(4 * SECOND)
    expect(c.list('/api/v1/namespaces/x/pods').some((p) => p.metadata.deletionTimestamp)).toBe(false)
    c.run(2 * SECOND)
    expect(c.list('/api/v1/namespaces/x/pods').every((p) => p.metadata.deletionTimestamp)).toBe(true)
    expect((c.must({ verb: 'get', path: '/api/v1/namespaces/x' }) as Namespace).status?.conditions?.map((x) => `${x.type}=${x.status}`)).toEqual([
      'NamespaceDeletionDiscoveryFailure=False', 'NamespaceDeletionGroupVersionParsingFailure=False', 'NamespaceDeletionContentFailure=False', 'NamespaceContentRemaining=False', 'NamespaceFinalizersRemaining=False',
    ])
    c.settle()
    c.run(6 * SECOND)
    expect(c.do({ verb: 'get', path: '/api/v1/namespaces/x' }).code).toBe(404)
  })
})
