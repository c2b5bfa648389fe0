import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../apimachinery'
import { Store } from '.'

const value = (name: string): KubeObject => ({ metadata: { name } })
const put = (s: Store, key: string, name: string, modRevision = s.get(key)?.modRevision ?? 0, lease = 0) =>
  s.txn({ op: 'txn', compare: [{ key, modRevision }], writes: [{ key, value: value(name), lease }] }, 1, 0, [])
const names = (s: Store, revision?: number) => s.range({ op: 'range', key: '/', prefix: true, revision }, 1).kvs.map((kv) => kv.value.metadata.name)

describe('the store', () => {
  test('gives every write its revision and stamps it on the value', () => {
    const s = new Store()
    expect(put(s, '/a', 'one').revision).toBe(2)
    expect(put(s, '/a', 'two').revision).toBe(3)
    const kv = s.get('/a')
    expect(kv).toMatchObject({ createRevision: 2, modRevision: 3, version: 2 })
    expect(kv?.value.metadata.resourceVersion).toBe('3')
    expect(Object.isFrozen(kv?.value)).toBe(true)
  })

  test('refuses a transaction whose compare does not hold, and tells what is there', () => {
    const s = new Store()
    put(s, '/a', 'one')
    const refused = put(s, '/a', 'two', 0)
    expect(refused.succeeded).toBe(false)
    expect(refused.kvs[0]?.value.metadata.name).toBe('one')
    expect(s.revision).toBe(2)
  })

  test('reads the past until it is compacted', () => {
    const s = new Store()
    put(s, '/a', 'a1')
    put(s, '/b', 'b1')
    put(s, '/a', 'a2')
    s.txn({ op: 'txn', compare: [], writes: [{ key: '/b' }] }, 1, 0, [])
    expect(names(s)).toEqual(['a2'])
    expect(names(s, 3)).toEqual(['a1', 'b1'])
    expect(names(s, 2)).toEqual(['a1'])
    expect(s.since(4)?.map((e) => e.type)).toEqual(['put', 'delete'])
    expect(s.compact(4)).toBe(true)
    expect(s.range({ op: 'range', key: '/', prefix: true, revision: 3 }, 1).error).toBe('etcdserver: mvcc: required revision has been compacted')
    expect(s.since(4)).toBeUndefined()
    expect(names(s, 4)).toEqual(['a2', 'b1'])
  })

  test('takes the keys of a lease away with it', () => {
    const s = new Store()
    s.grant(7, 100)
    put(s, '/a', 'a', 0, 7)
    put(s, '/b', 'b')
    expect(s.nextExpiry()).toEqual({ lease: 7, expires: 100 })
    s.revoke(7, 0, [])
    expect(names(s)).toEqual(['b'])
    expect(put(s, '/c', 'c', 0, 7).error).toBe('etcdserver: requested lease not found')
  })
})
