import type { PersistentVolume, PersistentVolumeSpec } from '../../../api'
import { deepEqual, forbidden, invalid, notSupported, quantity, quantitySign, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn, wide } from '../define'
import { defaultLegacySources } from '../defaults/volumes'
import { validateNodeSelector } from '../validation/affinity'
import { validateAccessModes, validateClassName, validateVolumeMode } from '../validation/claim-spec'
import { internalDiff, internalValue } from '../validation/internal-diff'
import { moreThanOne, validateLocalSource, validateSharedSource } from '../validation/volume-sources'
import { accessModes } from './persistent-volume-claim'

const SOURCES = [
  'hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker', 'nfs', 'rbd', 'quobyte', 'cephfs', 'iscsi', 'cinder', 'fc', 'flexVolume',
  'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'scaleIO', 'local', 'storageos', 'csi',
] as const
const RECLAIM = ['Delete', 'Recycle', 'Retain']
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

function sourceErrors(spec: PersistentVolumeSpec, name: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  let count = 0
  for (const source of SOURCES) {
    if (spec[source] == null) continue
    if (count++ > 0 && source !== 'flexVolume') errors.push(moreThanOne(`${path}.${source === 'cephfs' ? 'cephFS' : source}`))
    else if (source !== 'local') errors.push(...validateSharedSource(source, spec, `${path}.${source === 'gcePersistentDisk' ? 'persistentDisk' : source}`, { name }))
    else {
      errors.push(...validateLocalSource(spec.local!, `${path}.local`))
      if (spec.nodeAffinity?.required == null) errors.push(required(`${path}.nodeAffinity`, 'Local volume requires node affinity'))
    }
  }
  if (count === 0) errors.push(required(path, 'must specify a volume type'))
  return errors
}

/** Rules of a volume's spec; as part of an attachment it has no life of its own. Upstream: ValidatePersistentVolumeSpec. */
export function validateVolumeSpec(spec: PersistentVolumeSpec, name: string, isInline: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  const notInline = (field: string): FieldError => forbidden(`${path}.${field}`, 'may not be specified in the context of inline volumes')
  const capacity = spec.capacity ?? {}
  const names = Object.keys(capacity)
  if (isInline) {
    if (spec.claimRef != null) errors.push(notInline('claimRef'))
    if (names.length > 0) errors.push(notInline('capacity'))
    if (spec.csi == null) errors.push(required(`${path}.csi`, 'has to be specified in the context of inline volumes'))
  }
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required(`${path}.accessModes`))
  errors.push(...validateAccessModes(modes, `${path}.accessModes`))
  if (!isInline) errors.push(...capacityErrors(capacity, names, spec.capacity == null, `${path}.capacity`))
  const policy = spec.persistentVolumeReclaimPolicy
  if (policy && !isInline && !RECLAIM.includes(policy)) errors.push(notSupported(`${path}.persistentVolumeReclaimPolicy`, policy, RECLAIM))
  if (policy && isInline && policy !== 'Retain') errors.push(forbidden(`${path}.persistentVolumeReclaimPolicy`, 'may only be Retain in the context of inline volumes'))
  if (spec.nodeAffinity != null && isInline) errors.push(notInline('nodeAffinity'))
  else if (spec.nodeAffinity != null) {
    const at = `${path}.nodeAffinity.required`
    if (spec.nodeAffinity.required == null) errors.push(required(at, 'must specify required node constraints'))
    else errors.push(...validateNodeSelector(spec.nodeAffinity.required.nodeSelectorTerms, at))
  }
  errors.push(...sourceErrors(spec, name, path))
  if (spec.hostPath != null && /^\/[/.]*$/.test(spec.hostPath.path ?? '') && policy === 'Recycle') {
    errors.push(forbidden(`${path}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'"))
  }
  if (spec.storageClassName && isInline) errors.push(notInline('storageClassName'))
  else errors.push(...validateClassName(spec.storageClassName, `${path}.storageClassName`))
  if (!isInline) errors.push(...validateVolumeMode(spec.volumeMode, `${path}.volumeMode`))
  else if (spec.volumeMode != null && spec.volumeMode !== 'Filesystem') {
    errors.push(forbidden(`${path}.volumeMode`, 'may not specify volumeMode other than Filesystem in the context of inline volumes'))
  }
  if (spec.volumeAttributesClassName != null) {
    const at = `${path}.volumeAttributesClassName`
    errors.push(...(spec.volumeAttributesClassName === '' ? [required(at, 'an empty string is disallowed')] : validateClassName(spec.volumeAttributesClassName, at)))
    if (spec.csi == null) errors.push(required(`${path}.csi`, 'has to be specified when using volumeAttributesClassName'))
  }
  return errors
}

function capacityErrors(capacity: Readonly<Record<string, string>>, names: readonly string[], isAbsent: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (names.length === 0) errors.push(required(path))
  if (capacity.storage === undefined || names.length > 1) errors.push(notSupported(path, isAbsent ? null : capacity, ['storage']))
  for (const name of names) {
    const value = quantity(capacity[name])
    if (quantitySign(value) < 0) errors.push(invalid(`${path}[${name}]`, { }, 'must be a valid resource quantity'))
    if (quantitySign(value) <= 0) errors.push(invalid(`${path}[${name}]`, value.text, 'must be greater than zero'))
  }
  return errors
}

/** The source is kept, but for a secret of the resizer that comes later. */
function validateUpdate(o: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = validateVolumeSpec(o.spec, o.metadata.name, false, 'spec')
  const [next, last] = [pick(o.spec), pick(old.spec)]
  if (old.spec.csi != null && old.spec.csi.controllerExpandSecretRef === undefined && o.spec.csi?.controllerExpandSecretRef !== undefined) {
    const { controllerExpandSecretRef: _, ...csi } = o.spec.csi
    next.csi = csi
  }
  if (!deepEqual(next, last)) {
    errors.push(forbidden('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${internalDiff('PersistentVolumeSource', last, next)}`))
  }
  if (o.spec.volumeMode !== old.spec.volumeMode) errors.push(invalid('volumeMode', o.spec.volumeMode, 'field is immutable'))
  if (old.spec.nodeAffinity != null && !deepEqual(o.spec.nodeAffinity, old.spec.nodeAffinity)) {
    errors.push(invalid('nodeAffinity', o.spec.nodeAffinity == null ? null : internalValue('VolumeNodeAffinity', o.spec.nodeAffinity), 'field is immutable, except for updating from beta label to GA'))
  }
  if (old.spec.volumeAttributesClassName != null && o.spec.volumeAttributesClassName == null) {
    errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'))
  }
  return errors
}

const pick = (spec: PersistentVolumeSpec): Record<string, unknown> => Object.fromEntries(SOURCES.map((s) => [s, spec[s]]))

/** PersistentVolume. Upstream: pkg/registry/core/persistentvolume, ValidatePersistentVolume. */
export const persistentVolume = define<PersistentVolume>({
  resource: 'persistentvolumes',
  shortNames: ['pv'],
  subresources: ['status'],
  defaults(o) {
    o.status ??= {}
    o.status.phase ||= 'Pending'
    o.spec.persistentVolumeReclaimPolicy ||= 'Retain'
    o.spec.volumeMode ??= 'Filesystem'
    if (o.spec.hostPath != null) o.spec.hostPath.type ??= ''
    defaultLegacySources(o.spec as Parameters<typeof defaultLegacySources>[0])
  },
  prepareForCreate(o, write) {
    o.status = { phase: 'Pending', lastPhaseTransitionTime: write.time }
  },
  validate: (o) => validateVolumeSpec(o.spec, o.metadata.name, false, 'spec'),
  prepareForStatusUpdate(o, old, write) {
    const status = (o.status ??= {})
    if (status.phase !== old.status?.phase) status.lastPhaseTransitionTime = write.time
    else if (old.status?.lastPhaseTransitionTime !== undefined) status.lastPhaseTransitionTime = old.status.lastPhaseTransitionTime
  },
  validateUpdate,
  fields: { name: (o) => o.metadata.name },
  columns: [
    nameColumn,
    column('Capacity', (o) => quantity(o.spec.capacity?.storage).text),
    column('Access Modes', (o) => accessModes(o.spec.accessModes)),
    column('Reclaim Policy', (o) => o.spec.persistentVolumeReclaimPolicy ?? ''),
    column('Status', (o) => (o.metadata.deletionTimestamp === undefined ? o.status?.phase ?? '' : 'Terminating')),
    column('Claim', (o) => (o.spec.claimRef == null ? '' : `${o.spec.claimRef.namespace ?? ''}/${o.spec.claimRef.name ?? ''}`)),
    column('StorageClass', (o) => o.metadata.annotations?.[CLASS_ANNOTATION] ?? o.spec.storageClassName ?? ''),
    column('VolumeAttributesClass', (o) => o.spec.volumeAttributesClassName ?? '<unset>'),
    column('Reason', (o) => o.status?.reason ?? ''),
    ageColumn,
    wide('VolumeMode', (o) => o.spec.volumeMode ?? '<unset>'),
  ],
})
