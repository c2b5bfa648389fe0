import { SECOND, type Ctx } from '../sim'
import type { Volume } from '../api'
import { claimMissing } from './claims'
import { objectData } from './objects'
import { podReference } from './pod'
import type { KubeletState, PodWorker } from './state'

/** What a volume needs from the API before it can be mounted. The service account's projected volume is taken as always there. */
function needs(v: Volume): readonly { readonly resource: 'configmaps' | 'secrets'; readonly name: string; readonly optional: boolean; readonly keys: readonly string[] }[] {
  if (v.configMap) return [{ resource: 'configmaps', name: v.configMap.name ?? '', optional: v.configMap.optional === true, keys: v.configMap.items?.map((i) => i.key) ?? [] }]
  if (v.secret) return [{ resource: 'secrets', name: v.secret.secretName ?? '', optional: v.secret.optional === true, keys: v.secret.items?.map((i) => i.key) ?? [] }]
  return []
}

/**
 * True while a volume cannot be mounted. What is missing is reported with the back-off of upstream's operation executor (0.5 s doubling to about 2 min).
 * Upstream: pkg/kubelet/volumemanager, pkg/volume/util/operationexecutor
 */
export function volumesMissing(state: KubeletState, worker: PodWorker, ctx: Ctx): boolean {
  let missing = false
  for (const v of worker.pod.spec.volumes ?? []) {
    if ((v.persistentVolumeClaim || v.ephemeral) && claimMissing(state, worker, v, ctx)) missing = true
    for (const n of needs(v)) {
      const data = objectData(state, worker, n.resource, worker.pod.metadata.namespace ?? '', n.name, ctx)
      if (data === 'wait') {
        missing = true
        continue
      }
      const what = n.resource === 'configmaps' ? 'configmap' : 'secret'
      const lost = data === null ? `${what} "${n.name}" not found` : n.keys.some((k) => data[k] === undefined) ? `${what} references non-existent ${what === 'configmap' ? 'config' : 'secret'} key: ${n.keys.find((k) => data[k] === undefined) ?? ''}` : ''
      if (lost === '' || n.optional) continue
      missing = true
      report(state, worker, v.name, lost, ctx)
    }
  }
  return missing
}

function report(state: KubeletState, worker: PodWorker, volume: string, lost: string, ctx: Ctx): void {
  const key = `\u0001${volume}`
  const failures = worker.restartCounts.get(key) ?? 0
  const waited = ctx.now - worker.volumesSince
  const due = (SECOND / 2) * (2 ** Math.min(failures, 8) - 1)
  if (waited < due) return
  worker.restartCounts.set(key, failures + 1)
  state.recorder.event(ctx, podReference(worker.pod), 'Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${volume}" : ${lost}`)
}
