import { EvaluationError, Optional, type Environment } from '@marcbachmann/cel-js'

const SYNC = { async: false }

/** Registers a function that never waits. */
export function add(env: Environment, signature: string, handler: (...args: never[]) => unknown): void {
  env.registerFunction(signature, handler as (...args: unknown[]) => unknown, SYNC as never)
}

/** Stops an evaluation. */
export function fail(text: string): never {
  throw new EvaluationError({ code: 'failed', message: text })
}

/** A value that may be absent. */
export function optional(value: unknown): unknown {
  return value === undefined ? Optional.none() : Optional.of(value)
}

/** Go's expressions are close enough to ours. */
export function regex(text: string, flags: string): RegExp {
  try {
    const [, inline, rest] = /^\(\?([ims]+)\)(.*)$/s.exec(text) ?? [undefined, '', text]
    return new RegExp((rest as string).replaceAll('\\z', '$').replaceAll('\\A', '^').replaceAll('(?P<', '(?<'), flags + inline)
  } catch {
    return fail(`error parsing regexp: \`${text}\``)
  }
}
