import { describe, expect, it } from 'vitest'
import type { JSONSchemaProps } from '../../api'
import type { KubeObject, Status } from '../../apimachinery'
import { TestServer } from '../testing'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const path = '/apis/demo.example.com/v1/namespaces/default/widgets'

function crd(openAPIV3Schema: JSONSchemaProps, more: object = {}, names: object = {}): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.demo.example.com' },
    spec: { group: 'demo.example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget', ...names }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } }], ...more },
  }
}

const spec = (properties: Record<string, JSONSchemaProps>, rules: JSONSchemaProps['x-kubernetes-validations'] = []): JSONSchemaProps => ({
  type: 'object', properties: { spec: { type: 'object', properties, ...(rules.length > 0 ? { 'x-kubernetes-validations': rules } : {}) } },
})

const message = (t: TestServer, body: object): string => {
  const answer = t.do({ verb: 'create', path: definitions, body })
  return answer.code === 201 ? '' : (answer.body as unknown as Status).message ?? ''
}

function server(schema: JSONSchemaProps): TestServer {
  const t = new TestServer()
  expect(message(t, crd(schema))).toBe('')
  t.run(50_000)
  return t
}

const widget = (s: object): object => ({ apiVersion: 'demo.example.com/v1', kind: 'Widget', metadata: { name: 'w' }, spec: s })
const at = 'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0]'

describe('validation rules of a definition', () => {
  it('are refused when they do not compile', () => {
    const t = new TestServer()
    const properties: Record<string, JSONSchemaProps> = { min: { type: 'integer' }, name: { type: 'string', maxLength: 10 } }
    expect(message(t, crd(spec(properties, [{ rule: 'self.min <= self.max' }])))).toBe(
      `CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: ${at}.rule: Invalid value: {"Rule":"self.min \\u003c= self.max","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:17: undefined field 'max'\n | self.min <= self.max\n | ................^`)
    expect(message(t, crd(spec(properties, [{ rule: 'self.min' }])))).toContain('cel expression must evaluate to a bool')
    expect(message(t, crd(spec(properties, [{ rule: 'true', messageExpression: 'self.min' }])))).toContain('.messageExpression: Invalid value: {"Rule":"true"')
    expect(message(t, crd(spec(properties, [{ rule: ' ' }])))).toContain(`${at}.rule: Required value: rule is not specified`)
    expect(message(t, crd(spec(properties, [{ rule: 'true', reason: 'Nope', fieldPath: '.nope' }])))).toContain(`[${at}.reason: Unsupported value: "Nope": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired", ${at}.fieldPath: Invalid value: ".nope": fieldPath must be a valid path]`)
    expect(message(t, crd(spec({ list: { type: 'array', items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] }, maxItems: 3 } })))).toContain('oldSelf cannot be used on the uncorrelatable portion of the schema within spec.validation.openAPIV3Schema.properties[spec].properties[list]')
    expect(message(t, crd(spec({ list: { type: 'array', items: { type: 'string' } } }, [{ rule: 'self.list.all(x, self.list.all(y, x == y))' }])))).toContain(`${at}.rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`)
  })

  it('hold for objects, with the message, reason and path that they name', () => {
    const t = server(spec({ min: { type: 'integer' }, max: { type: 'integer' }, tags: { type: 'array', maxItems: 5, items: { type: 'string', maxLength: 5 } }, port: { 'x-kubernetes-int-or-string': true } }, [
      { rule: 'self.min <= self.max', messageExpression: '"min is %d, more than %d".format([self.min, self.max])', fieldPath: '.min', reason: 'FieldValueForbidden' },
      { rule: '!has(self.tags) || self.tags.all(t, t.startsWith("a"))' },
      { rule: '!has(self.port) || type(self.port) == int', message: ' port by number, please ' },
    ]))
    const refused = (s: object): string => (t.do({ verb: 'create', path, body: widget(s) }).body as unknown as Status).message ?? ''
    expect(refused({ min: 3, max: 2 })).toBe('Widget.demo.example.com "w" is invalid: spec.min: Forbidden: min is 3, more than 2')
    expect(refused({ min: 1, max: 2, tags: ['b'], port: 'http' })).toBe('Widget.demo.example.com "w" is invalid: [spec: Invalid value: "object": failed rule: !has(self.tags) || self.tags.all(t, t.startsWith("a")), spec: Invalid value: "object": port by number, please]')
    expect(refused({ min: 1 })).toBe('Widget.demo.example.com "w" is invalid: spec: Invalid value: "object": no such key: max evaluating rule: self.min <= self.max')
    expect(refused({ min: 'x' })).toBe('Widget.demo.example.com "w" is invalid: [spec.min: Invalid value: "string": spec.min in body must be of type integer: "string", <nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]')
    expect(t.do({ verb: 'create', path, body: widget({ min: 1, max: 2, tags: ['a'], port: 80 }) }).code).toBe(201)
  })

  it('compare with what was before', () => {
    const t = server(spec({
      fixed: { type: 'string', maxLength: 9, 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is immutable' }] }, n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'oldSelf.orValue(0) <= self', optionalOldSelf: true, message: 'n only grows' }] },
    }))
    expect((t.do({ verb: 'create', path, body: widget({ fixed: 'a', n: -1 }) }).body as unknown as Status).message).toContain('spec.n: Invalid value: "integer": n only grows')
    expect(t.do({ verb: 'create', path, body: widget({ fixed: 'a', n: 1 }) }).code).toBe(201)
    t.run(10_000)
    const patch = (s: object) => t.do({ verb: 'patch', path: `${path}/w`, patchType: 'application/merge-patch+json', body: { spec: s } })
    expect((patch({ fixed: 'b' }).body as unknown as Status).message).toBe('Widget.demo.example.com "w" is invalid: spec.fixed: Invalid value: "string": fixed is immutable')
    expect((patch({ n: 0 }).body as unknown as Status).message).toContain('n only grows')
    expect(patch({ n: 5 }).code).toBe(200)
  })
})

describe('a definition', () => {
  it('must be structural, with defaults that its schema lets pass', () => {
    const t = new TestServer()
    expect(message(t, crd({ type: 'object', properties: { spec: { properties: { x: { type: 'array' } } } } }))).toBe(
      'CustomResourceDefinition.apiextensions.k8s.io "widgets.demo.example.com" is invalid: [spec.validation.openAPIV3Schema.properties[spec].properties[x].items: Required value: must be specified, spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields]')
    expect(message(t, crd(spec({ n: { type: 'integer', default: 'x' } })))).toContain('spec.validation.openAPIV3Schema.properties[spec].properties[n].default: Invalid value: "string": ')
    expect(message(t, crd(spec({ n: { type: 'text' } })))).toContain('properties[n].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"')
    expect(message(t, crd(spec({ l: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', properties: { k: { type: 'string' } } } } })))).toContain(
      'properties[l].items.properties[k].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property')
  })

  it('waits for its names', () => {
    const t = server(spec({}))
    const other = { ...crd(spec({})), metadata: { name: 'gadgets.demo.example.com' } } as unknown as { spec: { names: object } }
    other.spec = { ...other.spec, names: { plural: 'gadgets', singular: 'gadget', kind: 'Widget' } }
    expect(message(t, other)).toBe('')
    t.run(50_000)
    const conditions = () => (t.do({ verb: 'get', path: `${definitions}/gadgets.demo.example.com` }).body as unknown as { status: { conditions: { type: string; status: string; reason: string; message: string }[] } }).status.conditions.map((c) => [c.type, c.status, c.reason, c.message])
    expect(conditions()).toEqual([['NamesAccepted', 'False', 'KindConflict', '"Widget" is already in use'], ['Established', 'False', 'NotAccepted', 'not all names are accepted']])
    t.do({ verb: 'delete', path: `${definitions}/widgets.demo.example.com` })
    t.run(100_000)
    expect(conditions().map((c) => c[1])).toEqual(['True', 'True'])
  })

  it('stays until its objects are gone', () => {
    const t = server(spec({}))
    t.do({ verb: 'create', path, body: { ...widget({}), metadata: { name: 'w', finalizers: ['demo.example.com/wait'] } } })
    t.run(10_000)
    t.do({ verb: 'delete', path: `${definitions}/widgets.demo.example.com` })
    t.run(100_000)
    const held = t.do({ verb: 'get', path: `${definitions}/widgets.demo.example.com` }).body
    expect(held.metadata.finalizers).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
    expect((t.do({ verb: 'create', path, body: widget({}) }).body as unknown as Status).message).toBe('create not allowed while custom resource definition is terminating')
    t.do({ verb: 'patch', path: `${path}/w`, patchType: 'application/merge-patch+json', body: { metadata: { finalizers: null } } })
    t.run(100_000)
    expect(t.do({ verb: 'get', path: `${definitions}/widgets.demo.example.com` }).code).toBe(404)
  })

  it('serves several versions of one object', () => {
    const t = new TestServer()
    const schema = { openAPIV3Schema: spec({ a: { type: 'string' }, b: { type: 'string' } }) }
    const versions = (stored: string) => [
      { name: 'v1', served: true, storage: stored === 'v1', schema, additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.a' }] },
      { name: 'v1beta1', served: true, storage: stored === 'v1beta1', schema, deprecated: true },
    ]
    expect(message(t, crd(spec({}), { versions: versions('v1beta1') }))).toBe('')
    t.run(50_000)
    const beta = path.replace('/v1/', '/v1beta1/')
    const made = t.do({ verb: 'create', path: beta, body: { ...widget({ a: 'x' }), apiVersion: 'demo.example.com/v1beta1' } })
    expect([made.code, made.body.apiVersion, made.warnings]).toEqual([201, 'demo.example.com/v1beta1', ['demo.example.com/v1beta1 Widget is deprecated']])
    t.run(10_000)
    expect(t.do({ verb: 'get', path: `${path}/w` }).body.apiVersion).toBe('demo.example.com/v1')
    expect((t.do({ verb: 'list', path }).body as unknown as { items: KubeObject[] }).items.map((o) => o.apiVersion)).toEqual(['demo.example.com/v1'])
    expect((t.do({ verb: 'list', path, accept: 'table' }).body as unknown as { columnDefinitions: { name: string }[] }).columnDefinitions.map((c) => c.name)).toEqual(['Name', 'A'])
    const watch = t.watch(path, { resourceVersion: '0' })
    t.do({ verb: 'patch', path: definitions + '/widgets.demo.example.com', patchType: 'application/merge-patch+json', body: { spec: { versions: versions('v1') } } })
    t.run(50_000)
    expect((t.do({ verb: 'get', path: `${definitions}/widgets.demo.example.com` }).body as unknown as { status: { storedVersions: string[] } }).status.storedVersions).toEqual(['v1beta1', 'v1'])
    t.do({ verb: 'patch', path: `${beta}/w`, patchType: 'application/merge-patch+json', body: { spec: { b: 'y' } } })
    t.run(10_000)
    expect(t.events(watch).map((e) => e.object.apiVersion)).toEqual(['demo.example.com/v1', 'demo.example.com/v1'])
    expect((t.do({ verb: 'get', path: '/apis/demo.example.com' }).body as unknown as { preferredVersion: { version: string } }).preferredVersion.version).toBe('v1')
    const dropped = t.do({ verb: 'patch', path: definitions + '/widgets.demo.example.com', patchType: 'application/merge-patch+json', body: { spec: { versions: [versions('v1')[0]] } } }).body as unknown as Status
    expect(dropped.message).toContain('status.storedVersions[0]: Invalid value: "v1beta1": missing from spec.versions; v1beta1 was previously a storage version')
  })

  it('tells server-side apply how to merge its lists', () => {
    const t = server(spec({ list: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'string' } } } } }))
    const apply = (fieldManager: string, list: object[]) => {
      const answer = t.do({ verb: 'patch', path: `${path}/w`, patchType: 'application/apply-patch+yaml', query: { fieldManager }, body: widget({ list }) }).body
      t.run(10_000)
      return answer as KubeObject & { spec: { list: object[] } }
    }
    apply('a', [{ k: 'x', v: '1' }])
    expect(apply('b', [{ k: 'y', v: '2' }]).spec.list).toEqual([{ k: 'x', v: '1' }, { k: 'y', v: '2' }])
    expect((apply('b', [{ k: 'x', v: '3' }]) as unknown as Status).message).toBe('Apply failed with 1 conflict: conflict with "a": .spec.list[k="x"].v')
  })
})
