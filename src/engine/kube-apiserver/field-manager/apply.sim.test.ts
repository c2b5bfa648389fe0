import { describe, expect, it } from 'vitest'
import type { ManagedFieldsEntry } from '../../api'
import type { KubeObject, Status } from '../../apimachinery'
import { TestServer } from '../testing'

const path = '/apis/apps/v1/namespaces/default/deployments'
const deployment = (spec: object): object => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' },
  spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'd', image: 'nginx:1.25' }] } }, ...spec },
})

function apply(t: TestServer, body: object, fieldManager: string, more: Record<string, string> = {}) {
  const answer = t.do({ verb: 'patch', path: `${path}/d`, patchType: 'application/apply-patch+yaml', query: { fieldManager, ...more }, body })
  t.run(10_000)
  return answer
}

const managers = (o: KubeObject): ManagedFieldsEntry[] => (o.metadata.managedFields ?? []) as ManagedFieldsEntry[]

describe('server-side apply', () => {
  it('creates, owns what was sent, and takes away what is no longer sent', () => {
    const t = new TestServer()
    const made = apply(t, deployment({ replicas: 3, paused: true }), 'kubectl')
    expect(made.code).toBe(201)
    expect(managers(made.body)).toEqual([{
      manager: 'kubectl', operation: 'Apply', apiVersion: 'apps/v1', time: expect.any(String) as string, fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:spec': {
          'f:paused': {}, 'f:replicas': {}, 'f:selector': {},
          'f:template': { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': { 'f:containers': { 'k:{"name":"d"}': { '.': {}, 'f:image': {}, 'f:name': {} } } } },
        },
      },
    }])
    const again = apply(t, deployment({ replicas: 3 }), 'kubectl')
    expect(again.code).toBe(200)
    expect((again.body as unknown as { spec: { paused?: boolean } }).spec.paused).toBeUndefined()
    const rv = again.body.metadata.resourceVersion
    expect(apply(t, deployment({ replicas: 3 }), 'kubectl').body.metadata.resourceVersion).toBe(rv)
  })

  it('tells conflicts as upstream does, and force takes over', () => {
    const t = new TestServer()
    apply(t, deployment({ replicas: 3 }), 'kubectl')
    const refused = apply(t, deployment({ replicas: 7 }), 'other')
    expect(refused.code).toBe(409)
    expect((refused.body as unknown as Status).message).toBe('Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas')
    expect((refused.body as unknown as Status).details?.causes).toEqual([{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.spec.replicas' }])
    const forced = apply(t, deployment({ replicas: 7 }), 'other', { force: 'true' })
    expect((forced.body as unknown as { spec: { replicas: number } }).spec.replicas).toBe(7)
    const kubectl = managers(forced.body).find((m) => m.manager === 'kubectl')
    expect((kubectl?.fieldsV1 as { 'f:spec': object } | undefined)?.['f:spec']).not.toHaveProperty('f:replicas')
  })

  it('knows who scaled in the meantime', () => {
    const t = new TestServer()
    apply(t, deployment({ replicas: 3 }), 'kubectl')
    t.do({ verb: 'patch', path: `${path}/d/scale`, patchType: 'application/merge-patch+json', query: { fieldManager: 'autoscaler' }, body: { spec: { replicas: 5 } } })
    t.run(10_000)
    const refused = apply(t, { ...deployment({ replicas: 3 }) }, 'kubectl')
    expect((refused.body as unknown as Status).message).toBe('Apply failed with 1 conflict: conflict with "autoscaler" with subresource "scale" using apps/v1: .spec.replicas')
  })

  it('wants a field manager', () => {
    const t = new TestServer()
    expect((apply(t, deployment({}), '').body as unknown as Status).message).toBe('PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch')
  })
})
