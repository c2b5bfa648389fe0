import { MS, type Ctx, type Message, type Micros } from '../sim'
import { execCommand, programNamed, type ProgramIO } from '../workloads'
import { afterRun, exitContainer, hexId, type ProgramWake } from './container'
import { ioOf } from './io'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'
import type { CriResult } from './types'

/** Timer: a signal that a command in a container sent to its first process arrives. */
export interface SignalDue extends Message {
  readonly type: 'cri/signal'
  readonly uid: string
  readonly id: string
}

/** From kill(2) to the handler. Units: µs. */
const signalTime = 2 * MS

/**
 * What a command may use that is run in a container besides its first process: it can send that one signals. The first process has no default
 * actions, and SIGKILL does not reach it from its own processes.
 */
export function execIo(pod: PodSandbox, container: RunningContainer, ctx: Ctx): ProgramIO {
  const due: SignalDue = { type: 'cri/signal', uid: pod.uid, id: container.view.id }
  const io = ioOf(container, ctx, pod)
  programNamed(container.program).unpack?.(container.programState, io)
  return { ...io, signal: (name) => void ((name === 'TERM' || name === 'INT' || name === 'QUIT') && ctx.after(signalTime, due)) }
}

/** A signal arrives: what SIGTERM does to the program. */
export function signalled(state: ContainerdState, pod: PodSandbox, container: RunningContainer, ctx: Ctx): void {
  if (container.view.state !== 'running') return
  const outcome = programNamed(container.program).terminate(container.programState, ioOf(container, ctx, pod))
  if ('exit' in outcome) return exitContainer(state, pod, container, outcome.exit, outcome.exit === 0 ? 'Completed' : 'Error', ctx)
  if (outcome.wait === null) return
  if (container.wakeTimer) ctx.cancel(container.wakeTimer)
  const wake: ProgramWake = { type: 'cri/wake', uid: pod.uid, id: container.view.id }
  container.wakeTimer = ctx.after(outcome.wait - ctx.now, wake)
}

/** Runs a command inside a container; answers exit code, output and how long it takes (Infinity: it never ends). Timeout 0: none. Units: µs. */
export function execIn(state: ContainerdState, pod: PodSandbox, container: RunningContainer, command: readonly string[], timeout: Micros, ctx: Ctx, stdin?: string): CriResult {
  const r = execCommand(command, execIo(pod, container, ctx), timeout, stdin)
  afterRun(state, pod, container, ctx)
  if (r.timedOut) return { code: 1, output: `command timed out: "${command.join(' ')}" timed out after ${timeout / 1_000_000}s`, took: timeout }
  if (r.missing) return { error: startFailure(container, r.stderr, ctx), code: 126, output: r.stderr, took: 0 }
  // The kernel ended the container while the command ran.
  const killed = container.view.state === 'exited'
  return { code: killed ? 137 : r.code, output: r.output.slice(0, 10_240), stdout: r.stdout, stderr: r.stderr, took: killed ? 0 : r.elapsed }
}

/** containerd's words for a command that could not be started. Upstream: containerd internal/cri/server/container_execsync.go */
export const startFailure = (container: RunningContainer, text: string, ctx: Ctx): string => `failed to exec in container: failed to start exec "${hexId(`${container.view.id}/${ctx.now}`)}": ${text}: unknown`
