import { describe, expect, test } from 'vitest'
import { Recording, aPod, workload } from './recorded.testing'

const phases = (r: Recording): Record<string, string> => Object.fromEntries(r.names('pods').map((n) => [n.replace(/-[a-z0-9]+-[a-z0-9]{5}$/, ''), r.object('pods', n).status.phase]))
const nodesOf = (r: Recording): string[] => r.names('pods').map((n) => r.object('pods', n).spec.nodeName ?? '').sort()

describe('a taint with NoExecute', () => {
  test('evicts pods at once, after their time, or never, as they tolerate it', () => {
    const r = new Recording()
    const on = (name: string, tolerations: object[]) => aPod(name, { nodeName: 'node-1', tolerations })
    r.apply(0.2, on('plain', []), on('ever', [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoExecute' }]), on('five', [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }]))
    r.type(3, 'kubectl taint nodes node-1 k=v:NoExecute')
    r.to(6)
    expect(r.names('pods')).toEqual(['ever', 'five'])
    r.to(11)
    expect(r.names('pods')).toEqual(['ever'])
    expect(r.events('Pod', 'five').at(-2)).toBe('TaintManagerEviction: Marking for deletion Pod g-test/five')
    expect(r.changes.find((c) => c.name === 'five' && c.object.metadata.deletionTimestamp)?.object.status.conditions.find((c: any) => c.type === 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' })
  })

  test('that goes away in time is forgotten', () => {
    const r = new Recording()
    r.apply(0.2, aPod('five', { nodeName: 'node-1', tolerations: [{ key: 'k', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }] }))
    r.type(3, 'kubectl taint nodes node-1 k=v:NoExecute')
    r.type(5, 'kubectl taint nodes node-1 k-')
    r.to(12)
    expect(r.names('pods')).toEqual(['five'])
    expect(r.events('Pod', 'five').at(-1)).toBe('TaintManagerEviction: Cancelling deletion of Pod g-test/five')
  })
})

describe('the scheduler', () => {
  test('names each filter that refused nodes, and whether preemption could help', () => {
    const r = new Recording()
    r.apply(0.2, workload('Deployment', 'sp', { replicas: 3 }, { image: 'nginx:1.25' }, { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'sp' } } }] }))
    r.to(2)
    expect(nodesOf(r)).toEqual(['node-1', 'node-2', 'node-3'])
    r.type(3, 'kubectl cordon node-3')
    r.type(4, 'kubectl scale deploy sp --replicas=6')
    r.to(7)
    const refused = r.changes.filter((c) => c.resource === 'events' && c.object.reason === 'FailedScheduling').map((c) => c.object.message)
    expect(new Set(refused)).toEqual(new Set(['0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn\'t match pod topology spread constraints. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.']))
    r.type(8, 'kubectl uncordon node-3')
    r.to(11)
    expect(nodesOf(r)).toEqual(['node-1', 'node-1', 'node-2', 'node-2', 'node-3', 'node-3'])
  })

  test('keeps hands off a gated pod', () => {
    const r = new Recording()
    r.apply(0.2, aPod('gated', { schedulingGates: [{ name: 'example.com/g' }] }))
    expect(r.type(2, 'kubectl get pod gated --no-headers').stdout).toMatch(/^gated +0\/1 +SchedulingGated +0 +2s\n$/)
    expect(r.events('Pod', 'gated')).toEqual([])
    r.type(4, 'kubectl patch pod gated --type=json -p \'[{"op":"remove","path":"/spec/schedulingGates"}]\'')
    r.to(6)
    expect(phases(r)).toEqual({ gated: 'Running' })
  })

  test('takes a node from pods of less priority, and from nobody when told never to', () => {
    const r = new Recording()
    r.type(0.2, 'kubectl create priorityclass high --value=1000')
    r.type(1.3, 'kubectl create priorityclass low --value=10 --preemption-policy=Never')
    const cpu = (m: string) => ({ image: 'nginx:1.25', resources: { requests: { cpu: m } } })
    r.apply(2.4, workload('Deployment', 'fill', { replicas: 3 }, cpu('700m'), { priorityClassName: 'low' }))
    r.apply(5, aPod('vip', { priorityClassName: 'high' }, cpu('600m')))
    r.to(10)
    const [victim] = r.changes.filter((c) => c.resource === 'events' && c.object.reason === 'Preempted')
    expect(victim?.object.message).toBe(`Preempted by pod ${r.object('pods', 'vip').metadata.uid} on node ${r.object('pods', 'vip').spec.nodeName}`)
    expect(r.story('pods', 'vip', (o) => [o.spec.nodeName, o.status.nominatedNodeName]).slice(0, 3)).toEqual([[undefined, undefined], [undefined, r.object('pods', 'vip').spec.nodeName], [r.object('pods', 'vip').spec.nodeName, undefined]])
    expect(r.events('Pod', 'vip').slice(0, 2)).toEqual(['FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu.', `Scheduled: Successfully assigned g-test/vip to ${r.object('pods', 'vip').spec.nodeName}`])
    r.apply(11, aPod('meek', { priorityClassName: 'low' }, cpu('600m')))
    r.to(13)
    expect(r.events('Pod', 'meek')).toEqual(['FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.'])
  })
})

describe('a budget', () => {
  test('lets drain go on as far as it allows, and stops it where it allows nothing', () => {
    const r = new Recording()
    r.apply(0.3, workload('Deployment', 'web', { replicas: 3 }))
    r.type(1.4, 'kubectl create pdb web --selector=app=web --min-available=2')
    r.to(4)
    expect(r.object('poddisruptionbudgets', 'web').status).toMatchObject({ currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1, expectedPods: 3 })
    const drain = r.type(5, 'kubectl drain node-1 --ignore-daemonsets')
    r.to(10)
    expect([drain.rc, drain.stdout.split('\n')[0], drain.stdout.split('\n').at(-2)]).toEqual([0, 'node/node-1 cordoned', 'node/node-1 drained'])
    r.type(11, 'kubectl patch pdb web --type=merge -p \'{"spec":{"minAvailable":3}}\'')
    const stuck = r.type(13, 'kubectl drain node-2 --ignore-daemonsets --timeout=4s')
    r.to(30)
    expect(stuck.rc).toBe(1)
    expect(stuck.stderr).toMatch(/error when evicting pods\/"web-[a-z0-9-]+" -n "g-test" \(will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget\./)
    expect(r.names('pods')).toHaveLength(3)
  })
})

describe('a service', () => {
  test('prefers endpoints of the same zone when it is told to, by hints', () => {
    const r = new Recording()
    r.apply(0.2, workload('Deployment', 'web', { replicas: 3 }), { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }], trafficDistribution: 'PreferSameZone' } })
    r.to(4)
    const endpoints = () => r.object('endpointslices', r.names('endpointslices')[0] as string).endpoints as any[]
    expect(endpoints()).toHaveLength(3)
    for (const e of endpoints()) expect(e.hints).toEqual({ forZones: [{ name: e.zone }] })
    r.type(5, 'kubectl patch svc web -p \'{"spec":{"trafficDistribution":"PreferSameNode"}}\'')
    for (const e of endpoints()) expect(e.hints).toEqual({ forZones: [{ name: e.zone }], forNodes: [{ name: e.nodeName }] })
    r.type(7, 'kubectl patch svc web --type=json -p \'[{"op":"remove","path":"/spec/trafficDistribution"}]\'')
    for (const e of endpoints()) expect(e.hints).toBeUndefined()
  })

  test('with the topology annotation says why it has no hints, and that it has', () => {
    const r = new Recording()
    r.apply(0.2, workload('Deployment', 'web', { replicas: 2 }), { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
    r.to(3)
    expect(r.events('Service', 'web').at(-1)).toBe('TopologyAwareHintsDisabled: Insufficient number of endpoints (2 endpoints, 3 zones), addressType: IPv4')
    r.type(4, 'kubectl scale deploy web --replicas=3')
    r.to(7)
    expect(r.events('Service', 'web').at(-1)).toBe('TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4')
  })
})
