import { describe, expect, test } from 'vitest'
import type { Node, Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { Terminal } from '../cluster/terminal.testing'
import { readKubeletConfig } from './kubelet-config'

const config = (lines: string) => `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${lines}`

function told(lines: string): Terminal {
  const t = new Terminal()
  t.fault({ kind: 'host-file', node: 'node-1', path: '/var/lib/kubelet/config.yaml', text: config(lines) })
  t.type('ssh node-1 systemctl restart kubelet')
  return t.run(25)
}
const node = (t: Terminal) => t.object<Node & KubeObject>('nodes', '', 'node-1')?.status
const pod = (name: string, more = '') => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: {nodeName: node-1, containers: [{name: c, image: nginx:1.25${more}}]}\n`
const status = (t: Terminal, name: string) => t.object<Pod & KubeObject>('pods', 'default', name)?.status

describe('the file of a kubelet', () => {
  test('keeps a part of the machine for itself', () => {
    const t = told('kubeReserved: {cpu: 250m, memory: 256Mi}\nsystemReserved: {cpu: 250m, memory: 256Mi}\n')
    expect(node(t)).toMatchObject({ capacity: { cpu: '2', memory: '4Gi' }, allocatable: { cpu: '1500m', memory: '3584Mi' } })
    t.type('kubectl apply -f -', pod('large', ', resources: {requests: {cpu: 1600m}}'))
    t.run(5)
    expect(status(t, 'large')).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu', message: expect.stringMatching(/requested: 1600, used: \d+, capacity: 1500$/) })
  })

  test('says how many pods it takes', () => {
    const t = told('maxPods: 6\n')
    expect(node(t)).toMatchObject({ capacity: { pods: '6' }, allocatable: { pods: '6' } })
    for (let i = 0; i < 8; i++) t.type('kubectl apply -f -', pod(`p${i}`))
    t.run(10)
    expect([...Array(8).keys()].map((i) => status(t, `p${i}`)?.reason).filter((r) => r === 'OutOfpods').length).toBeGreaterThanOrEqual(2)
  })

  test('says when the node is short of something', () => {
    const t = told('evictionHard: {memory.available: 4090Mi}\nevictionPressureTransitionPeriod: 30s\n')
    t.run(20)
    expect(node(t)?.conditions?.find((c) => c.type === 'MemoryPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientMemory' })
  })

  const wrong: readonly (readonly [string, string])[] = [
    ['maxPods: -1', 'invalid configuration: maxPods (--max-pods) -1 must not be a negative number'],
    ['kubeReserved: {cpu: lots}', 'failed to run Kubelet: failed to parse quantity "lots" for "cpu" resource: '],
    ['systemReserved: {gpu: "1"}', 'failed to run Kubelet: cannot reserve "gpu" resource'],
    ['evictionHard: {memory.free: 1Mi}', 'failed to run Kubelet: '],
  ]
  for (const [line, says] of wrong) test(`with ${line} is refused`, () => expect((readKubeletConfig(config(line)) as { error?: string }).error).toContain(says))
})
