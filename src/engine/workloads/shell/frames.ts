import { SyntaxProblem, parseScript, type Node, type Word } from '../../shell'
import { shellLimits, type Environment, type Frame, type Pipe, type ShellState, type Thread } from './state'

/** A command about to run. */
export function frame(node: Node): Frame {
  return { node, pc: 0, list: [], out: null, err: null, input: null, call: null, held: '', count: 0 }
}

/** A pipe that holds a text and gets no more. */
export function closedPipe(text: string): Pipe {
  return { text, writers: 0, reading: true }
}

/** What a subshell starts with. */
export function copyOf(env: Environment): Environment {
  return { ...env, vars: { ...env.vars }, functions: { ...env.functions }, traps: {} }
}

/** How a new line of control is tied to the others. */
export interface Ties {
  readonly parent: number
  readonly last: boolean
  readonly stdin: Pipe
  readonly out: Pipe | null
  readonly ownsInput: boolean
  readonly tested: boolean
}

/** A line of control about to run. */
export function newThread(id: number, node: Node, env: Environment, ties: Ties): Thread {
  return { id, parent: ties.parent, frames: [frame(node)], env, status: 0, waiting: '', until: 0, deadline: 0, children: 0, last: ties.last, stdin: ties.stdin, out: ties.out, ownsInput: ties.ownsInput, exit: null, tested: ties.tested, owed: 0, cpuMillis: 0, memoryBytes: 0, processes: 0 }
}

/** The input of a thread's present command: the innermost redirection's, else its own. */
export function inputOf(thread: Thread): Pipe {
  for (let i = thread.frames.length - 1; i >= 0; i--) {
    const { input } = thread.frames[i] as Frame
    if (input !== null) return input
  }
  return thread.stdin
}

/** Runs a script as a subshell that the thread waits for (`sh -c`, a file, `( … )`). False: there are too many. */
export function spawn(state: ShellState, thread: Thread, node: Node, env = copyOf(thread.env), stdin = inputOf(thread), deadline = 0): boolean {
  if (state.threads.length >= shellLimits.threads) return false
  const child = newThread(state.nextThread++, node, env, { parent: thread.id, last: true, stdin, out: thread.out, ownsInput: false, tested: inTest(thread) })
  child.deadline = deadline
  if (child.out) child.out.writers++
  redirectAs(child, thread)
  state.threads.push(child)
  thread.children++
  thread.waiting = 'children'
  return true
}

/** A child prints where its parent's redirections lead. */
export function redirectAs(child: Thread, parent: Thread): void {
  const base = child.frames[0] as Frame
  for (const f of parent.frames) {
    base.out = f.out ?? base.out
    base.err = f.err ?? base.err
  }
}

/** A command line as a script of that one command. */
export const commandOf = (argv: readonly string[]): Node => Object.freeze({ t: 'cmd', assigns: [], words: argv.map((text): Word => [{ is: 'text', text, quoted: true }]), redirects: [] })

/** A script as a tree; a text: why it is none. */
export function parsed(script: string): Node | string {
  try {
    return parseScript(script)
  } catch (thrown) {
    if (!(thrown instanceof SyntaxProblem)) throw thrown
    return thrown.message
  }
}

/** Ends a thread and those that it waits for. */
export function endThread(state: ShellState, thread: Thread, status: number): void {
  for (const child of state.threads.filter((t) => t.parent === thread.id)) endThread(state, child, status)
  thread.frames = []
  thread.status = status
  thread.waiting = ''
  thread.until = 0
  thread.exit = null
  thread.env.traps = {}
}

/** Puts a script on top of a thread (`eval`, `.`, a trap, a typed line). Answers a syntax error. */
export function pushScript(thread: Thread, script: string): string {
  const node = parsed(script)
  if (typeof node === 'string') return node
  thread.frames.push(frame(node))
  return ''
}

/** Whether the thread is in the test of an `if`, a loop, `&&`, `||` or `!`: what fails there does not end it. */
export function inTest(thread: Thread): boolean {
  if (thread.tested) return true
  for (const { node, pc } of thread.frames) {
    if (node.t === 'if' ? pc % 2 === 1 : node.t === 'loop' ? pc === 1 : node.t === 'seq' ? (node.items[pc]?.after ?? '') !== '' : node.t === 'pipe' && node.negate && pc === 1) return true
  }
  return false
}
