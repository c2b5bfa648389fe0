import type { MatchResources, NamedRuleWithOperations } from '../../api'
import { labelSelector, matches, type LabelSelector } from '../../apimachinery'
import type { AdmissionAttributes } from './plugin'

/** What policies and webhooks say of the writes that they are about. */
type Match = Pick<MatchResources, 'namespaceSelector' | 'objectSelector' | 'matchPolicy' | 'resourceRules' | 'excludeResourceRules'>

/** Whether a write is among what a policy or a webhook is about. Upstream: plugin/policy/matching, plugin/webhook/predicates */
export function fits(match: Match | undefined, a: AdmissionAttributes): boolean {
  if (match == null) return false
  if (!selectsNamespace(match.namespaceSelector, a) || !selectsObject(match.objectSelector, a)) return false
  const exact = match.matchPolicy === 'Exact'
  if (match.excludeResourceRules?.some((rule) => ruleFits(rule, a, exact))) return false
  const rules = match.resourceRules ?? []
  return rules.length === 0 || rules.some((rule) => ruleFits(rule, a, exact))
}

function ruleFits(rule: Partial<NamedRuleWithOperations>, a: AdmissionAttributes, exact: boolean): boolean {
  const { info } = a.served
  const has = (list: readonly string[] | undefined, value: string): boolean => list?.includes('*') === true || list?.includes(value) === true
  if (!has(rule.operations, a.operation) || !has(rule.apiGroups, info.group) || (exact && !has(rule.apiVersions, info.version))) return false
  if (rule.scope === 'Cluster' && info.namespaced && info.resource !== 'namespaces') return false
  if (rule.scope === 'Namespaced' && !info.namespaced) return false
  if ((rule.resourceNames ?? []).length > 0 && !rule.resourceNames!.includes(a.name)) return false
  return (rule.resources ?? []).some((text) => {
    const [resource, sub = ''] = text.split('/')
    return (resource === '*' || resource === info.resource) && (sub === a.subresource || sub === '*')
  })
}

function selectsNamespace(selector: LabelSelector | undefined, a: AdmissionAttributes): boolean {
  if (isEmpty(selector)) return true
  const own = a.served.storage === 'namespaces' ? a.object ?? a.old : a.served.info.namespaced ? a.write.get('namespaces', '', a.namespace) : undefined
  return own === undefined ? !a.served.info.namespaced : matches(labelSelector(selector), own.metadata.labels)
}

function selectsObject(selector: LabelSelector | undefined, a: AdmissionAttributes): boolean {
  if (isEmpty(selector)) return true
  const wanted = labelSelector(selector)
  return [a.object, a.old].some((o) => o !== undefined && matches(wanted, o.metadata.labels))
}

function isEmpty(selector: LabelSelector | undefined): boolean {
  return selector == null || (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0)
}
