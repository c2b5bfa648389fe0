import type { VolumeAttributesClass } from '../../../api'
import { deepEqual, forbidden, invalid, required, tooLong, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { byteLength } from '../validation/text'
import { validateDriverName } from '../validation/volume-sources'

/** VolumeAttributesClass: what a driver may change of a volume. Upstream: pkg/registry/storage/volumeattributesclass */
export const volumeAttributesClass = define<VolumeAttributesClass>({
  resource: 'volumeattributesclasses',
  shortNames: ['vac'],
  validate({ driverName, parameters }) {
    const errors: FieldError[] = validateDriverName(driverName, 'driverName')
    const pairs = Object.entries(parameters ?? {})
    if (pairs.length === 0) errors.push(required('parameters', 'must contain at least one key/value pair'))
    if (pairs.length > 512) errors.push(tooLong('parameters', 512))
    else if (pairs.some(([key]) => key === '')) errors.push(invalid('parameters', '', 'field can not be empty.'))
    if (pairs.reduce((sum, [key, value]) => sum + byteLength(key) + byteLength(value), 0) > 262_144) errors.push(tooLong('parameters', 262_144))
    return errors
  },
  validateUpdate(o, old) {
    const errors: FieldError[] = []
    if (o.driverName !== old.driverName) errors.push(forbidden('driverName', 'updates to driverName are forbidden.'))
    if (!deepEqual(o.parameters, old.parameters)) errors.push(forbidden('parameters', 'updates to parameters are forbidden.'))
    return errors
  },
  columns: [nameColumn, column('DriverName', (o) => o.driverName), ageColumn],
})
