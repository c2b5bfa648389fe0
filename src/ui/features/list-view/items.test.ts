import { describe, expect, it } from 'vitest'
import type { NodeRow, PodRow, WorkloadRow } from '../../../bridge/protocol'
import { itemsOf, type ListSource } from './items'

const node = { key: 'node-1', zone: 'a', status: 'Ready', ready: 'True' } as NodeRow
const pod = (name: string, on: string | null, namespace = 'default') => ({ key: name, name, namespace, node: on, status: 'Running', ip: '10.0.0.1' }) as PodRow
const workload = (name: string, owner: string | null) => ({ key: name, name, namespace: 'default', kind: owner ? 'ReplicaSet' : 'Deployment', owner, desired: 1, current: 1, createdAt: 0 }) as WorkloadRow
const pods = [pod('web-1', 'node-1'), pod('dns-1', 'node-1', 'kube-system'), pod('web-2', null)]
const source: ListSource = {
  components: [], nodes: [node], podsOf: (name) => pods.filter((p) => (p.node ?? '') === name), workloads: [workload('web-abc', 'web'), workload('web', null)], services: [],
  objects: [{ key: 'c', resource: 'configmaps', kind: 'ConfigMap', namespace: 'default', name: 'settings', createdAt: 0 }],
}
const all = { namespace: '', find: '', isOpen: () => true }

describe('list items', () => {
  it('puts pods under their node, pods without one in a section, and owned workloads under their owner', () => {
    expect(itemsOf(source, all).map(({ key }) => key)).toEqual([
      'section Nodes', 'node node-1', 'web-1', 'dns-1', 'section Pods without a node', 'web-2', 'section Workloads', 'web', 'web-abc', 'section ConfigMap', 'c',
    ])
  })

  it('filters by namespace and by every word', () => {
    expect(itemsOf(source, { ...all, namespace: 'kube-system' }).filter(({ kind }) => kind === 'pod').map(({ key }) => key)).toEqual(['dns-1'])
    expect(itemsOf(source, { ...all, find: 'web no' }).map(({ key }) => key)).toEqual(['section Nodes', 'node node-1', 'web-1', 'section Pods without a node', 'web-2'])
    expect(itemsOf(source, { ...all, find: 'nosuch' })).toEqual([])
  })

  it('hides the pods of a closed node, but not what was looked for', () => {
    expect(itemsOf(source, { ...all, isOpen: () => false }).some(({ key }) => key === 'web-1')).toBe(false)
    expect(itemsOf(source, { ...all, isOpen: () => false, find: 'web-1' }).some(({ key }) => key === 'web-1')).toBe(true)
  })
})
