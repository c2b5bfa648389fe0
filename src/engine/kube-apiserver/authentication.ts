import type { UserInfo } from './flight'

const known = new Map<string, UserInfo>()
const mostKnown = 10_000

/**
 * The groups that a client's credentials carry. Certificates of nodes and components name their user; service accounts are in their
 * namespace's group. Upstream: apiserver/pkg/authentication/{request/x509,serviceaccount}
 */
export function authenticate(user: string): UserInfo {
  const found = known.get(user)
  if (found) return found
  const info: UserInfo = Object.freeze({ name: user, groups: Object.freeze(groupsOf(user)) })
  // A memo of a pure function, not state.
  if (known.size >= mostKnown) known.clear()
  known.set(user, info)
  return info
}

function groupsOf(user: string): string[] {
  if (user === '' || user === 'system:anonymous') return ['system:unauthenticated']
  // As kubeadm writes it into admin.conf; a ClusterRoleBinding of the same name gives the power.
  if (user === 'kubernetes-admin') return ['kubeadm:cluster-admins', 'system:authenticated']
  if (user === 'system:apiserver') return ['system:authenticated', 'system:masters']
  if (user.startsWith('system:node:')) return ['system:nodes', 'system:authenticated']
  if (user.startsWith('system:serviceaccount:')) return ['system:serviceaccounts', `system:serviceaccounts:${user.split(':')[2]}`, 'system:authenticated']
  return ['system:authenticated']
}

/** Whom a request impersonates. Upstream: apiserver/pkg/endpoints/filters/impersonation.go */
export function impersonated(user: string, groups: readonly string[] | undefined): UserInfo {
  if (groups === undefined || groups.length === 0) {
    const own = user.startsWith('system:serviceaccount:') ? groupsOf(user) : user === 'system:anonymous' ? ['system:unauthenticated'] : ['system:authenticated']
    return { name: user, groups: own, impersonated: true }
  }
  const missing = user !== 'system:anonymous' && !groups.includes('system:authenticated') && !groups.includes('system:unauthenticated')
  return { name: user, groups: missing ? [...groups, 'system:authenticated'] : groups, impersonated: true }
}
