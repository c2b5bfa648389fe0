import type { ProgramIO } from '../program'
import type { ShellState } from './state'
import type { Word } from './syntax'

/** Runs a script at once and answers its output: for `$(…)`. */
export type Capture = (source: string) => string

function variable(state: ShellState, status: number, name: string): string | undefined {
  switch (name) {
    case '?': return String(status)
    case '$': return '1'
    case '!': return '7'
    case '#': return String(Math.max(0, state.args.length - 1))
    case '@':
    case '*': return state.args.slice(1).join(' ')
    case 'RANDOM': return '4'
    case 'PWD': return state.cwd
    default: return /^\d+$/.test(name) ? state.args[Number(name)] : state.vars[name]
  }
}

function valueOf(state: ShellState, status: number, part: { name: string; op: string; arg: string }, io: ProgramIO, capture: Capture): string {
  if (part.name === 'RANDOM') return String(io.draw(32_768))
  const value = variable(state, status, part.name)
  const arg = () => expandText(state, status, part.arg, io, capture)
  const none = value === undefined || (part.op.startsWith(':') && value === '')
  switch (part.op) {
    case 'length': return String((value ?? '').length)
    case '-':
    case ':-': return none ? arg() : (value as string)
    case '=':
    case ':=':
      if (none) state.vars[part.name] = arg()
      return state.vars[part.name] ?? ''
    case '+':
    case ':+': return none ? '' : arg()
    case '#':
    case '##': return trimmed(value ?? '', arg(), part.op === '##', true)
    case '%':
    case '%%': return trimmed(value ?? '', arg(), part.op === '%%', false)
    default: return value ?? ''
  }
}

function trimmed(value: string, pattern: string, longest: boolean, front: boolean): string {
  const cuts = Array.from({ length: value.length + 1 }, (_, i) => i)
  if (front ? longest : !longest) cuts.reverse()
  for (const i of cuts) if (matchesGlob(pattern, front ? value.slice(0, i) : value.slice(i))) return front ? value.slice(i) : value.slice(0, i)
  return value
}

function expandText(state: ShellState, status: number, text: string, io: ProgramIO, capture: Capture): string {
  return text.replace(/\$\{?(\w+)\}?/g, (_, name: string) => valueOf(state, status, { name, op: '', arg: '' }, io, capture))
}

/** The fields that a word becomes: expansions outside quotes are split at white space, patterns become file names. */
export function expandWord(state: ShellState, status: number, word: Word, io: ProgramIO, capture: Capture): string[] {
  const fields: string[] = []
  let current: string | undefined
  let glob = false
  for (const part of word) {
    let text: string
    let split = false
    switch (part.is) {
      case 'text':
        text = part.text
        if (!part.quoted && /[*?]/.test(text)) glob = true
        if (!part.quoted && word.length === 1) {
          const range = /^(.*)\{(-?\d+)\.\.(-?\d+)\}(.*)$/.exec(text)
          if (range) {
            const [from, to] = [Number(range[2]), Number(range[3])]
            return Array.from({ length: Math.min(1000, Math.abs(to - from) + 1) }, (_, i) => `${range[1] ?? ''}${from + (to >= from ? i : -i)}${range[4] ?? ''}`)
          }
        }
        if (!part.quoted && (text === '~' || text.startsWith('~/')) && current === undefined) text = `/root${text.slice(1)}`
        break
      case 'var':
        if (part.name === '@' && part.quoted) {
          fields.push(...state.args.slice(1))
          continue
        }
        text = valueOf(state, status, part, io, capture)
        split = !part.quoted
        break
      case 'command':
        text = capture(part.source).replace(/\n+$/, '')
        split = !part.quoted
        break
      case 'math':
        text = String(evaluate(state, status, part.source, io))
        break
    }
    if (!split) {
      current = (current ?? '') + text
      continue
    }
    const pieces = text.split(/[ \t\n]+/)
    pieces.forEach((piece, i) => {
      if (i > 0 && current !== undefined) {
        fields.push(current)
        current = undefined
      }
      if (piece !== '') current = (current ?? '') + piece
    })
  }
  if (current !== undefined) fields.push(current)
  if (!glob) return fields
  return fields.flatMap((f) => {
    const absolute = state.root + (f.startsWith('/') ? f : `${state.cwd === '/' ? '' : state.cwd}/${f}`)
    const found = [...io.files.keys()].filter((p) => !p.endsWith('/') && p.split('/').length === absolute.split('/').length && matchesGlob(absolute, p)).sort()
    return found.length > 0 ? found.map((p) => (f.startsWith('/') ? p.slice(state.root.length) : p.slice(absolute.length - f.length))) : [f]
  })
}

/** A word as one text: for assignments, redirections, patterns. */
export function expandOne(state: ShellState, status: number, word: Word, io: ProgramIO, capture: Capture): string {
  return expandWord(state, status, word.map((p) => (p.is === 'math' ? p : { ...p, quoted: true })), io, capture).join(' ')
}

/** Shell patterns with * and ?. */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0
  let t = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || (pattern[p] !== '*' && pattern[p] === text[t]))) {
      p++
      t++
    } else if (pattern[p] === '*') {
      star = p++
      mark = t
    } else if (star >= 0) {
      p = star + 1
      t = ++mark
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}

/** Arithmetic of `$((…))`: whole numbers, + - * / % comparison, parentheses, variables. Malformed text is 0. */
export function evaluate(state: ShellState, status: number, source: string, io: ProgramIO): number {
  const tokens = source.match(/\d+|[A-Za-z_]\w*|\$\{?\w+\}?|==|!=|<=|>=|&&|\|\||\+\+|--|[-+*/%()<>!]/g) ?? []
  let i = 0
  const atom = (): number => {
    const t = tokens[i++]
    if (t === undefined) return 0
    if (t === '(') {
      const v = binary(0)
      i++
      return v
    }
    if (t === '-') return -atom()
    if (t === '!') return atom() === 0 ? 1 : 0
    if (/^\d/.test(t)) return Number(t)
    const name = t.replace(/[${}]/g, '')
    const value = Number(name === 'RANDOM' ? io.draw(32_768) : (variable(state, status, name) ?? 0)) || 0
    if (tokens[i] === '++' || tokens[i] === '--') state.vars[name] = String(value + (tokens[i++] === '++' ? 1 : -1))
    return value
  }
  const levels: readonly (readonly string[])[] = [['||'], ['&&'], ['==', '!='], ['<', '>', '<=', '>='], ['+', '-'], ['*', '/', '%']]
  const apply = (op: string, a: number, b: number): number => {
    switch (op) {
      case '+': return a + b
      case '-': return a - b
      case '*': return a * b
      case '/': return b === 0 ? 0 : Math.trunc(a / b)
      case '%': return b === 0 ? 0 : a % b
      case '==': return Number(a === b)
      case '!=': return Number(a !== b)
      case '<': return Number(a < b)
      case '>': return Number(a > b)
      case '<=': return Number(a <= b)
      case '>=': return Number(a >= b)
      case '&&': return Number(a !== 0 && b !== 0)
      default: return Number(a !== 0 || b !== 0)
    }
  }
  const binary = (level: number): number => {
    if (level >= levels.length) return atom()
    let left = binary(level + 1)
    while (levels[level]?.includes(tokens[i] ?? '')) {
      const op = tokens[i++] as string
      left = apply(op, left, binary(level + 1))
    }
    return left
  }
  return binary(0)
}
