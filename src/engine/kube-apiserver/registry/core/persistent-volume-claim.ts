import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../api'
import {
  compareQuantity, deepEqual, dns1123SubdomainErrors, forbidden, invalid, notSupported, quantity, quantitySign, required, type FieldError,
} from '../../../apimachinery'
import { ageColumn, column, define, nameColumn, wide } from '../define'
import { defaultClaimSpec } from '../defaults/volumes'
import { internalDiff } from '../validation/internal-diff'
import { validateLabelSelector } from '../validation/label-selector'

/** Ways a volume can be mounted, as messages list them. */
export const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'
const SHORT: readonly (readonly [string, string])[] = [['ReadWriteOnce', 'RWO'], ['ReadOnlyMany', 'ROX'], ['ReadWriteMany', 'RWX'], ['ReadWriteOncePod', 'RWOP']]

/** `RWO,ROX`. Upstream: helper.GetAccessModesAsString. */
export function accessModes(modes: readonly string[] | undefined): string {
  return SHORT.filter(([mode]) => modes?.includes(mode)).map(([, short]) => short).join(',')
}

/** Rules of a claim's spec, also inside a StatefulSet. Upstream: ValidatePersistentVolumeClaimSpec. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'))
  errors.push(...validateLabelSelector(spec.selector, `${path}.selector`))
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) errors.push(notSupported(`${path}.accessModes`, mode, ACCESS_MODES))
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) errors.push(forbidden(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'))
  const storage = spec.resources?.requests?.storage
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`))
  else if (quantitySign(quantity(storage)) <= 0) errors.push(invalid(`${path}.resources[storage]`, quantity(storage).text, 'must be greater than zero'))
  if (spec.storageClassName) {
    for (const message of dns1123SubdomainErrors(spec.storageClassName)) errors.push(invalid(`${path}.storageClassName`, spec.storageClassName, message))
  }
  if (spec.volumeMode != null && spec.volumeMode !== 'Block' && spec.volumeMode !== 'Filesystem') {
    errors.push(notSupported(`${path}.volumeMode`, spec.volumeMode, ['Block', 'Filesystem']))
  }
  return errors
}

/** What may change: the binder's choice once; size and attributes class of a bound claim. Upstream: ValidatePersistentVolumeClaimUpdate. */
function validateUpdate(o: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = validateClaimSpec(o.spec, 'spec')
  const next: PersistentVolumeClaimSpec = { ...o.spec }
  const last: PersistentVolumeClaimSpec = { ...old.spec }
  if (!last.volumeName && next.volumeName) last.volumeName = next.volumeName
  const oldClass = old.metadata.annotations?.[CLASS_ANNOTATION] ?? last.storageClassName
  // A default class that came late may still be filled in.
  if (oldClass === undefined && next.storageClassName !== undefined) last.storageClassName = next.storageClassName
  const isBound = o.status?.phase === 'Bound'
  if (isBound) {
    if (last.resources === undefined) delete next.resources
    else next.resources = { ...next.resources, ...(last.resources.requests === undefined ? {} : { requests: last.resources.requests }) }
    if (last.volumeAttributesClassName === undefined) delete next.volumeAttributesClassName
    else next.volumeAttributesClassName = last.volumeAttributesClassName
  }
  if (!deepEqual(next, last)) {
    errors.push(forbidden('spec', `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${internalDiff('PersistentVolumeClaimSpec', last, next)}`))
  }
  const [size, before, status] = [o.spec.resources?.requests?.storage, old.spec.resources?.requests?.storage, old.status?.capacity?.storage]
  if (isBound && compareQuantity(quantity(size), quantity(before)) < 0 && (status === undefined || compareQuantity(quantity(size), quantity(status)) <= 0)) {
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  }
  return errors
}

/** PersistentVolumeClaim. Upstream: pkg/registry/core/persistentvolumeclaim. */
export const persistentVolumeClaim = define<PersistentVolumeClaim>({
  resource: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  subresources: ['status'],
  defaults(o) {
    o.status ??= {}
    o.status.phase ||= 'Pending'
    defaultClaimSpec(o.spec)
  },
  prepareForCreate(o) {
    o.status = { phase: 'Pending' }
  },
  validate: (o) => validateClaimSpec(o.spec, 'spec'),
  validateUpdate,
  columns: [
    nameColumn,
    column('Status', (o) => (o.metadata.deletionTimestamp === undefined ? o.status?.phase ?? '' : 'Terminating')),
    column('Volume', (o) => o.spec.volumeName ?? ''),
    column('Capacity', (o) => (o.spec.volumeName ? quantity(o.status?.capacity?.storage).text : '')),
    column('Access Modes', (o) => (o.spec.volumeName ? accessModes(o.status?.accessModes) : '')),
    column('StorageClass', (o) => o.metadata.annotations?.[CLASS_ANNOTATION] ?? o.spec.storageClassName ?? ''),
    column('VolumeAttributesClass', (o) => o.spec.volumeAttributesClassName ?? '<unset>'),
    ageColumn,
    wide('VolumeMode', (o) => o.spec.volumeMode ?? '<unset>'),
  ],
})
