import type { PersistentVolume } from '../../api'
import { Action } from '../framework/events'
import type { Plugin } from '../framework/plugin'
import { skip, unresolvable } from '../framework/status'
import { claimClass, claimOf, classOf, podClaims, volumeOf } from './volume-claims'

const name = 'VolumeZone'
const refused = unresolvable(name, 'node(s) had no available volume zone')
const zoneLabels: readonly string[] = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone', 'topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region']

interface Topology {
  readonly key: string
  readonly values: readonly string[]
}

function topologiesOf(pv: PersistentVolume): readonly Topology[] {
  const out: Topology[] = []
  for (const key of zoneLabels) {
    const value = pv.metadata.labels?.[key]
    if (value !== undefined) out.push({ key, values: value.split('__') })
  }
  return out
}

/** Volumes with zone labels want nodes of their zone. Upstream: plugins/volumezone */
export const volumeZone: Plugin = {
  name,
  events: [
    { resource: 'StorageClass', action: Action.Add },
    { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel },
    { resource: 'PersistentVolumeClaim', action: Action.Add | Action.Update },
    { resource: 'PersistentVolume', action: Action.Add | Action.Update },
  ],

  preFilter(cycle, pod, h) {
    const topologies: Topology[] = []
    for (const { name: claimName } of podClaims(pod)) {
      if (claimName === '') return unresolvable(name, 'PersistentVolumeClaim had no name')
      const claim = claimOf(h, pod, claimName)
      if (claim === undefined) return unresolvable(name, `persistentvolumeclaim "${claimName}" not found`)
      const volumeName = claim.spec.volumeName ?? ''
      if (volumeName === '') {
        const className = claimClass(claim)
        if (className === '') return unresolvable(name, 'PersistentVolumeClaim had no pv name and storageClass name')
        const storageClass = classOf(h, className)
        if (storageClass === undefined) return unresolvable(name, `storageclasses.storage.k8s.io "${className}" not found`)
        if (storageClass.volumeBindingMode === undefined) return unresolvable(name, `VolumeBindingMode not set for StorageClass "${className}"`)
        if (storageClass.volumeBindingMode === 'WaitForFirstConsumer') continue
        return unresolvable(name, 'PersistentVolume had no name')
      }
      const pv = volumeOf(h, volumeName)
      if (pv === undefined) return unresolvable(name, `persistentvolume "${volumeName}" not found`)
      topologies.push(...topologiesOf(pv))
    }
    if (topologies.length === 0) return skip
    cycle.write(name, topologies)
    return undefined
  },

  filter(cycle, _pod, node) {
    const labels = node.node.metadata.labels
    // A cluster without zones has no labels to compare.
    if (labels === undefined || !zoneLabels.some((k) => labels[k] !== undefined)) return undefined
    for (const t of cycle.read<readonly Topology[]>(name) ?? []) {
      const value = labels[t.key]
      if (value === undefined || !t.values.includes(value)) return refused
    }
    return undefined
  },
}
