import { describe, expect, test } from 'vitest'
import { SECOND } from '../sim'
import { TestServer } from '../kube-apiserver/testing'
import { currentStore, etcdHasQuorum, etcdMembers } from '.'

const path = '/api/v1/namespaces/default/configmaps'
const put = (s: TestServer, name: string) => s.do({ verb: 'create', path, body: { metadata: { name } } })
const leader = (s: TestServer) => etcdMembers(s.sim.state).find((m) => m.role === 'leader')?.id as string

describe('a cluster of members', () => {
  test('has one leader, and all members come to the same revision', () => {
    for (const members of [3, 5]) {
      const s = new TestServer({ members })
      expect(put(s, 'a').code).toBe(201)
      s.run(3 * SECOND)
      const views = etcdMembers(s.sim.state)
      expect(views.filter((m) => m.role === 'leader')).toHaveLength(1)
      expect(new Set(views.map((m) => m.revision)).size).toBe(1)
    }
  })

  test('the loss of the leader costs seconds, not data', () => {
    const s = new TestServer({ members: 3 })
    put(s, 'a')
    const first = leader(s)
    s.stop(first)
    s.run(4 * SECOND)
    expect(leader(s)).not.toBe(first)
    expect(put(s, 'b').code).toBe(201)
    expect(s.do({ verb: 'get', path: `${path}/a` }).code).toBe(200)
    s.start(first)
    s.run(5 * SECOND)
    expect(new Set(etcdMembers(s.sim.state).map((m) => m.revision)).size).toBe(1)
    expect(etcdMembers(s.sim.state).filter((m) => m.role === 'leader')).toHaveLength(1)
  })

  test('without a majority nothing is written or read consistently, until one comes back', () => {
    const s = new TestServer({ members: 3 })
    put(s, 'a')
    s.stop('etcd-0')
    s.stop('etcd-1')
    s.run(5 * SECOND)
    expect(etcdHasQuorum(s.sim.state)).toBe(false)
    const r = put(s, 'b')
    expect(r.code).toBe(500)
    expect((r.body as unknown as { message: string }).message).toBe('etcdserver: request timed out')
    expect(s.do({ verb: 'get', path: `${path}/a` }).code).toBe(500)
    expect(s.do({ verb: 'get', path: `${path}/a`, query: { resourceVersion: '0' } }).code).toBe(200)
    s.start('etcd-1')
    s.run(5 * SECOND)
    expect(put(s, 'c').code).toBe(201)
    expect(currentStore(s.sim.state)?.get('/registry/configmaps/default/c')).toBeDefined()
  })

  test('watches go on over a change of leader', () => {
    const s = new TestServer({ members: 3 })
    const w = s.watch(path, { resourceVersion: '0' })
    put(s, 'a')
    s.stop(leader(s))
    s.run(4 * SECOND)
    put(s, 'b')
    s.run(SECOND)
    expect(s.events(w).map((e) => e.object.metadata.name)).toEqual(['a', 'b'])
  })

  test('one timer waits for the next lease to expire, and each lease is revoked once, however much is written meanwhile', () => {
    const s = new TestServer({ members: 3 })
    const event = (name: string) => s.do({ verb: 'create', path: '/api/v1/namespaces/default/events', body: { metadata: { name }, involvedObject: { kind: 'Pod', namespace: 'default', name: 'a' } } })
    const waiting = () => s.sim.state.queue.entries().filter((e) => e.message.type === 'etcd/leases' && !s.sim.state.cancelled.has(e.seq)).length
    expect(event('first').code).toBe(201)
    s.run(3659 * SECOND)
    expect(event('second').code).toBe(201)
    let most = 0
    // Writes on their way through the log while the first lease expires.
    for (let i = 0; i < 400; i++) {
      s.send({ verb: 'create', path, body: { metadata: { name: `c${i}` } } })
      s.run(SECOND / 200)
      most = Math.max(most, waiting())
    }
    s.run(5 * SECOND)
    expect(most).toBe(1)
    expect([...(currentStore(s.sim.state)?.values() ?? [])].map((kv) => kv.key).filter((key) => key.startsWith('/registry/events/'))).toEqual(['/registry/events/default/second'])
  })
})
