import type { PersistentVolumeClaim } from '../../api'
import { compareQuantity, quantity, type KubeObject } from '../../apimachinery'
import { cacheKey, referenceTo } from '../../client-go'
import type { Controller } from '../controller'

/** Whether a bound claim wants more than its volume has. */
function wantsMore({ spec, status }: PersistentVolumeClaim): boolean {
  const wanted = spec.resources?.requests?.storage
  const has = status?.capacity?.storage
  return status?.phase === 'Bound' && wanted !== undefined && has !== undefined && compareQuantity(quantity(wanted), quantity(has)) > 0
}

/**
 * Grows volumes by the plugins inside of Kubernetes. None of them can any more: what wants to grow waits for its driver's own controller,
 * and the claim is told so. Upstream: pkg/controller/volume/expand/expand_controller.go
 */
export const expandController: Controller<null> = {
  name: 'persistentvolume-expander',
  component: 'volume_expand',
  account: 'expand-controller',
  resource: 'persistentvolumeclaims',
  informers: [{ resource: 'persistentvolumeclaims' }, { resource: 'persistentvolumes' }],
  workers: 10,
  start: () => null,

  onDelta({ resource, object, type, old }, env) {
    if (resource !== 'persistentvolumeclaims' || type === 'deleted') return
    const claim = object as PersistentVolumeClaim
    const before = old as PersistentVolumeClaim | undefined
    if (before !== undefined && compareQuantity(quantity(claim.spec.resources?.requests?.storage), quantity(before.spec.resources?.requests?.storage)) <= 0) return
    if (wantsMore(claim)) env.enqueue(cacheKey(object))
  },

  reconcile(key, env) {
    const claim = env.cache<PersistentVolumeClaim>('persistentvolumeclaims').byKey(key)
    if (claim === undefined || !wantsMore(claim)) return []
    const volume = env.cache('persistentvolumes').get('', claim.spec.volumeName ?? '')
    if (volume === undefined) return [{ do: 'fail', message: `failed to get PV ${claim.spec.volumeName ?? ''}` }]
    return [{ do: 'event', about: referenceTo(claim as KubeObject), type: 'Normal', reason: 'ExternalExpanding', message: 'waiting for an external controller to expand this PVC' }]
  },
}
