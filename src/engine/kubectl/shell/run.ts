import { Cut, Exit, Suspended, type Io } from '../io'
import { SyntaxProblem, assigned, expandAll, expandOne, expandPattern, isGlob, matchesGlob, parseScript, type Node, type Redirect, type Scope, type SimpleCommand } from '../../shell'
import { FunctionEnd, LoopEnd, ShellEnd } from './ends'
import { INSTEAD } from './instead'
import type { MachineChange } from './machine'
import { programs } from './programs'

/** Runs the words of a kubectl command; answers its exit code. */
export type Kubectl = (words: readonly string[], io: Io) => number

/** What a program of the shell gets. */
export interface Call {
  readonly name: string
  readonly args: readonly string[]
  readonly io: Io
  /** All that comes in; '' without anything. */
  readonly stdin: string
  readonly shell: ShellRun
  /** The output so far of a command that goes on: print what follows from it, nothing else. */
  readonly partial: boolean
}

/** A program: prints through io, answers its exit code. */
export interface Program {
  readonly run: (call: Call) => number
  /** Its output for a part of its input is the beginning of its output for all of it: it can follow a command that goes on. */
  readonly streams?: ((args: readonly string[]) => unknown) | undefined
  /** A part of its input settles its output: who writes it can stop. */
  readonly enough?: ((args: readonly string[], sofar: string) => boolean) | undefined
}

/** Most rounds of all loops of a line. */
const mostRounds = 1000
/** Longest output that is kept for a pipe or a file. Units: characters. */
const mostCaptured = 8 * 1024 * 1024

/** Runs a line; answers the exit code. Errors: throws Suspended. */
export function runLine(line: string, io: Io, kubectl: Kubectl): number {
  const run = new ShellRun(io, kubectl)
  try {
    return run.text(line)
  } catch (thrown) {
    if (thrown instanceof ShellEnd) {
      if (thrown.asked) io.err('This terminal stays open; close its tab instead.\n')
      return thrown.code
    }
    if (thrown instanceof FunctionEnd) return thrown.code
    throw thrown
  }
}

/** What a line keeps of the steps that it has forgotten. */
interface Remembered {
  readonly last: number
  readonly began: boolean
  readonly change: MachineChange | null
  /** The step to go on with. */
  readonly at: number
  readonly words?: readonly string[] | undefined
}

/** A line that is being run. */
export class ShellRun implements Scope {
  private rounds = 0
  /** Loops that are run now, one in the other. */
  loops = 0
  /** Positional parameters of the function that runs. */
  args: readonly string[] = []
  /** Files of process substitutions so far. */
  private substituted = 0
  /** The loop that is all of the line, or the list that is: it may forget what was answered, step by step, so that a long one does not do everything anew each time. */
  private forgets: Node | undefined
  private depth = 0
  /** Whether a kubectl has run in this line: the first one's start is waited for by the process. */
  private began = false
  /** `set -e`, `set -u`, `set -x`, by their letters. */
  options = ''
  /** Script of `trap … EXIT`. */
  atExit = ''
  /** How many tests (of `if`, `while`, `&&`) are being made: what fails in them ends nothing. */
  private testing = 0

  constructor(
    readonly io: Io,
    private readonly kubectl: Kubectl,
  ) {}

  /** Reads and runs text: a line, a file of commands. */
  text(text: string): number {
    let script: Node
    try {
      script = parseScript(text)
    } catch (thrown) {
      if (!(thrown instanceof SyntaxProblem)) throw thrown
      this.io.err(`sh: ${thrown.message}\n`)
      return 2
    }
    if (this.depth === 0 && this.io.stdin === undefined) this.forgets = script.t === 'seq' || script.t === 'loop' || script.t === 'for' ? script : undefined
    return this.script(script)
  }

  script(script: Node): number {
    const { machine } = this.io
    if (++this.depth > 50) throw new Exit(2, 'sh: commands are nested too deep')
    if (script.t !== 'seq') {
      machine.last = this.item(script)
      this.endOnFailure(script, machine.last)
    } else {
      const forgets = this.forgets === script
      const from = forgets ? (this.recall()?.at ?? 0) : 0
      for (const [i, { after, node }] of script.items.entries()) {
        if (i < from) continue
        if (forgets && i > from) this.forget(i)
        if ((after === '&&' && machine.last !== 0) || (after === '||' && machine.last === 0)) continue
        const tests = (script.items[i + 1]?.after ?? '') !== ''
        if (tests) this.testing++
        machine.last = this.item(node)
        if (tests) this.testing--
        else this.endOnFailure(node, machine.last)
      }
    }
    this.depth--
    return machine.last
  }

  /** `set -e` */
  private endOnFailure(node: Node, code: number): void {
    if (code !== 0 && this.testing === 0 && this.options.includes('e') && (node.t === 'cmd' || node.t === 'sub' || (node.t === 'pipe' && !node.negate))) throw new ShellEnd(code, false)
  }

  private item(node: Node): number {
    if (node.t === 'bg') return this.start(node.text)
    if (node.t !== 'pipe') return this.command(node, false)
    if (node.negate) this.testing++
    const code = node.stages.length === 1 ? this.command(node.stages[0] as Node, false) : this.pipeline(node.stages, 0)
    if (node.negate) this.testing--
    return node.negate ? (code === 0 ? 1 : 0) : code
  }

  private test(script: Node): number {
    this.testing++
    const code = this.script(script)
    this.testing--
    return code
  }

  /** Starts a list in the background: a process of its own, of which the shell keeps track. */
  private start(line: string): number {
    const { io } = this
    const answer = io.ask('shell', { type: 'shell/background', line })
    if (answer === null || answer['job'] === undefined) {
      io.err(`sh: ${String(answer?.['error'] ?? 'nothing can run in the background here')}\n`)
      return 1
    }
    io.err(`[${String(answer['job'])}] ${String(answer['pid'])}\n`)
    this.set('!', String(answer['pid']))
    return 0
  }

  /** Runs the commands of a pipeline from one on, each as a subshell; each has its whole input, except when a command before it goes on. */
  private pipeline(pipe: readonly Node[], from: number, partial = false): number {
    const { io } = this
    const one = (): number => this.apart(() => this.command(pipe[from] as Node, partial))
    if (from === pipe.length - 1) return one()
    const before = io.stdout
    const { stdin } = io
    const { depth } = this
    io.stdout = ''
    try {
      one()
    } catch (thrown) {
      const sofar = io.stdout
      io.stdout = before
      const lines = sofar.slice(0, sofar.lastIndexOf('\n') + 1)
      if (thrown instanceof Suspended && this.hasEnough(pipe[from + 1] as Node, lines)) io.cut()
      else if (!(thrown instanceof Cut)) {
        if (thrown instanceof Suspended && this.canStream(pipe, from + 1)) {
          io.stdin = lines
          this.pipeline(pipe, from + 1, true)
          io.stdin = stdin
        } else if (!(thrown instanceof Suspended)) io.stdout = before + sofar
        throw thrown
      }
      io.stdout = lines
      this.depth = depth
    }
    const captured = io.stdout
    io.stdout = before
    if (captured.length > mostCaptured) throw new Exit(1, 'sh: the output is too long for a pipe')
    io.stdin = captured
    const code = this.pipeline(pipe, from + 1, partial)
    io.stdin = stdin
    return code
  }

  /** Whether who reads needs no more than this: `head`, `grep -q`, `grep -m`. */
  private hasEnough(c: Node, sofar: string): boolean {
    if (c.t !== 'cmd' || c.words.some((w) => w.some((p) => p.is === 'command'))) return false
    const [name = '', ...args] = expandAll(c.words, this)
    return Object.hasOwn(programs, name) && programs[name]?.enough?.(args, sofar) === true
  }

  private canStream(pipe: readonly Node[], from: number): boolean {
    return pipe.slice(from).every((c) => {
      if (c.t !== 'cmd' || c.redirects.length > 0 || c.words.some((w) => w.some((p) => p.is === 'command'))) return false
      const [name = '', ...args] = expandAll(c.words, this)
      const streams = Object.hasOwn(programs, name) ? programs[name]?.streams?.(args) : undefined
      return streams !== undefined && streams !== false
    })
  }

  private command(c: Node, partial: boolean): number {
    const { io } = this
    const { machine } = io
    switch (c.t) {
      case 'cmd': return this.simple(c, partial)
      case 'seq': return this.script(c)
      case 'pipe':
      case 'bg': return this.item(c)
      case 'sub': return this.apart(() => this.script(c.body))
      case 'redir': return this.redirected(c.redirects, () => this.command(c.body, partial))
      case 'func':
        machine.aliases = Object.keys(machine.aliases).length < 200 ? { ...machine.aliases, [`${c.name}()`]: c.text } : machine.aliases
        return 0
      case 'case': {
        const word = expandOne(c.word, this)
        for (const arm of c.arms) if (arm.patterns.some((p) => matchesGlob(expandPattern(p, this), word))) return this.script(arm.body)
        return 0
      }
      case 'if': {
        for (const { test, body } of c.arms) if (this.test(test) === 0) return this.script(body)
        machine.last = 0
        return c.otherwise ? this.script(c.otherwise) : 0
      }
      case 'for': {
        let code = 0
        const kept = this.forgets === c ? this.recall() : undefined
        const words = kept?.words ?? (c.words === null ? this.args : expandAll(c.words, this))
        for (let i = kept?.at ?? 0; i < words.length; i++) {
          this.round()
          this.set(c.name, words[i] as string)
          const ended = this.body(c.body)
          code = machine.last
          if (ended) break
          if (this.forgets === c && i + 1 < words.length) this.forget(i + 1, words)
        }
        return code
      }
      case 'loop': {
        let code = 0
        const forgets = this.forgets === c
        if (forgets) this.recall()
        while ((this.test(c.test) === 0) !== c.until) {
          this.round()
          const ended = this.body(c.body)
          code = machine.last
          if (ended) break
          if (c.step) this.test(c.step)
          if (forgets) this.forget(0)
        }
        return code
      }
    }
  }

  /** Runs the body of a loop once; whether `break` ended the loop. */
  private body(script: Node): boolean {
    const { depth, loops } = this
    this.loops++
    try {
      this.script(script)
    } catch (thrown) {
      if (!(thrown instanceof LoopEnd)) throw thrown
      this.depth = depth
      if (--thrown.levels > 0 && loops > 0) throw thrown
      return thrown.how === 'break'
    } finally {
      this.loops = loops
    }
    return false
  }

  /** Goes on from what was remembered when answers were forgotten. */
  private recall(): Remembered | undefined {
    const { machine } = this.io
    const kept = this.io.memory<Remembered | null>(null)
    if (kept === null) return undefined
    machine.last = kept.last
    this.began = kept.began
    if (kept.change !== null) machine.apply(kept.change)
    return kept
  }

  private forget(at: number, words?: readonly string[]): void {
    const { machine } = this.io
    this.io.forget({ last: machine.last, began: this.began, change: machine.change() ?? null, at, words } satisfies Remembered)
  }

  /** Runs something as a subshell does: directory, variables, aliases and options are as before afterwards, and `exit` ends no more than it. */
  apart(act: () => number): number {
    const { machine } = this.io
    const { cwd, vars, aliases } = machine
    const { options, depth, args, testing, loops } = this
    const trapped = this.atExit
    this.atExit = ''
    this.loops = 0
    try {
      let code = this.untilEnd(act, depth)
      const last = this.atExit
      this.atExit = ''
      if (last !== '') {
        machine.last = code
        code = this.untilEnd(() => (this.text(last), code), depth)
      }
      return code
    } finally {
      Object.assign(machine, { cwd, vars, aliases })
      Object.assign(this, { options, args, testing, loops, atExit: trapped })
    }
  }

  /** Runs something up to its `exit`. */
  private untilEnd(act: () => number, depth: number): number {
    try {
      return act()
    } catch (thrown) {
      if (!(thrown instanceof ShellEnd)) throw thrown
      this.depth = depth
      return thrown.code
    }
  }

  private round(): void {
    if (++this.rounds > mostRounds) throw new Exit(1, `sh: the loop was ended after ${mostRounds} rounds`)
  }

  /** A variable's value; undefined when it is not set. */
  get(name: string): string | undefined {
    const { machine } = this.io
    if (name === '?') return String(machine.last)
    if (name === '#') return String(this.args.length)
    if (name === '@' || name === '*') return this.args.join(' ')
    if (/^[1-9]/.test(name)) return this.args[Number(name) - 1]
    if (name === '0') return 'sh'
    if (name === '$') return '1'
    if (name === '-') return this.options
    if (name === 'PWD') return machine.cwd
    if (name === 'RANDOM') return String(this.io.draw(32_768))
    if (Object.hasOwn(machine.vars, name)) return machine.vars[name]
    if (this.options.includes('u') && name !== 'IFS' && name !== '!') this.refuse(`${name}: parameter not set`)
    return undefined
  }

  refuse(text: string): never {
    this.io.err(`sh: ${printable(text)}\n`)
    throw new ShellEnd(2, false)
  }

  set(name: string, value: string): void {
    const { machine } = this.io
    machine.vars = { ...machine.vars, [name]: value }
  }

  /** The output of commands, as a substitution uses it. */
  capture(script: Node): string {
    const { io } = this
    const before = io.stdout
    io.stdout = ''
    try {
      this.io.machine.last = this.apart(() => this.script(script))
      return io.stdout.replace(/\n+$/, '')
    } finally {
      io.stdout = before
    }
  }

  captureFile(script: Node): string {
    const path = `/tmp/.fd${63 - this.substituted++}`
    const text = this.capture(script)
    this.io.machine.write(path, text === '' ? '' : `${text}\n`)
    return path
  }

  /** Paths that a pattern fits. */
  glob(word: string): readonly string[] {
    const { machine } = this.io
    let found = [word.startsWith('/') ? '/' : '']
    for (const part of word.split('/').filter(Boolean)) {
      const wild = isGlob(part)
      found = found.flatMap((dir) => {
        if (!wild) return machine.isDir(dir + part) || machine.read(dir + part) !== undefined ? [`${dir}${part}/`] : []
        return machine.list(dir || '.').map((n) => n.replace(/\/$/, '')).filter((n) => (!n.startsWith('.') || part.startsWith('.')) && matchesGlob(part, n)).map((n) => `${dir}${n}/`)
      }).slice(0, 1000)
    }
    return found.filter((p) => p.endsWith('/') && p !== '/').map((p) => (word.endsWith('/') ? p : p.slice(0, -1)))
  }

  private simple(c: SimpleCommand, partial: boolean): number {
    const { io } = this
    const { machine } = io
    let words = c.words.length === 0 ? [] : expandAll(c.words, this)
    const seen = new Set<string>()
    for (let name = words[0]; name !== undefined && c.words[0]?.every((p) => p.is === 'text' && !p.quoted) && !seen.has(name) && Object.hasOwn(machine.aliases, name); name = words[0]) {
      seen.add(name)
      const first = this.aliased(machine.aliases[name] as string)
      if (first === undefined) break
      words = [...expandAll(first, this), ...words.slice(1)]
    }
    const assigns = c.assigns.map((a): readonly [string, string] => [a.name, assigned(a, this)])
    if (this.options.includes('x') && words.length > 0) io.err(`+ ${words.join(' ')}\n`)
    if (words.length === 0) {
      // `x=$(false)` fails as the commands did.
      const code = c.assigns.some((a) => a.value.some((p) => p.is === 'command')) ? machine.last : 0
      for (const [k, v] of assigns) this.set(k, v)
      return this.redirected(c.redirects, () => code)
    }
    const vars = machine.vars
    if (assigns.length > 0) machine.vars = { ...vars, ...Object.fromEntries(assigns) }
    const code = this.redirected(c.redirects, () => this.invoke(words, partial))
    if (assigns.length > 0) for (const [k] of assigns) this.restore(k, vars)
    return code
  }

  /** The words of an alias that is one command. */
  private aliased(text: string): SimpleCommand['words'] | undefined {
    try {
      const script = parseScript(text)
      return script.t === 'cmd' ? script.words : undefined
    } catch (thrown) {
      if (!(thrown instanceof SyntaxProblem)) throw thrown
      return undefined
    }
  }

  /** `NAME=value command`: the assignment was the command's alone. */
  private restore(name: string, before: Readonly<Record<string, string>>): void {
    const { machine } = this.io
    if (Object.hasOwn(before, name)) this.set(name, before[name] as string)
    else machine.vars = Object.fromEntries(Object.entries(machine.vars).filter(([k]) => k !== name))
  }

  /** Runs a program by its words. */
  invoke(words: readonly string[], partial = false): number {
    const [name = '', ...args] = words
    const { io } = this
    if (name === 'kubectl' || name === 'k') {
      if (this.began) io.sleep(40_000)
      this.began = true
      return this.kubectl(args, io)
    }
    const body = this.io.machine.aliases[`${name}()`]
    if (body !== undefined) return this.call(body, args)
    const program = Object.hasOwn(programs, name) ? programs[name] : undefined
    if (program !== undefined) return program.run({ name, args, io, stdin: io.stdin ?? '', shell: this, partial })
    if (name.includes('/')) {
      const text = io.machine.read(name)
      if (text !== undefined) return this.file(text, args)
      io.err(`sh: ${printable(name)}: ${io.machine.isDir(name) ? 'Is a directory' : 'No such file or directory'}\n`)
      return io.machine.isDir(name) ? 126 : 127
    }
    io.err(`sh: ${printable(name)}: command not found\n`)
    if (Object.hasOwn(INSTEAD, name)) io.err(`${INSTEAD[name]}\n`)
    return 127
  }

  /** Runs a function of the shell. */
  private call(text: string, args: readonly string[]): number {
    const before = this.args
    const { depth } = this
    this.args = args
    try {
      return this.text(text)
    } catch (thrown) {
      if (!(thrown instanceof FunctionEnd)) throw thrown
      this.depth = depth
      return thrown.code
    } finally {
      this.args = before
    }
  }

  /** Runs a file of commands, or the text of `sh -c`, as a shell of its own. */
  file(text: string, args: readonly string[]): number {
    return this.apart(() => {
      this.options = ''
      this.testing = 0
      return this.call(text, args)
    })
  }

  private redirected(redirects: readonly Redirect[], act: () => number): number {
    if (redirects.length === 0) return act()
    const { io } = this
    const { machine } = io
    const before = { stdout: io.stdout, stderr: io.stderr, stdin: io.stdin, merged: io.merged }
    // Where streams 1 and 2 go: a path, or the stream of the terminal (or pipe) that is given.
    let out: string | undefined
    let err: string | undefined
    let merged = io.merged
    let toErr = false
    for (const { op, fd, to } of redirects) {
      const path = expandOne(to, this)
      const complain = (why: string): number => {
        io.stdin = before.stdin
        io.err(`sh: ${printable(path)}: ${why}\n`)
        return 1
      }
      if (op === '<<') io.stdin = path
      else if (op === '<') {
        const text = machine.read(path)
        if (text === undefined) return complain(machine.isDir(path) ? 'Is a directory' : 'No such file or directory')
        io.stdin = text
      } else if (op === '>&') {
        if (fd === 2 && path === '1') {
          if (out === undefined) merged = true
          else err = out
        } else if (fd === 1 && path === '2') toErr = true
      } else {
        const why = op === '>' ? machine.write(path, '') : machine.write(path, machine.read(path) ?? '')
        if (why !== undefined) return complain(why === 'No such file or directory' ? 'No such file or directory' : why)
        if (fd === 2) err = path
        else out = path
      }
    }
    if (out !== undefined || toErr) io.stdout = ''
    if (err !== undefined && err !== out) io.stderr = ''
    io.merged = err !== undefined && err === out ? true : err !== undefined ? false : merged
    let code: number
    const settle = (): void => {
      const { stdout, stderr } = io
      io.merged = before.merged
      if (out !== undefined || toErr) io.stdout = before.stdout
      if (err !== undefined && err !== out) io.stderr = before.stderr
      if (toErr) io.stderr += stdout
      else if (out !== undefined) append(io, out, stdout)
      if (err !== undefined && err !== out) append(io, err, stderr)
      io.stdin = before.stdin
    }
    try {
      code = act()
    } catch (thrown) {
      settle()
      throw thrown
    }
    settle()
    return code
  }
}

function append(io: Io, path: string, text: string): void {
  const why = io.machine.write(path, (io.machine.read(path) ?? '') + text)
  if (why !== undefined) io.err(`sh: ${path}: ${why}\n`)
}

/** Text that can be shown in a message. */
// eslint-disable-next-line no-control-regex
export const printable = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text).replace(/[\x00-\x1f\x7f]/g, '?')
