import { options, type Options } from '../options'
import { expression, literalExpression } from './expression'
import { badOption, inputs, linesOf, type TextCall, type TextProgram } from './program'

const LETTERS = 'EFGivnowcqlLhHrRe:f:A:B:C:m:xsaP'
const LONG = {
  'ignore-case': 'i', 'invert-match': 'v', 'line-number': 'n', count: 'c', quiet: 'q', silent: 'q', color: 'a', colour: 'a', 'line-buffered': 'a', after: 'A', 'after-context': 'A', 'before-context': 'B', context: 'C',
  'only-matching': 'o', recursive: 'r', extended: 'E', 'extended-regexp': 'E', 'fixed-strings': 'F', regexp: 'e', file: 'f', 'max-count': 'm', 'word-regexp': 'w', 'line-regexp': 'x', 'files-with-matches': 'l', 'no-filename': 'h', 'with-filename': 'H', 'no-messages': 's', 'perl-regexp': 'P',
}

/** The expression of a command line; a number when there is none: its exit code. */
function expressionOf(call: TextCall, o: Options): RegExp | number {
  const listed = o.value('f')
  const what = listed === undefined ? (o.has('e') ? o.values('e').join('\n') : o.rest[0]) : (call.files.read(listed) ?? '').replace(/\n$/, '')
  if (what === undefined) {
    call.err('Usage: grep [OPTION]... PATTERNS [FILE]...\n')
    return 2
  }
  const fixed = o.has('F') || call.name === 'fgrep'
  const extended = o.has('E') || o.has('P') || call.name === 'egrep'
  const parts: string[] = []
  for (const line of what.split('\n')) {
    const rx = fixed ? undefined : expression(line, extended)
    if (!fixed && rx === undefined) {
      call.err(/\[[^\]]*$/.test(line) ? 'grep: Unmatched [, [^, [:, [., or [=\n' : 'grep: Invalid regular expression\n')
      return 2
    }
    parts.push(rx === undefined ? literalExpression(line) : rx.source === '(?:)' ? '' : rx.source)
  }
  let source = parts.join('|')
  if (o.has('w')) source = `(?<!\\w)(?:${source})(?!\\w)`
  if (o.has('x')) source = `^(?:${source})$`
  return new RegExp(source, o.has('i') ? 'gi' : 'g')
}

/** `grep`, `egrep`, `fgrep`. */
export const grep: TextProgram = {
  streams: (args) => (args.some((a) => /^-[a-zA-Z]*[cqlLABC]/.test(a) || /^--(count|quiet|after|before|context|files)/.test(a)) ? undefined : args.some((a) => /^-[a-zA-Z]*[nm]/.test(a)) ? 'prefix' : 'chunk'),
  enough: (args, sofar) => {
    const o = options(args, LETTERS, LONG)
    if (!o.has('q') && !o.has('m')) return false
    const most = o.has('m') ? Number(o.value('m')) : 1
    let found = 0
    const rx = expressionOf({ name: 'grep', args, stdin: '', files: { read: () => undefined, isDir: () => false, below: () => [], write: () => undefined, missing: () => '' }, out: () => undefined, err: () => undefined }, o)
    if (typeof rx === 'number') return true
    for (const line of linesOf(sofar)) if ((line.search(rx) >= 0) !== o.has('v') && ++found >= most) return true
    return false
  },
  run(call) {
    const o = options(call.args, LETTERS, LONG)
    if (o.bad !== undefined) return badOption(call, o.bad)
    const rx = expressionOf(call, o)
    if (typeof rx === 'number') return rx
    const named = o.has('e') || o.has('f') ? o.rest : o.rest.slice(1)
    const deep = o.has('r') || o.has('R')
    const files = deep ? (named.length === 0 ? ['.'] : named).flatMap((f) => (call.files.isDir(f) ? call.files.below(f) : [f])) : named
    const { texts, code } = inputs(o.has('s') ? { ...call, stdin: files.length === 0 ? call.stdin : '', err: () => undefined } : call, files)
    const around = Number(o.value('C') ?? 0)
    const after = Number(o.value('A') ?? around)
    const before = Number(o.value('B') ?? around)
    const most = o.has('m') ? Number(o.value('m')) : Infinity
    const manyFiles = (files.length > 1 || deep || o.has('H')) && !o.has('h')
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
      if (o.has('c')) call.out(`${head}${hit.length}\n`)
      else if (o.has('l') || o.has('L')) call.out(hit.length > 0 === o.has('l') ? `${path === '-' ? '(standard input)' : path}\n` : '')
      else if (o.has('o') && !o.has('v')) for (const i of hit) for (const m of ((rx.lastIndex = 0), lines[i] as string).matchAll(rx)) call.out(m[0] === '' ? '' : `${head}${o.has('n') ? `${i + 1}:` : ''}${m[0]}\n`)
      else show(call, lines, hit, { before, after, path: manyFiles ? path : '', numbers: o.has('n') })
    }
    return code !== 0 ? 2 : found ? 0 : 1
  },
}

/** Prints the lines that matched, with those around them. */
function show(call: TextCall, lines: readonly string[], hit: readonly number[], o: { readonly before: number; readonly after: number; readonly path: string; readonly numbers: boolean }): void {
  const hits = new Set(hit)
  let shown = -1
  for (const i of hit) for (let k = Math.max(shown + 1, i - o.before); k <= Math.min(lines.length - 1, i + o.after); k++) {
    if ((o.after > 0 || o.before > 0) && shown >= 0 && k > shown + 1) call.out('--\n')
    shown = k
    const mark = hits.has(k) ? ':' : '-'
    call.out(`${o.path === '' ? '' : `${o.path}${mark}`}${o.numbers ? `${k + 1}${mark}` : ''}${lines[k]}\n`)
  }
}
