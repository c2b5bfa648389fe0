import type { PolicyRule, Role } from '../../api'
import type { Authorizer } from './authorizer'
import { bootstrapPolicy } from './bootstrap-policy'
import { ruleAllows } from './rbac'

// A memo of a constant.
let rules: readonly PolicyRule[] | undefined

function nodeRules(): readonly PolicyRule[] {
  const role = bootstrapPolicy().find(([resource, o]) => resource === 'clusterroles' && o.metadata.name === 'system:node')
  return (role?.[1] as Role | undefined)?.rules ?? []
}

/**
 * What kubelets need. Upstream also looks whether a secret, claim or volume belongs to a pod on the node; here every node may read them.
 * Upstream: plugin/pkg/auth/authorizer/node/node_authorizer.go
 */
export const node: Authorizer = {
  name: 'Node',
  authorize(a) {
    if (!a.user.name.startsWith('system:node:') || !a.user.groups.includes('system:nodes')) return 'no-opinion'
    rules ??= nodeRules()
    return rules.some((r) => ruleAllows(a, r)) ? 'allow' : 'no-opinion'
  },
}
