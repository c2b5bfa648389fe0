/** CPU seconds of runs one after another in one process: the first is cold, by the last ones the compiler of the JavaScript engine is done. */
export interface Runs {
  readonly cold: number
  readonly median: number
  readonly best: number
}

/** Units: seconds. */
export function summary(cpuSeconds: readonly number[]): Runs {
  const sorted = [...cpuSeconds].sort((a, b) => a - b)
  return { cold: cpuSeconds[0] as number, median: sorted[Math.floor(sorted.length / 2)] as number, best: sorted[0] as number }
}

/** How many times less than the peer, which is run once and long enough to be warm by itself. */
export function timesLess(peerSeconds: number, { cold, median, best }: Runs): Runs {
  const times = (own: number) => Math.round((10 * peerSeconds) / own) / 10
  return { cold: times(cold), median: times(median), best: times(best) }
}
