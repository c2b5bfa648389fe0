import type { PersistentVolume, PersistentVolumeClaim } from '../../api'
import type { KubeObject } from '../../apimachinery'
import type { Intent, RequestIntent } from '../controller'
import { isPodTerminal } from '../pods'
import { deleteObject, getObject, updateObject } from '../requests'
import { annotation, has, modesDiffer, referredClaim } from './annotations'
import { again, claim, last, podsOf, tell, volumePhase, type BinderEnv } from './view'

/** What an answer about a claim that the caches do not know said: its uid, or '' when there is none. */
export type Checked = string | undefined

/** What a volume needs next. `checked`: what the API server said about its claim, once it was asked. Upstream: pv_controller.go syncVolume */
export function syncVolume(pv: PersistentVolume, env: BinderEnv, checked?: Checked): readonly Intent[] {
  const ref = pv.spec.claimRef
  // Without a uid it is reserved for a claim: binding is the claim's matter.
  if (ref === undefined || !ref.uid) return last(volumePhase(pv, 'Available'))
  const key = referredClaim(pv)
  const found = claim(env, key)
  const c = found?.metadata.uid === ref.uid ? found : undefined
  if (c === undefined) {
    const over = pv.status?.phase === 'Released' || pv.status?.phase === 'Failed'
    // Before a volume is released the API server is asked: this cache may be behind.
    if (!over && checked === undefined && (found !== undefined || has(pv, annotation.boundByController) || has(pv, annotation.provisionedBy)))
      return [getObject('persistentvolumeclaims', ref.namespace, ref.name as string, { tag: 'check', ignore: ['NotFound'] })]
    if (checked === ref.uid) return []
    const released = over ? undefined : volumePhase(pv, 'Released')
    return released === undefined ? reclaim(pv, env) : again(released)
  }
  if (!c.spec.volumeName) return halfBound(pv, c, key, env)
  if (c.spec.volumeName === pv.metadata.name) return last(volumePhase(pv, 'Bound'))
  // The claim is bound elsewhere.
  if (has(pv, annotation.provisionedBy) && pv.spec.persistentVolumeReclaimPolicy === 'Delete') {
    const released = pv.status?.phase === 'Released' || pv.status?.phase === 'Failed' ? undefined : volumePhase(pv, 'Released')
    return released === undefined ? reclaim(pv, env) : again(released)
  }
  return unbind(pv)
}

/** The volume points to a claim that points nowhere. */
function halfBound(pv: PersistentVolume, c: PersistentVolumeClaim, key: string, env: BinderEnv): readonly Intent[] {
  if (modesDiffer(c, pv))
    return [
      tell(pv, 'Warning', 'VolumeMismatch', `Cannot bind PersistentVolume to requested PersistentVolumeClaim "${c.metadata.name}" due to incompatible volumeMode.`),
      tell(c, 'Warning', 'VolumeMismatch', `Cannot bind PersistentVolume "${pv.metadata.name}" to requested PersistentVolumeClaim due to incompatible volumeMode.`),
    ]
  env.enqueue(`claim/${key}`)
  return []
}

/** Lets a volume go: what the controller set is taken away, what a person set loses only its uid. Upstream: unbindVolume */
function unbind(pv: PersistentVolume): readonly Intent[] {
  const { claimRef, ...spec } = pv.spec
  let next: KubeObject
  if (has(pv, annotation.boundByController)) {
    const { [annotation.boundByController]: _by, ...annotations } = pv.metadata.annotations ?? {}
    const { annotations: _all, ...metadata } = pv.metadata
    next = { ...pv, metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) }, spec } as KubeObject
  } else {
    const { uid: _uid, ...reference } = claimRef ?? {}
    next = { ...pv, spec: { ...spec, claimRef: reference } } as KubeObject
  }
  // What follows (phase Available) is the business of the sync of an unclaimed volume.
  return again(updateObject('persistentvolumes', next))
}

/** What becomes of a volume whose claim is gone. Upstream: reclaimVolume */
function reclaim(pv: PersistentVolume, env: BinderEnv): readonly Intent[] {
  switch (pv.spec.persistentVolumeReclaimPolicy) {
    case 'Retain':
      return []
    case 'Recycle':
      return recycle(pv, env)
    case 'Delete':
      return remove(pv)
    default:
      return failed(pv, 'VolumeUnknownReclaimPolicy', 'Volume has unrecognized reclaim policy')
  }
}

/** Upstream: updateVolumePhaseWithEvent */
function failed(pv: PersistentVolume, reason: string, message: string): readonly Intent[] {
  const write: RequestIntent | undefined = volumePhase(pv, 'Failed', message)
  return write === undefined ? [] : [...last(write), tell(pv, 'Warning', reason, message)]
}

/** Upstream: deleteVolumeOperation, doDeleteVolume; plugins host_path, nfs, local */
function remove(pv: PersistentVolume): readonly Intent[] {
  if (pv.metadata.deletionTimestamp !== undefined) return []
  const by = pv.metadata.annotations?.[annotation.provisionedBy]
  // Made from outside, deleted from outside.
  if (by && !by.startsWith('kubernetes.io/')) return []
  const { hostPath, nfs, local, csi } = pv.spec
  if (hostPath) {
    if (!/\/tmp\/.+/.test(hostPath.path)) return failed(pv, 'VolumeFailedDelete', `host_path deleter only supports /tmp/.+ but received provided ${hostPath.path}`)
    return [deleteObject('persistentvolumes', pv, {}, { ignore: ['NotFound'] })]
  }
  const why = nfs || local || csi ? 'no deletable volume plugin matched' : 'no volume plugin matched'
  return failed(pv, 'VolumeFailedDelete', `error getting deleter volume plugin for volume "${pv.metadata.name}": ${why}`)
}

/** Scrubs a volume for its next claim; the recycler pod is left out. Upstream: recycleVolumeOperation */
function recycle(pv: PersistentVolume, env: BinderEnv): readonly Intent[] {
  const ref = pv.spec.claimRef
  const users = podsOf(env, { metadata: { namespace: ref?.namespace, name: ref?.name } } as PersistentVolumeClaim, (p) => p.spec.nodeName !== undefined && !isPodTerminal(p))
  if (users.length > 0) return [tell(pv, 'Normal', 'VolumeFailedRecycle', `Volume is used by pods: ${users.map((u) => `${ref?.namespace}/${u}`).join(',')}`)]
  if (!pv.spec.hostPath && !pv.spec.nfs) return failed(pv, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!')
  return [tell(pv, 'Normal', 'VolumeRecycled', 'Volume recycled'), ...unbind(pv)]
}
