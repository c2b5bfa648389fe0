import type { Micros } from '../../sim'
import type { ProgramIO } from '../program'
import type { ShellState, Thread } from './state'

/** Prints a line. */
export function say(run: Pick<Run, 'io'>, text: string): void {
  run.io.out(`${text}\n`)
}

/** Prints a line on standard error. */
export function complain(run: Pick<Run, 'io'>, text: string): void {
  run.io.err(`${text}\n`)
}

/** A command about to run. */
export interface Run {
  readonly state: ShellState
  readonly thread: Thread
  readonly io: ProgramIO
  /** The expanded words; the first is the command. */
  readonly words: readonly string[]
  /** What `<` gave it; null: nothing. */
  readonly input: string | null
  readonly once: boolean
}

/** How a command ends: with a status, later, by running a script, or when all jobs are over. */
export type CommandResult = number | { readonly until: Micros; readonly status?: number; readonly cpuMillis?: number; readonly memoryBytes?: number; readonly processes?: number } | 'pushed' | 'jobs'

/** A command of the shell or a small program of the image. */
export type Command = (run: Run, args: readonly string[]) => CommandResult
