import type { Job, Pod } from '../../api'

/** Annotation and label with the index of a pod of an Indexed job. */
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index'

export const isIndexed = (job: Job): boolean => job.spec.completionMode === 'Indexed'

/** Index of a pod; undefined when it has none. */
export function indexOf(p: Pod): number | undefined {
  const text = p.metadata.annotations?.[indexAnnotation]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Indexes in a text such as `1,3-5,7`; those not below `completions` do not count. Bounds: a malformed text has none. Upstream: parseIndexesFromString */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const out = new Set<number>()
  if (!text) return out
  for (const part of text.split(',')) {
    const [a, b = a] = part.split('-')
    const from = Number(a)
    const to = Number(b)
    if (!Number.isInteger(from) || !Number.isInteger(to)) return new Set()
    for (let i = from; i <= to && i < completions; i++) out.add(i)
  }
  return out
}

/** Indexes as intervals: pairs are listed one by one, longer runs with a dash. Upstream: orderedIntervals.String */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const out: string[] = []
  for (let i = 0; i < sorted.length; ) {
    let j = i
    while (j + 1 < sorted.length && sorted[j + 1] === (sorted[j] as number) + 1) j++
    const [a, b] = [sorted[i] as number, sorted[j] as number]
    out.push(a === b ? String(a) : b === a + 1 ? `${a},${b}` : `${a}-${b}`)
    i = j + 1
  }
  return out.join(',')
}

/** The first indexes that are neither taken nor done. Upstream: firstPendingIndexes */
export function firstPending(taken: ReadonlySet<number | undefined>, done: ReadonlySet<number>, count: number, completions: number): number[] {
  const out: number[] = []
  for (let i = 0; i < completions && out.length < count; i++) if (!done.has(i) && !taken.has(i)) out.push(i)
  return out
}

/** Pods that no index needs, in order of index: of none, too high, or double; `rank` tells whom to keep. Upstream: appendDuplicatedIndexPodsForRemoval */
export function duplicatePods(pods: readonly Pod[], completions: number, rank: (a: Pod, b: Pod) => number): { readonly remove: Pod[]; readonly keep: Pod[] } {
  const remove: Pod[] = []
  const keep: Pod[] = []
  const byIndex = new Map<number, Pod[]>()
  for (const p of pods) {
    const i = indexOf(p) ?? -1
    const list = byIndex.get(i)
    if (list === undefined) byIndex.set(i, [p])
    else list.push(p)
  }
  for (const i of [...byIndex.keys()].sort((a, b) => a - b)) {
    const list = byIndex.get(i) as Pod[]
    if (i < 0 || i >= completions) remove.push(...list)
    else {
      list.sort(rank)
      remove.push(...list.slice(0, -1))
      keep.push(list.at(-1) as Pod)
    }
  }
  return { remove, keep }
}

/** Prefix of the names of an index's pods. Bounds: 58 characters, the rest is random. Upstream: podGenerateNameWithIndex */
export function podNameWithIndex(job: string, index: number): string {
  const suffix = `-${index}-`
  return job.slice(0, 58 - suffix.length) + suffix
}
