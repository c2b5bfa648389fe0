import type { ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef, Subject } from '../../api'
import type { UserInfo } from '../flight'
import type { Attributes, AuthorizationLookup, Authorizer } from './authorizer'

/** Rules that a binding gives, and how a review tells of it. */
interface Grant {
  readonly rules: readonly PolicyRule[]
  readonly reason: string
}

interface Grants {
  readonly grants: readonly Grant[]
  /** Bindings to roles that do not exist. */
  readonly errors: readonly string[]
}

interface Memo {
  version: number
  readonly byUser: Map<string, Grants>
}

// What follows from roles and bindings, kept as long as they stay: a memo of a pure function of the caches, not state.
const memos = new WeakMap<AuthorizationLookup, Memo>()
const mostRemembered = 4096
const kinds = ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'] as const

/** Roles and bindings. Upstream: plugin/pkg/auth/authorizer/rbac/rbac.go */
export const rbac: Authorizer = {
  name: 'RBAC',
  authorize(a, lookup) {
    const found = allowedBy(a, grantsOf(a.user, '', lookup)) ?? (a.namespace === '' ? undefined : allowedBy(a, grantsOf(a.user, a.namespace, lookup)))
    return found === undefined ? 'no-opinion' : 'allow'
  },
  reason(a, lookup) {
    const cluster = grantsOf(a.user, '', lookup)
    const local = a.namespace === '' ? undefined : grantsOf(a.user, a.namespace, lookup)
    const found = allowedBy(a, cluster) ?? (local && allowedBy(a, local))
    if (found !== undefined) return `RBAC: ${found.reason}`
    const errors = [...cluster.errors, ...(local?.errors ?? [])]
    return errors.length === 0 ? '' : `RBAC: ${errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`}`
  },
}

/** All rules that a user has in a namespace, cluster-wide ones first. Upstream: RuleResolver.RulesFor */
export function rulesFor(user: UserInfo, namespace: string, lookup: AuthorizationLookup): readonly PolicyRule[] {
  return [...grantsOf(user, '', lookup).grants, ...(namespace === '' ? [] : grantsOf(user, namespace, lookup).grants)].flatMap((g) => g.rules)
}

function allowedBy(a: Attributes, { grants }: Grants): Grant | undefined {
  for (let i = 0; i < grants.length; i++) {
    const g = grants[i] as Grant
    for (let k = 0; k < g.rules.length; k++) if (ruleAllows(a, g.rules[k] as PolicyRule)) return g
  }
  return undefined
}

/** Upstream: rbac.RuleAllows, pkg/apis/rbac/v1/evaluation_helpers.go */
export function ruleAllows(a: Attributes, rule: PolicyRule): boolean {
  if (!has(rule.verbs, a.verb)) return false
  if (!a.isResource) return rule.nonResourceURLs?.some((url) => url === '*' || url === a.path || (url.endsWith('*') && a.path.startsWith(url.slice(0, -1)))) ?? false
  if (!has(rule.apiGroups, a.group)) return false
  const { resources, resourceNames } = rule
  if (resources == null) return false
  const whole = a.subresource === '' ? a.resource : `${a.resource}/${a.subresource}`
  const fits = resources.includes('*') || resources.includes(whole) || (a.subresource !== '' && resources.includes(`*/${a.subresource}`))
  return fits && (resourceNames == null || resourceNames.length === 0 || resourceNames.includes(a.name))
}

const has = (list: readonly string[] | undefined | null, value: string): boolean => list != null && (list.includes(value) || list.includes('*'))

function grantsOf(user: UserInfo, namespace: string, lookup: AuthorizationLookup): Grants {
  let version = 0
  for (let i = 0; i < kinds.length; i++) version = Math.max(version, lookup.changedAt(kinds[i] as string))
  let memo = memos.get(lookup)
  if (memo === undefined || memo.version !== version) memos.set(lookup, (memo = { version, byUser: new Map() }))
  // The groups belong to the user, but for somebody who is impersonated.
  const key = `${namespace}|${user.name}${user.impersonated ? `|${user.groups.join()}` : ''}`
  let found = memo.byUser.get(key)
  if (found === undefined) {
    if (memo.byUser.size >= mostRemembered) memo.byUser.clear()
    memo.byUser.set(key, (found = resolve(user, namespace, lookup)))
  }
  return found
}

function resolve(user: UserInfo, namespace: string, lookup: AuthorizationLookup): Grants {
  const grants: Grant[] = []
  const errors: string[] = []
  const isLocal = namespace !== ''
  for (const o of [...lookup.list(isLocal ? 'rolebindings' : 'clusterrolebindings', isLocal ? namespace : undefined)].sort((x, y) => (x.metadata.name < y.metadata.name ? -1 : 1))) {
    const { subjects, roleRef, metadata } = o as RoleBinding | ClusterRoleBinding
    const subject = subjects?.find((s) => isSubject(user, s, namespace))
    if (subject === undefined) continue
    const role = roleOf(roleRef, namespace, lookup)
    const kind = roleRef.kind.toLowerCase()
    if (role === undefined) errors.push(`${kind}.rbac.authorization.k8s.io "${roleRef.name}" not found`)
    else grants.push({
      rules: role.rules ?? [],
      reason: `allowed by ${isLocal ? `RoleBinding "${metadata.name}/${namespace}"` : `ClusterRoleBinding "${metadata.name}"`} of ${roleRef.kind} "${roleRef.name}" to ${subject.kind} "${subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace}` : subject.name}"`,
    })
  }
  return { grants, errors }
}

function roleOf(ref: RoleRef, namespace: string, lookup: AuthorizationLookup): Role | ClusterRole | undefined {
  return (ref.kind === 'Role' ? lookup.get('roles', namespace, ref.name) : lookup.get('clusterroles', '', ref.name)) as Role | ClusterRole | undefined
}

function isSubject(user: UserInfo, s: Subject, namespace: string): boolean {
  switch (s.kind) {
    case 'User': return user.name === s.name
    case 'Group': return user.groups.includes(s.name)
    case 'ServiceAccount': return user.name === `system:serviceaccount:${s.namespace || namespace}:${s.name}`
    default: return false
  }
}
