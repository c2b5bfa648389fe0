import { dateText, isArray, matchesGlob, options, textPrograms, type TextProgram } from '../../shell'
import { SECOND, formatTime } from '../../sim'
import { ownership } from '../identity'
import { complain, say, wholeInput, type Command, type CommandResult, type Run } from './command'
import { isBusybox, isDirectory, lastLines, textFiles, write } from './files'
import { absolute } from './path'
import { disk } from './stress'

/** Thrown when a program asks for its input before all of it has come. */
class NeedsInput {}

/** A program about text as a command: it waits for its input, or makes what it can of what there is. */
function textCommand(program: TextProgram): Command {
  return (run, given) => {
    const [name = ''] = run.words
    const base = name.slice(name.lastIndexOf('/') + 1)
    const { frame } = run
    // What tee prints by and by it adds to its file.
    const args = base === 'tee' && frame.count > 0 ? ['-a', ...given] : given
    const how = base === 'tee' ? 'chunk' : program.streams?.(args)
    // Of what is made anew of all its input, so much was printed already.
    let printed = how === 'prefix' ? frame.count : 0
    const out = (text: string): void => {
      const rest = printed === 0 ? text : text.slice(printed)
      printed -= text.length - rest.length
      if (rest === '') return
      if (how === 'prefix') frame.count += rest.length
      run.io.out(rest)
    }
    const call = (stdin: () => string): number => program.run({ name: base, args, get stdin() { return stdin() }, files: textFiles(run), out, err: run.io.err })
    try {
      const status = call(() => {
        const all = wholeInput(run)
        if (all === null) throw new NeedsInput()
        return all
      })
      return how === 'chunk' ? sofar(frame.count, status) : status
    } catch (thrown) {
      if (!(thrown instanceof NeedsInput)) throw thrown
    }
    const end = frame.held.lastIndexOf('\n') + 1
    const lines = frame.held.slice(0, end)
    if (program.enough?.(args, frame.held) === true) return call(() => frame.held)
    if (end > 0 && how === 'prefix') call(() => lines)
    else if (end > 0 && how === 'chunk') {
      frame.held = frame.held.slice(end)
      // 1: it has run; 2: and found what it looks for.
      frame.count = Math.max(frame.count, call(() => lines) === 0 ? 2 : 1)
    }
    return 'input'
  }
}

/** The status of a program that has run piece by piece: one good piece is enough. */
const sofar = (before: number, status: number): number => (before === 2 && status === 1 ? 0 : status)

const lengthOf = (run: Run, path: string): number => run.io.files.get(path)?.length ?? 0

/** `tail`: of something endless it looks for the last line until memory ends; with -f it prints what is added. */
function tail(run: Run, args: readonly string[]): CommandResult {
  const o = options(args, 'n:c:fFqvs:', { follow: 'f', lines: 'n', bytes: 'c', retry: 'F', pid: 's' })
  const paths = o.rest
  if (paths.includes('/dev/zero')) return { until: Infinity, cpuMillis: 1000, memoryBytes: 1e15 }
  if (!(o.has('f') || o.has('F')) || paths.length === 0) return paths.includes('/dev/null') && paths.length === 1 ? 0 : plainTail(run, args)
  if (paths.every((p) => p === '/dev/null')) return { until: Infinity }
  const { frame } = run
  if (frame.held === '') {
    const missing = paths.filter((p) => run.io.files.get(absolute(run.env, p)) === undefined)
    for (const p of missing) complain(run, `tail: can't open '${p}': No such file or directory`)
    if (missing.length === paths.length && !o.has('F')) {
      complain(run, 'tail: no files')
      return 1
    }
    const n = o.value('n') ?? '10'
    for (const p of paths) {
      const text = run.io.files.get(absolute(run.env, p)) ?? ''
      run.io.out(n.startsWith('+') ? text.split('\n').slice(Math.max(0, Number(n) - 1)).join('\n') : lastLines(text, Math.abs(Number(n) || 0)))
    }
  } else {
    const before = frame.held.split(',').map(Number)
    for (const [i, p] of paths.entries()) {
      const text = run.io.files.get(absolute(run.env, p)) ?? ''
      const at = before[i] ?? 0
      // A file that is shorter was begun anew.
      if (text.length !== at) run.io.out(text.length > at ? text.slice(at) : text)
    }
  }
  frame.held = paths.map((p) => lengthOf(run, absolute(run.env, p))).join(',')
  // As often as the real one looks.
  return { again: run.io.now + SECOND }
}

const plainTail = textCommand(textPrograms['tail'] as TextProgram)

/** Commands that read, write and change text and files. */
export const textCommands: Readonly<Record<string, Command>> = {
  ...Object.fromEntries(Object.entries(textPrograms).map(([name, program]) => [name, textCommand(program)])),
  tail,
  touch(run, args) {
    let status = 0
    for (const p of args.filter((a) => !a.startsWith('-'))) {
      const path = absolute(run.env, p)
      if (!isDirectory(run.io.files, path) && !write(run, path, run.io.files.get(path) ?? '')) status = 1
    }
    return status
  },
  rm(run, args) {
    const flags = flagsOf(args)
    let status = 0
    for (const p of args.filter((a) => !a.startsWith('-'))) {
      const path = absolute(run.env, p)
      let found = run.io.files.delete(path)
      if (/r/i.test(flags)) for (const f of Array.from(run.io.files.keys())) if (f.startsWith(`${path}/`)) found = run.io.files.delete(f) || found
      if (!found && !flags.includes('f')) {
        complain(run, isDirectory(run.io.files, path) ? `rm: '${p}' is a directory` : `rm: can't remove '${p}': No such file or directory`)
        status = 1
      }
    }
    return status
  },
  mkdir(run, args) {
    const parents = flagsOf(args).includes('p')
    let status = 0
    for (const p of args.filter((a) => !a.startsWith('-'))) {
      const path = absolute(run.env, p)
      if (isDirectory(run.io.files, path)) {
        if (!parents) {
          complain(run, `mkdir: can't create directory '${p}': File exists`)
          status = 1
        }
      } else if (!write(run, `${path}/`, '')) status = 1
    }
    return status
  },
  cp: (run, args) => copy(run, 'cp', args),
  mv: (run, args) => copy(run, 'mv', args),
  chmod: () => 0,
  chown: () => 0,
  ln: () => 0,
  ls,
  printenv(run, args) {
    if (args.length === 0) printVariables(run)
    let status = 0
    for (const a of args) {
      const v = run.env.vars[a]
      if (v === undefined) status = 1
      else say(run, v)
    }
    return status
  },
  dd: disk,
  find(run, args) {
    const [from = '.'] = args.filter((a) => !a.startsWith('-'))
    const at = args.indexOf('-name')
    const path = absolute(run.env, from)
    const base = path === '/' ? '/' : `${path}/`
    for (const f of [...run.io.files.keys()].toSorted()) if (f.startsWith(base) && (at < 0 || matchesGlob(args[at + 1] ?? '', f.slice(f.lastIndexOf('/') + 1)))) say(run, from === '.' ? `./${f.slice(base.length)}` : f)
    return 0
  },
  date(run, args) {
    say(run, dateText(run.io.wall, formatTime(run.io.wall), args.find((a) => a.startsWith('+'))?.slice(1)))
    return 0
  },
  md5sum: (run, args) => checksum(run, args, 32),
  sha256sum: (run, args) => checksum(run, args, 64),
  stty: () => 0,
}

/** What `env` prints. */
export function printVariables(run: Run): void {
  for (const k of Object.keys(run.env.vars)) if (k !== '!' && !isArray(run.env.vars[k])) say(run, `${k}=${run.env.vars[k] ?? ''}`)
}

const flagsOf = (args: readonly string[]): string => args.filter((a) => /^-[A-Za-z]+$/.test(a)).join('')

function copy(run: Run, name: 'cp' | 'mv', args: readonly string[]): number {
  const all = args.filter((a) => !a.startsWith('-'))
  const to = all.at(-1) ?? ''
  const target = absolute(run.env, to)
  const into = isDirectory(run.io.files, target)
  let status = 0
  for (const from of all.slice(0, -1)) {
    const source = absolute(run.env, from)
    const base = from.replace(/\/+$/, '').slice(from.replace(/\/+$/, '').lastIndexOf('/') + 1)
    const there = into ? `${target === '/' ? '' : target}/${base}` : target
    const text = run.io.files.get(source)
    const below = text === undefined && (name === 'mv' || /r|a/i.test(flagsOf(args))) ? [...run.io.files.keys()].filter((f) => f.startsWith(`${source}/`)) : []
    if (text === undefined && below.length === 0) {
      complain(run, isDirectory(run.io.files, source) ? `${name}: omitting directory '${from}'` : `${name}: can't stat '${from}': No such file or directory`)
      status = 1
      continue
    }
    for (const f of text === undefined ? below : [source]) {
      if (!write(run, there + f.slice(source.length), run.io.files.get(f) ?? '')) status = 1
      else if (name === 'mv') run.io.files.delete(f)
    }
  }
  return status
}

function ls(run: Run, args: readonly string[]): number {
  const paths = args.filter((a) => !a.startsWith('-'))
  const flags = flagsOf(args)
  let status = 0
  for (const [i, p] of (paths.length > 0 ? paths : ['.']).entries()) {
    const path = absolute(run.env, p)
    if (run.io.files.has(path) || flags.includes('d')) say(run, flags.includes('l') ? longLine(run, path, p) : p)
    else if (isDirectory(run.io.files, path)) {
      if (paths.length > 1) say(run, `${i > 0 ? '\n' : ''}${p}:`)
      const list = namesIn(run, path).filter((n) => flags.includes('a') || flags.includes('A') || !n.startsWith('.'))
      if (flags.includes('l')) say(run, `total ${list.length * 4}`)
      for (const n of list) say(run, flags.includes('l') ? longLine(run, path === '/' ? `/${n}` : `${path}/${n}`, n) : n)
    } else {
      const busybox = isBusybox(run.io.spec.image)
      complain(run, busybox ? `ls: ${p}: No such file or directory` : `ls: cannot access '${p}': No such file or directory`)
      status = busybox ? 1 : 2
    }
  }
  return status
}

/** Names in a directory, sorted. */
function namesIn(run: Run, path: string): string[] {
  const prefix = path === '/' ? '/' : `${path}/`
  const names = new Set<string>()
  for (const f of run.io.files.keys()) if (f.startsWith(prefix) && f.length > prefix.length) names.add(f.slice(prefix.length).split('/')[0] as string)
  if (path === '/' || path === run.env.root) for (const d of ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var']) names.add(d)
  return [...names].filter((n) => n !== '').toSorted()
}

function longLine(run: Run, path: string, name: string): string {
  const text = run.io.files.get(path)
  const size = text === undefined ? 4096 : (run.io.files.sizeOf?.(path) ?? text.length)
  const [mode, owner, group] = ownership(run.io.spec, run.io.files, path, text === undefined)
  return `${mode}    1 ${owner.padEnd(8)} ${group.padEnd(8)} ${String(size).padStart(9)} ${dateText(run.io.wall, formatTime(run.io.wall), '%b %e %R')} ${name}`
}

function checksum(run: Run, args: readonly string[], digits: number): CommandResult {
  const [path] = args.filter((a) => !a.startsWith('-'))
  const text = path === undefined || path === '-' ? wholeInput(run) : (run.io.files.get(absolute(run.env, path)) ?? undefined)
  if (text === null) return 'input'
  if (text === undefined) {
    complain(run, `${run.words[0]}: can't open '${path}': No such file or directory`)
    return 1
  }
  say(run, `${digest(text).slice(0, digits)}  ${path ?? '-'}`)
  return 0
}

/** A stand-in for a checksum: 64 digits drawn from the text. */
function digest(text: string): string {
  let out = ''
  for (let part = 1; part <= 8; part++) {
    let h = Math.imul(part, 0x9e3779b1)
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 16777619)
    out += (h >>> 0).toString(16).padStart(8, '0')
  }
  return out
}
