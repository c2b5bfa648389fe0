import type { Authorizer } from './authorizer'

/** The group that may do everything, whatever roles say; and the liveness paths, which are open to all. Upstream: authorizerfactory.NewPrivilegedGroups, path.NewAuthorizer */
export const systemMasters: Authorizer = {
  name: 'AlwaysAllow',
  authorize({ user, isResource, path }) {
    if (user.groups.includes('system:masters')) return 'allow'
    return !isResource && (path === '/healthz' || path === '/livez' || path === '/readyz') ? 'allow' : 'no-opinion'
  },
}
