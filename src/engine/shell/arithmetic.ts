/** What arithmetic asks of the shell. */
export interface Variables {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

const LEVELS: readonly (readonly string[])[] = [['||'], ['&&'], ['|'], ['^'], ['&'], ['==', '!='], ['<', '>', '<=', '>='], ['<<', '>>'], ['+', '-'], ['*', '/', '%']]
const ASSIGN = new Set(['=', '+=', '-=', '*=', '/=', '%='])
const most = 500

/**
 * `$((…))`: whole numbers, names of variables, the operators of C with assignments. What cannot be read is 0, as an unset name is; text
 * that stays a name in a variable is read as one, as the shell does.
 */
export function arithmetic(text: string, variables: Variables): number {
  const tokens = text.match(/0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|\*\*|<<|>>|[-+*/%<>=!]=|&&|\|\||\+\+|--|[-+*/%()<>!=?:,&|^~]/g) ?? []
  if (tokens.length > most) return 0
  let at = 0
  const value = (name: string): number => toNumber(variables.get(name))
  const store = (name: string, n: number): number => {
    variables.set(name, String(n))
    return n
  }
  const isName = (t: string | undefined): t is string => t !== undefined && /^[A-Za-z_]/.test(t)
  const primary = (): number => {
    const t = tokens[at++]
    if (t === undefined) return 0
    if (t === '(') {
      const v = all()
      at++
      return v
    }
    if (t === '-') return -primary()
    if (t === '+') return primary()
    if (t === '!') return primary() === 0 ? 1 : 0
    if (t === '~') return ~primary()
    if (t === '++' || t === '--') {
      const name = tokens[at]
      if (!isName(name)) return primary()
      at++
      return store(name, value(name) + (t === '++' ? 1 : -1))
    }
    if (!isName(t)) return toNumber(t)
    const n = value(t)
    if (tokens[at] === '++' || tokens[at] === '--') store(t, n + (tokens[at++] === '++' ? 1 : -1))
    return n
  }
  const power = (): number => {
    const a = primary()
    if (tokens[at] !== '**') return a
    at++
    return Math.trunc(a ** power())
  }
  const level = (n: number): number => {
    const ops = LEVELS[n]
    if (ops === undefined) return power()
    let a = level(n + 1)
    while (ops.includes(tokens[at] ?? '')) {
      const op = tokens[at++] as string
      a = apply(op, a, level(n + 1))
    }
    return a
  }
  const choice = (): number => {
    const name = tokens[at]
    const op = tokens[at + 1]
    if (isName(name) && op !== undefined && ASSIGN.has(op)) {
      at += 2
      const right = choice()
      return store(name, op === '=' ? right : apply(op.slice(0, -1), value(name), right))
    }
    const test = level(0)
    if (tokens[at] !== '?') return test
    at++
    const yes = choice()
    if (tokens[at] === ':') at++
    const no = choice()
    return test === 0 ? no : yes
  }
  const all = (): number => {
    let v = choice()
    while (tokens[at] === ',') {
      at++
      v = choice()
    }
    return v
  }
  return all()
}

function toNumber(text: string | undefined): number {
  if (text === undefined || text === '') return 0
  const t = text.trim()
  if (/^-?0[xX]/.test(t)) return Number.parseInt(t, 16) || 0
  return Math.trunc(Number(/^-?0\d/.test(t) ? Number.parseInt(t, 8) : t)) || 0
}

function apply(op: string, a: number, b: number): number {
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
    case '&': return a & b
    case '|': return a | b
    case '^': return a ^ b
    case '<<': return a << b
    case '>>': return a >> b
    case '&&': return Number(a !== 0 && b !== 0)
    default: return Number(a !== 0 || b !== 0)
  }
}
