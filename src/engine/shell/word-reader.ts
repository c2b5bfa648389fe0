import { SyntaxProblem, syntaxLimits, type Node, type Word, type WordPart } from './syntax'

export const isBlank = (c: string | undefined): boolean => c === ' ' || c === '\t' || c === '\r'
const META = new Set(['|', ';', '&', '<', '>', '(', ')', '\n'])
export const isMeta = (c: string): boolean => META.has(c)

/** What can follow a name in braces, the longer ones first. */
const OPERATORS = [':-', ':=', ':+', ':?', '##', '%%', '//', '/#', '/%', '^^', ',,', '-', '=', '+', '?', '#', '%', '/', '^', ',', ':']

/** Reads words: quotes, variables, substitutions. The commands around them are the parser's (`Parser`). */
export abstract class WordReader {
  protected at = 0
  protected depth = 0

  constructor(protected readonly text: string) {
    if (text.length > syntaxLimits.script) throw new SyntaxProblem('Argument list too long')
  }

  /** Commands up to a closing word or a parenthesis. */
  protected abstract script(closers: readonly string[]): Node
  /** A reader of an inner text, as deep as this one is. */
  protected abstract inner(text: string): WordReader

  /** All of the text as commands. */
  abstract whole(): Node

  /** All of the text as the inside of double quotes: here-documents, arithmetic. */
  quotedText(): Word {
    return this.quoted(undefined)
  }

  /** One word, up to a blank or an operator; inside `${…}` up to one of `stops`. `plainMeta`: operators that count as letters. */
  protected word(stops?: string, plainMeta = ''): Word {
    const parts: WordPart[] = []
    let plain = ''
    const { text } = this
    const flush = (): void => {
      if (plain !== '') parts.push({ is: 'text', text: plain, quoted: false })
      plain = ''
    }
    for (;;) {
      const c = text[this.at]
      if (c === undefined) {
        if (stops !== undefined) throw new SyntaxProblem('syntax error: missing \'}\'', true)
        break
      }
      if (stops !== undefined) {
        if (stops.includes(c)) break
      } else {
        if (c === '<' && text[this.at + 1] === '(' && parts.length === 0 && plain === '') {
          this.at += 2
          parts.push({ is: 'command', body: this.parenthesized('process'), quoted: true, file: true })
          continue
        }
        if (isBlank(c) || (META.has(c) && !plainMeta.includes(c))) break
      }
      if (c === "'") {
        const end = text.indexOf("'", this.at + 1)
        if (end < 0) throw new SyntaxProblem('syntax error: unterminated quoted string', true)
        flush()
        parts.push({ is: 'text', text: text.slice(this.at + 1, end), quoted: true })
        this.at = end + 1
      } else if (c === '"') {
        flush()
        this.at++
        const inside = this.quoted('"')
        if (inside.length === 0) parts.push({ is: 'text', text: '', quoted: true })
        else parts.push(...inside)
      } else if (c === '\\') {
        const next = text[this.at + 1]
        this.at += 2
        if (next === undefined || next === '\n') continue
        flush()
        parts.push({ is: 'text', text: next, quoted: true })
      } else if (c === '$' && text[this.at + 1] === "'" && stops === undefined) {
        const end = /^(?:[^'\\]|\\[^])*'/.exec(text.slice(this.at + 2))
        if (end === null) throw new SyntaxProblem('syntax error: unterminated quoted string', true)
        flush()
        parts.push({ is: 'text', text: unescaped(end[0].slice(0, -1)), quoted: true })
        this.at += 2 + end[0].length
      } else if (c === '$' || c === '`') {
        const part = this.dollar(false)
        if (part === undefined) plain += c
        else {
          flush()
          parts.push(part)
        }
      } else {
        plain += c
        this.at++
      }
    }
    flush()
    return parts
  }

  /** The inside of double quotes, or of a here-document. */
  private quoted(quote: '"' | undefined): WordPart[] {
    const parts: WordPart[] = []
    let plain = ''
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined) {
        if (quote !== undefined) throw new SyntaxProblem('syntax error: unterminated quoted string', true)
        break
      }
      if (c === quote) {
        this.at++
        break
      }
      if (c === '\\' && (quote === undefined ? '\\$`\n' : '"\\$`\n').includes(this.text[this.at + 1] ?? ' ')) {
        if (this.text[this.at + 1] !== '\n') plain += this.text[this.at + 1]
        this.at += 2
      } else if (c === '$' || c === '`') {
        const part = this.dollar(true)
        if (part === undefined) plain += c
        else {
          if (plain !== '') parts.push({ is: 'text', text: plain, quoted: true })
          plain = ''
          parts.push(part)
        }
      } else {
        plain += c
        this.at++
      }
    }
    if (plain !== '') parts.push({ is: 'text', text: plain, quoted: true })
    return parts
  }

  /** Commands up to the parenthesis that ends them, behind the one that began them. */
  private parenthesized(what: string): Node {
    const body = this.script([])
    if (this.text[this.at] !== ')') throw new SyntaxProblem(`syntax error: unterminated ${what} substitution`, true)
    this.at++
    return body
  }

  /** What begins with `$` or a back quote; undefined when it is just that character, which is passed. */
  private dollar(quoted: boolean): WordPart | undefined {
    const { text, at } = this
    if (text[at] === '`') {
      let end = at + 1
      while (end < text.length && text[end] !== '`') end += text[end] === '\\' ? 2 : 1
      if (end >= text.length) throw new SyntaxProblem('syntax error: EOF in backquote substitution', true)
      this.at = end + 1
      return { is: 'command', body: this.inner(text.slice(at + 1, end).replace(/\\([`\\$])/g, '$1')).whole(), quoted }
    }
    const next = text[at + 1]
    if (next === '(') {
      const sum = text[at + 2] === '(' ? this.arithmetic(at + 3) : undefined
      if (sum !== undefined) return { is: 'math', sum, quoted }
      this.at += 2
      return { is: 'command', body: this.parenthesized('command'), quoted }
    }
    if (next === '{') return this.braced(quoted)
    const name = /^(?:[A-Za-z_]\w*|[?#@*$!0-9-])/.exec(text.slice(at + 1, at + 200))?.[0]
    this.at += 1 + (name?.length ?? 0)
    return name === undefined ? undefined : { is: 'var', name, op: '', arg: [], quoted }
  }

  /** `…))` of an arithmetic that begins at a place; undefined when it is a subshell in a substitution. */
  protected arithmetic(from: number): Word | undefined {
    let depth = 0
    for (let i = from; i < this.text.length; i++) {
      const c = this.text[i]
      if (c === '(') depth++
      else if (c === ')' && depth > 0) depth--
      else if (c === ')') {
        if (this.text[i + 1] !== ')') return undefined
        this.at = i + 2
        return this.inner(this.text.slice(from, i)).quotedText()
      }
    }
    throw new SyntaxProblem('syntax error: unterminated arithmetic', true)
  }

  /** `${…}` */
  private braced(quoted: boolean): WordPart {
    if (++this.depth > syntaxLimits.depth) throw new SyntaxProblem('commands are nested too deep')
    const m = /^\$\{(#(?=[A-Za-z_0-9@*?]))?([A-Za-z_]\w*|\d+|[?#@*$!-])/.exec(this.text.slice(this.at, this.at + 200))
    if (m === null) throw new SyntaxProblem('syntax error: bad substitution')
    this.at += m[0].length
    let index: Word | undefined
    if (this.text[this.at] === '[') {
      const end = this.text.indexOf(']', this.at)
      if (end < 0) throw new SyntaxProblem('syntax error: bad substitution')
      index = this.inner(this.text.slice(this.at + 1, end)).quotedText()
      this.at = end + 1
    }
    if (this.at >= this.text.length) throw new SyntaxProblem("syntax error: missing '}'", true)
    const op = m[1] !== undefined ? 'length' : this.text[this.at] === '}' ? '' : OPERATORS.find((o) => this.text.startsWith(o, this.at))
    if (op === undefined || (op === 'length' && this.text[this.at] !== '}')) throw new SyntaxProblem('syntax error: bad substitution')
    if (op !== 'length') this.at += op.length
    const replaces = op.startsWith('/')
    const arg = op === '' || op === 'length' ? [] : this.word(replaces ? '/}' : '}')
    let by: Word | undefined
    if (replaces && this.text[this.at] === '/') {
      this.at++
      by = this.word('}')
    }
    this.at++
    this.depth--
    return { is: 'var', name: m[2] as string, ...(index ? { index } : {}), op, arg, ...(by ? { by } : {}), quoted }
  }
}

/** The escapes of `echo -e`, `printf` and `$'…'`. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:0?([0-7]{1,3})|x([0-9a-fA-F]{1,2})|([ntr\\"'abefv]))/g, (_, octal: string | undefined, hex: string | undefined, c: string | undefined) => {
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 255)
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    return ({ n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'", a: '\u0007', b: '\b', e: '\u001b', f: '\f', v: '\v' } as Record<string, string>)[c ?? ''] ?? ''
  })
}
