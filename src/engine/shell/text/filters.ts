import { decodeBase64, encodeBase64 } from '../base64'
import { options, type Options } from '../options'
import { badOption, inputs, joined, linesOf, type TextCall, type TextProgram } from './program'

type Streams = NonNullable<TextProgram['streams']>

/** A program that makes one text of its inputs. */
function filter(spec: string, make: (text: string, o: Options, call: TextCall) => string, more: Pick<TextProgram, 'streams' | 'enough'> = {}, long: Readonly<Record<string, string>> = {}): TextProgram {
  return {
    ...more,
    run(call) {
      const o = options(call.args, spec, long)
      if (o.bad !== undefined) return badOption(call, o.bad)
      const { texts, code } = inputs(call, o.rest)
      if (texts.length === 0) return code
      call.out(make(texts.map((t) => t.text).join(''), o, call))
      return code
    },
  }
}

const chunk: Streams = () => 'chunk'
const prefix: Streams = () => 'prefix'

const LONG_LINES = { lines: 'n', bytes: 'c', quiet: 'q', follow: 'f', retry: 'F', verbose: 'v' }

/** `head` and `tail` of several files have headings. */
function ends(make: (text: string, o: Options) => string, spec: string, more: Pick<TextProgram, 'streams' | 'enough'>): TextProgram {
  return {
    ...more,
    run(call) {
      const o = options(call.args, spec, LONG_LINES)
      if (o.bad !== undefined) return badOption(call, o.bad)
      const { texts, code } = inputs(call, o.rest)
      const heads = (o.rest.length > 1 || o.has('v')) && !o.has('q')
      for (const [i, { path, text }] of texts.entries()) call.out(`${heads ? `${i > 0 ? '\n' : ''}==> ${path === '-' ? 'standard input' : path} <==\n` : ''}${make(text, o)}`)
      return code
    },
  }
}

const headOf = (text: string, o: Options): string => {
  const bytes = o.value('c')
  if (bytes !== undefined) return Number(bytes) < 0 ? text.slice(0, Number(bytes)) : text.slice(0, sizeOf(bytes))
  return joined(linesOf(text).slice(0, Number(o.value('n') ?? 10) || 0))
}

/** `3`, `1K`, `2M` */
const sizeOf = (text: string): number => (Number.parseInt(text, 10) || 0) * (/k/i.test(text) ? 1024 : /m/i.test(text) ? 1024 ** 2 : 1)

const head = ends(headOf, 'n:c:qv', {
  streams: (args) => (args.some((a) => a.includes('-c') || /^-n?-/.test(a)) ? undefined : 'prefix'),
  enough: (args, sofar) => {
    const o = options(args, 'n:c:qv', LONG_LINES)
    const n = Number(o.value('n') ?? 10)
    return o.rest.length === 0 && (o.has('c') ? sofar.length >= sizeOf(o.value('c') as string) : n >= 0 && sofar.split('\n').length > n)
  },
})

const tail = ends((text, o) => {
  const bytes = o.value('c')
  if (bytes !== undefined) return bytes.startsWith('+') ? text.slice(Number(bytes) - 1) : text.slice(-sizeOf(bytes))
  const n = o.value('n') ?? '10'
  const lines = linesOf(text)
  return joined(n.startsWith('+') ? lines.slice(Math.max(0, Number(n) - 1)) : Number(n) === 0 ? [] : lines.slice(-Math.abs(Number(n) || 0)))
}, 'n:c:fFqvs:', {})

const wc: TextProgram = {
  run(call) {
    const o = options(call.args, 'lwcmL', { lines: 'l', words: 'w', bytes: 'c', chars: 'm' })
    if (o.bad !== undefined) return badOption(call, o.bad)
    const { texts, code } = inputs(call, o.rest)
    const all = !['l', 'w', 'c', 'm', 'L'].some((c) => o.has(c))
    const totals: number[] = []
    const show = (counts: readonly number[], name: string): void => call.out(`${counts.length === 1 ? counts[0] : counts.map((n) => String(n).padStart(7)).join(' ')}${name}\n`)
    for (const { path, text } of texts) {
      const counts = [
        ...(all || o.has('l') ? [text.split('\n').length - 1] : []), ...(all || o.has('w') ? [text.split(/\s+/).filter(Boolean).length] : []),
        ...(o.has('m') ? [[...text].length] : []), ...(all || o.has('c') ? [text.length] : []), ...(o.has('L') ? [Math.max(0, ...linesOf(text).map((l) => l.length))] : []),
      ]
      counts.forEach((n, i) => (totals[i] = (totals[i] ?? 0) + n))
      show(counts, path === '-' ? '' : ` ${path}`)
    }
    if (texts.length > 1) show(totals, ' total')
    return code
  },
}

const uniq = filter('cduif:', (text, o) => {
  const groups: { line: string; key: string; n: number }[] = []
  const key = (line: string): string => (o.has('i') ? line.toLowerCase() : line).replace(new RegExp(`^(?:\\s*\\S+){${Number(o.value('f') ?? 0) || 0}}`), '')
  for (const line of linesOf(text)) {
    const last = groups.at(-1)
    const k = key(line)
    if (last !== undefined && last.key === k) last.n++
    else groups.push({ line, key: k, n: 1 })
  }
  return joined(groups.filter((g) => (o.has('d') ? g.n > 1 : o.has('u') ? g.n === 1 : true)).map((g) => (o.has('c') ? `${String(g.n).padStart(7)} ${g.line}` : g.line)))
}, {}, { count: 'c', repeated: 'd', unique: 'u', 'ignore-case': 'i' })

/** Whether a list like `1,3-5,7-` has a place. */
function inList(list: string): (n: number) => boolean {
  const ranges = list.split(',').map((r) => r.split('-'))
  return (n) => ranges.some(([a = '', b]) => (b === undefined ? n === Number(a) : n >= Number(a || 1) && n <= (b === '' ? Infinity : Number(b))))
}

const cut: TextProgram = {
  streams: chunk,
  run(call) {
    const o = options(call.args, 'd:f:c:b:s', { delimiter: 'd', fields: 'f', characters: 'c', 'only-delimited': 's', 'output-delimiter': 'o' })
    if (o.bad !== undefined) return badOption(call, o.bad)
    const list = o.value('f') ?? o.value('c') ?? o.value('b')
    if (list === undefined) {
      call.err('cut: you must specify a list of bytes, characters, or fields\n')
      return 1
    }
    const wanted = inList(list)
    const by = o.value('d') ?? '\t'
    const { texts, code } = inputs(call, o.rest)
    for (const { text } of texts) call.out(joined(linesOf(text).filter((l) => !o.has('s') || l.includes(by)).map((line) => {
      if (!o.has('f')) return [...line].filter((_, i) => wanted(i + 1)).join('')
      return by !== '' && line.includes(by) ? line.split(by).filter((_, i) => wanted(i + 1)).join(by) : line
    })))
    return code
  },
}

/** Characters of a set of tr: ranges, classes, escapes. */
function setOf(text: string): string[] {
  const plain = text.replace(/\[:(\w+):\]/g, (_, n: string) => ({ upper: 'A-Z', lower: 'a-z', digit: '0-9', alpha: 'A-Za-z', alnum: 'A-Za-z0-9', space: ' \t\n', blank: ' \t', punct: '!-/:-@[-`{-~' })[n] ?? '').replace(/\\n/g, '\n').replace(/\\t/g, '\t').replace(/\\r/g, '\r').replace(/\\\\/g, '\\')
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

const tr: TextProgram = {
  streams: (args) => (args.some((a) => /^-\w*s/.test(a)) ? 'prefix' : 'chunk'),
  run(call) {
    const o = options(call.args, 'dscC', { delete: 'd', 'squeeze-repeats': 's', complement: 'c' })
    if (o.bad !== undefined) return badOption(call, o.bad)
    if (o.rest.length === 0) {
      call.err('tr: missing operand\n')
      return 1
    }
    const from = setOf(o.rest[0] ?? '')
    const to = setOf(o.rest[1] ?? '')
    const set = new Set(from)
    const not = o.has('c') || o.has('C')
    const member = (c: string): boolean => set.has(c) !== not
    let out = ''
    let last = ''
    for (const c of call.stdin) {
      if (o.has('d') && member(c)) continue
      const mapped = o.has('d') || to.length === 0 || !member(c) ? c : not ? (to.at(-1) as string) : (to[Math.min(from.indexOf(c), to.length - 1)] as string)
      if (o.has('s') && mapped === last && (to.length > 0 ? to.includes(mapped) : member(mapped))) continue
      out += last = mapped
    }
    call.out(out)
    return 0
  },
}

const tee: TextProgram = {
  run(call) {
    const o = options(call.args, 'ai', { append: 'a' })
    let code = 0
    for (const path of o.rest) {
      const why = call.files.write(path, (o.has('a') ? (call.files.read(path) ?? '') : '') + call.stdin)
      if (why === undefined) continue
      call.err(`tee: ${path}: ${why}\n`)
      code = 1
    }
    call.out(call.stdin)
    return code
  },
}

const base64: TextProgram = {
  run(call) {
    const o = options(call.args, 'dDw:i', { decode: 'd', wrap: 'w', 'ignore-garbage': 'i' })
    if (o.bad !== undefined) return badOption(call, o.bad)
    const { texts, code } = inputs(call, o.rest)
    const text = texts[0]?.text
    if (text === undefined) return code
    if (o.has('d') || o.has('D')) {
      const decoded = decodeBase64(text.replace(/\s+/g, ''))
      if (decoded === undefined) {
        call.err('base64: invalid input\n')
        return 1
      }
      call.out(decoded)
      return 0
    }
    const encoded = encodeBase64(text)
    const width = Math.min(10_000, Number(o.value('w') ?? 76) || 0)
    call.out(width > 0 ? `${(encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n')}\n` : encoded)
    return 0
  },
}

/** Longest output of `seq`, in lines. */
const mostNumbers = 10_000

const seq: TextProgram = {
  run(call) {
    const o = options(call.args.filter((a) => !/^-[\d.]/.test(a) || a.includes('s')), 's:w')
    const n = call.args.filter((a, i) => /^[-+]?[\d.]+$/.test(a) && call.args[i - 1] !== '-s').map(Number)
    const [from, step, to] = n.length === 1 ? [1, 1, n[0] as number] : n.length === 2 ? [n[0] as number, 1, n[1] as number] : [n[0] as number, n[1] as number, n[2] as number]
    if (n.length === 0) {
      call.err('seq: missing operand\n')
      return 1
    }
    const all: string[] = []
    for (let k = 0, i = from; step !== 0 && (step > 0 ? i <= to : i >= to) && k < mostNumbers; i = from + step * ++k) all.push(String(Math.round(i * 1e9) / 1e9))
    const width = o.has('w') ? Math.max(...all.map((s) => s.length)) : 0
    if (all.length > 0) call.out(`${all.map((s) => s.padStart(width, '0')).join(o.value('s') ?? '\n')}\n`)
    return 0
  },
}

const column = filter('ts:', (text, o) => {
  const rows = linesOf(text).map((l) => (o.has('s') ? l.split(o.value('s') as string) : l.trim().split(/\s+/)))
  const widths: number[] = []
  for (const r of rows) for (const [i, c] of r.entries()) widths[i] = Math.max(widths[i] ?? 0, c.length)
  return joined(rows.map((r) => r.map((c, i) => (i === r.length - 1 ? c : c.padEnd((widths[i] as number) + 2))).join('')))
})

const lastPart = (path: string): string => (/^\/+$/.test(path) ? '/' : path.replace(/\/+$/, '').slice(path.replace(/\/+$/, '').lastIndexOf('/') + 1))

const basename: TextProgram = {
  run({ args, out }) {
    const name = lastPart(args[0] ?? '')
    const end = args[1]
    out(`${end !== undefined && name !== end && name.endsWith(end) ? name.slice(0, -end.length) : name}\n`)
    return 0
  },
}

const dirname: TextProgram = { run: ({ args, out }) => (out(`${/^(.*[^/])?\/+[^/]+\/*$/.exec(args[0] ?? '')?.[1] || (args[0]?.startsWith('/') ? '/' : '.')}\n`), 0) }

const numbered = (text: string): string => joined(linesOf(text).map((l, i) => `${String(i + 1).padStart(6)}\t${l}`))

const cat = filter('nAEbesuvt', (text, o) => {
  const marked = o.has('E') || o.has('A') || o.has('e') ? text.replace(/\n/g, '$\n') : text
  return o.has('n') || o.has('b') ? numbered(marked) : marked
}, { streams: (args) => (args.some((a) => /^-\w*[nb]/.test(a)) ? 'prefix' : 'chunk') })

/** Programs that pass on, cut and count text. */
export const filters: Readonly<Record<string, TextProgram>> = {
  cat, head, tail, wc, uniq, cut, tr, tee, base64, seq, column, basename, dirname,
  nl: filter('b:w:s:', (text) => joined(linesOf(text).map((l, i) => `${String(i + 1).padStart(6)}\t${l}`)), { streams: prefix }),
  rev: filter('', (text) => joined(linesOf(text).map((l) => [...l].toReversed().join(''))), { streams: chunk }),
  tac: filter('', (text) => joined(linesOf(text).toReversed())),
  fold: filter('w:s', (text, o) => joined(linesOf(text).flatMap((l) => l.match(new RegExp(`.{1,${Math.max(1, Number(o.value('w') ?? 80) || 80)}}`, 'g')) ?? [''])), { streams: chunk }),
}
