import { options } from '../options'
import { unescaped } from '../word-reader'
import { AwkParser, AwkProblem, type Expr, type Rule, type Stmt } from './awk-parser'
import { expression } from './expression'
import { formatted } from './printf'
import { inputs, linesOf, type TextCall, type TextProgram } from './program'

type Value = string | number
/** Thrown by statements that leave what runs. */
class Leave {
  constructor(
    readonly how: 'next' | 'exit' | 'break' | 'continue',
    readonly code = 0,
  ) {}
}
class AwkError {
  constructor(readonly text: string) {}
}

/** Most steps of one run: a loop without end stops there. */
const mostSteps = 200_000

/** A number as awk prints it (`%.6g`). */
const numberText = (n: number): string => (Number.isInteger(n) && Math.abs(n) < 1e16 ? String(n) : Number.isNaN(n) ? 'nan' : String(Number(n.toPrecision(6))))
const textOf = (v: Value): string => (typeof v === 'string' ? v : numberText(v))
const toNumber = (v: Value): number => (typeof v === 'number' ? v : Number(/^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/.exec(v)?.[0] ?? 0))
const looksNumber = (v: string): boolean => /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)\s*$/.test(v)

/** One run of a program of awk. */
class Awk {
  private readonly vars = new Map<string, Value>([['FS', ' '], ['OFS', ' '], ['ORS', '\n'], ['NR', 0], ['NF', 0], ['RS', '\n'], ['SUBSEP', '\u001c'], ['FILENAME', '']])
  private readonly arrays = new Map<string, Map<string, Value>>()
  private readonly regexes = new Map<string, RegExp>()
  private readonly open = new Set<Rule>()
  /** Values that came from input compare as numbers when they look like ones. */
  private line = ''
  private fields: string[] = []
  private steps = 0

  constructor(
    private readonly rules: readonly Rule[],
    private readonly call: TextCall,
  ) {}

  set(name: string, value: Value): void {
    this.vars.set(name, value)
  }

  run(files: readonly string[]): number {
    let code = 0
    try {
      for (const r of this.rules) if (r.when === 'BEGIN' && r.action) this.exec(r.action)
      if (this.rules.some((r) => r.when !== 'BEGIN')) code = this.input(files)
    } catch (thrown) {
      if (!(thrown instanceof Leave)) throw thrown
      code = thrown.code
    }
    try {
      for (const r of this.rules) if (r.when === 'END' && r.action) this.exec(r.action)
    } catch (thrown) {
      if (!(thrown instanceof Leave)) throw thrown
      code = thrown.code
    }
    return code
  }

  private input(files: readonly string[]): number {
    const { texts, code } = inputs(this.call, files)
    for (const { path, text } of texts) {
      this.vars.set('FILENAME', path === '-' ? '' : path)
      let inFile = 0
      const by = textOf(this.vars.get('RS') ?? '\n')
      for (const line of by === '\n' ? linesOf(text) : by === '' ? text.replace(/\n+$/, '').split(/\n\n+/) : text.replace(/\n$/, '').split(by)) {
        this.vars.set('NR', toNumber(this.vars.get('NR') ?? 0) + 1)
        this.vars.set('FNR', ++inFile)
        this.record(line)
        try {
          for (const r of this.rules) if (r.when !== 'BEGIN' && r.when !== 'END' && this.holds(r)) {
            if (r.action) this.exec(r.action)
            else this.call.out(`${this.line}${textOf(this.vars.get('ORS') ?? '\n')}`)
          }
        } catch (thrown) {
          if (!(thrown instanceof Leave) || thrown.how !== 'next') throw thrown
        }
      }
    }
    return code === 0 ? 0 : 2
  }

  private holds(r: Rule): boolean {
    if (r.when === null) return true
    if (r.until === undefined) return this.truth(r.when as Expr)
    const began = this.open.has(r)
    if (!began && !this.truth(r.when as Expr)) return false
    if (this.truth(r.until)) this.open.delete(r)
    else this.open.add(r)
    return true
  }

  private record(line: string): void {
    this.line = line
    const fs = textOf(this.vars.get('FS') ?? ' ')
    if (line === '') this.fields = []
    else if (fs === ' ') this.fields = line.trim() === '' ? [] : line.trim().split(/\s+/)
    else this.fields = line.split(fs.length === 1 && fs !== '|' ? fs : fs === '|' ? '|' : this.regex(fs))
    this.vars.set('NF', this.fields.length)
  }

  private regex(source: string, flags = ''): RegExp {
    const key = flags + source
    const known = this.regexes.get(key)
    if (known !== undefined) {
      known.lastIndex = 0
      return known
    }
    const made = expression(source, true, flags)
    if (made === undefined) throw new AwkError(`regular expression compile failed: ${source}`)
    if (this.regexes.size < 200) this.regexes.set(key, made)
    return made
  }

  private array(name: string): Map<string, Value> {
    const known = this.arrays.get(name)
    if (known) return known
    const made = new Map<string, Value>()
    this.arrays.set(name, made)
    return made
  }

  private key(index: readonly Expr[]): string {
    return index.map((i) => textOf(this.value(i))).join('\u001c')
  }

  private truth(e: Expr): boolean {
    const v = this.value(e)
    return typeof v === 'number' ? v !== 0 : e.e !== 'str' && looksNumber(v) && this.isInput(e) ? Number(v) !== 0 : v !== ''
  }

  /** Whether a text came from outside, so that it counts as a number when it looks like one. */
  private isInput(e: Expr): boolean {
    return e.e === 'field' || e.e === 'var' || e.e === 'assign'
  }

  private assign(to: Expr, value: Value): Value {
    if (to.e === 'field') {
      const n = toNumber(this.value(to.of))
      if (n === 0) this.record(textOf(value))
      else if (n > 0 && n < 1000) {
        while (this.fields.length < n) this.fields.push('')
        this.fields[n - 1] = textOf(value)
        this.vars.set('NF', this.fields.length)
        this.line = this.fields.join(textOf(this.vars.get('OFS') ?? ' '))
      }
    } else if (to.e === 'var' && to.index !== undefined) {
      const array = this.array(to.name)
      if (array.size < 100_000) array.set(this.key(to.index), value)
    } else if (to.e === 'var') {
      this.vars.set(to.name, value)
      if (to.name === 'NF') {
        this.fields.length = Math.min(1000, Math.max(0, toNumber(value)))
        this.fields = Array.from(this.fields, (f) => f ?? '')
        this.line = this.fields.join(textOf(this.vars.get('OFS') ?? ' '))
      }
    }
    return value
  }

  private value(e: Expr): Value {
    if (++this.steps > mostSteps) throw new AwkError('the program was ended: it takes too many steps')
    switch (e.e) {
      case 'num': return e.n
      case 'str': return e.s
      case 'regex': return this.regex(e.source).test(this.line) ? 1 : 0
      case 'field': {
        const n = toNumber(this.value(e.of))
        return n === 0 ? this.line : (this.fields[n - 1] ?? '')
      }
      case 'var': return e.index !== undefined ? (this.array(e.name).get(this.key(e.index)) ?? '') : (this.vars.get(e.name) ?? '')
      case 'unary': return e.op === '!' ? (this.truth(e.a) ? 0 : 1) : e.op === '-' ? -toNumber(this.value(e.a)) : toNumber(this.value(e.a))
      case 'step': {
        const before = toNumber(this.value(e.to))
        this.assign(e.to, before + e.by)
        return e.first ? before + e.by : before
      }
      case 'choice': return this.truth(e.test) ? this.value(e.yes) : this.value(e.no)
      case 'in': return this.array(e.array).has(textOf(this.value(e.index))) ? 1 : 0
      case 'assign': return this.assign(e.to, e.op === '' ? this.value(e.value) : this.sum(e.op, toNumber(this.value(e.to)), toNumber(this.value(e.value))))
      case 'binary': return this.binary(e)
      case 'call': return this.builtin(e.name, e.args)
    }
  }

  private sum(op: string, a: number, b: number): number {
    if ((op === '/' || op === '%') && b === 0) throw new AwkError('division by zero')
    return op === '+' ? a + b : op === '-' ? a - b : op === '*' ? a * b : op === '/' ? a / b : op === '%' ? a % b : a ** b
  }

  private binary(e: Expr & { e: 'binary' }): Value {
    const { op } = e
    if (op === '&&') return this.truth(e.a) && this.truth(e.b) ? 1 : 0
    if (op === '||') return this.truth(e.a) || this.truth(e.b) ? 1 : 0
    if (op === '~' || op === '!~') {
      const rx = e.b.e === 'regex' ? this.regex(e.b.source) : this.regex(textOf(this.value(e.b)))
      return rx.test(textOf(this.value(e.a))) === (op === '~') ? 1 : 0
    }
    const a = this.value(e.a)
    const b = this.value(e.b)
    if (op === ' ') return textOf(a) + textOf(b)
    if (!['<', '>', '<=', '>=', '==', '!='].includes(op)) return this.sum(op, toNumber(a), toNumber(b))
    const numeric = (v: Value, of: Expr): boolean => typeof v === 'number' || (this.isInput(of) && (looksNumber(v) || (v === '' && of.e === 'var')))
    const d = numeric(a, e.a) && numeric(b, e.b) ? toNumber(a) - toNumber(b) : textOf(a) < textOf(b) ? -1 : textOf(a) > textOf(b) ? 1 : 0
    return (op === '<' ? d < 0 : op === '>' ? d > 0 : op === '<=' ? d <= 0 : op === '>=' ? d >= 0 : op === '==' ? d === 0 : d !== 0) ? 1 : 0
  }

  private builtin(name: string, args: readonly Expr[]): Value {
    const [x, y, z] = args
    const text = (e: Expr | undefined): string => (e === undefined ? this.line : textOf(this.value(e)))
    const number = (e: Expr | undefined): number => (e === undefined ? 0 : toNumber(this.value(e)))
    switch (name) {
      case 'length': return x?.e === 'var' && x.index === undefined && this.arrays.has(x.name) ? this.array(x.name).size : text(x).length
      case 'substr': {
        const from = Math.round(number(y))
        const s = text(x)
        const end = z === undefined ? s.length + 1 : from + Math.round(number(z))
        return s.slice(Math.max(0, from - 1), Math.max(0, end - 1))
      }
      case 'index': return text(x).indexOf(text(y)) + 1
      case 'toupper': return text(x).toUpperCase()
      case 'tolower': return text(x).toLowerCase()
      case 'int': return Math.trunc(number(x))
      case 'sqrt': return Math.sqrt(number(x))
      case 'log': return Math.log(number(x))
      case 'exp': return Math.exp(number(x))
      case 'sprintf': return formatted(text(x), args.slice(1).map((a) => textOf(this.value(a))), false)
      case 'split': {
        const into = y?.e === 'var' ? this.array(y.name) : new Map<string, Value>()
        into.clear()
        const s = text(x)
        const by = z?.e === 'regex' ? this.regex(z.source) : z === undefined ? textOf(this.vars.get('FS') ?? ' ') : text(z)
        const parts = s === '' ? [] : by === ' ' ? s.trim().split(/\s+/) : typeof by === 'string' && by.length > 1 ? s.split(this.regex(by)) : s.split(by)
        parts.forEach((p, i) => into.set(String(i + 1), p))
        return parts.length
      }
      case 'sub':
      case 'gsub': {
        const to: Expr = z ?? { e: 'field', of: { e: 'num', n: 0 } }
        const rx = x?.e === 'regex' ? this.regex(x.source, 'g') : this.regex(text(x), 'g')
        const by = text(y)
        let n = 0
        const made = textOf(this.value(to)).replace(rx, (m) => (name === 'sub' && n > 0 ? m : (n++, by.replace(/\\\\|\\&|&/g, (c) => (c === '&' ? m : c.slice(1))))))
        if (n > 0) this.assign(to, made)
        return n
      }
      case 'match': {
        const m = (y?.e === 'regex' ? this.regex(y.source) : this.regex(text(y))).exec(text(x))
        this.vars.set('RSTART', (m?.index ?? -1) + 1)
        this.vars.set('RLENGTH', m?.[0].length ?? -1)
        return (m?.index ?? -1) + 1
      }
      default: throw new AwkError(`function ${name} not defined`)
    }
  }

  private exec(s: Stmt): void {
    if (++this.steps > mostSteps) throw new AwkError('the program was ended: it takes too many steps')
    switch (s.s) {
      case 'expr': return void this.value(s.x)
      case 'block':
        for (const x of s.body) this.exec(x)
        return
      case 'print': {
        const values = s.args.map((a) => textOf(this.value(a)))
        if (s.format) this.call.out(formatted(values[0] ?? '', values.slice(1), false))
        else this.call.out((s.args.length === 0 ? this.line : values.join(textOf(this.vars.get('OFS') ?? ' '))) + textOf(this.vars.get('ORS') ?? '\n'))
        return
      }
      case 'if':
        if (this.truth(s.test)) this.exec(s.yes)
        else if (s.no) this.exec(s.no)
        return
      case 'while':
        if (s.first && this.looped(s.body)) return
        while (this.truth(s.test)) if (this.looped(s.body)) return
        return
      case 'for':
        if (s.init) this.exec(s.init)
        while (s.test === undefined || this.truth(s.test)) {
          if (this.looped(s.body)) return
          if (s.step) this.exec(s.step)
        }
        return
      case 'each':
        for (const k of Array.from(this.array(s.array).keys())) {
          this.vars.set(s.name, k)
          if (this.looped(s.body)) return
        }
        return
      case 'delete':
        if (s.index === undefined) this.array(s.name).clear()
        else this.array(s.name).delete(this.key(s.index))
        return
      case 'exit': throw new Leave('exit', s.code === undefined ? 0 : toNumber(this.value(s.code)))
      default: throw new Leave(s.s)
    }
  }

  /** Runs a loop's body once; whether `break` ended the loop. */
  private looped(body: Stmt): boolean {
    try {
      this.exec(body)
    } catch (thrown) {
      if (!(thrown instanceof Leave) || (thrown.how !== 'break' && thrown.how !== 'continue')) throw thrown
      return thrown.how === 'break'
    }
    return false
  }
}

/** `awk`: patterns, ranges, BEGIN and END, fields, variables, arrays, the common functions. Left out: functions of one's own, getline, output to files. */
export const awk: TextProgram = {
  streams: (args) => {
    const o = options(args, 'F:v:f:')
    const source = o.rest[0] ?? ''
    return /\bEND\b/.test(source) ? undefined : /\b(NR|FNR|BEGIN|exit)\b|[^=!<>]=[^=~]|\+\+|--|,\s*\/|\[/.test(source) ? 'prefix' : 'chunk'
  },
  run(call) {
    const o = options(call.args, 'F:v:f:')
    const script = o.value('f') === undefined ? o.rest[0] : call.files.read(o.value('f') as string)
    if (script === undefined) {
      call.err(`usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]\n`)
      return 2
    }
    try {
      const awk = new Awk(new AwkParser(script).rules(), call)
      const fs = o.value('F')
      if (fs !== undefined) awk.set('FS', fs === 't' ? '\t' : unescaped(fs))
      for (const v of o.values('v')) awk.set(v.slice(0, v.indexOf('=')), unescaped(v.slice(v.indexOf('=') + 1)))
      return awk.run(o.value('f') === undefined ? o.rest.slice(1) : o.rest)
    } catch (thrown) {
      if (thrown instanceof AwkProblem) call.err(`awk: syntax error at source line 1\n context is\n\t>>> ${thrown.near.slice(0, 40)} <<<\n`)
      else if (thrown instanceof AwkError) call.err(`awk: ${thrown.text}\n`)
      else throw thrown
      return 2
    }
  },
}
