import { MINUTE, type Micros } from '../sim'

interface Expected {
  adds: number
  deletes: number
  at: Micros
  /** Keys (`ns/name` or uid) of objects whose deletion is awaited, so that one deletion is not counted twice. */
  readonly deleting: Set<string>
}

/** What a controller has asked for and not yet seen in its cache. Upstream: pkg/controller/controller_utils.go ControllerExpectations; they expire after 5 minutes. */
export class Expectations {
  private readonly byKey = new Map<string, Expected>()

  /** True when the cache has shown all that was asked for, or too long ago. */
  satisfied(key: string, now: Micros): boolean {
    const e = this.byKey.get(key)
    return e === undefined || (e.adds <= 0 && e.deletes <= 0) || now - e.at > 5 * MINUTE
  }

  expectCreations(key: string, adds: number, now: Micros): void {
    this.byKey.set(key, { adds, deletes: 0, at: now, deleting: new Set() })
  }

  expectDeletions(key: string, deleting: readonly string[], now: Micros): void {
    this.byKey.set(key, { adds: 0, deletes: deleting.length, at: now, deleting: new Set(deleting) })
  }

  /** Both at once. */
  expect(key: string, adds: number, deleting: readonly string[], now: Micros): void {
    this.byKey.set(key, { adds, deletes: deleting.length, at: now, deleting: new Set(deleting) })
  }

  creationObserved(key: string): void {
    const e = this.byKey.get(key)
    if (e) e.adds--
  }

  /** `deleted` is the key that was given to `expectDeletions`; others do not count. */
  deletionObserved(key: string, deleted: string): void {
    const e = this.byKey.get(key)
    if (e?.deleting.delete(deleted)) e.deletes--
  }

  forget(key: string): void {
    this.byKey.delete(key)
  }
}
