import { describe, expect, it } from 'vitest'
import * as m from './index'
import { facts } from './facts.testing'

const pods = { group: '', resource: 'pods' }
const deployments = { group: 'apps', resource: 'deployments' }

describe('Status', () => {
  it('names the resource with its group', () => {
    expect(m.notFound(deployments, 'web')).toEqual({
      apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code: 404, reason: 'NotFound',
      message: 'deployments.apps "web" not found', details: { name: 'web', group: 'apps', kind: 'deployments' },
    })
    expect(m.alreadyExists(pods, 'p').message).toBe('pods "p" already exists')
    expect(m.conflict(pods, 'p').message).toBe('Operation cannot be fulfilled on pods "p": the object has been modified; please apply your changes to the latest version and try again')
    expect(m.forbiddenStatus(pods, '', 'no').message).toBe('pods is forbidden: no')
    expect(m.genericServerResponse(404, 'GET', pods, 'p', '').message).toBe('the server could not find the requested resource (get pods p)')
  })

  it('joins causes as upstream does', () => {
    const one = m.invalidObject({ group: 'apps', kind: 'Deployment' }, 'd', [m.required('spec.selector')])
    expect(one.message).toBe('Deployment.apps "d" is invalid: spec.selector: Required value')
    const two = m.invalidObject({ group: '', kind: 'Pod' }, 'p', [m.invalid('spec.a', -1, 'must be more'), m.notSupported('spec.b', 'x', ['A', 'B'])])
    expect(two.message).toBe('Pod "p" is invalid: [spec.a: Invalid value: -1: must be more, spec.b: Unsupported value: "x": supported values: "A", "B"]')
    expect(two.details!.causes![1]).toEqual({ reason: 'FieldValueNotSupported', message: 'Unsupported value: "x": supported values: "A", "B"', field: 'spec.b' })
    expect(m.isInvalid(two) && !m.isNotFound(two)).toBe(true)
  })
})

describe('field errors', () => {
  it('print values as the recorded server does', () => {
    const text = (e: m.FieldError): string => m.fieldErrorText(e)
    const recorded = facts<any>('golden-invalid-manifests').cases.map((c: any) => c.stderr).join('\n')
    for (const e of [
      m.invalid('spec.template.metadata.labels', { app: 'a' }, '`selector` does not match template `labels`'),
      m.invalid('spec.template.metadata.labels', undefined, '`selector` does not match template `labels`'),
      m.duplicate('spec.containers[0].ports[1].name', 'a'),
      m.notFoundField('spec.containers[0].volumeMounts[0].name', 'v'),
      m.forbidden(m.child(m.index('spec.volumes', 0), 'configMap'), 'may not specify more than 1 volume type'),
      m.invalid(m.key('data', 'a b'), 'a b', m.configMapKeyErrors('a b')[0]!),
    ]) expect(recorded).toContain(text(e))
    expect(m.fieldErrorBody(m.tooLong('x', 1))).toBe('Too long: may not be more than 1 byte')
    expect(m.fieldErrorBody(m.tooMany('x', 3, 2))).toBe('Too many: 3: must have at most 2 items')
    expect(m.fieldErrorBody(m.invalid('x', 'a"<b>', 'd'))).toBe('Invalid value: "a\\"<b>": d')
  })
})

describe('field selectors', () => {
  it('parse, match, print', () => {
    const parsed = m.parseFieldSelector('status.phase!=Running,metadata.name=a\\,b')
    if (typeof parsed === 'string') throw new Error(parsed)
    expect(m.formatFieldSelector(parsed)).toBe('metadata.name=a\\,b,status.phase!=Running')
    expect(m.matchesFields(parsed, (f) => ({ 'metadata.name': 'a,b' })[f])).toBe(true)
    expect(m.parseFieldSelector('a')).toBe("invalid selector: 'a'; can't understand 'a'")
    expect(m.requiresExactField(parsed, 'metadata.name')).toBe('a,b')
  })
})

describe('JSON patch', () => {
  it('adds, removes, moves, tests, without touching the input', () => {
    const doc = { a: [1, 2], b: { c: 1 } }
    const apply = (...ops: any[]) => m.applyJsonPatch(doc, ops)
    expect(apply({ op: 'add', path: '/a/-', value: 3 }, { op: 'remove', path: '/b/c' }).value).toEqual({ a: [1, 2, 3], b: {} })
    expect(apply({ op: 'add', path: '/a/0', value: 0 }).value!.a).toEqual([0, 1, 2])
    expect(apply({ op: 'move', from: '/b/c', path: '/d' }).value).toEqual({ a: [1, 2], b: {}, d: 1 })
    expect(apply({ op: 'copy', from: '/a', path: '/b/x~1y' }).value!.b).toEqual({ c: 1, 'x/y': [1, 2] })
    expect(apply({ op: 'test', path: '/b', value: { c: 1 } }).error).toBeUndefined()
    expect(apply({ op: 'test', path: '/b/c', value: 2 }).error).toContain('test failed')
    expect(apply({ op: 'replace', path: '/x', value: 2 }).error).toContain('missing')
    expect(doc).toEqual({ a: [1, 2], b: { c: 1 } })
  })
})

describe('objects', () => {
  it('compare without regard to undefined keys', () => {
    expect(m.deepEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true)
    expect(m.deepEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe(false)
    expect(m.deepEqual({ a: 1 }, { a: 1, c: null })).toBe(false)
  })

  it('have keys and owners', () => {
    const owner = { metadata: { name: 'rs', uid: 'u' } }
    const pod = { metadata: { name: 'p', namespace: 'n', ownerReferences: [m.ownerReference(owner, 'apps/v1', 'ReplicaSet')] } }
    expect(m.objectKey(pod)).toBe('n/p')
    expect(m.isControlledBy(pod, owner)).toBe(true)
    expect(m.controllerOf(pod)).toEqual({ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'rs', uid: 'u', controller: true, blockOwnerDeletion: true })
  })
})
