import { describe, expect, it } from 'vitest'
import { aggregateText, formatSelector, parseTime } from '../../apimachinery'
import type { Node, PodDisruptionBudget } from '../../api'
import { facts } from '../../apimachinery/facts.testing'
import { Rng } from '../../sim'
import { QueuedPod, SchedulingQueue, backoffDuration, backoffTime } from '../backend/queue'
import { asFact, bench, type Bench } from '../plugins/bench.testing'
import { defaultPreemption, notEligible } from '../plugins/default-preemption'
import { interPodAffinity } from '../plugins/inter-pod-affinity'
import { preferredScore, preferredTerms } from '../plugins/node-affinity'
import { nodeResourcesFit } from '../plugins/node-resources-fit'
import { prioritySort } from '../plugins/priority-sort'
import { feasibleNodesToFind, selectHost } from '../schedule-pod'
import { clusterEvents } from './events'
import { fitErrorText } from './fit-error'
import { nodeAffinityMatches, nodeRequirements, nodeTerm, requiredNodeAffinity, termMatchesNode } from './node-affinity'
import { findCandidates, pickCandidate, type Candidate } from './preemption'
import { status, type Code, type PluginStatus } from './status'
import { compareNumericValues, toleratesTaint, tolerated } from './taints'

// oxlint-disable typescript/no-explicit-any
interface Case { readonly case?: string | number; readonly given: any; readonly expect: any }
const files = ['node-affinity-taints', 'sched-preemption-queue'].map((f) => facts<{ groups: { test: string; cases: Case[] }[] }>(f))

function table(test: string, check: (c: Case) => void, usable: (c: Case) => boolean = () => true): void {
  describe(test, () => {
    const cases = files.flatMap((f) => f.groups).find((g) => g.test === test)?.cases.filter((c) => c.case !== undefined && usable(c)) ?? []
    it('has cases', () => expect(cases.length).toBeGreaterThan(0))
    cases.forEach((c, i) => it(`${i} ${c.case}`, () => check(c)))
  })
}

// ---- affinity, taints ----

table('TestMatchNodeSelectorTerms', (c) => expect((c.given.args?.nodeSelector?.nodeSelectorTerms ?? []).some((t: any) => termMatchesNode(nodeTerm(t), c.given.args.node))).toBe(c.expect.want))
table('TestNodeSelectorMatch', (c) => {
  const terms = (c.given.nodeSelector?.nodeSelectorTerms ?? []).map((t: any, i: number) => nodeTerm(t, `nodeSelectorTerms[${i}]`))
  const errors = terms.flatMap((t: any) => t.errors)
  if (c.expect.wantErr) return expect(aggregateText(errors)).toBe(c.expect.wantErr.error)
  expect(c.given.node !== undefined && terms.some((t: any) => termMatchesNode(t, c.given.node))).toBe(c.expect.wantMatch)
})
table('TestPreferredSchedulingTermsScore', (c) => {
  const terms = preferredTerms(c.given.prefSchedTerms)
  if (c.expect.wantErr) return expect(aggregateText(terms.flatMap((t) => t.term.errors))).toBe(c.expect.wantErr.error)
  expect(preferredScore(terms, c.given.node)).toBe(c.expect.wantScore)
})
table('TestNodeSelectorRequirementsAsSelector', (c) => {
  const s = nodeRequirements(c.given.in, 'root')
  if (c.expect.wantErr) expect(s).toBe(c.expect.wantErr[0].error)
  else expect(typeof s === 'string' ? s : formatSelector(s)).toBe(c.expect.out)
})
table('TestPodMatchesNodeSelectorAndAffinityTerms', (c) => {
  const node = { metadata: { name: c.given.nodeName ?? '', labels: c.given.labels }, spec: {} } as Node
  expect(nodeAffinityMatches(requiredNodeAffinity(c.given.pod.spec ?? {}), node)).toBe(c.expect.want)
})
table('TestTolerationToleratesTaint', (c) => expect(toleratesTaint(c.given.toleration, c.given.taint, c.given.enableTaintTolerationComparisonOperatorsFG)).toBe(c.expect.expectTolerated))
table('TestCompareNumericValues', (c) => expect(compareNumericValues(c.given.tolerationVal, c.given.taintVal, c.given.operator)).toBe(c.expect.expectedResult))
// The recording lost the filter function of the first case, which lets no taint through.
table('TestFindMatchingUntoleratedTaint', (c) => expect(c.given.taints.every((t: any) => tolerated(t, c.given.tolerations, c.given.enableComparisonOperatorsFG))).toBe(c.expect.expectTolerated), (c) => !String(c.case).includes('no taints apply to the filter'))
table('TestPodPriority', (c) => expect(bench({ nodes: [] }).pod(c.given.pod).priority).toBe(c.expect.expectedPriority))

// ---- preemption ----

const statuses = (m: any): Map<string, PluginStatus> => new Map(Object.entries<any>(m?.nodeToStatus ?? {}).map(([n, s]) => [n, status(s.code as Code, 'test', ...(s.reasons ?? []))]))
const fact = (s: any): PluginStatus => status(s.code as Code, 'test', ...(s.reasons ?? []))

// Left out: extenders, and pods of scheduling groups (gang scheduling is alpha).
table('TestPostFilter', (c) => {
  const budgets = (c.given.pdbs ?? []).map((b: any) => ({ ...b, kind: 'PodDisruptionBudget' }))
  const b = bench({ nodes: c.expect.nodes, pods: c.given.pods, plugins: [nodeResourcesFit], objects: { poddisruptionbudgets: budgets } })
  const r = defaultPreemption.postFilter!(b.cycle, b.pod(c.given.pod), { refused: statuses(c.given.filteredNodesStatuses), absent: fact(c.given.filteredNodesStatuses.absentNodesStatus), preFilterMessage: '' }, b.h)
  expect(r.nominate ?? '').toBe(c.expect.wantResult?.NominatingInfo?.NominatedNodeName ?? '')
  expect(asFact(r.status) ?? { code: 'Success', reasons: null }).toEqual(c.expect.wantStatus)
}, (c) => c.given.extender === undefined && c.given.features === undefined)

const veryLarge = (names: string[]): Node[] => names.map((full) => {
  const [name, zone, region] = full.split('/')
  return { metadata: { name, labels: { hostname: name, ...(zone ? { zone } : {}), ...(region ? { region } : {}) } }, status: { allocatable: { cpu: '500m', memory: '500', pods: '32' } } } as unknown as Node
})
function dryRun(b: Bench, pod: ReturnType<Bench['pod']>, budgets: PodDisruptionBudget[] = []): readonly Candidate[] {
  b.framework.preFilter(b.cycle, pod, b.h)
  return findCandidates(b.cycle, pod, b.nodes(), budgets, b.h.cloneCycle, b.h).found
}
/** Start times differ by nanoseconds in upstream's test, and are all equal in the recording. */
const lostTimes = (c: Case): boolean => /start ?time/i.test(String(c.case))

// Left out: fake filters and arguments that limit the candidates (they speak of a fixed start of the search; ours is drawn).
table('TestDryRunPreemption', (c) => {
  const b = bench({ nodes: veryLarge(c.given.nodeNames), pods: c.given.initPods, plugins: [nodeResourcesFit, interPodAffinity] })
  const budgets = (c.given.pdbs ?? []).map((p: any, i: number) => ({ ...p, metadata: { name: `pdb-${i}`, namespace: '' } }))
  c.given.testPods.forEach((p: object, i: number) => {
    const found = dryRun(b, b.pod(p), budgets).map((f) => ({ name: f.node, violations: f.violations, pods: f.victims.map((v) => v.name).sort() }))
    const want = c.expect.expected[i].map((w: any) => ({ name: w.name, violations: w.victims.NumPDBViolations, pods: w.victims.Pods.map((v: any) => v.metadata.name).sort() }))
    const byName = (x: { name: string }, y: { name: string }) => (x.name < y.name ? -1 : 1)
    expect(found.sort(byName)).toEqual(want.sort(byName))
  })
}, (c) => c.given.args === undefined && c.given.fakeFilterRC === 'Success' && !lostTimes(c))
table('TestSelectBestCandidate', (c) => {
  const b = bench({ nodes: veryLarge(c.given.nodeNames), pods: c.given.pods, plugins: [nodeResourcesFit] })
  expect(c.expect.expected).toContain(pickCandidate(dryRun(b, b.pod(c.given.pod)))?.node)
}, (c) => !lostTimes(c))

it('among equals the node is picked whose eldest important pod is the youngest', () => {
  const victim = (name: string, node: string, startTime: string) => ({ metadata: { name, uid: name }, spec: { nodeName: node, priority: 1, containers: [{ resources: { requests: { cpu: '300m' } } }] }, status: { startTime } })
  const b = bench({ nodes: veryLarge(['node1', 'node2', 'node3']), pods: [victim('a', 'node1', '2026-01-01T00:00:01Z'), victim('b', 'node2', '2026-01-01T00:00:03Z'), victim('c', 'node3', '2026-01-01T00:00:02Z')], plugins: [nodeResourcesFit] })
  expect(pickCandidate(dryRun(b, b.pod({ spec: { priority: 9, containers: [{ resources: { requests: { cpu: '300m' } } }] } })))?.node).toBe('node2')
})
table('TestPodEligibleToPreemptOthers', (c) => {
  const b = bench({ nodes: veryLarge(c.expect.nodes), pods: c.given.pods })
  const refused = new Map<string, PluginStatus>(c.given.nominatedNodeStatus ? [[c.given.pod.status.nominatedNodeName, fact(c.given.nominatedNodeStatus)]] : [])
  expect(notEligible(b.pod(c.given.pod), { refused, absent: undefined }, b.h) === '').toBe(c.expect.expected)
})

// ---- queue, cycle ----

const micros = (d: string): number => {
  let sum = 0
  for (const [, n, unit] of d.matchAll(/([\d.]+)(h|ms|µs|ns|m|s)/g)) sum += Number(n) * ({ h: 3.6e9, m: 6e7, s: 1e6, ms: 1e3, µs: 1, ns: 1e-3 }[unit as 'h'] as number)
  return sum
}
// The tables below are the whole seconds of a queue that takes from its back-off queue too; "from the cache" is at a nanosecond.
table('TestBackoffQueue_getBackoffTime', (c) => {
  const { podInfo: p } = c.given
  const q = new QueuedPod(bench({ nodes: [] }).pod({}), 1)
  q.timestamp = parseTime(p.Timestamp)!
  q.unschedulableCount = p.UnschedulableCount
  q.consecutiveErrors = p.ConsecutiveErrorsCount
  if (p.BackoffExpiration) q.backoffExpiration = parseTime(p.BackoffExpiration)!
  expect(backoffTime(q, micros(c.given.initialBackoffDuration), micros(c.given.maxBackoffDuration))).toBe(c.expect.want ? parseTime(c.expect.want) : -1)
}, (c) => c.given.maxBackoffDuration !== '0s')
const counts: Record<string, number> = { 'no backoff': 0, normal: 5, 'hitting max backoff duration': 16, overflow_32bit: 32, overflow_64bit: 64 }
// The recording has no counts; they are upstream's. Units: ns.
table('TestBackoffQueue_calculateBackoffDuration', (c) => {
  const ns = (d: string) => Math.round(micros(d) * 1000)
  expect(backoffDuration(counts[c.case as string]!, ns(c.given.initialBackoffDuration), ns(c.given.maxBackoffDuration))).toBe(ns(c.expect.want))
})
table('TestNumFeasibleNodesToFind', (c) => expect(feasibleNodesToFind(c.given.profilePercentage ?? c.given.globalPercentage, c.given.numAllNodes)).toBe(c.expect.wantNumNodes))
table('TestFitError_Error', (c) => {
  const d = c.given.diagnosis
  expect(fitErrorText(c.given.numAllNodes, statuses(d.NodeToStatus).values(), { absent: fact(d.NodeToStatus.absentNodesStatus), preFilter: d.PreFilterMsg, postFilter: d.PostFilterMsg })).toBe(c.expect.wantReasonMsg)
})
// Ties are drawn by another method here (reservoir sampling): only the score of the winner is compared.
table('Test_SelectHost', (c) => {
  const list = c.given.list
  for (let seed = 0; seed < 20; seed++) expect(list[selectHost(Float64Array.from(list.map((n: any) => n.TotalScore)), new Rng(seed, 'x'))].TotalScore).toBe(c.expect.expectedNodeList[0].TotalScore)
})

describe('the scheduling queue', () => {
  const plugins = { less: (a: QueuedPod, b: QueuedPod) => prioritySort.less!(a, b), gate: () => '', interests: () => [{ resource: 'AssignedPod' as const, action: 2, plugin: 'x', hint: () => true }] }
  const b = bench({ nodes: [] })
  const refuse = (queue: SchedulingQueue, now: number) => {
    const q = queue.pop(plugins)!
    q.unschedulablePlugins = ['x']
    queue.giveBack(q, now, plugins)
    return q.pod.name
  }

  it('hands out the more important pod, then the older, then what backs off', () => {
    const queue = new SchedulingQueue()
    queue.add(b.pod({ metadata: { name: 'old' } }), 1, 0, plugins)
    queue.add(b.pod({ metadata: { name: 'young' } }), 2, 0, plugins)
    queue.add(b.pod({ metadata: { name: 'high' }, spec: { priority: 5 } }), 3, 0, plugins)
    expect(refuse(queue, 10)).toBe('high')
    queue.move(clusterEvents.assignedPodDelete, undefined, undefined, 20, 0, plugins)
    expect(queue.lengths).toEqual({ active: 2, backoff: 1, unschedulable: 0 })
    expect([queue.pop(plugins)?.pod.name, queue.pop(plugins)?.pod.name, queue.pop(plugins)?.pod.name, queue.pop(plugins)]).toEqual(['old', 'young', 'high', undefined])
  })

  it('leaves pods alone that an event cannot help, until they have waited five minutes', () => {
    const queue = new SchedulingQueue()
    queue.add(b.pod({ metadata: { name: 'a' } }), 0, 0, plugins)
    refuse(queue, 0)
    queue.move(clusterEvents.nodeAdd, undefined, undefined, 1, 0, plugins)
    queue.flushLeftover(clusterEvents.unschedulableTimeout, 299e6, 0, plugins)
    expect(queue.ready).toBe(false)
    queue.flushLeftover(clusterEvents.unschedulableTimeout, 301e6, 0, plugins)
    expect(queue.lengths).toEqual({ active: 1, backoff: 0, unschedulable: 0 })
  })

  it('makes pods active when their back-off is over, errors too', () => {
    const queue = new SchedulingQueue()
    queue.add(b.pod({ metadata: { name: 'a' } }), 0, 0, plugins)
    const q = queue.pop(plugins)!
    queue.giveBack(q, 500e3, plugins)
    expect([queue.ready, queue.lengths.backoff]).toEqual([false, 1])
    queue.flushBackoff(1e6, plugins)
    expect(queue.lengths.active).toBe(0)
    queue.flushBackoff(2e6, plugins)
    expect(queue.lengths.active).toBe(1)
  })
})
