import { SECOND, type Micros } from '../sim'
import { outcomes, type SecondStats } from './types'

/** Seconds kept of a Service. */
const mostSeconds = 600

/** Latencies are counted in buckets that grow by a quarter of a power of two: exact within about 19 %. */
const buckets = 112

/** Statistics of one Service: the second that is being filled, and those before. */
export interface ServiceStats {
  /** Closed seconds, frozen; newest last. Seconds without requests are left out. */
  seconds: SecondStats[]
  /** Start of the open second; -1: none. */
  open: Micros
  finished: number
  readonly counts: number[]
  readonly latencies: Uint32Array
}

/** Statistics without a request. */
export function newStats(): ServiceStats {
  return { seconds: [], open: -1, finished: 0, counts: new Array<number>(outcomes.length).fill(0), latencies: new Uint32Array(buckets) }
}

/** Counts a finished request. `at` must not run backwards by more than the open second. */
export function count(stats: ServiceStats, at: Micros, outcome: number, latency: Micros): void {
  const second = at - (at % SECOND)
  if (second > stats.open) {
    close(stats)
    stats.open = second
  }
  stats.finished++
  stats.counts[outcome] = (stats.counts[outcome] as number) + 1
  if (outcome === 0) {
    const b = bucketOf(latency)
    stats.latencies[b] = (stats.latencies[b] as number) + 1
  }
}

/** Closes the open second. */
export function close(stats: ServiceStats): void {
  if (stats.open >= 0 && stats.finished > 0) {
    stats.seconds.push(openSecond(stats) as SecondStats)
    if (stats.seconds.length > mostSeconds + 60) stats.seconds = stats.seconds.slice(-mostSeconds)
  }
  stats.open = -1
  stats.finished = 0
  stats.counts.fill(0)
  stats.latencies.fill(0)
}

/** The second that is being filled, as far as it is known. */
export function openSecond(stats: ServiceStats): SecondStats | undefined {
  if (stats.open < 0 || stats.finished === 0) return undefined
  return Object.freeze({ at: stats.open, finished: stats.finished, ok: stats.counts[0] as number, counts: Object.freeze(stats.counts.slice()), p50: quantile(stats.latencies, 0.5), p95: quantile(stats.latencies, 0.95), p99: quantile(stats.latencies, 0.99) })
}

function bucketOf(latency: Micros): number {
  if (latency < 16) return 0
  const top = 31 - Math.clz32(latency)
  return Math.min(buckets - 1, (top - 4) * 4 + ((latency >>> (top - 2)) & 3) + 1)
}

/** Middle of a bucket. */
function middleOf(bucket: number): Micros {
  if (bucket === 0) return 8
  const top = Math.floor((bucket - 1) / 4) + 4
  const low = (4 + ((bucket - 1) % 4)) * 2 ** (top - 2)
  return Math.round(low + 2 ** (top - 3))
}

function quantile(latencies: Uint32Array, q: number): Micros {
  let total = 0
  for (const n of latencies) total += n
  if (total === 0) return 0
  let left = Math.ceil(total * q)
  for (let i = 0; i < latencies.length; i++) {
    left -= latencies[i] as number
    if (left <= 0) return middleOf(i)
  }
  return middleOf(latencies.length - 1)
}
