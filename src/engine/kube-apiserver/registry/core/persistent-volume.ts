import type { PersistentVolume, PersistentVolumeSpec } from '../../../api'
import { deepEqual, dns1123SubdomainErrors, forbidden, invalid, notSupported, quantity, quantitySign, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn, wide } from '../define'
import { defaultLegacySources } from '../defaults/volumes'
import { validateNodeSelector } from '../validation/affinity'
import { internalDiff } from '../validation/internal-diff'
import { hostPathErrors, nfsErrors } from '../validation/volumes'
import { ACCESS_MODES, accessModes } from './persistent-volume-claim'

const SOURCES = [
  'hostPath', 'gcePersistentDisk', 'awsElasticBlockStore', 'glusterfs', 'flocker', 'nfs', 'rbd', 'quobyte', 'cephfs', 'iscsi', 'cinder', 'fc', 'flexVolume',
  'azureFile', 'vsphereVolume', 'photonPersistentDisk', 'portworxVolume', 'azureDisk', 'scaleIO', 'local', 'storageos', 'csi',
] as const
const RECLAIM = ['Delete', 'Recycle', 'Retain']
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

function sourceErrors(spec: PersistentVolumeSpec): FieldError[] {
  const errors: FieldError[] = []
  let count = 0
  for (const source of SOURCES) {
    if (spec[source] == null) continue
    if (count++ > 0) {
      errors.push(forbidden(`spec.${source}`, 'may not specify more than 1 volume type'))
      continue
    }
    if (source === 'hostPath') errors.push(...hostPathErrors(spec.hostPath!, 'spec.hostPath'))
    if (source === 'nfs') errors.push(...nfsErrors(spec.nfs!, 'spec.nfs'))
    if (source === 'csi') {
      if (!spec.csi!.driver) errors.push(required('spec.csi.driver'))
      if (!spec.csi!.volumeHandle) errors.push(required('spec.csi.volumeHandle'))
    }
    if (source === 'local') {
      if (!spec.local!.path) errors.push(required('spec.local.path'))
      if (spec.nodeAffinity == null) errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'))
    }
  }
  if (count === 0) errors.push(required('spec', 'must specify a volume type'))
  return errors
}

function validate(o: PersistentVolume): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  const modes = spec.accessModes ?? []
  if (modes.length === 0) errors.push(required('spec.accessModes'))
  for (const mode of modes) if (!ACCESS_MODES.includes(mode)) errors.push(notSupported('spec.accessModes', mode, ACCESS_MODES))
  if (modes.includes('ReadWriteOncePod') && modes.length > 1) errors.push(forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes'))
  const capacity = spec.capacity ?? {}
  const names = Object.keys(capacity)
  if (names.length === 0) errors.push(required('spec.capacity'))
  else if (capacity.storage === undefined || names.length > 1) errors.push(notSupported('spec.capacity', capacity, ['storage']))
  for (const name of names) {
    if (quantitySign(quantity(capacity[name])) <= 0) errors.push(invalid(`spec.capacity[${name}]`, quantity(capacity[name]).text, 'must be greater than zero'))
  }
  const policy = spec.persistentVolumeReclaimPolicy
  if (policy && !RECLAIM.includes(policy)) errors.push(notSupported('spec.persistentVolumeReclaimPolicy', policy, RECLAIM))
  if (spec.nodeAffinity != null) {
    const path = 'spec.nodeAffinity.required'
    if (spec.nodeAffinity.required == null) errors.push(required(path, 'must specify required node constraints'))
    else errors.push(...validateNodeSelector(spec.nodeAffinity.required.nodeSelectorTerms, path))
  }
  errors.push(...sourceErrors(spec))
  if (spec.hostPath?.path === '/' && policy === 'Recycle') errors.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"))
  if (spec.storageClassName) for (const message of dns1123SubdomainErrors(spec.storageClassName)) errors.push(invalid('spec.storageClassName', spec.storageClassName, message))
  if (spec.volumeMode != null && spec.volumeMode !== 'Block' && spec.volumeMode !== 'Filesystem') errors.push(notSupported('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem']))
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
  validate,
  prepareForStatusUpdate(o, old, write) {
    const status = (o.status ??= {})
    if (status.phase !== old.status?.phase) status.lastPhaseTransitionTime = write.time
    else if (old.status?.lastPhaseTransitionTime !== undefined) status.lastPhaseTransitionTime = old.status.lastPhaseTransitionTime
  },
  validateUpdate(o, old) {
    const errors = validate(o)
    if (!deepEqual(pick(o.spec), pick(old.spec))) {
      errors.push(forbidden('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${internalDiff('PersistentVolumeSource', pick(old.spec), pick(o.spec))}`))
    }
    if (o.spec.volumeMode !== old.spec.volumeMode) errors.push(invalid('spec.volumeMode', o.spec.volumeMode, 'field is immutable'))
    if (old.spec.nodeAffinity != null && !deepEqual(o.spec.nodeAffinity, old.spec.nodeAffinity)) errors.push(invalid('spec.nodeAffinity', o.spec.nodeAffinity, 'field is immutable, except for updating from beta label to GA'))
    return errors
  },
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
