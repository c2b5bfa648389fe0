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

/** The first indexes that are neither done nor running. Upstream: firstPendingIndexes */
export function firstPending(active: readonly Pod[], done: ReadonlySet<number>, count: number, completions: number): number[] {
  const taken = new Set(active.map(indexOf))
  const out: number[] = []
  for (let i = 0; i < completions && out.length < count; i++) if (!done.has(i) && !taken.has(i)) out.push(i)
  return out
}
