import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../../api'
import { compareQuantity, deepEqual, forbidden, invalid, quantity, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn, wide } from '../define'
import { defaultClaimSpec } from '../defaults/volumes'
import { validateClaimSpec } from '../validation/claim-spec'
import { internalDiff } from '../validation/internal-diff'

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'
const SHORT: readonly (readonly [string, string])[] = [['ReadWriteOnce', 'RWO'], ['ReadOnlyMany', 'ROX'], ['ReadWriteMany', 'RWX'], ['ReadWriteOncePod', 'RWOP']]

/** `RWO,ROX`. Upstream: helper.GetAccessModesAsString. */
export function accessModes(modes: readonly string[] | undefined): string {
  return SHORT.filter(([mode]) => modes?.includes(mode)).map(([, short]) => short).join(',')
}

/** What may change: the binder's choice and a late class once; size and attributes class of a bound claim. Upstream: ValidatePersistentVolumeClaimUpdate. */
function validateUpdate(o: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const errors = validateClaimSpec(o.spec, 'spec')
  const next: PersistentVolumeClaimSpec = { ...o.spec }
  const last: PersistentVolumeClaimSpec = { ...old.spec }
  if (!last.volumeName && next.volumeName) last.volumeName = next.volumeName
  const [before, after] = [old.metadata.annotations?.[CLASS_ANNOTATION], o.metadata.annotations?.[CLASS_ANNOTATION]]
  const isNewClass = last.storageClassName === undefined && next.storageClassName !== undefined
  // From the annotation to the field, or from no class to a default that came late.
  if (isNewClass && before !== undefined && next.storageClassName === before && (after === undefined || after === before)) delete next.storageClassName
  else {
    if (after !== before) errors.push(invalid(`metadata.annotations[${CLASS_ANNOTATION}]`, after ?? '', 'field is immutable'))
    if (isNewClass && (before === undefined || next.storageClassName === before)) delete next.storageClassName
  }
  if (o.status?.phase === 'Bound') {
    const storage = last.resources?.requests?.storage
    if (next.resources?.requests != null && storage !== undefined) next.resources = { ...next.resources, requests: { ...next.resources.requests, storage } }
    if (next.volumeAttributesClassName != null) {
      if (last.volumeAttributesClassName === undefined) delete next.volumeAttributesClassName
      else next.volumeAttributesClassName = last.volumeAttributesClassName
    }
  }
  if (!deepEqual(next, last)) {
    errors.push(forbidden('spec', `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${internalDiff('PersistentVolumeClaimSpec', last, next)}`))
  }
  const [size, wanted, has] = [o.spec.resources?.requests?.storage, old.spec.resources?.requests?.storage, old.status?.capacity?.storage]
  if (compareQuantity(quantity(size), quantity(wanted)) < 0 && compareQuantity(quantity(size), quantity(has)) <= 0) {
    errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'))
  }
  if (o.spec.volumeMode !== old.spec.volumeMode) errors.push(invalid('volumeMode', o.spec.volumeMode, 'field is immutable'))
  if (old.spec.volumeAttributesClassName != null && !o.spec.volumeAttributesClassName) {
    const to = o.spec.volumeAttributesClassName == null ? 'nil' : 'an empty string'
    errors.push(forbidden('spec.volumeAttributesClassName', `update from non-nil value to ${to} is forbidden`))
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
