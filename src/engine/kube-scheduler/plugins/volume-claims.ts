import type { KubeObject } from '../../apimachinery'
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api'
import type { PodInfo } from '../backend/pod-info'
import { nodeTerm, termMatchesNode } from '../framework/node-affinity'
import type { Handle } from '../framework/plugin'

/** Labels and annotations of the volume world. Upstream: component-helpers/storage/volume, api/core/v1 */
export const volumeAnnotations = { bindCompleted: 'pv.kubernetes.io/bind-completed', boundByController: 'pv.kubernetes.io/bound-by-controller', selectedNode: 'volume.kubernetes.io/selected-node', betaClass: 'volume.beta.kubernetes.io/storage-class' } as const

/** A claim that a pod mounts. */
export interface PodClaim {
  readonly name: string
  /** Made for this pod by the ephemeral volume controller. */
  readonly ephemeral: boolean
}

/** The claims that a pod mounts, in order. */
export function podClaims(pod: PodInfo): readonly PodClaim[] {
  const out: PodClaim[] = []
  for (const v of pod.pod.spec.volumes ?? []) {
    if (v.persistentVolumeClaim) out.push({ name: v.persistentVolumeClaim.claimName, ephemeral: false })
    else if (v.ephemeral) out.push({ name: `${pod.name}-${v.name}`, ephemeral: true })
  }
  return out
}

/** Name of the claim's class; '' for none. Upstream: GetPersistentVolumeClaimClass */
export function claimClass(claim: PersistentVolumeClaim): string {
  return claim.metadata.annotations?.[volumeAnnotations.betaClass] ?? claim.spec.storageClassName ?? ''
}

/** Name of the volume's class; '' for none. */
export function volumeClass(pv: PersistentVolume): string {
  return pv.metadata.annotations?.[volumeAnnotations.betaClass] ?? pv.spec.storageClassName ?? ''
}

/** True when claim and volume know of each other. */
export function fullyBound(claim: PersistentVolumeClaim): boolean {
  return (claim.spec.volumeName ?? '') !== '' && claim.metadata.annotations?.[volumeAnnotations.bindCompleted] !== undefined
}

/** Whether a node can reach a volume. Upstream: volume.CheckNodeAffinity */
export function volumeReachable(pv: PersistentVolume, node: Node): boolean {
  const terms = pv.spec.nodeAffinity?.required?.nodeSelectorTerms
  return terms === undefined || terms.some((t) => termMatchesNode(nodeTerm(t), node))
}

/** The claim of a pod's volume. */
export function claimOf(h: Handle, pod: PodInfo, name: string): PersistentVolumeClaim | undefined {
  return h.objects<PersistentVolumeClaim & KubeObject>('persistentvolumeclaims').get(pod.namespace, name)
}

/** A volume by name. */
export function volumeOf(h: Handle, name: string): PersistentVolume | undefined {
  return h.objects<PersistentVolume & KubeObject>('persistentvolumes').get('', name)
}

/** A storage class by name. */
export function classOf(h: Handle, name: string): StorageClass | undefined {
  return name === '' ? undefined : h.objects<StorageClass & KubeObject>('storageclasses').get('', name)
}
