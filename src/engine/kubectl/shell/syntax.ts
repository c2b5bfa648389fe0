/** A part of a word: text as it is, a variable, the output of commands (or a file that holds it), arithmetic. */
export type Part =
  | { readonly text: string; readonly quoted: boolean }
  | { readonly name: string; readonly fallback?: string | undefined; readonly cut?: Cut | undefined; readonly quoted: boolean }
  | { readonly script: Script; readonly quoted: boolean; readonly file?: boolean }
  | { readonly sum: string; readonly quoted: boolean }

/** What `${name#pattern}`, `${name%pattern}` and `${name:from:length}` leave of a value. */
export type Cut = { readonly op: '#' | '##' | '%' | '%%'; readonly glob: string } | { readonly op: ':'; readonly from: number; readonly length?: number | undefined }

/** A word before it is expanded. */
export type Word = readonly Part[]

/** Where a stream goes, or comes from. `text`: a here-document. */
export interface Redirect {
  readonly op: '>' | '>>' | '<' | '>&' | 'text'
  readonly fd: number
  readonly to: Word
}

/** One command of a pipeline. */
export type Command =
  | { readonly kind: 'simple'; readonly assigns: readonly (readonly [string, Word])[]; readonly words: readonly Word[]; readonly redirects: readonly Redirect[] }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: Script }
  | { readonly kind: 'while'; readonly until: boolean; readonly test: Script; readonly body: Script }
  | { readonly kind: 'if'; readonly branches: readonly { readonly test: Script; readonly body: Script }[]; readonly otherwise?: Script }
  | { readonly kind: 'case'; readonly word: Word; readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: Script }[] }
  | { readonly kind: 'function'; readonly name: string; readonly text: string }
  | { readonly kind: 'group'; readonly body: Script; readonly apart: boolean; readonly redirects?: readonly Redirect[] }

/** A pipeline with what stands before it; `background`: a list that a `&` ends, as text. */
export interface Item {
  readonly after: '' | '&&' | '||'
  readonly not: boolean
  readonly pipe: readonly Command[]
  readonly background?: string
}

/** Pipelines in order. */
export type Script = readonly Item[]

/** Thrown for what a shell cannot read. */
export class SyntaxProblem {
  constructor(readonly message: string) {}
}

/** Longest line that is read. Longer ones are refused with the words of execve. Units: characters. */
export const longestLine = 131_072

/** Reads a line (or several) as a POSIX shell does. Errors: throws SyntaxProblem. */
export function parseShell(text: string): Script {
  if (text.length > longestLine) throw new SyntaxProblem('Argument list too long')
  const parser = new Parser(text)
  const script = parser.script([])
  parser.end()
  return script
}

const BLANK = new Set([' ', '\t', '\r'])
const META = new Set(['|', ';', '&', '<', '>', '(', ')', '\n'])
/** A redirection at the beginning of a text. */
const REDIRECT = /^(?:(\d|&)?(>>|>&|>)|(\d)?(<<<|<<-|<<|<))/
/** Deepest nesting of substitutions and compound commands. */
const deepest = 30

interface HereDoc {
  readonly redirect: { op: 'text'; fd: number; to: Word }
  readonly end: string
  readonly literal: boolean
  readonly strip: boolean
}

class Parser {
  private at = 0
  private depth = 0
  private readonly waiting: HereDoc[] = []

  constructor(private readonly text: string) {}

  end(): void {
    this.blanks(true)
    if (this.at < this.text.length) throw this.unexpected()
    if (this.waiting.length > 0) this.newline()
  }

  private unexpected(): SyntaxProblem {
    const rest = this.text.slice(this.at)
    const token = rest === '' ? 'end of file' : (/^(&&|\|\||;;|\n|[|;&<>()]|[^\s|;&<>()]+)/.exec(rest)?.[0] ?? rest[0] ?? '')
    return new SyntaxProblem(`syntax error: unexpected ${token === '\n' ? 'newline' : token === 'end of file' ? token : `"${token.slice(0, 40)}"`}`)
  }

  /** Skips blanks and comments; with `lines` also newlines and semicolons. */
  private blanks(lines = false): void {
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined) return
      if (BLANK.has(c)) this.at++
      else if (c === '\\' && this.text[this.at + 1] === '\n') this.at += 2
      else if (c === '#') while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      else if (lines && c === '\n') this.newline()
      else return
    }
  }

  /** Passes a newline: the here-documents that were announced on the line follow it. */
  private newline(): void {
    if (this.text[this.at] === '\n') this.at++
    for (const doc of this.waiting.splice(0)) {
      let body = ''
      for (;;) {
        if (this.at >= this.text.length) break
        let end = this.text.indexOf('\n', this.at)
        if (end < 0) end = this.text.length
        let line = this.text.slice(this.at, end)
        this.at = Math.min(end + 1, this.text.length)
        if (doc.strip) line = line.replace(/^\t+/, '')
        if (line === doc.end || line.replace(/\r$/, '') === doc.end) break
        body += `${line}\n`
      }
      doc.redirect.to = doc.literal ? [{ text: body, quoted: true }] : new Parser(body).quotedUntil(undefined)
    }
  }

  /** Pipelines up to one of the closing words (or `)`). */
  script(closers: readonly string[]): Script {
    if (++this.depth > deepest) throw new SyntaxProblem('commands are nested too deep')
    const items: Item[] = []
    let after: '' | '&&' | '||' = ''
    // Where the list of && and || that is being read began.
    let list = { at: 0, count: 0 }
    for (;;) {
      this.blanks(true)
      if (this.at >= this.text.length || this.text[this.at] === ')' || this.closes(closers)) {
        if (after !== '') throw this.unexpected()
        break
      }
      if (after === '') list = { at: this.at, count: items.length }
      let not = false
      if (this.text[this.at] === '!' && BLANK.has(this.text[this.at + 1] ?? 'x')) {
        not = true
        this.at++
      }
      items.push({ after, not, pipe: this.pipeline() })
      after = ''
      this.blanks()
      const two = this.text.slice(this.at, this.at + 2)
      const c = this.text[this.at]
      if (two === '&&' || two === '||') {
        after = two
        this.at += 2
      } else if (two === ';;') {
        if (closers.includes(';;')) break
        throw this.unexpected()
      } else if (c === ';') this.at++
      else if (c === '&') {
        items.splice(list.count, items.length - list.count, { after: '', not: false, pipe: [], background: this.text.slice(list.at, this.at).trim() })
        this.at++
      }
      else if (c === '\n') this.newline()
      else if (c !== undefined && c !== ')' && !this.closes(closers)) throw this.unexpected()
    }
    this.depth--
    return items
  }

  private closes(words: readonly string[]): boolean {
    return words.some((w) => this.text.startsWith(w, this.at) && /^($|[\s;&|)])/.test(this.text.slice(this.at + w.length, this.at + w.length + 1)))
  }

  private expect(word: string): void {
    this.blanks(true)
    if (this.text[this.at] === ';') {
      this.at++
      this.blanks(true)
    }
    if (!this.closes([word])) throw this.unexpected()
    this.at += word.length
  }

  private pipeline(): readonly Command[] {
    const commands = [this.command()]
    for (;;) {
      this.blanks()
      if (this.text[this.at] !== '|' || this.text[this.at + 1] === '|') return commands
      this.at++
      if (this.text[this.at] === '&') this.at++
      this.blanks(true)
      commands.push(this.command())
    }
  }

  private command(): Command {
    this.blanks()
    for (const word of ['for', 'while', 'until', 'if', 'case', '{'] as const) {
      if (!this.closes([word])) continue
      this.at += word.length
      if (word === 'for') return this.forLoop()
      if (word === 'case') return this.cases()
      if (word === '{') {
        const body = this.script(['}'])
        this.expect('}')
        return this.group(body, false)
      }
      if (word !== 'if') {
        const test = this.script(['do'])
        const body = this.doDone()
        return this.behind({ kind: 'while', until: word === 'until', test, body })
      }
      const branches: { test: Script; body: Script }[] = []
      for (;;) {
        const test = this.script(['then'])
        this.expect('then')
        branches.push({ test, body: this.script(['elif', 'else', 'fi']) })
        if (!this.closes(['elif'])) break
        this.at += 4
      }
      const otherwise = this.closes(['else']) ? ((this.at += 4), this.script(['fi'])) : undefined
      this.expect('fi')
      return this.behind({ kind: 'if', branches, ...(otherwise ? { otherwise } : {}) })
    }
    if (this.text[this.at] === '(') {
      this.at++
      const body = this.script([])
      if (this.text[this.at] !== ')') throw this.unexpected()
      this.at++
      return this.group(body, true)
    }
    return this.definition() ?? this.simple()
  }

  /** `name() { …; }`: kept as text, as it is read again when it is called. */
  private definition(): Command | undefined {
    const head = /^(?:function[ \t]+)?([A-Za-z_][\w-]*)[ \t]*\([ \t]*\)\s*\{/.exec(this.text.slice(this.at, this.at + 200))
    if (head === null) return undefined
    this.at += head[0].length
    const from = this.at
    this.script(['}'])
    this.blanks(true)
    if (this.text[this.at] !== '}') throw this.unexpected()
    const text = this.text.slice(from, this.at)
    this.at++
    return { kind: 'function', name: head[1] as string, text }
  }

  /** A group with the redirections that follow it. */
  private group(body: Script, apart: boolean): Command {
    const redirects = this.redirects()
    return { kind: 'group', body, apart, ...(redirects.length > 0 ? { redirects } : {}) }
  }

  /** A loop or condition: what is redirected behind it makes it a group. */
  private behind(command: Command): Command {
    const redirects = this.redirects()
    return redirects.length === 0 ? command : { kind: 'group', body: [{ after: '', not: false, pipe: [command] }], apart: false, redirects }
  }

  private redirects(): readonly Redirect[] {
    const all: Redirect[] = []
    for (;;) {
      this.blanks()
      const found = REDIRECT.exec(this.text.slice(this.at, this.at + 4))
      if (found === null || this.text.startsWith('<(', this.at)) return all
      all.push(...this.redirect(found))
    }
  }

  /** `case WORD in PATTERN|PATTERN) LIST ;; … esac` */
  private cases(): Command {
    this.blanks()
    const word = this.word()
    this.expect('in')
    const arms: { patterns: readonly Word[]; body: Script }[] = []
    for (;;) {
      this.blanks(true)
      if (this.closes(['esac'])) break
      if (this.at >= this.text.length) throw this.unexpected()
      if (this.text[this.at] === '(') this.at++
      const patterns: Word[] = []
      for (;;) {
        this.blanks()
        patterns.push(this.word())
        this.blanks()
        if (this.text[this.at] !== '|') break
        this.at++
      }
      if (this.text[this.at] !== ')') throw this.unexpected()
      this.at++
      arms.push({ patterns, body: this.script([';;', 'esac']) })
      this.blanks(true)
      if (this.text.startsWith(';;', this.at)) this.at += 2
    }
    this.expect('esac')
    return this.behind({ kind: 'case', word, arms })
  }

  private forLoop(): Command {
    this.blanks()
    const name = /^[A-Za-z_]\w*/.exec(this.text.slice(this.at))?.[0]
    if (name === undefined) throw this.unexpected()
    this.at += name.length
    this.blanks(true)
    if (this.text[this.at] === ';' || this.closes(['do'])) return this.behind({ kind: 'for', name, words: [[{ name: '@', quoted: true }]], body: this.doDone() })
    this.expect('in')
    const words: Word[] = []
    for (;;) {
      this.blanks()
      const c = this.text[this.at]
      if (c === undefined || META.has(c)) break
      words.push(this.word())
    }
    const body = this.doDone()
    return this.behind({ kind: 'for', name, words, body })
  }

  private doDone(): Script {
    this.expect('do')
    const body = this.script(['done'])
    this.expect('done')
    return body
  }

  private simple(): Command {
    const assigns: [string, Word][] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    for (;;) {
      this.blanks()
      const c = this.text[this.at]
      if (c === undefined) break
      const redirect = REDIRECT.exec(this.text.slice(this.at, this.at + 4))
      if (redirect !== null && !this.text.startsWith('<(', this.at)) {
        redirects.push(...this.redirect(redirect))
        continue
      }
      if (META.has(c) && !this.text.startsWith('<(', this.at)) break
      const assign = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(this.text.slice(this.at, this.at + 200)) : null
      if (assign !== null) {
        this.at += assign[0].length
        const next = this.text[this.at]
        assigns.push([assign[1] as string, next === undefined || BLANK.has(next) || META.has(next) ? [] : this.word()])
      } else words.push(this.word())
    }
    if (words.length === 0 && assigns.length === 0 && redirects.length === 0) throw this.unexpected()
    return { kind: 'simple', assigns, words, redirects }
  }

  private redirect(m: RegExpExecArray): readonly Redirect[] {
    this.at += m[0].length
    const op = (m[2] ?? m[4]) as string
    const both = m[1] === '&'
    const fd = m[1] !== undefined && !both ? Number(m[1]) : m[3] !== undefined ? Number(m[3]) : op.startsWith('<') ? 0 : 1
    this.blanks()
    const c = this.text[this.at]
    if (c === undefined || META.has(c)) throw this.unexpected()
    if (op === '<<' || op === '<<-') {
      const from = this.at
      const word = this.word()
      const redirect: HereDoc['redirect'] = { op: 'text', fd, to: [] }
      this.waiting.push({ redirect, end: word.map((p) => ('text' in p ? p.text : '')).join(''), literal: /['"\\]/.test(this.text.slice(from, this.at)), strip: op === '<<-' })
      return [redirect]
    }
    const to = this.word()
    if (op === '<<<') return [{ op: 'text', fd, to: [...to, { text: '\n', quoted: true }] }]
    if (both) return [{ op: op as '>', fd: 1, to }, { op: '>&', fd: 2, to: [{ text: '1', quoted: true }] }]
    return [{ op: op as '>', fd, to }]
  }

  /** One word with its quotes, variables and substitutions. */
  private word(): Word {
    const parts: Part[] = []
    let plain = ''
    const flush = (): void => {
      if (plain !== '') parts.push({ text: plain, quoted: false })
      plain = ''
    }
    for (;;) {
      const c = this.text[this.at]
      if (parts.length === 0 && plain === '' && c === '<' && this.text[this.at + 1] === '(') {
        this.at += 2
        const script = this.script([])
        if (this.text[this.at] !== ')') throw new SyntaxProblem('syntax error: unterminated process substitution')
        this.at++
        parts.push({ script, quoted: true, file: true })
        continue
      }
      if (c === undefined || BLANK.has(c) || META.has(c)) break
      if (c === "'") {
        const end = this.text.indexOf("'", this.at + 1)
        if (end < 0) throw new SyntaxProblem('syntax error: unterminated quoted string')
        flush()
        parts.push({ text: this.text.slice(this.at + 1, end), quoted: true })
        this.at = end + 1
      } else if (c === '"') {
        flush()
        this.at++
        parts.push({ text: '', quoted: true }, ...this.quotedUntil('"'))
      } else if (c === '\\') {
        const next = this.text[this.at + 1]
        this.at += 2
        if (next === undefined || next === '\n') continue
        flush()
        parts.push({ text: next, quoted: true })
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
  quotedUntil(quote: '"' | undefined): Part[] {
    const parts: Part[] = []
    let plain = ''
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined) {
        if (quote !== undefined) throw new SyntaxProblem('syntax error: unterminated quoted string')
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
          if (plain !== '') parts.push({ text: plain, quoted: true })
          plain = ''
          parts.push(part)
        }
      } else {
        plain += c
        this.at++
      }
    }
    if (plain !== '') parts.push({ text: plain, quoted: true })
    return parts
  }

  /** What begins with `$` or a back quote; undefined when it is just that character, which is passed. */
  private dollar(quoted: boolean): Part | undefined {
    const rest = this.text.slice(this.at, this.at + 200)
    if (rest[0] === '`') {
      const end = this.text.indexOf('`', this.at + 1)
      if (end < 0) throw new SyntaxProblem('syntax error: EOF in backquote substitution')
      const inner = new Parser(this.text.slice(this.at + 1, end))
      inner.depth = this.depth
      this.at = end + 1
      const script = inner.script([])
      inner.end()
      return { script, quoted }
    }
    if (rest.startsWith('$((')) {
      const end = this.text.indexOf('))', this.at)
      if (end < 0) throw new SyntaxProblem('syntax error: unterminated arithmetic')
      const sum = this.text.slice(this.at + 3, end)
      this.at = end + 2
      return { sum, quoted }
    }
    if (rest.startsWith('$(')) {
      this.at += 2
      const script = this.script([])
      if (this.text[this.at] !== ')') throw new SyntaxProblem('syntax error: unterminated command substitution')
      this.at++
      return { script, quoted }
    }
    const m = /^\$(?:([A-Za-z_]\w*|[?#@*$!0-9])|\{([A-Za-z_]\w*|[?#@*0-9])(?::?[-=]([^}]*))?\})/.exec(rest)
    const cut = m === null ? /^\$\{([A-Za-z_]\w*)(?:(##?|%%?)([^}]*)|:(\d+)(?::(\d+))?)\}/.exec(rest) : null
    if (cut !== null) {
      this.at += cut[0].length
      return { name: cut[1] as string, quoted, cut: cut[2] ? { op: cut[2] as '#', glob: (cut[3] ?? '').replace(/['"]/g, '') } : { op: ':', from: Number(cut[4]), length: cut[5] === undefined ? undefined : Number(cut[5]) } }
    }
    if (m === null) {
      if (rest.startsWith('${')) throw new SyntaxProblem('bad substitution')
      this.at++
      return undefined
    }
    this.at += m[0].length
    return { name: (m[1] ?? m[2]) as string, fallback: m[3], quoted }
  }
}
