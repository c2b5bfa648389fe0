import { describe, expect, it } from 'vitest'
import type { Status } from '../../apimachinery'
import { TestServer } from '../testing'

const rbac = '/apis/rbac.authorization.k8s.io/v1'
const core = '/api/v1/namespaces/default'
const message = (answer: { body: unknown }): string | undefined => (answer.body as Status).message

function server(): TestServer {
  const t = new TestServer()
  t.client('bob', 'bob')
  t.client('kubelet', 'system:node:node-1')
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'roles' }, rules: [{ apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'], verbs: ['create', 'update', 'patch'] }, { apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }
  t.do({ verb: 'create', path: `${rbac}/clusterroles`, body: role })
  t.do({ verb: 'create', path: `${rbac}/clusterrolebindings`, body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'roles' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'roles' }, subjects: [{ kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' }] } })
  t.run(20_000)
  return t
}

const role = (rules: object[], name = 'r'): object => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name }, rules })
const pod = (name: string, node: string, spec: object = {}): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { nodeName: node, automountServiceAccountToken: false, containers: [{ name: 'c', image: 'x' }], ...spec } })

describe('somebody who may write roles', () => {
  it('grants only what he has', () => {
    const t = server()
    const path = `${rbac}/namespaces/default/roles`
    expect(t.do({ verb: 'create', path, body: role([{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]) }, 'bob').code).toBe(201)
    expect(message(t.do({ verb: 'create', path, body: role([{ apiGroups: [''], resources: ['pods', 'secrets'], verbs: ['get', 'list'] }], 'more') }, 'bob'))).toBe(
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["list"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}')
    const bind = (kind: string, name: string): object => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'b' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name }, subjects: [] })
    const bindings = `${rbac}/namespaces/default/rolebindings`
    expect(message(t.do({ verb: 'create', path: bindings, body: bind('ClusterRole', 'system:public-info-viewer') }, 'bob'))).toBeUndefined()
    expect(message(t.do({ verb: 'create', path: bindings, body: bind('ClusterRole', 'cluster-admin') }, 'bob'))).toBe(
      'rolebindings.rbac.authorization.k8s.io "b" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}')
    expect(message(t.do({ verb: 'create', path: bindings, body: bind('Role', 'nope') }, 'bob'))).toBe('roles.rbac.authorization.k8s.io "nope" not found')
  })

  it('grants more when he may escalate or bind', () => {
    const t = server()
    t.do({ verb: 'patch', path: `${rbac}/clusterroles/roles`, patchType: 'application/json-patch+json', body: [{ op: 'add', path: '/rules/-', value: { apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'clusterroles'], verbs: ['escalate', 'bind'] } }] })
    t.run(20_000)
    expect(t.do({ verb: 'create', path: `${rbac}/namespaces/default/roles`, body: role([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]) }, 'bob').code).toBe(201)
    const body = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'b' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [] }
    expect(t.do({ verb: 'create', path: `${rbac}/namespaces/default/rolebindings`, body }, 'bob').code).toBe(201)
  })
})

describe('a node', () => {
  it('reads what its pods name, and nothing else', () => {
    const t = server()
    const secret = (name: string) => t.do({ verb: 'create', path: `${core}/secrets`, body: { apiVersion: 'v1', kind: 'Secret', metadata: { name } } })
    secret('mine')
    secret('yours')
    t.do({ verb: 'create', path: `${core}/serviceaccounts`, body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } } })
    t.run(20_000)
    t.do({ verb: 'create', path: `${core}/pods`, body: pod('a', 'node-1', { volumes: [{ name: 'v', secret: { secretName: 'mine' } }] }) })
    t.do({ verb: 'create', path: `${core}/pods`, body: pod('b', 'node-2', { imagePullSecrets: [{ name: 'yours' }] }) })
    t.run(20_000)
    const get = (path: string) => t.do({ verb: 'get', path: `${core}/${path}` }, 'kubelet')
    expect(get('secrets/mine').code).toBe(200)
    expect(message(get('secrets/yours'))).toBe(`secrets "yours" is forbidden: User "system:node:node-1" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node 'node-1' and this object`)
    expect(get('pods/a').code).toBe(200)
    expect(get('pods/b').code).toBe(403)
    expect(message(t.do({ verb: 'list', path: `${core}/secrets` }, 'kubelet'))).toContain('No Object name found')
    expect(t.do({ verb: 'list', path: '/api/v1/pods', query: { fieldSelector: 'spec.nodeName=node-1' } }, 'kubelet').code).toBe(200)
    expect(message(t.do({ verb: 'list', path: '/api/v1/nodes' }, 'kubelet'))).toContain("node 'node-1' cannot read all nodes, only its own Node object")
  })

  it('changes itself and its pods alone', () => {
    const t = server()
    for (const name of ['node-1', 'node-2']) t.do({ verb: 'create', path: '/api/v1/nodes', body: { apiVersion: 'v1', kind: 'Node', metadata: { name } } })
    t.run(20_000)
    const patch = (name: string, body: object) => message(t.do({ verb: 'patch', path: `/api/v1/nodes/${name}`, patchType: 'application/merge-patch+json', body }, 'kubelet'))
    expect(patch('node-2', { metadata: { labels: { a: 'b' } } })).toBe('nodes "node-2" is forbidden: node "node-1" is not allowed to modify node "node-2"')
    expect(patch('node-1', { metadata: { labels: { a: 'b' } } })).toBeUndefined()
    expect(patch('node-1', { metadata: { labels: { 'node-role.kubernetes.io/control-plane': '' } } })).toBe('nodes "node-1" is forbidden: is not allowed to modify labels: node-role.kubernetes.io/control-plane')
    expect(patch('node-1', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } })).toBe('nodes "node-1" is forbidden: node "node-1" is not allowed to modify taints')
    t.do({ verb: 'create', path: `${core}/serviceaccounts`, body: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } } })
    t.run(20_000)
    expect(message(t.do({ verb: 'create', path: `${core}/pods`, body: pod('x', 'node-1') }, 'kubelet'))).toContain('pod does not have "kubernetes.io/config.mirror" annotation, node "node-1" can only create mirror pods')
  })
})

it('whoever impersonates a uid or an extra field must be allowed each', () => {
  const t = server()
  const as = { user: 'eve', uid: '7', extra: { scopes: ['view'] } }
  const who = t.do({ verb: 'create', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: {}, impersonate: as })
  expect((who.body as unknown as { status: object }).status).toEqual({ userInfo: { username: 'eve', uid: '7', groups: ['system:authenticated'], extra: { scopes: ['view'] } } })
  t.do({ verb: 'create', path: `${rbac}/clusterroles`, body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'imp' }, rules: [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'] }] } })
  t.do({ verb: 'create', path: `${rbac}/clusterrolebindings`, body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'imp' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'imp' }, subjects: [{ kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' }] } })
  t.run(20_000)
  expect(message(t.do({ verb: 'list', path: `${core}/pods`, impersonate: as }, 'bob'))).toBe('userextras.authentication.k8s.io "view" is forbidden: User "bob" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope')
  expect(message(t.do({ verb: 'list', path: `${core}/pods`, impersonate: { user: 'eve', uid: '7' } }, 'bob'))).toBe('uids.authentication.k8s.io "7" is forbidden: User "bob" cannot impersonate resource "uids" in API group "authentication.k8s.io" at the cluster scope')
})
