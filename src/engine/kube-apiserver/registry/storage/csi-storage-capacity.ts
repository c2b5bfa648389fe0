import type { CSIStorageCapacity } from '../../../api'
import { deepEqual, dns1123SubdomainErrors, invalid, required, type FieldError } from '../../../apimachinery'
import { column, define, nameColumn } from '../define'
import { validateLabelSelector } from '../validation/label-selector'

function validate(o: CSIStorageCapacity): FieldError[] {
  const errors = [...validateLabelSelector(o.nodeTopology, 'nodeTopology')]
  const name = o.storageClassName ?? ''
  if (name === '') errors.push(required('storageClassName'))
  for (const message of name === '' ? [] : dns1123SubdomainErrors(name)) errors.push(invalid('storageClassName', name, message))
  for (const field of ['capacity', 'maximumVolumeSize'] as const) if (o[field]?.startsWith('-')) errors.push(invalid(field, o[field], 'must be greater than or equal to 0'))
  return errors
}

/** CSIStorageCapacity: what a driver has left in a part of the cluster. Upstream: pkg/registry/storage/csistoragecapacity */
export const csiStorageCapacity = define<CSIStorageCapacity>({
  resource: 'csistoragecapacities',
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    for (const field of ['nodeTopology', 'storageClassName'] as const) if (!deepEqual(o[field], old[field])) errors.push(invalid(field, o[field] ?? null, 'field is immutable'))
    return errors
  },
  columns: [nameColumn, column('StorageClassName', (o) => o.storageClassName), column('Capacity', (o) => o.capacity ?? '<unset>')],
})
