import type { ClusterRole, Role, RoleBinding } from '../../api'
import { deepEqual, notFound, type Status } from '../../apimachinery'
import { judge } from '../authorization'
import { escalation } from '../authorization/escalation'
import type { AdmissionAttributes, AdmissionPlugin } from './plugin'

const roles = new Set(['roles', 'clusterroles'])
const bindings = new Set(['rolebindings', 'clusterrolebindings'])
const group = 'rbac.authorization.k8s.io'
const everything = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }, { nonResourceURLs: ['*'], verbs: ['*'] }]

/**
 * Nobody grants what they have not, unless they may `escalate` (roles) or `bind` (bindings). Upstream asks when it stores, after its mutating plugins; so here.
 * Upstream: pkg/registry/rbac/{clusterrole,role,clusterrolebinding,rolebinding}/policybased/storage.go
 */
export const rbacEscalation: AdmissionPlugin = {
  name: 'RBAC escalation',
  resources: [...roles, ...bindings],
  admit(a) {
    const { resource } = a.served.info
    if (a.served.info.group !== group || a.object === undefined || a.operation === 'DELETE' || (!roles.has(resource) && !bindings.has(resource))) return undefined
    if (a.user.groups.includes('system:masters') || onlyForTheCollector(a)) return undefined
    return roles.has(resource) ? ofRole(a, a.object as ClusterRole) : ofBinding(a, a.object as RoleBinding)
  },
}

function may(a: AdmissionAttributes, verb: string, resource: string, name: string): boolean {
  return judge({ user: a.user, verb, isResource: true, group, resource, subresource: '', namespace: resource === 'clusterroles' && verb === 'escalate' ? '' : a.namespace, name, path: '' }, a.write, a.write.settings?.authorizationModes).allowed
}

function ofRole(a: AdmissionAttributes, role: ClusterRole): string | undefined {
  if (may(a, 'escalate', a.served.info.resource, role.metadata.name)) return undefined
  const denied = escalation(a.user, a.namespace, role.rules ?? [], a.write)
  if (denied !== undefined) return denied
  const before = (a.old as ClusterRole | undefined)?.aggregationRule
  if (role.aggregationRule != null && !deepEqual(before, role.aggregationRule) && escalation(a.user, '', everything, a.write) !== undefined) return 'must have cluster-admin privileges to use the aggregationRule'
  return undefined
}

function ofBinding(a: AdmissionAttributes, { roleRef }: RoleBinding): string | Status | undefined {
  if (roleRef?.kind !== 'Role' && roleRef?.kind !== 'ClusterRole') return undefined
  const resource = roleRef.kind === 'Role' ? 'roles' : 'clusterroles'
  if (may(a, 'bind', resource, roleRef.name)) return undefined
  const role = a.write.get(resource, resource === 'roles' ? a.namespace : '', roleRef.name) as Role | undefined
  if (role === undefined) return notFound({ group, resource }, roleRef.name)
  return escalation(a.user, a.namespace, role.rules ?? [], a.write)
}

/** A write that touches nothing but owners and finalizers. Upstream: rbacregistry.IsOnlyMutatingGCFields */
function onlyForTheCollector({ object, old }: AdmissionAttributes): boolean {
  if (old === undefined || object === undefined) return false
  const bare = (o: object): object => ({ ...o, metadata: { ...(o as { metadata: object }).metadata, ownerReferences: undefined, finalizers: undefined, managedFields: undefined } })
  return !deepEqual(object, old) && deepEqual(bare(object), bare(old))
}
