/** Thrown when the engine finds itself in a state that must not exist. The worker turns it into a crash report. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** States a fact that must hold, always on. Errors: AssertionError with `message` (a function is only called on failure). */
export function assert(fact: unknown, message: string | (() => string)): asserts fact {
  if (!fact) throw new AssertionError(typeof message === 'string' ? message : message())
}
