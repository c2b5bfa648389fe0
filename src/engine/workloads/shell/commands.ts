import { SyntaxProblem, arithmetic, arrayOf, options, parseScript, readFields, testExpression, xargsOf } from '../../shell'
import { parseImage } from '../image'
import { servers } from '../servers'
import { isKnownSystem } from '../systems'
import { identity, idName } from '../identity'
import { clientCommands } from './client-commands'
import { complain, say, wholeInput, type Command, type CommandResult, type Run } from './command'
import { textFiles } from './files'
import { closedPipe, commandOf, copyOf, endThread, frame, inputOf, parsed, pushScript, spawn } from './frames'
import { networkCommands } from './network-commands'
import { absolute } from './path'
import { ThreadScope } from './scope'
import { sleepTime } from './sleep-time'
import { pidOf, type Frame, type Thread } from './state'
import { loadCommands, mountsOf } from './stress'
import { printVariables, textCommands } from './text-commands'

const test: Command = (run, args) => {
  const name = run.words[0] ?? ''
  const result = testExpression(textFiles(run), name === 'test' ? args : args.slice(0, -1), name === '[[', (parts) => (run.env.vars['BASH_REMATCH'] = arrayOf(parts)))
  if (typeof result === 'number') return result
  complain(run, `${run.env.args[0] ?? 'sh'}: ${result}`)
  return 2
}

/** `ps`: the container's first process and itself. */
const ps: Command = (run) => {
  const { command, args, image } = run.io.spec
  const { base } = parseImage(image)
  const first = command.length > 0 ? [...command, ...args].join(' ').replace(/\s+/g, ' ') : [(Object.hasOwn(servers, base) ? servers[base]?.title : undefined) ?? `/${base}`, ...args].join(' ')
  const user = idName(userOf(run)).padEnd(8)
  say(run, `PID   USER     TIME  COMMAND\n    1 ${user}  0:00 ${first}\n${String(pidOf(run.thread.id) + 6).padStart(5)} ${user}  0:00 ${run.words.join(' ')}`)
  return 0
}

/** Runs the words behind a word that changes nothing here (`nohup`, `time`). */
const behind: Command = (run, args) => (args.length === 0 ? 0 : runCommand({ ...run, words: args }))

const commands: Readonly<Record<string, Command>> = {
  ...textCommands,
  ':': () => 0,
  true: () => 0,
  false: () => 1,
  sleep(run, args) {
    let total = 0
    for (const a of args) {
      const t = sleepTime(a)
      if (t === undefined) {
        complain(run, `sleep: invalid number '${a}'`)
        return 1
      }
      total += t
    }
    return { until: run.io.now + total }
  },
  exit(run, args) {
    run.thread.exit = args[0] === undefined ? run.thread.status : (Number(args[0]) || 0) & 255
    return run.thread.exit
  },
  return(run, args) {
    const { thread } = run
    const status = args[0] === undefined ? thread.status : (Number(args[0]) || 0) & 255
    for (let f = thread.frames.pop(); f !== undefined; f = thread.frames.pop()) if (f.call !== null) {
      run.env.args = f.call
      break
    }
    return status
  },
  break: (run, args) => leaveLoop(run.thread, Number(args[0] ?? 1) || 1, true),
  continue: (run, args) => leaveLoop(run.thread, Number(args[0] ?? 1) || 1, false),
  wait: () => 'jobs',
  jobs: () => 0,
  cd(run, args) {
    const to = args[0] === '-' ? (run.env.vars['OLDPWD'] ?? '/') : (args[0] ?? run.env.vars['HOME'] ?? '/root')
    const path = absolute({ cwd: run.env.cwd, root: '' }, to)
    if (run.io.files.has(absolute(run.env, to))) {
      complain(run, `${run.env.args[0] ?? 'sh'}: cd: can't cd to ${to}: Not a directory`)
      return 1
    }
    run.env.vars['OLDPWD'] = run.env.cwd
    run.env.cwd = path
    return 0
  },
  pwd: (run) => (say(run, run.env.cwd), 0),
  export: (run, args) => assign(run, args),
  readonly: (run, args) => assign(run, args),
  local: (run, args) => assign(run, args),
  declare: (run, args) => assign(run, args),
  unset(run, args) {
    for (const a of args) {
      delete run.env.vars[a]
      delete run.env.functions[a]
    }
    return 0
  },
  let(run, args) {
    const scope = new ThreadScope(run.state, run.thread, run.io, () => ({ output: '', status: 0, elapsed: 0 }))
    let value = 0
    for (const a of args) value = arithmetic(a, scope)
    return value === 0 ? 1 : 0
  },
  set(run, args) {
    const { env } = run
    for (let i = 0; i < args.length; i++) {
      const a = args[i] as string
      if (a === '--' || !/^[-+]/.test(a)) {
        env.args = [env.args[0] ?? 'sh', ...args.slice(a === '--' ? i + 1 : i)]
        break
      }
      const named = /^[-+]\w*o$/.test(a) ? args[++i] : undefined
      const letters = a.slice(1).replace(/[^eux]/g, '') + (named === 'pipefail' ? 'p' : named === 'errexit' ? 'e' : named === 'nounset' ? 'u' : named === 'xtrace' ? 'x' : '')
      const others = [...env.options].filter((c) => !letters.includes(c)).join('')
      env.options = a.startsWith('-') ? others + letters : others
    }
    return 0
  },
  shopt: () => 0,
  umask: () => 0,
  ulimit: () => 0,
  shift(run, args) {
    const n = Number(args[0] ?? 1) || 0
    if (n >= run.env.args.length) return 1
    run.env.args = [run.env.args[0] ?? 'sh', ...run.env.args.slice(1 + n)]
    return 0
  },
  trap(run, args) {
    const { traps } = run.env
    if (args.length === 0) for (const [signal, script] of Object.entries(traps)) say(run, `trap -- '${script}' ${signal}`)
    for (const s of args.slice(1)) {
      const signal = signalNamed(s)
      if (args[0] === '-') delete traps[signal]
      else traps[signal] = args[0] ?? ''
    }
    return 0
  },
  eval: (run, args) => push(run, args.join(' ')),
  '.': (run, args) => source(run, args),
  source: (run, args) => source(run, args),
  read,
  exec(run, args) {
    const { thread, frame: own } = run
    if (args.length === 0) {
      // The redirections hold for what follows.
      const base = thread.frames[0] as Frame
      base.out = own.out ?? base.out
      base.err = own.err ?? base.err
      base.input = own.input ?? base.input
      return 0
    }
    // What it replaces is never come back to.
    thread.frames = [own]
    run.env.traps = {}
    return runCommand({ ...run, words: args })
  },
  command: (run, args) => (args[0] === '-v' || args[0] === '-V' ? which(run, args.slice(1)) : behind(run, args)),
  builtin: behind,
  which: (run, args) => which(run, args),
  type: (run, args) => which(run, args),
  env(run, args) {
    const at = args.findIndex((a) => !a.startsWith('-') && !a.includes('='))
    for (const a of at < 0 ? args : args.slice(0, at)) if (a.includes('=')) run.env.vars[a.slice(0, a.indexOf('='))] = a.slice(a.indexOf('=') + 1)
    if (at >= 0) return runCommand({ ...run, words: args.slice(at) })
    printVariables(run)
    return 0
  },
  chroot(run, args) {
    const [root = '', ...command] = args.filter((a) => !a.startsWith('--'))
    const env = copyOf(run.env)
    env.root = absolute(run.env, root)
    if (env.root === '/') env.root = ''
    env.cwd = '/'
    return spawn(run.state, run.thread, commandOf(command.length > 0 ? command : ['sh']), env) ? 'children' : 1
  },
  nohup: behind,
  time: behind,
  nice: (run, args) => behind(run, args[0] === '-n' ? args.slice(2) : args.filter((a, i) => i > 0 || !a.startsWith('-'))),
  timeout(run, args) {
    const at = args.findIndex((a, i) => sleepTime(a) !== undefined && args[i - 1] !== '-k')
    const words = args.slice(at + 1)
    if (at < 0 || words.length === 0) {
      complain(run, 'timeout: usage: timeout [-s SIG] SECS PROG ARGS')
      return 1
    }
    const deadline = run.io.now + Math.max(1, sleepTime(args[at] as string) as number)
    return spawn(run.state, run.thread, commandOf(words), copyOf(run.env), inputOf(run.thread), deadline) ? 'children' : 1
  },
  test,
  '[': test,
  '[[': test,
  sh: (run, args) => shell(run, args),
  bash: (run, args) => shell(run, args),
  ash: (run, args) => shell(run, args),
  dash: (run, args) => shell(run, args),
  xargs(run, args) {
    const all = wholeInput(run)
    if (all === null) return 'input'
    const lines = xargsOf(args, all).slice(0, 1000)
    if (lines.length === 0) return 0
    const items = lines.map((words) => ({ after: '' as const, node: commandOf(words) }))
    return spawn(run.state, run.thread, Object.freeze({ t: 'seq', items }), copyOf(run.env), closedPipe('')) ? 'children' : 1
  },
  kill,
  hostname: (run, args) => (say(run, args.some((a) => a === '-i' || a === '-I') ? run.io.ip : run.io.spec.hostname), 0),
  free: (run) => (say(run, '              total        used        free      shared  buff/cache   available\nMem:        4194304      812344     2101236        2088     1280724     3106548'), 0),
  mount: (run) => (say(run, ['overlay on / type overlay (rw,relatime)', ...mountsOf(run).map((m) => `${m.device} on ${m.path} type ${m.type} (${m.readOnly ? 'ro' : 'rw'},relatime)`)].join('\n')), 0),
  cowsay: (run, args) => (say(run, ` ${'_'.repeat(args.join(' ').length + 2)}\n< ${args.join(' ')} >\n ${'-'.repeat(args.join(' ').length + 2)}`), 0),
  fortune: (run) => (say(run, 'You will be surprised by a loud noise.'), 0),
  python: (run, args) => python(run, args),
  python3: (run, args) => python(run, args),
  whoami: (run) => (userOf(run) === 0 ? (say(run, 'root'), 0) : (complain(run, `whoami: unknown uid ${userOf(run)}`), 1)),
  id: (run, args) => (say(run, identity(run.io.spec, args.join(''))), 0),
  uname: (run, args) => (say(run, args.includes('-a') ? `Linux ${run.io.spec.hostname} 6.12.57+deb13-amd64 x86_64 GNU/Linux` : 'Linux'), 0),
  nproc: (run) => (say(run, '2'), 0),
  sync: () => 0,
  ps,
  ...loadCommands,
  yes(run, args) {
    const { out } = run.thread
    // To a log it would never end; into a pipe it writes as much as fits.
    if (out === null || run.frame.out !== null) return { until: Infinity, cpuMillis: 1000 }
    run.io.out(`${args.length > 0 ? args.join(' ') : 'y'}\n`.repeat(1000))
    return { again: run.io.now }
  },
  apk: () => 0,
  'apt-get': () => 0,
  apt: () => 0,
  ...networkCommands,
  ...clientCommands,
}

function userOf(run: Run): number {
  return run.io.spec.user ?? 0
}

/** One-liners that print a literal; a Python of its own is beyond this house. */
function python(run: Run, args: readonly string[]): number {
  const script = args[args.indexOf('-c') + 1] ?? ''
  const m = /^print\((['"])(.*)\1\)$/.exec(script.trim())
  if (m) say(run, m[2] as string)
  return 0
}

/** Leaves so many loops; the last of them whole, or for its next round. */
function leaveLoop(thread: Thread, levels: number, whole: boolean): number {
  let left = Math.max(1, levels)
  for (let i = thread.frames.length - 1; i >= 0; i--) {
    const f = thread.frames[i] as Frame
    if (f.call !== null) break
    if ((f.node.t !== 'loop' && f.node.t !== 'for') || --left > 0) continue
    thread.frames.length = whole ? i : i + 1
    if (!whole && f.node.t === 'loop') f.pc = 2
    return 0
  }
  return 0
}

const signals: Readonly<Record<string, string>> = { 0: 'EXIT', 1: 'HUP', 2: 'INT', 3: 'QUIT', 9: 'KILL', 15: 'TERM' }
const signalNamed = (text: string): string => signals[text] ?? text.toUpperCase().replace(/^SIG/, '')

/** `kill`: jobs of this shell by their process ids; what else runs in the container is process 1. */
function kill(run: Run, args: readonly string[]): CommandResult {
  let signal = 'TERM'
  let status = 0
  for (let i = 0; i < args.length; i++) {
    const a = args[i] as string
    if (a === '-s') signal = signalNamed(args[++i] ?? '')
    else if (a.startsWith('-')) signal = signalNamed(a.slice(1))
    else {
      const thread = run.state.threads.find((t) => String(pidOf(t.id)) === a && t !== run.thread)
      if (signal === '0' || signal === 'EXIT') status = thread !== undefined || a === '1' ? status : 1
      else if (a === '1' && run.io.signal !== undefined) run.io.signal(signal)
      else if (a === '1' && run.thread.id !== 0) run.state.signalled = signal
      else if (a === '1') {
        if (run.env.traps[signal] !== undefined) run.state.signalled = signal
      } else if (thread !== undefined) endThread(run.state, thread, signal === 'KILL' ? 137 : 143)
      else {
        complain(run, `${run.env.args[0] ?? 'sh'}: can't kill pid ${a}: No such process`)
        status = 1
      }
    }
  }
  return status
}

/** `read`: the next line of what comes in, split into variables. */
function read(run: Run, args: readonly string[]): CommandResult {
  const o = options(args, 'rp:n:t:sa:d:u:')
  const pipe = inputOf(run.thread)
  const { held } = run.frame
  const text = held + pipe.text
  const cut = text.indexOf('\n')
  if (cut < 0 && pipe.writers > 0) {
    run.frame.held = text
    pipe.text = ''
    if (o.has('p') && held === '' && run.frame.count++ === 0) run.io.err(o.value('p') as string)
    return 'input'
  }
  pipe.text = cut < 0 ? '' : text.slice(cut + 1)
  const names = o.rest.length === 0 ? ['REPLY'] : o.rest
  const values = readFields(cut < 0 ? text : text.slice(0, cut), names.length, run.env.vars['IFS'], o.has('r'))
  for (const [i, name] of names.entries()) run.env.vars[name] = values[i] ?? ''
  return cut < 0 ? 1 : 0
}

function assign(run: Run, args: readonly string[]): number {
  for (const a of args) {
    const eq = a.indexOf('=')
    if (eq > 0) run.env.vars[a.slice(0, eq)] = a.slice(eq + 1)
  }
  return 0
}

/** Runs a script in this shell. */
function push(run: Run, script: string): CommandResult {
  const error = pushScript(run.thread, script)
  if (error === '') return 'pushed'
  complain(run, `${run.env.args[0] ?? 'sh'}: ${error}`)
  return 2
}

function source(run: Run, args: readonly string[]): CommandResult {
  const content = run.io.files.get(absolute(run.env, args[0] ?? ''))
  if (content !== undefined) return push(run, content)
  complain(run, `${run.env.args[0] ?? 'sh'}: .: ${args[0] ?? ''}: No such file or directory`)
  return 2
}

/** Runs a script as a shell of its own. */
function script(run: Run, text: string, args: readonly string[], letters = ''): CommandResult {
  const node = parsed(text)
  if (typeof node === 'string') {
    complain(run, `${args[0] ?? 'sh'}: ${node}`)
    return 2
  }
  const env = { ...copyOf(run.env), args, options: letters }
  return spawn(run.state, run.thread, node, env) ? 'children' : 1
}

function shell(run: Run, args: readonly string[]): CommandResult {
  const letters = args.filter((a) => /^-\w+$/.test(a)).join('').replace(/[^eux]/g, '')
  const at = args.findIndex((a) => /^-\w*c\w*$/.test(a))
  if (at >= 0) return script(run, args[at + 1] ?? '', args.length > at + 2 ? args.slice(at + 2) : [run.words[0] ?? 'sh'], letters)
  const file = args.findIndex((a) => !a.startsWith('-'))
  if (file < 0) return interactive(run)
  const name = args[file] as string
  const content = run.io.files.get(absolute(run.env, name))
  if (content !== undefined) return script(run, content, args.slice(file), letters)
  complain(run, `sh: can't open '${name}': No such file or directory`)
  return 2
}

/** A shell that reads its script: all of it from a pipe, or line by line as it is typed. */
function interactive(run: Run): CommandResult {
  const { frame: own, thread } = run
  const pipe = inputOf(thread)
  if (pipe.writers === 0 && own.count === 0) {
    const all = wholeInput(run) ?? ''
    return all === '' ? 0 : script(run, all, [run.words[0] ?? 'sh'])
  }
  own.count = 1
  for (;;) {
    const cut = pipe.text.indexOf('\n')
    if (cut < 0) {
      if (pipe.writers > 0) return 'input'
      return thread.status
    }
    const text = own.held + pipe.text.slice(0, cut + 1)
    pipe.text = pipe.text.slice(cut + 1)
    own.held = ''
    if (text.trim() === '') continue
    try {
      thread.frames.push(frame(parseScript(text, true)))
      return 'input'
    } catch (thrown) {
      if (!(thrown instanceof SyntaxProblem)) throw thrown
      if (thrown.more && text.length < 100_000) own.held = text
      else {
        complain(run, `${run.words[0] ?? 'sh'}: ${thrown.message}`)
        thread.status = 2
      }
    }
  }
}

function which(run: Run, args: readonly string[]): number {
  let status = 0
  for (const a of args) {
    if (isCommand(a)) say(run, `/bin/${a}`)
    else status = 127
  }
  return status
}

/** Whether the interpreter knows a command by this name. */
export function isCommand(name: string): boolean {
  return name in commands
}

/** Runs a command: a function of the script, a known command, or "not found". */
export function runCommand(run: Run): CommandResult {
  const [name = '', ...args] = run.words
  const body = Object.hasOwn(run.env.functions, name) ? run.env.functions[name] : undefined
  if (body) {
    run.frame.call = run.env.args
    run.env.args = [run.env.args[0] ?? 'sh', ...args]
    run.thread.frames.push(frame(body))
    return 'pushed'
  }
  const base = name.slice(name.lastIndexOf('/') + 1)
  const { machine } = run.io
  if (machine !== undefined && machine.root === run.env.root) {
    if (base === 'sudo' || base === 'su') {
      // Who is here is root already.
      const words = args.slice(args.findIndex((a) => !a.startsWith('-')))
      return args.every((a) => a.startsWith('-')) ? 0 : runCommand({ ...run, words })
    }
    const code = machine.run([base, ...args], run.io.out, run.io.err)
    if (code !== undefined) return code
  }
  const command = Object.hasOwn(commands, base) ? commands[base] : undefined
  if (command) return command(run, args)
  const file = name.includes('/') ? run.io.files.get(absolute(run.env, name)) : undefined
  if (file !== undefined) return script(run, file, run.words)
  // An image that nobody knows has programs that nobody knows: servers go on, everything else is quick and well.
  if (!isKnownSystem(run.io.spec.image)) return /\/|^(java|node|npm|yarn|gunicorn|uvicorn|flask|ruby|php|dotnet|rails|catalina\.sh|celery)$/.test(name) && !['install', 'ci', 'build', '-v', '--version'].includes(args[0] ?? '') ? { until: Infinity } : 0
  complain(run, `${run.env.args[0] ?? 'sh'}: ${name}: not found`)
  return 127
}
