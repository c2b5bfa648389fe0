import { matchesGlob, options } from '../../shell'
import type { Call, Program } from './run'

const complain = ({ name, io }: Call, text: string): number => {
  io.err(`${name}: ${text}\n`)
  return 1
}

const ls: Program = {
  run(call) {
    const { io } = call
    const o = options(call.args, 'laAh1RtrdF', { all: 'a', color: 'h' })
    if (o.bad !== undefined) return complain(call, `unrecognized option '${o.bad}'`)
    const { machine } = io
    const show = (names: readonly string[], dir: string): void => {
      const shown = names.filter((n) => o.has('a') || o.has('A') || !n.startsWith('.'))
      if (o.has('l')) {
        io.out(`total ${shown.length * 4}\n`)
        for (const n of shown) {
          const text = machine.read(`${dir}/${n}`)
          io.out(`${n.endsWith('/') ? 'drwxr-xr-x' : '-rw-r--r--'} 1 you you ${String(text?.length ?? 4096).padStart(7)} ${n.replace(/\/$/, '')}\n`)
        }
      } else if (shown.length > 0) io.out(`${shown.map((n) => (o.has('F') ? n : n.replace(/\/$/, ''))).join(o.has('1') || !call.shell.get('COLUMNS') ? '\n' : '  ')}\n`)
    }
    const paths = o.rest.length === 0 ? ['.'] : o.rest
    let code = 0
    for (const [i, path] of paths.entries()) {
      if (machine.isDir(path) && !o.has('d')) {
        if (paths.length > 1) io.out(`${i > 0 ? '\n' : ''}${path}:\n`)
        show(machine.list(path), path)
      } else if (machine.read(path) !== undefined || machine.isDir(path)) show([path], '.')
      else code = complain(call, `cannot access '${path}': No such file or directory`) + 1
    }
    return code
  },
}

const cd: Program = {
  run({ args, io }) {
    const to = args[0] ?? '~'
    const { machine } = io
    const path = to === '-' ? (machine.vars['OLDPWD'] ?? machine.cwd) : machine.path(to)
    if (!machine.isDir(path)) {
      io.err(`sh: cd: ${to}: ${machine.read(path) === undefined ? 'No such file or directory' : 'Not a directory'}\n`)
      return 1
    }
    machine.vars = { ...machine.vars, OLDPWD: machine.cwd }
    machine.cwd = path
    return 0
  },
}

const mkdir: Program = {
  run(call) {
    const o = options(call.args, 'p', { parents: 'p' })
    if (o.rest.length === 0) return complain(call, 'missing operand')
    let code = 0
    for (const path of o.rest) {
      const why = call.io.machine.makeDir(path, o.has('p'))
      if (why !== undefined) code = complain(call, `cannot create directory '${path}': ${why}`)
    }
    return code
  },
}

const rm: Program = {
  run(call) {
    const { machine } = call.io
    const o = options(call.args, 'rRfvi', { recursive: 'r', force: 'f' })
    if (o.rest.length === 0) return o.has('f') ? 0 : complain(call, 'missing operand')
    let code = 0
    for (const path of o.rest) {
      const full = machine.path(path)
      if (machine.read(path) !== undefined) machine.remove(path)
      else if (!machine.isDir(path)) code = o.has('f') ? code : complain(call, `cannot remove '${path}': No such file or directory`)
      else if (!o.has('r') && !o.has('R')) code = complain(call, `cannot remove '${path}': Is a directory`)
      else if (full === '/' || machine.cwd.startsWith(full)) code = complain(call, `refusing to remove '${path}'`)
      else machine.remove(path)
    }
    return code
  },
}

/** `cp` and `mv`. */
const copy: Program = {
  run(call) {
    const { machine } = call.io
    const o = options(call.args, 'rRafvp', { recursive: 'r' })
    const target = o.rest.at(-1)
    const sources = o.rest.slice(0, -1)
    if (target === undefined || sources.length === 0) return complain(call, target === undefined ? 'missing file operand' : `missing destination file operand after '${target}'`)
    let code = 0
    for (const source of sources) {
      const base = source.replace(/\/+$/, '').slice(source.replace(/\/+$/, '').lastIndexOf('/') + 1)
      const to = machine.isDir(target) ? `${target}/${base}` : target
      const from = machine.path(source)
      const files = machine.read(source) !== undefined ? [from] : machine.isDir(source) ? machine.below(source) : undefined
      if (files === undefined) code = complain(call, `cannot stat '${source}': No such file or directory`)
      else if (machine.isDir(source) && call.name === 'cp' && !['r', 'R', 'a'].some((c) => o.has(c))) code = complain(call, `-r not specified; omitting directory '${source}'`)
      else {
        if (machine.isDir(source)) machine.makeDir(to, true)
        const texts = files.map((f) => [machine.path(to) + f.slice(from.length), machine.read(f) ?? ''] as const)
        for (const [path, text] of texts) {
          machine.makeDir(path.slice(0, path.lastIndexOf('/')), true)
          const why = machine.write(path, text)
          if (why !== undefined) code = complain(call, `cannot create regular file '${path}': ${why}`)
        }
        if (call.name === 'mv' && code === 0 && machine.path(to) !== from) machine.remove(source)
      }
    }
    return code
  },
}

const touch: Program = {
  run(call) {
    const { machine } = call.io
    for (const path of call.args) {
      const why = machine.isDir(path) ? undefined : machine.write(path, machine.read(path) ?? '')
      if (why !== undefined) return complain(call, `cannot touch '${path}': ${why}`)
    }
    return 0
  },
}

const find: Program = {
  run({ args, io }) {
    const { machine } = io
    const root = args[0] !== undefined && !args[0].startsWith('-') ? args[0] : '.'
    const name = args[args.indexOf('-name') + 1]
    const fits = (f: string): boolean => name === undefined || !args.includes('-name') || matchesGlob(name, f.slice(f.lastIndexOf('/') + 1))
    const base = machine.path(root)
    for (const f of machine.below(root)) if (fits(f)) io.out(`${root}${f.slice(base.length)}\n`)
    return 0
  },
}

/** Programs about files. */
export const filePrograms: Readonly<Record<string, Program>> = {
  ls, ll: { run: (call) => ls.run({ ...call, args: ['-l', ...call.args] }) }, cd, mkdir, rm, rmdir: rm, cp: copy, mv: copy, touch, find,
  pwd: { run: ({ io }) => (io.out(`${io.machine.cwd}\n`), 0) },
}
