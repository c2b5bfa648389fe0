import { SECOND, type Ctx } from '../sim'
import type { Node, PersistentVolume, PersistentVolumeClaim, Volume } from '../api'
import type { KubeObject } from '../apimachinery'
import { objectOf } from './objects'
import { podReference } from './pod'
import type { KubeletState, PodWorker } from './state'

/** How long a pod's volumes may take before that is told. Units: µs. Upstream: volume_manager.go podAttachAndMountTimeout */
const patience = 123 * SECOND

/** How soon an object that is not as wanted is read again. Units: s. */
const soon = 2

/**
 * True while the volume of a claim cannot be mounted: the claim is not there or not bound, or its CSI volume is not attached to this node.
 * Upstream: pkg/kubelet/volumemanager/populator/desired_state_of_world_populator.go getPVCExtractPV, cache/actual_state_of_world (volumesAttached)
 */
export function claimMissing(state: KubeletState, worker: PodWorker, v: Volume, ctx: Ctx): boolean {
  const { namespace = '', name: pod } = worker.pod.metadata
  const name = v.persistentVolumeClaim?.claimName ?? `${pod}-${v.name}`
  const c = objectOf(state, worker, 'persistentvolumeclaims', namespace, name, soon, ctx) as (PersistentVolumeClaim & KubeObject) | null | 'wait'
  if (c === 'wait') return true
  const why = unusable(c, name)
  if (why !== '') {
    tell(state, worker, v.name, `unmounted volumes=[${v.name}], unattached volumes=[], failed to process volumes=[${v.name}]: error processing PVC ${namespace}/${name}: ${why}`, 10 * SECOND, 0, ctx)
    return true
  }
  const pv = objectOf(state, worker, 'persistentvolumes', '', c?.spec.volumeName ?? '', 60, ctx) as (PersistentVolume & KubeObject) | null | 'wait'
  if (pv === 'wait' || pv === null) return true
  const csi = pv.spec.csi
  if (csi === undefined) return false
  const driver = objectOf(state, worker, 'csidrivers', '', csi.driver, 60, ctx) as { spec?: { attachRequired?: boolean } } | null | 'wait'
  if (driver === 'wait') return true
  if (driver?.spec?.attachRequired === false) return false
  const attached = state.informers.cache<Node & KubeObject>('nodes').get('', state.node)?.status?.volumesAttached
  if (attached?.some((a) => a.name === `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`)) return false
  tell(state, worker, v.name, `unmounted volumes=[${v.name}], unattached volumes=[${v.name}], failed to process volumes=[]: context deadline exceeded`, patience, patience, ctx)
  return true
}

function unusable(c: PersistentVolumeClaim | null, name: string): string {
  if (c === null) return `failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`
  if (c.metadata.deletionTimestamp !== undefined) return 'PVC is being deleted'
  return c.status?.phase === 'Bound' && c.spec.volumeName ? '' : 'PVC is not bound'
}

/** Reports at most every `every`, not before `after`. Units: µs. */
function tell(state: KubeletState, worker: PodWorker, volume: string, why: string, every: number, after: number, ctx: Ctx): void {
  const key = `\u0001claim/${volume}`
  const times = worker.restartCounts.get(key) ?? 0
  if (ctx.now - worker.volumesSince < after + times * every) return
  worker.restartCounts.set(key, times + 1)
  state.recorder.event(ctx, podReference(worker.pod), 'Warning', 'FailedMount', `Unable to attach or mount volumes: ${why}`)
}
