import { SECOND, type Ctx } from '../sim'
import type { Pod, Volume } from '../api'
import { deepEqual, quantityValue } from '../apimachinery'
import { isEmulated, type VolumeGiven, type VolumeSource } from '../cri'
import { fieldValue, resourceValue } from './downward'
import { claimVolume, trimmed } from './claims'
import { hostPathProblem } from './host-path'
import { objectData } from './objects'
import { podReference } from './pod'
import { callRuntime } from './runtime'
import type { KubeletState, PodWorker } from './state'
import { tokenOf, tokensDue } from './tokens'

/** A volume made ready; or why not. `claim`: it failed before anything could be mounted. */
type Made = { readonly source: VolumeSource } | { readonly error: string; readonly claim?: boolean } | 'wait' | 'unattached'

/** Keys that become files: all, or those that `items` names with their paths. */
function pick(data: Readonly<Record<string, string>>, items: readonly { readonly key: string; readonly path: string }[] | undefined, optional: boolean, kind: 'config' | 'secret', into: Record<string, string>): string {
  if (items === undefined) {
    Object.assign(into, data)
    return ''
  }
  for (const i of items) {
    const value = data[i.key]
    if (value === undefined) {
      if (optional) continue
      return kind === 'config' ? `configmap references non-existent config key: ${i.key}` : `references non-existent secret key: ${i.key}`
    }
    into[i.path] = value
  }
  return ''
}

/** The certificate that every pod gets to know the API server by: made up, the same for all. */
const rootCertificate = `-----BEGIN CERTIFICATE-----\n${'S3ViZWxvb3Agc2ltdWxhdGVkIGNsdXN0ZXIgQ0EuIE5vdCBhIHJlYWwgb25l\n'.repeat(4)}-----END CERTIFICATE-----\n`

function fromObject(state: KubeletState, worker: PodWorker, kind: 'config' | 'secret', source: { readonly name: string; readonly optional?: boolean | undefined; readonly items?: readonly { readonly key: string; readonly path: string }[] | undefined }, into: Record<string, string>, ctx: Ctx): string | 'wait' {
  const data = objectData(state, worker.uid, kind === 'config' ? 'configmaps' : 'secrets', worker.pod.metadata.namespace ?? '', source.name, ctx, true)
  if (data === 'wait') return 'wait'
  if (data === null) return source.optional ? '' : `${kind === 'config' ? 'configmap' : 'secret'} "${source.name}" not found`
  return pick(data, source.items, source.optional === true, kind, into)
}

type DownwardItems = readonly { readonly path: string; readonly fieldRef?: { readonly fieldPath: string } | undefined; readonly resourceFieldRef?: { readonly containerName?: string | undefined; readonly resource: string; readonly divisor?: unknown } | undefined }[]

function downward(state: KubeletState, worker: PodWorker, items: DownwardItems | undefined, into: Record<string, string>): void {
  const { pod } = worker
  for (const i of items ?? []) {
    const container = pod.spec.containers.find((c) => c.name === i.resourceFieldRef?.containerName)
    if (i.fieldRef) into[i.path] = fieldValue(state, pod, i.fieldRef.fieldPath, worker.ip)
    else if (i.resourceFieldRef && container) into[i.path] = resourceValue(state, container, i.resourceFieldRef.resource, i.resourceFieldRef.divisor as string | undefined)
  }
}

function projected(state: KubeletState, worker: PodWorker, v: Volume, ctx: Ctx): Made {
  const files: Record<string, string> = {}
  for (const s of v.projected?.sources ?? []) {
    let error: string | 'wait' = ''
    if (s.serviceAccountToken) {
      const made = isEmulated(state.params) ? { token: '' } : tokenOf(state, worker, s.serviceAccountToken, ctx)
      if (made === 'wait') return 'wait'
      if ('error' in made) error = made.error
      else files[s.serviceAccountToken.path] = made.token
    } else if (s.configMap?.name === 'kube-root-ca.crt') files[s.configMap.items?.[0]?.path ?? 'ca.crt'] = rootCertificate
    else if (s.configMap) error = fromObject(state, worker, 'config', { ...s.configMap, name: s.configMap.name ?? '' }, files, ctx)
    else if (s.secret) error = fromObject(state, worker, 'secret', { ...s.secret, name: s.secret.name ?? '' }, files, ctx)
    else if (s.downwardAPI) downward(state, worker, s.downwardAPI.items as DownwardItems, files)
    if (error === 'wait') return 'wait'
    if (error !== '') return { error }
  }
  return { source: { kind: 'files', files } }
}

function make(state: KubeletState, worker: PodWorker, v: Volume, ctx: Ctx): Made {
  const files: Record<string, string> = {}
  if (v.emptyDir) return { source: { kind: 'empty', memory: v.emptyDir.medium === 'Memory', limit: v.emptyDir.sizeLimit === undefined ? undefined : Number(quantityValue(String(v.emptyDir.sizeLimit))) || undefined } }
  if (v.configMap || v.secret) {
    const error = v.configMap
      ? fromObject(state, worker, 'config', { ...v.configMap, name: v.configMap.name ?? '' }, files, ctx)
      : fromObject(state, worker, 'secret', { ...v.secret, name: v.secret?.secretName ?? '' }, files, ctx)
    return error === 'wait' ? 'wait' : error === '' ? { source: { kind: 'files', files } } : { error }
  }
  if (v.projected) return projected(state, worker, v, ctx)
  if (v.downwardAPI) {
    downward(state, worker, v.downwardAPI.items as DownwardItems, files)
    return { source: { kind: 'files', files } }
  }
  const bad = v.hostPath ? hostPathProblem(state, v.hostPath, ctx) : ''
  if (bad !== '') return { error: bad }
  if (v.hostPath) return { source: { kind: 'host', id: trimmed(v.hostPath.path), readOnly: false } }
  if (v.nfs) return { source: { kind: 'network', id: `nfs:${v.nfs.server}${trimmed(v.nfs.path)}`, readOnly: v.nfs.readOnly === true } }
  if (v.persistentVolumeClaim) return claimVolume(state, worker, v.persistentVolumeClaim.claimName, v.persistentVolumeClaim.readOnly === true, ctx)
  if (v.ephemeral) return claimVolume(state, worker, `${worker.pod.metadata.name}-${v.name}`, false, ctx)
  // What is left (cloud disks named in the pod, inline CSI, images) is an empty volume of the pod.
  return { source: { kind: 'empty', memory: false } }
}

/** Makes a pod's volumes ready from what is known now. Null: something is missing or still being read; what is missing is reported. */
export function prepareVolumes(state: KubeletState, worker: PodWorker, ctx: Ctx): readonly VolumeGiven[] | null {
  const out: VolumeGiven[] = []
  let missing = false
  worker.unmounted = []
  worker.unattached = []
  worker.unprocessed = ''
  for (const v of worker.pod.spec.volumes ?? []) {
    const made = make(state, worker, v, ctx)
    if (made === 'wait') missing = true
    else if (made === 'unattached') {
      missing = true
      worker.unmounted.push(v.name)
      worker.unattached.push(v.name)
    }
    else if ('source' in made) {
      out.push(Object.freeze({ name: v.name, source: Object.freeze(made.source) }))
      continue
    } else {
      missing = true
      worker.unmounted.push(v.name)
      if (made.claim) worker.unprocessed = made.error
      else report(state, worker, v.name, made.error, ctx)
    }
  }
  return missing ? null : out
}

/** A mount that fails is tried again with the back-off of upstream's operation executor (0.5 s doubling to about 2 min); each try is an event. Upstream: pkg/volume/util/operationexecutor */
function report(state: KubeletState, worker: PodWorker, volume: string, lost: string, ctx: Ctx): void {
  const key = `\u0001${volume}`
  const failures = worker.restartCounts.get(key) ?? 0
  const waited = ctx.now - worker.volumesSince
  const due = (SECOND / 2) * (2 ** Math.min(failures, 8) - 1)
  if (waited < due) return
  worker.restartCounts.set(key, failures + 1)
  state.recorder.event(ctx, podReference(worker.pod), 'Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${volume}" : ${lost}`)
}

/** How long a sync waits for volumes. Upstream: volume_manager.go podAttachAndMountTimeout. Units: µs. */
const patience = 123 * SECOND

/** Claims are read and tokens asked for at once, as upstream's populator does beside the pod's worker. */
export function readClaims(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  for (const v of worker.pod.spec.volumes ?? []) {
    if (v.persistentVolumeClaim || v.ephemeral) make(state, worker, v, ctx)
    // Tokens are asked for at once too.
    for (const s of v.projected?.sources ?? []) if (s.serviceAccountToken && !isEmulated(state.params)) tokenOf(state, worker, s.serviceAccountToken, ctx)
  }
}

/** True when a sync gives up waiting: it says what is missing, and the pod is tried again later. */
export function volumesGivenUp(state: KubeletState, worker: PodWorker, startedAt: number, ctx: Ctx): boolean {
  if (worker.unmounted.length === 0 || (worker.unprocessed === '' && ctx.now - startedAt < patience)) return false
  const names = `[${worker.unmounted.join(' ')}]`
  const why = worker.unprocessed === '' ? 'context deadline exceeded' : worker.unprocessed
  state.recorder.event(ctx, podReference(worker.pod), 'Warning', 'FailedMount', `Unable to attach or mount volumes: unmounted volumes=${names}, unattached volumes=[${worker.unattached.join(' ')}], failed to process volumes=${worker.unprocessed === '' ? '[]' : names}: ${why}`)
  return true
}

/** True for volumes whose files follow what they are made of. */
export function hasLiveVolumes(pod: Pod): boolean {
  return pod.spec.volumes?.some((v) => v.configMap !== undefined || v.secret !== undefined || v.downwardAPI !== undefined || (v.projected?.sources ?? []).some((s) => s.secret !== undefined || s.downwardAPI?.items?.some((i) => i.fieldRef?.fieldPath !== 'metadata.namespace') || (s.configMap !== undefined && s.configMap.name !== 'kube-root-ca.crt'))) ?? false
}

function hasTokens(pod: Pod): boolean {
  return pod.spec.volumes?.some((v) => v.projected?.sources?.some((s) => s.serviceAccountToken)) ?? false
}

/** A running pod's volumes are looked at again with each sync; what changed is written for its containers. Objects that have gone leave the old files. Upstream: reconciler's remount */
export function refreshVolumes(state: KubeletState, worker: PodWorker, ctx: Ctx, newToken = false): void {
  if (isEmulated(state.params) || worker.stage !== 'sync' || !(newToken || hasLiveVolumes(worker.pod) || tokensDue(worker, ctx.now) || (worker.volumes === null && hasTokens(worker.pod)))) return
  if (worker.volumes === null) {
    // A kubelet that was started anew makes the volumes of running pods again.
    if (!worker.volumesReady) return
    worker.volumes = prepareVolumes(state, worker, ctx)
    const files = worker.volumes?.filter((v) => v.source.kind === 'files') ?? []
    if (files.length > 0) callRuntime(state, { op: 'volumes', uid: worker.uid, volumes: files }, { for: 'nothing' }, { namespace: worker.pod.metadata.namespace ?? '', name: worker.pod.metadata.name }, ctx)
    return
  }
  const changed: VolumeGiven[] = []
  const next = worker.volumes.map((old) => {
    const v = worker.pod.spec.volumes?.find((x) => x.name === old.name)
    const made = v && old.source.kind === 'files' ? make(state, worker, v, ctx) : 'wait'
    if (made === 'wait' || made === 'unattached' || 'error' in made || made.source.kind !== 'files' || old.source.kind !== 'files' || deepEqual(made.source.files, old.source.files)) return old
    const given: VolumeGiven = Object.freeze({ name: old.name, source: Object.freeze(made.source) })
    changed.push(given)
    return given
  })
  if (changed.length === 0) return
  worker.volumes = next
  callRuntime(state, { op: 'volumes', uid: worker.uid, volumes: changed }, { for: 'nothing' }, { namespace: worker.pod.metadata.namespace ?? '', name: worker.pod.metadata.name }, ctx)
}
