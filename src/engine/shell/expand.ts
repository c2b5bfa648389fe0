import { arithmetic, type Variables } from './arithmetic'
import { arrayOf, elementsOf, isArray } from './arrays'
import { braces } from './braces'
import { globLiteral, isGlob, matchesGlob } from './glob'
import type { Assign, Node, Word, WordPart } from './syntax'

/** What expansion asks of a shell. `get` knows the special parameters too. */
export interface Scope extends Variables {
  /** Positional parameters, without the shell's own name. */
  readonly args: readonly string[]
  /** The output of commands, without the newlines at its end. */
  capture(body: Node): string
  /** A file that holds the output of commands. */
  captureFile(body: Node): string
  /** Paths that a pattern fits, sorted. */
  glob(pattern: string): readonly string[]
  /** `${name:?text}` of a variable that is not set. */
  refuse(text: string): void
}

/** Words after expansion: braces, variables, substitutions, splitting at blanks, patterns. */
export function expandAll(words: readonly Word[], scope: Scope): string[] {
  const out: string[] = []
  for (const word of words) {
    const only = word.length === 1 ? word[0] : undefined
    if (only?.is === 'text' && (only.quoted || !/[*?[{~]/.test(only.text))) out.push(only.text)
    else for (const w of braces(word)) out.push(...expand(w, scope))
  }
  return out
}

/** One word after expansion; unquoted values may make several or none. */
export function expand(word: Word, scope: Scope): string[] {
  const out: string[] = []
  let current: string | undefined
  // The same as a pattern: what was quoted stands for itself.
  let shape = ''
  let wild = false
  const add = (text: string, quoted: boolean): void => {
    current = (current ?? '') + text
    const special = isGlob(text)
    if (special && !quoted) wild = true
    shape += special && quoted ? globLiteral(text) : text
  }
  const end = (): void => {
    if (current === undefined) return
    const found = wild ? scope.glob(shape) : []
    if (found.length > 0) out.push(...found)
    else out.push(current)
    current = undefined
    shape = ''
    wild = false
  }
  for (const [i, part] of word.entries()) {
    if (part.is === 'text') {
      const home = i === 0 && !part.quoted && part.text.startsWith('~') && /^~(?=$|\/)/.test(part.text)
      add(home ? (scope.get('HOME') ?? '~') + part.text.slice(1) : part.text, part.quoted)
      continue
    }
    if (part.is === 'var' && part.quoted && part.op === '' && (part.name === '@' || isAll(part.index))) {
      // Each argument, each element is a word of its own.
      for (const [k, arg] of (part.name === '@' ? scope.args : elementsOf(scope.get(part.name))).entries()) {
        if (k > 0) end()
        add(arg, true)
      }
      continue
    }
    const value = valueOf(part, scope)
    if (part.quoted) {
      add(value, true)
      continue
    }
    for (const [k, piece] of value.split(splitter(scope.get('IFS'))).entries()) {
      if (k > 0) end()
      if (piece !== '') add(piece, false)
    }
  }
  end()
  return out
}

/** A word as one text, without splitting and patterns: for assignments, redirections, here-documents. */
export function expandOne(word: Word, scope: Scope): string {
  const only = word.length === 1 ? word[0] : undefined
  if (only?.is === 'text' && (only.quoted || !only.text.startsWith('~'))) return only.text
  let text = ''
  for (const [i, part] of word.entries()) {
    if (part.is === 'text') text += i === 0 && !part.quoted && /^~(?=$|\/)/.test(part.text) ? (scope.get('HOME') ?? '~') + part.text.slice(1) : part.text
    else text += valueOf(part, scope)
  }
  return text
}

/** A word as a pattern: what was quoted stands for itself. */
export function expandPattern(word: Word, scope: Scope): string {
  let text = ''
  for (const part of word) {
    const value = part.is === 'text' ? part.text : valueOf(part, scope)
    text += part.quoted ? globLiteral(value) : value
  }
  return text
}

/** `@` and `*`: all elements. */
const isAll = (index: Word | undefined): boolean => index?.[0]?.is === 'text' && (index[0].text === '@' || index[0].text === '*')

const scalar = (value: string | undefined): string | undefined => (isArray(value) ? elementsOf(value)[0] : value)

/** An element of an array, or all of them; those before the first are counted from the end. */
function element(value: string | undefined, index: Word, scope: Scope): string | undefined {
  const all = elementsOf(value)
  if (isAll(index)) return all.length === 0 ? undefined : all.join(' ')
  return all.at(arithmetic(expandOne(index, scope), scope))
}

/** The value that an assignment gives its variable. */
export function assigned(a: Assign, scope: Scope): string {
  if (a.list === undefined && a.append !== true && a.index === undefined) return expandOne(a.value, scope)
  const before = a.append === true || a.index !== undefined ? scope.get(a.name) : undefined
  if (a.list !== undefined) return arrayOf([...elementsOf(before), ...expandAll(a.list, scope)])
  const text = expandOne(a.value, scope)
  if (a.index === undefined) return isArray(before) ? arrayOf([(elementsOf(before)[0] ?? '') + text, ...elementsOf(before).slice(1)]) : (before ?? '') + text
  const all = elementsOf(before)
  const at = Math.max(0, Math.min(999, arithmetic(expandOne(a.index, scope), scope)))
  while (all.length < at) all.push('')
  all[at] = (a.append === true ? (all[at] ?? '') : '') + text
  return arrayOf(all)
}

/** Where values are split into fields. */
function splitter(ifs: string | undefined): RegExp | string {
  if (ifs === undefined || ifs === ' \t\n') return /[ \t\n]+/
  if (ifs === '') return /$^/
  return ifs.length === 1 ? ifs : new RegExp(`[${ifs.replace(/[\]\\^-]/g, '\\$&')}]+`)
}

function valueOf(part: Exclude<WordPart, { is: 'text' }>, scope: Scope): string {
  if (part.is === 'command') return part.file === true ? scope.captureFile(part.body) : scope.capture(part.body)
  if (part.is === 'math') return String(arithmetic(expandOne(part.sum, scope), scope))
  const { name, op } = part
  const value = part.index === undefined ? scalar(scope.get(name)) : element(scope.get(name), part.index, scope)
  if (op === 'length' && isAll(part.index)) return String(elementsOf(scope.get(name)).length)
  if (op === '') return value ?? ''
  const arg = (): string => expandOne(part.arg, scope)
  const none = value === undefined || (op.startsWith(':') && value === '')
  switch (op) {
    case 'length': return name === '@' || name === '*' ? String(scope.args.length) : String((value ?? '').length)
    case '-':
    case ':-': return none ? arg() : value
    case '+':
    case ':+': return none ? '' : arg()
    case '=':
    case ':=': {
      if (!none) return value
      const text = arg()
      scope.set(name, text)
      return text
    }
    case '?':
    case ':?':
      if (none) scope.refuse(`${name}: ${arg() || (op === '?' ? 'parameter not set' : 'parameter not set or null')}`)
      return value ?? ''
    case '#':
    case '##': return trimmed(value ?? '', expandPattern(part.arg, scope), op === '##', true)
    case '%':
    case '%%': return trimmed(value ?? '', expandPattern(part.arg, scope), op === '%%', false)
    case ':': return sliced(value ?? '', arg(), scope)
    case '^^': return (value ?? '').toUpperCase()
    case ',,': return (value ?? '').toLowerCase()
    case '^': return (value ?? '').slice(0, 1).toUpperCase() + (value ?? '').slice(1)
    case ',': return (value ?? '').slice(0, 1).toLowerCase() + (value ?? '').slice(1)
    default: return replaced(value ?? '', expandPattern(part.arg, scope), part.by === undefined ? '' : expandOne(part.by, scope), op)
  }
}

/** A value without what a pattern fits at its beginning or end. */
function trimmed(value: string, pattern: string, longest: boolean, front: boolean): string {
  for (let n = 0; n <= value.length; n++) {
    const size = longest ? value.length - n : n
    if (matchesGlob(pattern, front ? value.slice(0, size) : value.slice(value.length - size))) return front ? value.slice(size) : value.slice(0, value.length - size)
  }
  return value
}

/** `${name:from:length}` */
function sliced(value: string, range: string, scope: Scope): string {
  const [first = '', length] = range.split(':')
  const from = arithmetic(first, scope)
  const start = from < 0 ? Math.max(0, value.length + from) : from
  if (length === undefined) return value.slice(start)
  const n = arithmetic(length, scope)
  return value.slice(start, n < 0 ? n : start + n)
}

/** `${name/pattern/text}`: the first and longest that fits, or all. */
function replaced(value: string, pattern: string, by: string, op: string): string {
  if (pattern === '') return value
  let out = ''
  let at = 0
  while (at < value.length) {
    let end = -1
    if (op !== '/%') {
      for (let e = value.length; e > at; e--) if (matchesGlob(pattern, value.slice(at, e))) {
        end = e
        break
      }
    } else if (matchesGlob(pattern, value.slice(at))) end = value.length
    if (end > 0) {
      out += by
      at = end
      if (op !== '//') break
    } else {
      if (op === '/#') break
      out += value[at]
      at++
    }
  }
  return out + value.slice(at)
}

/** The values that `read` gives its variables: the last one gets what is left of the line. */
export function readFields(line: string, count: number, ifs: string | undefined, raw: boolean): readonly string[] {
  const text = raw ? line : line.replace(/\\(.)/g, '$1')
  if (ifs === '') return [text]
  const blank = ifs === undefined || /^\s*$/.test(ifs)
  const by = blank ? /[ \t\n]+/ : new RegExp(`[${ifs.replace(/[\]\\^-]/g, '\\$&')}]`)
  let rest = blank ? text.trim() : text
  const out: string[] = []
  while (out.length < count - 1) {
    const m = by.exec(rest)
    if (m === null) break
    out.push(rest.slice(0, m.index))
    rest = rest.slice(m.index + m[0].length)
  }
  out.push(rest)
  return out
}
