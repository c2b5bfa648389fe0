import { SyntaxProblem, syntaxLimits, type Assign, type Node, type Redirect, type Sequence, type Word } from './syntax'
import { WordReader, isBlank, isMeta } from './word-reader'

/** Reads a script (a line, or a file of them) as a POSIX shell does, with what people use of bash's. `typed`: more lines may follow, so that a here-document must have its end. Errors: throws SyntaxProblem. */
export function parseScript(text: string, typed = false): Node {
  const parser = new Parser(text)
  parser.typed = typed
  return parser.whole()
}

/** A redirection at the beginning of a text. */
const REDIRECT = /^(?:(\d|&)?(>>|>&|>\||>)|(\d)?(<<<|<<-|<<|<))/
/** Words that end a command that has parts. */
const CLOSERS = ['then', 'fi', 'else', 'elif', 'do', 'done', 'esac', '}']
const OPENERS = new Set(['f', 'w', 'u', 'i', 'c', '{', '(', 't', 'e', 'd', '}'])

/** Freezes a node: checkpoints share it. */
const node = <T extends Node>(n: T): T => Object.freeze(n)
const literal = (text: string): Word => [{ is: 'text', text, quoted: true }]

interface HereDoc {
  readonly redirect: { op: '<<'; fd: number; to: Word }
  readonly end: string
  readonly literal: boolean
  readonly strip: boolean
}

class Parser extends WordReader {
  /** Here-documents whose text begins after the present line. */
  private waiting: HereDoc[] = []
  typed = false

  protected inner(text: string): Parser {
    const parser = new Parser(text)
    parser.depth = this.depth
    return parser
  }

  whole(): Node {
    const script = this.script([])
    this.blanks(true)
    if (this.at < this.text.length) throw this.unexpected()
    if (this.waiting.length > 0) this.newline()
    return script
  }

  private unexpected(expecting?: string): SyntaxProblem {
    const rest = this.text.slice(this.at)
    const token = rest === '' ? '' : (/^(&&|\|\||;;|\n|[|;&<>()]|[^\s|;&<>()]+)/.exec(rest)?.[0] ?? rest[0] ?? '')
    return new SyntaxProblem(`syntax error: unexpected ${token === '' ? 'end of file' : token === '\n' ? 'newline' : `"${token.slice(0, 40)}"`}${expecting === undefined ? '' : ` (expecting "${expecting}")`}`, token === '')
  }

  /** Skips blanks and comments; with `lines` also newlines. */
  private blanks(lines = false): void {
    for (;;) {
      const c = this.text[this.at]
      if (c === undefined) return
      if (isBlank(c)) this.at++
      else if (c === '\\' && this.text[this.at + 1] === '\n') this.at += 2
      else if (c === '#') while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++
      else if (lines && c === '\n') this.newline()
      else return
    }
  }

  /** Passes a newline: the here-documents that were announced on the line follow it. */
  private newline(): void {
    if (this.text[this.at] === '\n') this.at++
    if (this.waiting.length === 0) return
    for (const doc of this.waiting.splice(0)) {
      let body = ''
      for (;;) {
        if (this.at >= this.text.length) {
          if (this.typed) throw new SyntaxProblem('syntax error: unterminated here-document', true)
          break
        }
        let end = this.text.indexOf('\n', this.at)
        if (end < 0) end = this.text.length
        let line = this.text.slice(this.at, end)
        this.at = Math.min(end + 1, this.text.length)
        if (doc.strip) line = line.replace(/^\t+/, '')
        if (line === doc.end || line.replace(/\r$/, '') === doc.end) break
        body += `${line}\n`
      }
      doc.redirect.to = doc.literal ? literal(body) : this.inner(body).quotedText()
    }
  }

  /** Commands up to one of the closing words (or `)`). */
  protected script(closers: readonly string[]): Node {
    if (++this.depth > syntaxLimits.depth) throw new SyntaxProblem('commands are nested too deep')
    const items: { after: '' | '&&' | '||'; node: Node }[] = []
    let after: '' | '&&' | '||' = ''
    // Where the list of && and || that is being read began.
    let from = 0
    let count = 0
    for (;;) {
      this.blanks(true)
      if (this.at >= this.text.length || this.text[this.at] === ')' || this.closes(closers)) {
        if (after !== '') throw this.unexpected()
        break
      }
      if (after === '') {
        from = this.at
        count = items.length
      }
      items.push({ after, node: this.pipeline() })
      after = ''
      this.blanks()
      const c = this.text[this.at]
      const double = c !== undefined && c === this.text[this.at + 1]
      if (double && (c === '&' || c === '|')) {
        after = c === '&' ? '&&' : '||'
        this.at += 2
      } else if (double && c === ';') {
        if (closers.includes(';;')) break
        throw this.unexpected()
      } else if (c === ';') this.at++
      else if (c === '&') {
        const body = items.splice(count)
        const text = this.text.slice(from, this.at).trim()
        items.push({ after: '', node: node({ t: 'bg', body: listOf(body), text }) })
        this.at++
      } else if (c === '\n') this.newline()
      else if (c !== undefined && c !== ')' && !this.closes(closers)) throw this.unexpected()
    }
    this.depth--
    return listOf(items)
  }

  private closes(words: readonly string[]): boolean {
    for (const w of words) if (this.text.startsWith(w, this.at) && this.ends(this.at + w.length)) return true
    return false
  }

  /** Whether a word ends at a place. */
  private ends(at: number): boolean {
    const c = this.text[at]
    return c === undefined || isBlank(c) || c === '\n' || c === ';' || c === '&' || c === '|' || c === ')' || c === '(' || c === '<' || c === '>'
  }

  private expect(word: string): void {
    this.blanks(true)
    if (!this.closes([word])) throw this.unexpected(word)
    this.at += word.length
  }

  private pipeline(): Node {
    let negate = false
    while (this.text[this.at] === '!' && isBlank(this.text[this.at + 1])) {
      negate = !negate
      this.at++
      this.blanks()
    }
    const stages = [this.command()]
    for (;;) {
      this.blanks()
      if (this.text[this.at] !== '|' || this.text[this.at + 1] === '|') break
      this.at++
      const both = this.text[this.at] === '&'
      if (both) {
        this.at++
        stages.push(node({ t: 'redir', body: stages.pop() as Node, redirects: [{ op: '>&', fd: 2, to: literal('1') }] }))
      }
      this.blanks(true)
      stages.push(this.command())
    }
    return stages.length === 1 && !negate ? (stages[0] as Node) : node({ t: 'pipe', stages, negate })
  }

  private command(): Node {
    this.blanks()
    const c = this.text[this.at]
    if (c === undefined || !OPENERS.has(c)) return this.definition() ?? this.simple()
    if (c === '(') {
      if (this.text[this.at + 1] === '(') {
        const sum = this.arithmetic(this.at + 2)
        if (sum !== undefined) return this.behind(letOf(sum))
      }
      this.at++
      const body = this.script([])
      if (this.text[this.at] !== ')') throw this.unexpected(')')
      this.at++
      return this.behind(node({ t: 'sub', body }))
    }
    for (const word of ['for', 'while', 'until', 'if', 'case', '{'] as const) {
      if (!this.closes([word])) continue
      this.at += word.length
      if (word === 'for') return this.behind(this.forLoop())
      if (word === 'case') return this.behind(this.cases())
      if (word === 'if') return this.behind(this.conditional())
      if (word === '{') {
        const body = this.script(['}'])
        this.expect('}')
        return this.behind(body)
      }
      const test = this.script(['do'])
      return this.behind(node({ t: 'loop', until: word === 'until', test, body: this.doDone(), step: null }))
    }
    if (this.closes(CLOSERS)) throw this.unexpected()
    return this.definition() ?? this.simple()
  }

  private conditional(): Node {
    const arms: { test: Node; body: Node }[] = []
    for (;;) {
      const test = this.script(['then'])
      this.expect('then')
      arms.push({ test, body: this.script(['elif', 'else', 'fi']) })
      if (!this.closes(['elif'])) break
      this.at += 4
    }
    let otherwise: Node | null = null
    if (this.closes(['else'])) {
      this.at += 4
      otherwise = this.script(['fi'])
    }
    this.expect('fi')
    return node({ t: 'if', arms, otherwise })
  }

  /** `name() { …; }`, with its text. */
  private definition(): Node | undefined {
    const head = /^(?:function[ \t]+([A-Za-z_][\w-]*)[ \t]*(?:\([ \t]*\))?|([A-Za-z_][\w-]*)[ \t]*\([ \t]*\))\s*\{(?=\s)/.exec(this.text.slice(this.at, this.at + 200))
    if (head === null) return undefined
    this.at += head[0].length
    const from = this.at
    const body = this.script(['}'])
    this.blanks(true)
    if (this.text[this.at] !== '}') throw this.unexpected('}')
    const text = this.text.slice(from, this.at)
    this.at++
    return node({ t: 'func', name: (head[1] ?? head[2]) as string, body, text })
  }

  /** A compound command with the redirections that follow it. */
  private behind(command: Node): Node {
    const redirects: Redirect[] = []
    for (;;) {
      this.blanks()
      const found = this.redirection()
      if (found === null) break
      redirects.push(...this.redirect(found))
    }
    return redirects.length === 0 ? command : node({ t: 'redir', body: command, redirects })
  }

  /** `case WORD in PATTERN|PATTERN) LIST ;; … esac` */
  private cases(): Node {
    this.blanks()
    const word = this.word()
    this.expect('in')
    const arms: { patterns: readonly Word[]; body: Node }[] = []
    for (;;) {
      this.blanks(true)
      if (this.closes(['esac'])) break
      if (this.at >= this.text.length) throw this.unexpected('esac')
      if (this.text[this.at] === '(') this.at++
      const patterns: Word[] = []
      for (;;) {
        this.blanks()
        patterns.push(this.word())
        this.blanks()
        if (this.text[this.at] !== '|') break
        this.at++
      }
      if (this.text[this.at] !== ')') throw this.unexpected(')')
      this.at++
      arms.push({ patterns, body: this.script([';;', 'esac']) })
      this.blanks(true)
      if (this.text.startsWith(';;', this.at)) this.at += 2
    }
    this.expect('esac')
    return node({ t: 'case', word, arms })
  }

  private forLoop(): Node {
    this.blanks()
    if (this.text.startsWith('((', this.at)) return this.counting()
    const name = /^[A-Za-z_]\w*/.exec(this.text.slice(this.at, this.at + 200))?.[0]
    if (name === undefined) throw this.unexpected()
    this.at += name.length
    this.blanks(true)
    if (this.text[this.at] === ';' || this.closes(['do'])) return node({ t: 'for', name, words: null, body: this.doDone() })
    this.expect('in')
    const words: Word[] = []
    for (;;) {
      this.blanks()
      const c = this.text[this.at]
      if (c === undefined || (isMeta(c) && !this.text.startsWith('<(', this.at))) break
      words.push(this.word())
    }
    return node({ t: 'for', name, words, body: this.doDone() })
  }

  /** `for ((i=0; i<3; i++))` */
  private counting(): Node {
    const from = this.at + 2
    if (this.arithmetic(from) === undefined) throw this.unexpected()
    const [first = '', test = '', step = ''] = this.text.slice(from, this.at - 2).split(';')
    const part = (text: string, otherwise: string): Node => letOf(this.inner(text.trim() || otherwise).quotedText())
    return listOf([{ after: '', node: part(first, '1') }, { after: '', node: node({ t: 'loop', until: false, test: part(test, '1'), body: this.doDone(), step: part(step, '1') }) }])
  }

  private doDone(): Node {
    this.blanks(true)
    if (this.text[this.at] === ';') this.at++
    this.expect('do')
    const body = this.script(['done'])
    this.expect('done')
    return body
  }

  private simple(): Node {
    const assigns: Assign[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    // Inside `[[ … ]]` operators are words, and behind `=~` parentheses belong to the expression.
    let test = false
    let matches = false
    for (;;) {
      this.blanks()
      const c = this.text[this.at]
      if (c === undefined) break
      if (test && !matches && isMeta(c) && c !== '\n' && c !== ';') {
        const op = /^(?:&&|\|\||[<>()])/.exec(this.text.slice(this.at, this.at + 2))?.[0]
        if (op === undefined) break
        this.at += op.length
        words.push(literal(op))
        continue
      }
      const redirect = this.redirection()
      if (redirect !== null) {
        redirects.push(...this.redirect(redirect))
        continue
      }
      if (isMeta(c) && !matches && !this.text.startsWith('<(', this.at)) break
      const assign = words.length === 0 ? /^([A-Za-z_]\w*)(?:\[([^\]\n]*)\])?(\+)?=/.exec(this.text.slice(this.at, this.at + 200)) : null
      if (assign !== null) {
        this.at += assign[0].length
        const next = this.text[this.at]
        const more = { ...(assign[2] === undefined ? {} : { index: this.inner(assign[2]).quotedText() }), ...(assign[3] === undefined ? {} : { append: true }) }
        if (next === '(') assigns.push({ name: assign[1] as string, value: [], ...more, list: this.list() })
        else assigns.push({ name: assign[1] as string, value: next === undefined || isBlank(next) || isMeta(next) ? [] : this.word(), ...more })
        continue
      }
      const from = this.at
      words.push(this.word(undefined, matches ? '()|' : ''))
      matches = test && this.text.slice(from, this.at) === '=~'
      if (words.length === 1 && this.at - from === 2 && this.text.startsWith('[[', from)) test = true
      else if (test && this.at - from === 2 && this.text.startsWith(']]', from)) test = false
    }
    if (words.length === 0 && assigns.length === 0 && redirects.length === 0) throw this.unexpected()
    return node({ t: 'cmd', assigns, words, redirects })
  }

  /** `(a b c)` behind `name=`. */
  private list(): readonly Word[] {
    const words: Word[] = []
    this.at++
    for (;;) {
      this.blanks(true)
      const c = this.text[this.at]
      if (c === ')') break
      if (c === undefined || isMeta(c)) throw this.unexpected(')')
      words.push(this.word())
    }
    this.at++
    return words
  }

  private redirection(): RegExpExecArray | null {
    const c = this.text[this.at]
    if (c === undefined || !(c === '>' || c === '<' || c === '&' || (c >= '0' && c <= '9')) || this.text.startsWith('<(', this.at)) return null
    return REDIRECT.exec(this.text.slice(this.at, this.at + 4))
  }

  private redirect(m: RegExpExecArray): readonly Redirect[] {
    this.at += m[0].length
    const op = (m[2] ?? m[4]) as string
    const both = m[1] === '&'
    const fd = m[1] !== undefined && !both ? Number(m[1]) : m[3] !== undefined ? Number(m[3]) : op.startsWith('<') ? 0 : 1
    this.blanks()
    const c = this.text[this.at]
    if (c === undefined || (isMeta(c) && !this.text.startsWith('<(', this.at))) throw this.unexpected()
    if (op === '<<' || op === '<<-') {
      const from = this.at
      const word = this.word()
      const redirect: HereDoc['redirect'] = { op: '<<', fd, to: [] }
      this.waiting.push({ redirect, end: word.map((p) => (p.is === 'text' ? p.text : '')).join(''), literal: /['"\\]/.test(this.text.slice(from, this.at)), strip: op === '<<-' })
      return [redirect]
    }
    const to = this.word()
    if (op === '<<<') return [{ op: '<<', fd, to: [...to.map((p) => ({ ...p, quoted: true })), { is: 'text', text: '\n', quoted: true }] }]
    if (both || (op === '>&' && !/^[\d-]$/.test(to.length === 1 && to[0]?.is === 'text' ? to[0].text : ''))) return [{ op: op === '>>' ? '>>' : '>', fd: 1, to }, { op: '>&', fd: 2, to: literal('1') }]
    return [{ op: op === '>|' ? '>' : (op as '>'), fd, to }]
  }
}

/** `((…))` as the command that reckons. */
function letOf(sum: Word): Node {
  return node({ t: 'cmd', assigns: [], words: [literal('let'), sum.length === 0 ? literal('') : sum], redirects: [] })
}

function listOf(items: Sequence['items']): Node {
  return items.length === 1 && items[0]?.after === '' ? items[0].node : node({ t: 'seq', items })
}
