import type { SecondStats, StepRow } from '../../../bridge/protocol'

/** The seconds of a Service as columns. Times in s; a second without requests is a gap. */
export interface Series {
  readonly times: readonly number[]
  readonly success: readonly (number | null)[]
  readonly rate: readonly (number | null)[]
  readonly p50: readonly (number | null)[]
  readonly p95: readonly (number | null)[]
  readonly p99: readonly (number | null)[]
}

const second = 1_000_000

/** Columns of the seconds from `from` on (µs). Latencies in ms. Of the second that `now` lies in the rate is not known yet. */
export function seriesOf(seconds: readonly SecondStats[], from: number, now: number): Series {
  const times: number[] = []
  const [success, rate, p50, p95, p99]: [(number | null)[], (number | null)[], (number | null)[], (number | null)[], (number | null)[]] = [[], [], [], [], []]
  let before = Number.NaN
  for (const s of seconds) {
    if (s.at < from) continue
    if (s.at - before > 1.5 * second) {
      times.push(before / second + 1)
      for (const list of [success, p50, p95, p99]) list.push(null)
      rate.push(0)
    }
    before = s.at
    times.push(s.at / second)
    success.push(s.finished > 0 ? (100 * s.ok) / s.finished : null)
    rate.push(s.at + second <= now ? s.finished : null)
    for (const [list, value] of [[p50, s.p50], [p95, s.p95], [p99, s.p99]] as const) list.push(s.ok > 0 ? value / 1000 : null)
  }
  return { times, success, rate, p50, p95, p99 }
}

/** Sums over some seconds. */
export interface Totals {
  readonly finished: number
  readonly ok: number
  readonly rate: number
  /** The worst quantiles of any second; ms. */
  readonly p95: number
  readonly p50: number
  /** Least success of any second; percent. */
  readonly worst: number
}

/** Sums of the seconds in [from, to). µs. */
export function totals(seconds: readonly SecondStats[], from: number, to: number): Totals {
  let [finished, ok, worst, p50, p95] = [0, 0, 100, 0, 0]
  for (const s of seconds) {
    if (s.at + second <= from || s.at >= to) continue
    finished += s.finished
    ok += s.ok
    if (s.finished > 0) worst = Math.min(worst, (100 * s.ok) / s.finished)
    // Weighted by answers: the exact quantile of several seconds is not known.
    p50 += s.p50 * s.ok
    p95 += s.p95 * s.ok
  }
  return { finished, ok, rate: (finished * second) / Math.max(second, to - from), worst, p50: ok > 0 ? p50 / ok / 1000 : 0, p95: ok > 0 ? p95 / ok / 1000 : 0 }
}

/** A rollout: from the change of its Deployment until all its new pods were there. µs. */
export interface Rollout {
  readonly name: string
  readonly from: number
  readonly to: number
}

/** The rollouts of a namespace's Deployments that have ended, newest first. A first deployment is none. */
export function rolloutsOf(steps: readonly StepRow[], namespace: string, now: number): readonly Rollout[] {
  const found: Rollout[] = []
  const changed = new Map<string, number>()
  for (const step of steps) {
    if (step.at > now) break
    const { object } = step
    if (!object || object.namespace !== namespace || !object.resource.startsWith('deployments')) continue
    if (step.lane === 'kubectl' && !step.failed && step.verb !== 'GET' && step.verb !== 'get' && step.verb !== 'list' && step.verb !== 'create') changed.set(object.name, step.at)
    if (step.milestone !== 'Rolled out') continue
    const from = changed.get(object.name)
    if (from !== undefined) found.push({ name: object.name, from, to: step.at })
    changed.delete(object.name)
  }
  return found.reverse()
}
