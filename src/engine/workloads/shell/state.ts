import type { Micros } from '../../sim'
import type { Node } from './syntax'

/** A command being run: `pc` tells how far, `data` what it needs to go on. */
export interface Frame {
  readonly node: Node
  pc: number
  /** for: the values; cmd: the expanded words. */
  list: readonly string[]
  /** cmd: when it is over (sleep); -1: not begun, Infinity: never. */
  until: Micros
  /** redir: where output and errors of what is above go; null: as before. */
  out: string | null
  err: string | null
  /** A call of a function or of `sh -c`: what ends at `return`. */
  call: boolean
}

/** A line of control: the script, or a job in the background. */
export interface Thread {
  readonly id: number
  frames: Frame[]
  status: number
  /** Waits for all jobs (`wait`). */
  waiting: boolean
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
  readonly vars: Record<string, string>
  readonly functions: Record<string, Node>
  args: readonly string[]
  cwd: string
  /** What is `/` since a chroot; '': the container's own. */
  root: string
  /** Script of `trap … TERM`; null: none. */
  trap: string | null
  /** SIGTERM came and its trap has not run yet. */
  signalled: boolean
  exit: number | null
  /** It never waits: a loop without a sleep. */
  spinning: boolean
  syntaxError: string
}

/** Bounds of the interpreter: instructions in one go, depth, output of a captured command. */
export const shellLimits = { steps: 4_000, depth: 60, threads: 32, captured: 65_536 } as const
