import type { Ctx } from '../sim'
import { execCommand } from '../workloads'
import { ioOf } from './container'
import type { RunningContainer } from './state'
import type { CriResult } from './types'

/** Runs a command inside a container and answers its exit code and output. Timeout 0: none. Units: µs. */
export function execIn(container: RunningContainer, command: readonly string[], timeout: number, ctx: Ctx): CriResult {
  const r = execCommand(command, ioOf(container, ctx), timeout)
  if (r.timedOut) return { code: 1, output: `command timed out: "${command.join(' ')}" timed out after ${timeout / 1_000_000}s` }
  return { code: r.code, output: r.output.slice(0, 10_240) }
}
