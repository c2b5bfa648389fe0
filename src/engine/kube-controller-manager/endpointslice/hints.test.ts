import { describe, expect, test } from 'vitest'
import { facts } from '../../apimachinery/facts.testing'
import type { Endpoint, EndpointSlice, Node, Pod, Service } from '../../api'
import { hintsEnabled } from './hints'
import { reconcileSlices, type SliceChanges } from './reconcile'
import { TopologyCache } from './topology'

type Case = { case?: string; given: any; expect: any }
const group = (name: string): Case[] => facts<any>('endpoints').groups.find((g: any) => g.test === name).cases

// As in upstream's TestReconcile_TrafficDistribution: one pod on node-0, three on node-1, two on node-2, each node in a zone of its own.
const zones = ['zone-a', 'zone-b', 'zone-c']
const node = (i: number, cpu = '4', zone = zones[i]): Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name: `node-${i}`, labels: zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone } },
  status: { allocatable: { cpu }, conditions: [{ type: 'Ready', status: 'True' }] },
}) as unknown as Node
const pod = (i: number, on: number): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod${i}`, namespace: 'ns1', uid: `uid${i}`, labels: { app: 'a' } }, spec: { nodeName: `node-${on}`, containers: [] },
  status: { phase: 'Running', podIPs: [{ ip: `1.2.3.${4 + i}` }], conditions: [{ type: 'Ready', status: 'True' }] },
}) as unknown as Pod
const pods = [0, 1, 1, 1, 2, 2].map((on, i) => pod(i, on))
const service = (trafficDistribution?: string, mode?: string): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name: 'my-service', namespace: 'ns1', uid: 's', annotations: mode === undefined ? {} : { 'service.kubernetes.io/topology-mode': mode } },
  spec: { clusterIP: '10.0.0.1', ipFamilies: ['IPv4'], selector: { app: 'a' }, ports: [{ port: 80 }], ...(trafficDistribution && { trafficDistribution }) },
}) as unknown as Service

function cache(nodes = [node(0), node(1), node(2)]): TopologyCache {
  const t = new TopologyCache()
  t.setNodes(nodes)
  return t
}

const run = (s: Service, existing: EndpointSlice[] = [], topology = cache(), of = pods): SliceChanges => reconcileSlices(s, of, existing, (name) => node(Number(name.slice(5))), topology)
const endpoints = (c: SliceChanges): Endpoint[] => [...c.create, ...c.update].flatMap((s) => s.endpoints ?? [])
const stored = (c: SliceChanges): EndpointSlice[] => [...c.create, ...c.update].map((s) => ({ ...s, metadata: { ...s.metadata, name: 'my-service-x', uid: 'x' } }))

describe('upstream\'s tables', () => {
  test('which annotations ask for hints', () => {
    for (const c of group('Test_hintsEnabled')) expect(hintsEnabled({ metadata: { annotations: c.given.annotations } } as never), c.case).toBe(c.expect.expectEnabled)
  })

  test('hints by trafficDistribution and by the annotation', () => {
    const cases = group('TestReconcile_TrafficDistribution')
    const judged = cases.filter((c) => c.case !== undefined && (c.given.trafficDistribution === 'PreferClose' || c.given.preferSameFeatureGateEnabled))
    for (const c of judged) {
      const made = endpoints(run(service(c.given.trafficDistribution, c.given.topologyAnnotation)))
      const byZone: Record<string, number> = {}
      for (const e of made) for (const z of e.hints?.forZones ?? [{ name: '' }]) byZone[z.name] = (byZone[z.name] ?? 0) + 1
      expect(byZone, c.case).toEqual(c.expect.wantHintsDistributionByZone)
      expect(made.filter((e) => e.hints?.forZones?.some((z) => z.name !== e.zone)), c.case).toHaveLength(c.expect.wantEndpointsWithCrossZoneHints)
    }
    expect(judged.length).toBeGreaterThan(0)
    // What the other cases recorded are single endpoints as they came out.
    for (const c of cases) {
      if (c.case !== undefined) continue
      const how = c.given.hints === undefined ? undefined : c.given.hints.forNodes ? 'PreferSameNode' : 'PreferClose'
      const [made] = endpoints(run(service(how))).filter((e) => e.targetRef?.name === c.given.targetRef.name)
      const { targetRef, ...rest } = made as Endpoint
      expect({ ...rest, targetRef: { kind: targetRef?.kind, name: targetRef?.name, namespace: targetRef?.namespace } }).toEqual(c.given)
    }
  })
})

describe('hints', () => {
  test('that are right are not written again; a change of the service changes them', () => {
    const before = stored(run(service('PreferClose')))
    expect(endpoints(run(service('PreferClose'), before))).toEqual([])
    expect(endpoints(run(service('PreferSameNode'), before)).map((e) => e.hints?.forNodes?.[0]?.name).sort()).toEqual(['node-0', 'node-1', 'node-1', 'node-1', 'node-2', 'node-2'])
    expect(endpoints(run(service(), before)).some((e) => e.hints !== undefined)).toBe(false)
  })

  test('by zones tell when they begin and when they end', () => {
    const topology = cache()
    const first = run(service(undefined, 'Auto'), [], topology)
    expect(first.events).toEqual([{ type: 'Normal', reason: 'TopologyAwareHintsEnabled', message: 'Topology Aware Hints has been enabled, addressType: IPv4' }])
    const slices = stored(first)
    expect(run(service(undefined, 'Auto'), slices, topology)).toMatchObject({ create: [], update: [], events: [] })
    const last = run(service(), slices, topology)
    expect(last.events).toEqual([{ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: 'Topology Aware Hints has been disabled, addressType: IPv4' }])
    expect(endpoints(last).some((e) => e.hints !== undefined)).toBe(false)
  })

  test.each([
    [[node(0), node(1), { ...node(2), metadata: { name: 'node-2' } }] as Node[], pods, 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'],
    [[node(0), node(1), node(2)], pods.slice(0, 2), 'Insufficient number of endpoints (2 endpoints, 3 zones)'],
    // 9 + 1 + 1 CPUs: four endpoints would be 3 + 1 + 1.
    [[node(0, '9'), node(1, '1'), node(2, '1')], pods.slice(0, 4), 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (4 endpoints, 3 zones)'],
  ])('are refused with the reason', (nodes, of, why) => {
    const { events } = run(service(undefined, 'Auto'), [], cache(nodes), of)
    expect(events).toEqual([{ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: `${why}, addressType: IPv4` }])
  })
})
