import { Exit, Suspended, type Io } from '../io'
import { expand, expandAll, pattern, type Expander } from './expand'
import { LoopEnd } from './loop-end'
import type { MachineChange } from './machine'
import { programs } from './programs'
import { parseShell, SyntaxProblem, type Command, type Redirect, type Script } from './syntax'

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
  readonly streams?: (args: readonly string[]) => boolean
}

/** Most rounds of all loops of a line. */
const mostRounds = 1000
/** Longest output that is kept for a pipe or a file. Units: characters. */
const mostCaptured = 8 * 1024 * 1024

/** What programs that people look for here should be replaced with. */
const INSTEAD: Readonly<Record<string, string>> = {
  helm: 'Charts cannot be installed here. Use kubectl apply -f FILE, or kubectl apply -k DIRECTORY.',
  docker: 'The nodes run containerd, and you are not on a node. Use kubectl run, kubectl get pods and kubectl logs.',
  podman: 'The nodes run containerd, and you are not on a node. Use kubectl run, kubectl get pods and kubectl logs.',
  crictl: 'crictl runs on nodes. Use kubectl describe pod and kubectl logs.',
  kubeadm: 'The cluster is already set up. Add or remove nodes on the map.',
  systemctl: 'Services run on the nodes. Stop and start components on the map, or use kubectl get nodes.',
  journalctl: 'Services run on the nodes. Use kubectl describe node and kubectl get events.',
  ssh: 'There is no way into nodes by ssh. Use kubectl debug node/NAME -it --image=busybox.',
  minikube: 'The cluster already runs. kubectl get nodes shows it.',
  kind: 'The cluster already runs. kubectl get nodes shows it.',
  kubectx: 'Use kubectl config use-context NAME.',
  kubens: 'Use kubectl config set-context --current --namespace=NAME.',
  k9s: 'Use kubectl get -w, or look at the map.',
  jq: 'Use -o jsonpath=… or -o custom-columns=… of kubectl.',
  yq: 'Use -o jsonpath=… or -o custom-columns=… of kubectl.',
  git: 'There are no repositories here. Paste manifests, or drop files on the terminal.',
  openssl: 'Keys and certificates cannot be made here: any text between -----BEGIN …----- lines is taken.',
  base32: 'Use base64.',
  istioctl: 'There is no service mesh here.',
  linkerd: 'There is no service mesh here.',
  kubeseal: 'There are no sealed secrets here. Use kubectl create secret.',
  k3s: 'The cluster already runs. kubectl get nodes shows it.',
  sudo: 'You need no rights here: run the command itself.',
  apt: 'Nothing can be installed here.',
  'apt-get': 'Nothing can be installed here.',
  etcdctl: 'etcd is not reachable from here. kubectl get --raw /healthz asks the API server.',
}

/** Runs a line; answers the exit code. Errors: throws Suspended. */
export function runLine(line: string, io: Io, kubectl: Kubectl): number {
  const run = new ShellRun(io, kubectl)
  try {
    return run.text(line)
  } catch (thrown) {
    // `break` and `continue` outside of a loop mean nothing.
    if (!(thrown instanceof LoopEnd)) throw thrown
    io.err(`sh: ${thrown.how}: only meaningful in a \`for', \`while', or \`until' loop\n`)
    return 0
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
export class ShellRun implements Expander {
  private rounds = 0
  /** Positional parameters of the function that runs. */
  args: readonly string[] = []
  /** Files of process substitutions so far. */
  private substituted = 0
  /** The loop that is all of the line, or the list that is: it may forget what was answered, step by step, so that a long one does not do everything anew each time. */
  private forgets: Command | Script | undefined
  private depth = 0
  /** Whether a kubectl has run in this line: the first one's start is waited for by the process. */
  private began = false

  constructor(
    readonly io: Io,
    private readonly kubectl: Kubectl,
  ) {}

  /** Reads and runs text: a line, a file of commands. */
  text(text: string): number {
    let script: Script
    try {
      script = parseShell(text)
    } catch (thrown) {
      if (!(thrown instanceof SyntaxProblem)) throw thrown
      this.io.err(`sh: ${thrown.message}\n`)
      return 2
    }
    const only = script.length === 1 && script[0]?.pipe.length === 1 && !script[0].not ? script[0].pipe[0] : undefined
    if (this.depth === 0 && this.io.stdin === undefined) this.forgets = script.length > 1 ? script : only?.kind === 'while' || only?.kind === 'for' ? only : undefined
    return this.script(script)
  }

  script(script: Script): number {
    const { machine } = this.io
    if (++this.depth > 50) throw new Exit(2, 'sh: commands are nested too deep')
    const forgets = this.forgets === script
    const from = forgets ? (this.recall()?.at ?? 0) : 0
    for (const [i, { after, not, pipe, background }] of script.entries()) {
      if (i < from) continue
      if (forgets && i > from) this.forget(i)
      if ((after === '&&' && machine.last !== 0) || (after === '||' && machine.last === 0)) continue
      if (background !== undefined) {
        machine.last = this.start(background)
        continue
      }
      const code = this.pipeline(pipe, 0)
      machine.last = not ? (code === 0 ? 1 : 0) : code
    }
    this.depth--
    return machine.last
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

  /** Runs the commands of a pipeline from one on; each has its whole input, except when a command before it goes on. */
  private pipeline(pipe: readonly Command[], from: number, partial = false): number {
    const { io } = this
    const last = from === pipe.length - 1
    if (last) return this.command(pipe[from] as Command, partial)
    const before = io.stdout
    const stdin = io.stdin
    io.stdout = ''
    try {
      this.command(pipe[from] as Command, partial)
    } catch (thrown) {
      const sofar = io.stdout
      io.stdout = before
      if (thrown instanceof Suspended && this.canStream(pipe, from + 1)) {
        io.stdin = sofar.slice(0, sofar.lastIndexOf('\n') + 1)
        this.pipeline(pipe, from + 1, true)
        io.stdin = stdin
      } else if (!(thrown instanceof Suspended)) io.stdout = before + sofar
      throw thrown
    }
    const captured = io.stdout
    io.stdout = before
    if (captured.length > mostCaptured) throw new Exit(1, 'sh: the output is too long for a pipe')
    io.stdin = captured
    const code = this.pipeline(pipe, from + 1, partial)
    io.stdin = stdin
    return code
  }

  private canStream(pipe: readonly Command[], from: number): boolean {
    return pipe.slice(from).every((c) => {
      if (c.kind !== 'simple' || c.redirects.length > 0 || c.words.some((w) => w.some((p) => 'script' in p))) return false
      const [name = '', ...args] = expandAll(c.words, this)
      return programs[name]?.streams?.(args) === true
    })
  }

  private command(c: Command, partial: boolean): number {
    const { io } = this
    const { machine } = io
    switch (c.kind) {
      case 'group': {
        const run = (): number => (c.apart ? this.apart(() => this.script(c.body)) : this.script(c.body))
        return c.redirects === undefined ? run() : this.redirected(c.redirects, run)
      }
      case 'function':
        machine.aliases = Object.keys(machine.aliases).length < 200 ? { ...machine.aliases, [`${c.name}()`]: c.text } : machine.aliases
        return 0
      case 'case': {
        const word = expand(c.word, this).join(' ')
        for (const arm of c.arms) if (arm.patterns.some((p) => pattern(expand(p, this).join(' ')).test(word))) return this.script(arm.body)
        return 0
      }
      case 'if': {
        for (const { test, body } of c.branches) if (this.script(test) === 0) return this.script(body)
        machine.last = 0
        return c.otherwise ? this.script(c.otherwise) : 0
      }
      case 'for': {
        let code = 0
        const kept = this.forgets === c ? this.recall() : undefined
        const words = kept?.words ?? expandAll(c.words, this)
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
      case 'while': {
        let code = 0
        const forgets = this.forgets === c
        if (forgets) this.recall()
        while ((this.script(c.test) === 0) !== c.until) {
          this.round()
          const ended = this.body(c.body)
          code = machine.last
          if (ended) break
          if (forgets) this.forget(0)
        }
        return code
      }
      case 'simple':
        return this.simple(c, partial)
    }
  }

  /** Runs the body of a loop once; whether `break` ended the loop. */
  private body(script: Script): boolean {
    const depth = this.depth
    try {
      this.script(script)
    } catch (thrown) {
      if (!(thrown instanceof LoopEnd)) throw thrown
      this.depth = depth
      if (--thrown.levels > 0) throw thrown
      return thrown.how === 'break'
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

  /** Runs something as a subshell does: directory, variables and aliases are as before afterwards. */
  private apart(act: () => number): number {
    const { machine } = this.io
    const { cwd, vars, aliases } = machine
    try {
      return act()
    } finally {
      Object.assign(machine, { cwd, vars, aliases })
    }
  }

  private round(): void {
    if (++this.rounds > mostRounds) throw new Exit(1, `sh: the loop was ended after ${mostRounds} rounds`)
  }

  /** A variable's value. */
  variable(name: string): string {
    const { machine } = this.io
    if (name === '?') return String(machine.last)
    if (name === '#') return String(this.args.length)
    if (name === '@' || name === '*') return this.args.join(' ')
    if (/^[1-9]$/.test(name)) return this.args[Number(name) - 1] ?? ''
    if (name === '0') return 'sh'
    if (name === '$') return '1'
    if (name === 'PWD') return machine.cwd
    return Object.hasOwn(machine.vars, name) ? (machine.vars[name] as string) : ''
  }

  set(name: string, value: string): void {
    const { machine } = this.io
    machine.vars = { ...machine.vars, [name]: value }
  }

  /** The output of commands, as a substitution uses it. */
  capture(script: Script): string {
    const { io } = this
    const before = io.stdout
    io.stdout = ''
    try {
      this.script(script)
      return io.stdout.replace(/\n+$/, '')
    } finally {
      io.stdout = before
    }
  }

  captureFile(script: Script): string {
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
      const fits = /[*?[]/.test(part) ? pattern(part) : undefined
      found = found.flatMap((dir) => {
        if (fits === undefined) return machine.isDir(dir + part) || machine.read(dir + part) !== undefined ? [`${dir}${part}/`] : []
        return machine.list(dir || '.').map((n) => n.replace(/\/$/, '')).filter((n) => (!n.startsWith('.') || part.startsWith('.')) && fits.test(n)).map((n) => `${dir}${n}/`)
      }).slice(0, 1000)
    }
    return found.filter((p) => p.endsWith('/') && p !== '/').map((p) => (word.endsWith('/') ? p : p.slice(0, -1)))
  }

  private simple(c: Command & { kind: 'simple' }, partial: boolean): number {
    const { io } = this
    const { machine } = io
    let words = expandAll(c.words, this)
    const seen = new Set<string>()
    for (let name = words[0]; name !== undefined && c.words[0]?.every((p) => 'text' in p && !p.quoted) && !seen.has(name) && Object.hasOwn(machine.aliases, name); name = words[0]) {
      seen.add(name)
      const first = parseShell(machine.aliases[name] as string)[0]?.pipe[0]
      if (first?.kind !== 'simple') break
      words = [...expandAll(first.words, this), ...words.slice(1)]
    }
    const assigns = c.assigns.map(([k, w]): readonly [string, string] => [k, expand(w, this).join(' ')])
    if (words.length === 0) {
      for (const [k, v] of assigns) this.set(k, v)
      return this.redirected(c.redirects, () => 0)
    }
    const vars = machine.vars
    if (assigns.length > 0) machine.vars = { ...vars, ...Object.fromEntries(assigns) }
    const code = this.redirected(c.redirects, () => this.invoke(words, partial))
    if (assigns.length > 0) machine.vars = vars
    return code
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
      if (text !== undefined) return this.text(text)
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
    this.args = args
    try {
      return this.text(text)
    } finally {
      this.args = before
    }
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
      const path = expand(to, this).join(' ')
      const complain = (why: string): number => {
        io.stdin = before.stdin
        io.err(`sh: ${printable(path)}: ${why}\n`)
        return 1
      }
      if (op === 'text') io.stdin = path
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
