import type { PolicyRule, RoleRef, Subject } from '../../../api'
import { dns1123SubdomainErrors, invalid, notSupported, required, type FieldError } from '../../../apimachinery'
import { nameIsPathSegment } from '../validation/object-meta'

/** Group of the RBAC kinds, which role references and subjects name. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io'

/** Rules of a role. Upstream: rbac validation ValidatePolicyRule. */
export function validateRules(rules: readonly PolicyRule[] | undefined | null, isNamespaced: boolean): FieldError[] {
  return (rules ?? []).flatMap((rule, i) => ruleErrors(rule, isNamespaced, `rules[${i}]`))
}

function ruleErrors(rule: PolicyRule, isNamespaced: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  if ((rule.verbs ?? []).length === 0) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'))
  const urls = rule.nonResourceURLs ?? []
  const [groups, names, resources] = [rule.apiGroups ?? [], rule.resourceNames ?? [], rule.resources ?? []]
  if (urls.length > 0) {
    if (isNamespaced) errors.push(invalid(`${path}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'))
    if (groups.length > 0 || resources.length > 0 || names.length > 0) {
      errors.push(invalid(`${path}.nonResourceURLs`, urls, 'rules cannot apply to both regular resources and non-resource URLs'))
    }
    return errors
  }
  if (groups.length === 0) errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
  if (resources.length === 0) errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'))
  return errors
}

/** Who is bound to what. Upstream: rbac validation ValidateRoleBinding, ValidateRoleBindingSubject. */
export function validateBinding(roleRef: RoleRef, subjects: readonly Subject[] | undefined | null, isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  if (roleRef.apiGroup !== RBAC_GROUP) errors.push(notSupported('roleRef.apiGroup', roleRef.apiGroup ?? '', [RBAC_GROUP]))
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  if (!kinds.includes(roleRef.kind)) errors.push(notSupported('roleRef.kind', roleRef.kind, kinds))
  if (!roleRef.name) errors.push(required('roleRef.name'))
  else for (const message of nameIsPathSegment(roleRef.name, false)) errors.push(invalid('roleRef.name', roleRef.name, message))
  ;(subjects ?? []).forEach((subject, i) => errors.push(...subjectErrors(subject, isNamespaced, `subjects[${i}]`)))
  return errors
}

function subjectErrors(s: Subject, isNamespaced: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!s.name) errors.push(required(`${path}.name`))
  switch (s.kind) {
    case 'ServiceAccount':
      if (s.name) for (const message of dns1123SubdomainErrors(s.name)) errors.push(invalid(`${path}.name`, s.name, message))
      if (s.apiGroup) errors.push(notSupported(`${path}.apiGroup`, s.apiGroup, ['']))
      if (!isNamespaced && !s.namespace) errors.push(required(`${path}.namespace`))
      break
    case 'User': case 'Group':
      if (s.apiGroup !== RBAC_GROUP) errors.push(notSupported(`${path}.apiGroup`, s.apiGroup ?? '', [RBAC_GROUP]))
      break
    default: errors.push(notSupported(`${path}.kind`, s.kind, ['ServiceAccount', 'User', 'Group']))
  }
  return errors
}

/** Defaults of a binding: groups of the role and of users and groups. In place. Upstream: rbac/v1 SetDefaults_Subject. */
export function defaultBinding(o: { roleRef: RoleRef; subjects?: Subject[] }): void {
  o.roleRef.apiGroup ||= RBAC_GROUP
  for (const s of o.subjects ?? []) if (s.kind === 'User' || s.kind === 'Group') s.apiGroup ||= RBAC_GROUP
}

/** Names of the subjects of a kind, as `-o wide` shows them. Upstream: rbac.SubjectsStrings. */
export function subjectNames(subjects: readonly Subject[] | undefined | null, kind: string): string {
  return (subjects ?? []).filter((s) => s.kind === kind).map((s) => (kind === 'ServiceAccount' ? `${s.namespace ?? ''}/${s.name}` : s.name)).join(', ')
}
