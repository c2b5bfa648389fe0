import type { Pod } from '../../api'
import { MINUTE, SECOND, type Micros } from '../../sim'
import { podCondition, timeOf } from '../pods'

/** Failures of a job's pods since the last success. Times: µs since 1970. */
export interface BackoffRecord {
  readonly failures: number
  readonly lastFailure: Micros
}

/** Upstream: DefaultJobPodFailureBackOff, MaxJobPodFailureBackOff */
const first = 10 * SECOND
const longest = 10 * MINUTE

/** When a pod was over, as well as it can be told. Upstream: pkg/controller/job/backoff_utils.go getFinishedTime */
export function finishedTime(p: Pod): Micros {
  let latest = 0
  for (const s of p.status?.containerStatuses ?? []) {
    const at = s.state?.terminated?.finishedAt
    if (at === undefined) {
      latest = 0
      break
    }
    latest = Math.max(latest, timeOf(at))
  }
  if (latest > 0) return latest
  const ready = podCondition(p, 'Ready')
  if (ready?.status === 'False' && ready.lastTransitionTime) return timeOf(ready.lastTransitionTime)
  if (p.metadata.deletionTimestamp !== undefined) return timeOf(p.metadata.deletionTimestamp) - (p.metadata.deletionGracePeriodSeconds ?? 0) * SECOND
  return timeOf(p.metadata.creationTimestamp)
}

/** The record after more pods are over. Upstream: newBackoffRecord */
export function nextRecord(old: BackoffRecord | undefined, succeeded: readonly Pod[], failed: readonly Pod[]): BackoffRecord {
  let { failures, lastFailure } = old ?? { failures: 0, lastFailure: 0 }
  if (failed.length === 0) return succeeded.length > 0 ? { failures: 0, lastFailure: 0 } : { failures, lastFailure }
  const times = failed.map(finishedTime)
  lastFailure = Math.max(lastFailure, ...times)
  if (succeeded.length === 0) return { failures: failures + failed.length, lastFailure }
  const success = Math.max(...succeeded.map(finishedTime))
  failures = times.filter((t) => t > success).length
  return { failures, lastFailure }
}

/** How long no pod may be created. Units: µs. Upstream: getRemainingTimeForFailuresCount */
export function remainingTime(r: BackoffRecord, now: Micros, base?: Micros, max?: Micros): Micros {
  if (r.failures === 0) return 0
  return Math.max(0, r.lastFailure + delayFor(r.failures, base, max) - now)
}

/** Delay after so many failures. Units: µs. */
export const delayFor = (failures: number, base = first, max = longest): Micros => Math.min(max, base * 2 ** Math.min(failures - 1, 20))
