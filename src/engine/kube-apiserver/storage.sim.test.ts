import { describe, expect, test } from 'vitest'
import { etcdMembers } from '../etcd'
import { MINUTE, SECOND } from '../sim'
import { TestServer } from './testing'

const path = '/api/v1/namespaces/default/configmaps'
const put = (s: TestServer, name: string, data: Record<string, string> = {}) => s.do({ verb: 'create', path, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data } })
const text = (r: { body: unknown }) => (r.body as { message?: string }).message

describe('etcd and the server in front of it', () => {
  test('a member that was away for thousands of writes gets a snapshot and is as new as the others', () => {
    const s = new TestServer({ members: 3 })
    const away = etcdMembers(s.sim.state).find((m) => m.role !== 'leader')?.id as string
    s.stop(away)
    for (let i = 0; i < 40; i++) {
      for (let k = 0; k < 300; k++) s.send({ verb: 'create', path, body: { metadata: { name: `c-${i}-${k}` } } })
      s.run(SECOND)
    }
    s.start(away)
    s.run(10 * SECOND)
    expect(s.sim.trace.since(0).some((r) => r.actor === away && r.what === 'installed a snapshot')).toBe(true)
    const views = etcdMembers(s.sim.state)
    expect(new Set(views.map((m) => m.revision)).size).toBe(1)
    expect(views[0]?.revision).toBeGreaterThan(12_000)
    expect(put(s, 'after').code).toBe(201)
  })

  test('a server that comes back after a compaction lists anew and serves what is there', () => {
    const s = new TestServer()
    put(s, 'a')
    s.stop('kube-apiserver')
    s.run(20 * MINUTE)
    s.start('kube-apiserver')
    s.run(SECOND)
    expect(s.do({ verb: 'get', path: `${path}/a` }).code).toBe(200)
    expect(put(s, 'b').code).toBe(201)
  })

  test('pages of a list that is compacted meanwhile are expired, with upstream’s words', () => {
    const s = new TestServer()
    for (const n of ['a', 'b', 'c']) put(s, n)
    s.run(10_000)
    const first = s.do({ verb: 'list', path, query: { limit: '2' } }).body as unknown as { metadata: { continue: string; remainingItemCount: number } }
    expect(first.metadata.remainingItemCount).toBe(1)
    put(s, 'd')
    s.run(11 * MINUTE)
    const next = s.do({ verb: 'list', path, query: { limit: '2', continue: first.metadata.continue } })
    expect([next.code, (next.body as { reason?: string }).reason]).toEqual([410, 'Expired'])
    expect(text(next)).toContain('The provided continue parameter is too old')
  })

  test('resourceVersionMatch is checked, and Exact reads the past', () => {
    const s = new TestServer()
    put(s, 'a')
    s.run(10_000)
    const then = (s.do({ verb: 'list', path }).body as unknown as { metadata: { resourceVersion: string } }).metadata.resourceVersion
    put(s, 'b')
    s.run(10_000)
    const items = (query: Record<string, string>) => (s.do({ verb: 'list', path, query }).body as unknown as { items: { metadata: { name: string } }[] }).items.map((o) => o.metadata.name)
    expect(items({ resourceVersion: then, resourceVersionMatch: 'Exact' })).toEqual(['a'])
    expect(items({ resourceVersion: then, resourceVersionMatch: 'NotOlderThan' })).toEqual(['a', 'b'])
    expect(text(s.do({ verb: 'list', path, query: { resourceVersionMatch: 'Exact' } }))).toBe('ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided')
  })

  test('discovery tells groups, versions, kinds, verbs and short names', () => {
    const s = new TestServer()
    const groups = s.do({ verb: 'get', path: '/apis' }).body as unknown as { kind: string; groups: { name: string; preferredVersion: { groupVersion: string } }[] }
    expect(groups.kind).toBe('APIGroupList')
    expect(groups.groups.find((g) => g.name === 'apps')?.preferredVersion.groupVersion).toBe('apps/v1')
    const core = s.do({ verb: 'get', path: '/api/v1' }).body as unknown as { kind: string; groupVersion: string; resources: { name: string; kind: string; verbs: string[]; shortNames?: string[]; namespaced: boolean }[] }
    expect([core.kind, core.groupVersion]).toEqual(['APIResourceList', 'v1'])
    expect(core.resources.find((r) => r.name === 'pods')).toEqual({ name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'], shortNames: ['po'], categories: ['all'] })
    expect(core.resources.find((r) => r.name === 'pods/eviction')).toMatchObject({ kind: 'Eviction', verbs: ['create'] })
    expect(s.do({ verb: 'get', path: '/apis/nothing/v1' }).code).toBe(404)
  })
})
