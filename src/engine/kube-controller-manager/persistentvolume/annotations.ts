import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api'

/** Annotations of the volume world. Upstream: component-helpers/storage/volume/pv_helpers.go */
export const annotation = {
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  provisioner: 'volume.kubernetes.io/storage-provisioner',
  betaProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  selectedNode: 'volume.kubernetes.io/selected-node',
  betaClass: 'volume.beta.kubernetes.io/storage-class',
  defaultClass: 'storageclass.kubernetes.io/is-default-class',
  betaDefaultClass: 'storageclass.beta.kubernetes.io/is-default-class',
} as const

/** Whether an object carries an annotation; its value does not matter. */
export const has = (o: PersistentVolume | PersistentVolumeClaim, name: string): boolean => o.metadata.annotations?.[name] !== undefined

/** Name of a claim's class; '' for none. Upstream: GetPersistentVolumeClaimClass */
export const claimClass = (c: PersistentVolumeClaim): string => c.metadata.annotations?.[annotation.betaClass] ?? c.spec.storageClassName ?? ''

/** Whether a claim says anything about its class ('' is a choice too). Upstream: PersistentVolumeClaimHasClass */
export const claimHasClass = (c: PersistentVolumeClaim): boolean => has(c, annotation.betaClass) || c.spec.storageClassName !== undefined

/** Name of a volume's class; '' for none. Upstream: GetPersistentVolumeClass */
export const volumeClass = (pv: PersistentVolume): string => pv.metadata.annotations?.[annotation.betaClass] ?? pv.spec.storageClassName ?? ''

/** `namespace/name` of the claim that a volume points to. */
export const referredClaim = (pv: PersistentVolume): string => (pv.spec.claimRef ? `${pv.spec.claimRef.namespace ?? ''}/${pv.spec.claimRef.name ?? ''}` : '')

/** Whether a volume points to this claim; by name only while it knows no uid. Upstream: IsVolumeBoundToClaim */
export function pointsTo(pv: PersistentVolume, c: PersistentVolumeClaim): boolean {
  const ref = pv.spec.claimRef
  return ref !== undefined && ref.name === c.metadata.name && ref.namespace === c.metadata.namespace && (!ref.uid || ref.uid === c.metadata.uid)
}

/** Upstream: CheckVolumeModeMismatches */
export const modesDiffer = (c: PersistentVolumeClaim, pv: PersistentVolume): boolean => (c.spec.volumeMode ?? 'Filesystem') !== (pv.spec.volumeMode ?? 'Filesystem')

/** Upstream: CheckAccessModes */
export const allowsModes = (c: PersistentVolumeClaim, pv: PersistentVolume): boolean => (c.spec.accessModes ?? []).every((m) => pv.spec.accessModes?.includes(m))

/** The class that claims without one get: the youngest of those marked as default. Upstream: pkg/volume/util/storageclass.go GetDefaultClass */
export function defaultClass(classes: Iterable<StorageClass>): StorageClass | undefined {
  let best: StorageClass | undefined
  for (const c of classes) {
    const marks = c.metadata.annotations
    if (marks?.[annotation.defaultClass] !== 'true' && marks?.[annotation.betaDefaultClass] !== 'true') continue
    const [mine, other] = [c.metadata.creationTimestamp ?? '', best?.metadata.creationTimestamp ?? '']
    if (best === undefined || mine > other || (mine === other && c.metadata.name < best.metadata.name)) best = c
  }
  return best
}
