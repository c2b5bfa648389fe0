import { describe, expect, test } from 'vitest'
import type { Node, Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { Terminal } from '../cluster/terminal.testing'
import { readKubeletConfig } from './kubelet-config'

const path = '/var/lib/kubelet/config.yaml'

const config = (lines: string) => `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${lines}`

/** A machine whose kubelet was told by its file, as one does with an editor and `systemctl restart kubelet`. */
function told(lines: string, node = 'node-1'): Terminal {
  const t = new Terminal()
  t.fault({ kind: 'host-file', node, path, text: config(lines) }).fault({ kind: 'kubelet-stop', node }).run(1)
  return t.fault({ kind: 'kubelet-start', node }).run(15)
}

const pod = (name: string, spec: string, container = 'image: nginx:1.25') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec: {nodeName: node-1, ${spec}containers: [{name: c, ${container}}]}
`
const get = (t: Terminal, name: string, namespace = 'default') => t.object<Pod & KubeObject>('pods', namespace, name)
const ready = (t: Terminal, node = 'node-1') => t.object<Node & KubeObject>('nodes', '', node)?.status?.conditions?.find((c) => c.type === 'Ready')

describe('a machine that is shut down', () => {
  test('ends ordinary pods first, then critical ones, and goes off when they are gone', () => {
    const t = told('shutdownGracePeriod: 40s\nshutdownGracePeriodCriticalPods: 10s\n')
    t.type('kubectl apply -f -', [pod('quick', ''), pod('stubborn', 'terminationGracePeriodSeconds: 12, ', "image: busybox:1.36, command: [sh, -c, 'trap \"\" TERM; sleep 1000']")].join('---\n'))
    t.type('kubectl apply -f -', pod('vital', 'priorityClassName: system-node-critical, ').replace('{name: vital}', '{name: vital, namespace: kube-system}'))
    t.type('kubectl create deployment web --image=nginx:1.25 --replicas=4')
    t.run(15)
    t.fault({ kind: 'node-shutdown', node: 'node-1' }).run(5)
    expect(ready(t)).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' })
    expect(t.events('node-1')).toContain('Shutdown: Shutdown manager detected shutdown event')
    expect(get(t, 'quick')?.status).toMatchObject({ phase: 'Failed', reason: 'Terminated', message: 'Pod was terminated in response to imminent node shutdown.' })
    expect(get(t, 'quick')?.status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }))
    expect(t.type('kubectl get pod quick --no-headers')).toMatch(/quick +0\/1 +(Terminated|Completed|Error)/)
    expect(get(t, 'vital', 'kube-system')?.status?.phase).toBe('Running')
    expect(t.cluster.nodeTruth('node-1').power).toBe(true)
    // The pod's own 12 s hold, not the group's 30.
    t.run(12)
    expect(get(t, 'stubborn')?.status).toMatchObject({ phase: 'Failed', reason: 'Terminated' })
    expect(t.until(() => !t.cluster.nodeTruth('node-1').power, 15)).toBe(true)
    expect(get(t, 'vital', 'kube-system')?.status).toMatchObject({ phase: 'Failed', reason: 'Terminated' })
    t.run(60)
    expect(t.type('kubectl get deployment web --no-headers')).toContain('4/4')
    t.fault({ kind: 'node-up', node: 'node-1' }).run(60)
    expect(ready(t)?.status).toBe('True')
    expect(get(t, 'quick')?.status?.phase).toBe('Failed')
  })

  test('takes no new pod meanwhile', () => {
    const t = told('shutdownGracePeriodByPodPriority:\n- priority: 0\n  shutdownGracePeriodSeconds: 20\n')
    t.type('kubectl apply -f -', pod('stubborn', 'terminationGracePeriodSeconds: 60, ', "image: busybox:1.36, command: [sh, -c, 'trap \"\" TERM; sleep 1000']"))
    t.run(10)
    t.fault({ kind: 'node-shutdown', node: 'node-1' }).run(2)
    t.type('kubectl apply -f -', pod('late', ''))
    t.run(3)
    expect(get(t, 'late')?.status).toMatchObject({ phase: 'Failed', reason: 'NodeShutdown', message: 'Pod was rejected: Pod was rejected as the node is shutting down.' })
    expect(t.events('late')).toContain('NodeShutdown: Pod was rejected as the node is shutting down.')
    // The group's 20 s are over, whatever the pod wants.
    expect(t.until(() => !t.cluster.nodeTruth('node-1').power, 18)).toBe(true)
  })

  test('loses its power at once when its kubelet was not told to wait', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', pod('quick', ''))
    t.run(10)
    t.fault({ kind: 'node-shutdown', node: 'node-1' }).run(1)
    expect(t.cluster.nodeTruth('node-1').power).toBe(false)
    expect(get(t, 'quick')?.status?.phase).toBe('Running')
    expect(t.until(() => ready(t)?.status === 'Unknown', 60)).toBe(true)
  })

  test('comes back with its control plane when it is the one that has it', () => {
    const t = told('shutdownGracePeriod: 30s\nshutdownGracePeriodCriticalPods: 10s\n', 'control-plane')
    t.fault({ kind: 'node-shutdown', node: 'control-plane' })
    expect(t.until(() => !t.cluster.nodeTruth('control-plane').power, 60)).toBe(true)
    t.run(10).fault({ kind: 'node-up', node: 'control-plane' }).run(120)
    for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) expect(get(t, `${name}-control-plane`, 'kube-system')?.status, name).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true }] })
  })
})

test('a file that a kubelet would not start with is told of', () => {
  expect(readKubeletConfig('kind: Pod')).toEqual({ error: 'failed to load kubelet config file' })
  expect(readKubeletConfig(config('shutdownGracePeriod: soon'))).toEqual({ error: 'failed to load kubelet config file' })
  expect(readKubeletConfig(config('shutdownGracePeriod: 10s\nshutdownGracePeriodCriticalPods: 20s'))).toMatchObject({ error: expect.stringContaining('shutdownGracePeriodCriticalPods') })
  expect(readKubeletConfig(config('shutdownGracePeriod: 1m30s'))).toMatchObject({ shutdownGroups: [{ priority: 0, seconds: 90 }, { priority: 2_000_000_000, seconds: 0 }] })
})
