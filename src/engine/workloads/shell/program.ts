import type { Micros } from '../../sim'
import type { Program, ProgramIO } from '../program'
import { pushScript } from './frames'
import { newShell, runAtOnce, runShell } from './interpreter'
import type { ShellState, Thread } from './state'
import { parseScript } from './syntax'
import { argvOf, isShellCommand } from '../argv'
import { isKnownSystem } from '../systems'

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

const MI = 1024 * 1024

/** A shell, or a single small command, as a container's first process. */
export const shellProgram: Program<ShellState> = {
  name: 'shell',
  start(spec) {
    const given = argvOf(spec)
    const argv = given.length > 0 ? given : ['sh']
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
  interrupt(state) {
    // The command in the foreground ends, and a script with it; a shell that reads what is typed goes on.
    const main = state.threads[0]
    if (main === undefined || main.frames.length === 0) return undefined
    return { exit: 130 }
  },
  listens: (_state, io, port) => io.spec.ports.includes(port),
  http: (_state, io) => ({ status: 200, body: io.files.get('/www/index.html') ?? io.files.get('/usr/share/nginx/html/index.html') ?? '' }),
  usage(state) {
    let cpuMillis = state.spinning ? 1000 : 1
    let memoryBytes = MI
    let processes = Math.max(0, state.threads.length - 1)
    for (const t of state.threads) {
      cpuMillis += t.cpuMillis
      memoryBytes += t.memoryBytes
      processes += t.processes
    }
    return { cpuMillis, memoryBytes, processes }
  },
}

/** What a command that was executed in a container came to. */
export interface ExecResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Both streams as they came. */
  readonly output: string
  readonly timedOut: boolean
  /** How long it would have taken. Units: µs; Infinity when it never ends. */
  readonly elapsed: Micros
  /** The command does not exist. */
  readonly missing: boolean
}

/** Bound of an exec's output, in characters. */
const mostOutput = 65_536

/**
 * Runs a command inside a container (exec, exec probes, hooks): in its file system and environment. What it does is done at once; the time
 * that it would have taken is answered.
 */
export function execCommand(argv: readonly string[], io: ProgramIO, timeout: Micros, stdin?: string): ExecResult {
  let output = ''
  let stdout = ''
  let stderr = ''
  if (!isShellCommand(argv) && !isKnownSystem(io.spec.image) && argv.length > 0) return { code: 0, output: '', stdout: '', stderr: '', timedOut: false, elapsed: 0, missing: false }
  if (!isShellCommand(argv)) {
    const text = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${argv[0] ?? ''}": executable file not found in $PATH`
    return { code: 126, output: text, stdout: '', stderr: text, timedOut: false, elapsed: 0, missing: true }
  }
  const node = parseScript(argv.map(quote).join(' '))
  if ('error' in node) return { code: 2, output: node.error, stdout: '', stderr: node.error, timedOut: false, elapsed: 0, missing: false }
  const shell = newShell('', io.spec.env, [argv[0] ?? 'sh'], io.spec.workingDir)
  shell.syntaxError = ''
  const inner: ProgramIO = {
    ...io, spec: { ...io.spec, stdin: false },
    out: (text) => {
      if (output.length > mostOutput) return
      output += text
      stdout += text
    },
    err: (text) => {
      if (output.length > mostOutput) return
      output += text
      stderr += text
    },
  }
  const r = runAtOnce(shell, node, stdin ?? null, inner, undefined)
  const elapsed = r.finished ? r.elapsed : Infinity
  return { code: r.status, output, stdout, stderr, timedOut: timeout > 0 && elapsed > timeout, elapsed, missing: false }
}
