import { SECOND, type Micros } from '../sim'

/** Back-off of one key. */
export interface BackoffEntry {
  backoff: Micros
  lastUpdate: Micros
}

/** Exponential back-off by key: 10 s doubling to 300 s, forgotten after twice the most without a failure. Plain data. Upstream: client-go/util/flowcontrol/backoff.go */
export interface Backoff {
  readonly initial: Micros
  readonly most: Micros
  readonly entries: Map<string, BackoffEntry>
}

/** The kubelet's back-off for restarts and for image pulls. */
export function newBackoff(): Backoff {
  return { initial: 10 * SECOND, most: 300 * SECOND, entries: new Map() }
}

/** Doubles a key's back-off, or begins with the first. `eventTime`: when the failure was. */
export function nextBackoff(b: Backoff, key: string, eventTime: Micros, now: Micros): void {
  const e = b.entries.get(key)
  if (e === undefined || eventTime - e.lastUpdate > 2 * b.most) {
    b.entries.set(key, { backoff: b.initial, lastUpdate: now })
    return
  }
  e.backoff = Math.min(e.backoff * 2, b.most)
  e.lastUpdate = now
}

/** True while the wait that began at `eventTime` is not over. */
export function inBackoffSince(b: Backoff, key: string, eventTime: Micros, now: Micros): boolean {
  const e = b.entries.get(key)
  if (e === undefined || eventTime - e.lastUpdate > 2 * b.most) return false
  return now - eventTime < e.backoff
}

/** True while the wait that began with the last failure is not over. */
export function inBackoffSinceUpdate(b: Backoff, key: string, now: Micros): boolean {
  const e = b.entries.get(key)
  if (e === undefined || now - e.lastUpdate > 2 * b.most) return false
  return now - e.lastUpdate < e.backoff
}

/** The present back-off of a key. Units: µs; 0 for none. */
export function getBackoff(b: Backoff, key: string): Micros {
  return b.entries.get(key)?.backoff ?? 0
}

/** A duration as Go prints it: `10s`, `2m40s`, `5m0s`. Units: µs in, whole seconds out. */
export function goSeconds(micros: Micros): string {
  const s = Math.floor(micros / SECOND)
  return s < 60 ? `${s}s` : s < 3600 ? `${Math.floor(s / 60)}m${s % 60}s` : `${Math.floor(s / 3600)}h${Math.floor((s % 3600) / 60)}m${s % 60}s`
}
