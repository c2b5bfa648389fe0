/** A part of a word: literal text, or something to expand. `quoted` parts are not split into fields. */
export type WordPart =
  | { readonly is: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly is: 'var'; readonly name: string; readonly op: string; readonly arg: string; readonly quoted: boolean }
  | { readonly is: 'command'; readonly source: string; readonly quoted: boolean }
  | { readonly is: 'math'; readonly source: string }

/** A word of the shell language before expansion. */
export type Word = readonly WordPart[]

/** `> file`, `>> file`, `< file`; `fd` 2 for errors, 3 for both. `>&`: errors go where output goes (fd 2), or the other way round (fd 1). `<<`: `to` is the text itself. */
export interface Redirect {
  readonly op: '>' | '>>' | '<' | '>&' | '<<'
  readonly fd: 0 | 1 | 2 | 3
  readonly to: Word
}

/** A command of the shell language. Plain immutable data: a running program points into it. */
export type Node =
  | { readonly t: 'cmd'; readonly assigns: readonly { readonly name: string; readonly value: Word }[]; readonly words: readonly Word[]; readonly redirects: readonly Redirect[] }
  | { readonly t: 'seq'; readonly items: readonly { readonly node: Node; readonly op: ';' | '&&' | '||' | '&' }[] }
  | { readonly t: 'pipe'; readonly stages: readonly Node[]; readonly negate: boolean }
  | { readonly t: 'if'; readonly arms: readonly { readonly test: Node; readonly body: Node }[]; readonly otherwise: Node | null }
  | { readonly t: 'loop'; readonly until: boolean; readonly test: Node; readonly body: Node }
  | { readonly t: 'for'; readonly name: string; readonly words: readonly Word[] | null; readonly body: Node }
  | { readonly t: 'case'; readonly word: Word; readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: Node }[] }
  | { readonly t: 'redir'; readonly body: Node; readonly redirects: readonly Redirect[] }
  | { readonly t: 'func'; readonly name: string; readonly body: Node }

type Token = { readonly k: 'op'; readonly v: string } | { readonly k: 'word'; readonly v: Word; readonly raw: string }

const operators = ['&&', '||', ';;', '<<<', '<<-', '<<', '>>', '2>&1', '>&2', '1>&2', '&>', '2>>', '2>', '<', '>', ';', '&', '|', '(', ')']

/** A mistake in a script; the text is what the shell says. */
export interface ShellSyntaxError {
  readonly error: string
}

/** Parses a script. */
export function parseScript(source: string): Node | ShellSyntaxError {
  const tokens = lex(source)
  if ('error' in tokens) return tokens
  const p = new Parser(tokens.list)
  const node = p.list([])
  if (p.error) return { error: p.error }
  if (!p.done) return { error: `syntax error: unexpected "${p.peekText}"` }
  return node
}

function lex(s: string): { readonly list: readonly Token[] } | ShellSyntaxError {
  const list: Token[] = []
  /** Here-documents whose text begins after the present line. */
  const pending: { at: number; end: string; tabs: boolean; literal: boolean }[] = []
  let i = 0
  while (i < s.length) {
    const c = s[i] as string
    if (c === '\n') {
      list.push({ k: 'op', v: '\n' })
      i++
      for (const doc of pending) {
        const d = hereDocument(s, i, doc.end, doc.tabs)
        i = d.next
        const body = doc.literal ? { parts: [{ is: 'text' as const, text: d.text, quoted: true }] } : lexWord(`"${d.text.replaceAll('"', '\\"')}"`, 0)
        if ('error' in body) return body
        list[doc.at] = { k: 'word', v: body.parts, raw: '' }
      }
      pending.length = 0
    } else if (c === ' ' || c === '\t' || c === '\r') i++
    else if (c === '\\' && s[i + 1] === '\n') i += 2
    else if (c === '#') while (i < s.length && s[i] !== '\n') i++
    else {
      const op = operators.find((o) => s.startsWith(o, i))
      if (op) {
        list.push({ k: 'op', v: op })
        i += op.length
        if (op === '<<' || op === '<<-') {
          const m = /^[ \t]*(['"]?)([\w.-]+)\1/.exec(s.slice(i, i + 120))
          if (m === null) return { error: 'syntax error: unexpected newline' }
          i += m[0].length
          pending.push({ at: list.length, end: m[2] as string, tabs: op === '<<-', literal: m[1] !== '' })
          list.push({ k: 'word', v: [], raw: '' })
        }
        continue
      }
      const word = lexWord(s, i)
      if ('error' in word) return word
      list.push({ k: 'word', v: word.parts, raw: s.slice(i, word.end) })
      i = word.end
    }
  }
  return { list }
}

function hereDocument(s: string, from: number, end: string, tabs: boolean): { readonly text: string; readonly next: number } {
  let text = ''
  let i = from
  while (i < s.length) {
    const cut = s.indexOf('\n', i)
    const line = s.slice(i, cut < 0 ? s.length : cut)
    i = cut < 0 ? s.length : cut + 1
    const bare = tabs ? line.replace(/^\t+/, '') : line
    if (bare === end) break
    text += `${bare}\n`
  }
  return { text, next: i }
}

/** Reads one word from `i`. With `inQuotes`, reads to the closing quote. */
function lexWord(s: string, start: number): { readonly parts: Word; readonly end: number } | ShellSyntaxError {
  const parts: WordPart[] = []
  let text = ''
  let i = start
  let any = false
  const flush = (quoted: boolean) => {
    if (text !== '' || (quoted && any)) parts.push({ is: 'text', text, quoted })
    text = ''
    any = false
  }
  while (i < s.length) {
    const c = s[i] as string
    if (' \t\n\r;&|<>()'.includes(c)) break
    if (c === "'") {
      flush(false)
      const end = s.indexOf("'", i + 1)
      if (end < 0) return { error: 'syntax error: unterminated quoted string' }
      parts.push({ is: 'text', text: s.slice(i + 1, end), quoted: true })
      i = end + 1
    } else if (c === '"') {
      flush(false)
      i++
      any = true
      for (;;) {
        if (i >= s.length) return { error: 'syntax error: unterminated quoted string' }
        const d = s[i] as string
        if (d === '"') break
        if (d === '\\' && '"\\$`\n'.includes(s[i + 1] ?? ' ')) {
          if (s[i + 1] !== '\n') text += s[i + 1]
          i += 2
        } else if (d === '$' || d === '`') {
          const e = expansion(s, i, true)
          if (e === undefined) {
            text += d
            i++
          } else {
            if (text !== '') parts.push({ is: 'text', text, quoted: true })
            text = ''
            parts.push(e.part)
            i = e.end
          }
        } else {
          text += d
          i++
        }
      }
      flush(true)
      i++
    } else if (c === '\\') {
      flush(false)
      if (s[i + 1] !== '\n') parts.push({ is: 'text', text: s[i + 1] ?? '', quoted: true })
      i += 2
    } else if (c === '$' || c === '`') {
      const e = expansion(s, i, false)
      if (e === undefined) {
        text += c
        i++
      } else {
        flush(false)
        parts.push(e.part)
        i = e.end
      }
    } else {
      text += c
      i++
    }
  }
  flush(false)
  return { parts, end: i }
}

function closing(s: string, from: number, open: string, close: string): number {
  let depth = 1
  for (let i = from; i < s.length; i++) {
    if (s[i] === "'" && open === '(') {
      const end = s.indexOf("'", i + 1)
      if (end > 0) i = end
    } else if (s[i] === open) depth++
    else if (s[i] === close && --depth === 0) return i
  }
  return -1
}

function expansion(s: string, i: number, quoted: boolean): { readonly part: WordPart; readonly end: number } | undefined {
  if (s[i] === '`') {
    const end = s.indexOf('`', i + 1)
    return end < 0 ? undefined : { part: { is: 'command', source: s.slice(i + 1, end), quoted }, end: end + 1 }
  }
  if (s.startsWith('$((', i)) {
    const end = closing(s, i + 3, '(', ')')
    if (end > 0 && s[end + 1] === ')') return { part: { is: 'math', source: s.slice(i + 3, end) }, end: end + 2 }
  }
  if (s[i + 1] === '(') {
    const end = closing(s, i + 2, '(', ')')
    return end < 0 ? undefined : { part: { is: 'command', source: s.slice(i + 2, end), quoted }, end: end + 1 }
  }
  if (s[i + 1] === '{') {
    const end = closing(s, i + 2, '{', '}')
    if (end < 0) return undefined
    const m = /^(#?)(\w+|[?#@*$!])(:?[-=+?]|%%?|##?)?([\s\S]*)$/.exec(s.slice(i + 2, end))
    if (m === null) return undefined
    return { part: { is: 'var', name: m[2] as string, op: m[1] === '#' ? 'length' : (m[3] ?? ''), arg: m[4] ?? '', quoted }, end: end + 1 }
  }
  const m = /^(\w+|[?#@*$!])/.exec(s.slice(i + 1, i + 80))
  if (m === null) return undefined
  const name = /^\d/.test(m[1] as string) ? (m[1] as string)[0] as string : (m[1] as string)
  return { part: { is: 'var', name, op: '', arg: '', quoted }, end: i + 1 + name.length }
}

const reserved = new Set(['then', 'fi', 'else', 'elif', 'do', 'done', 'esac', '}'])

class Parser {
  private i = 0
  error = ''

  constructor(private readonly tokens: readonly Token[]) {}

  get done(): boolean {
    this.lines()
    return this.i >= this.tokens.length
  }

  get peekText(): string {
    const t = this.tokens[this.i]
    return t === undefined ? 'end of file' : t.k === 'op' ? t.v : t.raw
  }

  private op(v: string): boolean {
    const t = this.tokens[this.i]
    if (t?.k !== 'op' || t.v !== v) return false
    this.i++
    return true
  }

  private word(v: string): boolean {
    const t = this.tokens[this.i]
    if (t?.k !== 'word' || t.raw !== v) return false
    this.i++
    return true
  }

  private expect(v: string): void {
    if (!this.word(v) && !this.error) this.error = `syntax error: unexpected ${this.i >= this.tokens.length ? 'end of file' : `"${this.peekText}"`} (expecting "${v}")`
  }

  private lines(): void {
    while (this.op('\n') || this.op(';'));
  }

  list(_until: readonly string[]): Node {
    const items: { node: Node; op: ';' | '&&' | '||' | '&' }[] = []
    this.lines()
    while (this.i < this.tokens.length && !this.error) {
      const t = this.tokens[this.i] as Token
      if ((t.k === 'word' && reserved.has(t.raw)) || (t.k === 'op' && (t.v === ')' || t.v === ';;'))) break
      const node = this.pipeline()
      let op: ';' | '&&' | '||' | '&' = ';'
      if (this.op('&&')) op = '&&'
      else if (this.op('||')) op = '||'
      else if (this.op('&')) op = '&'
      else if (!this.op(';') && !this.op('\n')) {
        items.push({ node, op })
        break
      }
      items.push({ node, op })
      this.lines()
    }
    return items.length === 1 && items[0]?.op === ';' ? (items[0].node) : { t: 'seq', items }
  }

  private pipeline(): Node {
    const negate = this.word('!')
    const stages = [this.command()]
    while (this.op('|')) {
      this.lines()
      stages.push(this.command())
    }
    return stages.length === 1 && !negate ? (stages[0] as Node) : { t: 'pipe', stages, negate }
  }

  private command(): Node {
    if (this.word('if')) return this.conditional()
    for (const until of [false, true])
      if (this.word(until ? 'until' : 'while')) {
        const test = this.list([])
        this.expect('do')
        const body = this.list([])
        this.expect('done')
        return this.redirected({ t: 'loop', until, test, body })
      }
    if (this.word('for')) {
      const name = this.peekText
      this.i++
      let words: Word[] | null = null
      if (this.word('in')) {
        words = []
        for (let t = this.tokens[this.i]; t?.k === 'word'; t = this.tokens[this.i]) {
          words.push(t.v)
          this.i++
        }
      }
      this.lines()
      this.expect('do')
      const body = this.list([])
      this.expect('done')
      return this.redirected({ t: 'for', name, words, body })
    }
    if (this.word('case')) return this.cases()
    if (this.word('{')) {
      const body = this.list([])
      this.expect('}')
      return this.redirected(body)
    }
    if (this.op('(')) {
      const body = this.list([])
      if (!this.op(')') && !this.error) this.error = 'syntax error: unexpected end of file (expecting ")")'
      return this.redirected(body)
    }
    return this.simple()
  }

  /** A compound command with its redirections. */
  private redirected(node: Node): Node {
    const redirects: Redirect[] = []
    for (let r = this.redirect(); r !== null; r = this.redirect()) redirects.push(r)
    return redirects.length > 0 ? { t: 'redir', body: node, redirects } : node
  }

  private conditional(): Node {
    const arms: { test: Node; body: Node }[] = []
    let otherwise: Node | null = null
    do {
      const test = this.list([])
      this.expect('then')
      arms.push({ test, body: this.list([]) })
    } while (this.word('elif') && !this.error)
    if (this.word('else')) otherwise = this.list([])
    this.expect('fi')
    return this.redirected({ t: 'if', arms, otherwise })
  }

  private cases(): Node {
    const t = this.tokens[this.i++]
    const word = t?.k === 'word' ? t.v : []
    this.lines()
    this.expect('in')
    this.lines()
    const arms: { patterns: Word[]; body: Node }[] = []
    while (!this.word('esac') && !this.error) {
      this.op('(')
      const patterns: Word[] = []
      do {
        const p = this.tokens[this.i]
        if (p?.k !== 'word') {
          this.error = `syntax error: unexpected "${this.peekText}"`
          break
        }
        patterns.push(p.v)
        this.i++
      } while (this.op('|'))
      this.op(')')
      arms.push({ patterns, body: this.list([]) })
      this.op(';;')
      this.lines()
    }
    return { t: 'case', word, arms }
  }

  private redirect(): Redirect | null {
    const t = this.tokens[this.i]
    if (t?.k !== 'op') return null
    if (t.v === '2>&1' || t.v === '>&2' || t.v === '1>&2') {
      this.i++
      return { op: '>&', fd: t.v === '2>&1' ? 2 : 1, to: [] }
    }
    if (t.v === '<<' || t.v === '<<-' || t.v === '<<<') {
      this.i++
      const text = this.tokens[this.i++]
      const word = text?.k === 'word' ? text.v : []
      return { op: '<<', fd: 0, to: t.v === '<<<' ? [...word, { is: 'text', text: '\n', quoted: true }] : word }
    }
    if (!['>', '>>', '<', '2>', '2>>', '&>'].includes(t.v)) return null
    this.i++
    const to = this.tokens[this.i++]
    return { op: t.v === '<' ? '<' : t.v.endsWith('>>') ? '>>' : '>', fd: t.v === '<' ? 0 : t.v.startsWith('2') ? 2 : t.v === '&>' ? 3 : 1, to: to?.k === 'word' ? to.v : [] }
  }

  private simple(): Node {
    const assigns: { name: string; value: Word }[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    for (;;) {
      const r = this.redirect()
      if (r) {
        redirects.push(r)
        continue
      }
      const t = this.tokens[this.i]
      if (t === undefined || t.k === 'op') {
        if (t?.v === '(' && words.length === 1 && this.tokens[this.i + 1]?.k === 'op') {
          this.i += 2
          this.lines()
          this.word('{')
          const body = this.list([])
          this.expect('}')
          const name = words[0]?.[0]
          return { t: 'func', name: name?.is === 'text' ? name.text : '', body }
        }
        break
      }
      const first = t.v[0]
      const m = words.length === 0 && first?.is === 'text' && !first.quoted ? /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(first.text) : null
      if (m) assigns.push({ name: m[1] as string, value: [{ is: 'text', text: m[2] as string, quoted: true }, ...t.v.slice(1)] })
      else words.push(t.v)
      this.i++
    }
    if (words.length === 0 && assigns.length === 0 && redirects.length === 0 && !this.error) this.error = `syntax error: unexpected ${this.i >= this.tokens.length ? 'end of file' : `"${this.peekText === '\n' ? 'newline' : this.peekText}"`}`
    return { t: 'cmd', assigns, words, redirects }
  }
}
