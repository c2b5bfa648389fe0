import { describe, expect, test } from 'vitest'
import type { Node, Pod } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { defaultPreset, type ClusterConfig } from '../../cluster'
import { Terminal } from '../../cluster/terminal.testing'

const busybox = (name: string, script: string, more = '', container = '') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec:
  nodeName: node-1
  restartPolicy: Never
  ${more}
  containers: [{name: c, image: busybox:1.36, command: [sh, -c, '${script}']${container}}]
`
type Shown = Pod & KubeObject
const status = (t: Terminal, name: string) => t.object<Shown>('pods', 'default', name)?.status
const condition = (t: Terminal, type: string) => t.object<Node & KubeObject>('nodes', '', 'node-1')?.status?.conditions?.find((c) => c.type === type)
const taints = (t: Terminal) => (t.object<Node & KubeObject>('nodes', '', 'node-1')?.spec?.taints ?? []).map((x) => `${x.key}:${x.effect}`)
const evicted = (t: Terminal, name: string) => t.until(() => status(t, name)?.reason === 'Evicted', 40)

describe('a pod is evicted', () => {
  test('when its emptyDir holds more than its limit', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', busybox('p', 'dd if=/dev/zero of=/cache/f bs=1M count=20; sleep infinity', 'volumes: [{name: cache, emptyDir: {sizeLimit: 10Mi}}]', ', volumeMounts: [{name: cache, mountPath: /cache}]'))
    expect(evicted(t, 'p')).toBe(true)
    expect(status(t, 'p')).toMatchObject({ phase: 'Failed', message: 'Usage of EmptyDir volume "cache" exceeds the limit "10Mi". ' })
    expect(t.events('p')).toContain('Evicted: Usage of EmptyDir volume "cache" exceeds the limit "10Mi". ')
    expect(status(t, 'p')?.conditions?.some((c) => c.type === 'DisruptionTarget')).toBe(false)
  })

  test('when its container writes more than its limit of ephemeral storage', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', busybox('p', 'fallocate -l 100M /big; sleep infinity', '', ', resources: {limits: {ephemeral-storage: 50Mi}}'))
    expect(evicted(t, 'p')).toBe(true)
    expect(status(t, 'p')?.message).toBe('Pod ephemeral local storage usage exceeds the total limit of containers 50Mi. ')
  })

  test('when one of its containers is over its own limit, though the pod is not', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', busybox('p', 'fallocate -l 100M /big; sleep infinity', '', ', resources: {limits: {ephemeral-storage: 50Mi}}').replace(']}]\n', ']}]\n').replace("containers: [", 'containers: [{name: other, image: busybox:1.36, command: [sleep, infinity], resources: {limits: {ephemeral-storage: 1Gi}}}, '))
    expect(evicted(t, 'p')).toBe(true)
    expect(status(t, 'p')?.message).toBe('Container c exceeded its local ephemeral storage limit "50Mi". ')
  })

  test('but not when what it wrote is gone in time, and a volume in memory takes no disk', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', busybox('p', 'fallocate -l 100M /big; rm /big; dd if=/dev/zero of=/mem/f bs=1M count=100; sleep infinity', 'volumes: [{name: m, emptyDir: {medium: Memory}}]', ', volumeMounts: [{name: m, mountPath: /mem}], resources: {limits: {ephemeral-storage: 50Mi}}'))
    expect(evicted(t, 'p')).toBe(false)
    expect(status(t, 'p')?.phase).toBe('Running')
  })
})

describe('a node that runs short', () => {
  test('of disk removes images that nobody uses, and evicts who holds the most above its requests, until there is room', () => {
    const t = new Terminal()
    t.type(`kubectl run once --image=nginx --restart=Never --overrides='{"spec":{"nodeName":"node-1"}}'`)
    t.run(15)
    t.type('kubectl delete pod once')
    const images = () => t.object<Node & KubeObject>('nodes', '', 'node-1')?.status?.images?.flatMap((i) => i.names ?? []) ?? []
    t.run(15)
    expect(images().join()).toContain('library/nginx')
    t.type('kubectl apply -f -', busybox('small', 'fallocate -l 2G /big; sleep infinity'))
    t.type('kubectl apply -f -', busybox('modest', 'fallocate -l 20G /big; sleep infinity', '', ', resources: {requests: {ephemeral-storage: 30Gi}}'))
    t.type('kubectl apply -f -', busybox('large', 'fallocate -l 25G /big; sleep infinity'))
    expect(evicted(t, 'large')).toBe(true)
    expect(status(t, 'large')?.message).toMatch(/^The node was low on resource: ephemeral-storage\. Threshold quantity: \d+, available: \d+(Ki|Mi)?\. Container c was using 25Gi, request is 0, has larger consumption of ephemeral-storage\. $/)
    expect(status(t, 'large')?.conditions?.find((c) => c.type === 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'TerminationByKubelet' })
    expect(t.events('node-1')).toContain('EvictionThresholdMet: Attempting to reclaim ephemeral-storage')
    t.run(20)
    expect([status(t, 'small')?.phase, status(t, 'modest')?.phase]).toEqual(['Running', 'Running'])
    expect(images().join()).not.toContain('library/nginx')
    expect(condition(t, 'DiskPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' })
    expect(t.events('node-1')).toContain('NodeHasDiskPressure: Node node-1 status is now: NodeHasDiskPressure')
    expect(taints(t)).toContain('node.kubernetes.io/disk-pressure:NoSchedule')
    t.type('kubectl apply -f -', busybox('late', 'sleep infinity'))
    t.run(5)
    expect(status(t, 'late')).toMatchObject({ phase: 'Failed', reason: 'Evicted', message: 'Pod was rejected: The node had condition: [DiskPressure]. ' })
    t.run(320)
    expect(condition(t, 'DiskPressure')).toMatchObject({ status: 'False', reason: 'KubeletHasNoDiskPressure' })
    expect(taints(t)).toEqual([])
  })

  test('of a full disk tells its programs, and df shows it', () => {
    const t = new Terminal({ ...defaultPreset(5), eviction: { hard: { 'memory.available': '100Mi' } } })
    t.type('kubectl apply -f -', busybox('p', 'dd if=/dev/zero of=/f bs=1M; echo status $?; df'))
    t.run(130)
    const log = t.type('kubectl logs p')
    expect(log).toContain("dd: error writing '/f': No space left on device")
    expect(log).toMatch(/status 1\n.*\noverlay +61202244 +\d+ +0 100% \/\n/)
  })

  test('of processes evicts who has the most, where it is told to watch them', () => {
    const config: ClusterConfig = { ...defaultPreset(5), eviction: { hard: { 'pid.available': '32400' }, pressureTransitionSeconds: 30 } }
    const t = new Terminal(config)
    t.type('kubectl apply -f -', busybox('few', 'sleep infinity'))
    t.type('kubectl apply -f -', busybox('many', 'stress --io 300'))
    expect(evicted(t, 'many')).toBe(true)
    expect(status(t, 'many')?.message).toMatch(/^The node was low on resource: pids\. Threshold quantity: 32400, available: 322\d\d\. $/)
    t.run(15)
    expect(condition(t, 'PIDPressure')).toMatchObject({ status: 'True', reason: 'KubeletHasInsufficientPID' })
    expect(taints(t)).toContain('node.kubernetes.io/pid-pressure:NoSchedule')
    expect(status(t, 'few')?.phase).toBe('Running')
    t.run(60)
    expect(condition(t, 'PIDPressure')?.status).toBe('False')
  })

  test('for longer than the grace period of a soft threshold lets a pod end in peace', () => {
    const config: ClusterConfig = { ...defaultPreset(5), eviction: { soft: { 'memory.available': '3Gi' }, softGracePeriod: { 'memory.available': '40s' }, maxPodGracePeriodSeconds: 15 } }
    const t = new Terminal(config)
    t.type('kubectl apply -f -', busybox('hog', 'stress --vm 1 --vm-bytes 1500M'))
    expect(t.until(() => condition(t, 'MemoryPressure')?.status === 'True', 40)).toBe(true)
    expect(status(t, 'hog')?.phase).toBe('Running')
    expect(t.until(() => status(t, 'hog')?.reason === 'Evicted', 80)).toBe(true)
    const killed = status(t, 'hog')?.containerStatuses?.[0]?.state?.terminated
    expect(killed?.exitCode).toBe(137)
  })
})
