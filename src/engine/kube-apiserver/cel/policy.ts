import type { Environment } from '@marcbachmann/cel-js'
import { compile, type Program } from './compile'
import { baseEnvironment } from './library'

/** Variables that every expression of an admission policy has. Upstream: apiserver/pkg/admission/plugin/cel mustBuildEnvs */
const VARIABLES = ['object', 'oldObject', 'request', 'namespaceObject', 'variables']

/** Environments without and with parameters. */
interface Pair {
  readonly plain: Environment
  readonly withParams: Environment
}

function pairOf(base: Environment): Pair {
  for (const name of VARIABLES) base.registerVariable(name, 'dyn')
  return { plain: base, withParams: base.clone().registerVariable('params', 'dyn') }
}

// Memos of constants.
let policies: Pair | undefined
let mutations: Pair | undefined

/** The environments of mutating policies, which have a library more. */
export function mutationEnvironments(addLibrary: (env: Environment) => void): Pair {
  if (mutations !== undefined) return mutations
  const env = baseEnvironment().clone()
  addLibrary(env)
  return (mutations = pairOf(env))
}

/** An expression of an admission policy; the error is the server's text. `type`: what it has to give. Upstream: plugin/cel CompileCELExpression */
export function compilePolicy(source: string, hasParams: boolean, type?: 'bool' | 'string', pair: Pair = (policies ??= pairOf(baseEnvironment().clone()))): { readonly program: Program; readonly error?: undefined } | { readonly error: string; readonly program?: undefined } {
  const made = compile(hasParams ? pair.withParams : pair.plain, source)
  if (made.error !== undefined) return { error: `compilation failed: ${made.error}` }
  if (type !== undefined && made.program.type !== type) return { error: `must evaluate to ${type}` }
  return made
}

/** A JSON value as CEL sees it without a schema: whole numbers are ints. */
export function toDynamic(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(toDynamic)
  if (typeof value !== 'object' || value === null) return value ?? null
  const out: Record<string, unknown> = {}
  for (const [key, one] of Object.entries(value)) if (one !== undefined) out[key] = toDynamic(one)
  return out
}
