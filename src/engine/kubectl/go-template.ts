import type { Thing } from './api'
import { fail } from './errors'
import { goPrint } from './go-print'

type Node =
  | { readonly text: string }
  | { readonly pipe: Pipe }
  | { readonly block: 'if' | 'range' | 'with'; readonly pipe: Pipe; readonly vars: readonly string[]; readonly body: readonly Node[]; readonly otherwise: readonly Node[] }

interface Pipe {
  readonly assign?: string | undefined
  readonly commands: readonly (readonly Term[])[]
}

type Term = { readonly field: readonly string[]; readonly of: string } | { readonly value: unknown } | { readonly word: string } | { readonly pipe: Pipe; readonly field: readonly string[] }

class Fault {
  constructor(readonly text: string) {}
}

/**
 * The part of Go's text/template that kubectl users write: fields, variables, range, if, with, else, pipelines and the usual functions.
 * Errors: kubectl's `error parsing template`, `error executing template`. Upstream: text/template, cli-runtime/printers/template.go
 */
export function goTemplate(source: string): (data: Thing) => string {
  let nodes: readonly Node[]
  try {
    nodes = parse(source)
  } catch (thrown) {
    if (thrown instanceof Fault) throw fail(`error parsing template ${source}, template: output:1: ${thrown.text}`)
    throw thrown
  }
  return (data) => {
    try {
      return run(nodes, data, new Map([['$', data]]))
    } catch (thrown) {
      if (thrown instanceof Fault) throw fail(`error executing template ${JSON.stringify(source)}: template: output:1: ${thrown.text}`)
      throw thrown
    }
  }
}

function parse(source: string): readonly Node[] {
  const pieces: { text?: string; action?: string }[] = []
  let at = 0
  for (;;) {
    const open = source.indexOf('{{', at)
    if (open < 0) break
    let end = open + 2
    for (let quote = ''; end < source.length; end++) {
      const c = source[end]
      if (quote !== '') {
        if (c === '\\' && quote === '"') end++
        else if (c === quote) quote = ''
      } else if (c === '"' || c === '`') quote = c
      else if (c === '}' && source[end + 1] === '}') break
    }
    if (end >= source.length) throw new Fault('unclosed action')
    let text = source.slice(at, open)
    let action = source.slice(open + 2, end)
    if (/^-\s/.test(action)) {
      text = text.trimEnd()
      action = action.slice(1)
    }
    at = end + 2
    if (/\s-$/.test(action)) {
      action = action.slice(0, -1)
      while (at < source.length && /\s/.test(source[at] as string)) at++
    }
    pieces.push({ text }, { action: action.trim() })
  }
  pieces.push({ text: source.slice(at) })
  let i = 0
  const body = (until: readonly string[]): { nodes: Node[]; ended: string } => {
    const nodes: Node[] = []
    while (i < pieces.length) {
      const { text, action } = pieces[i++] as { text?: string; action?: string }
      if (action === undefined) {
        if (text) nodes.push({ text })
        continue
      }
      const word = /^\w+/.exec(action)?.[0] ?? ''
      if (action.startsWith('/*')) continue
      if (until.includes(word)) return { nodes, ended: action }
      if (word === 'end' || word === 'else') throw new Fault(`unexpected {{${word}}}`)
      if (word === 'if' || word === 'range' || word === 'with') nodes.push(block(word, action.slice(word.length)))
      else nodes.push({ pipe: pipe(action) })
    }
    if (until.length > 0) throw new Fault('unexpected EOF')
    return { nodes, ended: '' }
  }
  const block = (kind: 'if' | 'range' | 'with', rest: string): Node => {
    const m = /^\s*(\$\w+(?:\s*,\s*\$\w+)?)\s*:=/.exec(rest)
    const vars = m === null ? [] : (m[1] as string).split(',').map((v) => v.trim())
    const head = pipe(m === null ? rest : rest.slice(m[0].length))
    const first = body(['end', 'else'])
    let otherwise: readonly Node[] = []
    if (first.ended.startsWith('else')) {
      const more = first.ended.slice(4).trim()
      otherwise = more.startsWith('if') ? [block('if', more.slice(2))] : body(['end']).nodes
    }
    return { block: kind, pipe: head, vars, body: first.nodes, otherwise }
  }
  return body([]).nodes
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|`([^`]*)`|(-?\d+(?:\.\d+)?)|(\$\w*)((?:\.[\w-]+)*)|((?:\.[\w-]+)+|\.)|(\w+)|([()|])|(:=|=))/y

function pipe(source: string): Pipe {
  const m = /^\s*(\$\w+)\s*:?=(?!=)/.exec(source)
  const tokens: (Term | '(' | ')' | '|')[] = []
  const text = m === null ? source : source.slice(m[0].length)
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex
    const t = TOKEN.exec(text)
    if (t === null) throw new Fault(`unexpected ${JSON.stringify(text.slice(from).trim()[0] ?? '')} in operand`)
    if (t[1] !== undefined) tokens.push({ value: unquote(t[1]) })
    else if (t[2] !== undefined) tokens.push({ value: t[2] })
    else if (t[3] !== undefined) tokens.push({ value: Number(t[3]) })
    else if (t[4] !== undefined) tokens.push({ of: t[4], field: split(t[5] ?? '') })
    else if (t[6] !== undefined) tokens.push({ of: '.', field: split(t[6]) })
    else if (t[7] !== undefined) tokens.push(t[7] === 'true' || t[7] === 'false' ? { value: t[7] === 'true' } : t[7] === 'nil' ? { value: null } : { word: t[7] })
    else tokens.push((t[8] ?? '|') as '(' | ')' | '|')
  }
  let i = 0
  const level = (close: boolean): readonly (readonly Term[])[] => {
    const commands: Term[][] = [[]]
    for (; i < tokens.length; i++) {
      const t = tokens[i] as Term | '(' | ')' | '|'
      if (t === ')') {
        if (!close) throw new Fault('unexpected right paren')
        return commands
      }
      if (t === '|') commands.push([])
      else if (t === '(') {
        i++
        const inner = level(true)
        const next = tokens[i + 1]
        const field = typeof next === 'object' && 'of' in next && next.of === '.' && next.field.length > 0 ? next.field : []
        commands.at(-1)?.push({ pipe: { commands: inner }, field })
        if (field.length > 0) i++
      } else commands.at(-1)?.push(t)
    }
    if (close) throw new Fault('unclosed left paren')
    return commands
  }
  const commands = level(false)
  if (commands.some((c) => c.length === 0)) throw new Fault('missing value for command')
  return { assign: m?.[1], commands }
}

const split = (path: string): readonly string[] => path.split('.').filter(Boolean)

function unquote(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/g, (_, c: string) => ({ n: '\n', t: '\t', r: '\r' })[c] ?? c)
}

type Scope = ReadonlyMap<string, unknown>

function run(nodes: readonly Node[], dot: unknown, scope: Scope): string {
  let out = ''
  let vars = scope
  for (const node of nodes) {
    if ('text' in node) out += node.text
    else if (!('block' in node)) {
      const value = evaluate(node.pipe, dot, vars)
      if (node.pipe.assign === undefined) out += value === undefined ? '<no value>' : goPrint(value)
      else vars = new Map(vars).set(node.pipe.assign, value)
    } else {
      const value = evaluate(node.pipe, dot, vars)
      if (node.block === 'if') out += run(truth(value) ? node.body : node.otherwise, dot, vars)
      else if (node.block === 'with') out += truth(value) ? run(node.body, value, bind(vars, node.vars, [value])) : run(node.otherwise, dot, vars)
      else {
        const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(value) ? value.map((v, i) => [i, v] as const)
          : typeof value === 'object' && value !== null ? Object.keys(value).sort().map((k) => [k, (value as Record<string, unknown>)[k]] as const) : []
        if (value !== undefined && value !== null && typeof value !== 'object') throw new Fault(`range can't iterate over ${goPrint(value)}`)
        if (entries.length === 0) out += run(node.otherwise, dot, vars)
        for (const [k, v] of entries) out += run(node.body, v, bind(vars, node.vars, node.vars.length === 1 ? [v] : [k, v]))
      }
    }
  }
  return out
}

function bind(vars: Scope, names: readonly string[], values: readonly unknown[]): Scope {
  if (names.length === 0) return vars
  const next = new Map(vars)
  for (const [i, n] of names.entries()) next.set(n, values[i])
  return next
}

function truth(v: unknown): boolean {
  if (Array.isArray(v)) return v.length > 0
  return typeof v === 'object' && v !== null ? Object.keys(v).length > 0 : Boolean(v)
}

function evaluate(p: Pipe, dot: unknown, vars: Scope): unknown {
  let last: unknown[] = []
  for (const terms of p.commands) {
    const [head, ...rest] = terms
    if (head !== undefined && 'word' in head) last = [call(head.word, [...rest.map((t) => term(t, dot, vars)), ...last])]
    else last = [term(head as Term, dot, vars)]
  }
  return last[0]
}

function term(t: Term, dot: unknown, vars: Scope): unknown {
  if ('value' in t) return t.value
  if ('word' in t) return call(t.word, [])
  if ('pipe' in t) return follow(evaluate(t.pipe, dot, vars), t.field)
  if (t.of !== '.' && !vars.has(t.of)) throw new Fault(`undefined variable "${t.of}"`)
  return follow(t.of === '.' ? dot : vars.get(t.of), t.field)
}

function follow(value: unknown, path: readonly string[]): unknown {
  let v = value
  for (const key of path) {
    if (v === undefined || v === null) return undefined
    if (typeof v !== 'object' || Array.isArray(v)) throw new Fault(`executing "output" at <.${path.join('.')}>: can't evaluate field ${key} in type ${Array.isArray(v) ? '[]interface {}' : typeof v === 'number' ? 'float64' : typeof v === 'boolean' ? 'bool' : 'string'}`)
    v = (v as Record<string, unknown>)[key]
  }
  return v
}

function call(name: string, args: readonly unknown[]): unknown {
  const [a, b] = args
  switch (name) {
    case 'len': return Array.isArray(a) || typeof a === 'string' ? a.length : Object.keys((a as object | null) ?? {}).length
    case 'index': return args.slice(1).reduce((v, k) => (v as Record<string, unknown> | undefined)?.[k as string], a)
    case 'eq': return args.slice(1).some((x) => x === a)
    case 'ne': return a !== b
    case 'lt': return (a as number) < (b as number)
    case 'le': return (a as number) <= (b as number)
    case 'gt': return (a as number) > (b as number)
    case 'ge': return (a as number) >= (b as number)
    case 'not': return !truth(a)
    case 'and': return args.find((x) => !truth(x)) ?? args.at(-1)
    case 'or': return args.find(truth) ?? args.at(-1)
    case 'print': return args.map(goPrint).join('')
    case 'println': return `${args.map(goPrint).join(' ')}\n`
    case 'printf': return format(String(a), args.slice(1))
    case 'exists': return args.slice(1).reduce((v, k) => (v as Record<string, unknown> | undefined)?.[k as string], a) !== undefined
    case 'base64decode': return decode(String(a))
    default: throw new Fault(`function "${name}" not defined`)
  }
}

function format(text: string, args: readonly unknown[]): string {
  let i = 0
  return text.replace(/%(-?\d+)?([vsdqt%])/g, (_, width: string | undefined, verb: string) => {
    if (verb === '%') return '%'
    const v = goPrint(args[i++])
    const shown = verb === 'q' ? JSON.stringify(v) : v
    const n = Math.min(1000, Math.abs(Number(width ?? 0)))
    return width?.startsWith('-') ? shown.padEnd(n) : shown.padStart(n)
  })
}

/** Text of base64 in UTF-8. */
function decode(base64: string): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  let bits = 0
  let n = 0
  let out = ''
  for (const c of base64) {
    const d = digits.indexOf(c)
    if (d < 0) continue
    n = ((n << 6) | d) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out += `%${((n >> bits) & 255).toString(16).padStart(2, '0')}`
    }
  }
  try {
    return decodeURIComponent(out)
  } catch {
    return base64
  }
}
