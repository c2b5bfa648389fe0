/** A node of a parsed template. Upstream: client-go/util/jsonpath node.go. */
export type JsonPathNode =
  | { readonly kind: 'list'; readonly nodes: JsonPathNode[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'array'; readonly params: readonly SliceParam[] }
  | { readonly kind: 'filter'; readonly left: JsonPathNode; readonly right: JsonPathNode; readonly operator: string }
  | { readonly kind: 'int' | 'float'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'wildcard' | 'recursive' }
  | { readonly kind: 'union'; readonly nodes: readonly JsonPathNode[] }
  | { readonly kind: 'identifier'; readonly name: string }

/** Start, end or step of a slice. */
export interface SliceParam { readonly value: number; readonly known: boolean; readonly derived: boolean }

type ListNode = Extract<JsonPathNode, { kind: 'list' }>

/** Thrown inside; parseJsonPath turns it into an error text. */
export class JsonPathError extends Error {}
const fail = (text: string): never => { throw new JsonPathError(text) }

const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/
const FILTER = /^([^!<>=]+)([!<>=]+)(.+?)$/
const ESCAPES: Record<string, string> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' }

/** Parses a template to its top-level list. Errors: JsonPathError with upstream's text. Upstream: jsonpath/parser.go Parse. */
export function parseTemplate(text: string): ListNode {
  return new TemplateParser(text).parse()
}

function parseAction(text: string): ListNode {
  return parseTemplate(`{${text}}`).nodes[0] as ListNode
}

class TemplateParser {
  private readonly root: ListNode = { kind: 'list', nodes: [] }
  private pos = 0
  private start = 0
  constructor(private readonly input: string) {}

  parse(): ListNode {
    for (;;) {
      const open = this.input.indexOf('{', this.pos)
      this.pos = open < 0 ? this.input.length : open
      if (this.pos > this.start) this.root.nodes.push({ kind: 'text', text: this.consume() })
      if (open < 0) return this.root
      this.pos++
      this.consume()
      const action: ListNode = { kind: 'list', nodes: [] }
      this.root.nodes.push(action)
      while (this.inside(action.nodes)) { /* one token after the other */ }
    }
  }

  private consume(): string {
    const text = this.input.slice(this.start, this.pos)
    this.start = this.pos
    return text
  }

  private next(): string | undefined {
    return this.pos < this.input.length ? this.input[this.pos++] : undefined
  }

  /** Parses one token of an action; false after its closing brace. */
  private inside(out: JsonPathNode[]): boolean {
    const rest = this.input.slice(this.pos, this.pos + 3)
    if (rest.startsWith('}')) { this.pos++; this.consume(); return false }
    if (rest === '[?(') { this.filter(out); return true }
    if (rest.startsWith('..')) { this.recursive(out); return true }
    const c = this.next()
    if (c === undefined || c === '\n' || c === '\r') return fail('unclosed action')
    if (c === ' ' || c === '@' || c === '$') this.consume()
    else if (c === '[') this.array(out)
    else if (c === '"' || c === "'") this.quote(out, c)
    else if (c === '.') this.field(out)
    else if (/[-+\p{Nd}]/u.test(c)) { this.pos--; this.number(out) } else if (/[\p{L}_]/u.test(c)) { this.pos--; this.identifier(out) } else {
      const point = this.input.codePointAt(this.pos - 1)!
      fail(`unrecognized character in action: U+${point.toString(16).toUpperCase().padStart(4, '0')} '${String.fromCodePoint(point)}'`)
    }
    return true
  }

  private identifier(out: JsonPathNode[]): void {
    while (!isTerminator(this.input[this.pos])) this.pos++
    const name = this.consume()
    out.push(name === 'true' || name === 'false' ? { kind: 'bool', value: name === 'true' } : { kind: 'identifier', name })
  }

  private recursive(out: JsonPathNode[]): void {
    if (out.at(-1)?.kind === 'recursive') fail('invalid multiple recursive descent')
    this.pos += 2
    this.consume()
    out.push({ kind: 'recursive' })
    if (/[\p{L}\p{Nd}_]/u.test(this.input[this.pos] ?? '')) this.field(out)
  }

  private number(out: JsonPathNode[]): void {
    if (/[-+]/.test(this.input[this.pos] ?? '')) this.pos++
    while (/[\d.]/.test(this.input[this.pos] ?? '')) this.pos++
    const text = this.consume()
    if (/^[-+]?\d+$/.test(text)) out.push({ kind: 'int', value: Number(text) })
    else if (/^[-+]?(\d+\.\d*|\.\d+)$/.test(text)) out.push({ kind: 'float', value: Number(text) })
    else fail(`cannot parse number ${text}`)
  }

  private array(out: JsonPathNode[]): void {
    for (;;) {
      const c = this.next()
      if (c === undefined || c === '\n') fail('unterminated array')
      if (c === ']') break
    }
    let text = this.consume().slice(1, -1)
    if (text === '*') text = ':'
    const parts = text.split(',')
    if (parts.length > 1) {
      out.push({ kind: 'union', nodes: parts.map((part) => parseAction(`[${part.replace(/^ +| +$/g, '')}]`)) })
      return
    }
    const dictKey = /^'([^']*)'$/.exec(text)
    if (dictKey !== null) { out.push(...parseAction(`.${dictKey[1]}`).nodes); return }
    const slice = SLICE.exec(text)
    if (slice === null) { fail(`invalid array index ${text}`); return }
    out.push({ kind: 'array', params: sliceParams(slice) })
  }

  private filter(out: JsonPathNode[]): void {
    this.pos += 3
    this.consume()
    let [begin, end] = [false, false]
    let pair = ''
    for (;;) {
      const c = this.next()
      if (c === undefined || c === '\n') fail('unterminated filter')
      if (c === '"' || c === "'") {
        if (!begin) { begin = true; pair = c } else if (this.input[this.pos - 2] !== '\\' && c === pair) end = true
      } else if (c === ')' && begin === end) break
    }
    if (this.next() !== ']') fail('unclosed array expect ]')
    const text = this.consume().slice(0, -2)
    const parts = FILTER.exec(text)
    if (parts === null) out.push({ kind: 'filter', left: parseAction(text), right: { kind: 'list', nodes: [] }, operator: 'exists' })
    else out.push({ kind: 'filter', left: parseAction(parts[1]!), right: parseAction(parts[3]!), operator: parts[2]! })
  }

  private quote(out: JsonPathNode[], end: string): void {
    for (;;) {
      const c = this.next()
      if (c === undefined || c === '\n') fail('unterminated quoted string')
      if (c === end && this.input[this.pos - 2] !== '\\') break
    }
    const text = this.consume()
    out.push({ kind: 'text', text: unquote(text) ?? fail(`unquote string ${text} error invalid syntax`) })
  }

  private field(out: JsonPathNode[]): void {
    this.consume()
    for (;;) {
      const c = this.input[this.pos]
      if (c === '\\') this.pos = Math.min(this.pos + 2, this.input.length)
      else if (isTerminator(c)) break
      else this.pos++
    }
    const name = this.consume()
    out.push(name === '*' ? { kind: 'wildcard' } : { kind: 'field', name: name.replaceAll('\\', '') })
  }
}

function sliceParams(match: RegExpExecArray): SliceParam[] {
  const texts = [match[1] ?? '', match[2] ?? '', match[3] ?? '']
  const params: SliceParam[] = []
  texts.forEach((text, i) => {
    if (text === '') {
      params.push(i === 1 ? { value: params[0]!.value + 1, known: true, derived: true } : { value: 0, known: false, derived: false })
      return
    }
    const digits = i > 0 ? text.slice(1) : text
    if (i > 0 && digits === '') { params.push({ value: 0, known: false, derived: false }); return }
    if (!/^-?\d+$/.test(digits)) fail(`array index ${digits} is not a number`)
    params.push({ value: Number(digits), known: true, derived: false })
  })
  return params
}

function isTerminator(c: string | undefined): boolean {
  return c === undefined || ' \t\r\n.,[]$@{}'.includes(c)
}

/** Go's strconv.Unquote that also takes single quotes; undefined on bad syntax. Upstream: jsonpath UnquoteExtend. */
function unquote(text: string): string | undefined {
  const quote = text[0]!
  if (text.length < 2 || text.at(-1) !== quote) return undefined
  const inner = text.slice(1, -1)
  let out = ''
  for (let i = 0; i < inner.length; i++) {
    const c = inner[i]!
    if (c === quote) return undefined
    if (c !== '\\') { out += c; continue }
    const e = inner[++i]
    if (e === undefined) return undefined
    const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/.exec(inner.slice(i))
    if (ESCAPES[e] !== undefined) out += ESCAPES[e]
    else if (e === quote) out += e
    else if (code !== null) {
      out += String.fromCodePoint(code[4] === undefined ? parseInt(code[1] ?? code[2] ?? code[3]!, 16) : parseInt(code[4], 8))
      i += code[0].length - 1
    } else return undefined
  }
  return out
}
