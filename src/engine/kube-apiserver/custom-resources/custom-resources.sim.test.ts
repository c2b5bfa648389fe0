import { describe, expect, it } from 'vitest'
import type { KubeObject, Status } from '../../apimachinery'
import { TestServer } from '../testing'

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const path = '/apis/stable.example.com/v1/namespaces/default/crontabs'

const crd = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'crontabs.stable.example.com' },
  spec: {
    group: 'stable.example.com', scope: 'Namespaced', names: { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', shortNames: ['ct'] },
    versions: [{
      name: 'v1', served: true, storage: true,
      subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.labelSelector' } },
      additionalPrinterColumns: [{ name: 'Spec', type: 'string', jsonPath: '.spec.cronSpec' }, { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' }, { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object', required: ['cronSpec'],
              properties: {
                cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' }, replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
                mode: { type: 'string', enum: ['a', 'b'] }, port: { 'x-kubernetes-int-or-string': true }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
            status: { type: 'object', properties: { replicas: { type: 'integer' }, labelSelector: { type: 'string' } } },
          },
        },
      },
    }],
  },
}

const cron = (spec: object, name = 'c'): object => ({ apiVersion: 'stable.example.com/v1', kind: 'CronTab', metadata: { name }, spec })

function server(): TestServer {
  const t = new TestServer()
  expect(t.do({ verb: 'create', path: definitions, body: crd }).code).toBe(201)
  t.run(50_000)
  return t
}

describe('custom resources', () => {
  it('are served once their definition is established, and gone with it', () => {
    const t = server()
    const got = t.do({ verb: 'get', path: `${definitions}/${crd.metadata.name}` }).body as unknown as { status: { conditions: { type: string; status: string }[] } }
    expect(got.status.conditions.map((c) => [c.type, c.status])).toEqual([['NamesAccepted', 'True'], ['Established', 'True']])
    const list = t.do({ verb: 'get', path: '/apis/stable.example.com/v1' }).body as unknown as { resources: { name: string; shortNames?: string[] }[] }
    expect(list.resources.map((r) => r.name)).toEqual(['crontabs', 'crontabs/scale', 'crontabs/status'])
    expect(list.resources[0]?.shortNames).toEqual(['ct'])
    expect(t.do({ verb: 'create', path, body: cron({ cronSpec: '* * * * */5' }) }).code).toBe(201)
    t.run(10_000)
    expect(t.do({ verb: 'delete', path: `${definitions}/${crd.metadata.name}` }).code).toBe(200)
    t.run(50_000)
    expect(t.do({ verb: 'get', path: `${path}/c` }).code).toBe(404)
    expect(t.sim.stateOf<{ cache: { of(r: string): { size: number } } }>('kube-apiserver')?.cache.of(crd.metadata.name).size).toBe(0)
  })

  it('are checked, defaulted and pruned by their schema', () => {
    const t = server()
    const refused = t.do({ verb: 'create', path, body: cron({ cronSpec: 'x', replicas: 11, mode: 'c', port: true }) }).body as unknown as Status
    expect(refused.message).toBe('CronTab.stable.example.com "c" is invalid: [spec.cronSpec: Invalid value: "x": spec.cronSpec in body should match \'^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$\', spec.mode: Unsupported value: "c": supported values: "a", "b", spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean", spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10]')
    expect((t.do({ verb: 'create', path, body: cron({ replicas: 'two' }) }).body as unknown as Status).message)
      .toBe('CronTab.stable.example.com "c" is invalid: [spec.cronSpec: Required value, spec.replicas: Invalid value: "string": spec.replicas in body must be of type integer: "string"]')
    const made = t.do({ verb: 'create', path, query: { fieldValidation: 'Warn' }, body: cron({ cronSpec: '* * * * *', nope: 1, free: { any: [1] } }) })
    expect(made.warnings).toEqual(['unknown field "spec.nope"'])
    expect((made.body as KubeObject & { spec: object }).spec).toEqual({ cronSpec: '* * * * *', free: { any: [1] }, replicas: 1 })
    expect(made.body.metadata.generation).toBe(1)
  })

  it('have columns, patches, status and scale; watches see them', () => {
    const t = server()
    const watch = t.watch(path, { resourceVersion: '0' })
    t.do({ verb: 'create', path, body: cron({ cronSpec: '* * * * *', replicas: 2 }) })
    t.run(10_000)
    const table = t.do({ verb: 'list', path, accept: 'table' }).body as unknown as { columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] }
    expect(table.columnDefinitions.map((c) => c.name)).toEqual(['Name', 'Spec', 'Replicas', 'Age'])
    expect(table.rows[0]?.cells.slice(0, 3)).toEqual(['c', '* * * * *', 2])
    const scaled = t.do({ verb: 'patch', path: `${path}/c/scale`, patchType: 'application/merge-patch+json', body: { spec: { replicas: 4 } } })
    expect((scaled.body as unknown as { spec: { replicas: number } }).spec.replicas).toBe(4)
    expect(t.do({ verb: 'patch', path: `${path}/c/status`, patchType: 'application/merge-patch+json', body: { status: { replicas: 3 }, spec: { replicas: 9 } } }).code).toBe(200)
    t.run(10_000)
    const got = t.do({ verb: 'get', path: `${path}/c` }).body as unknown as { spec: { replicas: number }; status: { replicas: number }; metadata: { generation: number } }
    expect([got.spec.replicas, got.status.replicas, got.metadata.generation]).toEqual([4, 3, 2])
    expect(t.events(watch).map((e) => e.type)).toEqual(['ADDED', 'MODIFIED', 'MODIFIED'])
    expect(t.do({ verb: 'patch', path: `${path}/c`, patchType: 'application/strategic-merge-patch+json', body: {} }).code).toBe(415)
    const applied = t.do({ verb: 'patch', path: `${path}/c`, patchType: 'application/apply-patch+yaml', query: { fieldManager: 'me', force: 'true' }, body: cron({ cronSpec: '1 * * * *' }) })
    expect((applied.body as unknown as { spec: object }).spec).toEqual({ cronSpec: '1 * * * *', replicas: 4 })
  })
})
