import { deepEqual, labelSelector, matches } from '../../apimachinery'
import type { ClusterRole, PolicyRule } from '../../api'
import type { Controller } from '../controller'
import { patchObject } from '../requests'

/** Fills ClusterRoles that are made of others. Upstream: pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go */
export const clusterRoleAggregationController: Controller<null> = {
  name: 'clusterroleaggregation',
  component: 'clusterrole-aggregation-controller',
  resource: 'clusterroles',
  informers: [{ resource: 'clusterroles' }],
  workers: 5,
  start: () => null,

  onDelta(_delta, env) {
    // Any change may concern any of them.
    for (const r of env.cache<ClusterRole>('clusterroles').list()) if (r.aggregationRule) env.enqueue(r.metadata.name)
  },

  reconcile(key, env) {
    const roles = env.cache<ClusterRole>('clusterroles')
    const role = roles.get('', key)
    if (!role?.aggregationRule) return []
    const rules: PolicyRule[] = []
    const all = [...roles.list()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    for (const s of role.aggregationRule.clusterRoleSelectors ?? []) {
      const selector = labelSelector(s)
      for (const r of all) {
        if (r.metadata.name === key || !matches(selector, r.metadata.labels)) continue
        for (const rule of r.rules ?? []) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule)
      }
    }
    if (deepEqual(role.rules ?? [], rules)) return []
    // Upstream applies; a merge patch of the atomic list comes to the same, but for the field manager.
    return [patchObject('clusterroles', role, { rules }, { patchType: 'application/merge-patch+json', ignore: ['NotFound'] })]
  },
}
