import type { Micros } from '../sim'
import type { Files } from './files'

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
  /** Its standard input stays open: a shell without a script waits for somebody. */
  readonly stdin?: boolean | undefined
  /** securityContext.runAsUser. */
  readonly user?: number | undefined
  /** runAsGroup, supplementalGroups, and the group that the pod gives its volumes. */
  readonly group?: number | undefined
  readonly groups?: readonly number[] | undefined
  readonly fsGroup?: number | undefined
}

/** An HTTP request as the serving program sees it. */
export interface HttpRequest {
  readonly method: string
  readonly port: number
  readonly path: string
  readonly agent: string
  /** Address of the client. */
  readonly from: string
}

/** What a server answers. Status 0: it hung up, since it speaks no HTTP. */
export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

/** A request of a program to somewhere. `kind` connect: only whether the port answers; resolve: only the name. */
export interface Outgoing {
  readonly kind: 'http' | 'connect' | 'resolve'
  readonly host: string
  readonly port: number
  readonly method: string
  readonly path: string
  readonly agent: string
  /** HTTP headers by their names, where it sends any of its own. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** What came of a request; of a name: the full one and its addresses. `after`: how long it took. Units: µs. */
export type RequestAnswer =
  | { readonly ok: true; readonly status: number; readonly body: string; readonly address: string; readonly after: Micros }
  | { readonly ok: false; readonly why: 'unresolved' | 'refused' | 'timeout' | 'hung-up'; readonly address: string; readonly after: Micros }

/** The machine itself, for who is root on it: a shell that was chrooted into its file system, or that came by ssh. */
export interface MachineShell {
  /** Where its file system lies in the container's; '': it is all there is. */
  readonly root: string
  /** Runs a command of the machine (systemctl, crictl …); answers its exit code, undefined when it has none of that name. */
  run(words: readonly string[], out: (text: string) => void, err: (text: string) => void): number | undefined
}

/** What a program may see and touch while it runs. */
export interface ProgramIO {
  readonly now: Micros
  /** Wall clock. Units: µs since 1970. */
  readonly wall: number
  /** The container's file system: path → content. Directories are paths that end with `/`. Bounds: `mostFiles`. */
  readonly files: Files
  readonly spec: ContainerSpec
  /** Address of the pod. */
  readonly ip: string
  /** Uniform integer in [0, n). */
  draw(n: number): number
  /** Writes to the container's log; one call per chunk, lines are cut at \n. */
  out(text: string): void
  /** Standard error: the log too, but another stream for exec. */
  err(text: string): void
  /** Sends a request over the network and answers what came of it: the one way out of a container. */
  request(to: Outgoing): RequestAnswer
  /** Sends a signal to the container's first process; where there is another than the one that asks. */
  signal?(name: string): void
  readonly machine?: MachineShell | undefined
}

/** How a run of a program ended: it waits (null: until a signal), or it is over. */
export type Outcome = { readonly wait: Micros | null } | { readonly exit: number }

/** CPU and memory that a container uses now. */
export interface ContainerUsage {
  readonly cpuMillis: number
  readonly memoryBytes: number
  /** Processes beyond the first. */
  readonly processes?: number | undefined
}

/**
 * A program that a container runs: pure functions over its own plain state S.
 * The runtime calls `run` at the start and whenever a wait is over.
 */
export interface Program<S = unknown> {
  readonly name: string
  /** Its process as `ps` shows it, where the image's own command runs. */
  readonly title?: string | undefined
  start(spec: ContainerSpec): S
  run(state: S, io: ProgramIO): Outcome
  /** Lays its image's files down, before a command looks at them for the first time. */
  unpack?(state: S, io: ProgramIO): void
  /** SIGTERM. A wait means: it did not stop (yet). */
  terminate(state: S, io: ProgramIO): Outcome
  /** SIGINT from its terminal; undefined: it goes on. Left out: it takes no notice. */
  interrupt?(state: S, io: ProgramIO): Outcome | undefined
  /** What is typed into its terminal; `\u0004` ends the input. Left out: it does not read. */
  type?(state: S, io: ProgramIO, text: string): Outcome
  /** Whether something listens on a TCP port. */
  listens(state: S, io: ProgramIO, port: number): boolean
  /** Answers an HTTP request on a port it listens on. */
  http(state: S, io: ProgramIO, request: HttpRequest): HttpAnswer
  usage(state: S, now: Micros): ContainerUsage
}

/** Bounds of a container's file system and log. */
export const mostFiles = 2_000
