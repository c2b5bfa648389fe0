import type { Node, PreferredSchedulingTerm } from '../../api'
import { aggregateText } from '../../apimachinery'
import { Action } from '../framework/events'
import { nodeAffinityMatches, nodeTerm, termMatchesNode, type NodeTerm } from '../framework/node-affinity'
import { defaultNormalize } from '../framework/normalize'
import type { Plugin } from '../framework/plugin'
import { skip, status, unresolvable } from '../framework/status'

/** Said when a node does not match. */
export const nodeAffinityReason = "node(s) didn't match Pod's node affinity/selector"
const refused = unresolvable('NodeAffinity', nodeAffinityReason)
const conflict = unresolvable('NodeAffinity', 'pod affinity terms conflict')

/** A compiled preference. */
export interface Preferred {
  readonly term: NodeTerm
  readonly weight: number
}

/** Compiles preferences; those without weight say nothing. */
export function preferredTerms(list: readonly PreferredSchedulingTerm[]): readonly Preferred[] {
  return list.map((p, i): Preferred => ({ term: nodeTerm(p.preference, `[${i}]`), weight: p.weight })).filter((p) => p.weight !== 0)
}

/** What the preferences give a node. Upstream: nodeaffinity PreferredSchedulingTerms.Score */
export function preferredScore(terms: readonly Preferred[], node: Node): number {
  let sum = 0
  for (const p of terms) if (termMatchesNode(p.term, node)) sum += p.weight
  return sum
}

/** nodeSelector, required and preferred node affinity. Upstream: plugins/nodeaffinity */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  events: [
    {
      resource: 'Node', action: Action.Add | Action.UpdateNodeLabel,
      hint: (pod, _event, old, now) => nodeAffinityMatches(pod.spec.nodeAffinity, now as Node) && (old === undefined || !nodeAffinityMatches(pod.spec.nodeAffinity, old as Node)),
    },
  ],

  preFilter(_cycle, pod) {
    const { selector, terms } = pod.spec.nodeAffinity
    if (selector === undefined && terms === undefined) return skip
    if (terms === undefined || terms.length === 0) return undefined
    // Terms that name nodes leave few to look at (pods of a DaemonSet): the union of the names that each term allows.
    const names = new Set<string>()
    for (const t of terms) {
      let own: string | undefined
      for (const n of t.names) {
        if (!n.equal) continue
        if (own !== undefined && own !== n.value) own = ''
        else own ??= n.value
      }
      if (own === undefined) return undefined
      if (own !== '') names.add(own)
    }
    return names.size === 0 ? conflict : { nodeNames: names }
  },

  filter(_cycle, pod, node) {
    return nodeAffinityMatches(pod.spec.nodeAffinity, node.node) ? undefined : refused
  },

  preScore(cycle, pod) {
    const preferred = pod.pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution
    if (preferred === undefined || preferred.length === 0) return skip
    const terms = preferredTerms(preferred)
    const errors = terms.flatMap((t) => t.term.errors)
    if (errors.length > 0) return status('Error', 'NodeAffinity', aggregateText(errors))
    cycle.write('NodeAffinity/preferred', terms)
    return undefined
  },

  score(cycle, _pod, node) {
    return preferredScore(cycle.read<readonly Preferred[]>('NodeAffinity/preferred') ?? [], node.node)
  },

  normalize(_cycle, _pod, _nodes, scores) {
    defaultNormalize(scores, false)
  },
}
