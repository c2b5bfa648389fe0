import type { PersistentVolumeClaim, Pod } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { cacheKey, referenceTo } from '../../client-go'
import type { Controller, Intent } from '../controller'
import { createObject } from '../requests'

/**
 * Makes the claims of pods' generic ephemeral volumes: `<pod>-<volume>`, owned by the pod, so that they go with it. A claim of that name
 * that is not the pod's is left alone and told of. Upstream: pkg/controller/volume/ephemeral/controller.go
 */
export const ephemeralVolumeController: Controller<null> = {
  name: 'ephemeral-volume',
  component: 'ephemeral_volume',
  account: 'ephemeral-volume-controller',
  resource: 'pods',
  informers: [{ resource: 'pods' }, { resource: 'persistentvolumeclaims' }],
  workers: 5,
  start: () => null,

  onDelta({ resource, object, type, old }, env) {
    if (resource === 'pods') {
      // Volumes never change: a pod is looked at once, when it comes.
      if (type === 'deleted' || (old !== undefined && (old as Pod).spec === (object as Pod).spec) || object.metadata.deletionTimestamp !== undefined) return
      if ((object as Pod).spec.volumes?.some((v) => v.ephemeral)) env.enqueue(cacheKey(object))
      return
    }
    if (type !== 'deleted') return
    // Somebody deleted the claim of a pod: it gets another.
    const owner = object.metadata.ownerReferences?.find((o) => o.controller && o.kind === 'Pod')
    if (owner) env.enqueue(`${object.metadata.namespace}/${owner.name}`)
  },

  reconcile(key, env) {
    const pod = env.cache<Pod>('pods').byKey(key)
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return []
    const out: Intent[] = []
    const { namespace = '', name, uid = '' } = pod.metadata
    for (const v of pod.spec.volumes ?? []) {
      const template = v.ephemeral?.volumeClaimTemplate
      if (template === undefined) continue
      const claimName = `${name}-${v.name}`
      const known = env.cache<PersistentVolumeClaim>('persistentvolumeclaims').get(namespace, claimName)
      const failed = (why: string): Intent[] => [
        { do: 'event', about: referenceTo(pod as KubeObject), type: 'Warning', reason: 'FailedBinding', message: `ephemeral volume ${v.name}: ${why}` },
        { do: 'fail', message: `pod ${key}, ephemeral volume ${v.name}: ${why}` },
      ]
      if (known !== undefined) {
        if (known.metadata.ownerReferences?.some((o) => o.controller && o.uid === uid)) continue
        return [...out, ...failed(`PVC "${namespace}/${claimName}" was not created for pod "${key}" (pod is not owner)`)]
      }
      const { annotations, labels } = template.metadata ?? {}
      const body = {
        apiVersion: 'v1', kind: 'PersistentVolumeClaim',
        metadata: { name: claimName, namespace, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}), ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true }] },
        spec: template.spec,
      }
      out.push(createObject('persistentvolumeclaims', body, { tag: v.name }))
    }
    return out
  },

  onResponse(key, tag, response, env) {
    if (response.code < 400) return undefined
    const pod = env.cache<Pod>('pods').byKey(key)
    if (pod === undefined) return undefined
    const why = `create PVC ${pod.metadata.name}-${String(tag)}: ${(response.body as { message?: string }).message ?? ''}`
    return { intents: [{ do: 'event', about: referenceTo(pod as KubeObject), type: 'Warning', reason: 'FailedBinding', message: `ephemeral volume ${String(tag)}: ${why}` }] }
  },
}
