import { describe, expect, test } from 'vitest'
import type { Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import { Terminal } from '../cluster/terminal.testing'

type Shown = Pod & KubeObject
const get = (t: Terminal, name = 'p') => t.object<Shown>('pods', 'default', name) as Shown
const of = (t: Terminal, name = 'p') => (get(t, name).status?.containerStatuses ?? [])[0] as NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]
const conditions = (t: Terminal, name = 'p') => (get(t, name).status?.conditions ?? []).filter((c) => c.type.startsWith('PodResize'))
const pod = (name: string, requests: string, limits = requests, more = '', spec = 'nodeName: node-1, ') => `apiVersion: v1
kind: Pod
metadata: {name: ${name}}
spec: {${spec}containers: [{name: c, image: nginx:1.25, resources: {requests: {${requests}}, limits: {${limits}}}${more}}]}
`
const resize = (t: Terminal, resources: object, name = 'p') => t.type(`kubectl patch pod ${name} --subresource resize -p '${JSON.stringify({ spec: { containers: [{ name: 'c', resources }] } })}'`)

function running(requests = 'cpu: 500m, memory: 100Mi', limits = requests, more = ''): Terminal {
  const t = new Terminal()
  t.type('kubectl apply -f -', pod('p', requests, limits, more))
  t.run(15)
  return t
}

describe('a pod that runs', () => {
  test('gets other resources without a restart', () => {
    const t = running()
    const before = of(t)
    expect(before.resources).toEqual({ limits: { cpu: '500m', memory: '100Mi' }, requests: { cpu: '500m', memory: '100Mi' } })
    expect(resize(t, { requests: { cpu: '800m' }, limits: { cpu: '800m' } })).toBe('pod/p patched\n')
    expect(get(t).metadata.generation).toBe(2)
    t.run(5)
    expect(of(t)).toMatchObject({ restartCount: 0, containerID: before.containerID, allocatedResources: { cpu: '800m', memory: '100Mi' }, resources: { limits: { cpu: '800m', memory: '100Mi' }, requests: { cpu: '800m', memory: '100Mi' } } })
    expect(get(t).status).toMatchObject({ observedGeneration: 2, qosClass: 'Guaranteed' })
    expect(conditions(t)).toEqual([])
    expect(t.events('p')).toContain('ResizeStarted: Pod resize started: {"containers":[{"name":"c","resources":{"limits":{"cpu":"800m","memory":"100Mi"},"requests":{"cpu":"800m","memory":"100Mi"}}}],"generation":2}')
    expect(t.events('p').some((e) => e.startsWith('ResizeCompleted: Pod resize completed: {"containers"'))).toBe(true)
  })

  test('may hold the memory of its new limit, and is killed at the old one no more', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', pod('p', 'memory: 50Mi', 'memory: 60Mi', ', command: [sh, -c, "sleep 30; stress --vm 1 --vm-bytes 100M"]').replace('nginx:1.25', 'polinux/stress'))
    t.run(15)
    resize(t, { limits: { memory: '200Mi' } })
    t.run(60)
    expect(of(t)).toMatchObject({ restartCount: 0, state: { running: {} } })
  })

  test('is restarted for what its policy says', () => {
    const t = running('cpu: 500m, memory: 100Mi', undefined, ', resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}]')
    resize(t, { requests: { cpu: '600m' }, limits: { cpu: '600m' } })
    t.run(8)
    expect(of(t)).toMatchObject({ restartCount: 0, resources: { limits: { cpu: '600m' } } })
    resize(t, { requests: { memory: '150Mi' }, limits: { memory: '150Mi' } })
    t.run(25)
    expect(of(t)).toMatchObject({ restartCount: 1, state: { running: {} }, resources: { limits: { cpu: '600m', memory: '150Mi' } } })
    expect(t.events('p')).toContain('Killing: Container c resize requires restart, will be restarted')
    expect(conditions(t)).toEqual([])
  })

  test('keeps what it has when its node can never give it more, and says so', () => {
    const t = running()
    resize(t, { requests: { cpu: '64' }, limits: { cpu: '64' } })
    t.run(5)
    expect(get(t).spec.containers[0]?.resources?.requests?.cpu).toBe('64')
    expect(of(t).resources?.requests?.cpu).toBe('500m')
    expect(conditions(t)).toMatchObject([{ type: 'PodResizePending', status: 'True', reason: 'Infeasible', message: "Node didn't have enough capacity: cpu, requested: 64000, capacity: 2000", observedGeneration: 2 }])
    expect(t.events('p').join('\n')).toContain('ResizeInfeasible: Pod resize Infeasible: {"containers":[{"name":"c","resources":{"limits":{"cpu":"64","memory":"100Mi"},"requests":{"cpu":"64","memory":"100Mi"}}}],"generation":2,"error":"Node didn\'t have enough capacity: cpu, requested: 64000, capacity: 2000"}')
    resize(t, { requests: { cpu: '500m' }, limits: { cpu: '500m' } })
    t.run(5)
    expect(conditions(t)).toEqual([])
  })

  test('waits for room that others take, and gets it when they go', () => {
    const t = running()
    t.type('kubectl apply -f -', pod('other', 'cpu: "1"'))
    t.run(10)
    resize(t, { requests: { cpu: '1200m' }, limits: { cpu: '1200m' } })
    t.run(5)
    expect(conditions(t)).toMatchObject([{ type: 'PodResizePending', reason: 'Deferred', message: expect.stringMatching(/^Node didn't have enough resource: cpu, requested: 1200, used: 1\d{3}, capacity: 2000$/) }])
    expect(of(t).resources?.requests?.cpu).toBe('500m')
    // The scheduler counts what is wanted.
    t.type('kubectl apply -f -', pod('third', 'cpu: 300m', undefined, '', 'nodeSelector: {kubernetes.io/hostname: node-1}, '))
    t.run(5)
    expect(t.events('third').join()).toContain('Insufficient cpu')
    t.type('kubectl delete pod other third')
    t.run(10)
    expect(of(t).resources?.requests?.cpu).toBe('1200m')
    expect(conditions(t)).toEqual([])
  })

  test('shows what it has while its memory cannot be cut', () => {
    const t = new Terminal()
    t.type('kubectl apply -f -', pod('p', 'memory: 50Mi', 'memory: 300Mi', ', command: [sh, -c, "stress --vm 1 --vm-bytes 150M"]').replace('nginx:1.25', 'polinux/stress'))
    t.run(20)
    resize(t, { limits: { memory: '100Mi' } })
    t.run(15)
    expect(conditions(t)).toMatchObject([{ type: 'PodResizeInProgress', status: 'True', reason: 'Error', message: expect.stringContaining('below current usage') }])
    expect(of(t)).toMatchObject({ restartCount: 0, resources: { limits: { memory: '300Mi' } } })
  })

  test('goes on with it after a restart of its kubelet', () => {
    const t = running()
    resize(t, { requests: { cpu: '64' }, limits: { cpu: '64' } })
    t.run(5)
    t.fault({ kind: 'kubelet-stop', node: 'node-1' }).run(2).fault({ kind: 'kubelet-start', node: 'node-1' }).run(40)
    expect(of(t)).toMatchObject({ restartCount: 0, resources: { requests: { cpu: '500m' } } })
    expect(conditions(t)).toMatchObject([{ type: 'PodResizePending', reason: 'Infeasible' }])
    expect(t.events('p').join()).not.toContain('OutOfcpu')
  })
})

describe('a resize', () => {
  const t = running('cpu: 100m, memory: 100Mi', 'memory: 200Mi')
  const cases: readonly (readonly [string, object, string])[] = [
    ['of the class', { requests: { cpu: '500m', memory: '200Mi' }, limits: { cpu: '500m' } }, 'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'],
    ['that takes a request away', { requests: { cpu: null } }, 'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed'],
    ['that takes a limit away', { limits: { memory: null } }, 'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed'],
    ['of other resources', { limits: { 'ephemeral-storage': '1Gi' } }, 'spec: Forbidden: only cpu and memory resources are mutable'],
    ['above its limit', { requests: { memory: '300Mi' } }, 'must be less than or equal to memory limit of 200Mi'],
  ]
  for (const [what, resources, says] of cases) test(`${what} is refused`, () => expect(resize(t, resources)).toContain(says))

  test('is judged by the limits of its namespace', () => {
    t.type('kubectl apply -f -', 'apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec: {limits: [{type: Container, max: {memory: 400Mi}}]}\n')
    expect(resize(t, { limits: { memory: '500Mi' } })).toContain('maximum memory usage per Container is 400Mi, but limit is 500Mi')
    t.type('kubectl delete limitrange l')
  })

  test('is not to be had by an ordinary update', () => {
    expect(t.type(`kubectl patch pod p -p '{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"200m"}}}]}}'`)).toContain('pod updates may not change fields other than')
  })

  test('changes nothing else', () => {
    expect(t.type(`kubectl patch pod p --subresource resize -p '{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"httpd","resources":{"requests":{"cpu":"200m"}}}]}}'`)).toBe('pod/p patched\n')
    expect(get(t).metadata.labels?.a).toBeUndefined()
    expect(get(t).spec.containers[0]).toMatchObject({ image: 'nginx:1.25', resources: { requests: { cpu: '200m' } } })
  })
})
