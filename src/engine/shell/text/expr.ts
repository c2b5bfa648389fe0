import { expression } from './expression'
import type { TextProgram } from './program'

const LEVELS: readonly (readonly string[])[] = [['|'], ['&'], ['=', '!=', '<', '>', '<=', '>='], ['+', '-'], ['*', '/', '%'], [':']]

/** `expr`: sums, comparisons, `text : expression`, `length`, `substr`. 1 when the value is empty or 0. */
export const expr: TextProgram = {
  run({ args, out, err }) {
    let at = 0
    let wrong = ''
    const number = (t: string): number => {
      if (!/^-?\d+$/.test(t)) wrong = 'non-integer argument'
      return Number(t)
    }
    const primary = (): string => {
      const t = args[at++]
      if (t === undefined) {
        wrong ||= 'syntax error'
        return ''
      }
      if (t === '(') {
        const v = level(0)
        if (args[at++] !== ')') wrong ||= 'syntax error'
        return v
      }
      if (t === 'length' && at < args.length) return String(primary().length)
      if (t === 'substr' && at + 2 < args.length) {
        const [text, from, count] = [primary(), number(primary()), number(primary())]
        return text.slice(Math.max(0, from - 1), Math.max(0, from - 1 + count))
      }
      return t
    }
    const level = (n: number): string => {
      const ops = LEVELS[n]
      if (ops === undefined) return primary()
      let a = level(n + 1)
      while (ops.includes(args[at] ?? '')) {
        const op = args[at++] as string
        a = apply(op, a, level(n + 1))
      }
      return a
    }
    const apply = (op: string, a: string, b: string): string => {
      const empty = (v: string): boolean => v === '' || v === '0'
      if (op === '|') return empty(a) ? b : a
      if (op === '&') return empty(a) || empty(b) ? '0' : a
      if (op === ':') {
        const m = expression(`^${b.replace(/^\^/, '')}`, false)?.exec(a)
        return m === null || m === undefined ? '0' : (m[1] ?? String(m[0].length))
      }
      if (LEVELS[2]?.includes(op)) {
        const d = /^-?\d+$/.test(a) && /^-?\d+$/.test(b) ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0
        return (op === '=' ? d === 0 : op === '!=' ? d !== 0 : op === '<' ? d < 0 : op === '>' ? d > 0 : op === '<=' ? d <= 0 : d >= 0) ? '1' : '0'
      }
      const [x, y] = [number(a), number(b)]
      if ((op === '/' || op === '%') && y === 0) wrong ||= 'division by zero'
      return String(op === '+' ? x + y : op === '-' ? x - y : op === '*' ? x * y : op === '/' ? Math.trunc(x / y) : x % y)
    }
    if (args.length === 0) wrong = 'missing operand'
    const value = wrong === '' ? level(0) : ''
    if (wrong !== '' || at < args.length) {
      err(`expr: ${wrong || 'syntax error'}\n`)
      return 2
    }
    out(`${value}\n`)
    return value === '' || value === '0' ? 1 : 0
  },
}
