import type { StepRow } from '../../../bridge/protocol'
import { describe, expect, it } from 'vitest'
import { causesOf, withSilence, type CauseRecord } from './causes'

const pod = { resource: 'pods', namespace: 'default', name: 'web-1' }
let id = 100
const record = (kind: string, actor: string, what: string, more: Partial<CauseRecord> = {}): CauseRecord => ({ id: id--, at: id * 1000, kind, actor, what, ...more })

describe('causes', () => {
  it('makes one card of a request, its handling and the controller that sent it', () => {
    const causes = causesOf([
      record('handled', 'kube-apiserver', 'POST', { object: pod, revision: 12 }),
      record('request', 'kube-controller-manager', 'create', { object: pod }),
      record('reconcile', 'kube-controller-manager', 'replicaset', { object: { ...pod, resource: 'replicasets', name: 'web' } }),
      record('watch', 'kube-controller-manager', 'ADDED', { object: { ...pod, resource: 'replicasets', name: 'web' }, revision: 11 }),
      record('handled', 'kube-apiserver', 'POST', { object: { ...pod, resource: 'deployments', name: 'web' }, revision: 10 }),
      record('request', 'kubectl/1', 'create', { object: { ...pod, resource: 'deployments', name: 'web' } }),
      record('input', 'you', 'kubectl', { detail: { line: 'kubectl create deployment web --image=nginx' } }),
    ])
    expect(causes.map(({ title }) => title)).toEqual([
      'replicaset controller creates pod web-1', 'kube-controller-manager is told: ADDED replicaset web', 'kubectl creates deployment web', 'You ran kubectl create deployment web --image=nginx',
    ])
    expect(causes[0]?.note).toBe('POST pods, rev 12')
    expect(causes[0]?.records).toHaveLength(3)
  })

  it('leaves nothing out of a chain that it does not know', () => {
    expect(causesOf([record('timer', 'kubelet@node-1', 'probe'), record('fault', 'node-1', 'node-down', { object: { resource: 'nodes', namespace: '', name: 'node-1' } })]).map(({ title }) => title)).toEqual(['kubelet on node-1: a wait is over', 'node node-1: node-down'])
  })
})

it('what made a node silent is told before what came of it', () => {
  const causes = [{ id: 9, at: 50_000_000, title: 'nodelifecycle controller changes node node-1', note: '', records: [9] }, { id: 2, at: -5, title: 'set-up', note: '', records: [2] }]
  const step = { n: 1, at: 1_000_000, kind: 'fault', verb: 'node-down', failed: false, caption: 'node-1 loses power', object: { resource: 'nodes', namespace: '', name: 'node-1' }, record: 4 } as StepRow
  const titles = (name: string, steps: readonly StepRow[]) => withSilence(causes, { resource: 'nodes', name }, steps).map(({ title }) => title)
  expect(titles('node-1', [step])).toEqual(['nodelifecycle controller changes node node-1', 'node-1 loses power'])
  expect(titles('node-2', [step])).toHaveLength(2)
  expect(titles('node-1', [step, { ...step, n: 2, at: 2_000_000, verb: 'node-up' }])[1]).toBe('set-up')
})
