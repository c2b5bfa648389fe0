import { unescaped } from '../word-reader'

/** An expression of awk. */
export type Expr =
  | { readonly e: 'num'; readonly n: number }
  | { readonly e: 'str'; readonly s: string }
  | { readonly e: 'regex'; readonly source: string }
  | { readonly e: 'var'; readonly name: string; readonly index?: readonly Expr[] }
  | { readonly e: 'field'; readonly of: Expr }
  | { readonly e: 'unary'; readonly op: '!' | '-' | '+'; readonly a: Expr }
  | { readonly e: 'step'; readonly by: 1 | -1; readonly first: boolean; readonly to: Expr }
  | { readonly e: 'binary'; readonly op: string; readonly a: Expr; readonly b: Expr }
  | { readonly e: 'choice'; readonly test: Expr; readonly yes: Expr; readonly no: Expr }
  | { readonly e: 'assign'; readonly op: string; readonly to: Expr; readonly value: Expr }
  | { readonly e: 'in'; readonly index: Expr; readonly array: string }
  | { readonly e: 'call'; readonly name: string; readonly args: readonly Expr[] }

/** A statement of awk. */
export type Stmt =
  | { readonly s: 'expr'; readonly x: Expr }
  | { readonly s: 'print'; readonly args: readonly Expr[]; readonly format: boolean }
  | { readonly s: 'if'; readonly test: Expr; readonly yes: Stmt; readonly no?: Stmt }
  | { readonly s: 'while'; readonly test: Expr; readonly body: Stmt; readonly first: boolean }
  | { readonly s: 'for'; readonly init?: Stmt; readonly test?: Expr; readonly step?: Stmt; readonly body: Stmt }
  | { readonly s: 'each'; readonly name: string; readonly array: string; readonly body: Stmt }
  | { readonly s: 'block'; readonly body: readonly Stmt[] }
  | { readonly s: 'delete'; readonly name: string; readonly index?: readonly Expr[] }
  | { readonly s: 'next' | 'break' | 'continue' }
  | { readonly s: 'exit'; readonly code?: Expr }

/** One rule: when it holds, and what is done; without an action the line is printed. */
export interface Rule {
  readonly when: 'BEGIN' | 'END' | Expr | null
  /** The end of a range of lines. */
  readonly until?: Expr
  readonly action: Stmt | null
}

type Token = { readonly k: 'num' | 'str' | 'regex' | 'name' | 'op' | 'end'; readonly v: string; readonly glued?: boolean }

const OPS = ['&&', '||', '==', '!=', '<=', '>=', '!~', '++', '--', '+=', '-=', '*=', '/=', '%=', '^=', '**', '+', '-', '*', '/', '%', '^', '!', '<', '>', '=', '~', '?', ':', ',', ';', '(', ')', '{', '}', '[', ']', '$', '\n']
const WORD_OPS = new Set(['in', 'if', 'else', 'while', 'for', 'do', 'print', 'printf', 'next', 'exit', 'break', 'continue', 'delete', 'BEGIN', 'END', 'function', 'getline', 'return'])

/** Thrown for what cannot be read. */
export class AwkProblem {
  constructor(readonly near: string) {}
}

function lex(text: string): Token[] {
  const out: Token[] = []
  let i = 0
  while (i < text.length) {
    const rest = text.slice(i)
    const space = /^(?:[ \t\r]|\\\n|#[^\n]*)+/.exec(rest)?.[0]
    if (space !== undefined) {
      i += space.length
      continue
    }
    const last = out.at(-1)
    const number = /^(?:0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/.exec(rest)?.[0]
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0]
    if (number !== undefined) {
      out.push({ k: 'num', v: number })
      i += number.length
    } else if (name !== undefined) {
      i += name.length
      out.push({ k: WORD_OPS.has(name) ? 'op' : 'name', v: name, glued: text[i] === '(' })
    } else if (rest[0] === '"') {
      const m = /^"((?:[^"\\\n]|\\[^])*)"/.exec(rest)
      if (m === null) throw new AwkProblem(rest)
      out.push({ k: 'str', v: unescaped((m[1] as string).replaceAll('\\/', '/')) })
      i += m[0].length
    } else if (rest[0] === '/' && !(last !== undefined && (last.k === 'num' || last.k === 'name' || last.k === 'str' || last.v === ')' || last.v === ']' || last.v === '$'))) {
      const m = /^\/((?:[^/\\\n[]|\\.|\[\^?\]?[^\]\n]*\])+)\//.exec(rest)
      if (m === null) throw new AwkProblem(rest)
      out.push({ k: 'regex', v: (m[1] as string).replaceAll('\\/', '/') })
      i += m[0].length
    } else {
      const op = OPS.find((o) => rest.startsWith(o))
      if (op === undefined) throw new AwkProblem(rest)
      out.push({ k: 'op', v: op })
      i += op.length
    }
  }
  out.push({ k: 'end', v: '' })
  return out
}

/** Deepest nesting. */
const deepest = 60

/** Reads a program of awk. Errors: throws AwkProblem. */
export class AwkParser {
  private at = 0
  private depth = 0
  /** Inside `print …` a `>` would be a redirection, inside `for (…` an `in` its own. */
  private plain = 0
  private readonly tokens: readonly Token[]

  constructor(text: string) {
    this.tokens = lex(text)
  }

  private get token(): Token {
    return this.tokens[this.at] as Token
  }

  private is(v: string): boolean {
    return this.token.k === 'op' && this.token.v === v
  }

  private take(v: string): boolean {
    if (!this.is(v)) return false
    this.at++
    return true
  }

  private expect(v: string): void {
    if (!this.take(v)) throw new AwkProblem(this.token.v)
  }

  private ends(): void {
    while (this.take('\n') || this.take(';'));
  }

  private lines(): void {
    while (this.take('\n'));
  }

  rules(): readonly Rule[] {
    const out: Rule[] = []
    for (this.ends(); this.token.k !== 'end'; this.ends()) {
      if (this.take('BEGIN')) out.push({ when: 'BEGIN', action: this.block() })
      else if (this.take('END')) out.push({ when: 'END', action: this.block() })
      else if (this.is('{')) out.push({ when: null, action: this.block() })
      else {
        const when = this.expr()
        const until = this.take(',') ? this.expr() : undefined
        out.push({ when, ...(until ? { until } : {}), action: this.is('{') ? this.block() : null })
      }
    }
    return out
  }

  private block(): Stmt {
    this.expect('{')
    const body: Stmt[] = []
    for (this.ends(); !this.take('}'); this.ends()) body.push(this.statement())
    return { s: 'block', body }
  }

  private statement(): Stmt {
    if (++this.depth > deepest) throw new AwkProblem(this.token.v)
    const made = this.oneStatement()
    this.depth--
    if (!this.is('}') && !this.is('\n') && !this.is('else')) this.take(';')
    return made
  }

  private body(): Stmt {
    this.lines()
    return this.take(';') ? { s: 'block', body: [] } : this.statement()
  }

  private oneStatement(): Stmt {
    if (this.is('{')) return this.block()
    if (this.take('if')) {
      this.expect('(')
      const test = this.expr()
      this.expect(')')
      const yes = this.body()
      const back = this.at
      this.ends()
      if (this.take('else')) return { s: 'if', test, yes, no: this.body() }
      this.at = back
      return { s: 'if', test, yes }
    }
    if (this.take('while')) {
      this.expect('(')
      const test = this.expr()
      this.expect(')')
      return { s: 'while', test, body: this.body(), first: false }
    }
    if (this.take('do')) {
      const body = this.body()
      this.ends()
      this.expect('while')
      this.expect('(')
      const test = this.expr()
      this.expect(')')
      return { s: 'while', test, body, first: true }
    }
    if (this.take('for')) return this.forLoop()
    if (this.is('next') || this.is('break') || this.is('continue')) {
      const { v } = this.token
      this.at++
      return { s: v as 'next' }
    }
    if (this.take('exit')) return this.atEnd() ? { s: 'exit' } : { s: 'exit', code: this.expr() }
    if (this.take('delete')) {
      const name = this.name()
      return { s: 'delete', name, ...(this.take('[') ? { index: this.list(']') } : {}) }
    }
    return this.simple()
  }

  private atEnd(): boolean {
    return this.is(';') || this.is('}') || this.is('\n') || this.token.k === 'end' || this.is('else')
  }

  private name(): string {
    if (this.token.k !== 'name') throw new AwkProblem(this.token.v)
    return (this.tokens[this.at++] as Token).v
  }

  private forLoop(): Stmt {
    this.expect('(')
    const [a, b, c, d] = this.tokens.slice(this.at, this.at + 4)
    if (a?.k === 'name' && b?.v === 'in' && c?.k === 'name' && d?.v === ')') {
      this.at += 4
      return { s: 'each', name: a.v, array: c.v, body: this.body() }
    }
    const init = this.is(';') ? undefined : this.simple()
    this.expect(';')
    const test = this.is(';') ? undefined : this.expr()
    this.expect(';')
    const step = this.is(')') ? undefined : this.simple()
    this.expect(')')
    return { s: 'for', ...(init ? { init } : {}), ...(test ? { test } : {}), ...(step ? { step } : {}), body: this.body() }
  }

  private simple(): Stmt {
    const format = this.is('printf')
    if (!format && !this.is('print')) return { s: 'expr', x: this.expr() }
    this.at++
    if (this.atEnd()) return { s: 'print', args: [], format }
    // `print (a, b)` and `print (a) b`: what follows the parenthesis tells.
    const back = this.at
    if (this.take('(')) {
      const args = this.list(')')
      if (this.atEnd()) return { s: 'print', args, format }
      this.at = back
    }
    this.plain++
    const args = [this.expr()]
    while (this.take(',')) args.push(this.expr())
    this.plain--
    return { s: 'print', args, format }
  }

  private list(close: string): Expr[] {
    const { plain } = this
    this.plain = 0
    const out: Expr[] = []
    this.lines()
    while (!this.take(close)) {
      out.push(this.expr())
      if (!this.take(',') && !this.is(close)) throw new AwkProblem(this.token.v)
      this.lines()
    }
    this.plain = plain
    return out
  }

  private expr(): Expr {
    if (++this.depth > deepest) throw new AwkProblem(this.token.v)
    const made = this.choice()
    this.depth--
    return made
  }

  private choice(): Expr {
    const test = this.or()
    const op = this.token
    if (op.k === 'op' && /^(?:[-+*/%^])?=$/.test(op.v) && (test.e === 'var' || test.e === 'field')) {
      this.at++
      this.lines()
      return { e: 'assign', op: op.v.slice(0, -1), to: test, value: this.expr() }
    }
    if (!this.take('?')) return test
    const yes = this.expr()
    this.expect(':')
    return { e: 'choice', test, yes, no: this.expr() }
  }

  private left(ops: readonly string[], next: () => Expr): Expr {
    let a = next()
    for (;;) {
      const op = ops.find((o) => this.is(o))
      if (op === undefined) return a
      this.at++
      this.lines()
      a = { e: 'binary', op, a, b: next() }
    }
  }

  private or(): Expr {
    return this.left(['||'], () => this.left(['&&'], () => this.membership()))
  }

  private membership(): Expr {
    let a = this.left(['~', '!~'], () => this.comparison())
    while (this.take('in')) a = { e: 'in', index: a, array: this.name() }
    return a
  }

  private comparison(): Expr {
    const a = this.concat()
    const op = (this.plain > 0 ? ['==', '!=', '<=', '>=', '<'] : ['==', '!=', '<=', '>=', '<', '>']).find((o) => this.is(o))
    if (op === undefined) return a
    this.at++
    return { e: 'binary', op, a, b: this.concat() }
  }

  private concat(): Expr {
    let a = this.sum()
    for (;;) {
      const t = this.token
      const begins = t.k === 'num' || t.k === 'str' || t.k === 'name' || (t.k === 'op' && ['$', '!', '(', '-', '+', '++', '--'].includes(t.v))
      if (!begins || (t.k === 'op' && '!-+'.includes(t.v))) return a
      a = { e: 'binary', op: ' ', a, b: this.sum() }
    }
  }

  private sum(): Expr {
    return this.left(['+', '-'], () => this.left(['*', '/', '%'], () => this.unary()))
  }

  private unary(): Expr {
    const op = (['!', '-', '+'] as const).find((o) => this.is(o))
    if (op === undefined) return this.power()
    this.at++
    return { e: 'unary', op, a: this.unary() }
  }

  private power(): Expr {
    const a = this.postfix()
    if (!this.take('^') && !this.take('**')) return a
    return { e: 'binary', op: '^', a, b: this.unary() }
  }

  private postfix(): Expr {
    for (const by of [1, -1] as const) if (this.take(by === 1 ? '++' : '--')) return { e: 'step', by, first: true, to: this.primary() }
    const a = this.primary()
    if (a.e !== 'var' && a.e !== 'field') return a
    for (const by of [1, -1] as const) if (this.take(by === 1 ? '++' : '--')) return { e: 'step', by, first: false, to: a }
    return a
  }

  private primary(): Expr {
    const t = this.token
    this.at++
    switch (t.k) {
      case 'num': return { e: 'num', n: Number(t.v) }
      case 'str': return { e: 'str', s: t.v }
      case 'regex': return { e: 'regex', source: t.v }
      case 'name':
        if (this.is('(') && t.glued) {
          this.at++
          return { e: 'call', name: t.v, args: this.list(')') }
        }
        if (t.v === 'length') return { e: 'call', name: 'length', args: [] }
        return this.take('[') ? { e: 'var', name: t.v, index: this.list(']') } : { e: 'var', name: t.v }
      case 'op':
        if (t.v === '$') {
          const by = this.is('++') || this.is('--') || this.is('-') ? this.unary() : this.primary()
          return { e: 'field', of: by }
        }
        if (t.v === '(') {
          const inside = this.list(')')
          const [first] = inside
          if (first === undefined) break
          if (inside.length === 1) return first
          // `(i, j) in a`
          return inside.reduce((a, b): Expr => ({ e: 'binary', op: ' ', a: { e: 'binary', op: ' ', a, b: { e: 'str', s: '\u001c' } }, b }))
        }
        break
      default:
    }
    throw new AwkProblem(t.v)
  }
}
