import { MS, type Micros } from '../sim'
import type { Outcome, Program, ProgramIO } from './program'

/** What is known of a server image. */
export interface ServerFacts {
  readonly name: string
  /** Ports it listens on by itself. */
  readonly ports: readonly number[]
  /** How long it takes from start to listening. */
  readonly startupMs: number
  /** How long it takes to end after SIGTERM. */
  readonly stopMs: number
  readonly stopCode: number
  readonly idleCpuMillis: number
  readonly memoryMi: number
  /** Log lines it prints when it listens. */
  readonly log: readonly string[]
  /** Paths it answers with 200; others with 404. Undefined: every path. */
  readonly paths?: readonly string[] | undefined
  /** It speaks HTTP on these ports; on the others a GET gets no proper answer. Undefined: on all. */
  readonly http?: boolean | undefined
  /** Environment variable without which it refuses to start, with what it prints. */
  readonly requires?: { readonly anyOf: readonly string[]; readonly says: string } | undefined
}

interface ServerState {
  readonly startedAt: Micros
  phase: 'starting' | 'serving' | 'stopping'
  readyAt: Micros
}

/** A program that listens until it is told to stop. */
export function serverProgram(facts: ServerFacts): Program<ServerState> {
  return {
    name: facts.name,
    start: () => ({ startedAt: -1, phase: 'starting', readyAt: -1 }),
    run(state, io): Outcome {
      if (state.phase === 'stopping') return { exit: facts.stopCode }
      if (state.phase === 'serving') return { wait: null }
      if (state.readyAt < 0) {
        const need = facts.requires
        if (need && !need.anyOf.some((k) => k in io.spec.env)) {
          io.out(`${need.says}\n`)
          return { exit: 1 }
        }
        state.readyAt = io.now + facts.startupMs * MS
      }
      if (io.now < state.readyAt) return { wait: state.readyAt }
      state.phase = 'serving'
      for (const line of facts.log) io.out(`${line}\n`)
      return { wait: null }
    },
    terminate(state, io): Outcome {
      if (facts.stopMs === 0) return { exit: facts.stopCode }
      state.phase = 'stopping'
      return { wait: io.now + facts.stopMs * MS }
    },
    listens: (state, io, port) => state.phase !== 'starting' && (facts.ports.includes(port) || listensAsDeclared(facts, io, port)),
    http(_state, _io, _port, path) {
      if (facts.http === false) return 0
      const bare = path.includes('?') ? path.slice(0, path.indexOf('?')) : path
      return facts.paths === undefined || facts.paths.includes(bare || '/') ? 200 : 404
    },
    usage: (state) => ({ cpuMillis: state.phase === 'starting' ? facts.idleCpuMillis * 10 + 20 : facts.idleCpuMillis, memoryBytes: facts.memoryMi * 1024 * 1024 }),
  }
}

/** Images without known ports serve the ports that their container declares. */
function listensAsDeclared(facts: ServerFacts, io: ProgramIO, port: number): boolean {
  return facts.ports.length === 0 && io.spec.ports.includes(port)
}
