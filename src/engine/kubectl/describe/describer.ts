import type { Api, Thing } from '../api'
import type { Info } from '../builder'
import type { Writer } from './writer'

/** What a describer gets: the object, and ways to look around it. */
export interface Describing {
  readonly w: Writer
  readonly api: Api
  readonly object: Thing
  readonly info: Info
  /** Its events, unless they are not wanted. */
  events(): readonly Thing[] | undefined
}

/** Writes the description of one kind. Upstream: kubectl/pkg/describe/describe.go */
export type Describer = (d: Describing) => void
