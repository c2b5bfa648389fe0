import type { Outcome, ProgramIO } from '../program'
import { isBusybox } from './files'
import { inputOf } from './frames'
import { runShell } from './interpreter'
import { interrupt, isReader, refused, shellOf } from './program'
import type { Frame, ShellState } from './state'

/** A command that somebody runs and types into: its shell lives in simulated time, as a container's first process does. Plain data. */
export type Session = ShellState

/** Begins a session; a text is runc's, of a command that cannot be executed. */
export function openSession(argv: readonly string[], io: ProgramIO): Session | string {
  return refused(argv, io.spec.image) ?? shellOf(argv, io.spec.env, io.spec.workingDir, { text: '', writers: 1, reading: true })
}

/** Lets a session go on. */
export const runSession = (session: Session, io: ProgramIO): Outcome => runShell(session, io)

/** What is typed into a session: lines, `\u0003` (Ctrl-C), `\u0004` (end of input). */
export function typeInSession(session: Session, io: ProgramIO, text: string): Outcome {
  if (text === '\u0003') return interrupt(session, io) ?? runShell(session, io)
  if (text === '\u0004') session.stdin.writers = 0
  else session.stdin.text += text
  return runShell(session, io)
}

/** What stands before the place where it is typed; undefined: nobody reads now. */
export function promptOf(session: Session, io: ProgramIO): string | undefined {
  for (const t of session.threads) {
    if (t.waiting !== 'input' || inputOf(t) !== session.stdin || session.stdin.writers === 0) continue
    const top = t.frames.at(-1) as Frame
    if (!isReader(top)) return ''
    if (top.held !== '') return '> '
    const { cwd } = t.env
    // The machine's own shell is bash.
    if (top.list[0]?.endsWith('bash') || (io.machine !== undefined && io.machine.root === t.env.root)) return `root@${io.spec.hostname}:${cwd === '/root' ? '~' : cwd}# `
    return isBusybox(io.spec.image) ? `${cwd === '/root' ? '~' : cwd} # ` : '# '
  }
  return undefined
}
