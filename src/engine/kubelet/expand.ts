import { resourcePath, type PersistentVolumeClaim } from '../api'
import type { ApiResponse } from '../client-go'
import type { Ctx, Message } from '../sim'
import { isEmulated } from '../cri'
import { objectOf } from './objects'
import { podReference } from './pod'
import type { KubeletState, PodWorker } from './state'

/** Answer to the write that a claim's file system has grown. */
export interface ClaimGrown extends Message {
  readonly type: 'kubelet/claim-grown'
  readonly uid: string
  readonly claim: string
  readonly volume: string
}

/**
 * Claims of a running pod are read again with its syncs; where the driver has grown a volume, its file system follows.
 * Upstream: volumemanager/populator checkVolumeFSResize, pkg/volume/util/operationexecutor/node_expander.go
 */
export function expandVolumes(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  if (isEmulated(state.params) || worker.stage !== 'sync' || !worker.volumesReady) return
  for (const v of worker.pod.spec.volumes ?? []) {
    const name = v.persistentVolumeClaim?.claimName ?? (v.ephemeral ? `${worker.pod.metadata.name}-${v.name}` : undefined)
    if (name === undefined) continue
    const namespace = worker.pod.metadata.namespace ?? ''
    const claim = objectOf(state, worker.uid, 'persistentvolumeclaims', namespace, name, ctx) as PersistentVolumeClaim | null | 'wait'
    const status = claim === null || claim === 'wait' ? undefined : claim.status
    const size = status?.allocatedResources?.storage
    const key = `${namespace}/${name}`
    if (claim === null || claim === 'wait' || size === undefined || status?.allocatedResourceStatuses?.storage !== 'NodeResizePending' || state.growing.has(key)) continue
    state.growing.add(key)
    const then: ClaimGrown = { type: 'kubelet/claim-grown', uid: worker.uid, claim: key, volume: claim.spec.volumeName ?? '' }
    // A directory grows by being told so.
    state.client.send(ctx, { verb: 'patch', path: resourcePath('persistentvolumeclaims', namespace, name, 'status'), patchType: 'application/merge-patch+json', body: { status: { capacity: { storage: size }, allocatedResourceStatuses: null, conditions: null } } }, then)
  }
}

/** The claim says what it has now, or will be tried again with the next sync. */
export function claimGrown(state: KubeletState, then: ClaimGrown, response: ApiResponse, ctx: Ctx): void {
  state.growing.delete(then.claim)
  // What is known of it is old.
  state.objects.delete(`persistentvolumeclaims/${then.claim}`)
  const worker = state.workers.get(then.uid)
  if (response.code === 200 && worker) state.recorder.event(ctx, podReference(worker.pod), 'Normal', 'FileSystemResizeSuccessful', `MountVolume.NodeExpandVolume succeeded for volume "${then.volume}" ${state.node}`)
}
