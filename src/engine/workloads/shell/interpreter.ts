import { MS, type Micros } from '../../sim'
import type { ProgramIO } from '../program'
import type { Run } from './command'
import { runCommand } from './commands'
import { expandOne, expandWord, matchesGlob } from './expand'
import { frame, pushScript } from './frames'
import { absolute } from './path'
import { shellLimits, type Frame, type ShellState, type Thread } from './state'
import { parseScript, type Node } from './syntax'

/** A shell about to run a script. `args[0]` is the shell's own name. */
export function newShell(script: string, env: Readonly<Record<string, string>>, args: readonly string[], cwd: string): ShellState {
  const node = parseScript(script)
  const state: ShellState = { threads: [], nextThread: 1, vars: { ...env }, functions: {}, args, cwd: cwd || '/', trap: null, signalled: false, exit: null, busy: '', syntaxError: '' }
  if ('error' in node) state.syntaxError = node.error
  else state.threads.push({ id: 0, frames: [frame(node)], status: 0, waiting: false })
  return state
}

/** Runs all threads until each waits or is over. Answers when to go on: a time, null for never, or the exit code. */
export function runShell(state: ShellState, io: ProgramIO): { readonly wait: Micros | null } | { readonly exit: number } {
  if (state.syntaxError !== '') {
    io.out(`${state.args[0] ?? 'sh'}: ${state.syntaxError}\n`)
    return { exit: 2 }
  }
  let wake = Infinity
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
    if (steps > budget) return io.now + 10 * MS
    if (thread.waiting) return Infinity
    if (thread.frames.length > shellLimits.depth) {
      io.out('sh: out of stack space\n')
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
        if (state.threads.length < shellLimits.threads) state.threads.push({ id: state.nextThread++, frames: [frame(item.node)], status: 0, waiting: false })
        thread.status = 0
      } else thread.frames.push(frame(item.node))
      return undefined
    }
    case 'pipe': {
      pop(thread)
      let input = ''
      for (const [i, stage] of node.stages.entries()) {
        const r = runAtOnce(state, stage, input, io, i === node.stages.length - 1 ? undefined : [])
        input = r.output
        thread.status = r.status
      }
      if (node.negate) thread.status = thread.status === 0 ? 1 : 0
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
    case 'func':
      pop(thread)
      state.functions[node.name] = node.body
      thread.status = 0
      return undefined
  }
}

function command(state: ShellState, thread: Thread, top: Frame, node: Node & { t: 'cmd' }, io: ProgramIO): Micros | undefined {
  if (top.until >= 0) {
    if (io.now < top.until) return top.until
    pop(thread)
    thread.status = 0
    state.busy = ''
    return undefined
  }
  const cap = capture(state, io)
  const words = node.words.flatMap((w) => expandWord(state, thread.status, w, io, cap))
  for (const a of node.assigns) state.vars[a.name] = expandOne(state, thread.status, a.value, io, cap)
  pop(thread)
  let out = io.out
  let input: string | null = null
  for (const r of node.redirects) {
    const path = absolute(state, expandOne(state, thread.status, r.to, io, cap))
    if (r.op === '<') input = io.files.get(path) ?? ''
    else if (r.fd !== 2) {
      const toLog = path === '/dev/stdout' || path === '/dev/stderr' || path.startsWith('/proc/1/fd/')
      if (r.op === '>' && path !== '/dev/null' && !toLog) io.files.set(path, '')
      if (!toLog) out = path === '/dev/null' ? () => undefined : (text) => io.files.set(path, (io.files.get(path) ?? '') + text)
    }
  }
  const run: Run = { state, thread, io: { ...io, out }, words, input, once: false }
  if (words.length === 0) {
    thread.status = 0
    return undefined
  }
  const result = runCommand(run)
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
  state.busy = words[0] ?? ''
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
  const state: ShellState = { ...outer, threads: [], vars: { ...outer.vars }, functions: { ...outer.functions }, trap: null, signalled: false, exit: null, busy: '', syntaxError: '' }
  const thread: Thread = { id: 0, frames: [frame(node)], status: 0, waiting: false }
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
