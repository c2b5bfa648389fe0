import { sha256 } from '../../apimachinery'
import type { CSIDriver, CSINode, Node, PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment } from '../../api'
import { referenceTo } from '../../client-go'
import { MINUTE, MS, SECOND, type Micros } from '../../sim'
import { condition } from '../conditions'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { isPodTerminal } from '../pods'
import { createObject, deleteObject, patchObject } from '../requests'

/** After this a volume is taken from a node that does not answer. Upstream: attach_detach_controller.go maxWaitForUnmountDuration */
const forceDetachAfter = 6 * MINUTE

interface State {
  /** Since when a volume is wanted no more where it is attached, by VolumeAttachment. */
  readonly since: Map<string, Micros>
  /** Attachments (uid) whose success was told. */
  readonly told: Set<string>
}

type Env = ControllerEnv<State>

/**
 * Attaches CSI volumes to the nodes of the pods that use them, and detaches them afterwards; from a node that is not ready only after
 * 6 minutes. Keys: names of volumes. Upstream: pkg/controller/volume/attachdetach, pkg/volume/csi/csi_attacher.go
 */
export const attachDetachController: Controller<State> = {
  name: 'attachdetach',
  component: 'attachdetach-controller',
  resource: 'persistentvolumes',
  informers: [{ resource: 'pods' }, { resource: 'nodes' }, { resource: 'persistentvolumes' }, { resource: 'persistentvolumeclaims' }, { resource: 'volumeattachments' }, { resource: 'csidrivers' }, { resource: 'csinodes' }],
  workers: 1,
  backoff: { base: 500 * MS, max: 122 * SECOND },
  start: () => ({ since: new Map(), told: new Set() }),

  onDelta({ resource, type, object, old }, env) {
    const all = (): void => {
      for (const pv of env.cache<PersistentVolume>('persistentvolumes').list()) if (pv.spec.csi) env.enqueue(pv.metadata.name)
    }
    switch (resource) {
      case 'pods': {
        const now = object as Pod
        const before = old as Pod | undefined
        if (now.spec.volumes === undefined || !now.spec.nodeName) return
        if (type === 'updated' && before?.spec.nodeName && isPodTerminal(now) === isPodTerminal(before)) return
        for (const pv of volumesOf(now, env)) env.enqueue(pv)
        return
      }
      case 'persistentvolumes':
        if ((object as PersistentVolume).spec.csi && type !== 'deleted') env.enqueue(object.metadata.name as string)
        return
      case 'persistentvolumeclaims': {
        const name = (object as PersistentVolumeClaim).spec.volumeName
        if (name && env.cache<PersistentVolume>('persistentvolumes').get('', name)?.spec.csi) env.enqueue(name)
        return
      }
      case 'volumeattachments': {
        const name = (object as VolumeAttachment).spec.source.persistentVolumeName
        if (type === 'deleted') env.state.told.delete(object.metadata.uid as string)
        if (name) env.enqueue(name)
        return
      }
      case 'nodes':
        // A node that came back, went, or was marked out of service frees volumes at once.
        if (type === 'updated' && isReady(object as Node) === isReady(old as Node) && (object as Node).spec?.taints === (old as Node).spec?.taints) return
        return env.cache('volumeattachments').size > 0 ? all() : undefined
      default:
        all()
    }
  },

  reconcile(key, env) {
    const pv = env.cache<PersistentVolume>('persistentvolumes').get('', key)
    const attachments = [...env.cache<VolumeAttachment>('volumeattachments').list()].filter((a) => a.spec.source.persistentVolumeName === key)
    const users = pv?.spec.csi && attachable(pv, env) ? podsOn(pv, env) : []
    const nodes = [...new Set(users.map((p) => p.spec.nodeName as string))]
    const out: Intent[] = []
    for (const a of attachments) if (!nodes.includes(a.spec.nodeName)) out.push(...detach(a, key, env))
    if (pv !== undefined) for (const node of nodes) out.push(...attach(pv, node, users, attachments, env))
    return out
  },
}

const isReady = (n: Node | undefined): boolean => condition(n?.status?.conditions as never, 'Ready')?.status === 'True'

/** Names of the CSI volumes that a pod mounts through claims. */
function volumesOf(pod: Pod, env: Env): string[] {
  const out: string[] = []
  for (const v of pod.spec.volumes ?? []) {
    const name = v.persistentVolumeClaim?.claimName ?? (v.ephemeral ? `${pod.metadata.name}-${v.name}` : undefined)
    const volume = name === undefined ? undefined : env.cache<PersistentVolumeClaim>('persistentvolumeclaims').get(pod.metadata.namespace as string, name)?.spec.volumeName
    if (volume && env.cache<PersistentVolume>('persistentvolumes').get('', volume)?.spec.csi) out.push(volume)
  }
  return out
}

function podsOn(pv: PersistentVolume, env: Env): Pod[] {
  const { namespace, name } = pv.spec.claimRef ?? {}
  if (name === undefined) return []
  return [...env.cache<Pod>('pods').list()].filter((p) => p.metadata.namespace === namespace && p.spec.nodeName && p.spec.volumes !== undefined && !isPodTerminal(p) && volumesOf(p, env).includes(pv.metadata.name))
}

const attachable = (pv: PersistentVolume, env: Env): boolean => env.cache<CSIDriver>('csidrivers').get('', pv.spec.csi?.driver ?? '')?.spec.attachRequired !== false

const hex = (bytes: readonly number[]): string => bytes.map((b) => b.toString(16).padStart(2, '0')).join('')

function attach(pv: PersistentVolume, node: string, users: readonly Pod[], attachments: readonly VolumeAttachment[], env: Env): readonly Intent[] {
  const { name } = pv.metadata
  const { driver = '', volumeHandle = '' } = pv.spec.csi ?? {}
  const here = users.filter((p) => p.spec.nodeName === node)
  const tell = (type: 'Normal' | 'Warning', reason: string, message: string): Intent[] => here.map((p) => ({ do: 'event', about: referenceTo(p), type, reason, message }))
  const mine = attachments.find((a) => a.spec.nodeName === node)
  if (mine !== undefined) {
    env.state.since.delete(mine.metadata.name)
    if (mine.status?.attached !== true || env.state.told.has(mine.metadata.uid as string)) return []
    env.state.told.add(mine.metadata.uid as string)
    return [...volumesAttached(node, env), ...tell('Normal', 'SuccessfulAttachVolume', `AttachVolume.Attach succeeded for volume "${name}"`)]
  }
  const shared = pv.spec.accessModes?.some((m) => m === 'ReadWriteMany' || m === 'ReadOnlyMany') ?? false
  if (!shared && attachments.length > 0) {
    const others = users.filter((p) => p.spec.nodeName !== node).map((p) => p.metadata.name)
    const why = others.length > 0 ? `Volume is already used by pod(s) ${others.join(', ')}` : "Volume is already exclusively attached to one node and can't be attached to another"
    // The detaching, or its time running out, brings the key back; nothing has failed.
    return tell('Warning', 'FailedAttachVolume', `Multi-Attach error for volume "${name}" ${why}`)
  }
  if (!env.cache<CSINode>('csinodes').get('', node)?.spec.drivers?.some((d) => d.name === driver)) {
    const message = `AttachVolume.Attach failed for volume "${name}" : CSINode ${node} does not contain driver ${driver}`
    return [...tell('Warning', 'FailedAttachVolume', message), { do: 'fail', message }]
  }
  const attachment = { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name: `csi-${hex(sha256(volumeHandle + driver + node))}` }, spec: { attacher: driver, nodeName: node, source: { persistentVolumeName: name } } } as VolumeAttachment
  return [createObject('volumeattachments', attachment, { ignore: ['AlreadyExists'] })]
}

/** Upstream: reconciler.go reconcile; nodes that are ready have unmounted what no pod of theirs uses. */
function detach(a: VolumeAttachment, key: string, env: Env): readonly Intent[] {
  const { since } = env.state
  const { name } = a.metadata
  if (a.metadata.deletionTimestamp !== undefined) return []
  const start = since.get(name) ?? env.now
  since.set(name, start)
  const node = env.cache<Node>('nodes').get('', a.spec.nodeName)
  const outOfService = node?.spec?.taints?.some((t) => t.key === 'node.kubernetes.io/out-of-service') ?? false
  const left = start + forceDetachAfter - env.now
  if (node !== undefined && !isReady(node) && !outOfService && left > 0) return [{ do: 'requeue', after: left, key }]
  since.delete(name)
  return [deleteObject('volumeattachments', a, {}, { ignore: ['NotFound'] }), ...volumesAttached(a.spec.nodeName, env, name)]
}

/** What kubelets wait for: their node's list of attached volumes. Upstream: statusupdater/node_status_updater.go */
function volumesAttached(node: string, env: Env, without?: string): readonly Intent[] {
  const known = env.cache<Node>('nodes').get('', node)
  if (known === undefined) return []
  const list: { name: string; devicePath: string }[] = []
  for (const a of env.cache<VolumeAttachment>('volumeattachments').list()) {
    const csi = env.cache<PersistentVolume>('persistentvolumes').get('', a.spec.source.persistentVolumeName ?? '')?.spec.csi
    if (csi && a.spec.nodeName === node && a.status?.attached === true && a.metadata.name !== without) list.push({ name: `kubernetes.io/csi/${csi.driver}^${csi.volumeHandle}`, devicePath: '' })
  }
  return [patchObject('nodes', known, { status: { volumesAttached: list } }, { subresource: 'status', patchType: 'application/merge-patch+json', ignore: ['NotFound'] })]
}
