import type { Namespace } from '../../../api'
import { deepEqual, dns1123LabelErrors, invalid, qualifiedNameErrors, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

function validateFinalizers(o: Namespace, isFinalize = false): FieldError[] {
  const errors: FieldError[] = []
  ;(o.spec?.finalizers ?? []).forEach((name, i) => {
    const path = isFinalize ? `spec.finalizers[${i}]` : 'spec.finalizers'
    for (const message of qualifiedNameErrors(name)) errors.push(invalid(path, name, message))
    if (!name.includes('/') && name !== 'kubernetes') errors.push(invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified'))
  })
  return errors
}

/**
 * Namespace. The server deletes one only when spec.finalizers is empty; `finalize` is the subresource that empties it.
 * Upstream: pkg/registry/core/namespace.
 */
export const namespace = define<Namespace>({
  resource: 'namespaces',
  shortNames: ['ns'],
  subresources: ['status', 'finalize'],
  validateName: (name, prefix) => dns1123LabelErrors(prefix && name.endsWith('-') ? `${name.slice(0, -1)}a` : name),
  defaults(o) {
    // The label every namespace carries, so that policies can select it by name.
    if (o.metadata.name !== undefined && o.metadata.name !== '' && o.metadata.labels?.['kubernetes.io/metadata.name'] !== o.metadata.name) {
      o.metadata.labels = { ...o.metadata.labels, 'kubernetes.io/metadata.name': o.metadata.name }
    }
  },
  prepareForCreate(o) {
    o.status = { phase: 'Active' }
    const finalizers = o.spec.finalizers ?? []
    o.spec = { ...o.spec, finalizers: finalizers.includes('kubernetes') ? finalizers : [...finalizers, 'kubernetes'] }
  },
  validate: (o) => validateFinalizers(o),
  validateUpdate: (o, _old, write) => (write.subresource === 'finalize' ? validateFinalizers(o, true) : []),
  prepareForUpdate(o, old, write) {
    // Only the finalize subresource changes what keeps a namespace alive.
    if (write.subresource !== 'finalize') o.spec = { ...o.spec, finalizers: old.spec.finalizers! }
    if (o.spec.finalizers === undefined) delete o.spec.finalizers
  },
  validateStatusUpdate(o, old) {
    const phase = o.status?.phase
    const deleting = old.metadata.deletionTimestamp !== undefined
    if (deleting && phase !== 'Terminating') return [invalid('status.Phase', phase, "may only be 'Terminating' if `deletionTimestamp` is not empty")]
    if (!deleting && phase !== 'Active' && !deepEqual(o.status, old.status)) return [invalid('status.Phase', phase, "may only be 'Active' if `deletionTimestamp` is empty")]
    return []
  },
  fields: { 'status.phase': (o) => o.status?.phase ?? '', name: (o) => o.metadata.name },
  columns: [nameColumn, column('Status', (o) => o.status?.phase ?? ''), ageColumn],
})
