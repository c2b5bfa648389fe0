import type { PersistentVolume } from '../../api'
import type { KubeObject } from '../../apimachinery'
import type { Controller } from '../controller'
import { updateObject } from '../requests'

const finalizer = 'kubernetes.io/pv-protection'

/** Keeps a volume until it is bound no more. Upstream: pkg/controller/volume/pvprotection/pv_protection_controller.go */
export const pvProtectionController: Controller<null> = {
  name: 'pvprotection',
  component: 'pv-protection-controller',
  resource: 'persistentvolumes',
  informers: [{ resource: 'persistentvolumes' }],
  workers: 1,
  start: () => null,

  onDelta({ type, object }, env) {
    if (type !== 'deleted' && (object.metadata.deletionTimestamp !== undefined) === (object.metadata.finalizers?.includes(finalizer) ?? false)) env.enqueue(object.metadata.name as string)
  },

  reconcile(key, env) {
    const pv = env.cache<PersistentVolume>('persistentvolumes').get('', key)
    if (pv === undefined) return []
    const { finalizers = [], deletionTimestamp } = pv.metadata
    const held = finalizers.includes(finalizer)
    if (deletionTimestamp === undefined) return held ? [] : [write(pv, [...finalizers, finalizer])]
    return held && pv.status?.phase !== 'Bound' ? [write(pv, finalizers.filter((f) => f !== finalizer))] : []
  },
}

const write = (pv: PersistentVolume, finalizers: string[]) => updateObject('persistentvolumes', { ...pv, metadata: { ...pv.metadata, finalizers } } as KubeObject, undefined, { ignore: ['NotFound'] })
