import { fieldErrorText, invalid, matches, newRequirement, notSupported, selectorFromSet, type Requirement, type Selector, type SelectorOperator } from '../../apimachinery'
import type { Node, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../../api'

/** A compiled term of a node selector. A term that selects nothing, or cannot be parsed, matches no node. */
export interface NodeTerm {
  readonly labels: Selector | undefined
  /** Requirements on metadata.name, the only field. */
  readonly names: readonly { readonly value: string; readonly equal: boolean }[]
  readonly broken: boolean
  /** Why it cannot be parsed. */
  readonly errors: readonly string[]
}

/** What a pod demands of its node: nodeSelector and required node affinity. Undefined parts demand nothing. */
export interface RequiredNodeAffinity {
  readonly selector: Selector | undefined
  readonly terms: readonly NodeTerm[] | undefined
}

const operators: Readonly<Record<string, SelectorOperator>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!', Gt: 'gt', Lt: 'lt' }

/** Turns node selector requirements into a label selector; the error text when one is malformed. Upstream: nodeaffinity nodeSelectorRequirementsAsSelector */
export function nodeRequirements(list: readonly NodeSelectorRequirement[], path = ''): Selector | string {
  const requirements: Requirement[] = []
  for (const [i, r] of list.entries()) {
    const operator = operators[r.operator]
    if (operator === undefined) return fieldErrorText(notSupported(`${path}[${i}].operator`, r.operator, Object.keys(operators)))
    const made = newRequirement(r.key, operator, r.values ?? [], path === '' ? '' : `${path}[${i}]`)
    if (typeof made === 'string') return made
    requirements.push(made)
  }
  return { nothing: false, requirements }
}

/** Compiles one term. Upstream: nodeaffinity newNodeSelectorTerm */
export function nodeTerm(term: NodeSelectorTerm, path = ''): NodeTerm {
  const { matchExpressions = [], matchFields = [] } = term
  const names: { value: string; equal: boolean }[] = []
  let broken = matchExpressions.length === 0 && matchFields.length === 0
  const errors: string[] = []
  const labels = matchExpressions.length === 0 ? undefined : nodeRequirements(matchExpressions, path === '' ? '' : `${path}.matchExpressions`)
  if (typeof labels === 'string') errors.push(labels)
  for (const [i, f] of matchFields.entries()) {
    const at = `${path}.matchFields[${i}]`
    if (f.operator !== 'In' && f.operator !== 'NotIn') errors.push(fieldErrorText(notSupported(`${at}.operator`, f.operator, ['In', 'NotIn'])))
    else if (f.values?.length !== 1) errors.push(fieldErrorText(invalid(`${at}.values`, f.values ?? [], 'must have one element')))
    else if (f.key === 'metadata.name') names.push({ value: f.values[0] as string, equal: f.operator === 'In' })
    else broken = true
  }
  broken ||= errors.length > 0
  return Object.freeze({ labels: typeof labels === 'string' ? undefined : labels, names, broken, errors })
}

/** Whether a node satisfies a term. */
export function termMatchesNode(term: NodeTerm, node: Node): boolean {
  if (term.broken) return false
  if (term.labels !== undefined && !matches(term.labels, node.metadata.labels)) return false
  for (const n of term.names) if ((n.value === node.metadata.name) !== n.equal) return false
  return true
}

const nothingAsked: RequiredNodeAffinity = Object.freeze({ selector: undefined, terms: undefined })

/** What a pod's spec demands of its node. Upstream: nodeaffinity.GetRequiredNodeAffinity */
export function requiredNodeAffinity(spec: PodSpec): RequiredNodeAffinity {
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const hasSelector = spec.nodeSelector !== undefined && Object.keys(spec.nodeSelector).length > 0
  if (!hasSelector && required === undefined) return nothingAsked
  return Object.freeze({ selector: hasSelector ? selectorFromSet(spec.nodeSelector) : undefined, terms: required === undefined ? undefined : (required.nodeSelectorTerms ?? []).map((t) => nodeTerm(t)) })
}

/** Whether a node satisfies a pod's demands. Upstream: RequiredNodeAffinity.Match */
export function nodeAffinityMatches(affinity: RequiredNodeAffinity, node: Node): boolean {
  if (affinity.selector !== undefined && !matches(affinity.selector, node.metadata.labels)) return false
  if (affinity.terms === undefined) return true
  for (const t of affinity.terms) if (termMatchesNode(t, node)) return true
  return false
}
