import { labelSelector, matches, quantity, compareQuantity } from '../../apimachinery'
import type { Node, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api'
import { claimClass, volumeClass, volumeReachable } from './volume-claims'

const key = (c: PersistentVolumeClaim) => `${c.metadata.namespace}/${c.metadata.name}`

function boundTo(pv: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const ref = pv.spec.claimRef
  return ref !== undefined && ref.name === claim.metadata.name && ref.namespace === claim.metadata.namespace && (!ref.uid || ref.uid === claim.metadata.uid)
}

/**
 * The smallest volume that a claim can have on a node. `taken` names volumes that are promised already: to whom.
 * Upstream: component-helpers/storage/volume FindMatchingVolume
 */
export function matchingVolume(claim: PersistentVolumeClaim, volumes: Iterable<PersistentVolume>, node: Node, taken: ReadonlyMap<string, string>): PersistentVolume | undefined {
  const wanted = quantity(claim.spec.resources?.requests?.storage)
  const wantedClass = claimClass(claim)
  const selector = claim.spec.selector === undefined ? undefined : labelSelector(claim.spec.selector)
  let best: PersistentVolume | undefined
  for (const pv of volumes) {
    const promised = taken.get(pv.metadata.name)
    if (promised !== undefined && promised !== key(claim)) continue
    const capacity = quantity(pv.spec.capacity?.storage)
    if ((pv.spec.claimRef !== undefined && !boundTo(pv, claim)) || compareQuantity(capacity, wanted) < 0) continue
    if ((pv.spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem') || pv.metadata.deletionTimestamp !== undefined) continue
    if ((pv.spec.volumeAttributesClassName ?? '') !== (claim.spec.volumeAttributesClassName ?? '')) continue
    const reachable = volumeReachable(pv, node)
    if (boundTo(pv, claim)) return reachable ? pv : undefined
    if (pv.status?.phase !== 'Available' || (selector !== undefined && !matches(selector, pv.metadata.labels)) || volumeClass(pv) !== wantedClass || !reachable) continue
    if (!(claim.spec.accessModes ?? []).every((m) => pv.spec.accessModes?.includes(m))) continue
    if (best === undefined || compareQuantity(quantity(best.spec.capacity?.storage), capacity) > 0) best = pv
  }
  return best
}

/** Whether a volume for the claim could be made so that the node reaches it. Upstream: volumebinding/binder.go checkVolumeProvisions */
export function provisionable(storageClass: StorageClass | undefined, node: Node): boolean {
  if (storageClass === undefined || !storageClass.provisioner || storageClass.provisioner === 'kubernetes.io/no-provisioner') return false
  const terms = storageClass.allowedTopologies
  if (terms === undefined || terms.length === 0) return true
  return terms.some((t) => (t.matchLabelExpressions ?? []).every((e) => e.values.includes(node.metadata.labels?.[e.key] ?? '')))
}

/** Claims in order of size, the smallest first. */
export function bySize(a: PersistentVolumeClaim, b: PersistentVolumeClaim): number {
  const c = compareQuantity(quantity(a.spec.resources?.requests?.storage), quantity(b.spec.resources?.requests?.storage))
  return c !== 0 ? c : key(a) < key(b) ? -1 : 1
}
