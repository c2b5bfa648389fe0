import type { CSIDriver, CSINode, VolumeAttachment } from '../../../api'
import {
  deepEqual, dns1123SubdomainErrors, duplicate, forbidden, invalid, notSupported, qualifiedNameErrors, required, type FieldError,
} from '../../../apimachinery'
import { validateVolumeSpec } from '../core/persistent-volume'
import { ageColumn, column, define, nameColumn } from '../define'
import { nonNegative } from '../validation/numbers'
import { validateDriverName } from '../validation/volume-sources'

function validateDriver(o: CSIDriver): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  const policies = ['File', 'None', 'ReadWriteOnceWithFSType']
  if (spec.fsGroupPolicy != null && !policies.includes(spec.fsGroupPolicy)) errors.push(notSupported('spec.fsGroupPolicy', spec.fsGroupPolicy, policies))
  const audiences = new Set<string>()
  ;(spec.tokenRequests ?? []).forEach((request, i) => {
    const at = `spec.tokenRequests[${i}]`
    if (audiences.has(request.audience)) return void errors.push(duplicate(`${at}.audience`, request.audience))
    audiences.add(request.audience)
    const seconds = request.expirationSeconds
    if (seconds != null && seconds < 600) errors.push(invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'))
    if (seconds != null && seconds > 2 ** 32) errors.push(invalid(`${at}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'))
  })
  const modes = ['Persistent', 'Ephemeral']
  for (const mode of spec.volumeLifecycleModes ?? []) if (!modes.includes(mode)) errors.push(notSupported('spec.volumeLifecycleModes', mode, modes))
  const period = spec.nodeAllocatableUpdatePeriodSeconds
  if (period != null && period < 10) errors.push(invalid('spec.nodeAllocatableUpdatePeriodSeconds', period, 'must be greater than or equal to 10 seconds'))
  return errors
}

function validateNodeDrivers(o: CSINode): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  ;(o.spec.drivers ?? []).forEach((driver, i) => {
    const at = `spec.drivers[${i}]`
    errors.push(...validateDriverName(driver.name, `${at}.name`))
    if (!driver.nodeID) errors.push(required(`${at}.nodeID`))
    else if (driver.nodeID.length > 256) errors.push(invalid(`${at}.nodeID`, driver.nodeID, 'must be 256 characters or less'))
    errors.push(...nonNegative(driver.allocatable?.count, `${at}.allocatable.count`))
    if (names.has(driver.name)) errors.push(duplicate(`${at}.name`, driver.name))
    names.add(driver.name)
    ;(driver.topologyKeys ?? []).forEach((key, j, keys) => {
      if (key === '') errors.push(required(at))
      if (keys.indexOf(key) < j) errors.push(duplicate(at, key))
      for (const message of qualifiedNameErrors(key)) errors.push(invalid(at, key, message))
    })
  })
  return errors
}

function validateAttachment(o: VolumeAttachment, isNew: boolean): FieldError[] {
  const { attacher, nodeName, source } = o.spec
  const errors: FieldError[] = []
  if (!attacher) errors.push(required('spec.attacher'))
  const [name, inline] = [source?.persistentVolumeName, source?.inlineVolumeSpec]
  const text = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'
  if (name == null && inline == null) errors.push(required('spec.source', text))
  else if (name != null && inline != null) errors.push(forbidden('spec.source', text))
  else if (name === '') errors.push(required('spec.source.persistentVolumeName', 'must specify non empty persistentVolumeName'))
  else if (inline != null) errors.push(...validateVolumeSpec(inline, '', true, 'spec.source.inlineVolumeSpec'))
  for (const message of dns1123SubdomainErrors(nodeName ?? '')) errors.push(invalid('spec.nodeName', nodeName ?? '', message))
  if (!isNew) return errors
  errors.push(...validateDriverName(attacher, 'spec.attacher'))
  if (name != null) for (const message of dns1123SubdomainErrors(name)) errors.push(invalid('spec.source.persistentVolumeName', name, message))
  return errors
}

/** CSIDriver. Upstream: pkg/registry/storage/csidriver, printCSIDriver. */
export const csiDriver = define<CSIDriver>({
  resource: 'csidrivers',
  defaults(o) {
    const { spec } = o
    spec.attachRequired ??= true
    spec.podInfoOnMount ??= false
    spec.storageCapacity ??= false
    spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType'
    if ((spec.volumeLifecycleModes ?? []).length === 0) spec.volumeLifecycleModes = ['Persistent']
    spec.requiresRepublish ??= false
    spec.seLinuxMount ??= false
  },
  validate: validateDriver,
  validateUpdate(o, old) {
    const errors = validateDriver(o)
    if (o.spec.attachRequired !== old.spec.attachRequired) errors.push(invalid('spec.attachedRequired', o.spec.attachRequired, 'field is immutable'))
    if (!deepEqual(o.spec.volumeLifecycleModes, old.spec.volumeLifecycleModes)) errors.push(invalid('spec.volumeLifecycleModes', o.spec.volumeLifecycleModes, 'field is immutable'))
    return errors
  },
  columns: [
    nameColumn,
    column('AttachRequired', (o) => String(o.spec.attachRequired ?? true)),
    column('PodInfoOnMount', (o) => String(o.spec.podInfoOnMount ?? false)),
    column('StorageCapacity', (o) => String(o.spec.storageCapacity ?? false)),
    column('TokenRequests', (o) => (o.spec.tokenRequests ?? []).map((t) => t.audience).join(',') || '<unset>'),
    column('RequiresRepublish', (o) => String(o.spec.requiresRepublish ?? false)),
    column('Modes', (o) => (o.spec.volumeLifecycleModes ?? []).join(',') || '<none>'),
    ageColumn,
  ],
})

/** CSINode: which drivers a node has. Upstream: pkg/registry/storage/csinode. */
export const csiNode = define<CSINode>({
  resource: 'csinodes',
  validate: validateNodeDrivers,
  validateUpdate: (o) => validateNodeDrivers(o),
  columns: [nameColumn, column('Drivers', (o) => o.spec.drivers?.length ?? 0, 'integer'), ageColumn],
})

/** VolumeAttachment. Upstream: pkg/registry/storage/volumeattachment. */
export const volumeAttachment = define<VolumeAttachment>({
  resource: 'volumeattachments',
  subresources: ['status'],
  validate: (o) => validateAttachment(o, true),
  validateUpdate(o, old) {
    const errors = validateAttachment(o, false)
    if (!deepEqual(o.spec, old.spec)) errors.push(invalid('spec', o.spec, 'field is immutable'))
    return errors
  },
  columns: [
    nameColumn,
    column('Attacher', (o) => o.spec.attacher),
    column('PV', (o) => o.spec.source.persistentVolumeName ?? ''),
    column('Node', (o) => o.spec.nodeName),
    column('Attached', (o) => String(o.status?.attached ?? false)),
    ageColumn,
  ],
})
