import {
  deepEqual, dns1123LabelErrors, dns1123SubdomainErrors, forbidden, goQuote, invalid, labelValueErrors, parseApiVersion, qualifiedNameErrors,
  required, tooLong, type FieldError, type KubeObject, type OwnerReference,
} from '../../../apimachinery'
import { byteLength } from './text'

/** Checks a name, or a generateName when `prefix` is true; answers messages. */
export type NameCheck = (name: string, prefix: boolean) => readonly string[]

const MAX_ANNOTATIONS = 256 * 1024
const NONE: readonly FieldError[] = []

/** A DNS subdomain: the rule for most names. Upstream: ValidateNameFunc NameIsDNSSubdomain. */
export const nameIsSubdomain: NameCheck = (name, prefix) => dns1123SubdomainErrors(prefix ? maskTrailingDash(name) : name)
/** A DNS label. Upstream: NameIsDNSLabel. */
export const nameIsLabel: NameCheck = (name, prefix) => dns1123LabelErrors(prefix ? maskTrailingDash(name) : name)
/** A path segment, for RBAC objects. Upstream: path.ValidatePathSegmentName. */
export const nameIsPathSegment: NameCheck = (name, prefix) => {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((c) => name.includes(c)).map((c) => `may not contain '${c}'`)
}

/** A generateName may end in a dash, since letters follow. Upstream: maskTrailingDash. */
export function maskTrailingDash(name: string): string {
  return name.length > 1 && name.endsWith('-') ? `${name.slice(0, -1)}a` : name
}

/**
 * Checks metadata of an object to be created. Upstream: pkg/apis/core/validation ValidateObjectMeta, apimachinery ValidateObjectMetaAccessor.
 */
export function validateObjectMeta(object: Pick<KubeObject, 'metadata'>, namespaced: boolean, nameCheck: NameCheck = nameIsSubdomain, path = 'metadata'): readonly FieldError[] {
  const meta = object.metadata
  const errors: FieldError[] = []
  if (meta.generateName !== undefined && meta.generateName !== '') {
    for (const message of nameCheck(meta.generateName, true)) errors.push(invalid(`${path}.generateName`, meta.generateName, message))
  }
  if (meta.name === undefined || meta.name === '') errors.push(required(`${path}.name`, 'name or generateName is required'))
  else for (const message of nameCheck(meta.name, false)) errors.push(invalid(`${path}.name`, meta.name, message))
  const namespace = meta.namespace ?? ''
  if (namespaced) {
    if (namespace === '') errors.push(required(`${path}.namespace`))
    else for (const message of dns1123LabelErrors(namespace)) errors.push(invalid(`${path}.namespace`, namespace, message))
  } else if (namespace !== '') errors.push(forbidden(`${path}.namespace`, 'not allowed on this type'))
  if (meta.generation !== undefined && meta.generation < 0) errors.push(invalid(`${path}.generation`, meta.generation, 'must be greater than or equal to 0'))
  addLabelErrors(errors, meta.labels, `${path}.labels`)
  addAnnotationErrors(errors, meta.annotations, `${path}.annotations`)
  addOwnerErrors(errors, meta.ownerReferences, `${path}.ownerReferences`)
  addFinalizerErrors(errors, meta.finalizers, `${path}.finalizers`)
  return errors.length === 0 ? NONE : errors
}

/** Checks metadata of an update against what is stored. Upstream: ValidateObjectMetaUpdate, ValidateObjectMetaAccessorUpdate. */
export function validateObjectMetaUpdate(object: Pick<KubeObject, 'metadata'>, old: Pick<KubeObject, 'metadata'>, path = 'metadata'): readonly FieldError[] {
  const next = object.metadata
  const last = old.metadata
  const errors: FieldError[] = []
  if (last.deletionTimestamp !== undefined) {
    const known = last.finalizers ?? []
    const added = (next.finalizers ?? []).filter((name) => !known.includes(name)).sort()
    if (added.length > 0) {
      errors.push(forbidden(`${path}.finalizers`,
        `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map(goQuote).join(', ')}}`))
    }
  }
  if (next.resourceVersion === undefined || next.resourceVersion === '') {
    errors.push(invalid(`${path}.resourceVersion`, '', 'must be specified for an update'))
  }
  if ((next.generation ?? 0) < (last.generation ?? 0)) errors.push(invalid(`${path}.generation`, next.generation ?? 0, 'must not be decremented'))
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if ((next[field] ?? '') !== (last[field] ?? '')) errors.push(invalid(`${path}.${field}`, next[field] ?? null, 'field is immutable'))
  }
  // What did not change was checked when it came; comparing is cheaper than checking.
  if (next.labels !== last.labels && !deepEqual(next.labels, last.labels)) addLabelErrors(errors, next.labels, `${path}.labels`)
  if (next.annotations !== last.annotations && !deepEqual(next.annotations, last.annotations)) addAnnotationErrors(errors, next.annotations, `${path}.annotations`)
  if (next.ownerReferences !== last.ownerReferences) addOwnerErrors(errors, next.ownerReferences, `${path}.ownerReferences`)
  if (next.finalizers !== last.finalizers && !deepEqual(next.finalizers, last.finalizers)) addFinalizerErrors(errors, next.finalizers, `${path}.finalizers`)
  return errors.length === 0 ? NONE : errors
}

/** Labels of an object, a template or a selector. Upstream: unversioned validation ValidateLabels. */
export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  addLabelErrors(errors, labels, path)
  return errors
}

/** Annotations of an object or a template. Upstream: ValidateAnnotations. */
export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  addAnnotationErrors(errors, annotations, path)
  return errors
}

function addLabelErrors(errors: FieldError[], labels: Readonly<Record<string, string>> | undefined, path: string): void {
  if (labels == null) return
  for (const name in labels) {
    for (const message of qualifiedNameErrors(name)) errors.push(invalid(path, name, message))
    for (const message of labelValueErrors(labels[name]!)) errors.push(invalid(path, labels[name], message))
  }
}

function addAnnotationErrors(errors: FieldError[], annotations: Readonly<Record<string, string>> | undefined, path: string): void {
  if (annotations == null) return
  let total = 0
  for (const name in annotations) {
    for (const message of qualifiedNameErrors(name.toLowerCase())) errors.push(invalid(path, name, message))
    total += byteLength(name) + byteLength(annotations[name]!)
  }
  if (total > MAX_ANNOTATIONS) errors.push(tooLong(path, MAX_ANNOTATIONS))
}

function addOwnerErrors(errors: FieldError[], owners: readonly OwnerReference[] | undefined, path: string): void {
  if (owners == null) return
  let controller = ''
  for (const owner of owners) {
    const { group, version } = parseApiVersion(owner.apiVersion ?? '')
    if (version === '') errors.push(invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'))
    if (!owner.kind) errors.push(invalid(`${path}.kind`, owner.kind ?? '', 'must not be empty'))
    if (!owner.name) errors.push(invalid(`${path}.name`, owner.name ?? '', 'must not be empty'))
    if (!owner.uid) errors.push(invalid(`${path}.uid`, owner.uid ?? '', 'must not be empty'))
    if (group === '' && version === 'v1' && owner.kind === 'Event') errors.push(invalid(path, owner, '/v1, Kind=Event is disallowed from being an owner'))
    if (owner.controller !== true) continue
    if (controller !== '') {
      errors.push(invalid(path, owners, `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`))
    }
    controller = owner.name
  }
}

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

function addFinalizerErrors(errors: FieldError[], finalizers: readonly string[] | undefined, path: string): void {
  if (finalizers == null) return
  for (const name of finalizers) for (const message of qualifiedNameErrors(name)) errors.push(invalid(path, name, message))
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
  finalizers.forEach((name, i) => {
    if (!name.includes('/') && !STANDARD_FINALIZERS.includes(name)) {
      errors.push(invalid(`${path}[${i}]`, name, 'name is neither a standard finalizer name nor is it fully qualified'))
    }
  })
}
