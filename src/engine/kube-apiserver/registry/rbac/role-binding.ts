import type { ClusterRoleBinding, RoleBinding } from '../../../api'
import { deepEqual, invalid, type FieldError, type KubeObject } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn, wide } from '../define'
import type { ResourceStrategy } from '../strategy'
import { nameIsPathSegment } from '../validation/object-meta'
import { defaultBinding, subjectNames, validateBinding } from './rules'

function binding<T extends KubeObject & (RoleBinding | ClusterRoleBinding)>(resource: string, isNamespaced: boolean): ResourceStrategy {
  const validate = (o: T): FieldError[] => validateBinding(o.roleRef, o.subjects, isNamespaced)
  return define<T>({
    resource,
    validateName: nameIsPathSegment,
    defaults: defaultBinding,
    validate,
    validateUpdate(o, old) {
      const errors = validate(o)
      // A binding never points to another role: whoever approved it approved that role.
      if (!deepEqual(o.roleRef, old.roleRef)) {
        const { apiGroup = '', kind, name } = o.roleRef
        errors.push(invalid('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef'))
      }
      return errors
    },
    columns: [
      nameColumn,
      column('Role', (o) => `${o.roleRef.kind}/${o.roleRef.name}`),
      ageColumn,
      wide('Users', (o) => subjectNames(o.subjects, 'User')),
      wide('Groups', (o) => subjectNames(o.subjects, 'Group')),
      wide('ServiceAccounts', (o) => subjectNames(o.subjects, 'ServiceAccount')),
    ],
  })
}

/** RoleBinding. Upstream: pkg/registry/rbac/rolebinding. */
export const roleBinding = binding<RoleBinding>('rolebindings', true)
/** ClusterRoleBinding. Upstream: pkg/registry/rbac/clusterrolebinding. */
export const clusterRoleBinding = binding<ClusterRoleBinding>('clusterrolebindings', false)
