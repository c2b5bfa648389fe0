import type { AdmissionPlugin } from './plugin'

const finalizers: Readonly<Record<string, string>> = { persistentvolumeclaims: 'kubernetes.io/pvc-protection', persistentvolumes: 'kubernetes.io/pv-protection' }

/** Claims and volumes get a finalizer that their protection controllers take away when nobody uses them. Upstream: plugin/pkg/admission/storage/storageobjectinuseprotection */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ served, operation, subresource, object }) {
    const finalizer = finalizers[served.storage]
    if (finalizer === undefined || operation !== 'CREATE' || subresource !== '' || object === undefined) return undefined
    const { metadata } = object
    if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
    return undefined
  },
}
