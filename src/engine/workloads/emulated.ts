import { SECOND, type Micros } from '../sim'
import type { Program } from './program'

interface EmulatedState {
  readonly seconds: number
  readonly code: number | null
  endsAt: Micros
}

/** Tools that are through at once. */
const brief = new Set(['date', 'echo', 'printf', 'true', ':', 'env', 'printenv', 'hostname', 'id', 'whoami', 'pwd', 'uname', 'ls', 'touch', 'mkdir', 'rm', 'expr'])

/** Whether a command, or each command of a `sh -c` script, is one of those. Recorded: goldens job-basic (`date`), cronjob (`date; echo hi`). */
function isBrief(command: readonly string[]): boolean {
  const shell = command[0] === undefined ? '' : command[0].slice(command[0].lastIndexOf('/') + 1)
  const script = (shell === 'sh' || shell === 'bash' || shell === 'ash') && command[1] === '-c' ? (command[2] ?? '') : command.length > 0 ? shell : ''
  const parts = script.split(/;|&&|\n/).map((part) => part.trim()).filter((part) => part !== '')
  return parts.length > 0 && parts.every((part) => brief.has(part.split(/\s+/)[0] as string))
}

/**
 * The program of the recordings' emulated runtime: it parses `sleep N` and `exit N` out of the command; brief tools end at once, all else runs for ever.
 * Every port answers. Only used with the runtime `emulated` (see cri/README.md).
 */
export const emulatedProgram: Program<EmulatedState> = {
  name: 'emulated',
  start(spec) {
    const words = [...spec.command, ...spec.args].join(' ').split(/[\s;&|'"]+/)
    const after = (word: string) => {
      const i = words.indexOf(word)
      return i < 0 ? null : (words[i + 1] ?? '')
    }
    const sleep = after('sleep')
    const exit = after('exit')
    const seconds = sleep === null ? 0 : sleep === 'infinity' ? Infinity : Number.parseFloat(sleep) || 0
    return { seconds, code: exit !== null ? Number.parseInt(exit, 10) || 0 : (sleep !== null && seconds !== Infinity) || isBrief([...spec.command, ...spec.args]) ? 0 : null, endsAt: -1 }
  },
  run(state, io) {
    if (state.code === null) return { wait: null }
    if (state.endsAt < 0) state.endsAt = io.now + Math.round(state.seconds * SECOND)
    return io.now >= state.endsAt ? { exit: state.code } : { wait: state.endsAt }
  },
  terminate: () => ({ exit: 0 }),
  listens: () => true,
  http: () => ({ status: 200, body: '' }),
  usage: () => ({ cpuMillis: 1, memoryBytes: 16 * 1024 * 1024 }),
}
