import { MS, type Behaviour, type Ctx, type Message, type TimerId } from '../sim'
import { Client, type ApiResponse, type WatchEvent, type WatchMessage } from '../client-go'
import { run } from './command'
import { interruptKey } from './converse'
import { Again, Exit, Io, Suspended, type Recorded, type Wait, type WatchEnd } from './io'
import { changed, machineLimits, newMachine, type MachineChange, type MachineState } from './shell/machine'

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
  /** Number of the job when it runs in the background: its output is the command's that started it. */
  readonly job?: number | undefined
}

/** The process of the machine that lines are typed on: started by the first line, it keeps what outlives a line. */
export const shellProcess = 'shell'

/** Parameters of the shell's process. */
export interface ShellParams {
  readonly shell: true
  readonly namespace: string
}

/** State of the shell's process. */
export interface ShellState {
  machine: MachineState
  /** Local ports that lines which still run hold open (`port-forward`, `proxy`). */
  forwards: readonly (LocalPort & { readonly by: string })[]
  /** What runs in the background. */
  jobs?: readonly Job[]
}

/** A list that runs in the background. */
interface Job {
  readonly job: number
  readonly pid: number
  readonly line: string
  /** Its process. */
  readonly process: string
  /** Who waits for its end. */
  readonly awaited: readonly { readonly from: string; readonly id: number }[]
}

/** Most jobs at a time. */
const mostJobs = 20

/** About jobs: `background` starts one for the line of `params`, `kill` and `await` name one, `ended` tells the end of one. */
interface JobMessage extends Message {
  readonly type: 'shell/background' | 'shell/jobs' | 'shell/kill' | 'shell/await' | 'shell/ended'
  readonly id: number
  readonly from: string
  readonly params: KubectlParams
  readonly line: string
  readonly job: number
  readonly code: number
}

/** A port of the machine that leads somewhere. `pod` is empty for `proxy`, which leads to the API server. */
export interface LocalPort {
  readonly local: number
  readonly namespace: string
  readonly pod: string
  readonly node: string
  readonly ip: string
  readonly remote: number
}

interface Forward extends Message {
  readonly type: 'shell/forward'
  readonly id: number
  readonly from: string
  readonly ports: readonly LocalPort[]
}

interface Open extends Message {
  readonly type: 'shell/open'
  readonly from: string
  readonly line: string
}

interface Opened extends Message {
  readonly type: 'shell/opened'
  readonly machine: MachineState
}

/** From outside: a file that a person dropped on the terminal or wrote in the editor; null takes it away. */
export interface WriteFile extends Message {
  readonly type: 'shell/file'
  readonly path: string
  readonly text: string | null
}

interface Asked extends Message {
  readonly type: string
  readonly id: number
}

/** From the page: the text of an edit that a line waits for; null when it was given up. */
export interface Edited extends Message {
  readonly type: 'kubectl/edited'
  readonly text: string | null
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
  /** The terminal is raw: a session elsewhere takes Ctrl-C. */
  raw: boolean
  /** Ctrl-C came while the session was being asked: it goes with the next question. */
  pressed: boolean
  printedOut: number
  printedErr: number
  /** Undefined until the shell has answered. */
  machine: MachineState | undefined
  /** Change of the machine that the end of the line brings, by the last run. */
  change: MachineChange | undefined
  begun: boolean
  asked: number
}

/** Output of a command, as the trace's `output` records carry it. */
export interface CommandOutput {
  readonly command: number
  /** `edit`: the person is to edit a text (JSON `{ path, text }`), `prompt`: to type a line; both are answered with `kubectl/edited`. */
  readonly stream: 'line' | 'stdout' | 'stderr' | 'exit' | 'edit' | 'prompt'
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

let initialFiles: Readonly<Record<string, string>> = {}

/** Gives the machine its first files (path below home → text). A host does it before any line is typed. */
export function provideFiles(files: Readonly<Record<string, string>>): void {
  initialFiles = files
}

/**
 * kubectl: runs one line, prints through `output` records, and ends. The same behaviour is the machine's shell, in the process `shell`,
 * so that whoever installs kubectl has both. Upstream: kubectl/pkg/cmd
 */
export const kubectl: Behaviour<KubectlState, KubectlParams> = {
  kind: 'kubectl',

  start(ctx, params) {
    if ('shell' in params) return { machine: newMachine(initialFiles, (params as unknown as ShellParams).namespace), forwards: [] } as unknown as KubectlState
    if (params.job === undefined) print(ctx, { command: params.command, stream: 'line', text: params.line })
    if (!ctx.isUp(shellProcess)) {
      const shell: ShellParams = { shell: true, namespace: params.explicitNamespace ? '' : params.namespace }
      ctx.spawn(shellProcess, 'kubectl', 'you', shell)
    }
    const open: Open = { type: 'shell/open', from: ctx.self, line: params.job === undefined ? params.line : '' }
    ctx.send(shellProcess, open)
    const begin: Begin = { type: 'kubectl/begin' }
    ctx.after(/^\s*(kubectl|k)\b/.test(params.line) ? startTime : MS, begin)
    return {
      params, client: new Client('kubernetes-admin', 'kubectl'), recorded: [], wait: undefined, answers: [], watches: [], timer: 0, raw: false, pressed: false, printedOut: 0, printedErr: 0,
      machine: undefined, change: undefined, begun: false, asked: 0,
    }
  },

  handle(state, message, ctx) {
    if ('machine' in state && !('params' in state)) return keepShell(state as unknown as ShellState, message, ctx)
    if (message.type === 'kubectl/begin' || message.type === 'shell/opened') {
      if (message.type === 'kubectl/begin') state.begun = true
      else state.machine = (message as Opened).machine
      if (state.begun && state.machine !== undefined) go(state, ctx)
      return
    }
    if (message.type === 'kubectl/edited') {
      const { text } = message as Edited
      // A terminal shows what is typed into a command that runs.
      if (state.wait?.on === 'prompt' && text !== null) print(ctx, { command: state.params.command, stream: 'stdout', text: `${text}\n` })
      if (state.wait?.on === 'edit' || state.wait?.on === 'prompt') resume(state, ctx, { edited: text })
      return
    }
    if (state.wait?.on === 'answer' && (message as Asked).id === state.asked && message.type !== 'response') return resume(state, ctx, { answer: message as unknown as Record<string, unknown> })
    if (message.type === 'kubectl/interrupt') {
      // Ctrl-C on a job in the foreground ends the job.
      const { wait } = state
      const closed = (message as { readonly hangup?: boolean }).hangup === true
      if (!closed && takesKeys(wait)) return pressKey(state, wait, ctx)
      if (state.raw && !closed && (wait?.on === 'responses' || (wait?.on === 'answer' && wait.ask['type'] !== 'shell/await'))) {
        state.pressed = true
        return
      }
      if (wait?.on === 'answer' && wait.ask['type'] === 'shell/await') ctx.send(shellProcess, { type: 'shell/kill', job: wait.ask['job'], id: 0, from: ctx.self } as unknown as Message)
      return finish(state, ctx, 130)
    }
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

/** The shell's process: answers what the machine is, takes changes. */
function keepShell(state: ShellState, message: Message, ctx: Ctx): void {
  switch (message.type) {
    case 'shell/open': {
      const { from, line } = message as Open
      const opened: Opened = { type: 'shell/opened', machine: state.machine }
      ctx.send(from, opened)
      const short = line.length > 2000 ? `${line.slice(0, 2000)}…` : line
      if (line !== '') state.machine = { ...state.machine, history: [...state.machine.history.slice(1 - machineLimits.history), short] }
      return
    }
    case 'shell/forward': {
      const { ports, id, from } = message as Forward
      const live = state.forwards.filter((f) => ctx.isUp(f.by))
      const taken = ports.filter((p) => live.some((f) => f.local === p.local)).map((p) => p.local)
      state.forwards = [...live, ...ports.filter((p) => !taken.includes(p.local)).map((p) => ({ ...p, by: from }))].slice(-100)
      ctx.send(from, { type: 'shell/answer', id, taken } as Message)
      return
    }
    case 'shell/forwarded': {
      const { id, from, local } = message as Forward & { readonly local: number }
      const forward = state.forwards.find((f) => f.local === local && ctx.isUp(f.by)) ?? null
      if (forward !== null && forward.pod !== '') print(ctx, { command: (ctx.paramsOf(forward.by) as KubectlParams).command, stream: 'stdout', text: `Handling connection for ${local}\n` })
      ctx.send(from, { type: 'shell/answer', id, forward } as Message)
      return
    }
    case 'shell/background':
    case 'shell/jobs':
    case 'shell/kill':
    case 'shell/await':
    case 'shell/ended':
      return keepJobs(state, message as JobMessage, ctx)
    case 'shell/change':
      state.machine = changed(state.machine, message as MachineChange)
      return
    case 'shell/file': {
      const { path, text } = message as WriteFile
      if ((text?.length ?? 0) <= machineLimits.fileSize) state.machine = changed(state.machine, { type: 'shell/change', files: { [path]: text } })
      return
    }
    default:
  }
}

/** What runs in the background. */
function keepJobs(state: ShellState, message: JobMessage, ctx: Ctx): void {
  const before = state.jobs ?? []
  const live = before.filter((j) => ctx.isUp(j.process))
  const { id, from, job } = message
  const answer = (what: Record<string, unknown>): void => ctx.send(from, { type: 'shell/answer', id, ...what } as Message)
  const named = live.find((j) => j.job === job)
  state.jobs = live
  switch (message.type) {
    case 'shell/background': {
      if (live.length >= mostJobs) return answer({ error: 'too many jobs run in the background' })
      const number = (live.at(-1)?.job ?? 0) + 1
      const pid = 4000 + ctx.unique()
      const process = `${from}.${pid}`
      const { stdin, ...params } = message.params
      void stdin
      ctx.spawn(process, 'kubectl', 'you', { ...params, line: message.line, job: number })
      state.jobs = [...live, { job: number, pid, line: message.line, process, awaited: [] }]
      return answer({ job: number, pid })
    }
    case 'shell/jobs':
      return answer({ jobs: live.map((j) => ({ job: j.job, pid: j.pid, line: j.line })) })
    case 'shell/kill':
      if (named !== undefined) ctx.send(named.process, { type: 'kubectl/interrupt' } as Message)
      return id === 0 ? undefined : answer({})
    case 'shell/await':
      if (named === undefined) return answer({ code: 127 })
      state.jobs = live.map((j) => (j === named ? { ...j, awaited: [...j.awaited, { from, id }].slice(-mostJobs) } : j))
      return
    case 'shell/ended': {
      // Its process may be gone by now.
      const ended = before.find((j) => j.job === job && j.process === from)
      state.jobs = live.filter((j) => j !== ended)
      for (const a of ended?.awaited ?? []) ctx.send(a.from, { type: 'shell/answer', id: a.id, code: message.code } as unknown as Message)
    }
  }
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

type TakesKeys = Extract<Wait, { readonly on: 'sleep' | 'prompt' }>

/** A terminal in raw mode: Ctrl-C is not kubectl's end, it goes to the container. */
const takesKeys = (wait: Wait | undefined): wait is TakesKeys => (wait?.on === 'sleep' || wait?.on === 'prompt') && wait.keys === true

function pressKey(state: KubectlState, wait: TakesKeys, ctx: Ctx): void {
  if (wait.on === 'sleep') return resume(state, ctx, { slept: true, interrupted: true })
  print(ctx, { command: state.params.command, stream: 'stdout', text: '^C\n' })
  resume(state, ctx, { edited: interruptKey })
}

/** Runs the command from its start over all answers so far, prints what is new, and asks for what it lacks. */
function go(state: KubectlState, ctx: Ctx): void {
  const io = new Io(state.recorded, ctx, state.params.stdin, state.machine)
  let exit: number
  try {
    if (state.recorded.length > mostRecorded) throw new Exit(1, 'error: the output of this command is too long for the simulation; it was cut off')
    exit = run(state.params.line, { namespace: state.params.namespace, explicit: state.params.explicitNamespace }, io)
  } catch (thrown) {
    state.change = io.machine.change()
    if (thrown instanceof Suspended) {
      flush(state, io, ctx)
      return ask(state, thrown.wait, ctx)
    }
    if (thrown instanceof Again) {
      flush(state, io, ctx)
      for (const { id } of state.watches) state.client.cancelWatch(ctx, id)
      state.watches.length = 0
      state.recorded.length = 0
      state.recorded.push({ memory: thrown.memory })
      state.printedOut = state.printedErr = 0
      return go(state, ctx)
    }
    if (!(thrown instanceof Exit)) throw thrown
    if (thrown.message !== '') io.err(`${thrown.message}\n`)
    exit = thrown.code
  }
  state.change = io.machine.change()
  flush(state, io, ctx)
  finish(state, ctx, exit)
}

function finish(state: KubectlState, ctx: Ctx, code: number): void {
  for (const { id } of state.watches) state.client.cancelWatch(ctx, id)
  const { command, job, line } = state.params
  if (job === undefined) print(ctx, { command, stream: 'exit', text: String(code) })
  else {
    const how = code === 0 ? 'Done' : code === 130 ? 'Terminated' : `Exit ${code}`
    print(ctx, { command, stream: 'stderr', text: `[${job}]+  ${how.padEnd(24)}${line}\n` })
    ctx.send(shellProcess, { type: 'shell/ended', job, code: code === 130 ? 143 : code, id: 0, from: ctx.self } as unknown as Message)
  }
  const before = state.machine?.last ?? 0
  const change: MachineChange | undefined = job === undefined && code !== before ? { type: 'shell/change', files: {}, ...state.change, last: code } : state.change
  if (change !== undefined && job !== undefined) {
    // A job is a subshell: only its files stay.
    const files: MachineChange = { type: 'shell/change', files: change.files }
    ctx.send(shellProcess, files)
  } else if (change !== undefined) {
    ctx.send(shellProcess, change)
    const config = change.kubeconfigs?.['']
    if (config !== undefined && config !== state.machine?.kubeconfigs['']) ctx.send('cluster', { type: 'cluster/context', namespace: config.contexts[config.current]?.namespace ?? 'default' } as ContextChanged)
  }
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
  if (wait.on !== 'responses' && wait.on !== 'answer' && wait.on !== 'edit') {
    const { pressed } = state
    state.raw = takesKeys(wait)
    state.pressed = false
    if (pressed) return takesKeys(wait) ? pressKey(state, wait, ctx) : finish(state, ctx, 130)
  }
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
    case 'edit':
      return print(ctx, { command: state.params.command, stream: 'edit', text: JSON.stringify({ path: wait.path, text: wait.text }) })
    case 'prompt':
      return print(ctx, { command: state.params.command, stream: 'prompt', text: wait.text })
    case 'answer': {
      if (!ctx.isUp(wait.to)) return resume(state, ctx, { answer: null })
      state.asked = ctx.unique()
      ctx.send(wait.to, { ...wait.ask, id: state.asked, from: ctx.self, ...(wait.to === shellProcess ? { params: state.params } : {}) } as unknown as Message)
      return
    }
    case 'interrupt':
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
