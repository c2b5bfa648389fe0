import { MS, klogHead, formatMicroTime, type Micros } from '../sim'
import type { Program } from './program'

/** A cluster component's program as far as its container sees it: what it says, where it listens, and how it ends. Plain data. */
export interface ComponentRun {
  readonly ports: readonly number[]
  /** `X$HEAD` begins a line of klog, `$TIME` is the time as etcd writes it. */
  readonly lines: readonly string[]
  /** Said at the end, or (with `every`) again and again. */
  readonly last: string
  readonly every: Micros
  /** -1: it goes on until it is told to stop. */
  readonly exit: number
  readonly after: Micros
  startedAt: Micros
}

function stamped(text: string, wall: number): string {
  return `${text.replace(/^([IWEF])\$HEAD/, (_, level: string) => klogHead(wall, 1, level)).replace('$TIME', formatMicroTime(wall))}\n`
}

/** The program of a component that does not come to its work, or whose process runs beside the container. */
export const componentProgram: Program<ComponentRun> = {
  name: 'component',
  start: () => ({ ports: [], lines: [], last: '', every: 0, exit: -1, after: 0, startedAt: -1 }),
  run(state, io) {
    if (state.startedAt < 0) {
      state.startedAt = io.now
      for (const line of state.lines) io.err(stamped(line, io.wall))
    } else if (state.every > 0) io.err(stamped(state.last, io.wall))
    if (state.exit < 0) return { wait: state.every > 0 ? io.now + state.every : null }
    const end = state.startedAt + state.after
    if (io.now < end) return { wait: end }
    if (state.last !== '') io.err(stamped(state.last, io.wall))
    return { exit: state.exit }
  },
  terminate: () => ({ exit: 0 }),
  listens: (state, io, port) => state.startedAt >= 0 && io.now >= state.startedAt + 500 * MS && state.ports.includes(port),
  http: () => ({ status: 200, body: 'ok' }),
  usage: () => ({ cpuMillis: 5, memoryBytes: 40 * 1024 * 1024 }),
}
