import { decodeBase64, encodeBase64 } from './base64'
import { filePrograms } from './file-programs'
import { netPrograms } from './net-programs'
import { options } from './options'
import { arithmetic, pattern } from './expand'
import { jobPrograms } from './job-programs'
import { LoopEnd } from './loop-end'
import type { Call, Program } from './run'
import { expression, textPrograms } from './text-programs'

const echo: Program = {
  run({ args, io }) {
    let rest = args
    let newline = true
    let escapes = false
    while (/^-[neE]+$/.test(rest[0] ?? '')) {
      if ((rest[0] as string).includes('n')) newline = false
      if ((rest[0] as string).includes('e')) escapes = true
      rest = rest.slice(1)
    }
    const text = rest.join(' ')
    io.out((escapes ? escaped(text) : text) + (newline ? '\n' : ''))
    return 0
  },
}

const escaped = (text: string): string => text.replace(/\\(n|t|r|\\|0|e)/g, (_, c: string) => ({ n: '\n', t: '\t', r: '\r', '\\': '\\', 0: '', e: '\u001b' })[c] ?? '')

const printf: Program = {
  run({ args, io }) {
    const [format = '', ...values] = args
    let at = 0
    do {
      io.out(escaped(format).replace(/%(-?\d*)([sd%])/g, (_, width: string, kind: string) => {
        if (kind === '%') return '%'
        const v = values[at++] ?? (kind === 'd' ? '0' : '')
        const n = Math.min(200, Math.abs(Number(width) || 0))
        return width.startsWith('-') ? v.padEnd(n) : v.padStart(n)
      }))
    } while (at > 0 && at < values.length)
    return 0
  },
}

const exportVars: Program = {
  run({ args, io, shell }) {
    if (args.length === 0) for (const [k, v] of Object.entries(io.machine.vars).toSorted(([a], [b]) => (a < b ? -1 : 1))) io.out(`export ${k}='${v}'\n`)
    for (const a of args) {
      const m = /^([A-Za-z_]\w*)(?:=([^]*))?$/.exec(a)
      if (m === null) {
        io.err(`sh: export: \`${a}': not a valid identifier\n`)
        return 1
      }
      if (m[2] !== undefined) shell.set(m[1] as string, m[2])
    }
    return 0
  },
}

const alias: Program = {
  run({ args, io }) {
    const { machine } = io
    const show = (k: string): string => `alias ${k}='${machine.aliases[k]}'\n`
    if (args.length === 0) io.out(Object.keys(machine.aliases).toSorted().map(show).join(''))
    let code = 0
    for (const a of args) {
      const at = a.indexOf('=')
      if (at > 0) machine.aliases = Object.keys(machine.aliases).length < 200 ? { ...machine.aliases, [a.slice(0, at)]: a.slice(at + 1) } : machine.aliases
      else if (Object.hasOwn(machine.aliases, a)) io.out(show(a))
      else {
        io.err(`sh: alias: ${a}: not found\n`)
        code = 1
      }
    }
    return code
  },
}

const unalias: Program = {
  run({ args, io }) {
    const { machine } = io
    const gone = args.includes('-a') ? Object.keys(machine.aliases) : args
    machine.aliases = Object.fromEntries(Object.entries(machine.aliases).filter(([k]) => !gone.includes(k)))
    return 0
  },
}

/** `test` and `[`. */
const test: Program = {
  run({ name, args, io }) {
    const a = name === '[' || name === '[[' ? args.slice(0, -1) : args
    const words = a[0] === '!' ? a.slice(1) : a
    const [x = '', op, y = ''] = words
    const yes = words.length === 0 ? false
      : words.length === 1 ? x !== ''
      : words.length === 2 ? (x === '-z' ? op === '' : x === '-n' ? op !== '' : x === '-f' ? io.machine.read(op ?? '') !== undefined : x === '-d' ? io.machine.isDir(op ?? '') : x === '-e' ? io.machine.read(op ?? '') !== undefined || io.machine.isDir(op ?? '') : false)
      : name === '[[' && op === '=~' ? (expression(y, true)?.test(x) ?? false)
      : op === '=' || op === '==' ? (name === '[[' ? pattern(y).test(x) : x === y) : op === '!=' ? x !== y : op === '-eq' ? Number(x) === Number(y) : op === '-ne' ? Number(x) !== Number(y) : op === '-gt' ? Number(x) > Number(y) : op === '-ge' ? Number(x) >= Number(y) : op === '-lt' ? Number(x) < Number(y) : op === '-le' ? Number(x) <= Number(y) : false
    return yes !== (a[0] === '!') ? 0 : 1
  },
}

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

const sleep: Program = {
  run({ args, io }) {
    let total = 0
    for (const a of args) {
      const m = /^(\d*\.?\d+)([smhd]?)$/.exec(a)
      if (m === null) {
        io.err(`sleep: invalid time interval '${a}'\n`)
        return 1
      }
      total += Number(m[1]) * (SECONDS[m[2] ?? ''] as number) * 1e6
    }
    if (args.length === 0) {
      io.err('sleep: missing operand\n')
      return 1
    }
    io.sleep(Math.round(Math.min(total, 1e12)))
    return 0
  },
}

/** `watch`: runs a command again and again. What it shows anew is parted by a form feed, which clears a terminal. */
const watch: Program = {
  run({ args, io, shell }) {
    const first = args.findIndex((a, i) => !a.startsWith('-') && !/^-n$|^--interval$/.test(args[i - 1] ?? ''))
    const o = options(first < 0 ? args : args.slice(0, first), 'n:dtegc', { interval: 'n', differences: 'd', 'no-title': 't', color: 'c' })
    const words = first < 0 ? [] : args.slice(first)
    if (words.length === 0) {
      io.err('Usage:\n watch [options] command\n')
      return 1
    }
    const seconds = Math.max(0.1, Number(o.value('n') ?? 2) || 2)
    let round = io.memory(0)
    for (;;) {
      io.out(`${round === 0 ? '' : '\f'}${o.has('t') ? '' : `Every ${seconds.toFixed(1)}s: ${words.join(' ')}\n\n`}`)
      if (words.length === 1) shell.text(words[0] as string)
      else shell.invoke(words)
      io.sleep(Math.round(seconds * 1e6))
      round++
      io.again(round)
    }
  },
}

const edit: Program = {
  run({ name, args, io }) {
    const path = args.find((a) => !/^[-+]/.test(a))
    if (path === undefined) {
      io.err(`${name}: name a file: ${name} FILE\n`)
      return 1
    }
    if (io.machine.isDir(path)) {
      io.err(`${name}: ${path} is a directory\n`)
      return 1
    }
    const text = io.edit(io.machine.path(path), io.machine.read(path) ?? '')
    if (text === null) return 1
    const why = io.machine.write(path, text)
    if (why === undefined) return 0
    io.err(`${name}: ${path}: ${why}\n`)
    return 1
  },
}

const base64: Program = {
  run({ args, io, stdin }) {
    const o = options(args, 'dDw:i', { decode: 'd', wrap: 'w' })
    const text = o.rest[0] === undefined || o.rest[0] === '-' ? stdin : io.machine.read(o.rest[0])
    if (text === undefined) {
      io.err(`base64: ${o.rest[0]}: No such file or directory\n`)
      return 1
    }
    if (o.has('d') || o.has('D')) {
      const decoded = decodeBase64(text.replace(/\s+/g, ''))
      if (decoded === undefined) {
        io.err('base64: invalid input\n')
        return 1
      }
      io.out(decoded)
      return 0
    }
    const encoded = encodeBase64(text)
    const width = Number(o.value('w') ?? 76)
    io.out(width > 0 ? `${(encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n')}\n` : encoded)
    return 0
  },
}

const simple = (run: (call: Call) => number | void): Program => ({ run: (call) => run(call) ?? 0 })

function ended(how: 'break' | 'continue', args: readonly string[]): never {
  throw new LoopEnd(how, Math.max(1, Number(args[0] ?? 1) || 1))
}

/** `read`: the next line of what comes in, split into variables. */
const read: Program = {
  run({ args, io, shell }) {
    const o = options(args, 'rp:n:t:s')
    const input = io.stdin ?? io.prompt(o.value('p') ?? '')
    if (input === null || (input === '' && io.stdin !== undefined)) return 1
    const end = input.indexOf('\n')
    const line = end < 0 ? input : input.slice(0, end)
    if (io.stdin !== undefined) io.stdin = end < 0 ? '' : input.slice(end + 1)
    const names = o.rest.length === 0 ? ['REPLY'] : o.rest
    const words = line.trim().split(/\s+/)
    for (const [i, name] of names.entries()) shell.set(name, i === names.length - 1 ? words.slice(i).join(' ') : (words[i] ?? ''))
    return 0
  },
}

const letVars: Program = {
  run({ args, shell }) {
    let value = '0'
    for (const a of args) {
      const m = /^([A-Za-z_]\w*)(?:=(.*)|(\+\+|--))$/s.exec(a)
      value = arithmetic(m?.[3] === '++' ? `${m[1]}+1` : m?.[3] === '--' ? `${m[1]}-1` : (m?.[2] ?? a), shell)
      if (m !== null) shell.set(m[1] as string, value)
    }
    return value === '0' ? 1 : 0
  },
}

const BUILTINS: Readonly<Record<string, Program>> = {
  echo, printf, export: exportVars, alias, unalias, test, '[': test, sleep, watch, vi: edit, vim: edit, nano: edit, edit, base64,
  '[[': test, break: { run: ({ args }) => ended('break', args) }, continue: { run: ({ args }) => ended('continue', args) }, read, let: letVars,
  true: simple(() => 0), ':': simple(() => 0), false: simple(() => 1),
  unset: simple(({ args, io }) => {
    io.machine.vars = Object.fromEntries(Object.entries(io.machine.vars).filter(([k]) => !args.includes(k)))
  }),
  env: simple(({ io }) => io.out(Object.entries(io.machine.vars).map(([k, v]) => `${k}=${v}\n`).join(''))),
  history: simple(({ io }) => io.out(io.machine.history.map((l, i) => `${String(i + 1).padStart(5)}  ${l}\n`).join(''))),
  clear: simple(({ io }) => io.out('\f')),
  reset: simple(({ io }) => io.out('\f')),
  exit: simple(({ io }) => io.err('This terminal stays open; close its tab instead.\n')),
  return: simple(({ args }) => Number(args[0] ?? 0)),
  whoami: simple(({ io }) => io.out('you\n')),
  hostname: simple(({ io }) => io.out('you\n')),
  uname: simple(({ io, args }) => io.out(args.includes('-a') ? 'Linux you 6.1.0 #1 SMP x86_64 GNU/Linux\n' : 'Linux\n')),
  date: simple(({ io, args }) => io.out(`${dateText(io.now(), args.find((a) => a.startsWith('+')))}\n`)),
  set: simple(() => 0),
  complete: simple(() => 0),
  seq: simple(({ args, io }) => {
    const n = args.map(Number)
    const [from, step, to] = n.length === 1 ? [1, 1, n[0] as number] : n.length === 2 ? [n[0] as number, 1, n[1] as number] : [n[0] as number, n[1] as number, n[2] as number]
    let out = ''
    for (let i = from, k = 0; step !== 0 && (step > 0 ? i <= to : i >= to) && k < 10_000; i += step, k++) out += `${i}\n`
    io.out(out)
  }),
  source: { run: ({ args, io, shell }) => sourced(args, io, shell) },
  '.': { run: ({ args, io, shell }) => sourced(args, io, shell) },
  sh: { run: (call) => subshell(call) },
  bash: { run: (call) => subshell(call) },
  time: { run: ({ args, shell }) => (args.length === 0 ? 0 : shell.invoke(args)) },
  command: { run: ({ args, io, shell }) => (args[0] === '-v' ? which(args.slice(1), io) : shell.invoke(args)) },
  which: { run: ({ args, io }) => which(args, io) },
  type: { run: ({ args, io }) => which(args, io) },
  help: simple(({ io }) => io.out(`This machine has kubectl, and these programs:\n  ${Object.keys(programs).filter((n) => /^[a-z0-9]+$/.test(n)).toSorted().join(' ')}\nkubectl help lists kubectl's commands.\n`)),
}

function sourced(args: readonly string[], io: Call['io'], shell: Call['shell']): number {
  const [path = ''] = args
  // `source <(kubectl completion bash)`: completion is always on.
  const text = io.machine.read(path)
  if (text === undefined) {
    io.err(`sh: ${path}: No such file or directory\n`)
    return 1
  }
  return shell.text(text)
}

function subshell({ args, io, stdin, shell }: Call): number {
  if (args[0] === '-c') return shell.text(args[1] ?? '')
  const [path] = args.filter((a) => !a.startsWith('-'))
  if (path === undefined) return shell.text(stdin)
  return sourced([path], io, shell)
}

function which(args: readonly string[], io: Call['io']): number {
  let code = 0
  for (const a of args) {
    if (a === 'kubectl' || Object.hasOwn(programs, a)) io.out(`/usr/${a === 'kubectl' ? 'local/' : ''}bin/${a}\n`)
    else code = 1
  }
  return code
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const DAYS = 'Thu Fri Sat Sun Mon Tue Wed'.split(' ')

/** The clock of the cluster. Units: µs since 1970. */
function dateText(us: number, format: string | undefined): string {
  const seconds = Math.floor(us / 1e6)
  const day = Math.floor(seconds / 86_400)
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const m = mp < 10 ? mp + 3 : mp - 9
  const y = yoe + era * 400 + (m <= 2 ? 1 : 0)
  const d = doy - Math.floor((153 * mp + 2) / 5) + 1
  const two = (n: number): string => String(n).padStart(2, '0')
  const s = seconds % 86_400
  const H = two(Math.floor(s / 3600))
  const M = two(Math.floor((s % 3600) / 60))
  const S = two(s % 60)
  const parts: Record<string, string> = { Y: String(y), m: two(m), d: two(d), H, M, S, F: `${y}-${two(m)}-${two(d)}`, T: `${H}:${M}:${S}`, s: String(seconds), Z: 'UTC', '%': '%' }
  if (format !== undefined) return format.slice(1).replace(/%(.)/g, (all, c: string) => parts[c] ?? all)
  return `${DAYS[day % 7]} ${MONTHS[m - 1]} ${String(d).padStart(2)} ${H}:${M}:${S} UTC ${y}`
}

/** All programs of the machine but kubectl. To add one: here, or in the file of its kind. */
export const programs: Readonly<Record<string, Program>> = { ...BUILTINS, ...jobPrograms, ...textPrograms, ...filePrograms, ...netPrograms }

