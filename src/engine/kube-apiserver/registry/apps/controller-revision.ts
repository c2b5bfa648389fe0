import type { ControllerRevision } from '../../../api'
import { controllerOf, deepEqual, invalid, parseApiVersion, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { nonNegative } from '../validation/numbers'

function controller(o: ControllerRevision): string {
  const owner = controllerOf(o)
  if (owner === undefined) return '<none>'
  const { group } = parseApiVersion(owner.apiVersion)
  const kind = owner.kind.toLowerCase()
  return `${group === '' ? kind : `${kind}.${group}`}/${owner.name}`
}

/** ControllerRevision: a kept template of a DaemonSet or StatefulSet. Upstream: pkg/registry/apps/controllerrevision. */
export const controllerRevision = define<ControllerRevision>({
  resource: 'controllerrevisions',
  validate(o) {
    const errors: FieldError[] = o.data === undefined ? [required('data', 'data is mandatory')] : []
    return [...errors, ...nonNegative(o.revision, 'revision')]
  },
  validateUpdate(o, old) {
    const errors = nonNegative(o.revision, 'revision')
    if (!deepEqual(o.data, old.data)) errors.push(invalid('data', o.data, 'field is immutable'))
    return errors
  },
  columns: [nameColumn, column('Controller', controller), column('Revision', (o) => o.revision), ageColumn],
})
