import { resourcePath } from '../api'
import type { ApiResponse } from '../client-go'
import { SECOND, parseTime, type Ctx, type Message, type Micros } from '../sim'
import type { KubeletState, PodWorker } from './state'

/** A token of a service account, bound to one pod. Upstream: pkg/kubelet/token/token_manager.go */
export interface TokenEntry {
  token: string
  /** Why there is none. */
  error: string
  /** Simulated time. */
  expiresAt: Micros
  refreshAt: Micros
  asking: boolean
}

/** Answer to a TokenRequest. */
export interface TokenAnswered extends Message {
  readonly type: 'kubelet/token'
  readonly uid: string
  readonly key: string
}

/** What a projected volume asks for. */
export interface TokenSource {
  readonly audience?: string | undefined
  readonly expirationSeconds?: number | undefined
}

const maxTTL = 24 * 3600 * SECOND
const maxJitter = 10 * SECOND
/** A request that failed is made again after so long, when the volume is looked at. */
const again = SECOND

/**
 * The token for a source: 'wait' while the first is on its way. An old one is given until it expires, while a new one is asked for.
 * Upstream: Manager.GetServiceAccountToken
 */
export function tokenOf(state: KubeletState, worker: PodWorker, source: TokenSource, ctx: Ctx): { readonly token: string } | { readonly error: string } | 'wait' {
  const seconds = source.expirationSeconds ?? 3600
  const key = `${source.audience ?? ''}/${seconds}`
  let entry = worker.tokens.get(key)
  if (entry === undefined) worker.tokens.set(key, (entry = { token: '', error: '', expiresAt: 0, refreshAt: 0, asking: false }))
  if (ctx.now >= entry.refreshAt && !entry.asking) {
    entry.asking = true
    const { namespace, name, uid } = worker.pod.metadata
    const body = {
      kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1',
      spec: { audiences: source.audience ? [source.audience] : [], expirationSeconds: seconds, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name, uid } },
    }
    const then: TokenAnswered = { type: 'kubelet/token', uid: worker.uid, key }
    state.client.send(ctx, { verb: 'create', path: resourcePath('serviceaccounts', namespace, worker.pod.spec.serviceAccountName ?? 'default', 'token'), body }, then)
  }
  if (entry.token !== '' && ctx.now < entry.expiresAt) return { token: entry.token }
  return entry.error !== '' ? { error: entry.error } : 'wait'
}

/** True when a token of the pod should be renewed: at 80 % of its life, or after a day. */
export function tokensDue(worker: PodWorker, now: Micros): boolean {
  for (const entry of worker.tokens.values()) if (now >= entry.refreshAt && !entry.asking) return true
  return false
}

/** A token came, or not. Answers the pod whose volumes are to be looked at. */
export function tokenAnswered(state: KubeletState, then: TokenAnswered, response: ApiResponse, ctx: Ctx): PodWorker | undefined {
  const worker = state.workers.get(then.uid)
  const entry = worker?.tokens.get(then.key)
  if (worker === undefined || entry === undefined) return undefined
  entry.asking = false
  const body = response.body as unknown as { readonly spec?: { readonly expirationSeconds?: number }; readonly status?: { readonly token?: string; readonly expirationTimestamp?: string }; readonly message?: string }
  const { status } = body
  const expires = status?.expirationTimestamp === undefined ? undefined : parseTime(status.expirationTimestamp)
  if (response.code !== 201 || !status?.token || expires === undefined) {
    entry.error = `failed to fetch token: ${body.message ?? 'unknown error'}`
    entry.refreshAt = ctx.now + again
    return worker
  }
  const life = (body.spec?.expirationSeconds ?? 3600) * SECOND
  entry.token = status.token
  entry.error = ''
  entry.expiresAt = ctx.now + (expires - ctx.wallMicros())
  entry.refreshAt = Math.min(entry.expiresAt - life / 5, entry.expiresAt - life + maxTTL) - ctx.rng.below(maxJitter)
  return worker
}
