import type { Checker } from './checker'

interface Memory {
  revision: number
  versions: Map<string, number>
}

/** The store's revision only grows, and so does each object's. */
export const revisionsGrow: Checker = {
  name: 'revisions-grow',
  start: (): Memory => ({ revision: 0, versions: new Map() }),
  check(view, memory) {
    const m = memory as Memory
    const wrong: string[] = []
    if (view.store.revision < m.revision) wrong.push(`the store went back from revision ${m.revision} to ${view.store.revision}`)
    m.revision = view.store.revision
    const versions = new Map<string, number>()
    for (const kv of view.store.values()) {
      const before = m.versions.get(kv.key) ?? 0
      if (kv.modRevision < before) wrong.push(`${kv.key} went back from ${before} to ${kv.modRevision}`)
      if (kv.value.metadata.resourceVersion !== String(kv.modRevision)) wrong.push(`${kv.key} carries resourceVersion ${kv.value.metadata.resourceVersion} at revision ${kv.modRevision}`)
      versions.set(kv.key, kv.modRevision)
    }
    m.versions = versions
    return wrong
  },
}
