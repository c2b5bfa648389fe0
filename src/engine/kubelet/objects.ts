import { resourcePath, type ConfigMap } from '../api'
import type { KubeObject } from '../apimachinery'
import { SECOND, type Ctx, type Message } from '../sim'
import type { ApiResponse } from '../client-go'
import type { KubeletState, PodWorker } from './state'

/** Answer to a read of a ConfigMap or Secret. */
export interface ObjectRead extends Message {
  readonly type: 'kubelet/object'
  readonly key: string
}

/** Bound of remembered objects; the oldest goes first. */
const mostObjects = 1024

/**
 * The data of a ConfigMap or Secret that a pod uses: null when it does not exist, 'wait' while it is being read
 * (the pod is synced again when it has come). Upstream reads by one watch per object; here an object is read again when it is older than a minute.
 * Upstream: pkg/kubelet/util/manager/cache_based_manager.go
 */
export function objectData(state: KubeletState, worker: PodWorker, resource: 'configmaps' | 'secrets', namespace: string, name: string, ctx: Ctx): Readonly<Record<string, string>> | null | 'wait' {
  const object = objectOf(state, worker, resource, namespace, name, 60, ctx)
  if (object === null || object === 'wait') return object
  const { data, binaryData } = object as ConfigMap
  if (resource === 'configmaps') return { ...binaryData, ...data }
  const out: Record<string, string> = {}
  for (const [k, v] of Object.entries(data ?? {})) out[k] = decodeBase64(v)
  return out
}

/** An object that a pod uses, read again when it is older than `fresh` seconds: null when it does not exist, 'wait' while it is being read. */
export function objectOf(state: KubeletState, worker: PodWorker, resource: string, namespace: string, name: string, fresh: number, ctx: Ctx): KubeObject | null | 'wait' {
  const key = `${resource}/${namespace}/${name}`
  let entry = state.objects.get(key)
  if (entry === undefined) {
    if (state.objects.size >= mostObjects) state.objects.delete(state.objects.keys().next().value as string)
    state.objects.set(key, (entry = { object: null, at: -1, reading: false, waiting: new Set() }))
  }
  const stale = entry.at < 0 || ctx.now - entry.at > (entry.object === null ? 2 : fresh) * SECOND
  if (stale) {
    entry.waiting.add(worker.uid)
    if (!entry.reading) {
      entry.reading = true
      const then: ObjectRead = { type: 'kubelet/object', key }
      state.client.send(ctx, { verb: 'get', path: resourcePath(resource, namespace || undefined, name) }, then)
    }
    return 'wait'
  }
  return entry.object
}

/** The read came back; answers which pods waited for it. */
export function objectRead(state: KubeletState, then: ObjectRead, response: ApiResponse, now: number): readonly string[] {
  const entry = state.objects.get(then.key)
  if (entry === undefined) return []
  entry.reading = false
  entry.at = now
  entry.object = response.code === 200 ? response.body : null
  const waiting = [...entry.waiting]
  entry.waiting.clear()
  return waiting
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Decodes base64 to text (UTF-8). */
export function decodeBase64(text: string): string {
  let out = ''
  let bits = 0
  let count = 0
  for (const c of text) {
    const v = alphabet.indexOf(c)
    if (v < 0) continue
    bits = (bits << 6) | v
    count += 6
    if (count >= 8) {
      count -= 8
      out += `%${((bits >> count) & 255).toString(16).padStart(2, '0')}`
    }
  }
  try {
    return decodeURIComponent(out)
  } catch {
    return out
  }
}
