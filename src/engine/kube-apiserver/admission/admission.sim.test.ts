import { describe, expect, it } from 'vitest'
import type { KubeObject, Status } from '../../apimachinery'
import { TestServer } from '../testing'

const meta = (name: string, more: object = {}): { name: string } => ({ name, ...more })
const pod = (name: string, spec: object = {}): object => ({
  apiVersion: 'v1', kind: 'Pod', metadata: meta(name), spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '200m' } } }], ...spec },
})
const pods = '/api/v1/namespaces/default/pods'

function server(): TestServer {
  const t = new TestServer()
  t.do({ verb: 'create', path: '/api/v1/namespaces/default/serviceaccounts', body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('default') } })
  return t
}

function withQuota(hard: Record<string, string>): TestServer {
  const t = server()
  const path = '/api/v1/namespaces/default/resourcequotas'
  t.do({ verb: 'create', path, body: { apiVersion: 'v1', kind: 'ResourceQuota', metadata: meta('q'), spec: { hard } } })
  const used = Object.fromEntries(Object.keys(hard).map((k) => [k, '0']))
  expect(t.do({ verb: 'patch', path: `${path}/q/status`, patchType: 'application/merge-patch+json', body: { status: { hard, used } } }).code).toBe(200)
  t.run(10_000)
  return t
}

const used = (t: TestServer): unknown => (t.do({ verb: 'get', path: '/api/v1/namespaces/default/resourcequotas/q' }).body as { status?: { used?: unknown } }).status?.used

describe('ResourceQuota', () => {
  it('counts what it lets in, and refuses the rest', () => {
    const t = withQuota({ pods: '2', 'requests.cpu': '500m' })
    expect(t.do({ verb: 'create', path: pods, body: pod('a') }).code).toBe(201)
    expect(t.do({ verb: 'create', path: pods, body: pod('b') }).code).toBe(201)
    expect(used(t)).toEqual({ pods: '2', 'requests.cpu': '400m' })
    const refused = t.do({ verb: 'create', path: pods, body: pod('c') }).body as unknown as Status
    expect(refused.message).toBe('pods "c" is forbidden: exceeded quota: q, requested: pods=1,requests.cpu=200m, used: pods=2,requests.cpu=400m, limited: pods=2,requests.cpu=500m')
    expect((t.do({ verb: 'create', path: pods, body: pod('d', { containers: [{ name: 'x', image: 'i' }] }) }).body as unknown as Status).message)
      .toBe('pods "d" is forbidden: failed quota: q: must specify requests.cpu for: x')
  })

  it('counts each of many created at once', () => {
    const t = withQuota({ 'count/configmaps': '20' })
    const ids = Array.from({ length: 25 }, (_, i) => t.send({ verb: 'create', path: '/api/v1/namespaces/default/configmaps', body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(`m${i}`) } }))
    t.run(500_000)
    const codes = ids.map((id) => t.answer(id)?.code)
    expect(codes.filter((c) => c === 201)).toHaveLength(20)
    expect(codes.filter((c) => c === 403)).toHaveLength(5)
    expect(used(t)).toEqual({ 'count/configmaps': '20' })
    // Once more the same name: it exists, and nothing is charged for it.
    expect(t.do({ verb: 'delete', path: '/api/v1/namespaces/default/configmaps/m0' }).code).toBe(200)
    expect(used(t)).toEqual({ 'count/configmaps': '20' })
  })
})

describe('Services created at once', () => {
  it('get addresses and ports of their own', () => {
    const t = new TestServer()
    const body = (name: string): object => ({ apiVersion: 'v1', kind: 'Service', metadata: meta(name), spec: { type: 'NodePort', clusterIP: '10.96.0.77', ports: [{ port: 80, nodePort: 30777 }] } })
    const ids = ['a', 'b'].map((n) => t.send({ verb: 'create', path: '/api/v1/namespaces/default/services', body: body(n) }))
    t.run(500_000)
    expect(ids.map((id) => t.answer(id)?.code).sort()).toEqual([201, 422])
  })
})

describe('PodSecurity', () => {
  const namespace = (labels: Record<string, string>): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: meta('safe', { labels }) })

  it('refuses what the level forbids, and warns at the warn level', () => {
    const t = server()
    const key = 'pod-security.kubernetes.io/'
    t.do({ verb: 'create', path: '/api/v1/namespaces', body: namespace({ [`${key}enforce`]: 'baseline', [`${key}warn`]: 'restricted' }) })
    t.do({ verb: 'create', path: '/api/v1/namespaces/safe/serviceaccounts', body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('default') } })
    const path = '/api/v1/namespaces/safe/pods'
    const bad = { ...(pod('a') as KubeObject), spec: { hostNetwork: true, containers: [{ name: 'c', image: 'i', securityContext: { privileged: true } }] } }
    expect((t.do({ verb: 'create', path, body: bad }).body as unknown as Status).message)
      .toBe('pods "a" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true), privileged (container "c" must not set securityContext.privileged=true)')
    const warned = t.do({ verb: 'create', path, body: pod('b') })
    expect(warned.code).toBe(201)
    expect(warned.warnings).toEqual(['would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")'])
    const raised = t.do({ verb: 'patch', path: '/api/v1/namespaces/safe', patchType: 'application/merge-patch+json', body: { metadata: { labels: { [`${key}enforce`]: 'restricted' } } } })
    expect(raised.warnings?.[0]).toBe('existing pods in namespace "safe" violate the new PodSecurity enforce level "restricted:latest"')
    expect(raised.warnings?.[1]).toBe('b: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile')
    const wrong = t.do({ verb: 'patch', path: '/api/v1/namespaces/safe', patchType: 'application/merge-patch+json', body: { metadata: { labels: { [`${key}enforce`]: 'max' } } } })
    expect((wrong.body as unknown as Status).message).toContain('metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "max": must be one of privileged, baseline, restricted')
  })
})
