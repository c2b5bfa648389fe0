/** Simulated time is an integer count of microseconds since the simulation began. Units: µs. */
export type Micros = number

/** One millisecond. Units: µs. */
export const MS = 1_000
/** One second. Units: µs. */
export const SECOND = 1_000_000
/** One minute. Units: µs. */
export const MINUTE = 60 * SECOND
