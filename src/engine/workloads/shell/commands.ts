import { formatTime } from '../../sim'
import { clientCommands } from './client-commands'
import { complain, say, type Command, type CommandResult, type Run } from './command'
import { pushCall, pushScript } from './frames'
import { isKnownSystem } from '../systems'
import { absolute } from './path'
import type { Thread } from './state'
import { networkCommands } from './network-commands'
import { loadCommands } from './stress'
import { textCommands } from './text-commands'
import { sleepTime } from './sleep-time'
import { testExpression } from './test-command'

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
    run.state.exit = args[0] === undefined ? run.thread.status : (Number(args[0]) || 0) & 255
    return run.state.exit
  },
  return(run, args) {
    while (run.thread.frames.length > 0 && run.thread.frames.pop()?.call !== true);
    return args[0] === undefined ? run.thread.status : Number(args[0]) || 0
  },
  break: (run) => leaveLoop(run.thread, true),
  continue: (run) => leaveLoop(run.thread, false),
  wait: () => 'jobs',
  cd(run, args) {
    run.state.cwd = absolute({ cwd: run.state.cwd, root: '' }, args[0] ?? '/root')
    return 0
  },
  pwd: (run) => (say(run, run.state.cwd), 0),
  export: (run, args) => assign(run, args),
  readonly: (run, args) => assign(run, args),
  local: (run, args) => assign(run, args),
  declare: (run, args) => assign(run, args),
  unset(run, args) {
    for (const a of args) delete run.state.vars[a]
    return 0
  },
  set: () => 0,
  shopt: () => 0,
  umask: () => 0,
  ulimit: () => 0,
  shift(run) {
    run.state.args = [run.state.args[0] ?? 'sh', ...run.state.args.slice(2)]
    return 0
  },
  trap(run, args) {
    const signals = args.slice(1)
    if (signals.some((s) => s === 'TERM' || s === 'SIGTERM' || s === '15')) run.state.trap = args[0] === '-' ? null : (args[0] ?? '')
    return 0
  },
  eval: (run, args) => script(run, args.join(' ')),
  read(run, args) {
    const all = run.input ?? run.state.vars['\u0000stdin']
    if (all === undefined || all === '') return 1
    const cut = all.indexOf('\n')
    const line = cut < 0 ? all : all.slice(0, cut)
    run.state.vars['\u0000stdin'] = cut < 0 ? '' : all.slice(cut + 1)
    const names = args.filter((a) => !a.startsWith('-'))
    const fields = line.trim().split(/\s+/)
    names.forEach((n, i) => (run.state.vars[n] = i === names.length - 1 ? fields.slice(i).join(' ') : (fields[i] ?? '')))
    return 0
  },
  exec: (run, args) => (args.length === 0 ? 0 : runCommand({ ...run, words: args })),
  command: (run, args) => (args[0] === '-v' ? which(run, args.slice(1)) : runCommand({ ...run, words: args })),
  which: (run, args) => which(run, args),
  chroot(run, args) {
    const [root = '', ...command] = args.filter((a) => !a.startsWith('--'))
    const { state } = run
    const before = { cwd: state.cwd, root: state.root }
    state.root = absolute(state, root)
    state.cwd = '/'
    if (state.root === '/') state.root = ''
    const result = command.length === 0 ? shell(run, []) : runCommand({ ...run, words: command })
    // A command that is over has given its place back; a script goes on in there.
    if (typeof result === 'number') Object.assign(state, before)
    return result
  },
  nohup: (run, args) => runCommand({ ...run, words: args }),
  time: (run, args) => runCommand({ ...run, words: args }),
  timeout: (run, args) => runCommand({ ...run, words: args.slice(args.findIndex((a) => sleepTime(a) !== undefined) + 1) }),
  test: (run, args) => (testExpression(run.io.files, run.state, args) ? 0 : 1),
  '[': (run, args) => (testExpression(run.io.files, run.state, args.at(-1) === ']' ? args.slice(0, -1) : args) ? 0 : 1),
  '[[': (run, args) => (testExpression(run.io.files, run.state, args.at(-1) === ']]' ? args.slice(0, -1) : args) ? 0 : 1),
  sh: (run, args) => shell(run, args),
  bash: (run, args) => shell(run, args),
  ash: (run, args) => shell(run, args),
  kill(run, args) {
    if (args.includes('1') && !run.once) run.state.exit = 143
    return 0
  },
  date(run, args) {
    const plus = args.find((a) => a.startsWith('+'))
    const iso = formatTime(run.io.wall)
    if (plus === undefined) say(run, dateText(run.io.wall, iso))
    else say(run, dateFormat(plus.slice(1), run.io.wall, iso))
    return 0
  },
  hostname: (run, args) => (say(run, args.some((a) => a === '-i' || a === '-I') ? run.io.ip : run.io.spec.hostname), 0),
  free: (run) => (say(run, '              total        used        free      shared  buff/cache   available\nMem:        4194304      812344     2101236        2088     1280724     3106548'), 0),
  mount: (run) => (say(run, 'overlay on / type overlay (rw,relatime)'), 0),
  cowsay: (run, args) => (say(run, ` ${'_'.repeat(args.join(' ').length + 2)}\n< ${args.join(' ')} >\n ${'-'.repeat(args.join(' ').length + 2)}`), 0),
  fortune: (run) => (say(run, 'You will be surprised by a loud noise.'), 0),
  python: (run, args) => python(run, args),
  python3: (run, args) => python(run, args),
  whoami: (run) => (userOf(run) === 0 ? (say(run, 'root'), 0) : (complain(run, `whoami: unknown uid ${userOf(run)}`), 1)),
  id: (run, args) => (say(run, args.includes('-u') ? String(userOf(run)) : userOf(run) === 0 ? 'uid=0(root) gid=0(root) groups=0(root)' : `uid=${userOf(run)} gid=0(root) groups=0(root)`), 0),
  uname: (run, args) => (say(run, args.includes('-a') ? `Linux ${run.io.spec.hostname} 6.12.57+deb13-amd64 x86_64 GNU/Linux` : 'Linux'), 0),
  nproc: (run) => (say(run, '2'), 0),
  sync: () => 0,
  ps: (run) => (say(run, `PID   USER     TIME  COMMAND\n    1 root      0:00 ${[...run.io.spec.command, ...run.io.spec.args].join(' ')}`), 0),
  ...loadCommands,
  yes: () => ({ until: Infinity, cpuMillis: 1000 }),
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

function leaveLoop(thread: Thread, whole: boolean): number {
  for (;;) {
    const f = thread.frames.at(-1)
    if (f === undefined) return 0
    if (f.node.t === 'loop' || f.node.t === 'for') {
      if (whole) thread.frames.pop()
      else if (f.node.t === 'loop') f.pc = 0
      return 0
    }
    thread.frames.pop()
  }
}

function assign(run: Run, args: readonly string[]): number {
  for (const a of args) {
    const eq = a.indexOf('=')
    if (eq > 0) run.state.vars[a.slice(0, eq)] = a.slice(eq + 1)
  }
  return 0
}

function script(run: Run, source: string): CommandResult {
  const error = pushScript(run.thread, source)
  if (error === '') return 'pushed'
  complain(run, `sh: ${error}`)
  return 2
}

function shell(run: Run, args: readonly string[]): CommandResult {
  const at = args.findIndex((a) => /^-\w*c\w*$/.test(a))
  if (at >= 0) return script(run, args[at + 1] ?? '')
  const file = args.find((a) => !a.startsWith('-'))
  if (file === undefined) {
    const typed = run.input ?? run.state.vars['\u0000stdin']
    if (typed !== undefined && typed !== '') return script(run, typed)
    return run.io.spec.stdin && run.thread.id === 0 && !run.once ? { until: Infinity } : 0
  }
  const content = run.io.files.get(absolute(run.state, file))
  if (content !== undefined) return script(run, content)
  complain(run, `sh: can't open '${file}': No such file or directory`)
  return 2
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
  const body = run.state.functions[name]
  if (body) {
    run.state.args = [run.state.args[0] ?? 'sh', ...args]
    pushCall(run.thread, body)
    return 'pushed'
  }
  const base = name.slice(name.lastIndexOf('/') + 1)
  const command = Object.hasOwn(commands, base) ? commands[base] : undefined
  if (command) return command(run, args)
  const file = name.includes('/') ? run.io.files.get(absolute(run.state, name)) : undefined
  if (file !== undefined) return script(run, file)
  // An image that nobody knows has programs that nobody knows: servers go on, everything else is quick and well.
  if (!isKnownSystem(run.io.spec.image)) return !run.once && /\/|^(java|node|npm|yarn|gunicorn|uvicorn|flask|ruby|php|dotnet|rails|catalina\.sh|celery)$/.test(name) && !['install', 'ci', 'build', '-v', '--version'].includes(args[0] ?? '') ? { until: Infinity } : 0
  complain(run, `${run.state.args[0] ?? 'sh'}: ${name}: not found`)
  return 127
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed']

function dateText(wall: number, iso: string): string {
  const day = days[Math.floor(wall / 86_400_000_000) % 7] ?? ''
  return `${day} ${months[Number(iso.slice(5, 7)) - 1] ?? ''} ${String(Number(iso.slice(8, 10))).padStart(2, ' ')} ${iso.slice(11, 19)} UTC ${iso.slice(0, 4)}`
}

function dateFormat(format: string, wall: number, iso: string): string {
  const fields: Readonly<Record<string, string>> = {
    Y: iso.slice(0, 4), m: iso.slice(5, 7), d: iso.slice(8, 10), H: iso.slice(11, 13), M: iso.slice(14, 16), S: iso.slice(17, 19), F: iso.slice(0, 10), T: iso.slice(11, 19),
    s: String(Math.floor(wall / 1_000_000)), N: '000000000', a: days[Math.floor(wall / 86_400_000_000) % 7] ?? '', b: months[Number(iso.slice(5, 7)) - 1] ?? '', Z: 'UTC', '%': '%',
  }
  return format.replace(/%(.)/g, (all, f: string) => fields[f] ?? all)
}
