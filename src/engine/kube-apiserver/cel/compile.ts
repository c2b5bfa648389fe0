import type { ASTNode, Environment } from '@marcbachmann/cel-js'
import { compileErrorText, evaluationErrorText, located, typeName } from './errors'

/** An expression ready to run. */
export interface Program {
  /** What it gives; a failed evaluation is a value too. */
  run(variables: Readonly<Record<string, unknown>>): { readonly value: unknown; readonly error?: undefined } | { readonly error: string; readonly value?: undefined }
  /** Its type, as cel-go writes it. */
  readonly type: string
  readonly ast: ASTNode
}

/** Names of the fields that each object type has. */
export type ObjectFields = ReadonlyMap<string, { has(name: string): boolean }>

/** Parses and checks an expression; the error is cel-go's text. Upstream: cel-go cel.Env.Compile */
export function compile(env: Environment, source: string, objects?: ObjectFields): { readonly program: Program; readonly error?: undefined } | { readonly error: string; readonly program?: undefined } {
  let parsed: ReturnType<Environment['parse']>
  try {
    parsed = env.parse(source)
  } catch (error) {
    return { error: compileErrorText(source, error as Parameters<typeof compileErrorText>[1], env) }
  }
  const checked = parsed.check()
  if (checked.error !== undefined) return { error: compileErrorText(source, checked.error, env) }
  const missing = objects && undefinedPresence(source, parsed.ast, objects)
  if (missing !== undefined) return { error: missing }
  return {
    program: {
      type: typeName(checked.type ?? 'dyn'), ast: parsed.ast,
      run(variables) {
        try {
          return { value: parsed(variables) as unknown }
        } catch (error) {
          return { error: evaluationErrorText(error) }
        }
      },
    },
  }
}

/** All nodes of an expression; what macros expand to is left out. */
export function walk(node: ASTNode, visit: (node: ASTNode) => void): void {
  visit(node)
  const { args } = node
  const into = (a: unknown): void => {
    if (Array.isArray(a)) for (const item of a) into(item)
    else if (typeof a === 'object' && a !== null && 'op' in a) walk(a as ASTNode, visit)
  }
  into(args)
}

/** Whether an expression names a variable. */
export function mentions(ast: ASTNode, variable: string): boolean {
  let found = false
  walk(ast, (n) => { found ||= n.op === 'id' && n.args === variable })
  return found
}

/** Each `has(x.y)` of a field that no object of the type has: our checker lets it pass, cel-go does not, and points at the macro. */
function undefinedPresence(source: string, ast: ASTNode, objects: ObjectFields): string | undefined {
  const found: string[] = []
  walk(ast, (n) => {
    if (n.op !== 'call' || n.args[0] !== 'has') return
    const select = n.args[1][0]
    if (select?.op !== '.') return
    const [of, name] = select.args
    const type = (of as ASTNode & { checkedType?: { kind: string; name: string } }).checkedType
    if (type?.kind === 'message' && objects.get(type.name)?.has(name) === false) found.push(located(source, source.indexOf('(', n.start), `undefined field '${name}'`))
  })
  return found.length === 0 ? undefined : found.join('\n')
}
