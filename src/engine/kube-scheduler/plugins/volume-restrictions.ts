import type { Volume } from '../../api'
import { Action } from '../framework/events'
import type { Plugin } from '../framework/plugin'
import { skip, unresolvable, unschedulable } from '../framework/status'
import type { NodeInfo } from '../backend/node-info'
import type { PodInfo } from '../backend/pod-info'
import { claimOf, podClaims } from './volume-claims'

const name = 'VolumeRestrictions'
const diskConflict = unschedulable(name, 'node(s) had no available disk')
const claimConflict = unschedulable(name, 'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod')

interface Claims {
  /** Claims of the pod that only one pod may use, as `namespace/name`. */
  readonly exclusive: readonly string[]
  /** Uses of them by pods that run. */
  uses: number
}

const restricted = (v: Volume): boolean => v.gcePersistentDisk !== undefined || v.awsElasticBlockStore !== undefined || v.rbd !== undefined || v.iscsi !== undefined

/** True when two volumes cannot be mounted on one node. Upstream: isVolumeConflict */
function conflicts(a: Volume, b: Volume): boolean {
  if (a.gcePersistentDisk && b.gcePersistentDisk && a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName) return !(a.gcePersistentDisk.readOnly && b.gcePersistentDisk.readOnly)
  if (a.awsElasticBlockStore && b.awsElasticBlockStore) return a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID
  if (a.iscsi && b.iscsi && a.iscsi.iqn === b.iscsi.iqn) return !(a.iscsi.readOnly && b.iscsi.readOnly)
  if (a.rbd && b.rbd) {
    const [x, y] = [a.rbd, b.rbd]
    return x.monitors.some((m) => y.monitors.includes(m)) && x.image === y.image && (x.pool ?? 'rbd') === (y.pool ?? 'rbd') && !(x.readOnly && y.readOnly)
  }
  return false
}

function shift(state: Claims | undefined, other: PodInfo, by: number): undefined {
  if (state !== undefined) for (const c of other.spec.claims) if (state.exclusive.includes(`${other.namespace}/${c}`)) state.uses += by
}

function diskFree(pod: PodInfo, node: NodeInfo): boolean {
  for (const v of pod.pod.spec.volumes ?? []) {
    if (!restricted(v)) continue
    for (const other of node.pods) for (const w of other.pod.spec.volumes ?? []) if (restricted(w) && conflicts(v, w)) return false
  }
  return true
}

/** Disks and claims that cannot be shared. Upstream: plugins/volumerestrictions */
export const volumeRestrictions: Plugin = {
  name,
  events: [
    { resource: 'AssignedPod', action: Action.Delete, hint: (pod, _event, old) => podClaims(pod).some((c) => (old as PodInfo).namespace === pod.namespace && (old as PodInfo).spec.claims.includes(c.name)) || (pod.pod.spec.volumes ?? []).some(restricted) },
    { resource: 'Node', action: Action.Add },
    { resource: 'PersistentVolumeClaim', action: Action.Add | Action.Update },
  ],

  preFilter(cycle, pod, h) {
    const exclusive: string[] = []
    for (const c of podClaims(pod)) {
      const claim = claimOf(h, pod, c.name)
      if (claim === undefined) return unresolvable(name, `persistentvolumeclaim "${c.name}" not found`)
      if (claim.spec.accessModes?.includes('ReadWriteOncePod')) exclusive.push(`${pod.namespace}/${c.name}`)
    }
    let uses = 0
    if (exclusive.length > 0) for (const n of h.snapshot.list()) for (const c of exclusive) uses += n.claims.get(c) ?? 0
    if (uses === 0 && !(pod.pod.spec.volumes ?? []).some(restricted)) return skip
    cycle.write(name, { exclusive, uses } satisfies Claims)
    return undefined
  },

  addPod: (cycle, _pod, other) => shift(cycle.read<Claims>(name), other, 1),
  removePod: (cycle, _pod, other) => shift(cycle.read<Claims>(name), other, -1),
  copyState: (state) => ({ ...(state as Claims) }),

  filter(cycle, pod, node) {
    if (!diskFree(pod, node)) return diskConflict
    return (cycle.read<Claims>(name)?.uses ?? 0) > 0 ? claimConflict : undefined
  },
}
