import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../apimachinery'
import type { Node } from '../../api'
import { facts } from '../../apimachinery/facts.testing'
import { asFact, bench } from './bench.testing'
import { volumeBinding } from './volume-binding'
import { volumeRestrictions } from './volume-restrictions'
import { volumeZone } from './volume-zone'

// oxlint-disable typescript/no-explicit-any
interface Case { readonly case?: string | number; readonly given: any; readonly expect: any }
const { groups } = facts<{ groups: { test: string; cases: Case[] }[] }>('sched-plugins')

function table(test: string, check: (c: Case) => void, usable: (c: Case) => boolean = () => true): void {
  describe(test, () => {
    const cases = groups.find((g) => g.test === test)?.cases.filter((c) => typeof c.case === 'string' && usable(c)) ?? []
    it('has cases', () => expect(cases.length).toBeGreaterThan(0))
    cases.forEach((c, i) => it(`${i} ${c.case}`, () => check(c)))
  })
}

// Upstream's tests make these in code, so that the recording does not have them.
const zone = 'topology.kubernetes.io/zone'
const region = 'topology.kubernetes.io/region'
const betaZone = 'failure-domain.beta.kubernetes.io/zone'
const betaRegion = 'failure-domain.beta.kubernetes.io/region'
const pv = (name: string, labels: Record<string, string>): KubeObject => ({ metadata: { name, labels } }) as KubeObject
const pvc = (name: string, spec: object): KubeObject => ({ metadata: { name, namespace: 'default' }, spec }) as KubeObject
const single = [pv('Vol_1', { [betaZone]: 'us-west1-a' }), pv('Vol_2', { [betaRegion]: 'us-west1' }), pv('Vol_Stable_1', { [zone]: 'us-west1-a' }), pv('Vol_Stable_2', { [region]: 'us-west1' })]
const multi = [pv('Vol_1', { [betaZone]: 'us-west1-a' }), pv('Vol_3', { [betaZone]: 'us-west1-c__us-west1-a' }), pv('Vol_Stable_1', { [zone]: 'us-west1-a' }), pv('Vol_Stable_2', { [zone]: 'us-west1-c__us-west1-a' })]
const claims = [
  ...['1', '2', '3', 'Stable_1', 'Stable_2'].map((n) => pvc(`PVC_${n}`, { volumeName: `Vol_${n}` })),
  pvc('PVC_NoSC', { storageClassName: 'Class_0' }), pvc('PVC_EmptySC', {}), pvc('PVC_WaitSC', { storageClassName: 'Class_Wait' }), pvc('PVC_ImmediateSC', { storageClassName: 'Class_Immediate' }),
]
const classes = [{ metadata: { name: 'Class_Immediate' } }, { metadata: { name: 'Class_Wait' }, volumeBindingMode: 'WaitForFirstConsumer' }] as unknown as KubeObject[]

function zoneCase(c: Case, volumes: readonly KubeObject[]): void {
  const b = bench({ nodes: [c.given.Node], objects: { persistentvolumes: volumes, persistentvolumeclaims: claims, storageclasses: classes } })
  const { preFilter, filter } = b.filters(volumeZone, b.pod(c.given.Pod))
  expect(asFact(preFilter)).toEqual(c.expect.wantPreFilterStatus)
  if (c.expect.wantPreFilterStatus === undefined) expect(asFact(filter[0])).toEqual(c.expect.wantFilterStatus)
}
table('TestSingleZone', (c) => zoneCase(c, single))
table('TestMultiZone', (c) => zoneCase(c, multi))
table('TestWithBinding', (c) => zoneCase(c, single))

const bindingClasses = [
  { metadata: { name: 'immediate-sc' }, volumeBindingMode: 'Immediate' }, { metadata: { name: 'wait-sc' }, volumeBindingMode: 'WaitForFirstConsumer' },
  { metadata: { name: 'wait-hdd-sc' }, volumeBindingMode: 'WaitForFirstConsumer' },
] as unknown as KubeObject[]
// Left out: scores by capacity (StorageCapacityScoring is alpha).
table('TestVolumeBinding', (c) => {
  const b = bench({ nodes: c.expect.nodes, pods: c.given.pods, objects: { persistentvolumes: c.given.pvs ?? [], persistentvolumeclaims: c.given.pvcs ?? [], storageclasses: bindingClasses } })
  const { preFilter, filter } = b.filters(volumeBinding, b.pod(c.given.pod))
  expect(asFact(preFilter)).toEqual(c.expect.wantPreFilterStatus)
  if (c.expect.wantPreFilterStatus === undefined) expect(filter.map((s) => asFact(s) ?? null)).toEqual(c.expect.wantFilterStatus)
}, (c) => c.given.fts === undefined && c.given.pod !== undefined)

function restrictionCase(c: Case): void {
  // The node is recorded as a text that does not show its pods' volumes; they are as in upstream's test.
  const node = { metadata: { name: 'node-1' } } as Node
  const running = c.given.existingPods ?? (/same state|different state|one state/.test(String(c.case)) ? [{ metadata: { name: 'r' }, spec: { nodeName: 'node-1', volumes: [{ name: '', gcePersistentDisk: { pdName: 'foo' } }] } }] : [])
  const b = bench({ nodes: [node], pods: running, objects: { persistentvolumeclaims: c.given.existingPVCs ?? [] } })
  const { preFilter, filter } = b.filters(volumeRestrictions, b.pod({ ...c.given.pod, spec: { ...c.given.pod.spec, nodeName: undefined } }))
  expect(asFact(preFilter)).toEqual(c.given.preFilterWantStatus)
  expect(asFact(filter[0])).toEqual(c.expect.wantStatus)
}
table('TestGCEDiskConflicts', restrictionCase)
table('TestAccessModeConflicts', restrictionCase)
