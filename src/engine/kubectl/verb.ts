import type { Api } from './api'
import type { Fail } from './errors'
import type { Flags, FlagSpec } from './flags'
import type { Io } from './io'
import type { Mapper } from './rest-mapper'

/** What a verb gets to work with. */
export interface Invocation {
  readonly io: Io
  readonly api: Api
  readonly mapper: Mapper
  readonly flags: Flags
  readonly args: readonly string[]
  /** `kubectl create deployment` */
  readonly path: string
  readonly namespace: string
  /** The namespace was given by flag, not by the context. */
  readonly explicitNamespace: boolean
  /** An error that ends with where to find help. Upstream: cmdutil.UsageErrorf */
  usage(text: string): Fail
  /** The whole help of the command. */
  help(): string
}

/** A verb, or a group of verbs. One per file in cmd/; the registry is cmd/index.ts; what the help says is in room api-docs. */
export interface Command {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly flags: readonly FlagSpec[]
  /** Flags that must be set. */
  readonly required?: readonly string[]
  readonly commands?: readonly Command[]
  /** Where a group prints its help when no subcommand is named. */
  readonly helpToStdout?: boolean
  /** What the words after the verb may be; seam for completion: `type`, `name`, `type/name`, `node` … */
  readonly complete?: string
  /** Runs; answers the exit code (0 when nothing is answered). */
  readonly run?: (cmd: Invocation) => number | void
}
