import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../apimachinery'
import { SECOND } from '../sim'
import { TestServer } from './testing'

const cms = '/api/v1/namespaces/default/configmaps'
const cm = (name: string, data: Record<string, string> = { a: '1' }) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data })
const message = (r: { body: unknown }) => (r.body as { message?: string }).message

describe('objects over REST', () => {
  test('create, get, update, patch and delete answer as the real server', () => {
    const s = new TestServer()
    const made = s.do({ verb: 'create', path: cms, body: cm('a') })
    expect(made.code).toBe(201)
    expect(made.body.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(Object.isFrozen(made.body)).toBe(true)
    const got = s.do({ verb: 'get', path: `${cms}/a` })
    expect(got.body).toBe(made.body)
    const same = s.do({ verb: 'update', path: `${cms}/a`, body: cm('a') })
    expect(same.body.metadata.resourceVersion).toBe(made.body.metadata.resourceVersion)
    const changed = s.do({ verb: 'patch', path: `${cms}/a`, patchType: 'application/merge-patch+json', body: { data: { b: '2' } } })
    expect((changed.body as KubeObject & { data: unknown }).data).toEqual({ a: '1', b: '2' })
    const stale = s.do({ verb: 'update', path: `${cms}/a`, body: { ...cm('a', { z: '1' }), metadata: made.body.metadata } })
    expect(stale.code).toBe(409)
    expect(message(stale)).toBe('Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again')
    expect(message(s.do({ verb: 'create', path: cms, body: cm('a') }))).toBe('configmaps "a" already exists')
    const gone = s.do({ verb: 'delete', path: `${cms}/a` })
    expect(gone.code).toBe(200)
    expect(message(s.do({ verb: 'get', path: `${cms}/a` }))).toBe('configmaps "a" not found')
  })

  test('a watch sees each change once, selections as entering and leaving', () => {
    const s = new TestServer()
    const all = s.watch(cms, { resourceVersion: '0' })
    const some = s.watch(cms, { labelSelector: 'x=1' })
    s.do({ verb: 'create', path: cms, body: cm('w') })
    s.do({ verb: 'patch', path: `${cms}/w`, patchType: 'application/merge-patch+json', body: { metadata: { labels: { x: '1' } } } })
    s.do({ verb: 'patch', path: `${cms}/w`, patchType: 'application/merge-patch+json', body: { metadata: { labels: { x: '2' } } } })
    s.do({ verb: 'delete', path: `${cms}/w` })
    s.run(SECOND)
    expect(s.events(all).map((e) => e.type)).toEqual(['ADDED', 'MODIFIED', 'MODIFIED', 'DELETED'])
    expect(s.events(some).map((e) => e.type)).toEqual(['ADDED', 'DELETED'])
  })
})
