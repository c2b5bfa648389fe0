import type { PersistentVolumeClaim, Pod } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { cacheKey } from '../../client-go'
import type { Controller, ControllerEnv } from '../controller'
import { isPodTerminal } from '../pods'
import { updateObject } from '../requests'

const finalizer = 'kubernetes.io/pvc-protection'

/**
 * Keeps a claim that a pod uses until the pod is gone. Pods that ended count as users, pods without a node do not: no kubelet has
 * seen them, and none will start a pod whose claim is being deleted. Upstream: pkg/controller/volume/pvcprotection/pvc_protection_controller.go
 */
export const pvcProtectionController: Controller<null> = {
  name: 'pvcprotection',
  component: 'pvc-protection-controller',
  resource: 'persistentvolumeclaims',
  informers: [{ resource: 'persistentvolumeclaims' }, { resource: 'pods' }],
  workers: 5,
  start: () => null,

  onDelta(delta, env) {
    if (delta.resource === 'persistentvolumeclaims') {
      const c = delta.object
      if (delta.type !== 'deleted' && (c.metadata.deletionTimestamp !== undefined) === (c.metadata.finalizers?.includes(finalizer) ?? false)) env.enqueue(cacheKey(c))
      return
    }
    const pod = delta.object as Pod
    if (pod.spec.volumes === undefined || (delta.type !== 'deleted' && !isPodTerminal(pod) && pod.spec.nodeName)) return
    for (const name of claimsOf(pod)) if (env.cache('persistentvolumeclaims').get(pod.metadata.namespace as string, name)) env.enqueue(`${pod.metadata.namespace}/${name}`)
  },

  reconcile(key, env) {
    const c = env.cache<PersistentVolumeClaim>('persistentvolumeclaims').byKey(key)
    if (c === undefined) return []
    const { finalizers = [], deletionTimestamp } = c.metadata
    const held = finalizers.includes(finalizer)
    if (deletionTimestamp === undefined) return held ? [] : [write(c, [...finalizers, finalizer])]
    return held && !isUsed(c, env) ? [write(c, finalizers.filter((f) => f !== finalizer))] : []
  },
}

const write = (c: PersistentVolumeClaim, finalizers: string[]) => updateObject('persistentvolumeclaims', { ...c, metadata: { ...c.metadata, finalizers } } as KubeObject, undefined, { ignore: ['NotFound'] })

/** Names of the claims of a pod; those made for it have its name in theirs. */
function claimsOf(pod: Pod): string[] {
  const out: string[] = []
  for (const v of pod.spec.volumes ?? []) {
    if (v.persistentVolumeClaim) out.push(v.persistentVolumeClaim.claimName)
    else if (v.ephemeral) out.push(`${pod.metadata.name}-${v.name}`)
  }
  return out
}

/** Upstream: isBeingUsed, podUsesPVC; no index of pods by claim: this is asked of claims being deleted only. */
function isUsed(c: PersistentVolumeClaim, env: ControllerEnv<null>): boolean {
  for (const p of env.cache<Pod>('pods').list()) if (p.spec.nodeName && p.metadata.namespace === c.metadata.namespace && claimsOf(p).includes(c.metadata.name)) return true
  return false
}
