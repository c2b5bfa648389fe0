import type { Changes } from '../../bridge/protocol'

type Listener = () => void

/**
 * Rows by key, with a subscription per key: a change of one pod wakes what shows that pod and nothing else.
 * `keys` is replaced only when a row comes or goes. Writer: apply-frame.
 */
export class Table<T extends { readonly key: string }> {
  readonly rows = new Map<string, T>()
  keys: readonly string[] = []
  /** Counts changes of any row, for those that show all of them. */
  version = 0
  readonly #byKey = new Map<string, Set<Listener>>()
  readonly #structure = new Set<Listener>()
  readonly #any = new Set<Listener>()

  get(key: string): T | undefined {
    return this.rows.get(key)
  }

  subscribe(key: string, listener: Listener): () => void {
    return addTo(this.#byKey, key, listener)
  }

  subscribeKeys(listener: Listener): () => void {
    this.#structure.add(listener)
    return () => this.#structure.delete(listener)
  }

  subscribeAll(listener: Listener): () => void {
    this.#any.add(listener)
    return () => this.#any.delete(listener)
  }

  /** Takes the changes in; returns what wakes the listeners, to be called when all tables are up to date. */
  apply(changes: Changes<T>, full: boolean, onChange?: (before: T | undefined, after: T | undefined) => void): () => void {
    const touched: string[] = []
    let structure = false
    if (full) {
      const kept = new Set(changes.put.map((row) => row.key))
      for (const key of this.rows.keys()) if (!kept.has(key)) structure = this.#take(key, touched, onChange) || structure
    }
    for (const key of changes.gone) structure = this.#take(key, touched, onChange) || structure
    for (const row of changes.put) {
      const before = this.rows.get(row.key)
      if (full && before && same(before, row)) continue
      this.rows.set(row.key, row)
      structure ||= !before
      touched.push(row.key)
      onChange?.(before, row)
    }
    if (structure) this.keys = [...this.rows.keys()].sort((a, b) => (a < b ? -1 : 1))
    if (touched.length > 0) this.version++
    return () => {
      for (const key of touched) notify(this.#byKey.get(key))
      if (structure) notify(this.#structure)
      if (touched.length > 0) notify(this.#any)
    }
  }

  #take(key: string, touched: string[], onChange?: (before: T | undefined, after: T | undefined) => void): boolean {
    const before = this.rows.get(key)
    if (!before) return false
    this.rows.delete(key)
    touched.push(key)
    onChange?.(before, undefined)
    return true
  }
}

/** A seek sends every row anew; those that say the same keep their identity, so nothing re-renders for them. */
function same(a: object, b: object): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Puts a listener under a key; the returned function takes it out again. */
export function addTo(map: Map<string, Set<Listener>>, key: string, listener: Listener): () => void {
  let set = map.get(key)
  if (!set) map.set(key, (set = new Set()))
  set.add(listener)
  return () => {
    set.delete(listener)
    if (set.size === 0 && map.get(key) === set) map.delete(key)
  }
}

/** Wakes every listener of a set. */
export function notify(listeners: ReadonlySet<Listener> | undefined): void {
  listeners?.forEach((listener) => listener())
}
