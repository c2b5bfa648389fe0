import type { World } from '../sim'
import type { Store } from '../etcd'
import type { KubeObject } from '../apimachinery'

/** What a checker may see: the truth, past all caches. */
export interface CheckView {
  readonly world: World
  readonly store: Store
  /** Objects of a resource by the store. */
  objects<T extends KubeObject = KubeObject>(resource: string): readonly T[]
  /** Nothing has been written for a while, so caches and agents had time to hear of everything. */
  readonly settled: boolean
  /** The controllers have been at work for long enough to have put right what was wrong when they began. */
  readonly controlled: boolean
}

/** An invariant of the cluster. Answers what is wrong, one sentence each; nothing when all is well. */
export interface Checker {
  readonly name: string
  /** Plain memory between checks. */
  start(): unknown
  check(view: CheckView, memory: unknown): readonly string[]
}
