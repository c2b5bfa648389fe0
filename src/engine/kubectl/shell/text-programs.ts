import { options, type Options } from './options'
import type { Call, Program } from './run'

/** Lines of a text, without the newline that ends it. */
export const linesOf = (text: string): string[] => (text === '' ? [] : (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n'))
const joined = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`)

/** Texts of the files that were named, or what comes in; complains about those that are not there. */
function inputs({ name, io, stdin }: Call, files: readonly string[]): { texts: { path: string; text: string }[]; code: number } {
  if (files.length === 0) return { texts: [{ path: '-', text: stdin }], code: 0 }
  const texts: { path: string; text: string }[] = []
  let code = 0
  for (const path of files) {
    const text = path === '-' ? stdin : io.machine.read(path)
    if (text !== undefined) texts.push({ path, text })
    else {
      io.err(`${name}: ${path}: ${io.machine.isDir(path) ? 'Is a directory' : 'No such file or directory'}\n`)
      code = 1
    }
  }
  return { texts, code }
}

/** A program that makes one text of its inputs. */
function filter(spec: string, make: (text: string, o: Options, call: Call) => string, streams?: (args: readonly string[]) => boolean, operands = 0): Program {
  return {
    ...(streams ? { streams } : {}),
    run(call) {
      const o = options(call.args, spec)
      if (o.bad !== undefined) return badOption(call, o.bad)
      const { texts, code } = inputs(call, o.rest.slice(operands))
      call.io.out(make(texts.map((t) => t.text).join(''), o, call))
      return code
    },
  }
}

function badOption({ name, io }: Call, option: string): number {
  io.err(`${name}: unrecognized option '${option}'\n`)
  return 2
}

const always = (): boolean => true

/** Letters and digits of POSIX classes. */
const CLASSES: Readonly<Record<string, string>> = { alpha: 'a-zA-Z', digit: '0-9', alnum: 'a-zA-Z0-9', space: '\\s', upper: 'A-Z', lower: 'a-z', punct: '!-\\/:-@\\[-`{-~' }

/** A POSIX expression as JavaScript's; basic ones turn `\|`, `\(`, `\+` round. Undefined when it is none. */
export function expression(text: string, extended: boolean, flags = ''): RegExp | undefined {
  let source = text.replace(/\[:(\w+):\]/g, (all, name: string) => CLASSES[name] ?? all)
  if (!extended) source = source.replace(/\\?[|(){}+?]/g, (c) => (c.length === 2 ? (c[1] as string) : `\\${c}`))
  try {
    return new RegExp(source, flags)
  } catch {
    return undefined
  }
}

const grep: Program = {
  streams: (args) => !args.some((a) => /^-[a-zA-Z]*[cqlmAC]/.test(a)),
  run(call) {
    const { io } = call
    const o = options(call.args, 'EFivnowcqlhHrRe:A:B:C:m:xs', { 'ignore-case': 'i', 'invert-match': 'v', 'line-number': 'n', count: 'c', quiet: 'q', color: 's', colour: 's', after: 'A', 'after-context': 'A', 'before-context': 'B', context: 'C', 'only-matching': 'o', recursive: 'r', extended: 'E', 'extended-regexp': 'E', 'fixed-strings': 'F' })
    if (o.bad !== undefined) return badOption(call, o.bad)
    const what = o.value('e') ?? o.rest[0]
    if (what === undefined) {
      io.err('Usage: grep [OPTION]... PATTERNS [FILE]...\n')
      return 2
    }
    const named = o.has('e') ? o.rest : o.rest.slice(1)
    const files = o.has('r') || o.has('R') ? (named.length === 0 ? ['.'] : named).flatMap((f) => (io.machine.isDir(f) ? io.machine.below(f) : [f])) : named
    const literal = what.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    let source = what.split('\n').map((w) => (o.has('F') ? literal : w)).join('|')
    if (o.has('w')) source = o.has('E') || o.has('F') || call.name === 'egrep' ? `\\b(${source})\\b` : `\\b\\(${source}\\)\\b`
    if (o.has('x')) source = `^${source}$`
    const rx = expression(source, o.has('E') || o.has('F') || call.name === 'egrep', `g${o.has('i') ? 'i' : ''}`)
    if (rx === undefined) {
      io.err('grep: Invalid regular expression\n')
      return 2
    }
    const { texts, code } = inputs(call, files)
    const around = Number(o.value('C') ?? 0)
    const after = Number(o.value('A') ?? around)
    const before = Number(o.value('B') ?? around)
    const most = o.has('m') ? Number(o.value('m')) : Infinity
    const manyFiles = (files.length > 1 || o.has('H')) && !o.has('h')
    let found = false
    for (const { path, text } of texts) {
      const lines = linesOf(text)
      const hit: number[] = []
      for (const [i, line] of lines.entries()) {
        rx.lastIndex = 0
        if (hit.length < most && rx.test(line) !== o.has('v')) hit.push(i)
      }
      if (hit.length > 0) found = true
      const head = manyFiles ? `${path}:` : ''
      if (o.has('q')) continue
      if (o.has('c')) io.out(`${head}${hit.length}\n`)
      else if (o.has('l')) io.out(hit.length > 0 ? `${path}\n` : '')
      else if (o.has('o') && !o.has('v')) for (const i of hit) for (const m of (lines[i] as string).matchAll(rx)) io.out(m[0] === '' ? '' : `${head}${o.has('n') ? `${i + 1}:` : ''}${m[0]}\n`)
      else {
        const hits = new Set(hit)
        let shown = -1
        for (const i of hit) for (let k = Math.max(shown + 1, i - before); k <= Math.min(lines.length - 1, i + after); k++) {
          if ((after > 0 || before > 0) && shown >= 0 && k > shown + 1) io.out('--\n')
          shown = k
          const mark = hits.has(k) ? ':' : '-'
          io.out(`${manyFiles ? `${path}${mark}` : ''}${o.has('n') ? `${k + 1}${mark}` : ''}${lines[k]}\n`)
        }
      }
    }
    return code !== 0 ? 2 : found ? 0 : 1
  },
}

const head = (text: string, n: number): string => joined(linesOf(text).slice(0, n < 0 ? n : n))

const tail = (text: string, o: Options): string => {
  const n = o.value('n') ?? '10'
  if (o.has('c')) return text.slice(-Number(o.value('c')))
  const lines = linesOf(text)
  return joined(n.startsWith('+') ? lines.slice(Number(n) - 1) : Number(n) === 0 ? [] : lines.slice(-Math.abs(Number(n))))
}

const wc: Program = {
  run(call) {
    const o = options(call.args, 'lwcm')
    const { texts, code } = inputs(call, o.rest)
    const all = !['l', 'w', 'c', 'm'].some((c) => o.has(c))
    for (const { path, text } of texts) {
      const counts = [...(all || o.has('l') ? [text.split('\n').length - 1] : []), ...(all || o.has('w') ? [text.split(/\s+/).filter(Boolean).length] : []), ...(all || o.has('c') || o.has('m') ? [text.length] : [])]
      const name = path === '-' ? '' : ` ${path}`
      call.io.out(`${counts.length === 1 ? counts[0] : counts.map((n) => String(n).padStart(7)).join(' ')}${name}\n`)
    }
    return code
  },
}

/** The number that a line begins with, for `sort -n` and `-h`. */
const numberOf = (s: string, human: boolean): number => {
  const m = /^\s*(-?\d*\.?\d+)\s*([kKMGTPE]?)/.exec(s)
  return m === null ? 0 : Number(m[1]) * (human && m[2] ? 1024 ** ('KMGTPE'.indexOf((m[2] as string).toUpperCase()) + 1) : 1)
}

const sort = filter('nrk:uht:bf', (text, o) => {
  const key = Number(/^\d+/.exec(o.value('k') ?? '')?.[0] ?? 0)
  const numeric = o.has('n') || /n/.test(o.value('k') ?? '')
  const by = (line: string): string => (key === 0 ? line : ((o.has('t') ? line.split(o.value('t') as string) : line.trim().split(/\s+/))[key - 1] ?? ''))
  const fold = (s: string): string => (o.has('f') ? s.toUpperCase() : s)
  const lines = linesOf(text).map((line, i) => ({ line, i, k: fold(by(line)) }))
  const way = o.has('r') || /r/.test(o.value('k') ?? '') ? -1 : 1
  lines.sort((a, b) => {
    const d = numeric || o.has('h') ? numberOf(a.k, o.has('h')) - numberOf(b.k, o.has('h')) : a.k < b.k ? -1 : a.k > b.k ? 1 : 0
    return d !== 0 ? d * way : a.line < b.line ? -way : a.line > b.line ? way : a.i - b.i
  })
  const sorted = lines.map((l) => l.line)
  return joined(o.has('u') ? sorted.filter((l, i) => i === 0 || l !== sorted[i - 1]) : sorted)
})

const uniq = filter('cdui', (text, o) => {
  const groups: { line: string; n: number }[] = []
  for (const line of linesOf(text)) {
    const last = groups.at(-1)
    if (last !== undefined && last.line === line) last.n++
    else groups.push({ line, n: 1 })
  }
  return joined(groups.filter((g) => (o.has('d') ? g.n > 1 : o.has('u') ? g.n === 1 : true)).map((g) => (o.has('c') ? `${String(g.n).padStart(7)} ${g.line}` : g.line)))
})

/** Whether a list like `1,3-5,7-` has a place. */
function inList(list: string): (n: number) => boolean {
  const ranges = list.split(',').map((r) => r.split('-'))
  return (n) => ranges.some(([a = '', b]) => (b === undefined ? n === Number(a) : n >= Number(a || 1) && n <= (b === '' ? Infinity : Number(b))))
}

const cut = filter('d:f:c:s', (text, o) => {
  const wanted = inList(o.value('f') ?? o.value('c') ?? '1')
  const by = o.value('d') ?? '\t'
  return joined(linesOf(text).filter((l) => !o.has('s') || l.includes(by)).map((line) => {
    if (o.has('c')) return [...line].filter((_, i) => wanted(i + 1)).join('')
    return line.includes(by) ? line.split(by).filter((_, i) => wanted(i + 1)).join(by) : line
  }))
}, always)

/** Characters of a set of tr: ranges, classes, escapes. */
function setOf(text: string): string[] {
  const plain = text.replace(/\[:(\w+):\]/g, (_, n: string) => ({ upper: 'A-Z', lower: 'a-z', digit: '0-9', alpha: 'A-Za-z', alnum: 'A-Za-z0-9', space: ' \t\n' })[n] ?? '').replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\\\/g, '\\')
  const out: string[] = []
  for (let i = 0; i < plain.length; i++) {
    if (plain[i + 1] === '-' && plain[i + 2] !== undefined) {
      const end = plain.charCodeAt(i + 2)
      for (let c = plain.charCodeAt(i); c <= end && out.length < 1000; c++) out.push(String.fromCharCode(c))
      i += 2
    } else out.push(plain[i] as string)
  }
  return out
}

const tr: Program = {
  streams: always,
  run({ args, io, stdin }) {
    const o = options(args, 'dsc')
    const from = setOf(o.rest[0] ?? '')
    const to = setOf(o.rest[1] ?? '')
    const set = new Set(from)
    const member = (c: string): boolean => set.has(c) !== o.has('c')
    let out = ''
    for (const c of stdin) {
      if (o.has('d') && member(c)) continue
      const mapped = o.has('d') || to.length === 0 || !member(c) ? c : o.has('c') ? (to.at(-1) as string) : (to[Math.min(from.indexOf(c), to.length - 1)] as string)
      if (o.has('s') && mapped === out.at(-1) && (to.length > 0 ? to.includes(mapped) : member(mapped))) continue
      out += mapped
    }
    io.out(out)
    return 0
  },
}

/** One command of a sed script. */
interface SedCommand {
  readonly from?: number | RegExp | '$'
  readonly to?: number | '$'
  readonly act: 'd' | 'p' | 's'
  readonly rx?: RegExp
  readonly by?: string
  readonly print?: boolean
}

function sedCommands(script: string, extended: boolean): readonly SedCommand[] | undefined {
  const out: SedCommand[] = []
  let rest = script
  while ((rest = rest.replace(/^[\s;]+/, '')) !== '') {
    const m = /^(?:(\d+|\$|\/(?:[^/\\]|\\.)*\/)(?:,(\d+|\$))?)?\s*(?:([dp])|s(.)((?:(?!\4)[^\\]|\\[^])*)\4((?:(?!\4)[^\\]|\\[^])*)\4([gIip]*))/.exec(rest)
    if (m === null) return undefined
    rest = rest.slice(m[0].length)
    const place = (t: string | undefined): number | RegExp | '$' | undefined => (t === undefined ? undefined : t === '$' ? '$' : t.startsWith('/') ? expression(t.slice(1, -1), extended) : Number(t))
    const rx = m[4] === undefined ? undefined : expression((m[5] as string).replaceAll(`\\${m[4]}`, m[4]), extended, `${/g/.test(m[7] as string) ? 'g' : ''}${/i/i.test(m[7] as string) ? 'i' : ''}`)
    if (m[4] !== undefined && rx === undefined) return undefined
    const by = m[6]?.replace(/\$/g, '$$$$').replace(/\\(\d)/g, '$$$1').replace(/(^|[^\\])&/g, '$1$$&').replace(/\\n/g, '\n').replace(/\\(.)/g, '$1')
    out.push({ ...(m[1] === undefined ? {} : { from: place(m[1]) as number }), ...(m[2] === undefined ? {} : { to: m[2] === '$' ? '$' : Number(m[2]) }), act: (m[3] ?? 's') as 's', ...(rx ? { rx, by: by ?? '' } : {}), print: /p/.test(m[7] ?? '') })
  }
  return out
}

const sed: Program = {
  streams: (args) => !args.some((a) => a.includes('$')),
  run(call) {
    const { io } = call
    const o = options(call.args, 'nErie:', { 'in-place': 'i', expression: 'e', quiet: 'n' })
    if (o.bad !== undefined) return badOption(call, o.bad)
    const script = o.value('e') ?? o.rest[0] ?? ''
    const commands = sedCommands(script, o.has('E') || o.has('r'))
    if (commands === undefined) {
      io.err(`sed: -e expression #1: this command is not understood here: only s, d and p are\n`)
      return 1
    }
    const { texts, code } = inputs(call, o.has('e') ? o.rest : o.rest.slice(1))
    for (const { path, text } of texts) {
      let out = ''
      const lines = linesOf(text)
      for (const [i, original] of lines.entries()) {
        let line = original
        let gone = false
        for (const c of commands) {
          const place = (p: number | RegExp | '$'): number => (p === '$' ? lines.length : p as number)
          const here = c.from === undefined ? true : c.from instanceof RegExp ? c.from.test(line) : c.to === undefined ? i + 1 === place(c.from) : i + 1 >= place(c.from) && i + 1 <= place(c.to)
          if (!here) continue
          if (c.act === 'd') gone = true
          else if (c.act === 'p') out += `${line}\n`
          else if (c.rx !== undefined) {
            const was = line
            line = line.replace(c.rx, c.by as string)
            if (c.print && was !== line) out += `${line}\n`
          }
          if (gone) break
        }
        if (!gone && !o.has('n')) out += `${line}\n`
      }
      if (o.has('i') && path !== '-') io.machine.write(path, out)
      else io.out(out)
    }
    return code
  },
}

/** awk in the form that people use with tables: `[NR…|/pattern/] {print $1, $2 "text"}`. */
const awk: Program = {
  streams: (args) => !args.some((a) => a.includes('END')),
  run(call) {
    const { io } = call
    const o = options(call.args, 'F:v:')
    const m = /^\s*(?:(\/(?:[^/\\]|\\.)*\/|[^{}]*?)\s*)?(?:\{\s*print\s*([^}]*)\})?\s*$/.exec(o.rest[0] ?? '')
    if (m === null || (m[1] === undefined && m[2] === undefined)) {
      io.err("awk: only '[condition] {print $1, $2}' is understood here\n")
      return 2
    }
    const by = o.value('F')
    const split = by === undefined ? undefined : by.length === 1 ? by : expression(by, true)
    const { texts, code } = inputs(call, o.rest.slice(1))
    for (const { text } of texts) for (const [i, line] of linesOf(text).entries()) {
      const fields = split === undefined ? line.trim().split(/\s+/) : line.split(split)
      const value = (term: string): string => {
        const t = term.trim()
        if (/^".*"$/.test(t)) return t.slice(1, -1).replace(/\\n/g, '\n').replace(/\\t/g, '\t')
        if (t === 'NR') return String(i + 1)
        if (t === 'NF') return String(line.trim() === '' ? 0 : fields.length)
        if (t === '$0') return line
        if (t === '$NF') return fields.at(-1) ?? ''
        return /^\$\d+$/.test(t) ? (fields[Number(t.slice(1)) - 1] ?? '') : t
      }
      if (m[1] !== undefined && m[1].trim() !== '' && !holds(m[1], line, value)) continue
      io.out(`${m[2] === undefined || m[2].trim() === '' ? line : (m[2].match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? []).map((item) => (item.match(/"(?:[^"\\]|\\.)*"|[^\s"]+/g) ?? []).map(value).join('')).join(' ')}\n`)
    }
    return code
  },
}

function holds(condition: string, line: string, value: (term: string) => string): boolean {
  return condition.split('||').some((or) => or.split('&&').every((term) => {
    const t = term.trim()
    if (/^!?\/.*\/$/.test(t)) {
      const not = t.startsWith('!')
      return (expression(t.slice(not ? 2 : 1, -1), true)?.test(line) ?? false) !== not
    }
    const m = /^(\S+?)\s*(==|!=|>=|<=|>|<|!~|~)\s*(.+)$/.exec(t)
    if (m === null) return value(t) !== '' && value(t) !== '0'
    const [, left = '', op, right = ''] = m
    const a = value(left)
    if (op === '~' || op === '!~') return (expression(right.trim().replace(/^\/|\/$/g, ''), true)?.test(a) ?? false) === (op === '~')
    const b = value(right)
    const d = /^-?[\d.]+$/.test(a) && /^-?[\d.]+$/.test(b) ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0
    return op === '==' ? d === 0 : op === '!=' ? d !== 0 : op === '>' ? d > 0 : op === '<' ? d < 0 : op === '>=' ? d >= 0 : d <= 0
  }))
}

const tee: Program = {
  run({ args, io, stdin }) {
    const o = options(args, 'a')
    for (const path of o.rest) {
      const why = io.machine.write(path, (o.has('a') ? (io.machine.read(path) ?? '') : '') + stdin)
      if (why !== undefined) io.err(`tee: ${path}: ${why}\n`)
    }
    io.out(stdin)
    return 0
  },
}

const xargs: Program = {
  run({ args, io, stdin, shell }) {
    let n = Infinity
    let replace: string | undefined
    let i = 0
    for (; i < args.length && (args[i] as string).startsWith('-'); i++) {
      const a = args[i] as string
      if (a === '-n') n = Number(args[++i])
      else if (a === '-I') replace = args[++i]
      else if (a === '-L') n = Number(args[++i])
      else if (/^-n\d+$/.test(a)) n = Number(a.slice(2))
      else if (/^-I./.test(a)) replace = a.slice(2)
    }
    const command = args.slice(i).length === 0 ? ['echo'] : args.slice(i)
    const items = replace === undefined ? stdin.split(/\s+/).filter(Boolean) : linesOf(stdin).filter((l) => l.trim() !== '')
    if (items.length === 0 && args.includes('-r')) return 0
    io.stdin = undefined
    let code = 0
    const size = replace === undefined ? (n > 0 ? n : 1) : 1
    for (let at = 0; at < Math.max(1, items.length); at += size) {
      const some = items.slice(at, at + size)
      const words = replace === undefined ? [...command, ...some] : command.map((w) => w.replaceAll(replace, some[0] ?? ''))
      if (shell.invoke(words) !== 0) code = 123
      if (size === Infinity) break
    }
    return code
  },
}

const cat: Program = filter('nAE', (text, o) => (o.has('n') ? joined(linesOf(text).map((l, i) => `${String(i + 1).padStart(6)}\t${l}`)) : text), always)

/** Programs that read and print text. */
export const textPrograms: Readonly<Record<string, Program>> = {
  grep, egrep: grep, sort, uniq, cut, tr, sed, awk, tee, xargs, wc, cat, less: cat, more: cat, batcat: cat,
  head: filter('n:c:q', (text, o) => (o.has('c') ? text.slice(0, Number(o.value('c'))) : head(text, Number(o.value('n') ?? 10))), (args) => !args.some((a) => a.includes('-c'))),
  tail: filter('n:c:fq', tail),
  nl: filter('b:', (text) => joined(linesOf(text).map((l, i) => `${String(i + 1).padStart(6)}\t${l}`)), always),
  rev: filter('', (text) => joined(linesOf(text).map((l) => [...l].toReversed().join(''))), always),
  tac: filter('', (text) => joined(linesOf(text).toReversed())),
  column: filter('t', (text) => {
    const rows = linesOf(text).map((l) => l.trim().split(/\s+/))
    const widths: number[] = []
    for (const r of rows) for (const [i, c] of r.entries()) widths[i] = Math.max(widths[i] ?? 0, c.length)
    return joined(rows.map((r) => r.map((c, i) => (i === r.length - 1 ? c : c.padEnd((widths[i] as number) + 2))).join('')))
  }),
}
