import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ManagedFieldsEntry } from '../../api'
import type { KubeObject, Status } from '../../apimachinery'
import { servedByName } from '../served'
import { TestServer } from '../testing'
import { fieldOfKind } from './kinds'
import { fromFieldsV1, toFieldsV1 } from './paths'
import { fieldsOf } from './typed'

const served = servedByName('deployments')!
const base = '/apis/apps/v1/namespaces/default/deployments'

const container = fc.record({ name: fc.constantFrom('a', 'b'), image: fc.constantFrom('x:1', 'x:2'), env: fc.uniqueArray(fc.record({ name: fc.constantFrom('E', 'F'), value: fc.constantFrom('1', '2') }), { selector: (e) => e.name, maxLength: 2 }) })
const spec = fc.record({ replicas: fc.integer({ min: 0, max: 2 }), paused: fc.boolean(), minReadySeconds: fc.integer({ min: 0, max: 2 }) }, { requiredKeys: [] })
const labels = fc.dictionary(fc.constantFrom('l', 'm', 'n'), fc.constantFrom('1', '2'), { maxKeys: 3 })
const body = fc.record({ spec, labels, containers: fc.uniqueArray(container, { selector: (c) => c.name, minLength: 1, maxLength: 2 }) }).map(({ spec: more, labels: own, containers }) => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', labels: own },
  spec: { ...more, selector: { matchLabels: { app: 'd' } }, template: { metadata: { labels: { app: 'd' } }, spec: { containers } } },
}))
const write = fc.record({ how: fc.constantFrom('apply', 'force', 'put', 'merge', 'scale', 'clear'), manager: fc.constantFrom('one', 'two', 'kubectl'), body })

it('owns only what is there, whoever writes how, and applying again changes nothing', () => {
  fc.assert(fc.property(fc.array(write, { minLength: 1, maxLength: 8 }), (writes) => {
    const server = new TestServer()
    for (const { how, manager, body: given } of writes) {
      const query = { fieldManager: manager, force: String(how === 'force') }
      const apply = () => server.do({ verb: 'patch', path: `${base}/d`, patchType: 'application/apply-patch+yaml', query, body: given })
      let answer
      if (how === 'apply' || how === 'force') {
        answer = apply()
        if (answer.code < 300) expect(apply().body.metadata.resourceVersion).toBe(answer.body.metadata.resourceVersion)
      } else if (how === 'put') {
        answer = server.do({ verb: 'create', path: base, query: { fieldManager: manager }, body: given })
        if (answer.code === 409) answer = server.do({ verb: 'update', path: `${base}/d`, query: { fieldManager: manager }, body: given })
      } else if (how === 'merge') answer = server.do({ verb: 'patch', path: `${base}/d`, patchType: 'application/strategic-merge-patch+json', query: { fieldManager: manager }, body: { metadata: given.metadata, spec: given.spec } })
      else if (how === 'scale') answer = server.do({ verb: 'patch', path: `${base}/d/scale`, patchType: 'application/merge-patch+json', query: { fieldManager: manager }, body: { spec: { replicas: given.spec.replicas ?? 1 } } })
      else answer = server.do({ verb: 'patch', path: `${base}/d`, patchType: 'application/merge-patch+json', body: { metadata: { managedFields: [{}] } } })
      expect([200, 201, 404, 409, 422]).toContain(answer.code)
      // Who forced an image and then leaves the container out takes the image away from him who keeps the container: upstream's too.
      if (answer.code === 422) expect((answer.body as unknown as Status).message).toContain('image: Required value')
      if (answer.code === 409) expect((answer.body as unknown as Status).message).toMatch(/^Apply failed with \d+ conflicts?: /)
      const got = server.do({ verb: 'get', path: `${base}/d` })
      if (got.code === 200) check(got.body, how === 'force' && answer.code < 300 ? manager : undefined)
    }
  }), { numRuns: 50 })
})

function check(o: KubeObject, applier: string | undefined): void {
  const { values, containers } = fieldsOf(fieldOfKind(served), o)
  const entries = (o.metadata.managedFields ?? []) as ManagedFieldsEntry[]
  const seen = new Set<string>()
  for (const { fieldsV1, manager, operation, subresource } of entries) {
    const key = `${manager} ${operation} ${subresource ?? ''}`
    expect(seen.has(key)).toBe(false)
    seen.add(key)
    const set = fromFieldsV1(fieldsV1)
    expect(toFieldsV1(set)).toEqual(fieldsV1)
    expect(set.size).toBeGreaterThan(0)
    for (const path of set) expect(values.has(path) || containers.has(path), `${key} owns ${path.replaceAll('\u0000', ' ')}`).toBe(true)
  }
  if (applier !== undefined) expect(seen.has(`${applier} Apply `)).toBe(true)
}
