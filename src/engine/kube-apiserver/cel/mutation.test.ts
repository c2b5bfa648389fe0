import { expect, it } from 'vitest'
import { asMaps, compileMutation, fromDynamic } from './mutation'

const run = (source: string, gives: 'Object' | 'list(JSONPatch)', object: object = {}): unknown => {
  const { program, error } = compileMutation(source, false, gives)
  if (error !== undefined) return error
  const result = program.run({ object })
  return result.error ?? fromDynamic(result.value)
}

it('makes maps of the objects that an expression builds', () => {
  expect(asMaps('Object{a: 1}')).toBe('{"a": dyn( 1)}')
  expect(run('Object{ spec: Object.spec{ replicas: object.n + 1, paused: true, template: Object.spec.template{} } }', 'Object', { n: 2n })).toEqual({ spec: { replicas: 3, paused: true, template: {} } })
  expect(run('Object{metadata: Object.metadata{labels: {"a.b/c": "}, x: 1"}, finalizers: ["Object{"]}}', 'Object')).toEqual({ metadata: { labels: { 'a.b/c': '}, x: 1' }, finalizers: ['Object{'] } })
  expect(run('has(object.n) ? Object{spec: Object.spec{a: "x"}} : Object{}', 'Object')).toEqual({})
  expect(run('Object{spec: Object.spec{containers: object.c.map(c, Object.spec.containers{name: c, image__dash__x: [1, 2].exists(i, i == 2) ? "y" : "z"})}}', 'Object', { c: ['a', 'b'] }))
    .toEqual({ spec: { containers: [{ name: 'a', 'image-x': 'y' }, { name: 'b', 'image-x': 'y' }] } })
})

it('makes patches', () => {
  expect(run('[JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a/b~c"), value: "x"}, JSONPatch{op: "replace", path: "/spec/n", value: 1}]', 'list(JSONPatch)'))
    .toEqual([{ op: 'add', path: '/metadata/labels/a~1b~0c', value: 'x' }, { op: 'replace', path: '/spec/n', value: 1 }])
  expect(run('object.n > 1 ? [JSONPatch{op: "remove", path: "/a"}] : []', 'list(JSONPatch)', { n: 1n })).toEqual([])
})

it('refuses what gives something else', () => {
  expect(run('1', 'Object')).toBe('must evaluate to Object')
  expect(run('Object{}', 'list(JSONPatch)')).toBe('must evaluate to list(JSONPatch)')
  expect(run('Object{', 'Object')).toMatch(/^compilation failed: ERROR: <input>:1:/)
})
