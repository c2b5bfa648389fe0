import {
  dns1123LabelErrors, dns1123SubdomainErrors, forbidden, invalid, labelValueErrors, qualifiedNameErrors, required, tooLong, type FieldError, type KubeObject, type OwnerReference,
} from '../apimachinery'
import type { Ctx } from '../sim'
import type { Served } from './served'

const mostAnnotationBytes = 256 * 1024

/** A random UUID of version 4. */
export function newUid(ctx: Ctx): string {
  const { rng } = ctx
  const a = hex(rng.uint32())
  const b = hex(rng.uint32())
  const c = hex(rng.uint32())
  const d = hex(rng.uint32())
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${'89ab'[Number.parseInt(c[0] as string, 16) & 3]}${c.slice(1, 4)}-${c.slice(4)}${d}`
}

function hex(n: number): string {
  return n.toString(16).padStart(8, '0')
}

/** What is wrong with an object's metadata. Upstream: apimachinery/pkg/api/validation/objectmeta.go ValidateObjectMetaAccessor */
export function validateObjectMeta(o: KubeObject, served: Served): FieldError[] {
  const { metadata: m } = o
  const errors: FieldError[] = []
  const nameErrors = served.strategy.validateName ?? ((name: string) => dns1123SubdomainErrors(name))
  if (m.generateName) for (const e of nameErrors(masked(m.generateName), true)) errors.push(invalid('metadata.generateName', m.generateName, e))
  if (!m.name) errors.push(required('metadata.name', 'name or generateName is required'))
  else for (const e of nameErrors(m.name, false)) errors.push(invalid('metadata.name', m.name, e))
  if (served.info.namespaced) {
    if (!m.namespace) errors.push(required('metadata.namespace'))
    else for (const e of dns1123LabelErrors(m.namespace)) errors.push(invalid('metadata.namespace', m.namespace, e))
  } else if (m.namespace) errors.push(forbidden('metadata.namespace', 'not allowed on this type'))
  if (m.labels) labelErrors(m.labels, errors)
  if (m.annotations) annotationErrors(m.annotations, errors)
  if (m.ownerReferences) ownerErrors(m.ownerReferences, errors)
  if (m.finalizers) finalizerErrors(m.finalizers, errors)
  return errors
}

/** A prefix may end with a dash. Upstream: apimachinery/pkg/api/validation maskTrailingDash */
function masked(prefix: string): string {
  return prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix
}

function labelErrors(labels: Readonly<Record<string, string>>, errors: FieldError[]): void {
  for (const k of Object.keys(labels)) {
    for (const e of qualifiedNameErrors(k)) errors.push(invalid('metadata.labels', k, e))
    const value = labels[k] as string
    for (const e of labelValueErrors(value)) errors.push(invalid('metadata.labels', value, e))
  }
}

function annotationErrors(annotations: Readonly<Record<string, string>>, errors: FieldError[]): void {
  let size = 0
  for (const k of Object.keys(annotations)) {
    for (const e of qualifiedNameErrors(k.toLowerCase())) errors.push(invalid('metadata.annotations', k, e))
    size += k.length + (annotations[k] as string).length
  }
  if (size > mostAnnotationBytes) errors.push(tooLong('metadata.annotations', mostAnnotationBytes))
}

function ownerErrors(owners: readonly OwnerReference[], errors: FieldError[]): void {
  let controllers = 0
  for (const r of owners) {
    if (!r.apiVersion) errors.push(invalid('metadata.ownerReferences.apiVersion', r.apiVersion ?? '', 'version must not be empty'))
    if (!r.kind) errors.push(invalid('metadata.ownerReferences.kind', r.kind ?? '', 'must not be empty'))
    if (!r.name) errors.push(invalid('metadata.ownerReferences.name', r.name ?? '', 'must not be empty'))
    if (!r.uid) errors.push(invalid('metadata.ownerReferences.uid', r.uid ?? '', 'must not be empty'))
    if (r.controller && ++controllers === 2) {
      errors.push(invalid('metadata.ownerReferences', owners, 'Only one reference can have Controller set to true. Found "true" in references for ' + owners.filter((x) => x.controller).map((x) => `${x.kind}/${x.name}`).slice(0, 2).join(' and ')))
    }
  }
}

const plainFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])

function finalizerErrors(finalizers: readonly string[], errors: FieldError[]): void {
  for (const f of finalizers) {
    for (const e of qualifiedNameErrors(f)) errors.push(invalid('metadata.finalizers', f, e))
    if (!f.includes('/') && !plainFinalizers.has(f)) errors.push(invalid('metadata.finalizers', f, 'name is neither a standard finalizer name nor is it fully qualified'))
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalid('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'))
  }
}

/** What an update may not change. Upstream: ValidateObjectMetaAccessorUpdate */
export function validateObjectMetaUpdate(o: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const m = o.metadata
  const was = old.metadata
  const fixed = (field: 'name' | 'namespace' | 'uid' | 'creationTimestamp') => {
    if ((m[field] ?? '') !== (was[field] ?? '')) errors.push(invalid(`metadata.${field}`, m[field], 'field is immutable'))
  }
  fixed('name')
  fixed('namespace')
  fixed('uid')
  fixed('creationTimestamp')
  if (was.deletionTimestamp !== undefined) {
    const added = (m.finalizers ?? []).filter((f) => !was.finalizers?.includes(f))
    if (added.length > 0) {
      errors.push(forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((f) => `"${f}"`).join(', ')}}`))
    }
  }
  return errors
}
