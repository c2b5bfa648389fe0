import type { Cut, Script, Word } from './syntax'

/** What expansion asks of the shell. */
export interface Expander {
  variable(name: string): string
  /** What `$@` and `$*` are. */
  readonly args: readonly string[]
  capture(script: Script): string
  /** A file that holds the output of commands. */
  captureFile(script: Script): string
  glob(word: string): readonly string[]
}

/** Words after expansion: variables, substitutions, splitting at blanks, patterns. */
export function expandAll(words: readonly Word[], shell: Expander): string[] {
  return words.flatMap((w) => braces(w)).flatMap((w) => expand(w, shell))
}

/** One word after expansion; unquoted values may make several or none. */
export function expand(word: Word, shell: Expander): string[] {
  const out: string[] = []
  let current: string | undefined
  let wild = false
  const end = (): void => {
    if (current === undefined) return
    const found = wild && /[*?[]/.test(current) ? shell.glob(current) : []
    if (found.length > 0) out.push(...found)
    else out.push(current)
    current = undefined
    wild = false
  }
  for (const [i, part] of word.entries()) {
    if ('text' in part) {
      const text = i === 0 && !part.quoted && /^~(?=$|\/)/.test(part.text) ? shell.variable('HOME') + part.text.slice(1) : part.text
      current = (current ?? '') + text
      if (!part.quoted && /[*?[]/.test(text)) wild = true
      continue
    }
    if ('name' in part && part.name === '@' && part.quoted) {
      // Each argument is a word of its own.
      for (const [k, arg] of shell.args.entries()) {
        if (k > 0) end()
        current = (current ?? '') + arg
      }
      continue
    }
    const value = 'script' in part ? (part.file ? shell.captureFile(part.script) : shell.capture(part.script)) : 'sum' in part ? arithmetic(part.sum, shell) : part.cut ? cutOf(shell.variable(part.name), part.cut) : shell.variable(part.name) || (part.fallback ?? '')
    if (part.quoted) {
      current = (current ?? '') + value
      continue
    }
    const pieces = value.split(/[ \t\n]+/)
    for (const [k, piece] of pieces.entries()) {
      if (k > 0) end()
      if (piece !== '') {
        current = (current ?? '') + piece
        if (/[*?[]/.test(piece)) wild = true
      }
    }
  }
  end()
  return out
}

/** A value without what a pattern takes from its beginning or end, or a part of it. */
function cutOf(value: string, cut: Cut): string {
  if (cut.op === ':') return value.slice(cut.from, cut.length === undefined ? undefined : cut.from + cut.length)
  const fits = pattern(cut.glob)
  const sizes = Array.from({ length: value.length + 1 }, (_, i) => i)
  if (cut.op.length === 2) sizes.reverse()
  const n = sizes.find((size) => fits.test(cut.op.startsWith('#') ? value.slice(0, size) : value.slice(value.length - size)))
  return n === undefined ? value : cut.op.startsWith('#') ? value.slice(n) : value.slice(0, value.length - n)
}

/** A file pattern as a regular expression. */
export function pattern(glob: string): RegExp {
  let text = ''
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i] as string
    const close = c === '[' ? glob.indexOf(']', i + 2) : -1
    if (c === '*') text += '[^]*'
    else if (c === '?') text += '[^]'
    else if (close > 0) {
      text += `[${glob.slice(i + 1, close).replace(/^!/, '^').replace(/[\\\]]/g, '\\$&')}]`
      i = close
    } else text += c.replace(/[.+^${}()|\\[\]*?]/g, '\\$&')
  }
  try {
    return new RegExp(`^${text}$`)
  } catch {
    return /$^/
  }
}

/** Most words that braces make of one. */
const mostBraces = 1000

/** `a{b,c}` and `{1..3}`: the words that they stand for. */
function braces(word: Word): readonly Word[] {
  for (const [i, part] of word.entries()) {
    if (!('text' in part) || part.quoted) continue
    const found = firstBraces(part.text)
    if (found === undefined) continue
    const { from, to, choices } = found
    const made = choices.map((choice): Word => [...word.slice(0, i), { text: part.text.slice(0, from) + choice + part.text.slice(to), quoted: false }, ...word.slice(i + 1)])
    return made.flatMap((w) => braces(w)).slice(0, mostBraces)
  }
  return [word]
}

function firstBraces(text: string): { from: number; to: number; choices: readonly string[] } | undefined {
  for (let from = text.indexOf('{'); from >= 0; from = text.indexOf('{', from + 1)) {
    let depth = 0
    let last = from + 1
    const parts: string[] = []
    for (let i = from; i < text.length; i++) {
      const c = text[i]
      if (c === '{') depth++
      else if (c === ',' && depth === 1) {
        parts.push(text.slice(last, i))
        last = i + 1
      } else if (c === '}' && --depth === 0) {
        const inner = text.slice(from + 1, i)
        if (parts.length > 0) return { from, to: i + 1, choices: [...parts, text.slice(last, i)] }
        const range = rangeOf(inner)
        if (range !== undefined) return { from, to: i + 1, choices: range }
        break
      }
    }
  }
  return undefined
}

/** `1..5`, `a..e`, `10..1..3` */
function rangeOf(inner: string): readonly string[] | undefined {
  const numbers = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/.exec(inner)
  const letters = /^([a-zA-Z])\.\.([a-zA-Z])$/.exec(inner)
  if (numbers === null && letters === null) return undefined
  const end = (text: string | undefined): number => (numbers === null ? (text ?? 'a').charCodeAt(0) : Number(text))
  const [, first, last] = numbers ?? letters ?? []
  const [a, b] = [end(first), end(last)]
  const step = Math.max(1, Math.abs(Number(numbers?.[3] ?? 1)) || 1)
  const width = numbers !== null && /^-?0\d/.test(numbers[1] as string) ? (numbers[1] as string).length : 0
  const out: string[] = []
  for (let i = 0; i <= Math.abs(b - a) && out.length < mostBraces; i += step) {
    const n = a <= b ? a + i : a - i
    out.push(numbers === null ? String.fromCharCode(n) : String(n).padStart(width, '0'))
  }
  return out
}

/** `$((…))`: integers, names of variables, the operators of C. What cannot be read is 0, as an unset name is. */
export function arithmetic(text: string, shell: Pick<Expander, 'variable'>): string {
  const tokens = text.replace(/\$\{?(\w+)\}?/g, '$1').match(/\d+|[A-Za-z_]\w*|==|!=|<=|>=|&&|\|\||[-+*/%()<>!]/g) ?? []
  let at = 0
  const primary = (): number => {
    const t = tokens[at++]
    if (t === '(') {
      const v = level(0)
      at++
      return v
    }
    if (t === '-') return -primary()
    if (t === '+') return primary()
    if (t === '!') return primary() === 0 ? 1 : 0
    if (t === undefined) return 0
    return /^\d/.test(t) ? Number(t) : Math.trunc(Number(shell.variable(t)) || 0)
  }
  const LEVELS: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!='], ['<', '>', '<=', '>='], ['+', '-'], ['*', '/', '%']]
  const level = (n: number): number => {
    if (n === LEVELS.length) return primary()
    let a = level(n + 1)
    while ((LEVELS[n] as readonly string[]).includes(tokens[at] ?? '')) {
      const op = tokens[at++]
      const b = level(n + 1)
      a = op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : op === '/' ? (b === 0 ? 0 : Math.trunc(a / b)) : op === '%' ? (b === 0 ? 0 : a % b) : Number(op === '==' ? a === b : op === '!=' ? a !== b : op === '<' ? a < b : op === '>' ? a > b : op === '<=' ? a <= b : op === '>=' ? a >= b : op === '&&' ? a !== 0 && b !== 0 : a !== 0 || b !== 0)
    }
    return a
  }
  return String(tokens.length > 500 ? 0 : level(0))
}
