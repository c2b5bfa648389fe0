import { MS, type Behaviour, type Ctx, type Message, type TimerId } from '../sim'
import { Client, type ApiResponse, type WatchEvent, type WatchMessage } from '../client-go'
import { run } from './command'
import { contextNamespace } from './context'
import { Exit, Io, Suspended, type Recorded, type Wait, type WatchEnd } from './io'

/** Parameters of a kubectl process: one typed line. */
export interface KubectlParams {
  /** Number of the command in the session. */
  readonly command: number
  readonly line: string
  readonly stdin?: string | undefined
  /** Namespace of the current context. */
  readonly namespace: string
  /** The namespace counts as given by `-n` rather than by the context (recordings were made so). */
  readonly explicitNamespace?: boolean | undefined
}

interface Watch {
  readonly id: number
  readonly events: (WatchEvent | WatchEnd)[]
}

/** State of a kubectl process: the answers it got so far, and what it waits for. */
export interface KubectlState {
  readonly params: KubectlParams
  readonly client: Client
  readonly recorded: Recorded[]
  wait: Wait | undefined
  answers: (ApiResponse | undefined)[]
  readonly watches: Watch[]
  timer: TimerId
  printedOut: number
  printedErr: number
}

/** Output of a command, as the trace's `output` records carry it. */
export interface CommandOutput {
  readonly command: number
  readonly stream: 'line' | 'stdout' | 'stderr' | 'exit'
  readonly text: string
}

/** To the cluster, which keeps the kubeconfig: the current context has another namespace. */
export interface ContextChanged extends Message {
  readonly type: 'cluster/context'
  readonly namespace: string
}

interface Begin extends Message {
  readonly type: 'kubectl/begin'
}

interface Answered extends Message {
  readonly type: 'kubectl/answered'
  readonly index: number
}

interface WatchThen extends Message {
  readonly type: 'kubectl/watch'
  readonly index: number
}

interface Woken extends Message {
  readonly type: 'kubectl/woken'
}

/** Most answers a command may gather; a follow of more is cut off with an error. */
const mostRecorded = 20_000

/** Starting the program and reading its kubeconfig and discovery cache takes this long. Units: µs. */
const startTime = 40 * MS

/** kubectl: runs one line, prints through `output` records, and ends. Upstream: kubectl/pkg/cmd */
export const kubectl: Behaviour<KubectlState, KubectlParams> = {
  kind: 'kubectl',

  start(ctx, params) {
    const begin: Begin = { type: 'kubectl/begin' }
    print(ctx, { command: params.command, stream: 'line', text: params.line })
    ctx.after(startTime, begin)
    return { params, client: new Client('kubernetes-admin', 'kubectl'), recorded: [], wait: undefined, answers: [], watches: [], timer: 0, printedOut: 0, printedErr: 0 }
  },

  handle(state, message, ctx) {
    if (message.type === 'kubectl/begin') return go(state, ctx)
    if (message.type === 'kubectl/interrupt') return finish(state, ctx, 130)
    if (message.type === 'kubectl/woken') {
      state.timer = 0
      return resume(state, ctx, state.wait?.on === 'sleep' ? { slept: true } : { event: { type: 'timeout' } })
    }
    if (message.type === 'watch') {
      const { id, events } = message as WatchMessage
      const watch = state.watches.find((w) => w.id === id)
      watch?.events.push(...events)
      return deliver(state, ctx)
    }
    for (const { then, response } of state.client.receive(message, ctx)) {
      if (then.type === 'kubectl/answered') {
        state.answers[(then as Answered).index] = response
      } else if (then.type === 'kubectl/watch') {
        const ended = (response.body as { reason?: string }).reason === 'WatchClosed'
        state.watches[(then as WatchThen).index]?.events.push(ended ? { type: 'closed' } : { type: 'refused', response })
      }
    }
    // A broken connection may answer several at once: all of them are noted before the command goes on.
    if (state.wait?.on === 'responses') {
      if (state.answers.every((a) => a !== undefined)) resume(state, ctx, { responses: state.answers as ApiResponse[] })
    } else deliver(state, ctx)
  },
}

/** Gives a waiting command the next event of the watch it waits on, if there is one. */
function deliver(state: KubectlState, ctx: Ctx): void {
  const { wait } = state
  if (wait?.on !== 'watch' && wait?.on !== 'next') return
  const event = state.watches[wait.index]?.events.shift()
  if (event) resume(state, ctx, { event })
}

function resume(state: KubectlState, ctx: Ctx, answer: Recorded): void {
  if (state.timer) ctx.cancel(state.timer)
  state.timer = 0
  state.wait = undefined
  state.recorded.push(answer)
  go(state, ctx)
}

/** Runs the command from its start over all answers so far, prints what is new, and asks for what it lacks. */
function go(state: KubectlState, ctx: Ctx): void {
  const io = new Io(state.recorded, ctx, state.params.stdin)
  let exit: number
  try {
    if (state.recorded.length > mostRecorded) throw new Exit(1, 'error: the output of this command is too long for the simulation; it was cut off')
    exit = run(state.params.line, { namespace: state.params.namespace, explicit: state.params.explicitNamespace }, io)
  } catch (thrown) {
    if (thrown instanceof Suspended) {
      flush(state, io, ctx)
      return ask(state, thrown.wait, ctx)
    }
    if (!(thrown instanceof Exit)) throw thrown
    if (thrown.message !== '') io.err(`${thrown.message}\n`)
    exit = thrown.code
  }
  flush(state, io, ctx)
  finish(state, ctx, exit)
}

function finish(state: KubectlState, ctx: Ctx, code: number): void {
  for (const { id } of state.watches) state.client.cancelWatch(ctx, id)
  print(ctx, { command: state.params.command, stream: 'exit', text: String(code) })
  const namespace = code === 0 ? contextNamespace(state.params.line) : undefined
  if (namespace !== undefined) ctx.send('cluster', { type: 'cluster/context', namespace } as ContextChanged)
  ctx.kill(ctx.self)
}

function flush(state: KubectlState, io: Io, ctx: Ctx): void {
  const { command } = state.params
  if (io.stdout.length > state.printedOut) print(ctx, { command, stream: 'stdout', text: io.stdout.slice(state.printedOut) })
  if (io.stderr.length > state.printedErr) print(ctx, { command, stream: 'stderr', text: io.stderr.slice(state.printedErr) })
  state.printedOut = Math.max(state.printedOut, io.stdout.length)
  state.printedErr = Math.max(state.printedErr, io.stderr.length)
}

function ask(state: KubectlState, wait: Wait, ctx: Ctx): void {
  state.wait = wait
  const woken: Woken = { type: 'kubectl/woken' }
  switch (wait.on) {
    case 'responses':
      state.answers = wait.requests.map(() => undefined)
      for (const [index, request] of wait.requests.entries()) state.client.send(ctx, request, { type: 'kubectl/answered', index } as Answered)
      if (wait.requests.length === 0) resume(state, ctx, { responses: [] })
      return
    case 'sleep':
      state.timer = ctx.after(wait.for, woken)
      return
    case 'watch':
      state.watches[wait.index] = { id: state.client.send(ctx, wait.request, { type: 'kubectl/watch', index: wait.index } as WatchThen), events: [] }
      if (wait.timeout !== null) state.timer = ctx.after(wait.timeout, woken)
      return
    case 'next':
      if (wait.timeout !== null) state.timer = ctx.after(wait.timeout, woken)
      return deliver(state, ctx)
  }
}

/** Commands print through the trace: the cluster gathers `output` records into terminals and reports. */
function print(ctx: Ctx, output: CommandOutput): void {
  const cause = ctx.cause
  ctx.trace({ kind: 'output', what: output.stream, detail: Object.freeze(output) })
  ctx.cause = cause
}
