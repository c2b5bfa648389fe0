import type { Ctx, Message, Micros } from '../sim'
import { execCommand, programNamed, type ProgramIO } from '../workloads'
import { afterRun, exitContainer } from './container'
import { ioOf } from './io'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'
import type { CriResult } from './types'

/** What a command may use that is run in a container besides its first process: it can send that one signals. */
export function execIo(state: ContainerdState, pod: PodSandbox, container: RunningContainer, ctx: Ctx): ProgramIO {
  return { ...ioOf(container, ctx, pod), signal: (name) => signal(state, pod, container, name, ctx) }
}

/** A signal from inside the container: the first process has no default actions, and SIGKILL does not reach it from its own processes. */
function signal(state: ContainerdState, pod: PodSandbox, container: RunningContainer, name: string, ctx: Ctx): void {
  if (container.view.state !== 'running' || (name !== 'TERM' && name !== 'INT' && name !== 'QUIT')) return
  const program = programNamed(container.program)
  const outcome = program.terminate(container.programState, ioOf(container, ctx, pod))
  if ('exit' in outcome) return exitContainer(state, pod, container, outcome.exit, outcome.exit === 0 ? 'Completed' : 'Error', ctx)
  if (outcome.wait === null) return
  if (container.wakeTimer) ctx.cancel(container.wakeTimer)
  container.wakeTimer = ctx.after(outcome.wait - ctx.now, { type: 'cri/wake', uid: pod.uid, id: container.view.id } as Message)
}

/** Runs a command inside a container; answers exit code, output and how long it takes (Infinity: it never ends). Timeout 0: none. Units: µs. */
export function execIn(state: ContainerdState, pod: PodSandbox, container: RunningContainer, command: readonly string[], timeout: Micros, ctx: Ctx, stdin?: string): CriResult {
  const r = execCommand(command, execIo(state, pod, container, ctx), timeout, stdin)
  afterRun(state, pod, container, ctx)
  if (r.timedOut) return { code: 1, output: `command timed out: "${command.join(' ')}" timed out after ${timeout / 1_000_000}s`, took: timeout }
  if (r.missing) return { error: r.stderr, code: 126, output: r.stderr, took: 0 }
  // The kernel ended the container while the command ran.
  const killed = container.view.state === 'exited'
  return { code: killed ? 137 : r.code, output: r.output.slice(0, 10_240), stdout: r.stdout, stderr: r.stderr, took: killed ? 0 : r.elapsed }
}
