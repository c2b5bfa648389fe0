import type { StorageClass } from '../../../api'
import { deepEqual, duplicate, forbidden, invalid, notSupported, qualifiedNameErrors, required, tooLong, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { byteLength } from '../validation/text'

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
  const names = Object.keys(o.parameters ?? {})
  if (names.length > 512) errors.push(tooLong('parameters', 512))
  else {
    if (names.includes('')) errors.push(invalid('parameters', '', 'field can not be empty.'))
    if (names.reduce((sum, name) => sum + byteLength(name) + byteLength(o.parameters![name]!), 0) > 262_144) errors.push(tooLong('parameters', 262_144))
  }
  if (o.reclaimPolicy && o.reclaimPolicy !== 'Delete' && o.reclaimPolicy !== 'Retain') errors.push(notSupported('reclaimPolicy', o.reclaimPolicy, ['Delete', 'Retain']))
  const mode = o.volumeBindingMode
  if (mode == null) errors.push(required('volumeBindingMode'))
  else if (mode !== 'Immediate' && mode !== 'WaitForFirstConsumer') errors.push(notSupported('volumeBindingMode', mode, ['Immediate', 'WaitForFirstConsumer']))
  const terms = o.allowedTopologies ?? []
  terms.forEach((term, i) => {
    const at = `allowedTopologies[${i}].matchLabelExpressions`
    const keys = new Set<string>()
    ;(term.matchLabelExpressions ?? []).forEach((r, j) => {
      if ((r.values ?? []).length === 0) errors.push(required(`${at}[${j}].values`))
      r.values?.forEach((value, k) => { if (r.values.indexOf(value) < k) errors.push(duplicate(`${at}[${j}].values[${k}]`, value)) })
      for (const message of qualifiedNameErrors(r.key ?? '')) errors.push(invalid(`${at}[${j}].key`, r.key ?? '', message))
      if (keys.has(r.key)) errors.push(duplicate(`${at}[${j}].key`, r.key))
      keys.add(r.key)
    })
    if (terms.findIndex((t) => deepEqual(t, term)) < i) errors.push(duplicate(at, ''))
  })
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
