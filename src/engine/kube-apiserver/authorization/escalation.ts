import type { PolicyRule } from '../../api'
import { goQuote } from '../../apimachinery'
import type { UserInfo } from '../flight'
import type { AuthorizationLookup } from './authorizer'
import { rulesFor } from './rbac'

/** Why somebody may not grant rules: those that they have not themselves; undefined when they may. Upstream: pkg/registry/rbac/validation/rule.go ConfirmNoEscalation */
export function escalation(user: UserInfo, namespace: string, wanted: readonly PolicyRule[], lookup: AuthorizationLookup): string | undefined {
  const own = rulesFor(user, namespace, lookup)
  const missing = wanted.flatMap(breakDown).filter((sub) => !own.some((o) => covers(o, sub)))
  if (missing.length === 0) return undefined
  const lines = [...new Set(compact(missing).map(describe))].sort()
  return `user ${goQuote(user.name)} (groups=${quoted(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}`
}

const quoted = (list: readonly string[]): string => `[${list.map(goQuote).join(' ')}]`

/** One verb on one thing. */
function breakDown(rule: PolicyRule): PolicyRule[] {
  const out: PolicyRule[] = []
  for (const group of rule.apiGroups ?? []) for (const resource of rule.resources ?? []) for (const verb of rule.verbs) {
    const base = { apiGroups: [group], resources: [resource], verbs: [verb] }
    if (rule.resourceNames?.length) for (const name of rule.resourceNames) out.push({ ...base, resourceNames: [name] })
    else out.push(base)
  }
  for (const url of rule.nonResourceURLs ?? []) for (const verb of rule.verbs) out.push({ nonResourceURLs: [url], verbs: [verb] })
  return out
}

function covers(owner: PolicyRule, sub: PolicyRule): boolean {
  const all = (list: readonly string[] | undefined, wanted: readonly string[] | undefined): boolean => (list ?? []).includes('*') || (wanted ?? []).every((w) => list?.includes(w))
  if (!all(owner.verbs, sub.verbs)) return false
  if (sub.nonResourceURLs !== undefined) {
    return sub.nonResourceURLs.every((u) => owner.nonResourceURLs?.some((o) => o === '*' || o === u || (o.endsWith('*') && u.startsWith(o.slice(0, -1)))) ?? false)
  }
  if (!all(owner.apiGroups, sub.apiGroups)) return false
  const resources = owner.resources ?? []
  if (!resources.includes('*') && !(sub.resources ?? []).every((r) => resources.includes(r) || (r.includes('/') && resources.includes(`*/${r.slice(r.indexOf('/') + 1)}`)))) return false
  if (!owner.resourceNames?.length) return true
  return sub.resourceNames !== undefined && sub.resourceNames.every((n) => owner.resourceNames?.includes(n))
}

/** Puts the verbs on one thing together. Upstream: pkg/registry/rbac/validation/policy_compact.go */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const out: PolicyRule[] = []
  const simple = new Map<string, { verbs: string[] } & PolicyRule>()
  for (const rule of rules) {
    if (rule.nonResourceURLs !== undefined) { out.push(rule); continue }
    const id = `${rule.apiGroups?.[0]}|${rule.resources?.[0]}|${rule.resourceNames?.[0] ?? ''}|${rule.resourceNames === undefined}`
    const known = simple.get(id)
    if (known === undefined) simple.set(id, { ...rule, verbs: [...rule.verbs] })
    else for (const verb of rule.verbs) if (!known.verbs.includes(verb)) known.verbs.push(verb)
  }
  return [...out, ...simple.values()]
}

/** Upstream: pkg/apis/rbac/v1/helpers.go CompactString */
function describe(rule: PolicyRule): string {
  const parts: string[] = []
  const put = (name: string, list: readonly string[] | undefined): void => void (list?.length && parts.push(`${name}:${quoted(list)}`))
  put('APIGroups', rule.apiGroups)
  put('Resources', rule.resources)
  put('NonResourceURLs', rule.nonResourceURLs)
  put('ResourceNames', rule.resourceNames)
  put('Verbs', rule.verbs)
  return `{${parts.join(', ')}}`
}
