import { describe, expect, test } from 'vitest'
import { facts } from '../../apimachinery/facts.testing'
import type { Endpoint, EndpointSlice, Node, Pod, Service } from '../../api'
import { TestEnv } from '../testing'
import { endpointSliceController } from './index'
import { reconcileSlices, type SliceChanges } from './reconcile'

type Case = { case?: string; given: any; expect: any }
const group = (name: string): readonly Case[] => facts<any>('endpoints').groups.find((g: any) => g.test === name).cases

const node = (name: string, zone?: string): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: zone ? { 'topology.kubernetes.io/zone': zone } : {} } }) as unknown as Node
const pod = (name: string, on: string, ...ips: string[]): Pod => ({
  metadata: { name, namespace: 'test', labels: { foo: 'bar' } }, spec: { containers: [], nodeName: on }, status: { phase: 'Running', podIP: ips[0], podIPs: ips.map((ip) => ({ ip })), conditions: [{ type: 'Ready', status: 'True' }] },
}) as unknown as Pod
const service = (more: object = {}): Service => ({ metadata: { name: 'foo', namespace: 'test', uid: 'u' }, spec: { clusterIP: '10.0.0.1', ipFamilies: ['IPv4'], selector: { foo: 'bar' }, ports: [{ name: 'foo', port: 80, protocol: 'TCP' }], ...more } }) as unknown as Service
/** Slices as the server would have stored them. */
const stored = (c: SliceChanges): EndpointSlice[] => [...c.create, ...c.update].map((s, i) => ({ ...s, metadata: { ...s.metadata, name: `foo-${i}`, uid: `s${i}` } }))
const plain = (e: Endpoint): object => ({ ...e, targetRef: { kind: e.targetRef?.kind, name: e.targetRef?.name, namespace: e.targetRef?.namespace } })

describe("upstream's tables of endpoint slices", () => {
  test('TestReconcile1Pod: families, labels, zone', () => {
    const own = pod('pod1', 'node-1', '1.2.3.4', '1234::5678:0000:0000:9abc:def0')
    for (const c of group('TestReconcile1Pod')) {
      const { create } = reconcileSlices(c.given.service, [own], [], (name) => node(name, 'us-central1-a'))
      const byType = Object.fromEntries(create.map((s) => [s.addressType, (s.endpoints ?? []).map(plain)]))
      expect(byType, c.case).toEqual(c.expect.expectedEndpointPerSlice)
      for (const s of create) expect(s.metadata.labels, c.case).toEqual(c.expect.expectedLabels)
    }
  })
  test('TestReconcileMaxEndpointsPerSlice: how many slices, how full', () => {
    const pods = Array.from({ length: 250 }, (_, i) => pod(`pod${i}`, 'node-1', `1.2.${i >> 7}.${i & 127}`))
    for (const c of group('TestReconcileMaxEndpointsPerSlice')) {
      const made = reconcileSlices(service(), pods, [], node, undefined, c.given.maxEndpointsPerSlice)
      expect(made.create.map((s) => s.endpoints?.length)).toEqual(c.expect.expectedSliceLengths)
      const { numCreated, numUpdated, numDeleted } = c.expect.expectedMetricValues
      expect([made.create.length, made.update.length, made.remove.length]).toEqual([numCreated, numUpdated, numDeleted])
    }
  })
  test('TestReconcilerPodMissingNode: left out and told, unless what is not ready is published too', () => {
    for (const c of group('TestReconcilerPodMissingNode')) {
      const nodes = new Map((c.given.existingNodes as Node[]).map((n) => [n.metadata.name, n]))
      const s = service({ publishNotReadyAddresses: c.given.publishNotReady })
      const pods = [pod('pod-0', 'node-0', '1.2.3.4'), pod('pod-1', 'node-1', '1.2.3.5')]
      const find = (name: string): Node | undefined => nodes.get(name)
      // The cases that update have slices from before.
      const before = c.case?.startsWith('Update') ? stored(reconcileSlices(s, pods, [], find)) : []
      const made = reconcileSlices(s, pods, before, find)
      expect(made.errors.length > 0, c.case).toBe(c.expect.expectError)
      const { desiredEndpoints, numCreated, numUpdated, numDeleted } = c.expect.expectedMetrics
      expect([made.create.length, made.update.length, made.remove.length], c.case).toEqual([numCreated, numUpdated, numDeleted])
      const after = made.create.length + made.update.length > 0 ? stored(made) : before
      expect(after.reduce((n, x) => n + (x.endpoints?.length ?? 0), 0), c.case).toBe(desiredEndpoints)
    }
  })
  test('TestSyncService: ports, addresses, conditions', () => {
    for (const c of group('TestSyncService')) {
      const made = reconcileSlices(c.given.service, c.given.pods, [], (name) => node(name))
      expect(made.create, c.case).toHaveLength(1)
      const byName = (list: readonly { readonly name?: string | undefined }[]) => list.toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
      expect(byName(made.create[0]?.ports ?? []), c.case).toEqual(byName(c.expect.expectedEndpointPorts))
      expect((made.create[0]?.endpoints ?? []).map(plain), c.case).toEqual(c.expect.expectedEndpoints)
    }
  })
  test('TestGetPodServicesToUpdate: the services whose selector fits', () => {
    for (const c of group('TestGetPodServicesToUpdate')) {
      const env = new TestEnv(endpointSliceController)
      // Three services with a label each, and one without a selector. As in upstream's table.
      for (const n of [0, 1, 2]) env.add('services', { metadata: { name: `service-${n}`, namespace: 'test' }, spec: { selector: { app: `test-${n}` }, ports: [] } } as never)
      env.add('services', { metadata: { name: 'service-3', namespace: 'test' }, spec: { ports: [] } } as never)
      env.queued.length = 0
      env.add('pods', { ...c.given.pod, spec: { containers: [] } } as never)
      expect(env.queued.toSorted(), c.case).toEqual(Object.keys(c.expect.expect).sort())
    }
  })
  test('Test_podChanged: which changes of a pod matter', () => {
    const base = pod('p', 'node-1', '1.2.3.4', '2000::1')
    const status = (more: object) => ({ ...base, status: { ...base.status, ...more } })
    // The dump has no pods: what each case changes is in its name. The two that it says change nothing are the cases' first halves.
    const changes: Readonly<Record<string, Pod>> = {
      'change ResourceVersion': { ...base, metadata: { ...base.metadata, resourceVersion: '2' } }, 'modify primary IPv6': status({ podIP: '2000::2', podIPs: [{ ip: '2000::2' }] }) as Pod,
      'add secondary IP': status({ podIPs: [...(base.status?.podIPs ?? []), { ip: '1.2.3.9' }] }) as Pod, 'modify secondary IP': status({ podIPs: [{ ip: '1.2.3.4' }, { ip: '2000::2' }] }) as Pod,
      'change readiness': status({ conditions: [{ type: 'Ready', status: 'False' }] }) as Pod, 'add label': { ...base, metadata: { ...base.metadata, labels: { foo: 'bar', more: 'x' } } },
    }
    for (const c of group('Test_podChanged')) {
      const next = changes[c.case ?? '']
      if (next === undefined) continue
      const env = new TestEnv(endpointSliceController)
      env.add('services', service() as never)
      env.add('pods', base as never)
      env.queued.length = 0
      env.add('pods', next as never)
      expect(env.queued.length > 0, c.case).toBe(c.expect.podChanged || c.expect.labelsChanged)
    }
  })
  test('TestEndpointsEqualBeyondHash: what makes a slice be written anew', () => {
    for (const c of group('TestEndpointsEqualBeyondHash')) {
      const [a, b] = [c.given.ep1, c.given.ep2] as [Endpoint, Endpoint]
      // Only what a pod can say: its name, node, zone and readiness.
      if (b.conditions?.serving !== a.conditions?.serving || b.targetRef?.resourceVersion !== a.targetRef?.resourceVersion) continue
      const of = (e: Endpoint): Pod => {
        const p = pod(e.targetRef?.name ?? '', e.nodeName ?? 'node-x', e.addresses[0] as string)
        return { ...p, status: { ...p.status, conditions: [{ type: 'Ready', status: e.conditions?.ready ? 'True' : 'False' }] } } as Pod
      }
      const nodeOf = (e: Endpoint) => (name: string): Node => node(name, e.zone)
      const before = stored(reconcileSlices(service(), [of(a)], [], nodeOf(a)))
      const after = reconcileSlices(service(), [of(b)], before, nodeOf(b))
      expect(after.create.length + after.update.length + after.remove.length === 0, c.case).toBe(c.expect.expected)
    }
  })
})
