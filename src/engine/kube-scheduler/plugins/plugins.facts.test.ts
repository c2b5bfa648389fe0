import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../apimachinery'
import type { Node } from '../../api'
import { facts } from '../../apimachinery/facts.testing'
import { defaultNormalize } from '../framework/normalize'
import type { Plugin } from '../framework/plugin'
import { normalizedImageName, type HostPort } from '../backend/pod-info'
import { asFact, bench } from './bench.testing'
import { imageLocality } from './image-locality'
import { interPodAffinity, interPodAffinityWith } from './inter-pod-affinity'
import { nodeAffinity } from './node-affinity'
import { nodeName } from './node-name'
import { nodePorts, portsConflict } from './node-ports'
import { balancedAllocationWith } from './node-resources-balanced-allocation'
import { insufficientResources, nodeResourcesFit, nodeResourcesFitWith } from './node-resources-fit'
import { brokenLinear, leastAllocated, mostAllocated, requestedToCapacityRatio, type ScoringStrategy } from './node-resources-strategies'
import { nodeUnschedulable } from './node-unschedulable'
import { podTopologySpread } from './pod-topology-spread'
import { taintToleration } from './taint-toleration'

// The recorded tables are JSON of many shapes.
// oxlint-disable typescript/no-explicit-any
interface Case { readonly case?: string | number; readonly given: any; readonly expect: any }
const { groups } = facts<{ groups: { test: string; cases: Case[] }[] }>('sched-plugins')

function table(test: string, check: (c: Case) => void, usable: (c: Case) => boolean = () => true): void {
  describe(test, () => {
    const cases = groups.find((g) => g.test === test)?.cases.filter((c) => c.case !== undefined && usable(c)) ?? []
    it('has cases', () => expect(cases.length).toBeGreaterThan(0))
    cases.forEach((c, i) => it(`${i} ${c.case}`, () => check(c)))
  })
}

const list = (l: { Name: string; Score: number }[] | undefined) => l?.map((x) => x.Score)
const none = { nodes: [{ metadata: { name: 'n' } } as Node] }

function filterCase(plugin: Plugin, c: Case, given: Parameters<typeof bench>[0]): void {
  const b = bench({ ...given, plugins: [plugin] })
  const { preFilter, filter } = b.filters(plugin, b.pod(c.given.pod))
  if (c.expect.wantPreFilterStatus !== undefined) expect(asFact(preFilter)).toEqual(c.expect.wantPreFilterStatus)
  const want = c.expect.wantFilterStatus ?? c.expect.wantStatus
  const got = asFact(filter[0]) ?? (c.expect.wantPreFilterStatus === undefined && (preFilter as { code?: string } | undefined)?.code !== 'Skip' ? asFact(preFilter) : undefined)
  expect(got).toEqual(want ?? undefined)
}

table('TestNodeAffinity', (c) => filterCase(nodeAffinity, c, { nodes: [{ metadata: { name: c.given.nodeName ?? '', labels: c.given.labels } } as Node] }), (c) => c.given.args === undefined || c.given.args?.AddedAffinity == null)
table('TestNodeName', (c) => filterCase(nodeName, c, { nodes: [c.given.node] }))
table('TestNodeUnschedulable', (c) => filterCase(nodeUnschedulable, c, { nodes: [c.given.node] }))
table('TestTaintTolerationFilter', (c) => filterCase(taintToleration, c, { nodes: [c.given.node] }), (c) => !c.given.enableTaintTolerationComparisonOps)

function portsOf(text: string): HostPort[] {
  const used = /UsedPort: framework\.HostPortInfo\{(.*?)\}, AllocatableResource/.exec(text)?.[1] ?? ''
  return [...used.matchAll(/"([^"]+)":map\[framework\.ProtocolPort\]struct \{\}\{(.*?struct \{\}\{\})\}/g)].flatMap(([, ip, ports]) =>
    [...(ports as string).matchAll(/Protocol:"(\w+)", Port:(\d+)/g)].map((m): HostPort => ({ ip: ip as string, protocol: m[1] as string, port: Number(m[2]) })))
}

table('TestNodePorts', (c) => {
  const b = bench(none)
  b.nodes()[0]!.usedPorts.push(...portsOf(c.given.nodeInfo))
  const { preFilter, filter } = b.filters(nodePorts, b.pod(c.given.pod))
  expect(asFact(preFilter)).toEqual(c.expect.wantPreFilterStatus)
  expect(asFact(filter[0])).toEqual(c.expect.wantFilterStatus)
})
table('TestFits', (c) => {
  const b = bench(none)
  expect(!portsConflict(b.pod(c.given.pod).spec.hostPorts, portsOf(c.given.existing))).toBe(c.expect.expect)
})

function scoreCase(plugin: Plugin, c: Case, want: number[] | undefined, pods = c.given.pods): void {
  const b = bench({ nodes: c.expect.nodes, pods, plugins: [plugin] })
  const { preScore, scores } = b.scores(plugin, b.pod(c.given.pod ?? c.given.requestedPod))
  const status = c.expect.wantStatus ?? c.expect.wantPreScoreStatus
  // The text of an error is compared in part, as upstream's test does.
  if (status?.code === 'Error') expect([preScore?.code, preScore?.reasons[0]]).toEqual(['Error', expect.stringContaining(status.reasons[0])])
  else if (status !== undefined) expect(asFact(preScore)).toEqual(status)
  if (want !== undefined) expect(scores).toEqual(want)
}

table('TestNodeAffinityPriority', (c) => scoreCase(nodeAffinity, c, list(c.expect.expectedList)), (c) => c.given.args === undefined && !JSON.stringify(c).includes('AddedAffinity'))
table('TestTaintTolerationScore', (c) => scoreCase(taintToleration, c, list(c.expect.expectedList)), (c) => !c.given.enableTaintTolerationComparisonOps)
table('TestImageLocalityPriority', (c) => scoreCase(imageLocality, c, list(c.expect.expectedList)))
table('TestPreferredAffinity', (c) => scoreCase(interPodAffinity, c, list(c.expect.expectedList)), (c) => !c.given.ignorePreferredTermsOfExistingPods)
table('TestPreferredAffinityWithHardPodAffinitySymmetricWeight', (c) => scoreCase(interPodAffinityWith(c.given.hardPodAffinityWeight), c, list(c.expect.expectedList)))

describe('TestNormalizedImageName', () => {
  for (const c of groups.find((g) => g.test === 'TestNormalizedImageName')!.cases) it(`${c.given.Input}`, () => expect(normalizedImageName(c.given.Input)).toBe(c.given.Output))
})
describe('TestDefaultNormalizeScore', () => {
  for (const c of groups.find((g) => g.test === 'TestDefaultNormalizeScore')!.cases)
    it(`${c.given.scores} ${c.given.reverse}`, () => {
      const scores = [...c.given.scores]
      defaultNormalize(scores, c.given.reverse)
      expect(scores).toEqual(c.expect.expectedScores)
    })
})

// ---- node resources ----

const allocatable = (cpu: string, memory: string, pods: string, extended: string, storage: string, huge: string): Node =>
  ({ metadata: { name: 'n' }, status: { allocatable: { cpu, memory, pods, 'example.com/aaa': extended, 'ephemeral-storage': storage, 'hugepages-2Mi': huge } } }) as unknown as Node

function fitCase(c: Case, node: Node): void {
  const b = bench({ nodes: [node], pods: (c.given.nodeInfo.pods ?? []).map((p: { spec: object }) => ({ ...p, spec: { ...p.spec, nodeName: 'n' } })) })
  const pod = b.pod(c.given.pod)
  const [n] = b.nodes()
  expect(asFact(nodeResourcesFit.filter?.(b.cycle, pod, n!, b.h))).toEqual(c.expect.wantStatus)
  const want = c.expect.wantInsufficientResources
  if (want !== undefined) expect(insufficientResources(pod, n!).map((i) => [i.resource, i.reason, i.never])).toEqual(want.map((w: any) => [w.ResourceName, w.Reason, w.Unresolvable]))
}

// Left out: device claims behind extended resources (DRA), ignored resources and resource groups as arguments, pod-level resources switched off.
table('testEnoughRequests', (c) => fitCase(c, allocatable('10m', '20', '32', '5', '20', '5')), (c) => !c.given.draExtendedResourceEnabled && !c.given.args?.IgnoredResources && !c.given.args?.IgnoredResourceGroups)
table('testNotEnoughRequests', (c) => fitCase(c, allocatable('10m', '20', '1', '0', '0', '0')))
table('testStorageRequests', (c) => fitCase(c, allocatable('10m', '20', '32', '5', '20', '5')))
table('TestIsFit', (c) => {
  const b = bench({ nodes: [{ ...c.given.node, metadata: { name: 'n' } }] })
  expect(nodeResourcesFit.filter?.(b.cycle, b.pod(c.given.pod), b.nodes()[0]!, b.h) === undefined).toBe(c.expect.expected)
}, (c) => c.given.podLevelResourcesEnabled || c.given.pod.spec?.resources === undefined)

const weights = (l: { Name: string; Weight: number }[] | undefined) => l?.map((r) => ({ name: r.Name, weight: r.Weight }))
const shape = (l: { Utilization: number; Score: number }[]) => l.map((p) => ({ utilization: p.Utilization, score: p.Score }))

function strategyOf(args: any): ScoringStrategy {
  const s = args.ScoringStrategy
  const resources = weights(s.Resources)
  return s.Type === 'MostAllocated' ? mostAllocated(resources) : s.Type === 'LeastAllocated' ? leastAllocated(resources) : requestedToCapacityRatio(shape(s.RequestedToCapacityRatio.Shape), resources)
}
const dra = (c: Case) => c.given.draObjects == null
table('testFitScore', (c) => scoreCase(nodeResourcesFitWith(strategyOf(c.given.nodeResourcesFitArgs)), c, list(c.expect.expectedPriorities), c.given.existingPods), dra)
table('TestLeastAllocatedScoringStrategy', (c) => scoreCase(nodeResourcesFitWith(leastAllocated(weights(c.given.resources))), c, list(c.expect.expectedScores), c.given.existingPods), (c) => c.expect.wantErrs == null)
table('TestMostAllocatedScoringStrategy', (c) => scoreCase(nodeResourcesFitWith(mostAllocated(weights(c.given.resources))), c, list(c.expect.expectedScores), c.given.existingPods), (c) => c.expect.wantErrs == null)
table('TestRequestedToCapacityRatioScoringStrategy', (c) => scoreCase(nodeResourcesFitWith(requestedToCapacityRatio(shape(c.given.shape), weights(c.given.resources))), c, list(c.expect.expectedScores), c.given.existingPods))
table('testNodeResourcesBalancedAllocation', (c) => scoreCase(balancedAllocationWith(weights(c.given.args.Resources) ?? []), c, list(c.expect.expectedScores), c.given.existingPods))
const binPacking = (weight: Record<string, number>) => nodeResourcesFitWith(requestedToCapacityRatio([{ utilization: 0, score: 0 }, { utilization: 100, score: 1 }], Object.entries(weight).map(([name, w]) => ({ name, weight: w }))))
table('TestResourceBinPackingSingleExtended', (c) => scoreCase(binPacking({ 'intel.com/foo': 1 }), c, list(c.expect.expectedScores)))
table('TestResourceBinPackingMultipleExtended', (c) => scoreCase(binPacking({ 'intel.com/foo': 3, 'intel.com/bar': 5 }), c, list(c.expect.expectedScores)))

describe('TestBrokenLinearFunction', () => {
  for (const c of groups.find((g) => g.test === 'TestBrokenLinearFunction')!.cases) {
    if (!c.given.points) continue
    const points = c.given.points.map((p: any) => ({ utilization: p.Utilization ?? p.utilization, score: p.Score ?? p.score }))
    for (const a of c.given.assertions ?? []) it(`${JSON.stringify(a)}`, () => expect(brokenLinear(points, a.p)).toBe(a.expected))
  }
})

// ---- spreading and affinity ----

function statusCodes(plugin: Plugin, c: Case): void {
  const b = bench({ nodes: c.expect.nodes, pods: c.given.existingPods, plugins: [plugin] })
  const { filter } = b.filters(plugin, b.pod(c.given.pod))
  c.expect.nodes.forEach((n: Node, i: number) => expect([n.metadata.name, filter[i]?.code ?? 'Success']).toEqual([n.metadata.name, c.expect.wantStatusCode[n.metadata.name] ?? 'Success']))
}
table('TestSingleConstraint', (c) => statusCodes(podTopologySpread, c), (c) => c.given.enableNodeInclusionPolicy || !JSON.stringify(c.given.pod).includes('Policy'))
table('TestMultipleConstraints', (c) => statusCodes(podTopologySpread, c))
table('TestPodTopologySpreadScore', (c) => {
  const objects: Record<string, KubeObject[]> = {}
  for (const o of c.given.objs ?? []) (objects[o.kind === 'Service' || o.spec?.selector?.matchLabels === undefined ? 'services' : 'replicasets'] ??= []).push(o)
  const failed = c.given.failedNodes ?? []
  const all = [...c.expect.nodes, ...failed]
  const b = bench({ nodes: all, pods: c.given.existingPods, objects })
  const { scores } = b.scores(podTopologySpread, b.pod(c.given.pod), b.nodes().slice(0, c.expect.nodes.length))
  expect(scores).toEqual(list(c.expect.want))
}, (c) => !JSON.stringify(c.given).includes('Policy') || c.given.enableNodeInclusionPolicy)

table('TestRequiredAffinitySingleNode', (c) => {
  const b = bench({ nodes: [c.given.node], pods: c.given.pods, plugins: [interPodAffinity] })
  const { preFilter, filter } = b.filters(interPodAffinity, b.pod(c.given.pod))
  expect(asFact(preFilter)).toEqual(c.expect.wantPreFilterStatus)
  expect(asFact(filter[0])).toEqual(c.expect.wantFilterStatus)
})
table('TestRequiredAffinityMultipleNodes', (c) => {
  const b = bench({ nodes: c.expect.nodes, pods: c.given.pods, plugins: [interPodAffinity] })
  const { preFilter, filter } = b.filters(interPodAffinity, b.pod(c.given.pod))
  expect(asFact(preFilter)).toEqual(c.expect.wantPreFilterStatus)
  if (c.expect.wantPreFilterStatus === undefined) expect(filter.map((s) => asFact(s) ?? null)).toEqual(c.expect.wantFilterStatuses)
})

describe('fn-scheduler-scores', () => {
  const { cases } = facts<{ cases: any[] }>('fn-scheduler-scores')
  const request = (r: any) => ({ spec: { nodeName: 'n', containers: [{ name: 'c', resources: { requests: { cpu: `${r.cpuMilli}m`, memory: String(r.memBytes) } } }] } })
  it(`all ${cases.length} cases`, () => {
    for (const c of cases) {
      const b = bench({ nodes: [{ metadata: { name: 'n' }, status: { allocatable: { cpu: `${c.allocatable.cpuMilli}m`, memory: String(c.allocatable.memBytes) } } } as unknown as Node], pods: [request(c.alreadyRequested)] })
      const pod = b.pod(request(c.pod))
      const [n] = b.nodes()
      const balanced = balancedAllocationWith([{ name: 'cpu', weight: 1 }, { name: 'memory', weight: 1 }])
      expect({ least: leastAllocated()(pod, n!), most: mostAllocated()(pod, n!), ratio: requestedToCapacityRatio([{ utilization: 0, score: 0 }, { utilization: 100, score: 10 }])(pod, n!), balanced: balanced.score!(b.cycle, pod, n!, b.h) }, JSON.stringify(c))
        .toEqual({ least: c.leastAllocated, most: c.mostAllocated, ratio: c.requestedToCapacityRatio_0to0_100to10, balanced: c.balancedAllocation })
    }
  })
})
