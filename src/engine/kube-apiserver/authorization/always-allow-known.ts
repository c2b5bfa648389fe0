import type { Authorizer } from './authorizer'

const prefixes = ['system:serviceaccount:', 'system:node:', 'system:kube-', 'system:bootstrap:']

/**
 * Everything is allowed to the components, nodes and service accounts of the cluster and to its administrators; other users may look at
 * the version and at discovery only. Stands where the Node and RBAC authorizers will.
 */
export const alwaysAllowKnown: Authorizer = {
  name: 'AlwaysAllowKnown',
  authorize({ user, isResource, path }) {
    if (user.groups.includes('system:masters')) return 'allow'
    if (prefixes.some((p) => user.name.startsWith(p)) || user.name.startsWith('system:') && user.groups.includes('system:authenticated')) return 'allow'
    if (isResource) return 'no-opinion'
    const open = path === '/healthz' || path === '/livez' || path === '/readyz' || path.startsWith('/version')
    const discovery = path === '/api' || path === '/apis' || path.startsWith('/api/') || path.startsWith('/apis/')
    return open || (discovery && user.groups.includes('system:authenticated')) ? 'allow' : 'no-opinion'
  },
}
