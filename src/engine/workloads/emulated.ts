import { SECOND, type Micros } from '../sim'
import type { Program } from './program'

interface EmulatedState {
  readonly seconds: number
  readonly code: number | null
  endsAt: Micros
}

/**
 * The program of the recordings' emulated runtime: it parses `sleep N` and `exit N` out of the command and else runs for ever.
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
    return { seconds, code: exit !== null ? Number.parseInt(exit, 10) || 0 : sleep !== null && seconds !== Infinity ? 0 : null, endsAt: -1 }
  },
  run(state, io) {
    if (state.code === null) return { wait: null }
    if (state.endsAt < 0) state.endsAt = io.now + Math.round(state.seconds * SECOND)
    return io.now >= state.endsAt ? { exit: state.code } : { wait: state.endsAt }
  },
  terminate: () => ({ exit: 0 }),
  listens: () => true,
  http: () => 200,
  usage: () => ({ cpuMillis: 1, memoryBytes: 16 * 1024 * 1024 }),
}
