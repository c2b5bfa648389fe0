import type { ConfigMap } from '../../../api'
import { configMapKeyErrors, deepEqual, forbidden, invalid, key, tooLong, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { byteLength } from '../validation/text'

const MAX_SIZE = 1024 * 1024

function validate(o: ConfigMap): FieldError[] {
  const errors: FieldError[] = []
  let total = 0
  for (const name of Object.keys(o.data ?? {})) {
    for (const message of configMapKeyErrors(name)) errors.push(invalid(key('data', name), name, message))
    if (o.binaryData?.[name] !== undefined) errors.push(invalid(key('data', name), name, 'duplicate of key present in binaryData'))
    total += byteLength(o.data![name]!)
  }
  for (const name of Object.keys(o.binaryData ?? {})) {
    for (const message of configMapKeyErrors(name)) errors.push(invalid(key('binaryData', name), name, message))
    total += Math.floor((o.binaryData![name]!.length * 3) / 4)
  }
  if (total > MAX_SIZE) errors.push(tooLong('', MAX_SIZE))
  return errors
}

/** ConfigMap. Upstream: pkg/registry/core/configmap, core validation ValidateConfigMap. */
export const configMap = define<ConfigMap>({
  resource: 'configmaps',
  shortNames: ['cm'],
  validate,
  validateUpdate(o, old) {
    const errors: FieldError[] = []
    if (old.immutable === true) {
      if (o.immutable !== true) errors.push(forbidden('immutable', 'field is immutable when `immutable` is set'))
      if (!deepEqual(o.data, old.data)) errors.push(forbidden('data', 'field is immutable when `immutable` is set'))
      if (!deepEqual(o.binaryData, old.binaryData)) errors.push(forbidden('binaryData', 'field is immutable when `immutable` is set'))
    }
    return [...errors, ...validate(o)]
  },
  columns: [
    nameColumn,
    column('Data', (o) => Object.keys(o.data ?? {}).length + Object.keys(o.binaryData ?? {}).length, 'string'),
    ageColumn,
  ],
})
