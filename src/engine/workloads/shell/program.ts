import type { Micros } from '../../sim'
import type { Program, ProgramIO } from '../program'
import { closedPipe, commandOf, endThread } from './frames'
import { newEnvironment, newShell, runAtOnce, runShell } from './interpreter'
import type { Frame, Pipe, ShellState, Thread } from './state'
import { argvOf, isShellCommand } from '../argv'
import { isKnownSystem, noSuchProgram, notInside } from '../systems'

const MI = 1024 * 1024

/** The shell that runs a command line: its script, where the command is a shell with one. */
export function shellOf(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string, stdin: Pipe): ShellState {
  const at = argv.findIndex((a, i) => i > 0 && /^-\w*c\w*$/.test(a))
  if (!/(^|\/)(sh|bash|ash|dash)$/.test(argv[0] ?? '') || at < 0) return newShell(commandOf(argv), newEnvironment(env, [argv[0] ?? 'sh'], cwd), stdin)
  const rest = argv.slice(at + 2)
  const environment = newEnvironment(env, [rest[0] ?? argv[0] ?? 'sh', ...rest.slice(1)], cwd)
  environment.options = argv.slice(1, at + 1).join('').replace(/[^eux]/g, '')
  return newShell(argv[at + 1] ?? '', environment, stdin)
}

/** A shell, or a single small command, as a container's first process. */
export const shellProgram: Program<ShellState> = {
  name: 'shell',
  start(spec) {
    const given = argvOf(spec)
    return shellOf(given.length > 0 ? given : ['sh'], spec.env, spec.workingDir, { text: '', writers: spec.stdin === true ? 1 : 0, reading: true })
  },
  run: (state, io) => runShell(state, io),
  terminate(state, io) {
    // The first process of a container has no default action for SIGTERM: without a trap it is ignored, until SIGKILL.
    const main = state.threads[0]
    if (main?.env.traps['TERM'] === undefined) return { wait: null }
    state.signalled = 'TERM'
    // The trap runs when the command in the foreground is over; `wait` is left at once.
    if (main.waiting !== 'jobs') return { wait: null }
    main.waiting = ''
    return runShell(state, io)
  },
  interrupt: (state, io) => interrupt(state, io),
  type(state, io, text) {
    if (text === '\u0004') state.stdin.writers = 0
    else if (state.stdin.writers > 0) state.stdin.text += text
    return runShell(state, io)
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

/** Ctrl-C: the command in the foreground ends, and a script with it; a shell that reads what is typed goes on. */
export function interrupt(state: ShellState, io: ProgramIO): ReturnType<typeof runShell> | undefined {
  const main = state.threads[0]
  if (main === undefined || main.frames.length === 0) return undefined
  if (main.env.traps['INT'] !== undefined) {
    state.signalled = 'INT'
    return undefined
  }
  const reader = main.frames.findIndex((f) => isReader(f))
  if (reader < 0) return { exit: 130 }
  for (const child of state.threads.filter((t) => t.parent === 0)) endThread(state, child, 130)
  state.threads = state.threads.filter((t) => t.frames.length > 0)
  main.frames.length = reader + 1
  ;(main.frames[reader] as Frame).held = ''
  Object.assign(main, { status: 130, children: 0, waiting: 'input', until: 0 } satisfies Partial<Thread>)
  return runShell(state, io)
}

/** A shell that reads what is typed. */
export const isReader = (f: Frame): boolean => f.node.t === 'cmd' && f.pc === 1 && f.count === 1 && /(^|\/)(sh|bash|ash|dash)$/.test(f.list[0] ?? '')

/** Bound of an exec's output, in characters. */
const mostOutput = 65_536

/** Why a command cannot be executed in a container, in runc's words; undefined when it can, or when the image may have it. */
export function refused(argv: readonly string[], image: string): string | undefined {
  const name = argv[0] ?? ''
  const why = notInside(image, name) ?? (isShellCommand(argv) || (name !== '' && !isKnownSystem(image)) ? undefined : noSuchProgram(name))
  return why === undefined ? undefined : `OCI runtime exec failed: exec failed: unable to start container process: ${why}`
}

/**
 * Runs a command inside a container (exec, exec probes, hooks): in its file system and environment. What it does is done at once; the time
 * that it would have taken is answered.
 */
export function execCommand(argv: readonly string[], io: ProgramIO, timeout: Micros, stdin?: string): ExecResult {
  let output = ''
  let stdout = ''
  let stderr = ''
  const text = refused(argv, io.spec.image)
  if (text === undefined && !isShellCommand(argv)) return { code: 0, output: '', stdout: '', stderr: '', timedOut: false, elapsed: 0, missing: false }
  if (text !== undefined) return { code: 126, output: text, stdout: '', stderr: text, timedOut: false, elapsed: 0, missing: true }
  const inner: ProgramIO = {
    ...io,
    out: (t) => {
      if (output.length > mostOutput) return
      output += t
      stdout += t
    },
    err: (t) => {
      if (output.length > mostOutput) return
      output += t
      stderr += t
    },
  }
  const r = runAtOnce(shellOf(argv, io.spec.env, io.spec.workingDir, closedPipe(stdin ?? '')), inner)
  const elapsed = r.finished ? r.elapsed : Infinity
  return { code: r.status, output, stdout, stderr, timedOut: timeout > 0 && elapsed > timeout, elapsed, missing: false }
}
