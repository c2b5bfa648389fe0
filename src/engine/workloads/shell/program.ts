import type { Program, ProgramIO } from '../program'
import { isCommand } from './commands'
import { pushScript } from './frames'
import { newShell, runAtOnce, runShell } from './interpreter'
import type { ShellState, Thread } from './state'
import { parseScript } from './syntax'

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** True when a command line is for the shell's interpreter: a shell, or a command that it knows. */
export function isShellCommand(argv: readonly string[]): boolean {
  const name = argv[0]
  return name !== undefined && isCommand(name.slice(name.lastIndexOf('/') + 1))
}

/** A shell, or a single small command, as a container's first process. */
export const shellProgram: Program<ShellState> = {
  name: 'shell',
  start(spec) {
    const argv = [...spec.command, ...spec.args]
    const at = argv.findIndex((a, i) => i > 0 && /^-\w*c\w*$/.test(a))
    const isShell = /(^|\/)(sh|bash|ash)$/.test(argv[0] ?? '')
    const rest = isShell && at > 0 ? argv.slice(at + 2) : []
    const script = isShell && at > 0 ? (argv[at + 1] ?? '') : argv.map(quote).join(' ')
    return newShell(script, spec.env, [rest[0] ?? argv[0] ?? 'sh', ...rest.slice(1)], spec.workingDir)
  },
  run: (state, io) => runShell(state, io),
  terminate(state, io) {
    // The first process of a container has no default action for SIGTERM: without a trap it is ignored, until SIGKILL.
    if (state.trap === null) return { wait: null }
    const main = state.threads[0] as Thread | undefined
    if (main === undefined) return { wait: null }
    state.signalled = true
    if (!main.waiting) return { wait: null }
    main.waiting = false
    state.signalled = false
    if (pushScript(main, state.trap) !== '') return { exit: 2 }
    return runShell(state, io)
  },
  listens: (_state, io, port) => io.spec.ports.includes(port),
  http: () => 200,
  usage: (state) => ({ cpuMillis: state.busy.startsWith('stress') || state.busy === 'yes' ? 1000 : 1, memoryBytes: (state.busy.startsWith('stress') ? 150 : 1) * 1024 * 1024 }),
}

/** Runs a command inside a container (exec, exec probes): in its file system and environment, at once. */
export function execCommand(argv: readonly string[], io: ProgramIO, timeout: number): { readonly code: number; readonly output: string; readonly timedOut: boolean } {
  let output = ''
  const known = isShellCommand(argv)
  if (!known) return { code: 126, output: `OCI runtime exec failed: exec failed: unable to start container process: exec: "${argv[0] ?? ''}": executable file not found in $PATH`, timedOut: false }
  const node = parseScript(argv.map(quote).join(' '))
  if ('error' in node) return { code: 2, output: node.error, timedOut: false }
  const shell = newShell('', io.spec.env, [argv[0] ?? 'sh'], io.spec.workingDir)
  shell.syntaxError = ''
  const r = runAtOnce(shell, node, null, { ...io, out: (text) => (output += text) }, [])
  return { code: r.status, output: r.output || output, timedOut: timeout > 0 && (r.elapsed > timeout || !r.finished) }
}
