import { resourcePath, type PersistentVolume, type PersistentVolumeClaim, type StorageClass } from '../api'
import { compareQuantity, quantity, type KubeObject } from '../apimachinery'
import { referenceTo, type Client, type EventRecorder, type InformerFactory, type Reply } from '../client-go'
import { MS, type Ctx, type Message } from '../sim'

/** The driver's part of growing a volume. Units: µs. */
const driverTime = 1500 * MS

/** Answers to a resizer's writes, and its driver's. `size`: what is asked for. */
export interface ResizeMessage extends Message {
  readonly type: 'resizer/marked' | 'resizer/grown' | 'resizer/volume' | 'resizer/done'
  readonly key: string
  readonly size: string
}

/** What the resizer needs of the process that it runs in. */
export interface ResizerHost {
  readonly client: Client
  readonly informers: InformerFactory
  readonly recorder: EventRecorder
  /** Claims (by namespace and name) whose volumes are being grown. Bounds: one for each that exists. */
  readonly resizing: Set<string>
}

const merge = 'application/merge-patch+json'

/** A bound claim of ours that wants more than it has, and whose class lets it. Upstream: external-resizer/pkg/controller pvcNeedResize */
function wantsMore(host: ResizerHost, c: PersistentVolumeClaim, provisioner: string): string | undefined {
  const wanted = c.spec.resources?.requests?.storage
  const has = c.status?.capacity?.storage
  if (c.status?.phase !== 'Bound' || c.metadata.deletionTimestamp !== undefined || wanted === undefined || has === undefined || compareQuantity(quantity(wanted), quantity(has)) <= 0) return undefined
  // The driver has done its part: the rest is the node's.
  if (c.status.allocatedResourceStatuses?.storage?.startsWith('NodeResize') && c.status.allocatedResources?.storage === wanted) return undefined
  const sc = host.informers.cache<StorageClass>('storageclasses').get('', c.spec.storageClassName ?? '')
  const pv = host.informers.cache<PersistentVolume>('persistentvolumes').get('', c.spec.volumeName ?? '')
  return sc?.allowVolumeExpansion === true && pv?.metadata.annotations?.['pv.kubernetes.io/provisioned-by'] === provisioner ? wanted : undefined
}

/** Begins to grow the volume of a claim that asks for more. Upstream: external-resizer, as the sidecar of a CSI driver */
export function considerGrowth(host: ResizerHost, c: PersistentVolumeClaim, key: string, provisioner: string, ctx: Ctx): void {
  const size = host.resizing.has(key) ? undefined : wantsMore(host, c, provisioner)
  if (size === undefined) return
  host.resizing.add(key)
  host.recorder.event(ctx, referenceTo(c as KubeObject), 'Normal', 'Resizing', `External resizer is resizing volume ${c.spec.volumeName ?? ''}`)
  writeStatus(host, c, { type: 'resizer/marked', key, size }, { allocatedResources: { storage: size }, allocatedResourceStatuses: { storage: 'ControllerResizeInProgress' }, conditions: [condition('Resizing', '', ctx)] }, ctx)
}

/** A write is done, or the driver is. True when the message was the resizer's. */
export function resizerStep(host: ResizerHost, then: Message, response: Reply['response'] | undefined, ctx: Ctx): boolean {
  const { type, key, size } = then as ResizeMessage
  if (!type.startsWith('resizer/')) return false
  const c = host.informers.cache<PersistentVolumeClaim>('persistentvolumeclaims').byKey(key)
  const failed = response !== undefined && (response.code === 0 || response.code >= 400)
  if (c === undefined || failed) host.resizing.delete(key)
  else if (type === 'resizer/marked') {
    const grown: ResizeMessage = { type: 'resizer/grown', key, size }
    ctx.after(driverTime, grown)
  } else if (type === 'resizer/grown') {
    const volume: ResizeMessage = { type: 'resizer/volume', key, size }
    host.client.send(ctx, { verb: 'patch', path: resourcePath('persistentvolumes', undefined, c.spec.volumeName ?? ''), patchType: merge, body: { spec: { capacity: { storage: size } } } }, volume)
  } else if (type === 'resizer/volume') {
    const pending = condition('FileSystemResizePending', 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.', ctx)
    writeStatus(host, c, { type: 'resizer/done', key, size }, { allocatedResourceStatuses: { storage: 'NodeResizePending' }, conditions: [pending] }, ctx)
    host.recorder.event(ctx, referenceTo(c as KubeObject), 'Normal', 'FileSystemResizeRequired', 'Require file system resize of volume on node')
  } else host.resizing.delete(key)
  return true
}

function condition(type: string, message: string, ctx: Ctx): object {
  return { type, status: 'True', lastProbeTime: null, lastTransitionTime: ctx.wallTime(), ...(message === '' ? {} : { message }) }
}

function writeStatus(host: ResizerHost, c: PersistentVolumeClaim, then: ResizeMessage, status: object, ctx: Ctx): void {
  host.client.send(ctx, { verb: 'patch', path: resourcePath('persistentvolumeclaims', c.metadata.namespace, c.metadata.name, 'status'), patchType: merge, body: { status } }, then)
}
