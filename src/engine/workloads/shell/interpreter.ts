import { MS, type Micros } from '../../sim'
import type { ProgramIO } from '../program'
import type { Run } from './command'
import { runCommand } from './commands'
import { expandOne, expandWord, matchesGlob } from './expand'
import { frame, newThread, pushScript } from './frames'
import { absolute } from './path'
import { shellLimits, type Frame, type ShellState, type Thread } from './state'
import { parseScript, type Node, type Redirect } from './syntax'
import { mostFiles } from '../program'

/** A shell about to run a script. `args[0]` is the shell's own name. */
export function newShell(script: string, env: Readonly<Record<string, string>>, args: readonly string[], cwd: string): ShellState {
  const node = parseScript(script)
  const state: ShellState = { threads: [], nextThread: 1, vars: { ...env }, functions: {}, args, cwd: cwd || '/', root: '', trap: null, signalled: false, exit: null, spinning: false, syntaxError: '' }
  if ('error' in node) state.syntaxError = node.error
  else state.threads.push(newThread(0, node))
  return state
}

/** Runs all threads until each waits or is over. Answers when to go on: a time, null for never, or the exit code. */
export function runShell(state: ShellState, io: ProgramIO): { readonly wait: Micros | null } | { readonly exit: number } {
  if (state.syntaxError !== '') {
    io.err(`${state.args[0] ?? 'sh'}: ${state.syntaxError}\n`)
    return { exit: 2 }
  }
  let wake = Infinity
  state.spinning = false
  for (let i = 0; i < state.threads.length; i++) {
    const thread = state.threads[i] as Thread
    wake = Math.min(wake, runThread(state, thread, io, shellLimits.steps))
    if (state.exit !== null) return { exit: state.exit }
    if (thread.frames.length === 0) {
      if (thread.id === 0) return { exit: thread.status }
      state.threads.splice(i--, 1)
      const main = state.threads[0] as Thread
      if (main.waiting && state.threads.length === 1) {
        main.waiting = false
        i = -1
        wake = Infinity
      }
    }
  }
  return { wait: wake === Infinity ? null : Math.max(wake, io.now + 1) }
}

/** Runs one thread; answers when it goes on (Infinity: it is over or waits for ever). */
function runThread(state: ShellState, thread: Thread, io: ProgramIO, budget: number): Micros {
  for (let steps = 0; thread.frames.length > 0; steps++) {
    if (steps > budget) {
      state.spinning = true
      return io.now + 10 * MS
    }
    if (thread.waiting) return Infinity
    if (thread.frames.length > shellLimits.depth) {
      io.err('sh: out of stack space\n')
      state.exit = 2
      return Infinity
    }
    const top = thread.frames[thread.frames.length - 1] as Frame
    if (state.signalled && thread.id === 0 && state.trap !== null && top.until < 0) {
      state.signalled = false
      const script = state.trap
      if (pushScript(thread, script) !== '') state.exit = 2
      continue
    }
    const wait = step(state, thread, top, io)
    if (state.exit !== null) return Infinity
    if (wait !== undefined) return wait
  }
  return Infinity
}

function pop(thread: Thread): void {
  thread.frames.pop()
}

/** One step of the top frame. A number: wait until then. */
function step(state: ShellState, thread: Thread, top: Frame, io: ProgramIO): Micros | undefined {
  const node = top.node
  switch (node.t) {
    case 'cmd':
      return command(state, thread, top, node, io)
    case 'seq': {
      const i = top.pc++
      const item = node.items[i]
      if (item === undefined) return void pop(thread)
      const before = node.items[i - 1]?.op
      if ((before === '&&' && thread.status !== 0) || (before === '||' && thread.status === 0)) return undefined
      if (item.op === '&') {
        if (state.threads.length < shellLimits.threads) state.threads.push(newThread(state.nextThread++, item.node))
        thread.status = 0
      } else thread.frames.push(frame(item.node))
      return undefined
    }
    case 'pipe': {
      pop(thread)
      let input = ''
      let now = io.now
      for (const [i, stage] of node.stages.entries()) {
        const r = runAtOnce(state, stage, i === 0 ? null : input, { ...streamsOf(thread, io), now }, i === node.stages.length - 1 ? undefined : [])
        now += r.elapsed
        input = r.output
        thread.status = r.status
      }
      if (node.negate) thread.status = thread.status === 0 ? 1 : 0
      // What its stages waited for is waited for now, all at once.
      if (now > io.now) {
        const rest = frame({ t: 'cmd', assigns: [], words: [], redirects: [] })
        rest.until = now
        rest.pc = thread.status
        thread.frames.push(rest)
        return now
      }
      return undefined
    }
    case 'if': {
      // Even steps begin a test, odd ones read its result.
      const arm = node.arms[top.pc >> 1]
      if (top.pc % 2 === 0) {
        if (arm) {
          top.pc++
          thread.frames.push(frame(arm.test))
        } else {
          pop(thread)
          thread.status = 0
          if (node.otherwise) thread.frames.push(frame(node.otherwise))
        }
      } else if (thread.status === 0 && arm) {
        pop(thread)
        thread.frames.push(frame(arm.body))
      } else top.pc++
      return undefined
    }
    case 'loop':
      if (top.pc === 0) thread.frames.push(frame(node.test))
      else if (top.pc === 1) {
        if ((thread.status === 0) === node.until) {
          thread.status = 0
          return void pop(thread)
        }
        thread.frames.push(frame(node.body))
      }
      top.pc = (top.pc + 1) % 2
      return undefined
    case 'for': {
      if (top.pc === 0) top.list = node.words === null ? state.args.slice(1) : node.words.flatMap((w) => expandWord(state, thread.status, w, io, capture(state, io)))
      const value = top.list[top.pc++]
      if (value === undefined) return void pop(thread)
      state.vars[node.name] = value
      thread.frames.push(frame(node.body))
      return undefined
    }
    case 'case': {
      pop(thread)
      const word = expandOne(state, thread.status, node.word, io, capture(state, io))
      const arm = node.arms.find((a) => a.patterns.some((p) => matchesGlob(expandOne(state, thread.status, p, io, capture(state, io)), word)))
      thread.status = 0
      if (arm) thread.frames.push(frame(arm.body))
      return undefined
    }
    case 'redir': {
      if (top.pc > 0) return void pop(thread)
      top.pc = 1
      const opened = open(state, thread, node.redirects, io)
      if (opened === null) {
        pop(thread)
        thread.status = 1
        return undefined
      }
      top.out = opened.out
      top.err = opened.err
      if (opened.input !== null) state.vars['\u0000stdin'] = opened.input
      thread.frames.push(frame(node.body))
      return undefined
    }
    case 'func':
      pop(thread)
      state.functions[node.name] = node.body
      thread.status = 0
      return undefined
  }
}

/** Where a command's streams go: paths, null for where they went before. */
interface Opened {
  readonly out: string | null
  readonly err: string | null
  readonly input: string | null
}

const streams = new Set(['/dev/stdout', '/dev/stderr', '/proc/1/fd/1', '/proc/1/fd/2', '/proc/self/fd/1', '/proc/self/fd/2', '/dev/tty'])

/** Opens the files of redirections, left to right. Null: one cannot be opened, and it was said so. */
function open(state: ShellState, thread: Thread, redirects: readonly Redirect[], io: ProgramIO): Opened | null {
  let out: string | null = null
  let err: string | null = null
  let input: string | null = null
  const cap = capture(state, io)
  for (const r of redirects) {
    if (r.op === '>&') {
      if (r.fd === 2) err = out ?? '/dev/stdout'
      else out = err ?? '/dev/stderr'
      continue
    }
    const text = expandOne(state, thread.status, r.to, io, cap)
    if (r.op === '<<') {
      input = text
      continue
    }
    const path = absolute(state, text)
    if (r.op === '<') {
      const content = path === '/dev/null' ? '' : io.files.get(path)
      if (content === undefined) {
        io.err(`${state.args[0] ?? 'sh'}: can't open ${text}: no such file\n`)
        return null
      }
      input = content
      continue
    }
    if (path !== '/dev/null' && !streams.has(path)) {
      const before = io.files.get(path)
      if (!io.files.has(path) && io.files.size >= mostFiles) return null
      if (io.files.writable?.(path) !== false) io.files.set(path, r.op === '>' ? '' : (before ?? ''))
      else {
        io.err(`${state.args[0] ?? 'sh'}: can't create ${text}: Read-only file system\n`)
        return null
      }
    }
    if (r.fd === 1 || r.fd === 3) out = path
    if (r.fd === 2 || r.fd === 3) err = path
  }
  return { out, err, input }
}

/** Bound of one file's content, in characters. */
const mostContent = 262_144

function writer(path: string, io: ProgramIO): (text: string) => void {
  if (path === '/dev/null') return () => undefined
  if (path === '/dev/stdout' || path === '/dev/tty' || path.endsWith('/fd/1')) return io.out
  if (path === '/dev/stderr' || path.endsWith('/fd/2')) return io.err
  return (text) => {
    const before = io.files.get(path) ?? ''
    if (before.length < mostContent) io.files.set(path, before + text)
  }
}

/** The streams that hold for a thread: those of the redirected commands it is in. */
function streamsOf(thread: Thread, io: ProgramIO): ProgramIO {
  let out: string | null = null
  let err: string | null = null
  for (const f of thread.frames) {
    out = f.out ?? out
    err = f.err ?? err
  }
  return out === null && err === null ? io : { ...io, out: out === null ? io.out : writer(out, io), err: err === null ? io.err : writer(err, io) }
}

function command(state: ShellState, thread: Thread, top: Frame, node: Node & { t: 'cmd' }, whole: ProgramIO): Micros | undefined {
  if (top.until >= 0) {
    if (whole.now < top.until) return top.until
    pop(thread)
    // The status that it ends with was kept where a loop keeps its place.
    thread.status = top.pc
    thread.cpuMillis = thread.memoryBytes = thread.processes = 0
    return undefined
  }
  const io = streamsOf(thread, whole)
  const cap = capture(state, io)
  const words = node.words.flatMap((w) => expandWord(state, thread.status, w, io, cap))
  const before: [string, string | undefined][] = []
  for (const a of node.assigns) {
    before.push([a.name, state.vars[a.name]])
    state.vars[a.name] = expandOne(state, thread.status, a.value, io, cap)
  }
  pop(thread)
  let out = io.out
  let err = io.err
  let input: string | null = null
  if (node.redirects.length > 0) {
    const opened = open(state, thread, node.redirects, io)
    if (opened === null) {
      thread.status = 1
      return undefined
    }
    if (opened.out !== null) out = writer(opened.out, io)
    if (opened.err !== null) err = writer(opened.err, io)
    input = opened.input
  }
  if (words.length === 0) {
    thread.status = 0
    return undefined
  }
  const run: Run = { state, thread, io: { ...io, out, err }, words, input, once: false }
  const result = runCommand(run)
  // `NAME=value command`: the assignment is the command's alone.
  if (result !== 'pushed') for (const [name, value] of before) if (value === undefined) delete state.vars[name]
    else state.vars[name] = value
  if (typeof result === 'number') {
    thread.status = result
    return undefined
  }
  if (result === 'pushed') return undefined
  if (result === 'jobs') {
    if (state.threads.length > 1) thread.waiting = true
    thread.status = 0
    return undefined
  }
  // It takes time: the frame comes back, with the time at which it is over.
  top.until = result.until
  top.pc = result.status ?? 0
  thread.cpuMillis = result.cpuMillis ?? 0
  thread.memoryBytes = result.memoryBytes ?? 0
  thread.processes = result.processes ?? 0
  thread.frames.push(top)
  return top.until
}

function capture(state: ShellState, io: ProgramIO): (source: string) => string {
  return (source) => {
    const node = parseScript(source)
    return 'error' in node ? '' : runAtOnce(state, node, null, io, []).output
  }
}

/** Runs a command to its end in no simulated time: pipes, `$(…)`, exec. Sleeps count as `elapsed`. `sink` undefined: its output goes on to `io`. */
export function runAtOnce(outer: ShellState, node: Node, input: string | null, io: ProgramIO, sink: string[] | undefined, budget = shellLimits.steps): { readonly status: number; readonly output: string; readonly elapsed: Micros; readonly finished: boolean } {
  const state: ShellState = { ...outer, threads: [], vars: { ...outer.vars }, functions: { ...outer.functions }, trap: null, signalled: false, exit: null, spinning: false, syntaxError: '' }
  const thread = newThread(0, node)
  state.threads.push(thread)
  let output = ''
  let now = io.now
  const out = (text: string) => {
    if (sink === undefined) io.out(text)
    if (output.length < shellLimits.captured) output += text
  }
  if (input !== null) state.vars['\u0000stdin'] = input
  let finished = false
  for (let turns = 0; turns < 50; turns++) {
    const wake = runThread(state, thread, { ...io, now, wall: io.wall + (now - io.now), out }, budget)
    if (state.exit !== null || thread.frames.length === 0) {
      finished = true
      break
    }
    if (wake === Infinity) break
    now = wake
  }
  return { status: state.exit ?? thread.status, output, elapsed: now - io.now, finished }
}
