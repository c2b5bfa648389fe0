import type { NamespaceCondition } from '../../api'

/** What was found while the content of a namespace was deleted. */
export interface Remaining {
  /** Objects left, by `resource.group`. */
  readonly counts: ReadonlyMap<string, number>
  readonly finalizers: ReadonlyMap<string, number>
  readonly errors: readonly string[]
}

const texts: readonly (readonly [type: string, reason: string, message: string])[] = [
  ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
  ['NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  ['NamespaceDeletionContentFailure', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
]

/** Conditions of a namespace that is being deleted; the same list when nothing changes. Upstream: pkg/controller/namespace/deletion/status_condition_utils.go */
export function deletionConditions(current: readonly NamespaceCondition[] | undefined, found: Remaining, time: string): readonly NamespaceCondition[] {
  const bad = new Map<string, readonly [reason: string, message: string]>()
  const listed = (m: ReadonlyMap<string, number>, word: string): string => [...m].filter(([, n]) => n > 0).map(([k, n]) => `${k} ${word} ${n} resource instances`).sort().join(', ')
  if (found.errors.length > 0) bad.set('NamespaceDeletionContentFailure', ['ContentDeletionFailed', `Failed to delete all resource types, ${found.errors.length} remaining: ${[...found.errors].sort().join(', ')}`])
  const counts = listed(found.counts, 'has')
  if (counts !== '') bad.set('NamespaceContentRemaining', ['SomeResourcesRemain', `Some resources are remaining: ${counts}`])
  const finalizers = listed(found.finalizers, 'in')
  if (finalizers !== '') bad.set('NamespaceFinalizersRemaining', ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${finalizers}`])
  let out: readonly NamespaceCondition[] = current ?? []
  for (const [type, reason, message] of texts) {
    const wrong = bad.get(type)
    const next = wrong ? { type, status: 'True', reason: wrong[0], message: wrong[1] } : { type, status: 'False', reason, message }
    const old = out.find((c) => c.type === type)
    if (old && old.status === next.status && old.message === next.message && old.reason === next.reason) continue
    const put = { ...next, lastTransitionTime: old && old.status === next.status ? (old.lastTransitionTime as string) : time }
    out = old ? out.map((c) => (c === old ? put : c)) : [...out, put]
  }
  return out
}
