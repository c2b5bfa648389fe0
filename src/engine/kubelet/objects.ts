import { resourcePath, type ConfigMap } from '../api'
import type { KubeObject } from '../apimachinery'
import { SECOND, type Ctx, type Message, type Micros } from '../sim'
import type { ApiResponse } from '../client-go'
import type { KubeletState } from './state'

/** Answer to a read of an object that a pod uses. */
export interface ObjectRead extends Message {
  readonly type: 'kubelet/object'
  readonly key: string
}

/** What a pod may need from the API besides itself. */
export type ObjectResource = 'configmaps' | 'secrets' | 'persistentvolumeclaims' | 'persistentvolumes' | 'csidrivers'

/** Bound of remembered objects; the oldest goes first. */
const mostObjects = 1024

/** Upstream holds these objects by one watch each; here what a starting container uses is read again when it is older than this. */
const fresh: Micros = 5 * SECOND

/**
 * An object that a pod uses. `patient` callers ask again by themselves. Null when it does not exist, 'wait' while it is being read (`objectRead` then names the pod).
 * Upstream: pkg/kubelet/util/manager
 */
export function objectOf(state: KubeletState, uid: string, resource: ObjectResource, namespace: string, name: string, ctx: Ctx, patient = false): KubeObject | null | 'wait' {
  const key = `${resource}/${namespace}/${name}`
  let entry = state.objects.get(key)
  if (entry === undefined) {
    if (state.objects.size >= mostObjects) state.objects.delete(state.objects.keys().next().value as string)
    state.objects.set(key, (entry = { object: null, at: -1, reading: false, waiting: new Set() }))
  }
  if (entry.at >= 0 && ctx.now - entry.at <= (entry.object === null ? 2 * SECOND : fresh)) return entry.object
  entry.waiting.add(uid)
  if (!entry.reading) {
    entry.reading = true
    const then: ObjectRead = { type: 'kubelet/object', key }
    state.client.send(ctx, { verb: 'get', path: resourcePath(resource, namespace === '' ? undefined : namespace, name) }, then)
  }
  // What was not there a moment ago is taken to be missing until the answer comes.
  return patient && entry.at >= 0 && entry.object === null ? null : 'wait'
}

/** The data of a ConfigMap or Secret, as text. */
export function objectData(state: KubeletState, uid: string, resource: 'configmaps' | 'secrets', namespace: string, name: string, ctx: Ctx, patient = false): Readonly<Record<string, string>> | null | 'wait' {
  const object = objectOf(state, uid, resource, namespace, name, ctx, patient)
  return object === null || object === 'wait' ? object : dataOf(resource, object)
}

/** What a ConfigMap or Secret held when it was read last; null: nothing is known of it. */
export function knownData(state: KubeletState, resource: 'configmaps' | 'secrets', namespace: string, name: string): Readonly<Record<string, string>> | null {
  const object = state.objects.get(`${resource}/${namespace}/${name}`)?.object ?? null
  return object === null ? null : dataOf(resource, object)
}

function dataOf(resource: 'configmaps' | 'secrets', object: KubeObject): Readonly<Record<string, string>> {
  const { data, binaryData } = object as ConfigMap
  const out: Record<string, string> = {}
  const encoded = resource === 'configmaps' ? binaryData : data
  for (const k of Object.keys(encoded ?? {})) out[k] = decodeBase64(encoded?.[k] as string)
  return resource === 'configmaps' ? { ...out, ...data } : out
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
    bits = ((bits << 6) | v) & 0xffffff
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
