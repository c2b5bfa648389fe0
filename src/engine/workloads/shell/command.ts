import type { Micros } from '../../sim'
import type { ProgramIO } from '../program'
import { inputOf } from './frames'
import { shellLimits, type Environment, type Frame, type ShellState, type Thread } from './state'

/** Prints a line. */
export function say(run: Pick<Run, 'io'>, text: string): void {
  run.io.out(`${text}\n`)
}

/** Prints a line on standard error. */
export function complain(run: Pick<Run, 'io'>, text: string): void {
  run.io.err(`${text}\n`)
}

/** A command about to run, or to go on. */
export interface Run {
  readonly state: ShellState
  readonly thread: Thread
  /** What its thread has: variables, directory, options. */
  readonly env: Environment
  /** Its own frame, with what it keeps while it waits. */
  readonly frame: Frame
  readonly io: ProgramIO
  /** The expanded words; the first is the command. */
  readonly words: readonly string[]
}

/** All that has come in; null: more may come. */
export function wholeInput(run: Run): string | null {
  const pipe = inputOf(run.thread)
  if (run.frame.held.length < shellLimits.held) run.frame.held += pipe.text
  pipe.text = ''
  return pipe.writers === 0 ? run.frame.held : null
}

/**
 * How a command ends: with a status; later; by what it put on its thread; when jobs or children are over; or it is run again with the same
 * words, at a time or when there is input.
 */
export type CommandResult =
  | number
  | { readonly until: Micros; readonly status?: number; readonly cpuMillis?: number; readonly memoryBytes?: number; readonly processes?: number }
  | { readonly again: Micros; readonly cpuMillis?: number }
  | 'pushed'
  | 'jobs'
  | 'children'
  | 'input'

/** A command of the shell or a small program of the image. */
export type Command = (run: Run, args: readonly string[]) => CommandResult
