import type { Environment } from '@marcbachmann/cel-js'
import { compile, type Program } from './compile'
import { baseEnvironment } from './library'

/** Variables that every expression of an admission policy has. Upstream: apiserver/pkg/admission/plugin/cel mustBuildEnvs */
const VARIABLES = ['object', 'oldObject', 'request', 'namespaceObject', 'variables']

let plain: Environment | undefined
let withParams: Environment | undefined

/** An expression of an admission policy; the error is the server's text. `type`: what it has to give. Upstream: plugin/cel CompileCELExpression */
export function compilePolicy(source: string, hasParams: boolean, type?: 'bool' | 'string'): { readonly program: Program; readonly error?: undefined } | { readonly error: string; readonly program?: undefined } {
  if (plain === undefined) {
    plain = baseEnvironment().clone()
    for (const name of VARIABLES) plain.registerVariable(name, 'dyn')
    withParams = plain.clone().registerVariable('params', 'dyn')
  }
  const made = compile((hasParams ? withParams : plain) as Environment, source)
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
