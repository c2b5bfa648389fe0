import type { ASTNode, Environment, TypeCheckResult } from '@marcbachmann/cel-js'

type CelError = NonNullable<TypeCheckResult['error']>
type Node = ASTNode & { readonly checkedType?: { readonly name: string } }

const EXPECTED = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
const SYMBOLS: Readonly<Record<string, string>> = { '!_': '!_', '-_': '-_', in: '@in' }

/** What a compiler says of an expression, as cel-go does: `ERROR: <input>:1:5: undefined field 'foo'` with the line and a pointer. Upstream: cel-go common/errors.go, checker/errors.go */
export function compileErrorText(source: string, error: CelError, env: Environment): string {
  const [at, text] = error.name === 'ParseError' ? syntax(source, error) : semantic(source, error, env)
  return located(source, at, text)
}

/** One error with its place. */
export function located(source: string, at: number, text: string): string {
  const before = source.slice(0, at)
  const start = before.lastIndexOf('\n') + 1
  const column = at - start
  const end = source.indexOf('\n', start)
  const line = source.slice(start, end < 0 ? undefined : end)
  return `ERROR: <input>:${before.split('\n').length}:${column + 1}: ${text}\n | ${line}\n | ${'.'.repeat(column)}^`
}

function syntax(source: string, error: CelError): [number, string] {
  const at = error.range?.start ?? source.length
  const token = /^("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\w.]+|&&|\|\||[<>=!]=|.)/s.exec(source.slice(at))?.[0] ?? '<EOF>'
  switch (error.code) {
    case 'unexpected_token':
      // Our parser stands behind the text, cel-go at its end.
      return [at, `Syntax error: ${token === '<EOF>' || /^[\])}]$/.test(token) ? 'mismatched' : 'extraneous'} input '${token}' expecting ${EXPECTED}`]
    case 'unexpected_character':
      if (/^[\w"'([{)\]}]/.test(token)) return [at, `Syntax error: extraneous input '${token}' expecting <EOF>`]
      return [at, `Syntax error: token recognition error at: '${token === '=' ? source.slice(at, at + 2) : token}'`]
    case 'unterminated_string': return [at, `Syntax error: token recognition error at: '${source.slice(at)}'`]
    case 'expected_token': return [at, `Syntax error: missing '${{ RPAREN: ')', RBRACKET: ']', RBRACE: '}', COLON: ':', COMMA: ',' }[/Expected (\w+)/.exec(error.summary)?.[1] ?? ''] ?? ')'}' at '${token}'`]
    case 'reserved_identifier': return [at, `reserved identifier: ${/: (.*)$/.exec(error.summary)?.[1] ?? token}`]
    default: return [at, `Syntax error: ${error.summary.charAt(0).toLowerCase()}${error.summary.slice(1)}`]
  }
}

function semantic(source: string, error: CelError, env: Environment): [number, string] {
  const node = error.node as Node | undefined
  if (node === undefined) return [0, error.summary]
  const at = placeOf(source, node)
  const args = (list: readonly unknown[]): string => `(${list.map((n) => typeName((n as Node).checkedType?.name ?? 'dyn')).join(', ')})`
  const noOverload = (name: string, types: string): [number, string] => [at, `found no matching overload for '${name}' applied to '${types}'`]
  switch (error.code) {
    case 'unknown_variable': return [at, `undeclared reference to '${node.args as string}' (in container '')`]
    case 'no_such_key': return [at, `undefined field '${(node.args as readonly unknown[])[1] as string}'`]
    case 'cannot_index_type':
      if (node.op === '[]' || node.op === '[?]') return noOverload('_[_]', args(node.args))
      return [at, `type '${typeName(/'(.*)'/.exec(error.summary)?.[1] ?? '')}' does not support field selection`]
    case 'invalid_index_type': return noOverload('_[_]', args(node.args as readonly unknown[]))
    case 'no_such_overload':
      return noOverload(SYMBOLS[node.op] ?? `_${node.op}_`, args(Array.isArray(node.args) ? (node.args as readonly unknown[]) : [node.args]))
    case 'no_matching_overload': {
      const [name, receiver, given] = node.op === 'rcall' ? node.args : node.op === 'call' ? ([node.args[0], undefined, node.args[1]] as const) : ['', undefined, []]
      if (!env.getDefinitions().functions.some((f) => f.name === name && (f.receiverType !== null) === (receiver !== undefined))) return [at, `undeclared reference to '${name}' (in container '')`]
      return noOverload(name, `${receiver === undefined ? '' : `${typeName((receiver as Node).checkedType?.name ?? 'dyn')}.`}${args(given)}`)
    }
    case 'invalid_logical_operand': {
      const wrong = (node.args as readonly Node[]).find((n) => n.checkedType?.name !== 'bool' && n.checkedType?.name !== 'dyn') ?? node
      return [placeOf(source, wrong), `expected type 'bool' but found '${typeName(wrong.checkedType?.name ?? 'dyn')}'`]
    }
    case 'invalid_condition_type': case 'heterogeneous_list_element': case 'heterogeneous_map_key': case 'heterogeneous_map_value': {
      const [, found, other] = /'([^']*)'(?: but found '([^']*)')?$/.exec(error.summary) ?? []
      return [at, `expected type '${other === undefined ? 'bool' : typeName(found ?? '')}' but found '${typeName(other ?? found ?? '')}'`]
    }
    case 'incompatible_ternary_branches': return noOverload('_?_:_', args(node.args as readonly unknown[]))
    case 'invalid_comprehension_range': return [at, `expression of type '${typeName(/'([^']*)'/.exec(error.summary)?.[1] ?? '')}' cannot be range of a comprehension (must be list, map, or dynamic)`]
    case 'invalid_macro_argument': return [at, error.summary.startsWith('has()') ? 'invalid argument to has() macro' : 'argument must be a simple name']
    default: return [at, error.summary]
  }
}

/** A type as cel-go writes it: `list(string)`, `map(string, int)`. */
export function typeName(name: string): string {
  if (name === 'google.protobuf.Timestamp') return 'timestamp'
  if (name === 'google.protobuf.Duration') return 'duration'
  return name.replace(/^dyn<(.*)>$/, '$1').replace(/\boptional</g, 'optional_type<').replaceAll('<', '(').replaceAll('>', ')')
}

/** Where cel-go sees a node: at the operator, the dot, or the opening parenthesis. */
function placeOf(source: string, node: Node): number {
  const after = (end: number): number => {
    let i = end
    while (i < source.length && /[\s)]/.test(source[i] as string)) i++
    return i
  }
  switch (node.op) {
    case 'value': case 'id': case 'list': case 'map': case '!_': case '-_': return node.start
    case 'call': return source.indexOf('(', node.start)
    case 'rcall': return source.indexOf('(', after((node.args[1] as Node).end))
    case '.': case '.?': case '[]': case '[?]': case '?:': case '||': case '&&':
    case '!=': case '==': case 'in': case '+': case '-': case '*': case '/': case '%': case '<': case '<=': case '>': case '>=':
      return after((node.args[0] as Node).end)
    default: return (node as Node).pos
  }
}

/** Why an evaluation failed, in cel-go's words. Upstream: cel-go common/types/err.go */
export function evaluationErrorText(error: unknown): string {
  const { code, summary, message } = error as { code?: string; summary?: string; message?: string }
  const text = summary ?? message ?? 'unknown error'
  switch (code) {
    case 'no_such_key': return text.replace('No such key', 'no such key')
    case 'index_out_of_bounds': return `index out of bounds: ${/index (-?\d+)/.exec(text)?.[1] ?? ''}`
    case 'modulo_by_zero': return 'modulus by zero'
    case 'numeric_overflow': return 'integer overflow'
    case 'no_such_overload': case 'no_matching_overload': case 'invalid_logical_operand': case 'field_type_mismatch': return 'no such overload'
    case 'optional_value_missing': return 'optional.none() dereference'
    default: return text
  }
}
