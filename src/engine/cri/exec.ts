import type { Ctx, Micros } from '../sim'
import { execCommand } from '../workloads'
import { afterRun } from './container'
import { ioOf } from './io'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'
import type { CriResult } from './types'

/** Runs a command inside a container; answers exit code, output and how long it takes (Infinity: it never ends). Timeout 0: none. Units: µs. */
export function execIn(state: ContainerdState, pod: PodSandbox, container: RunningContainer, command: readonly string[], timeout: Micros, ctx: Ctx, stdin?: string): CriResult {
  const r = execCommand(command, ioOf(container, ctx, pod), timeout, stdin)
  afterRun(state, pod, container, ctx)
  if (r.timedOut) return { code: 1, output: `command timed out: "${command.join(' ')}" timed out after ${timeout / 1_000_000}s`, took: timeout }
  if (r.missing) return { error: r.stderr, code: 126, output: r.stderr, took: 0 }
  // The kernel ended the container while the command ran.
  const killed = container.view.state === 'exited'
  return { code: killed ? 137 : r.code, output: r.output.slice(0, 10_240), stdout: r.stdout, stderr: r.stderr, took: killed ? 0 : r.elapsed }
}
