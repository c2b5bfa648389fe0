import type { PersistentVolumeClaim, StorageClass } from '../../api'
import { defaultClass } from './default-class'
import type { AdmissionPlugin } from './plugin'

const annotations = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'] as const

/** A claim that names no class gets the default one, if there is one. Upstream: plugin/pkg/admission/storage/storageclass/setdefault */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  resources: ['persistentvolumeclaims'],
  admit({ operation, subresource, object, write }) {
    if (operation !== 'CREATE' || subresource !== '') return undefined
    const { spec, metadata } = object as PersistentVolumeClaim
    if (spec === undefined || spec.storageClassName !== undefined || metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return undefined
    const found = defaultClass(write.list('storageclasses') as Iterable<StorageClass>, annotations)
    if (found !== undefined) spec.storageClassName = found
    return undefined
  },
}
