import type { ClusterRole, Role } from '../../../api'
import type { FieldError, KubeObject } from '../../../apimachinery'
import { column, define, nameColumn } from '../define'
import type { Column } from '../strategy'
import { required } from '../../../apimachinery'
import { nameIsPathSegment } from '../validation/object-meta'
import { validateLabelSelector } from '../validation/label-selector'
import { validateRules } from './rules'

const createdAt: Column<KubeObject> = column('Created At', (o) => o.metadata.creationTimestamp ?? '', 'date')

/** Role. Upstream: pkg/registry/rbac/role. */
export const role = define<Role>({
  resource: 'roles',
  validateName: nameIsPathSegment,
  validate: (o) => validateRules(o.rules, true),
  validateUpdate: (o) => validateRules(o.rules, true),
  columns: [nameColumn, createdAt],
})

function validateClusterRole(o: ClusterRole): FieldError[] {
  const errors = validateRules(o.rules, false)
  if (o.aggregationRule == null) return errors
  const selectors = o.aggregationRule.clusterRoleSelectors ?? []
  if (selectors.length === 0) errors.push(required('aggregationRule.clusterRoleSelectors', 'at least one clusterRoleSelector required if aggregationRule is non-nil'))
  selectors.forEach((s, i) => errors.push(...validateLabelSelector(s, `aggregationRule.clusterRoleSelectors[${i}]`)))
  return errors
}

/** ClusterRole. Upstream: pkg/registry/rbac/clusterrole. */
export const clusterRole = define<ClusterRole>({
  resource: 'clusterroles',
  validateName: nameIsPathSegment,
  validate: validateClusterRole,
  validateUpdate: validateClusterRole,
  columns: [nameColumn, createdAt],
})
