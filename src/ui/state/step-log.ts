import type { OutputRow, StepRow } from '../../bridge/protocol'
import { notify } from './table'

/** A list that grows at its end, with a bound. `version` counts changes; read `rows` after it has changed. Writer: apply-frame. */
export class Log<T> {
  rows: T[] = []
  version = 0
  readonly #bound: number
  readonly #listeners = new Set<() => void>()

  constructor(bound: number) {
    this.#bound = bound
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  replace(rows: readonly T[]): void {
    this.rows = rows.slice(-this.#bound)
    this.version++
  }

  append(rows: readonly T[]): void {
    if (rows.length === 0) return
    this.rows.push(...rows)
    this.trim()
  }

  /** Notes a change and keeps the bound. */
  protected trim(): void {
    if (this.rows.length > this.#bound * 1.1) this.rows = this.rows.slice(-this.#bound)
    this.version++
  }

  wake(): void {
    notify(this.#listeners)
  }
}

/** The steps of the current branch, by rising number; what lies after the playhead is the known future. */
export class StepLog extends Log<StepRow> {
  constructor() {
    super(20_000)
  }

  /** Steps of a diff: new ones, and known ones that have got further hops. */
  extend(rows: readonly StepRow[]): void {
    for (const row of rows) {
      if ((this.rows.at(-1)?.n ?? 0) < row.n) {
        this.rows.push(row)
      } else {
        const i = this.indexOf(row.n)
        if (this.rows[i]?.n === row.n) this.rows[i] = row
      }
    }
    if (rows.length > 0) this.trim()
  }

  /** Forgets the steps after `n`: the present has begun another future. */
  cutAfter(n: number): void {
    this.rows.length = this.indexOf(n + 1)
    this.version++
  }

  /** Index of the first step with a number ≥ n. */
  indexOf(n: number): number {
    let low = 0
    let high = this.rows.length
    while (low < high) {
      const mid = (low + high) >> 1
      if ((this.rows[mid]?.n ?? 0) < n) low = mid + 1
      else high = mid
    }
    return low
  }

  get(n: number): StepRow | undefined {
    const row = this.rows[this.indexOf(n)]
    return row?.n === n ? row : undefined
  }
}

/** What commands printed. */
export class OutputLog extends Log<OutputRow> {
  constructor() {
    super(5_000)
  }
}
