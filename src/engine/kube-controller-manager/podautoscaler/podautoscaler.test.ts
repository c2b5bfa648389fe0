import { describe, expect, test } from 'vitest'
import type { HPAScalingRules, HorizontalPodAutoscaler, MetricSpec, Pod } from '../../api'
import { matches, parseSelector, type Selector } from '../../apimachinery'
import { facts } from '../../apimachinery/facts.testing'
import { strategies } from '../../kube-apiserver/registry'
import { MINUTE, SECOND, parseTime } from '../../sim'
import { externalPerPodReplicas, externalReplicas, groupPods, objectPerPodReplicas, objectReplicas, podsMetricReplicas, resourceReplicas, type CalculatorInput, type Proposal } from './calculator'
import { decide, Look, rescaled, type Decision, type Memory } from './decide'
import { policyDownLimit, policyUpLimit, rememberChange, scaleUpLimit, stabilize, stabilizeWithBehavior, withBehavior, withRules, type Recommendation, type ScaleEvent } from './limits'
import { quantityText } from './metric-status'
import { failed, requestsOf, type Failure, type MetricsSource, type PodMetrics } from './metrics'
import { defaultSettings, type HpaSettings } from './settings'

type Case = { case?: string; given: any; expect: any }
const groups: { test: string; source: string; cases: Case[] }[] = facts<any>('hpa').groups
const cases = (...tests: string[]): Case[] => groups.filter((g) => tests.includes(g.test)).flatMap((g) => g.cases)

// Upstream's tests run with these.
const settings: HpaSettings = { ...defaultSettings, scaleUpFactor: 8, cpuInitialization: 2 * MINUTE, initialReadinessDelay: 10 * SECOND, configurableTolerance: false }
const micros = (t: string | undefined): number => (t === undefined ? 0 : (parseTime(t.replace(/(\.\d{6})\d*Z$/, '$1Z')) as number))

interface Level { readonly levels: readonly (number | readonly number[])[]; readonly names?: readonly string[] | undefined }

/** What upstream's fake clients answer. */
class Fake implements MetricsSource {
  constructor(private readonly at: number, private readonly of: Level, private readonly broken = false) {}
  private perPod(levels: readonly (readonly number[])[], container = ''): PodMetrics {
    const out: PodMetrics = new Map()
    for (const [i, l] of levels.entries()) {
      const n = container === '' ? -1 : Number(container.slice('container'.length)) - 1
      if (n >= l.length) continue
      const value = n < 0 ? l.reduce((a, b) => a + b, 0) : (l[n] as number)
      out.set(this.of.names?.[i] ?? `pod-${i}`, { at: this.at, window: MINUTE, value })
    }
    return out
  }
  resource(_name: string, container: string): PodMetrics | Failure {
    if (this.broken) return { error: 'something went wrong' }
    if (this.of.levels.length === 0) return { error: 'no metrics returned from resource metrics API' }
    return this.perPod(this.of.levels.map((l) => (typeof l === 'number' ? [l] : l)), container)
  }
  pods(): PodMetrics | Failure {
    if (this.broken) return { error: 'something went wrong' }
    return this.of.levels.length === 0 ? { error: 'no metrics returned from custom metrics API' } : this.perPod(this.of.levels.map((l) => (typeof l === 'number' ? [l] : l.slice(0, 1))))
  }
  object(): { value: number } | Failure {
    return this.broken ? { error: 'something went wrong' } : { value: this.of.levels[0] as number }
  }
  external(): { values: readonly number[] } | Failure {
    return this.broken ? { error: 'something went wrong' } : this.of.levels.length === 0 ? { error: 'no metrics returned from external metrics API' } : { values: this.of.levels as number[] }
  }
}

function podsOf(n: number, now: number, c: { phase?: string[]; ready?: string[]; start?: (string | undefined)[]; deleted?: boolean[]; requests?: string[]; containers?: number }): Pod[] {
  const text = (t: number): string => new Date(t / 1000).toISOString()
  return Array.from({ length: n }, (_, i) => ({
    metadata: { name: `pod-${i}`, namespace: 'test-namespace', labels: { name: 'test-pod' }, ...(c.deleted?.[i] && { deletionTimestamp: text(now) }) },
    spec: { containers: Array.from({ length: c.containers ?? 1 }, (_x, k) => ({ name: `container${k + 1}`, resources: { requests: c.requests?.[i] === undefined ? {} : { cpu: c.requests[i] } } })) },
    status: { phase: c.phase?.[i] ?? 'Running', startTime: c.start?.[i] ?? text(now - 3 * MINUTE), conditions: [{ type: 'Ready', status: c.ready?.[i] ?? 'True', lastTransitionTime: c.start?.[i] }] },
  })) as unknown as Pod[]
}

const replicaTests = groups.filter((g) => g.source.endsWith('replica_calculator_test.go') && !['TestGroupPods', 'TestCalculateRequests', 'TestReplicaCalcConfigurableTolerance'].includes(g.test))

describe('the replica calculator', () => {
  test.each(replicaTests.flatMap((g) => g.cases.map((c, i): [string, Case] => [`${g.test} ${i}`, c])))('gives upstream\'s counts: %s', (title, c) => {
    const { given: g, expect: want } = c
    const now = micros('2026-11-20T07:28:59Z')
    // Only rolling-update tests have more pods than replicas.
    const n = Math.max(g.currentReplicas, g.podPhase?.length ?? 0, g.podReadiness?.length ?? 0)
    const perContainer = g.resource?.levels.find((l: number[]) => l.length > 1) !== undefined
    const pods = podsOf(n, now, { phase: g.podPhase, ready: g.podReadiness, start: g.podStartTime, deleted: g.podDeletionTimestamp, requests: g.resource?.requests, containers: perContainer ? 2 : 1 })
    const t = g.tolerances ?? { scaleUp: '0.1', scaleDown: '0.1' }
    const input: CalculatorInput = {
      metrics: new Fake(now, { levels: g.resource?.levels ?? g.metric.levels, names: g.resource?.podNames }), pods, wall: now, settings, tolerances: { up: Number(t.scaleUp ?? 0), down: Number(t.scaleDown ?? 0) },
    }
    const found = ((): Proposal | Failure => {
      if (g.resource) return resourceReplicas(input, g.currentReplicas, g.resource.targetUtilization, g.resource.name, g.container ?? '')
      const m = g.metric
      const object = { metric: m.name, namespace: 'test-namespace', object: m.singleObject, selector: m.selector }
      switch (m.metricType) {
        case 0: return objectReplicas(input, g.currentReplicas, m.targetUsage, object)
        case 1: return objectPerPodReplicas(input, g.currentReplicas, m.perPodTargetUsage, object)
        case 2: return externalReplicas(input, g.currentReplicas, m.targetUsage, 'test-namespace', m.name, m.selector)
        case 3: return externalPerPodReplicas(input, g.currentReplicas, m.perPodTargetUsage, 'test-namespace', m.name, m.selector)
        default: return podsMetricReplicas(input, g.currentReplicas, m.targetUsage, m.name, m.selector)
      }
    })()
    if (want.expectedError) {
      expect(failed(found) ? found.error : '', title).toContain(want.expectedError.error)
      return
    }
    const p = found as Proposal
    expect([p.replicas, g.resource ? p.utilization : 0, p.usage]).toEqual([want.expectedReplicas, g.resource?.expectedUtilization ?? 0, g.resource?.expectedValue ?? g.metric.expectedUsage])
  })

  test('tolerances in rules, pods in groups, requests', () => {
    const now = micros('2026-11-20T07:29:05.9Z')
    for (const c of cases('TestGroupPods')) {
      const metrics: PodMetrics = new Map(Object.entries<any>(c.given.metrics).map(([k, m]) => [k, { at: micros(m.Timestamp), window: m.Window === '1m0s' ? MINUTE : Number(m.Window.slice(0, -1)) * SECOND, value: m.Value }]))
      const g = groupPods(c.given.pods.map((p: Pod) => ({ ...p, spec: { containers: [] } })), metrics, c.given.resource, now, settings)
      const want = c.expect
      expect([g.ready, [...g.unready], [...g.missing], [...g.ignored]], c.case).toEqual([want.expectReadyPodCount, Object.keys(want.expectUnreadyPods), Object.keys(want.expectMissingPods), Object.keys(want.expectIgnoredPods)])
    }
    for (const c of cases('TestCalculateRequests')) {
      if (!c.given.enablePodLevelResources && c.given.pods.length > 0) continue
      const r = requestsOf(c.given.pods, c.given.resource, c.given.container ?? '')
      expect(failed(r) ? r.error : Object.fromEntries(r), c.case).toEqual(c.expect.expectedRequests)
    }
  })
})

describe('limits', () => {
  const policies: Record<string, HPAScalingRules> = { disabled: { selectPolicy: 'Disabled', policies: [] } }
  const rules = (text: string): HPAScalingRules => {
    const known = policies[text]
    if (known) return known
    const m = /^(?:(max|min)\()?(.*?)\)?\/(\d+)s$/.exec(text) as RegExpExecArray
    return {
      selectPolicy: m[1] === 'min' ? 'Min' : 'Max',
      policies: (m[2] as string).split(',').map((p) => ({ type: p.endsWith('%') ? 'Percent' : 'Pods', value: Number.parseInt(p, 10), periodSeconds: Number(m[3]) })),
    }
  }
  test('of upstream\'s functions', () => {
    for (const c of f.scaleUpLimit) expect(scaleUpLimit(c.current, settings), JSON.stringify(c)).toBe(c.scaleUpLimit)
    for (const c of f.rules) {
      const l = withRules(c.current, c.desired, c.min, c.max, settings)
      expect([l.replicas, l.reason], JSON.stringify(c)).toEqual([c.result, c.reason])
    }
    for (const c of f.policyLimits) expect([policyUpLimit(c.current, [], [], rules(c.policy), 0), policyDownLimit(c.current, [], [], rules(c.policy), 0)], JSON.stringify(c)).toEqual([c.upLimit, c.downLimit])
    for (const c of f.defaultBehaviorLimits) expect([policyUpLimit(c.current, [], [], f.defaultBehaviorScaleUp, 0), policyDownLimit(c.current, [], [], f.defaultBehaviorScaleDown, 0)]).toEqual([c.scaleUpLimitDefaultBehavior, c.scaleDownLimitDefaultBehavior])
  })

  const now = micros('2026-11-20T07:28:55.95Z')
  const events = (list: any[] | undefined): ScaleEvent[] => (list ?? []).map((e) => ({ change: e.replicaChange, at: micros(e.timestamp), outdated: e.outdated }))
  const recommendations = (list: any[] | undefined): Recommendation[] => (list ?? []).map((r) => ({ replicas: r.recommendation, at: micros(r.timestamp) }))

  test('of upstream\'s tables', () => {
    for (const c of cases('TestConvertDesiredReplicasWithRules')) {
      const l = withRules(c.given.currentReplicas, c.expect.expectedDesiredReplicas, c.given.hpaMinReplicas, c.given.hpaMaxReplicas, settings)
      expect([l.replicas, l.reason], c.given.annotation).toEqual([c.expect.expectedConvertedDesiredReplicas, c.expect.expectedCondition])
    }
    for (const c of cases('TestScalingWithRules')) {
      const g = c.given
      const l = withBehavior({
        current: g.currentReplicas, desired: g.prenormalizedDesiredReplicas, min: g.specMinReplicas, max: g.specMaxReplicas, ups: events(g.scaleUpEvents), downs: events(g.scaleDownEvents),
        up: g.scaleUpRules ?? f.defaultBehaviorScaleUp, down: g.scaleDownRules ?? f.defaultBehaviorScaleDown, now,
      })
      expect([l.replicas, l.reason], c.case).toEqual([c.expect.expectedReplicas, c.expect.expectedCondition])
    }
    for (const c of cases('TestNormalizeDesiredReplicas')) {
      const list = recommendations(c.given.recommendations)
      expect([stabilize(list, c.given.prenormalizedDesiredReplicas, 5 * MINUTE, now), list.length], c.case).toEqual([c.expect.expectedStabilizedReplicas, c.expect.expectedLogLength])
    }
    for (const c of cases('TestNormalizeDesiredReplicasWithBehavior')) {
      const g = c.given
      if (g.currentReplicas === undefined) continue
      const list = recommendations(g.recommendations)
      expect(stabilizeWithBehavior(list, g.currentReplicas, g.prenormalizedDesiredReplicas, g.scaleUpStabilizationWindowSeconds, g.scaleDownStabilizationWindowSeconds, now).replicas, c.case).toBe(c.expect.expectedStabilizedReplicas)
      if (c.expect.expectedRecommendations) expect(list.map((r) => r.replicas), c.case).toEqual(c.expect.expectedRecommendations.map((r: any) => r.recommendation))
    }
    for (const c of cases('TestStoreScaleEvents')) {
      const g = c.given
      // The other rows are the entries that the test went through.
      if (g.prevScaleEvents === undefined && g.newScaleEvents === undefined) continue
      const list = events(g.prevScaleEvents)
      if (g.scalingRules) rememberChange(list, g.scalingRules, g.replicaChange, now)
      expect(list.map((e) => e.change), c.case).toEqual(g.newScaleEvents.map((e: any) => e.replicaChange))
    }
    for (const c of cases('TestBuildQuantity')) expect(quantityText(c.given.resourceName, c.given.rawProposal), c.case).toBe(c.expect.expected)
  })

  test('behavior is defaulted as upstream', () => {
    const strategy = strategies.find((s) => s.resource === 'horizontalpodautoscalers')
    const defaulted = (behavior: any): any => {
      const o: any = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'h', namespace: 'n' }, spec: { maxReplicas: 1, scaleTargetRef: { kind: 'Deployment', name: 'd' }, ...(behavior && { behavior }) } }
      strategy?.defaults?.(o)
      return o.spec.behavior
    }
    for (const c of cases('TestSetBehaviorDefaults')) expect(defaulted(c.given.behavior), c.given.annotation).toEqual(c.expect.expectedBehavior)
    for (const [test, side] of [['TestGenerateScaleUpRules', 'Up'], ['TestGenerateScaleDownRules', 'Down']] as const)
      for (const c of cases(test)) {
        const g = c.given
        const list = [
          ...(g[`rate${side}Pods`] ? [{ type: 'Pods', value: g[`rate${side}Pods`], periodSeconds: g[`rate${side}PodsPeriodSeconds`] }] : []),
          ...(g[`rate${side}Percent`] ? [{ type: 'Percent', value: g[`rate${side}Percent`], periodSeconds: g[`rate${side}PercentPeriodSeconds`] }] : []),
        ]
        const r = defaulted({ [`scale${side}`]: { ...(list.length > 0 && { policies: list }), ...(g.selectPolicy && { selectPolicy: g.selectPolicy }), ...(g.stabilizationSeconds && { stabilizationWindowSeconds: g.stabilizationSeconds }) } })[`scale${side}`]
        expect([r.policies, r.selectPolicy, r.stabilizationWindowSeconds], g.annotation).toEqual([c.expect.expectedPolicies, c.expect.expectedSelectPolicy, c.expect.expectedStabilization])
      }
  })
})

const f = facts<any>('fn-hpa')
const whole = groups.filter((g) => g.source.endsWith('horizontal_test.go') && g.cases.some((c) => 'specReplicas' in c.given))
const look = (c: Case, title: string): { look: Look; decision: Decision } => {
  const { given: g } = c
  const now = micros('2026-11-20T07:28:54.5Z')
  const gate = title.includes('HPAScaleToZero=true')
  const cpu: MetricSpec[] = g.CPUTarget > 0 ? [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: g.CPUTarget } } }] : []
  const up = g.scaleUpRules
  const down = g.scaleDownRules
  const hpa = {
    metadata: { name: 'test-hpa', namespace: 'test-namespace' },
    spec: {
      scaleTargetRef: { kind: 'ReplicationController', name: 'test-rc', apiVersion: 'v1' }, minReplicas: g.minReplicas, maxReplicas: g.maxReplicas, metrics: [...cpu, ...(g.metricsTarget ?? [])],
      // Upstream's controller gets defaulted objects.
      ...((up || down) && { behavior: { scaleUp: { ...f.defaultBehaviorScaleUp, ...up }, scaleDown: { ...f.defaultBehaviorScaleDown, ...down } } }),
    },
    status: { currentReplicas: g.initialReplicas, desiredReplicas: g.specReplicas, ...(g.initialConditions && { conditions: g.initialConditions }) },
  } as unknown as HorizontalPodAutoscaler
  const n = g.reportedCPURequests?.length || g.statusReplicas || 0
  const pods = podsOf(n, now, { phase: g.reportedPodPhase, ready: g.reportedPodReadiness, start: g.reportedPodStartTime, deleted: g.reportedPodDeletionTimestamp, requests: g.reportedCPURequests, containers: 2 })
  // The fake API of this test labels its pods so.
  if (title.includes('PartialSelectorOverlap')) for (const p of pods) p.metadata.labels = { name: 'test-pod', cheddar: 'cheese' }
  const levels = (g.reportedLevels ?? []) as number[]
  const resource = hpa.spec.metrics?.some((m) => m.type === 'Resource' || m.type === 'ContainerResource')
  const memory: Memory = { recommendations: (g.recommendations ?? []).map((r: any) => ({ replicas: r.recommendation, at: micros(r.timestamp) })), ups: [], downs: [], selector: undefined }
  // An empty list in the table means: nothing is to be recorded at first.
  if (g.recommendations?.length === 0) memory.recommendations.push({ replicas: 0, at: now })
  const memories = new Map<string, Memory>([['test-namespace/test-hpa', memory]])
  for (const [key, s] of Object.entries<any>(g.hpaSelectors?.selectingObjects ?? {})) memories.set(`test-namespace/${key}`, { recommendations: [], ups: [], downs: [], selector: parseSelector(s.selector) as Selector })
  const l = new Look('test-namespace/test-hpa', hpa, memories, now, { ...settings, scaleToZero: gate, configurableTolerance: title.includes('ConfigurableTolerance') && !title.includes('gate_is_disabled') })
  const selector = title.includes('InvalidSelectorMissing') ? '' : title.includes('InvalidSelectorUnparsable') ? 'cheddar cheese' : 'name=test-pod'
  // An external metric beside a resource is one that fails in these tests.
  const broken = title.includes('FailedGetMetrics')
  const source = new Fake(now, { levels: resource ? levels.map((x) => [x, x]) : levels }, broken)
  if (resource) (source as any).external = () => ({ error: 'no metrics returned from external metrics API' })
  const decision = decide(l, { replicas: g.specReplicas, statusReplicas: g.statusReplicas, selector }, (s) => pods.filter((p) => matches(s, p.metadata.labels)), source)
  return { look: l, decision }
}

// Its scale cannot be read or written: the simulated test has these.
const withoutScale = ['TestConditionFailedGetScale', 'TestConditionFailedUpdateScale']

describe('the controller', () => {
  test.each(whole.filter((g) => !withoutScale.includes(g.test)).flatMap((g) => g.cases.map((c, i): [string, Case] => [`${g.test} ${i}`, c])))('decides as upstream: %s', (title, c) => {
    const { look: l, decision } = look(c, title)
    const { given: g, expect: want } = c
    if (decision.rescale) rescaled(l, g.specReplicas, decision.desired, decision.reason)
    expect(decision.rescale ? decision.desired : g.specReplicas, `${decision.error}`).toBe(want.expectedDesiredReplicas)
    for (const w of want.expectedConditions ?? []) {
      const found = l.conditions.find((x) => x.type === w.type)
      expect([w.type, found?.status, found?.reason], decision.error ?? '').toEqual([w.type, w.status, w.reason])
    }
    const action = !decision.rescale ? 'none' : decision.desired > g.specReplicas ? 'scale_up' : 'scale_down'
    expect([action, decision.error === undefined ? 'none' : 'internal']).toEqual([want.expectedReportedReconciliationActionLabel, want.expectedReportedReconciliationErrorLabel])
    if (g.eventCreated !== undefined && title.startsWith('TestEvent')) expect(l.said.some((s) => s.reason === 'SuccessfulRescale')).toBe(title.startsWith('TestEventCreated'))
  })
})
