import { SyntaxProblem, assigned, expandAll, expandOne, expandPattern, matchesGlob, parseScript, type Node, type SimpleCommand } from '../../shell'
import { MS, type Micros } from '../../sim'
import type { ProgramIO } from '../program'
import type { Run } from './command'
import { runCommand } from './commands'
import { closedPipe, copyOf, endThread, frame, inTest, inputOf, newThread, pushScript, redirectAs, spawn } from './frames'
import { isBusybox } from './files'
import { ThreadScope } from './scope'
import { pidOf, shellLimits, type Environment, type Frame, type Pipe, type ShellState, type Thread } from './state'
import { open, streamsOf, writer, type Opened } from './streams'

/** What a shell has when it begins. `args[0]` is its own name. */
export function newEnvironment(vars: Readonly<Record<string, string>>, args: readonly string[], cwd: string): Environment {
  return { vars: { ...vars }, functions: {}, args, cwd: cwd || '/', root: '', options: '', traps: {} }
}

/** A shell about to run a script. */
export function newShell(script: string | Node, env: Environment, stdin: Pipe = closedPipe('')): ShellState {
  const state: ShellState = { threads: [], nextThread: 1, stdin, signalled: '', spinning: false, syntaxError: '' }
  try {
    const node = typeof script === 'string' ? parseScript(script) : script
    state.threads.push(newThread(0, node, env, { parent: -1, last: true, stdin, out: null, ownsInput: false, tested: false }))
  } catch (thrown) {
    if (!(thrown instanceof SyntaxProblem)) throw thrown
    state.syntaxError = `${env.args[0] ?? 'sh'}: ${thrown.message}`
  }
  return state
}

/** Runs all threads until each waits or is over. Answers when to go on: a time, null for never, or the exit code. */
export function runShell(state: ShellState, io: ProgramIO): { readonly wait: Micros | null } | { readonly exit: number } {
  if (state.syntaxError !== '') {
    io.err(`${state.syntaxError}\n`)
    return { exit: 2 }
  }
  state.spinning = false
  // Each round lets every thread go on that can; what one writes lets another read.
  let moved = true
  for (let rounds = 0; moved && rounds < shellLimits.rounds && !state.spinning; rounds++) {
    moved = false
    for (let i = 0; i < state.threads.length; i++) {
      const thread = state.threads[i] as Thread
      if (!canRun(state, thread, io.now)) continue
      moved = true
      runThread(state, thread, io)
      if (thread.frames.length > 0) continue
      if (thread.id === 0) return { exit: thread.status }
      state.threads.splice(state.threads.indexOf(thread), 1)
      i = -1
      ended(state, thread)
    }
  }
  if (state.spinning) return { wait: io.now + 10 * MS }
  if (moved) {
    // What flows through its pipes never ends.
    state.spinning = true
    return { wait: io.now + 100 * MS }
  }
  let wake = Infinity
  for (const t of state.threads) {
    if (t.waiting === '') wake = Math.min(wake, t.until)
    if (t.deadline > 0) wake = Math.min(wake, t.deadline)
  }
  return { wait: wake === Infinity ? null : Math.max(wake, io.now + 1) }
}

function canRun(state: ShellState, thread: Thread, now: Micros): boolean {
  if (thread.deadline > 0 && thread.deadline <= now) return true
  switch (thread.waiting) {
    case '': return thread.until <= now
    case 'children': return thread.children === 0
    case 'jobs': return !state.threads.some((t) => t.parent === -1 && t.id !== 0)
    case 'input': {
      const pipe = inputOf(thread)
      return pipe.text !== '' || pipe.writers === 0
    }
    case 'output': return thread.out === null || !thread.out.reading || thread.out.text.length < shellLimits.pipe
  }
}

/** A thread is over: its ends of pipes are closed, and who waits for it hears of it. */
function ended(state: ShellState, thread: Thread): void {
  if (thread.out) thread.out.writers--
  if (thread.ownsInput) thread.stdin.reading = false
  if (thread.parent < 0) return
  const parent = state.threads.find((t) => t.id === thread.parent)
  if (parent === undefined) return
  parent.children--
  if (thread.last) parent.status = thread.status
  // pipefail: the last that failed counts. Stages end in any order; one that failed is not forgotten.
  else if (parent.env.options.includes('p') && thread.status !== 0) (parent.frames.at(-1) as Frame).count = thread.status
}

/** Runs one thread until it waits, or is over (no frames). */
function runThread(state: ShellState, thread: Thread, io: ProgramIO): void {
  if (thread.deadline > 0 && thread.deadline <= io.now) return endThread(state, thread, isBusybox(io.spec.image) ? 143 : 124)
  thread.waiting = ''
  thread.until = 0
  for (let steps = 0; thread.frames.length > 0 || thread.exit !== null; steps++) {
    if (steps > shellLimits.steps) {
      state.spinning = true
      return
    }
    if (thread.exit !== null) {
      leave(thread)
      continue
    }
    if (thread.frames.length > shellLimits.depth) {
      io.err('sh: out of stack space\n')
      thread.env.traps = {}
      thread.exit = 2
      continue
    }
    const { out } = thread
    if (out !== null && !out.reading) return endThread(state, thread, 141)
    if (out !== null && out.text.length >= shellLimits.pipe) {
      thread.waiting = 'output'
      return
    }
    const top = thread.frames[thread.frames.length - 1] as Frame
    if (state.signalled !== '' && thread.id === 0 && !(top.node.t === 'cmd' && top.pc > 0)) {
      const script = thread.env.traps[state.signalled]
      state.signalled = ''
      if (script !== undefined && pushScript(thread, script) !== '') thread.exit = 2
      continue
    }
    step(state, thread, top, io)
    if (thread.waiting !== '' || thread.until > io.now) return
  }
  // The end of the script is an exit too.
  if (thread.env.traps['EXIT'] !== undefined) {
    thread.exit = thread.status
    runThread(state, thread, io)
  }
}

/** `exit`: the trap of EXIT runs, then nothing more. */
function leave(thread: Thread): void {
  const code = thread.exit as number
  const script = thread.env.traps['EXIT']
  thread.exit = null
  thread.frames = []
  thread.status = code
  if (script === undefined) return
  delete thread.env.traps['EXIT']
  pushScript(thread, `${script}\nexit ${code}`)
}

function pop(thread: Thread): void {
  const f = thread.frames.pop()
  if (f !== undefined && f.call !== null) thread.env.args = f.call
}

/** `set -e`: what failed ends its shell, unless it was a test. */
function endOnFailure(thread: Thread): void {
  if (thread.status !== 0 && thread.exit === null && thread.env.options.includes('e') && !inTest(thread)) thread.exit = thread.status
}

/** One step of the top frame. */
function step(state: ShellState, thread: Thread, top: Frame, io: ProgramIO): void {
  const { node } = top
  switch (node.t) {
    case 'cmd':
      return command(state, thread, top, node, io)
    case 'seq': {
      const item = node.items[top.pc++]
      if (item === undefined) return pop(thread)
      if ((item.after === '&&' && thread.status !== 0) || (item.after === '||' && thread.status === 0)) return
      thread.frames.push(frame(item.node))
      return
    }
    case 'bg': {
      pop(thread)
      thread.status = 0
      if (state.threads.length >= shellLimits.threads) return
      const job = newThread(state.nextThread++, node.body, copyOf(thread.env), { parent: -1, last: false, stdin: closedPipe(''), out: thread.out, ownsInput: false, tested: false })
      if (job.out) job.out.writers++
      redirectAs(job, thread)
      state.threads.push(job)
      thread.env.vars['!'] = String(pidOf(job.id))
      return
    }
    case 'sub':
      if (top.pc++ === 0 && spawn(state, thread, node.body)) return
      pop(thread)
      return endOnFailure(thread)
    case 'pipe': {
      if (top.pc++ === 0) return pipeline(state, thread, node.stages)
      pop(thread)
      if (thread.env.options.includes('p') && thread.status === 0) thread.status = top.count
      if (node.negate) thread.status = thread.status === 0 ? 1 : 0
      else endOnFailure(thread)
      return
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
      return
    }
    case 'loop':
      // 0: test, 1: its result, 2: behind the body.
      if (top.pc === 0) {
        top.pc = 1
        thread.frames.push(frame(node.test))
      } else if (top.pc === 1) {
        if ((thread.status === 0) === node.until) {
          thread.status = top.count
          return pop(thread)
        }
        top.pc = 2
        thread.frames.push(frame(node.body))
      } else {
        top.pc = 0
        top.count = thread.status
        if (node.step) thread.frames.push(frame(node.step))
      }
      return
    case 'for': {
      if (top.pc === 0) top.list = node.words === null ? thread.env.args.slice(1) : expandAll(node.words, scopeOf(state, thread, streamsOf(thread, io)))
      const value = top.list[top.pc++]
      if (value === undefined) return pop(thread)
      thread.env.vars[node.name] = value
      thread.frames.push(frame(node.body))
      return
    }
    case 'case': {
      pop(thread)
      const scope = scopeOf(state, thread, io)
      const word = expandOne(node.word, scope)
      const arm = node.arms.find((a) => a.patterns.some((p) => matchesGlob(expandPattern(p, scope), word)))
      thread.status = 0
      if (arm) thread.frames.push(frame(arm.body))
      return
    }
    case 'redir': {
      if (top.pc > 0) return pop(thread)
      top.pc = 1
      const streams = streamsOf(thread, io)
      const opened = open(thread, node.redirects, streams, scopeOf(state, thread, streams))
      if (opened === null) {
        pop(thread)
        thread.status = 1
        return endOnFailure(thread)
      }
      redirect(top, opened)
      thread.frames.push(frame(node.body))
      return
    }
    case 'func':
      pop(thread)
      thread.env.functions[node.name] = node.body
      thread.status = 0
  }
}

function redirect(f: Frame, opened: Opened): void {
  f.out = opened.out ?? f.out
  f.err = opened.err ?? f.err
  f.input = opened.input ?? f.input
}

/** Starts the parts of a pipe side by side; the thread waits for all of them. */
function pipeline(state: ShellState, thread: Thread, stages: readonly Node[]): void {
  if (stages.length === 1) {
    thread.frames.push(frame(stages[0] as Node))
    return
  }
  if (state.threads.length + stages.length > shellLimits.threads) {
    thread.status = 1
    return
  }
  let stdin = inputOf(thread)
  const tested = inTest(thread)
  for (let i = 0; i < stages.length; i++) {
    const last = i === stages.length - 1
    const next: Pipe | null = last ? null : { text: '', writers: 1, reading: true }
    const child = newThread(state.nextThread++, stages[i] as Node, copyOf(thread.env), { parent: thread.id, last, stdin, out: next ?? thread.out, ownsInput: i > 0, tested })
    if (last && child.out) child.out.writers++
    redirectAs(child, thread)
    if (!last) (child.frames[0] as Frame).out = null
    state.threads.push(child)
    if (next) stdin = next
  }
  thread.children += stages.length
  thread.waiting = 'children'
}

function scopeOf(state: ShellState, thread: Thread, io: ProgramIO): ThreadScope {
  return new ThreadScope(state, thread, io, substitute)
}

/** How far a command is: not begun, to be run again with the words that it has, over at a time, over when its children are. */
const begun = { no: 0, again: 1, timed: 2, children: 3 } as const

function command(state: ShellState, thread: Thread, top: Frame, node: SimpleCommand, whole: ProgramIO): void {
  if (top.pc === begun.timed || top.pc === begun.children) {
    // The status that it ends with was kept.
    if (top.pc === begun.timed) thread.status = top.count
    pop(thread)
    thread.cpuMillis = thread.memoryBytes = thread.processes = 0
    return endOnFailure(thread)
  }
  const outer = streamsOf(thread, whole)
  let words = top.list
  let before: (readonly [string, string | undefined])[] | undefined
  const scope = scopeOf(state, thread, outer)
  if (top.pc === begun.no) words = node.words.length === 0 ? [] : expandAll(node.words, scope)
  if (node.assigns.length > 0) {
    before = []
    for (const a of node.assigns) {
      before.push([a.name, thread.env.vars[a.name]])
      thread.env.vars[a.name] = assigned(a, scope)
    }
  }
  if (top.pc === begun.no) {
    if (node.redirects.length > 0) {
      const opened = open(thread, node.redirects, outer, scope)
      if (opened === null) {
        pop(thread)
        thread.status = 1
        return endOnFailure(thread)
      }
      redirect(top, opened)
    }
    if (thread.exit !== null) return
    top.list = words
    if (thread.env.options.includes('x') && words.length > 0) outer.err(`+ ${words.join(' ')}\n`)
    if (words.length === 0) {
      pop(thread)
      thread.status = scope.substituted >= 0 ? scope.substituted : 0
      endOnFailure(thread)
      return delay(thread, whole)
    }
    if (thread.owed > 0) {
      // What its substitutions waited for is waited for now.
      top.pc = begun.again
      return delay(thread, whole)
    }
  }
  const io = top.out === null && top.err === null ? outer : { ...outer, out: top.out === null ? outer.out : writer(top.out, outer), err: top.err === null ? outer.err : writer(top.err, outer) }
  const run: Run = { state, thread, env: thread.env, frame: top, io, words }
  const depth = thread.frames.length
  const result = runCommand(run)
  // `NAME=value command`: the assignment is the command's alone.
  if (before !== undefined && words[0] !== 'export') for (const [name, value] of before) if (value === undefined) delete thread.env.vars[name]
    else thread.env.vars[name] = value
  finish(thread, top, result, depth)
}

/** What became of a command that was run. */
function finish(thread: Thread, top: Frame, result: ReturnType<typeof runCommand>, depth: number): void {
  const over = (): void => {
    const at = thread.frames.indexOf(top)
    if (at < 0) return
    if (at === thread.frames.length - 1) pop(thread)
    else thread.frames.splice(at, 1)
  }
  if (typeof result === 'number') {
    over()
    thread.status = result
    return endOnFailure(thread)
  }
  if (result === 'pushed') {
    // What it put on the thread runs with its redirections, and above it.
    if (top.out === null && top.err === null && top.input === null && top.call === null) over()
    else top.pc = begun.children
    return
  }
  if (result === 'jobs') {
    over()
    thread.status = 0
    thread.waiting = 'jobs'
    return
  }
  if (result === 'children') {
    top.pc = begun.children
    return
  }
  if (result === 'input') {
    top.pc = begun.again
    if (depth === thread.frames.length) thread.waiting = 'input'
    return
  }
  if ('again' in result) {
    top.pc = begun.again
    thread.until = result.again
    thread.cpuMillis = result.cpuMillis ?? 0
    return
  }
  top.pc = begun.timed
  top.count = result.status ?? 0
  thread.until = result.until
  thread.cpuMillis = result.cpuMillis ?? 0
  thread.memoryBytes = result.memoryBytes ?? 0
  thread.processes = result.processes ?? 0
}

function delay(thread: Thread, io: ProgramIO): void {
  if (thread.owed <= 0) return
  thread.until = io.now + thread.owed
  thread.owed = 0
}

/** Runs the commands of a substitution, as a subshell of a thread. */
function substitute(_state: ShellState, thread: Thread, body: Node, io: ProgramIO): { readonly output: string; readonly status: number; readonly elapsed: Micros } {
  let output = ''
  const r = runAtOnce(newShell(body, copyOf(thread.env), inputOf(thread)), { ...io, out: (text) => void (output.length < shellLimits.captured && (output += text)) })
  return { output, status: r.status, elapsed: r.elapsed }
}

/** Most waits of a command that is run at once. */
const mostTurns = 200
/** How often one may use up its steps. */
const mostSpins = 5

/** Runs a shell to its end in no simulated time: substitutions, probes. What it would have waited for is `elapsed`. */
export function runAtOnce(state: ShellState, io: ProgramIO): { readonly status: number; readonly elapsed: Micros; readonly finished: boolean } {
  let now = io.now
  let spins = 0
  for (let turns = 0; turns < mostTurns; turns++) {
    const r = runShell(state, now === io.now ? io : { ...io, now, wall: io.wall + (now - io.now) })
    if ('exit' in r) return { status: r.exit, elapsed: now - io.now, finished: true }
    if (r.wait === null || (state.spinning && ++spins > mostSpins)) break
    now = r.wait
  }
  return { status: state.threads[0]?.status ?? 0, elapsed: now - io.now, finished: false }
}
