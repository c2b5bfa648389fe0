import type { PersistentVolumeClaim, Pod, StatefulSet, Volume } from '../../api'
import { podFromTemplate } from '../pod-control'

const podNameLabel = 'statefulset.kubernetes.io/pod-name'
const indexLabel = 'apps.kubernetes.io/pod-index'
/** Label with the revision of a pod. */
export const revisionLabel = 'controller-revision-hash'

/** First ordinal of a set. */
export const startOrdinal = (set: StatefulSet): number => set.spec.ordinals?.start ?? 0

/** Ordinal of a pod of this set; -1 when its name has none. Upstream: getParentNameAndOrdinal */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const prefix = `${set.metadata.name}-`
  const tail = pod.metadata.name.slice(prefix.length)
  return pod.metadata.name.startsWith(prefix) && /^\d+$/.test(tail) ? Number(tail) : -1
}

/** Claims of a pod, by volume. Upstream: getPersistentVolumeClaims */
export function claimsOf(set: StatefulSet, ordinal: number): readonly { readonly volume: string; readonly claim: PersistentVolumeClaim }[] {
  return (set.spec.volumeClaimTemplates ?? []).map((t) => ({
    volume: t.metadata.name,
    claim: {
      apiVersion: 'v1', kind: 'PersistentVolumeClaim',
      metadata: { ...t.metadata, name: `${t.metadata.name}-${set.metadata.name}-${ordinal}`, namespace: set.metadata.namespace as string, labels: { ...t.metadata.labels, ...set.spec.selector.matchLabels } },
      spec: t.spec,
    },
  }))
}

/** The pod of an ordinal, at a template and revision. Upstream: newStatefulSetPod, initIdentity, updateStorage */
export function newPod(set: StatefulSet, template: StatefulSet['spec']['template'], revision: string, ordinal: number): Pod {
  const name = `${set.metadata.name}-${ordinal}`
  const ref = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: set.metadata.name, uid: set.metadata.uid as string, controller: true, blockOwnerDeletion: true }
  const base = podFromTemplate(template, set, ref)
  const claims = claimsOf(set, ordinal)
  const volumes: Volume[] = claims.map(({ volume, claim }) => ({ name: volume, persistentVolumeClaim: { claimName: claim.metadata.name } }))
  for (const v of base.spec.volumes ?? []) if (!claims.some((c) => c.volume === v.name)) volumes.push(v)
  return {
    ...base,
    metadata: { ...base.metadata, name, labels: { ...base.metadata.labels, [podNameLabel]: name, [indexLabel]: String(ordinal), [revisionLabel]: revision } },
    spec: { ...base.spec, hostname: name, ...(set.spec.serviceName && { subdomain: set.spec.serviceName }), ...(volumes.length > 0 && { volumes }) },
  }
}

/** Whether a pod carries its identity. Upstream: identityMatches */
export const identityMatches = (pod: Pod, ordinal: number): boolean => pod.metadata.labels?.[podNameLabel] === pod.metadata.name && pod.metadata.labels[indexLabel] === String(ordinal)

/** A pod with its identity put right. Upstream: updateIdentity */
export const withIdentity = (pod: Pod, ordinal: number): Pod => ({ ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, [podNameLabel]: pod.metadata.name, [indexLabel]: String(ordinal) } } })
