/** Hard bounds of the simulation. Law 6: every queue, list and ring has one. Reaching a bound is a bug or a runaway input, and is asserted. */
export const limits = {
  /** Entries in the event queue. */
  queuedEvents: 2_000_000,
  /** Events handled at one instant of simulated time; more means a loop that never lets time pass. */
  eventsAtOneInstant: 200_000,
  /** Trace records kept in memory; older ones are dropped from the ring, never from the hash. */
  traceRecords: 60_000,
  /** Processes alive at once. */
  processes: 20_000,
} as const
