import { createClient } from '../../bridge'
import type { SavedSession, Up } from '../../bridge/protocol'
import type { Source } from '../state'

const storageKey = 'kubeloop.session'

/** Longest text that is stored: writing more would hold the page up. */
const mostStored = 1_000_000

/** The worker, or in dev builds with `?fixture` frames written by hand. */
export async function connectSource(): Promise<Source> {
  if (import.meta.env.DEV) {
    const fixture = new URLSearchParams(location.search).get('fixture')
    if (fixture !== null) return (await import('../dev')).createFixture(fixture)
  }
  return createClient()
}

/** Begins the stored session, or a new one; true: the stored one. `?seed=` and `?preset=` begin that one instead. */
export function start(source: Source): boolean {
  const params = new URLSearchParams(location.search)
  const seed = params.get('seed')
  const preset = params.get('preset')
  const asked = seed !== null || preset !== null
  const session = asked ? undefined : storedSession()
  source.send(asked ? { type: 'start', seed: seed === null ? undefined : Number(seed), preset: preset ?? undefined } : { type: 'start', session })
  return session !== undefined
}

/** Keeps the session for the next visit, where the browser allows it. */
export function keepSession(up: Up): void {
  if (up.type !== 'saved') return
  try {
    const text = JSON.stringify(up.session)
    if (text.length <= mostStored) localStorage.setItem(storageKey, text)
    else localStorage.removeItem(storageKey) // an old part of it would be another session
  } catch {
    // Storage may be forbidden or full: the session then lives as long as the page.
  }
}

function storedSession(): SavedSession | undefined {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(storageKey) ?? 'null')
    return isSession(stored) ? stored : undefined
  } catch {
    return undefined
  }
}

function isSession(value: unknown): value is SavedSession {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1 && 'branches' in value && Array.isArray(value.branches)
}
