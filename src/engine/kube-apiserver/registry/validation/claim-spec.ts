import type { PersistentVolumeClaimSpec, PersistentVolumeClaimTemplate, TypedObjectReference } from '../../../api'
import { dns1123SubdomainErrors, forbidden, invalid, notSupported, quantity, quantitySign, required, type FieldError } from '../../../apimachinery'
import { validateLabelSelector } from './label-selector'
import { nameIsLabel, validateAnnotations, validateLabels } from './object-meta'

/** Ways a volume can be mounted, as messages list them. */
const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']
const VOLUME_MODES = ['Block', 'Filesystem']

/** Access modes of a claim or a volume. */
export function validateAccessModes(modes: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) errors.push(notSupported(path, mode, ACCESS_MODES))
  if (modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && ACCESS_MODES.includes(mode))) {
    errors.push(forbidden(path, 'may not use ReadWriteOncePod with other access modes'))
  }
  return errors
}

/** Filesystem or raw block device. */
export function validateVolumeMode(mode: string | undefined, path: string): FieldError[] {
  return mode == null || VOLUME_MODES.includes(mode) ? [] : [notSupported(path, mode, VOLUME_MODES)]
}

/** The name of a class. Upstream: ValidateClassName. */
export function validateClassName(name: string | undefined, path: string): FieldError[] {
  return name ? dns1123SubdomainErrors(name).map((m) => invalid(path, name, m)) : []
}

/** Rules of a claim's spec, also inside a StatefulSet or a volume of a pod. Upstream: ValidatePersistentVolumeClaimSpec. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'))
  errors.push(...validateLabelSelector(spec.selector, `${path}.selector`), ...validateAccessModes(modes, `${path}.accessModes`))
  const storage = spec.resources?.requests?.storage
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`))
  else if (quantitySign(quantity(storage)) <= 0) errors.push(invalid(`${path}.resources[storage]`, quantity(storage).text, 'must be greater than zero'))
  errors.push(...validateClassName(spec.storageClassName, `${path}.storageClassName`), ...validateVolumeMode(spec.volumeMode, `${path}.volumeMode`))
  const { dataSource, dataSourceRef } = spec
  if (dataSource != null) errors.push(...dataSourceErrors(dataSource, `${path}.dataSource`))
  if (dataSourceRef != null) errors.push(...dataSourceErrors(dataSourceRef, `${path}.dataSourceRef`))
  if (dataSource != null && dataSourceRef != null) {
    // The server hands over the path where the value should be, and prints it as it is in memory.
    if (dataSourceRef.namespace) errors.push(invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified'))
    else if ((['apiGroup', 'kind', 'name'] as const).some((field) => dataSource[field] !== dataSourceRef[field])) errors.push(invalid(path, {}, 'must match dataSourceRef'))
  }
  errors.push(...validateClassName(spec.volumeAttributesClassName, `${path}.volumeAttributesClassName`))
  return errors
}

function dataSourceErrors(source: TypedObjectReference, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!source.name) errors.push(required(`${path}.name`))
  if (!source.kind) errors.push(required(`${path}.kind`))
  if (!source.apiGroup && source.kind !== 'PersistentVolumeClaim') errors.push(invalid(path, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup"))
  if (source.apiGroup) for (const message of dns1123SubdomainErrors(source.apiGroup)) errors.push(invalid(`${path}.apiGroup`, source.apiGroup, message))
  if (source.namespace) for (const message of nameIsLabel(source.namespace, false)) errors.push(invalid(`${path}.namespace`, source.namespace, message))
  return errors
}

/** The claim that a volume of a pod brings along. Upstream: ValidatePersistentVolumeClaimTemplate, ValidateTemplateObjectMeta. */
export function validateClaimTemplate(template: PersistentVolumeClaimTemplate, path: string): FieldError[] {
  const meta: Readonly<Record<string, unknown>> = { ...template.metadata }
  const errors = [...validateAnnotations(template.metadata?.annotations, `${path}.metadata.annotations`), ...validateLabels(template.metadata?.labels, `${path}.metadata.labels`)]
  for (const field in meta) {
    if (field !== 'annotations' && field !== 'labels' && meta[field] !== undefined && meta[field] !== '') errors.push(forbidden(`${path}.metadata.${field}`, 'cannot be set'))
  }
  return [...errors, ...validateClaimSpec(template.spec ?? {}, `${path}.spec`)]
}
