import { describe, expect, it } from 'vitest'
import type { Status } from '../../apimachinery'
import { TestServer } from '../testing'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const namespaced = `${rbac}/namespaces/default`
const pods = '/api/v1/namespaces/default/pods'

function server(): TestServer {
  const t = new TestServer()
  t.client('bob', 'bob')
  return t
}

const message = (body: unknown): string | undefined => (body as Status).message

describe('RBAC', () => {
  it('refuses what no role allows, and allows it once bound', () => {
    const t = server()
    expect(message(t.do({ verb: 'list', path: pods }, 'bob').body)).toBe('pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"')
    expect(message(t.do({ verb: 'get', path: '/api/v1/nodes/a' }, 'bob').body)).toBe('nodes "a" is forbidden: User "bob" cannot get resource "nodes" in API group "" at the cluster scope')
    const binding = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'b' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' }, subjects: [{ kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' }] }
    expect(t.do({ verb: 'create', path: `${namespaced}/rolebindings`, body: binding }).code).toBe(201)
    t.run(10_000)
    expect(message(t.do({ verb: 'list', path: pods }, 'bob').body)).toBe('pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default": RBAC: role.rbac.authorization.k8s.io "reader" not found')
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'reader' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }] }
    expect(t.do({ verb: 'create', path: `${namespaced}/roles`, body: role }).code).toBe(201)
    t.run(10_000)
    expect(t.do({ verb: 'list', path: pods }, 'bob').code).toBe(200)
    expect(t.do({ verb: 'list', path: '/api/v1/namespaces/kube-system/pods' }, 'bob').code).toBe(403)
    expect(t.do({ verb: 'delete', path: `${pods}/x` }, 'bob').code).toBe(403)
  })

  it('has upstream’s roles; kubernetes-admin has its power by a binding', () => {
    const t = server()
    const names = (t.do({ verb: 'list', path: `${rbac}/clusterroles` }).body as unknown as { items: { metadata: { name: string } }[] }).items.map((r) => r.metadata.name)
    expect(names).toEqual(expect.arrayContaining(['admin', 'cluster-admin', 'edit', 'view', 'system:node', 'system:controller:deployment-controller']))
    const answer = t.do({ verb: 'create', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body: { spec: { resourceAttributes: { verb: 'delete', resource: 'nodes' } } } })
    expect((answer.body as unknown as { status: object }).status).toEqual({ allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "kubeadm:cluster-admins" of ClusterRole "cluster-admin" to Group "kubeadm:cluster-admins"' })
  })

  it('answers reviews and impersonation', () => {
    const t = server()
    const review = { spec: { user: 'bob', resourceAttributes: { verb: 'get', resource: 'secrets', namespace: 'default' } } }
    expect((t.do({ verb: 'create', path: '/apis/authorization.k8s.io/v1/subjectaccessreviews', body: review }).body as unknown as { status: object }).status).toEqual({ allowed: false })
    expect(message(t.do({ verb: 'list', path: pods, impersonate: { user: 'eve', groups: ['ops'] } }).body)).toContain('User "eve" cannot list resource "pods"')
    expect(message(t.do({ verb: 'list', path: pods, impersonate: { user: 'eve' } }, 'bob').body)).toBe('users "eve" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope')
    const who = t.do({ verb: 'create', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: {}, impersonate: { user: 'eve', groups: ['ops'] } })
    expect((who.body as unknown as { status: object }).status).toEqual({ userInfo: { username: 'eve', groups: ['ops', 'system:authenticated'] } })
    const rules = t.do({ verb: 'create', path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', body: { spec: { namespace: 'default' } } }, 'bob').body as unknown as { status: { resourceRules: object[] } }
    expect(rules.status.resourceRules).toEqual([
      { verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] },
      { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
    ])
  })

  it('hands out tokens that it knows again', () => {
    const t = server()
    const path = '/api/v1/namespaces/default/serviceaccounts'
    expect(message(t.do({ verb: 'create', path: `${path}/sa/token`, body: {} }).body)).toBe('serviceaccounts "sa" not found')
    t.do({ verb: 'create', path, body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'sa' } } })
    t.run(10_000)
    const { token } = (t.do({ verb: 'create', path: `${path}/sa/token`, body: {} }).body as unknown as { status: { token: string } }).status
    expect(token.split('.')).toHaveLength(3)
    const review = t.do({ verb: 'create', path: '/apis/authentication.k8s.io/v1/tokenreviews', body: { spec: { token } } }).body as unknown as { status: { user: { username: string } } }
    expect(review.status.user.username).toBe('system:serviceaccount:default:sa')
    expect(message(t.do({ verb: 'create', path: `${path}/sa/token`, body: { spec: { expirationSeconds: 60 } } }).body)).toContain('may not specify a duration less than 10 minutes')
  })
})
