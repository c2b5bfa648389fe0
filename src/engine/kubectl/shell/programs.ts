import { arithmetic, arrayOf, dateText, isArray, options, readFields, testExpression, textPrograms, xargsOf, type TextProgram } from '../../shell'
import { formatTime } from '../../sim'
import { FunctionEnd, LoopEnd, ShellEnd } from './ends'
import { filePrograms } from './file-programs'
import { jobPrograms } from './job-programs'
import { netPrograms } from './net-programs'
import { openssl } from './openssl'
import type { Call, Program } from './run'

const exportVars: Program = {
  run({ args, io, shell }) {
    if (args.length === 0) for (const [k, v] of Object.entries(io.machine.vars).filter(([, value]) => !isArray(value)).toSorted(([a], [b]) => (a < b ? -1 : 1))) io.out(`export ${k}='${v}'\n`)
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

/** `test`, `[` and `[[`. */
const test: Program = {
  run({ name, args, io }) {
    const result = testExpression(io.machine, name === 'test' ? args : args.slice(0, -1), name === '[[', (parts) => (io.machine.vars = { ...io.machine.vars, BASH_REMATCH: arrayOf(parts) }))
    if (typeof result === 'number') return result
    io.err(`sh: ${name}: ${result}\n`)
    return 2
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

const simple = (run: (call: Call) => number | void): Program => ({ run: (call) => run(call) ?? 0 })

function ended(how: 'break' | 'continue', { args, io, shell }: Call): number {
  if (shell.loops > 0) throw new LoopEnd(how, Math.max(1, Number(args[0] ?? 1) || 1))
  io.err(`sh: ${how}: only meaningful in a \`for', \`while', or \`until' loop\n`)
  return 0
}

/** `read`: the next line of what comes in, split into variables. */
const read: Program = {
  run({ args, io, shell }) {
    const o = options(args, 'rp:n:t:sa:d:')
    const input = io.stdin ?? io.prompt(o.value('p') ?? '')
    if (input === null || (input === '' && io.stdin !== undefined)) return 1
    const end = input.indexOf('\n')
    if (io.stdin !== undefined) io.stdin = end < 0 ? '' : input.slice(end + 1)
    const line = end < 0 ? input : input.slice(0, end)
    const into = o.value('a')
    if (into !== undefined) {
      shell.set(into, arrayOf(line.split(/\s+/).filter(Boolean)))
      return 0
    }
    const names = o.rest.length === 0 ? ['REPLY'] : o.rest
    const values = readFields(line, names.length, shell.get('IFS'), o.has('r'))
    for (const [i, name] of names.entries()) shell.set(name, values[i] ?? '')
    return 0
  },
}

const letVars: Program = {
  run({ args, shell }) {
    let value = 0
    for (const a of args) value = arithmetic(a, shell)
    return value === 0 ? 1 : 0
  },
}

/** `set -e`, `set -u`, `set -x`, and positional parameters; other options mean nothing here. */
const set: Program = {
  run({ args, shell }) {
    const dash = args.indexOf('--')
    for (const a of dash < 0 ? args : args.slice(0, dash)) {
      const letters = /^[-+]([a-zA-Z]+)$/.exec(a)?.[1]
      if (letters === undefined) continue
      const others = [...shell.options].filter((c) => !letters.includes(c)).join('')
      shell.options = a.startsWith('-') ? others + letters.replace(/[^eux]/g, '') : others
    }
    if (dash >= 0) shell.args = args.slice(dash + 1)
    return 0
  },
}

/** `trap … EXIT`: what is done when the script (or subshell) ends; signals do not reach scripts here. */
const trap: Program = {
  run({ args, shell }) {
    if (args.slice(1).some((s) => s === 'EXIT' || s === '0')) shell.atExit = args[0] === '-' ? '' : (args[0] ?? '')
    return 0
  },
}

const shift: Program = {
  run({ args, shell }) {
    const n = Number(args[0] ?? 1) || 0
    if (n > shell.args.length) return 1
    shell.args = shell.args.slice(n)
    return 0
  },
}

const xargs: Program = {
  run({ args, io, stdin, shell }) {
    io.stdin = undefined
    let code = 0
    for (const words of xargsOf(args, stdin)) if (shell.invoke(words) !== 0) code = 123
    return code
  },
}

/** `yes`: without end, as far as somebody reads. */
const yes: Program = {
  streams: () => true,
  run({ args, io }) {
    io.out(`${args.length > 0 ? args.join(' ') : 'y'}\n`.repeat(1000))
    return io.forever()
  },
}

const BUILTINS: Readonly<Record<string, Program>> = {
  export: exportVars, alias, unalias, test, '[': test, sleep, watch, vi: edit, vim: edit, nano: edit, edit, set, trap, shift, xargs, yes, openssl,
  '[[': test, break: { run: (call) => ended('break', call) }, continue: { run: (call) => ended('continue', call) }, read, let: letVars,
  true: simple(() => 0), ':': simple(() => 0), false: simple(() => 1),
  unset: simple(({ args, io }) => {
    io.machine.vars = Object.fromEntries(Object.entries(io.machine.vars).filter(([k]) => !args.includes(k)))
  }),
  env: simple(({ io }) => io.out(Object.entries(io.machine.vars).filter(([, value]) => !isArray(value)).map(([k, v]) => `${k}=${v}\n`).join(''))),
  history: simple(({ io }) => io.out(io.machine.history.map((l, i) => `${String(i + 1).padStart(5)}  ${l}\n`).join(''))),
  clear: simple(({ io }) => io.out('\f')),
  reset: simple(({ io }) => io.out('\f')),
  exit: { run: ({ args, io }) => { throw new ShellEnd((Number(args[0] ?? io.machine.last) || 0) & 255, true) } },
  return: { run: ({ args, io }) => { throw new FunctionEnd((Number(args[0] ?? io.machine.last) || 0) & 255) } },
  whoami: simple(({ io }) => io.out('you\n')),
  hostname: simple(({ io }) => io.out('you\n')),
  uname: simple(({ io, args }) => io.out(args.includes('-a') ? 'Linux you 6.1.0 #1 SMP x86_64 GNU/Linux\n' : 'Linux\n')),
  date: simple(({ io, args }) => io.out(`${date(io.now(), args.find((a) => a.startsWith('+'))?.slice(1))}\n`)),
  readonly: exportVars, declare: exportVars, local: exportVars, typeset: exportVars,
  eval: { run: ({ args, shell }) => shell.text(args.join(' ')) },
  complete: simple(() => 0),
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
  const script = args.findIndex((a) => /^-\w*c$/.test(a))
  if (script >= 0) return shell.file(`${optionsOf(args.slice(0, script + 1))}${args[script + 1] ?? ''}`, args.slice(script + 3))
  const file = args.findIndex((a) => !a.startsWith('-'))
  if (file < 0) return shell.file(optionsOf(args) + stdin, [])
  const text = io.machine.read(args[file] as string)
  if (text !== undefined) return shell.file(optionsOf(args.slice(0, file)) + text, args.slice(file + 1))
  io.err(`sh: ${args[file]}: No such file or directory\n`)
  return 127
}

/** `sh -e`, `bash -ex` as the first line of a script. */
function optionsOf(args: readonly string[]): string {
  const letters = args.filter((a) => /^-\w+$/.test(a)).join('').replace(/[^eux]/g, '')
  return letters === '' ? '' : `set -${letters}\n`
}

function which(args: readonly string[], io: Call['io']): number {
  let code = 0
  for (const a of args) {
    if (a === 'kubectl' || Object.hasOwn(programs, a)) io.out(`/usr/${a === 'kubectl' ? 'local/' : ''}bin/${a}\n`)
    else code = 1
  }
  return code
}

/** The clock of the cluster. Units: µs since 1970. */
const date = (us: number, format: string | undefined): string => dateText(us, formatTime(us), format)

/** A program about text, on this machine's files. */
function onMachine(program: TextProgram): Program {
  return {
    streams: program.streams, enough: program.enough,
    run: ({ name, args, io, stdin }) => program.run({
      name, args, stdin, out: (text) => io.out(text), err: (text) => io.err(text),
      files: {
        read: (path) => io.machine.read(path), isDir: (path) => io.machine.isDir(path), below: (path) => io.machine.below(path), write: (path, text) => io.machine.write(path, text),
        missing: (path) => `${path}: ${io.machine.isDir(path) ? 'Is a directory' : 'No such file or directory'}`,
      },
    }),
  }
}

/** All programs of the machine but kubectl. To add one: here, or in the file of its kind. */
export const programs: Readonly<Record<string, Program>> = { ...BUILTINS, ...jobPrograms, ...Object.fromEntries(Object.entries({ ...textPrograms, less: textPrograms['cat'] as TextProgram, more: textPrograms['cat'] as TextProgram }).map(([name, p]) => [name, onMachine(p)])), ...filePrograms, ...netPrograms }

