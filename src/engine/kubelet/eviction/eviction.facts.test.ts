import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { quantityMilliValue, quantityValue } from '../../apimachinery'
import { SECOND } from '../../sim'
import { evictionMessage } from './message'
import { parsePercentage, parseThresholdConfig, sameValue, thresholdsMet, type Threshold, type ThresholdValue } from './thresholds'

// The whole table where it is at hand, else the committed part of it.
const at = ['../../../../../shared/kubernetes/facts/kubelet.json', '../../../testdata/facts/kubelet.json'].map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url)) as URL
const groups: any[] = JSON.parse(readFileSync(at, 'utf8')).groups
const cases = (test: string): [string, any][] => (groups.find((g) => g.test === test)?.cases ?? []).map((c: any, i: number) => [String(c.case ?? i), c])

const value = (v: any): ThresholdValue => ('Quantity' in v ? { quantity: v.Quantity } : { percentage: Number(v.Percentage) })
const threshold = (t: any): Threshold => ({ signal: t.Signal, value: value(t.Value), gracePeriod: Number.parseFloat(t.GracePeriod ?? '0s') * SECOND, ...(t.MinReclaim ? { minReclaim: value(t.MinReclaim) } : {}) })
const sorted = (list: readonly Threshold[]) => list.map((t) => JSON.stringify(t, (_k, v: unknown) => (typeof v === 'string' && /^\d/.test(v) ? quantityValue(v) : v))).sort()
const observations = (o: Record<string, { available: string; capacity?: string }>) => new Map(Object.entries(o).map(([k, v]) => [k, { available: quantityMilliValue(v.available) / 1000, capacity: quantityMilliValue(v.capacity ?? '0') / 1000 }]))

describe("upstream's own cases of eviction", () => {
  it.each(cases('TestParseThresholdConfig'))('thresholds are parsed: %s', (_name, { given: g, expect: e }) => {
    const got = parseThresholdConfig(g.allocatableConfig ?? [], { hard: g.evictionHard, soft: g.evictionSoft, softGracePeriod: g.evictionSoftGracePeriod, minimumReclaim: g.evictionMinReclaim })
    expect('error' in got).toBe(e.expectErr === true)
    if ('thresholds' in got) expect(sorted(got.thresholds)).toEqual(sorted(e.expectThresholds.map(threshold)))
  })
  it.each([...cases('TestThresholdsMet'), ...cases('TestPercentageThresholdsMet')])('thresholds are met: %s', (_name, { given: g, expect: e }) => {
    const got = thresholdsMet(g.thresholds.map(threshold), observations(g.observations), g.enforceMinReclaim === true || g.enforceMinRelaim === true)
    expect(sorted(got)).toEqual(sorted(e.result.map(threshold)))
  })
  it.each(cases('TestParsePercentage'))('a percentage is parsed: %s', (name, { given: g, expect: e }) => {
    const got = parsePercentage(name)
    expect(got === undefined).toBe(e.hasError === true)
    if (got !== undefined) expect(got).toBeCloseTo(Number(g.value ?? 0), 6)
  })
  it.each(cases('TestCompareThresholdValue'))('values are compared: %s', (_name, { given: g, expect: e }) => {
    expect(sameValue(value(g.a), value(g.b))).toBe(e.equal)
  })
  it.each(cases('TestEvictionMessage').filter(([, c]) => c.given.containerMemoryStats))('the message of an eviction: %s', (_name, { given: g, expect: e }) => {
    const bytes = (text: string) => Number(quantityValue(text))
    const pod: any = { metadata: { name: 'pod-eviction-message' }, spec: { containers: g.containers ?? [], initContainers: g.initContainers, ephemeralContainers: g.ephemeralContainers, resources: g.podLevelResourcesEnabled ? g.podResources : undefined } }
    const containers = g.containerMemoryStats.map((s: any) => ({ name: s.name, memory: bytes(s.usage), disk: 0, processes: 1 }))
    const { message, annotations } = evictionMessage('memory', pod, { containers, memory: bytes(g.podMemoryStats ?? '0'), disk: 0, processes: 1 }, [], new Map())
    for (const m of e.expectedContainerMessage ?? []) expect(message).toContain(`Container ${m.name} was using ${m.usage}, request is ${m.request}, has larger consumption of memory. `)
    expect(message.split('Container ').length - 1).toBe((e.expectedContainerMessage ?? []).length)
    if (e.expectedPodMessage) expect(message).toContain(`Pod ${e.expectedPodMessage.name} was using ${e.expectedPodMessage.usage}, request is ${e.expectedPodMessage.request}, has larger consumption of memory. `)
    for (const [k, v] of Object.entries(e.expectedAnnotations ?? {})) expect(annotations[k]).toBe(v)
  })
})
