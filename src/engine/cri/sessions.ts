import type { Ctx, Message, TimerId } from '../sim'
import { FileSystem, openSession, promptOf, runSession, typeInSession, type ContainerSpec, type Outcome, type ProgramIO, type Session } from '../workloads'
import { afterRun } from './container'
import { execIo, startFailure } from './exec'
import { machineShell } from './machine'
import { request } from './request'
import type { ContainerdState, PodSandbox, RunningContainer } from './state'
import type { CriResult } from './types'
import { saveVolumes } from './volumes'

/** A command that somebody runs in a container and types into, or a shell on the machine itself. */
export interface ExecSession {
  readonly id: string
  /** Uid of its pod and id of its container; empty: it is on the machine. */
  readonly uid: string
  readonly container: string
  readonly shell: Session
  /** The machine's files, for a shell on it. */
  readonly files: FileSystem | null
  out: string
  err: string
  timer: TimerId
  /** Null while it runs. */
  code: number | null
}

/** What a caller wants of a session. `session` empty: a new one, for the command. */
export interface SessionAsk {
  readonly session: string
  readonly command: readonly string[]
  readonly text?: string | undefined
}

/** To containerd: somebody comes to the machine by ssh. Answered by SshAnswer. */
export interface SshMessage extends Message {
  readonly type: 'ssh/session'
  readonly id: number
  readonly from: string
  readonly session: string
  readonly text?: string | undefined
  readonly command?: readonly string[] | undefined
}

/** Timer: a session goes on. */
interface SessionWake extends Message {
  readonly type: 'cri/session'
  readonly session: string
}

/** Most sessions of a machine, and what one has printed that nobody has read. Units: characters. */
const mostSessions = 16
const mostUnread = 65_536

function find(state: ContainerdState, s: ExecSession): { readonly pod: PodSandbox; readonly container: RunningContainer } | undefined {
  const pod = state.pods.get(s.uid)
  const container = pod?.containers.find((c) => c.view.id === s.container)
  return pod && container?.view.state === 'running' ? { pod, container } : undefined
}

/** What a session may use. Undefined: its container has ended, and it with it. */
function ioFor(state: ContainerdState, s: ExecSession, ctx: Ctx): ProgramIO | undefined {
  const out = (text: string): void => void (s.out.length < mostUnread && (s.out += text))
  const err = (text: string): void => void (s.err.length < mostUnread && (s.err += text))
  if (s.uid === '') {
    const spec: ContainerSpec = { image: 'debian', command: [], args: [], env: { HOME: '/root', USER: 'root', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }, ports: [], hostname: state.node, workingDir: '/root' }
    return { now: ctx.now, wall: ctx.wallMicros(), files: s.files as FileSystem, spec, ip: '', draw: (n) => ctx.rng.below(n), out, err, request: (to) => request(undefined, to, () => { throw new Error('no pod') }, ctx), machine: machineShell('', ctx) }
  }
  const found = find(state, s)
  return found && { ...execIo(found.pod, found.container, ctx), out, err }
}

/** The machine's own files, all of them. */
function machineFiles(state: ContainerdState): FileSystem {
  const files = new FileSystem()
  files.space = state.space
  files.mounts = [{ path: '', volume: state.hostFiles, sub: '', readOnly: false }]
  return files
}

/** Begins a session, or types into one; answers what it has printed, and whether it reads. Without a container it is on the machine itself. */
export function askSession(state: ContainerdState, ask: SessionAsk, at: { readonly pod: PodSandbox; readonly container: RunningContainer } | null, ctx: Ctx): CriResult {
  const sessions = (state.sessions ??= new Map())
  let s = sessions.get(ask.session)
  if (s === undefined) {
    if (ask.session !== '') return { error: 'the session is over', code: 137 }
    const id = String(ctx.unique())
    const begun: Omit<ExecSession, 'shell'> = { id, uid: at?.pod.uid ?? '', container: at?.container.view.id ?? '', files: at === null ? machineFiles(state) : null, out: '', err: '', timer: 0, code: null }
    const shell = openSession(ask.command, ioFor(state, begun as ExecSession, ctx) as ProgramIO)
    if (typeof shell === 'string') return { error: at === null ? shell : startFailure(at.container, shell, ctx), code: 126 }
    if (sessions.size >= mostSessions) end(sessions, sessions.values().next().value as ExecSession, 137, ctx)
    s = { ...begun, shell }
    sessions.set(id, s)
    go(state, s, (io) => runSession((s as ExecSession).shell, io), ctx)
  } else if (ask.text !== undefined && s.code === null) {
    const { shell } = s
    const { text } = ask
    go(state, s, (io) => typeInSession(shell, io, text), ctx)
  }
  const { id, out, err, code } = s
  s.out = s.err = ''
  const io = code === null ? ioFor(state, s, ctx) : undefined
  if (code !== null || io === undefined) {
    end(sessions, s, code ?? 137, ctx)
    return { id, stdout: out, stderr: err, code: code ?? 137 }
  }
  const prompt = promptOf(s.shell, io)
  if (prompt === undefined) return { id, stdout: out, stderr: err, ok: false, output: '' }
  // What stands on an unfinished line stands before what is typed.
  const [told, asked] = unfinished(out)
  const [warned, wanted] = unfinished(err)
  return { id, stdout: told, stderr: warned, ok: true, output: asked + wanted + prompt }
}

function unfinished(text: string): readonly [string, string] {
  const at = text.lastIndexOf('\n') + 1
  return [text.slice(0, at), text.slice(at)]
}

/** A session's wait is over. */
export function wakeSession(state: ContainerdState, message: Message, ctx: Ctx): void {
  const s = state.sessions?.get((message as SessionWake).session)
  if (s === undefined || s.code !== null) return
  s.timer = 0
  go(state, s, (io) => runSession(s.shell, io), ctx)
}

/** Lets a session run, and sets its next wake. */
function go(state: ContainerdState, s: ExecSession, act: (io: ProgramIO) => Outcome, ctx: Ctx): void {
  const io = ioFor(state, s, ctx)
  if (s.timer) ctx.cancel(s.timer)
  s.timer = 0
  if (io === undefined) {
    s.code = 137
    return
  }
  const outcome = act(io)
  const found = find(state, s)
  if (found) afterRun(state, found.pod, found.container, ctx)
  else if (s.files) saveVolumes(state, s.files, ctx)
  if ('exit' in outcome) s.code = outcome.exit
  else if (outcome.wait !== null) {
    const wake: SessionWake = { type: 'cri/session', session: s.id }
    s.timer = ctx.after(outcome.wait - ctx.now, wake)
  }
}

function end(sessions: Map<string, ExecSession>, s: ExecSession, code: number, ctx: Ctx): void {
  s.code = code
  if (s.timer) ctx.cancel(s.timer)
  sessions.delete(s.id)
}

/** Somebody comes by ssh, or types into a shell that did. */
export function answerSsh(state: ContainerdState, message: SshMessage, ctx: Ctx): void {
  const result = askSession(state, { session: message.session, command: message.command ?? ['bash'], text: message.text }, null, ctx)
  ctx.send(message.from, { type: 'ssh/answer', id: message.id, result } as unknown as Message)
}
