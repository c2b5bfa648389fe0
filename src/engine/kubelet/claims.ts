import type { Node, PersistentVolume, PersistentVolumeClaim } from '../api'
import type { KubeObject } from '../apimachinery'
import type { VolumeSource } from '../cri'
import type { Ctx } from '../sim'
import { objectOf } from './objects'
import type { KubeletState, PodWorker } from './state'

/** What became of a claim: its volume's files, an error of processing it, or a wait for a read (`wait`) or for the attach (`unattached`). */
export type Claimed = { readonly source: VolumeSource } | { readonly error: string; readonly claim: true } | 'wait' | 'unattached'

/**
 * The volume behind a claim. The claim has to be bound, and a CSI volume attached to this node.
 * Upstream: pkg/kubelet/volumemanager/populator/desired_state_of_world_populator.go getPVCExtractPV, cache/actual_state_of_world (volumesAttached)
 */
export function claimVolume(state: KubeletState, worker: PodWorker, name: string, readOnly: boolean, ctx: Ctx): Claimed {
  const ns = worker.pod.metadata.namespace ?? ''
  const fail = (text: string): Claimed => ({ error: `error processing PVC ${ns}/${name}: ${text}`, claim: true })
  const claim = objectOf(state, worker.uid, 'persistentvolumeclaims', ns, name, ctx) as (PersistentVolumeClaim & KubeObject) | null | 'wait'
  if (claim === 'wait') return 'wait'
  if (claim === null) return fail(`failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`)
  if (claim.metadata.deletionTimestamp !== undefined && !worker.volumesReady) return fail('PVC is being deleted')
  const volume = claim.spec?.volumeName
  if (claim.status?.phase !== 'Bound' || !volume) return fail('PVC is not bound')
  const pv = objectOf(state, worker.uid, 'persistentvolumes', '', volume, ctx) as (PersistentVolume & KubeObject) | null | 'wait'
  if (pv === 'wait') return 'wait'
  if (pv === null) return fail(`failed to fetch PV ${volume} from API server: persistentvolumes "${volume}" not found`)
  const csi = pv.spec.csi
  if (csi !== undefined) {
    const driver = objectOf(state, worker.uid, 'csidrivers', '', csi.driver, ctx) as { spec?: { attachRequired?: boolean } } | null | 'wait'
    if (driver === 'wait') return 'wait'
    const attached = state.informers.cache<Node & KubeObject>('nodes').get('', state.node)?.status?.volumesAttached
    if (driver?.spec?.attachRequired !== false && !attached?.some((a) => a.name === `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`)) return 'unattached'
  }
  return { source: filesOf(pv, readOnly) }
}

/** Where the files of a persistent volume are. Upstream: pkg/volume/<plugin> */
function filesOf(pv: PersistentVolume & KubeObject, readOnly: boolean): VolumeSource {
  const host = pv.spec.hostPath?.path ?? pv.spec.local?.path
  if (host !== undefined) return { kind: 'host', id: trimmed(host), readOnly }
  if (pv.spec.nfs) return { kind: 'network', id: `nfs:${pv.spec.nfs.server}${trimmed(pv.spec.nfs.path)}`, readOnly }
  return { kind: 'network', id: `pv:${pv.metadata.uid ?? pv.metadata.name}`, readOnly }
}

/** A path without its last slash. */
export function trimmed(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
