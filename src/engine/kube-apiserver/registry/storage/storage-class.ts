import type { StorageClass } from '../../../api'
import { deepEqual, forbidden, invalid, notSupported, qualifiedNameErrors, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

const DEFAULT = 'storageclass.kubernetes.io/is-default-class'
const BETA_DEFAULT = 'storageclass.beta.kubernetes.io/is-default-class'

/** Whether claims without a class get this one. Upstream: pkg/apis/storage/util IsDefaultAnnotation. */
export function isDefaultStorageClass(o: StorageClass): boolean {
  return o.metadata.annotations?.[DEFAULT] === 'true' || o.metadata.annotations?.[BETA_DEFAULT] === 'true'
}

function validate(o: StorageClass): FieldError[] {
  const errors: FieldError[] = []
  if (!o.provisioner) errors.push(required('provisioner', o.provisioner ?? ''))
  else for (const message of qualifiedNameErrors(o.provisioner.toLowerCase())) errors.push(invalid('provisioner', o.provisioner, message))
  if (o.reclaimPolicy && o.reclaimPolicy !== 'Delete' && o.reclaimPolicy !== 'Retain') errors.push(notSupported('reclaimPolicy', o.reclaimPolicy, ['Delete', 'Retain']))
  const mode = o.volumeBindingMode
  if (mode == null) errors.push(required('volumeBindingMode'))
  else if (mode !== 'Immediate' && mode !== 'WaitForFirstConsumer') errors.push(notSupported('volumeBindingMode', mode, ['Immediate', 'WaitForFirstConsumer']))
  return errors
}

/** StorageClass. Upstream: pkg/registry/storage/storageclass. */
export const storageClass = define<StorageClass>({
  resource: 'storageclasses',
  shortNames: ['sc'],
  defaults(o) {
    o.reclaimPolicy ??= 'Delete'
    o.volumeBindingMode ??= 'Immediate'
  },
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    if (!deepEqual(o.parameters, old.parameters)) errors.push(forbidden('parameters', 'updates to parameters are forbidden.'))
    if (o.provisioner !== old.provisioner) errors.push(forbidden('provisioner', 'updates to provisioner are forbidden.'))
    if (o.reclaimPolicy !== old.reclaimPolicy) errors.push(forbidden('reclaimPolicy', 'updates to reclaimPolicy are forbidden.'))
    if (o.volumeBindingMode !== old.volumeBindingMode) errors.push(invalid('volumeBindingMode', o.volumeBindingMode, 'field is immutable'))
    return errors
  },
  columns: [
    { ...nameColumn, value: (o) => (isDefaultStorageClass(o) ? `${o.metadata.name} (default)` : o.metadata.name) },
    column('Provisioner', (o) => o.provisioner),
    column('ReclaimPolicy', (o) => o.reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', (o) => o.volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', (o) => String(o.allowVolumeExpansion ?? false)),
    ageColumn,
  ],
})
