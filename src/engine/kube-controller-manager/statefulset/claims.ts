import type { OwnerReference } from '../../apimachinery'
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../api'
import { ordinalOf, startOrdinal } from './identity'

const ofSet = (ref: OwnerReference, set: StatefulSet): boolean => ref.apiVersion === 'apps/v1' && ref.kind === 'StatefulSet' && ref.name === set.metadata.name
const ofPod = (ref: OwnerReference, pod: Pod): boolean => ref.apiVersion === 'v1' && ref.kind === 'Pod' && ref.name === pod.metadata.name

/** What becomes of claims; kept unless the set says otherwise. */
function policyOf(set: StatefulSet): { readonly scaled: boolean; readonly deleted: boolean } {
  const p = set.spec.persistentVolumeClaimRetentionPolicy
  return { scaled: p?.whenScaled === 'Delete', deleted: p?.whenDeleted === 'Delete' }
}

/** Who should own a claim: the pod that is scaled away, the set, or nobody. */
function wantedOwner(set: StatefulSet, pod: Pod): 'set' | 'pod' | undefined {
  const { scaled, deleted } = policyOf(set)
  const ordinal = ordinalOf(set, pod)
  const first = startOrdinal(set)
  const away = ordinal < first || ordinal >= first + (set.spec.replicas ?? 1)
  if (scaled && away) return 'pod'
  return deleted ? 'set' : undefined
}

/** Somebody else controls the claim: then it is none of ours. */
const isOthers = (claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): boolean => (claim.metadata.ownerReferences ?? []).some((r) => r.controller && !ofSet(r, set) && !ofPod(r, pod))

/** Whether a claim's owners are what the retention policy wants. Upstream: stateful_set_utils.go isClaimOwnerUpToDate */
export function ownersFit(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): boolean {
  const refs = claim.metadata.ownerReferences ?? []
  const bySet = refs.filter((r) => ofSet(r, set))
  const byPod = refs.filter((r) => ofPod(r, pod))
  if (isOthers(claim, set, pod)) return bySet.length + byPod.length === 0
  if ([...bySet, ...byPod].some((r) => !r.controller)) return false
  const wanted = wantedOwner(set, pod)
  return bySet.length > 0 === (wanted === 'set') && byPod.length > 0 === (wanted === 'pod')
}

/** The claim with the owners that the retention policy wants. Upstream: updateClaimOwnerRefForSetAndPod */
export function withOwners(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): PersistentVolumeClaim {
  const refs = (claim.metadata.ownerReferences ?? []).filter((r) => !ofSet(r, set) && !ofPod(r, pod))
  const wanted = isOthers(claim, set, pod) ? undefined : wantedOwner(set, pod)
  const controls = { controller: true, blockOwnerDeletion: true }
  if (wanted === 'set') refs.push({ apiVersion: 'apps/v1', kind: 'StatefulSet', name: set.metadata.name, uid: set.metadata.uid as string, ...controls })
  else if (wanted === 'pod') refs.push({ apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid as string, ...controls })
  return { ...claim, metadata: { ...claim.metadata, ownerReferences: refs } }
}

/** A claim that goes with a former pod of this name: its end has to be waited for. Upstream: PodClaimIsStale, hasStaleOwnerRef */
export function isStale(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): boolean {
  return policyOf(set).scaled && (claim.metadata.ownerReferences ?? []).some((r) => ofPod(r, pod) && r.uid !== pod.metadata.uid)
}
