import type { Node } from '../../shell'
import type { Micros } from '../../sim'

/** What one side writes and the other reads. Its end is known when nobody writes any more. */
export interface Pipe {
  text: string
  writers: number
  /** Somebody may still read: else who writes is ended (SIGPIPE). */
  reading: boolean
}

/** A command being run: `pc` tells how far, the rest what it needs to go on. */
export interface Frame {
  readonly node: Node
  pc: number
  /** for: the values; cmd: the expanded words. */
  list: readonly string[]
  /** Where output and errors of what is above go; null: as before. */
  out: string | null
  err: string | null
  /** Where input comes from; null: as before. */
  input: Pipe | null
  /** A call of a function: the positional parameters that `return` brings back. A script of its own (`eval`, `.`): those that it has. */
  call: readonly string[] | null
  /** What a command has read and not used yet. */
  held: string
  /** A number of the command's own: how far it is in a file, or the status that it will end with. */
  count: number
}

/** What a subshell has a copy of. */
export interface Environment {
  vars: Record<string, string>
  functions: Record<string, Node>
  /** The shell's own name, then the positional parameters. */
  args: readonly string[]
  cwd: string
  /** What is `/` since a chroot; '': the container's own. */
  root: string
  /** Letters of `set -e`, `-u`, `-x`, and `p` for pipefail. */
  options: string
  /** Scripts of `trap`, by signal; EXIT too. */
  traps: Record<string, string>
}

/** A line of control: the script, a subshell, a part of a pipe, or a job in the background. */
export interface Thread {
  readonly id: number
  /** Who waits for its end; -1: nobody (a job, the script itself). */
  readonly parent: number
  frames: Frame[]
  env: Environment
  status: number
  waiting: '' | 'jobs' | 'children' | 'input' | 'output'
  /** When its present command is over, or goes on. Infinity: never by itself. */
  until: Micros
  /** When `timeout` ends it; 0: never. */
  deadline: Micros
  /** Children that it waits for, and whether the last one's status is its own. */
  children: number
  readonly last: boolean
  stdin: Pipe
  /** Null: the container's log, or the terminal. */
  readonly out: Pipe | null
  /** Its input is its own end of a pipe, closed with it. */
  readonly ownsInput: boolean
  /** The code of its `exit`; null: it goes on. */
  exit: number | null
  /** What fails ends nothing: it runs inside a test. */
  readonly tested: boolean
  /** Time that its substitutions took and it has not waited for. */
  owed: Micros
  /** What its present command uses while it runs. */
  cpuMillis: number
  memoryBytes: number
  /** Children of its present command. */
  processes: number
}

/** State of a running shell. Plain data. */
export interface ShellState {
  threads: Thread[]
  nextThread: number
  /** Input of the first thread: what is typed, where somebody can. */
  stdin: Pipe
  /** A signal came, and its trap has not run yet: its name. */
  signalled: string
  /** It never waits: a loop without a sleep. */
  spinning: boolean
  syntaxError: string
}

/** Bounds of the interpreter: instructions of a thread and rounds of all in one go, depth, lines of control, output of a captured command, what fits a pipe, what a command holds of its input. */
export const shellLimits = { steps: 4_000, rounds: 20, depth: 60, threads: 32, captured: 65_536, pipe: 65_536, held: 1_048_576 } as const

/** The process id that a thread has for `$!` and `kill`. */
export const pidOf = (thread: number): number => (thread === 0 ? 1 : thread + 6)
