import { describe, expect, it } from 'vitest'
import { quotaConstraint, quotaUsage, type LimitRange, type Pod, type ResourceAmounts } from '../../api'
import { facts as read } from '../../apimachinery/facts.testing'
import type { KubeObject } from '../../apimachinery'
import { servedByName, type Served } from '../served'
import type { WriteContext } from '../registry/strategy'
import { defaultStorageClass } from './default-storage-class'
import { defaultTolerationSeconds } from './default-toleration-seconds'
import { limitErrors } from './limit-ranger'
import type { AdmissionAttributes } from './plugin'
import { priority } from './priority'

/** When the cases were recorded, as far as their deletion timestamps tell. */
const recorded = Date.UTC(2026, 10, 20, 7, 57, 44) * 1000

interface Case { case?: string; given: Record<string, unknown>; expect: Record<string, unknown> }
interface Group { test: string; cases: Case[] }

const facts = read<{ groups: Group[] }>('admission-quota')
const cases = (test: string): Case[] => facts.groups.filter((g) => g.test === test).flatMap((g) => g.cases) ?? []

/** Go field names to JSON: the first run of capitals becomes small; metadata keeps its name. */
function json(v: unknown): unknown {
  if (Array.isArray(v)) return v.map(json)
  if (typeof v !== 'object' || v === null) return v
  const out: Record<string, unknown> = {}
  for (const [k, x] of Object.entries(v)) {
    if (k === 'TypeMeta') Object.assign(out, json(x))
    else out[k === 'ObjectMeta' ? 'metadata' : k === 'OS' ? 'os' : k[0]!.toLowerCase() + k.slice(1)] = json(x)
  }
  return out
}

const texts = (a: ResourceAmounts): Record<string, string> => Object.fromEntries(Object.entries(a).map(([k, q]) => [k, q.text]))

function context(objects: Record<string, KubeObject[]>): WriteContext {
  return {
    now: 0, time: '', user: '', subresource: '', draw: () => 0, warn: () => undefined, changedAt: () => 0,
    get: (resource, _ns, name) => objects[resource]?.find((o) => o.metadata.name === name), list: (resource) => objects[resource] ?? [],
  }
}

function attributes(resource: string, object: unknown, objects: Record<string, KubeObject[]>): AdmissionAttributes {
  return {
    served: servedByName(resource) as Served, operation: 'CREATE', subresource: '', namespace: 'ns', name: '', object: object as KubeObject, old: undefined,
    user: { name: '', groups: [] }, write: context(objects), alongside: [],
  }
}

/** Left out: resources that only quota's configuration limits (`limitedResources`, empty by default), pod groups (alpha), which operations an evaluator handles (asked in another way here), and claims whose class changes (the file has the quotas, not the claims). */
describe('admission gives upstream’s results', () => {
  it('limits pods as LimitRanger does', () => {
    const all = cases('TestPodLimitFunc')
    // Two tables in one list: those that succeed, then those that fail, which begin with the same name again.
    const name = (c: Case): string => (c.given.pod as { ObjectMeta: { name: string } }).ObjectMeta.name
    const bad = all.findIndex((c, i) => i > 0 && name(c) === name(all[0]!))
    const wrong = all.filter((c, i) => limitErrors(c.given.limitRange as LimitRange, 'pods', json(c.given.pod) as KubeObject).length > 0 !== i >= bad)
    expect(wrong.map((c) => c.given)).toEqual([])
  })

  it.each(cases('TestPodEvaluatorUsage').map((c) => [c.case, c] as const))('counts a pod: %s', (_n, c) => {
    const usage = texts(quotaUsage('', 'pods', json(c.given.pod) as KubeObject, recorded))
    expect(usage).toEqual((c.expect.usage ?? {}) as object)
  })

  it.each(cases('TestPodEvaluatorUsageResourceResize').map((c) => [c.case, c] as const))('counts a pod that is resized: %s', (_n, c) => {
    expect(texts(quotaUsage('', 'pods', json(c.given.pod) as KubeObject, 0))).toEqual(c.expect.usage)
  })

  it.each(cases('TestServiceEvaluatorUsage').map((c) => [c.case, c] as const))('counts a service: %s', (_n, c) => {
    expect(texts(quotaUsage('', 'services', json(c.given.service) as KubeObject, 0))).toEqual(c.expect.usage)
  })

  it.each(cases('TestPersistentVolumeClaimEvaluatorUsage').map((c) => [c.case, c] as const))('counts a claim: %s', (_n, c) => {
    expect(texts(quotaUsage('', 'persistentvolumeclaims', json(c.given.pvc) as KubeObject, 0))).toEqual(c.expect.usage)
  })

  it.each(cases('TestPodConstraintsFunc').map((c) => [c.case, c] as const))('wants resources named: %s', (_n, c) => {
    expect(quotaConstraint('pods', json(c.given.pod) as Pod, c.expect.required as string[])).toBe(c.expect.err)
  })

  it.each(cases('TestPodAdmission').map((c) => [c.case, c] as const))('finds a pod’s priority: %s', (_n, c) => {
    const pod = json(c.given.pod) as Pod
    const refused = priority.admit!(attributes('pods', pod, { priorityclasses: json(c.given.existingClasses) as KubeObject[] }))
    expect(refused !== undefined).toBe(c.expect.expectError)
    if (refused === undefined) expect(pod.spec.priority).toBe(c.expect.expectedPriority)
  })

  it('limits claims as LimitRanger does', () => {
    const all = cases('TestPersistentVolumeClaimLimitFunc')
    // Those that succeed, then those that fail: told by their names.
    for (const c of all) {
      const claim = json(c.given.pvc) as KubeObject
      expect([claim.metadata.name, limitErrors(c.given.limitRange as LimitRange, 'persistentvolumeclaims', claim).length > 0]).toEqual([claim.metadata.name, /exceeds|below|under|over/.test(claim.metadata.name)])
    }
  })

  it.each(cases('TestPriorityClassAdmission').map((c) => [c.case, c] as const))('judges a priority class: %s', (_n, c) => {
    const operation = c.given.operation as 'CREATE' | 'UPDATE' | 'DELETE'
    const a = { ...attributes('priorityclasses', json(c.given.newClass), { priorityclasses: json(c.given.existingClasses ?? []) as KubeObject[] }), operation }
    expect(priority.validate!(a) !== undefined).toBe(c.expect.expectError ?? false)
  })

  it.each(cases('TestDefaultPriority').map((c) => [c.case, c] as const))('finds the default priority: %s', (_n, c) => {
    for (const when of ['Before', 'After'] as const) {
      const pod = { metadata: { name: 'p' }, spec: { containers: [] } } as unknown as Pod
      priority.admit!(attributes('pods', pod, { priorityclasses: json(c.given[`classes${when}`] ?? []) as KubeObject[] }))
      expect([when, pod.spec.priority, pod.spec.priorityClassName ?? '']).toEqual([when, c.expect[`expectedDefault${when}`] ?? 0, c.expect[`expectedDefaultName${when}`] ?? ''])
    }
  })

  it.each(cases('TestForgivenessAdmission').map((c) => [c.case, c] as const))('tolerates nodes in trouble: %s', (_n, c) => {
    const pod = { metadata: { name: 'p' }, ...(json(c.given.requestedPod ?? {}) as object) } as Pod
    const asked = { ...pod, spec: { ...pod.spec } }
    defaultTolerationSeconds.admit!(attributes('pods', asked, {}))
    expect(asked.spec.tolerations).toEqual((json(c.expect.expectedPod) as Pod).spec.tolerations)
  })

  it.each(cases('TestAdmission').filter((c) => c.case !== undefined).map((c) => [c.case, c] as const))('gives claims their class: %s', (_n, c) => {
    const claim = json(c.given.claim) as KubeObject & { spec?: { storageClassName?: string } }
    claim.spec ??= {}
    const refused = defaultStorageClass.admit!(attributes('persistentvolumeclaims', claim, { storageclasses: (c.given.classes ?? []) as KubeObject[] }))
    expect([refused !== undefined, claim.spec.storageClassName ?? '']).toEqual([c.expect.expectError ?? false, c.expect.expectedClassName ?? ''])
  })

  it.each(cases('TestServiceConstraintsFunc').map((c) => [c.case, c] as const))('wants nothing named by a service: %s', (_n, c) => {
    expect(quotaConstraint('services', json(c.given.service) as KubeObject, c.expect.required as string[])).toBe(c.expect.err)
  })

  it('gives claims the default class, the newest of several', () => {
    const sc = (name: string, at: string, value = 'true'): KubeObject => ({ metadata: { name, creationTimestamp: at, annotations: { 'storageclass.kubernetes.io/is-default-class': value } } }) as unknown as KubeObject
    const claim = { metadata: { name: 'c' }, spec: {} as { storageClassName?: string } }
    defaultStorageClass.admit!(attributes('persistentvolumeclaims', claim, { storageclasses: [sc('z', '2026-01-01T00:00:00Z'), sc('b', '2026-01-02T00:00:00Z'), sc('a', '2026-01-02T00:00:00Z'), sc('n', '2026-01-03T00:00:00Z', 'false')] }))
    expect(claim.spec.storageClassName).toBe('a')
  })
})
