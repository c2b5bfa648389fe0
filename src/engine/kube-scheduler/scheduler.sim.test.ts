import { describe, expect, it } from 'vitest'
import { SchedulerWorld, aNode, aPod } from './fake-apiserver.testing'
import { decisionOf } from './scheduler'

function world(nodes = 3): SchedulerWorld {
  const w = new SchedulerWorld()
  for (let i = 1; i <= nodes; i++) w.put('nodes', aNode(i))
  w.run(1)
  return w
}

const notHelpful = 'no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.'

describe('the scheduler', () => {
  it('binds a pod, says so, and remembers each node\'s results', () => {
    const w = world()
    w.put('pods', aPod('a', {}, { requests: { cpu: '100m' } }))
    w.run(0.1)
    const node = w.nodeOf('a') as string
    expect(node).toMatch(/^node-[123]$/)
    expect(w.events('a')).toEqual([`Scheduled: Successfully assigned default/a to ${node}`])
    const d = decisionOf(w.scheduler, 'default', 'a')
    expect(d?.node).toBe(node)
    expect(d?.nodes.map((n) => n.name).sort()).toEqual(['node-1', 'node-2', 'node-3'])
    const chosen = d?.nodes.find((n) => n.name === node)
    expect(chosen?.scores.TaintToleration).toEqual({ raw: 0, normalized: 100, weighted: 300 })
    expect(chosen?.total).toBe(Object.values(chosen?.scores ?? {}).reduce((sum, s) => sum + s.weighted, 0))
    expect(w.scheduler.cache.podCounts).toEqual({ pods: 1, assumed: 0 })
  })

  it('says why no node fits, in the condition and in an event, and tries again when a node gets the label', () => {
    const w = world()
    w.put('pods', aPod('sel', { nodeSelector: { disk: 'ssd' } }))
    w.put('pods', aPod('big', {}, { requests: { cpu: '8', memory: '64Gi' } }))
    w.run(0.5)
    expect(w.events('sel')).toEqual([`FailedScheduling: 0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector. ${notHelpful}`])
    expect(w.events('big')).toEqual([`FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu, 3 Insufficient memory. ${notHelpful}`])
    const pod = w.get<{ status: { conditions: { type: string; status: string; reason: string }[] } }>('pods', 'default', 'sel')
    expect(pod?.status.conditions).toMatchObject([{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }])
    expect(w.scheduler.queue.lengths).toEqual({ active: 0, backoff: 0, unschedulable: 2 })
    w.put('nodes', aNode(2, { labels: { disk: 'ssd' } }))
    w.run(0.5)
    expect(w.nodeOf('sel')).toBe('node-2')
    expect(w.events('big')).toHaveLength(1)
  })

  it('keeps gated pods out until their gates are gone, and leaves pods of other schedulers alone', () => {
    const w = world()
    w.put('pods', aPod('gate', { schedulingGates: [{ name: 'example.com/foo' }] }))
    w.put('pods', aPod('other', { schedulerName: 'my-scheduler' }))
    w.run(400)
    expect([w.nodeOf('gate'), w.nodeOf('other'), w.events('gate'), w.events('other')]).toEqual([undefined, undefined, [], []])
    w.put('pods', aPod('gate'))
    w.run(0.1)
    expect(w.nodeOf('gate')).toBeDefined()
  })

  it('writes repeated failures as a series: a second event, since the pod changed, then its count', () => {
    const w = world()
    w.put('pods', aPod('big', {}, { requests: { cpu: '8' } }))
    w.run(0.5)
    for (let i = 0; i < 3; i++) {
      w.put('pods', aPod(`x${i}`, { nodeName: 'node-1' }))
      w.run(0.2)
      w.delete('pods', 'default', `x${i}`)
      w.run(3)
    }
    expect(w.events('big').map((e) => e.slice(-5))).toEqual(['ling.', '(x2)'].map((t) => expect.stringContaining(t)))
  })

  it('spreads replicas of a service over the nodes', () => {
    const w = world()
    w.put('services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 's', namespace: 'default' }, spec: { selector: { app: 'a' } } })
    w.run(0.1)
    for (let i = 0; i < 6; i++) w.put('pods', aPod(`p${i}`, {}, { labels: { app: 'a' } }))
    w.run(1)
    const counts = new Map<string, number>()
    for (let i = 0; i < 6; i++) counts.set(w.nodeOf(`p${i}`) as string, (counts.get(w.nodeOf(`p${i}`) as string) ?? 0) + 1)
    expect([...counts.values()]).toEqual([2, 2, 2])
  })

  it('preempts the least important pod, and takes its place as soon as it is gone', () => {
    const w = world()
    for (let i = 0; i < 3; i++) w.put('pods', aPod(`low${i}`, { priority: i === 1 ? 50 : 100 }, { requests: { cpu: '600m' } }))
    w.run(1)
    w.put('pods', aPod('nop', { priority: 1000, preemptionPolicy: 'Never' }, { requests: { cpu: '800m' } }))
    w.run(1)
    expect(w.events('nop')).toEqual(['FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.'])
    w.put('pods', aPod('high', { priority: 1000 }, { requests: { cpu: '800m' } }))
    w.run(1)
    const node = w.nodeOf('low1') as string
    expect(w.events('high')).toEqual(['FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu.'])
    expect(w.events('low1')[1]).toBe(`Preempted: Preempted by pod uid-default/high on node ${node}`)
    expect(w.get('pods', 'default', 'high')).toMatchObject({ status: { nominatedNodeName: node } })
    w.delete('pods', 'default', 'low1')
    w.run(0.2)
    expect([w.nodeOf('high'), w.nodeOf('nop')]).toEqual([node, undefined])
  })

  it('schedules higher priority first, and gives a pod back when its binding fails', () => {
    const w = world(1)
    w.put('pods', aPod('low', { priority: 1 }, { requests: { cpu: '800m' } }))
    w.put('pods', aPod('high', { priority: 10 }, { requests: { cpu: '800m' } }))
    w.run(0.5)
    expect([w.nodeOf('low'), w.nodeOf('high')]).toEqual([undefined, 'node-1'])
  })

  it('says what is wrong with a pod\'s claims', () => {
    const w = world()
    const pod = (name: string, claim: string) => aPod(name, { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: claim } }] })
    w.put('storageclasses', { metadata: { name: 'wffc' }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' })
    w.put('persistentvolumeclaims', { metadata: { name: 'imm', namespace: 'default' }, spec: { storageClassName: '' } })
    w.put('persistentvolumeclaims', { metadata: { name: 'wait', namespace: 'default' }, spec: { storageClassName: 'wffc', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } })
    w.run(0.1)
    for (const c of ['nopvc', 'imm', 'wait']) w.put('pods', pod(c, c))
    w.run(0.5)
    expect(w.events('nopvc')).toEqual(['FailedScheduling: 0/3 nodes are available: persistentvolumeclaim "nopvc" not found. not found'])
    expect(w.events('imm')).toEqual(['FailedScheduling: 0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found'])
    expect(w.events('wait')).toEqual([`FailedScheduling: 0/3 nodes are available: 3 node(s) didn't find available persistent volumes to bind. ${notHelpful}`])

    // A volume that one node can reach: the scheduler promises it to the claim, waits for the binding, and binds the pod there.
    const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['node-2'] }] }]
    w.put('persistentvolumes', { metadata: { name: 'pv' }, spec: { storageClassName: 'wffc', accessModes: ['ReadWriteOnce'], capacity: { storage: '2Gi' }, nodeAffinity: { required: { nodeSelectorTerms: terms } } }, status: { phase: 'Available' } })
    w.run(2)
    expect(w.get('persistentvolumes', '', 'pv')).toMatchObject({ spec: { claimRef: { name: 'wait', namespace: 'default' } } })
    expect(w.nodeOf('wait')).toBeUndefined()
    w.put('persistentvolumeclaims', { metadata: { name: 'wait', namespace: 'default', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }, spec: { storageClassName: 'wffc', volumeName: 'pv' } })
    w.run(0.2)
    expect(w.nodeOf('wait')).toBe('node-2')
  })

  it('takes a crash: a new scheduler fills its caches, waits for the lease, and goes on', () => {
    const w = world()
    w.put('pods', aPod('a'))
    w.run(0.2)
    w.sim.act(0, (ctx) => ctx.kill('kube-scheduler'))
    w.put('pods', aPod('b'))
    w.run(5)
    expect(w.nodeOf('b')).toBeUndefined()
    w.sim.act(0, (ctx) => ctx.spawn('kube-scheduler', 'kube-scheduler', 'control-plane', {}))
    w.run(20)
    expect(w.nodeOf('b')).toBeDefined()
    expect(w.scheduler.cache.podCounts).toEqual({ pods: 2, assumed: 0 })
  })

  it('goes the same way from a checkpoint, and for any size of slice', () => {
    const run = (slices: number, restore: boolean): string => {
      const w = world()
      for (let i = 0; i < 30; i++) w.put('pods', aPod(`p${i}`, {}, { requests: { cpu: '250m' } }))
      // Bindings are on their way at this moment.
      w.run(0.02)
      expect(w.scheduler.bindings.size + w.scheduler.queue.lengths.active).toBeGreaterThan(0)
      if (restore) w.sim.restore(w.sim.checkpoint())
      for (let i = 0; i < slices; i++) w.run(12 / slices)
      return w.sim.stateHash() + w.sim.traceHash()
    }
    const one = run(1, false)
    expect([run(24, false), run(3, true)]).toEqual([one, one])
  })
})
