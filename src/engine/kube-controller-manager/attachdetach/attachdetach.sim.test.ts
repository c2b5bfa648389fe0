import { expect, test } from 'vitest'
import type { Node, VolumeAttachment } from '../../api'
import { MINUTE, SECOND } from '../../sim'
import { TestCluster } from '../testing'

const storage = '/apis/storage.k8s.io/v1'
const pod = (name: string, node: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec: { nodeName: node, containers: [{ name: 'c', image: 'nginx' }], volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] } })

function cluster(): TestCluster {
  const c = new TestCluster({ disabled: ['nodelifecycle', 'tainteviction', 'podgc'] })
  c.must({ verb: 'create', path: '/api/v1/persistentvolumes', body: { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'pv' }, spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'x', csi: { driver: 'ebs.csi.aws.com', volumeHandle: 'vol-1' } } } })
  c.must({ verb: 'create', path: '/api/v1/namespaces/default/persistentvolumeclaims', body: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c', namespace: 'default' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'x', resources: { requests: { storage: '1Gi' } } } } })
  c.run(SECOND)
  return c
}
const driver = (c: TestCluster, node: string) => c.must({ verb: 'create', path: `${storage}/csinodes`, body: { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name: node }, spec: { drivers: [{ name: 'ebs.csi.aws.com', nodeID: node }] } } })
const attachments = (c: TestCluster) => c.list<VolumeAttachment>(`${storage}/volumeattachments`)

/** The driver's external attacher. */
function attacher(c: TestCluster): void {
  for (const a of attachments(c)) if (!a.status?.attached) c.must({ verb: 'patch', path: `${storage}/volumeattachments/${a.metadata.name}/status`, patchType: 'application/merge-patch+json', body: { status: { attached: true } } })
  c.run(SECOND)
}
function ready(c: TestCluster, node: string, status: string): void {
  const n = c.must({ verb: 'get', path: `/api/v1/nodes/${node}` }) as Node
  c.must({ verb: 'patch', path: `/api/v1/nodes/${node}/status`, patchType: 'application/merge-patch+json', body: { status: { conditions: n.status?.conditions?.map((x) => (x.type === 'Ready' ? { ...x, status } : x)) } } })
}

test('a volume cannot be attached without its driver', () => {
  const c = cluster()
  c.must({ verb: 'create', path: '/api/v1/namespaces/default/pods', body: pod('a', 'node-1') })
  c.run(2 * SECOND)
  expect(attachments(c)).toEqual([])
  expect(c.kubeEvents()).toContain('Pod/a Warning FailedAttachVolume AttachVolume.Attach failed for volume "pv" : CSINode node-1 does not contain driver ebs.csi.aws.com')
})

test('a volume follows its pod; from a node that is silent only after six minutes', () => {
  const c = cluster()
  for (const n of ['node-1', 'node-2']) driver(c, n)
  c.must({ verb: 'create', path: '/api/v1/namespaces/default/pods', body: pod('a', 'node-1') })
  c.run(SECOND)
  expect(attachments(c).map((a) => [a.spec.nodeName, a.spec.attacher])).toEqual([['node-1', 'ebs.csi.aws.com']])
  attacher(c)
  expect(c.kubeEvents()).toContain('Pod/a Normal SuccessfulAttachVolume AttachVolume.Attach succeeded for volume "pv"')
  expect((c.must({ verb: 'get', path: '/api/v1/nodes/node-1' }) as Node).status?.volumesAttached?.map((v) => v.name)).toEqual(['kubernetes.io/csi/ebs.csi.aws.com^vol-1'])
  ready(c, 'node-1', 'Unknown')
  c.must({ verb: 'create', path: '/api/v1/namespaces/default/pods', body: pod('b', 'node-2') })
  c.run(SECOND)
  expect(c.kubeEvents()).toContain('Pod/b Warning FailedAttachVolume Multi-Attach error for volume "pv" Volume is already used by pod(s) a')
  c.must({ verb: 'delete', path: '/api/v1/namespaces/default/pods/a', body: { gracePeriodSeconds: 0 } })
  c.run(6 * MINUTE - 5 * SECOND)
  expect(attachments(c).map((a) => a.spec.nodeName)).toEqual(['node-1'])
  c.run(10 * SECOND)
  expect(attachments(c).map((a) => a.spec.nodeName)).toEqual(['node-2'])
  // A node that answers gives its volume back at once.
  attacher(c)
  c.must({ verb: 'delete', path: '/api/v1/namespaces/default/pods/b', body: { gracePeriodSeconds: 0 } })
  c.run(SECOND)
  expect(attachments(c)).toEqual([])
})
