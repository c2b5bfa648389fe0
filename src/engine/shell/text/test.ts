import { matchesGlob } from '../glob'
import { expression } from './expression'
import type { TextFiles } from './program'

/** What `test` may look at. */
export type TestFiles = Pick<TextFiles, 'read' | 'isDir'>

/**
 * `test`, `[` and `[[`: files, texts, numbers, `!`, parentheses, `-a`, `-o` (`&&`, `||`). Answers 0, 1, or what it says of something it
 * cannot read. `double`: as `[[`, where the right side of `==` is a pattern and `=~` is an expression;
 * `matched` hears what an expression and its groups have found.
 */
export function testExpression(files: TestFiles, args: readonly string[], double = false, matched?: (parts: readonly string[]) => void): 0 | 1 | string {
  let at = 0
  let wrong = ''
  const or = (): boolean => {
    let yes = and()
    while (args[at] === '-o' || args[at] === '||') {
      at++
      yes = and() || yes
    }
    return yes
  }
  const and = (): boolean => {
    let yes = not()
    while (args[at] === '-a' || args[at] === '&&') {
      at++
      yes = not() && yes
    }
    return yes
  }
  const not = (): boolean => {
    if (args[at] === '!' && at + 1 < args.length && !BINARY.has(args[at + 1] as string)) {
      at++
      return !not()
    }
    return primary()
  }
  const primary = (): boolean => {
    const [a, b, c] = [args[at], args[at + 1], args[at + 2]]
    if (a === undefined) return false
    if (b !== undefined && c !== undefined && BINARY.has(b)) {
      at += 3
      return compare(a, b, c)
    }
    if (a === '(') {
      at++
      const yes = or()
      if (args[at] === ')') at++
      return yes
    }
    if (b !== undefined && /^-[a-zA-Z]$/.test(a) && !(b === '-a' || b === '-o' || b === '&&' || b === '||')) {
      at += 2
      return single(files, a, b)
    }
    at++
    return a !== ''
  }
  const compare = (a: string, op: string, b: string): boolean => {
    switch (op) {
      case '=':
      case '==': return double ? matchesGlob(b, a) : a === b
      case '!=': return double ? !matchesGlob(b, a) : a !== b
      case '=~': {
        const found = expression(b, true)?.exec(a)
        matched?.(found ? [...found].map((part) => part ?? '') : [])
        return Boolean(found)
      }
      case '<': return a < b
      case '>': return a > b
      case '-nt':
      case '-ot':
      case '-ef': return false
      default: {
        for (const n of [a, b]) if (!/^\s*[-+]?\d+\s*$/.test(n) && wrong === '') wrong = n === '' && double ? '' : `${n}: bad number`
        const d = Number(a) - Number(b)
        return op === '-eq' ? d === 0 : op === '-ne' ? d !== 0 : op === '-lt' ? d < 0 : op === '-le' ? d <= 0 : op === '-gt' ? d > 0 : d >= 0
      }
    }
  }
  if (args.length === 0) return 1
  // One or two words are texts whatever they look like.
  const yes = args.length === 1 ? args[0] !== '' : or()
  if (wrong !== '') return wrong
  if (at < args.length && args.length > 1) return `${args[at]}: unknown operand`
  return yes ? 0 : 1
}

const BINARY = new Set(['=', '==', '!=', '=~', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])

function single(files: TestFiles, op: string, b: string): boolean {
  switch (op) {
    case '-n': return b !== ''
    case '-z': return b === ''
    case '-d': return files.isDir(b)
    case '-f': return files.read(b) !== undefined
    case '-s': return (files.read(b) ?? '') !== '' || files.isDir(b)
    case '-e':
    case '-r':
    case '-w':
    case '-x': return files.read(b) !== undefined || files.isDir(b)
    case '-t': return true
    default: return false
  }
}
