import type { PersistentVolumeClaim, StorageClass } from '../../api'
import { compareQuantity, quantity } from '../../apimachinery'
import type { AdmissionPlugin } from './plugin'

const classOf = (c: PersistentVolumeClaim): string => c.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? c.spec.storageClassName ?? ''

/** A claim may ask for more only when it is bound and its class says that its volumes can grow. Upstream: plugin/pkg/admission/storage/persistentvolume/resize */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  resources: ['persistentvolumeclaims'],
  validate({ operation, subresource, object, old, write }) {
    if (operation !== 'UPDATE' || subresource !== '' || object === undefined || old === undefined) return undefined
    const [claim, before] = [object as PersistentVolumeClaim, old as PersistentVolumeClaim]
    const [size, was] = [claim.spec.resources?.requests?.storage, before.spec.resources?.requests?.storage]
    if (size === was || size === undefined || was === undefined || compareQuantity(quantity(size), quantity(was)) <= 0) return undefined
    if (before.status?.phase !== 'Bound') return 'Only bound persistent volume claims can be expanded'
    const name = classOf(claim)
    const allowed = name !== '' && name === classOf(before) && (write.get('storageclasses', '', name) as StorageClass | undefined)?.allowVolumeExpansion === true
    return allowed ? undefined : 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
  },
}
