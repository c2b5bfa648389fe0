import type { Micros } from '../sim'

/** What a container is started with, after the image's own settings were merged in. Plain data. */
export interface ContainerSpec {
  readonly image: string
  /** `command` of the pod's container; replaces the image's entrypoint. */
  readonly command: readonly string[]
  /** `args` of the pod's container; replaces the image's command. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Ports that the container declares. */
  readonly ports: readonly number[]
  readonly hostname: string
  readonly workingDir: string
}

/** What a program may see and touch while it runs. */
export interface ProgramIO {
  readonly now: Micros
  /** Wall clock. Units: µs since 1970. */
  readonly wall: number
  /** The container's file system: path → content. Directories are paths that end with `/`. Bounds: `mostFiles`. */
  readonly files: Map<string, string>
  readonly spec: ContainerSpec
  /** Uniform integer in [0, n). */
  draw(n: number): number
  /** Writes to the container's log; one call per chunk, lines are cut at \n. */
  out(text: string): void
}

/** How a run of a program ended: it waits (null: until a signal), or it is over. */
export type Outcome = { readonly wait: Micros | null } | { readonly exit: number }

/** CPU and memory that a container uses now. */
export interface ContainerUsage {
  readonly cpuMillis: number
  readonly memoryBytes: number
}

/**
 * A program that a container runs: pure functions over its own plain state S.
 * The runtime calls `run` at the start and whenever a wait is over.
 */
export interface Program<S = unknown> {
  readonly name: string
  start(spec: ContainerSpec): S
  run(state: S, io: ProgramIO): Outcome
  /** SIGTERM. A wait means: it did not stop (yet). */
  terminate(state: S, io: ProgramIO): Outcome
  /** Whether something listens on a TCP port. */
  listens(state: S, io: ProgramIO, port: number): boolean
  /** Answers an HTTP GET on a port it listens on: the status code. */
  http(state: S, io: ProgramIO, port: number, path: string): number
  usage(state: S, now: Micros): ContainerUsage
}

/** Bounds of a container's file system and log. */
export const mostFiles = 2_000
