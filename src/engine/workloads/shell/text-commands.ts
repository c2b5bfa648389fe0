import { formatTime } from '../../sim'
import { mostFiles } from '../program'
import { complain, say, type Command, type Run } from './command'
import { absolute } from './path'
import { disk } from './stress'
import { awk, sed } from './sed-awk'
import { isDirectory } from './test-command'
import { matchesGlob } from './expand'

/** The text that a filter works on: its files, or what came in. Answers null after it said what was missing. */
function inputOf(run: Run, name: string, paths: readonly string[]): string | null {
  if (paths.length === 0 || paths[0] === '-') return run.input ?? run.state.vars['\u0000stdin'] ?? ''
  let text = ''
  for (const p of paths) {
    const path = absolute(run.state, p)
    const content = run.io.files.get(path)
    if (content === undefined) {
      complain(run, isDirectory(run.io.files, path) ? `${name}: read error: Is a directory` : `${name}: can't open '${p}': No such file or directory`)
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
    const paths = args.filter((a) => !a.startsWith('-'))
    let status = 0
    // One that cannot be read does not keep it from the others.
    for (const some of paths.length === 0 ? [paths] : paths.map((p) => [p])) {
      const text = inputOf(run, 'cat', some)
      if (text === null) status = 1
      else run.io.out(text)
    }
    return status
  },
  tee(run, args) {
    const text = inputOf(run, 'tee', []) ?? ''
    for (const p of args.filter((a) => !a.startsWith('-'))) write(run, absolute(run.state, p), (args.includes('-a') ? (run.io.files.get(absolute(run.state, p)) ?? '') : '') + text)
    run.io.out(text)
    return 0
  },
  touch(run, args) {
    let status = 0
    for (const p of args.filter((a) => !a.startsWith('-'))) {
      const path = absolute(run.state, p)
      if (!isDirectory(run.io.files, path) && !write(run, path, run.io.files.get(path) ?? '')) status = 1
    }
    return status
  },
  rm(run, args) {
    const flags = flagsOf(args)
    let status = 0
    for (const p of args.filter((a) => !a.startsWith('-'))) {
      const path = absolute(run.state, p)
      let found = run.io.files.delete(path)
      if (/r/i.test(flags)) for (const f of run.io.files.keys()) if (f.startsWith(`${path}/`)) found = run.io.files.delete(f)
      if (!found && !flags.includes('f')) {
        complain(run, `rm: can't remove '${p}': No such file or directory`)
        status = 1
      }
    }
    return status
  },
  mkdir(run, args) {
    const parents = flagsOf(args).includes('p')
    let status = 0
    for (const p of args.filter((a) => !a.startsWith('-'))) {
      const path = absolute(run.state, p)
      if (isDirectory(run.io.files, path)) {
        if (!parents) {
          complain(run, `mkdir: can't create directory '${p}': File exists`)
          status = 1
        }
      } else if (!write(run, `${path}/`, '')) status = 1
    }
    return status
  },
  cp(run, args) {
    const [from = '', to = ''] = args.filter((a) => !a.startsWith('-'))
    const text = inputOf(run, 'cp', [from])
    if (text === null) return 1
    const target = absolute(run.state, to)
    return write(run, isDirectory(run.io.files, target) ? `${target}/${from.slice(from.lastIndexOf('/') + 1)}` : target, text) ? 0 : 1
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
      if (run.io.files.has(path)) say(run, flagsOf(args).includes('l') ? longLine(run, path, p) : p)
      else if (isDirectory(run.io.files, path)) {
        const prefix = path === '/' ? '/' : `${path}/`
        const names = new Set<string>()
        for (const f of run.io.files.keys()) if (f.startsWith(prefix) && f.length > prefix.length) names.add(f.slice(prefix.length).split('/')[0] as string)
        if (path === '/') for (const d of ['bin', 'dev', 'etc', 'home', 'proc', 'root', 'sys', 'tmp', 'usr', 'var']) names.add(d)
        const flags = flagsOf(args)
        const list = [...names].filter((n) => n !== '' && (flags.includes('a') || flags.includes('A') || !n.startsWith('.'))).sort()
        if (flags.includes('l')) say(run, `total ${list.length * 4}`)
        for (const n of list) say(run, flags.includes('l') ? longLine(run, prefix + n, n) : n)
      } else {
        complain(run, `ls: ${p}: No such file or directory`)
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
    // It looks for the last line of something endless: its memory grows until it is killed.
    if (paths.includes('/dev/zero')) return { until: Infinity, cpuMillis: 1000, memoryBytes: 1e15 }
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
  base64(run, args) {
    const text = inputOf(run, 'base64', args.filter((a) => !a.startsWith('-') && !/^\d+$/.test(a)))
    if (text === null) return 1
    if (args.some((a) => a === '-d' || a === '-D' || a === '--decode')) run.io.out(fromBase64(text))
    else say(run, toBase64(text))
    return 0
  },
  dd: disk,
  sed: (run, args) => sed(run, args, inputOf),
  awk: (run, args) => awk(run, args, inputOf),
  cut(run, args) {
    const option = (name: string, otherwise: string): string => args.find((a) => a.startsWith(name) && a.length > 2)?.slice(2) ?? (args.includes(name) ? (args[args.indexOf(name) + 1] ?? '') : otherwise)
    const [d, f] = [option('-d', '\t'), option('-f', '1')]
    const text = inputOf(run, 'cut', [])
    if (text === null) return 1
    const wanted = f.split(',').map(Number)
    for (const l of lines(text)) say(run, l.includes(d) ? wanted.map((n) => l.split(d)[n - 1] ?? '').join(d) : l)
    return 0
  },
  tr(run, args) {
    const text = inputOf(run, 'tr', []) ?? ''
    const [from = '', to = ''] = args.filter((a) => !/^-[a-z]+$/.test(a)).map(range)
    if (args.includes('-d')) run.io.out([...text].filter((c) => !from.includes(c)).join(''))
    else run.io.out([...text].map((c) => (from.includes(c) ? (to[Math.min(from.indexOf(c), to.length - 1)] ?? c) : c)).join(''))
    return 0
  },
  uniq(run) {
    const all = lines(inputOf(run, 'uniq', []) ?? '')
    for (const [i, l] of all.entries()) if (l !== all[i - 1]) say(run, l)
    return 0
  },
  rev: (run) => (lines(inputOf(run, 'rev', []) ?? '').forEach((l) => say(run, [...l].reverse().join(''))), 0),
  find(run, args) {
    const [from = '.'] = args.filter((a) => !a.startsWith('-'))
    const at = args.indexOf('-name')
    const path = absolute(run.state, from)
    for (const f of [...run.io.files.keys()].sort()) if (f.startsWith(path === '/' ? '/' : `${path}/`) && (at < 0 || matchesGlob(args[at + 1] ?? '', f.slice(f.lastIndexOf('/') + 1)))) say(run, f)
    return 0
  },
  md5sum: (run, args) => (say(run, `${digest(inputOf(run, 'md5sum', args) ?? '').slice(0, 32)}  ${args[0] ?? '-'}`), 0),
  sha256sum: (run, args) => (say(run, `${digest(inputOf(run, 'sha256sum', args) ?? '')}  ${args[0] ?? '-'}`), 0),
}

function longLine(run: Run, path: string, name: string): string {
  const text = run.io.files.get(path)
  const size = text === undefined ? 4096 : (run.io.files.sizeOf?.(path) ?? text.length)
  return `${text === undefined ? 'drwxr-xr-x' : '-rw-r--r--'}    1 root     root     ${String(size).padStart(9)} ${dateOf(run.io.wall)} ${name}`
}

function dateOf(wall: number): string {
  const iso = formatTime(wall)
  return `${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][Number(iso.slice(5, 7)) - 1] ?? ''} ${String(Number(iso.slice(8, 10))).padStart(2)} ${iso.slice(11, 16)}`
}

/** `a-z` and character classes of tr, written out. */
function range(set: string): string {
  return set
    .replace('[:upper:]', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ').replace('[:lower:]', 'abcdefghijklmnopqrstuvwxyz').replace('[:digit:]', '0123456789').replace(/\\n/g, '\n')
    .replace(/(\w)-(\w)/g, (_, a: string, b: string) => Array.from({ length: Math.max(0, b.charCodeAt(0) - a.charCodeAt(0) + 1) }, (_x, i) => String.fromCharCode(a.charCodeAt(0) + i)).join(''))
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Bytes of a text in UTF-8. */
function bytesOf(text: string): number[] {
  return (encodeURIComponent(text).match(/%..|[^%]/g) ?? []).map((p) => (p.length === 3 ? Number.parseInt(p.slice(1), 16) : p.charCodeAt(0)))
}

function toBase64(text: string): string {
  const bytes = bytesOf(text)
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    for (let d = 0; d < 4; d++) out += i + d > bytes.length ? '=' : digits[(n >> (18 - 6 * d)) & 63]
  }
  return out
}

function fromBase64(text: string): string {
  let bits = 0
  let have = 0
  let out = ''
  for (const c of text) {
    const v = digits.indexOf(c)
    if (v < 0) continue
    bits = ((bits << 6) | v) & 0xffffff
    if ((have += 6) >= 8) out += `%${((bits >> (have -= 8)) & 255).toString(16).padStart(2, '0')}`
  }
  try {
    return decodeURIComponent(out)
  } catch {
    return ''
  }
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

function count(args: readonly string[], otherwise: number): number {
  const at = args.findIndex((a) => a === '-n' || a === '-c')
  const text = at >= 0 ? args[at + 1] : args.find((a) => /^-n?\d+$/.test(a))?.replace(/^-n?/, '')
  return text === undefined ? otherwise : Math.abs(Number(text)) || 0
}

/** Writes a file; false, with what the shell says, when it cannot. */
export function write(run: Run, path: string, text: string): boolean {
  if (run.io.files.size >= mostFiles && !run.io.files.has(path)) {
    complain(run, `${run.words[0] ?? ''}: ${path}: No space left on device`)
    return false
  }
  if (run.io.files.writable?.(path) !== false) {
    run.io.files.set(path, text)
    return true
  }
  complain(run, `${run.words[0] ?? ''}: ${path}: Read-only file system`)
  return false
}
