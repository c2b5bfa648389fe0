import { describe, expect, test } from 'vitest'
import { quotaResourcesOf, scopeFits, type ResourceQuota } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { facts } from '../../apimachinery/facts.testing'
import { TestEnv } from '../testing'
import { resourceQuotaController, usage } from './index'

// oxlint-disable typescript/no-explicit-any
type Case = { case: string; given: any; expect: any }
const cases = (name: string): Case[] => {
  const found = facts<any>('admission-quota').groups.find((g: any) => g.test === name)?.cases as Case[]
  expect(found.length).toBeGreaterThan(0)
  return found
}

/** The internal objects of upstream's tests have Go's field names. */
function json(v: any): any {
  if (Array.isArray(v)) return v.map(json)
  if (typeof v !== 'object' || v === null) return v
  return Object.fromEntries(Object.entries(v).map(([k, x]) => [k === 'ObjectMeta' ? 'metadata' : /^[A-Z]/.test(k) ? k[0]?.toLowerCase() + k.slice(1) : k, k === 'Limits' || k === 'Requests' ? x : json(x)]))
}

test('TestPodEvaluatorUsageStats', () => {
  for (const c of cases('TestPodEvaluatorUsageStats')) {
    const env = new TestEnv(resourceQuotaController)
    for (const o of c.given.objs.map(json)) env.cache('pods').set({ ...o, metadata: { ...o.metadata, namespace: 'ns' } })
    const quota = { metadata: { name: 'q', namespace: 'ns' }, spec: { hard: Object.fromEntries(Object.keys(c.expect.want).map((k) => [k, '100'])), scopes: c.given.quotaScopes, scopeSelector: c.given.quotaScopeSelector } } as ResourceQuota
    expect(usage(quota, env), c.case).toEqual(c.expect.want)
  }
})

describe('scopes', () => {
  const all = [...['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort'].map((scopeName) => ({ scopeName, operator: '' })), { scopeName: 'PriorityClass', operator: 'In', values: ['class1'] }, { scopeName: 'CrossNamespacePodAffinity', operator: '' }]

  test.each([['TestPodEvaluatorMatchingScopes', 'pods', 'pod'], ['TestPersistentVolumeClaimEvaluatorMatchingScopes', 'persistentvolumeclaims', 'claim']])('%s', (name, resource, given) => {
    for (const c of cases(name)) {
      const { spec, ...rest } = json(c.given[given])
      const object = { metadata: { name: 'o' }, spec: { ...(resource === 'pods' && { containers: [] }), ...spec }, ...rest } as unknown as KubeObject
      expect((c.given.selectors ?? all).filter((s: any) => scopeFits(s, '', resource, object)), c.case).toEqual(c.expect.wantSelectors)
    }
  })
})

test('TestPersistentVolumeClaimEvaluatorMatchingResources', () => {
  for (const c of cases('TestPersistentVolumeClaimEvaluatorMatchingResources')) expect(quotaResourcesOf('', 'persistentvolumeclaims', c.given.items), c.case).toEqual(c.expect.want)
})
