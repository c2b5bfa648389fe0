import type { PodRow } from '../../bridge/protocol'
import { addTo, notify, type Table } from './table'

/** The group of pods that no node has: the spine's shelf. */
export const shelf = ''

/**
 * Keys of pods by node, in the order in which a node card shows them: applications before kube-system, then by age and
 * name. The order depends on the rows alone, so the same moment looks the same however one came to it.
 */
export class PodGroups {
  readonly #pods: Table<PodRow>
  readonly #groups = new Map<string, readonly string[]>()
  readonly #listeners = new Map<string, Set<() => void>>()
  readonly #podListeners = new Map<string, Set<() => void>>()
  #dirty = new Map<string, Set<string>>()
  #touched = new Set<string>()

  constructor(pods: Table<PodRow>) {
    this.#pods = pods
  }

  of(node: string): readonly string[] {
    return this.#groups.get(node) ?? none
  }

  subscribe(node: string, listener: () => void): () => void {
    return addTo(this.#listeners, node, listener)
  }

  /** Wakes when any pod of a node has changed: for what draws them all at once. */
  subscribePods(node: string, listener: () => void): () => void {
    return addTo(this.#podListeners, node, listener)
  }

  /** Called by the table for each changed row. */
  readonly note = (before: PodRow | undefined, after: PodRow | undefined): void => {
    if (before) this.#touched.add(before.node ?? shelf)
    if (after) this.#touched.add(after.node ?? shelf)
    if (before && after && before.node === after.node) return
    if (before) this.#mark(before.node ?? shelf, before.key)
    if (after) this.#mark(after.node ?? shelf, after.key)
  }

  /** Brings the groups up to date; returns what wakes their listeners. */
  flush(): () => void {
    const dirty = this.#dirty
    const touched = this.#touched
    if (touched.size === 0) return () => {}
    this.#dirty = new Map()
    this.#touched = new Set()
    for (const [node, keys] of dirty) {
      const kept = this.of(node).filter((key) => !keys.has(key))
      for (const key of keys) {
        const row = this.#pods.get(key)
        if (row && (row.node ?? shelf) === node) kept.push(key)
      }
      if (kept.length > 0) this.#groups.set(node, kept.sort((a, b) => order(this.#pods.get(a), this.#pods.get(b))))
      else this.#groups.delete(node)
    }
    return () => {
      for (const node of dirty.keys()) notify(this.#listeners.get(node))
      for (const node of touched) notify(this.#podListeners.get(node))
    }
  }

  #mark(node: string, key: string): void {
    const keys = this.#dirty.get(node)
    if (keys) keys.add(key)
    else this.#dirty.set(node, new Set([key]))
  }
}

const none: readonly string[] = []

function order(a: PodRow | undefined, b: PodRow | undefined): number {
  if (!a || !b) return 0
  const system = Number(a.namespace === 'kube-system') - Number(b.namespace === 'kube-system')
  if (system !== 0) return system
  if (a.createdAt !== b.createdAt) return a.createdAt - b.createdAt
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return a.key < b.key ? -1 : 1
}
