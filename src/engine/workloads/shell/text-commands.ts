import { mostFiles } from '../program'
import type { Command, Run } from './command'
import { absolute } from './path'
import { isDirectory } from './test-command'

const say = (run: Run, text: string): void => run.io.out(`${text}\n`)

/** The text that a filter works on: its files, or what came in. Answers null after it said what was missing. */
function inputOf(run: Run, name: string, paths: readonly string[]): string | null {
  if (paths.length === 0 || paths[0] === '-') return run.input ?? run.state.vars['\u0000stdin'] ?? ''
  let text = ''
  for (const p of paths) {
    const path = absolute(run.state, p)
    const content = run.io.files.get(path)
    if (content === undefined) {
      say(run, isDirectory(run.io.files, path) ? `${name}: read error: Is a directory` : `${name}: can't open '${p}': No such file or directory`)
      return null
    }
    text += content
  }
  return text
}

const lines = (text: string): string[] => (text === '' ? [] : (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n'))
const flagsOf = (args: readonly string[]): string => args.filter((a) => /^-[A-Za-z]+$/.test(a)).join('')

function unescape(text: string): string {
  return text.replace(/\\([ntr\\"ae0])/g, (_, c: string) => ({ n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', a: '', e: '\u001b', 0: '\0' })[c] ?? c)
}

/** Commands that read, write and change text and files. */
export const textCommands: Readonly<Record<string, Command>> = {
  echo(run, args) {
    let newline = true
    let escapes = false
    let i = 0
    for (; i < args.length && /^-[neE]+$/.test(args[i] as string); i++) {
      if (args[i]?.includes('n')) newline = false
      if (args[i]?.includes('e')) escapes = true
    }
    const text = args.slice(i).join(' ')
    run.io.out((escapes ? unescape(text) : text) + (newline ? '\n' : ''))
    return 0
  },
  printf(run, args) {
    const [format = '', ...rest] = args
    let i = 0
    run.io.out(unescape(format).replace(/%(-?\d*)([sd%i])/g, (_, width: string, kind: string) => {
      if (kind === '%') return '%'
      const value = rest[i++] ?? (kind === 's' ? '' : '0')
      return width.startsWith('-') ? value.padEnd(Number(width.slice(1))) : value.padStart(Number(width) || 0, width.startsWith('0') ? '0' : ' ')
    }))
    return 0
  },
  cat(run, args) {
    const text = inputOf(run, 'cat', args.filter((a) => !a.startsWith('-')))
    if (text === null) return 1
    run.io.out(text)
    return 0
  },
  tee(run, args) {
    const text = inputOf(run, 'tee', []) ?? ''
    for (const p of args.filter((a) => !a.startsWith('-'))) write(run, absolute(run.state, p), (args.includes('-a') ? (run.io.files.get(absolute(run.state, p)) ?? '') : '') + text)
    run.io.out(text)
    return 0
  },
  touch(run, args) {
    for (const p of args) {
      const path = absolute(run.state, p)
      write(run, path, run.io.files.get(path) ?? '')
    }
    return 0
  },
  rm(run, args) {
    const flags = flagsOf(args)
    let status = 0
    for (const p of args.filter((a) => !a.startsWith('-'))) {
      const path = absolute(run.state, p)
      let found = run.io.files.delete(path)
      if (/r/i.test(flags)) for (const f of run.io.files.keys()) if (f.startsWith(`${path}/`)) found = run.io.files.delete(f)
      if (!found && !flags.includes('f')) {
        say(run, `rm: can't remove '${p}': No such file or directory`)
        status = 1
      }
    }
    return status
  },
  mkdir(run, args) {
    for (const p of args.filter((a) => !a.startsWith('-'))) write(run, `${absolute(run.state, p)}/`, '')
    return 0
  },
  cp(run, args) {
    const [from = '', to = ''] = args.filter((a) => !a.startsWith('-'))
    const text = inputOf(run, 'cp', [from])
    if (text === null) return 1
    const target = absolute(run.state, to)
    write(run, isDirectory(run.io.files, target) ? `${target}/${from.slice(from.lastIndexOf('/') + 1)}` : target, text)
    return 0
  },
  mv(run, args) {
    const status = (textCommands.cp as Command)(run, args)
    if (status === 0) run.io.files.delete(absolute(run.state, args.find((a) => !a.startsWith('-')) ?? ''))
    return status
  },
  chmod: () => 0,
  chown: () => 0,
  ln: () => 0,
  ls(run, args) {
    const paths = args.filter((a) => !a.startsWith('-'))
    let status = 0
    for (const p of paths.length > 0 ? paths : [run.state.cwd]) {
      const path = absolute(run.state, p)
      if (run.io.files.has(path)) say(run, p)
      else if (isDirectory(run.io.files, path)) {
        const prefix = path === '/' ? '/' : `${path}/`
        const names = new Set<string>()
        for (const f of run.io.files.keys()) if (f.startsWith(prefix) && f.length > prefix.length) names.add(f.slice(prefix.length).split('/')[0] as string)
        if (path === '/') for (const d of ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var']) names.add(d)
        for (const n of [...names].sort()) say(run, n)
      } else {
        say(run, `ls: ${p}: No such file or directory`)
        status = 1
      }
    }
    return status
  },
  env(run) {
    for (const k of Object.keys(run.state.vars)) if (!k.startsWith('\u0000')) say(run, `${k}=${run.state.vars[k] ?? ''}`)
    return 0
  },
  printenv(run, args) {
    if (args.length === 0) return (textCommands.env as Command)(run, args)
    let status = 0
    for (const a of args) {
      const v = run.state.vars[a]
      if (v === undefined) status = 1
      else say(run, v)
    }
    return status
  },
  tail(run, args) {
    const paths = args.filter((a, i) => !a.startsWith('-') && !/^-[nc]$/.test(args[i - 1] ?? ''))
    if (paths.includes('/dev/null') || /f/i.test(flagsOf(args))) {
      for (const p of paths) run.io.out(run.io.files.get(absolute(run.state, p)) ?? '')
      return { until: Infinity }
    }
    const text = inputOf(run, 'tail', paths)
    if (text === null) return 1
    for (const l of lines(text).slice(-count(args, 10))) say(run, l)
    return 0
  },
  head(run, args) {
    const text = inputOf(run, 'head', args.filter((a, i) => !a.startsWith('-') && !/^-[nc]$/.test(args[i - 1] ?? '')))
    if (text === null) return 1
    for (const l of lines(text).slice(0, count(args, 10))) say(run, l)
    return 0
  },
  wc(run, args) {
    const text = inputOf(run, 'wc', args.filter((a) => !a.startsWith('-')))
    if (text === null) return 1
    const flags = flagsOf(args)
    say(run, flags.includes('l') ? String(lines(text).length) : flags.includes('c') ? String(text.length) : flags.includes('w') ? String(text.split(/\s+/).filter(Boolean).length) : `${lines(text).length} ${text.split(/\s+/).filter(Boolean).length} ${text.length}`)
    return 0
  },
  grep(run, args) {
    const flags = flagsOf(args)
    const [pattern = '', ...paths] = args.filter((a) => !a.startsWith('-'))
    const text = inputOf(run, 'grep', paths)
    if (text === null) return 2
    const plain = pattern.replace(/^\^|\$$/g, '')
    const hit = lines(text).filter((l) => {
      const [a, b] = flags.includes('i') ? [l.toLowerCase(), plain.toLowerCase()] : [l, plain]
      const found = pattern.startsWith('^') && pattern.endsWith('$') ? a === b : pattern.startsWith('^') ? a.startsWith(b) : pattern.endsWith('$') ? a.endsWith(b) : a.includes(b)
      return found !== flags.includes('v')
    })
    if (!flags.includes('q')) for (const l of flags.includes('c') ? [String(hit.length)] : hit) say(run, l)
    return hit.length > 0 ? 0 : 1
  },
  sort(run, args) {
    const text = inputOf(run, 'sort', args.filter((a) => !a.startsWith('-')))
    if (text === null) return 1
    for (const l of lines(text).sort()) say(run, l)
    return 0
  },
  seq(run, args) {
    const [a = 1, b, c] = args.map(Number)
    const [from, step, to] = c !== undefined ? [a, b ?? 1, c] : b !== undefined ? [a, 1, b] : [1, 1, a]
    for (let i = from, n = 0; (step > 0 ? i <= to : i >= to) && n < 10_000 && step !== 0; i += step, n++) say(run, String(i))
    return 0
  },
  expr(run, args) {
    const [a = '', op = '', b = ''] = args
    const v = op === '+' ? Number(a) + Number(b) : op === '-' ? Number(a) - Number(b) : op === '*' ? Number(a) * Number(b) : op === '/' ? Math.trunc(Number(a) / Number(b)) : op === '%' ? Number(a) % Number(b) : a
    say(run, String(v))
    return v === 0 || v === '' ? 1 : 0
  },
  basename: (run, args) => (say(run, (args[0] ?? '').replace(/\/+$/, '').split('/').pop() ?? ''), 0),
  dirname: (run, args) => (say(run, (args[0] ?? '').split('/').slice(0, -1).join('/') || '.'), 0),
  base64: (run) => (run.io.out(inputOf(run, 'base64', []) ?? ''), 0),
  dd: () => 0,
}

function count(args: readonly string[], otherwise: number): number {
  const at = args.findIndex((a) => a === '-n' || a === '-c')
  const text = at >= 0 ? args[at + 1] : args.find((a) => /^-n?\d+$/.test(a))?.replace(/^-n?/, '')
  return text === undefined ? otherwise : Math.abs(Number(text)) || 0
}

function write(run: Run, path: string, text: string): void {
  if (run.io.files.size >= mostFiles && !run.io.files.has(path)) return
  run.io.files.set(path, text)
}
