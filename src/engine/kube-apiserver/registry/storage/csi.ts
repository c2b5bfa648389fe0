import type { CSIDriver, CSINode, VolumeAttachment } from '../../../api'
import { deepEqual, invalid, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

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
  columns: [nameColumn, column('Drivers', (o) => o.spec.drivers?.length ?? 0, 'integer'), ageColumn],
})

/** VolumeAttachment. Upstream: pkg/registry/storage/volumeattachment. */
export const volumeAttachment = define<VolumeAttachment>({
  resource: 'volumeattachments',
  subresources: ['status'],
  validate(o) {
    const errors: FieldError[] = []
    if (!o.spec.attacher) errors.push(required('spec.attacher'))
    if (!o.spec.nodeName) errors.push(required('spec.nodeName'))
    if (o.spec.source?.persistentVolumeName == null && o.spec.source?.inlineVolumeSpec == null) errors.push(required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'))
    return errors
  },
  validateUpdate: (o, old) => (deepEqual(o.spec, old.spec) ? [] : [invalid('spec', o.spec, 'field is immutable')]),
  columns: [
    nameColumn,
    column('Attacher', (o) => o.spec.attacher),
    column('PV', (o) => o.spec.source.persistentVolumeName ?? ''),
    column('Node', (o) => o.spec.nodeName),
    column('Attached', (o) => String(o.status?.attached ?? false)),
    ageColumn,
  ],
})
