import type { KubeObject } from '../../apimachinery'
import type { CSINode } from '../../api'
import { Action } from '../framework/events'
import type { Handle, Plugin } from '../framework/plugin'
import { skip, unschedulable } from '../framework/status'
import type { PodInfo } from '../backend/pod-info'
import { claimClass, claimOf, classOf, podClaims, volumeOf } from './volume-claims'

const name = 'NodeVolumeLimits'
const refused = unschedulable(name, 'node(s) exceed max volume count')

/** The CSI volumes of a pod: unique handle → driver. Claims without a volume yet count with their class's provisioner. */
function csiVolumes(pod: PodInfo, h: Handle): Map<string, string> {
  const out = new Map<string, string>()
  for (const c of podClaims(pod)) {
    const claim = claimOf(h, pod, c.name)
    if (claim === undefined) continue
    const pv = claim.spec.volumeName ? volumeOf(h, claim.spec.volumeName) : undefined
    const csi = pv?.spec.csi
    if (csi !== undefined) out.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver)
    else if (pv === undefined) {
      const driver = classOf(h, claimClass(claim))?.provisioner
      if (driver) out.set(`${driver}/${pod.namespace}/${c.name}`, driver)
    }
  }
  return out
}

/** Nodes attach only so many volumes of a CSI driver. Upstream: plugins/nodevolumelimits/csi.go */
export const nodeVolumeLimits: Plugin = {
  name,
  events: [
    { resource: 'CSINode', action: Action.Add | Action.Update },
    { resource: 'AssignedPod', action: Action.Delete, hint: (_pod, _event, old) => (old as PodInfo).spec.claims.length > 0 },
    { resource: 'PersistentVolumeClaim', action: Action.Add },
  ],

  preFilter(_cycle, pod) {
    return podClaims(pod).length === 0 ? skip : undefined
  },

  filter(_cycle, pod, node, h) {
    const limits = new Map<string, number>()
    const csiNode = h.objects<CSINode & KubeObject>('csinodes').get('', node.name)
    for (const d of csiNode?.spec.drivers ?? []) if (d.allocatable?.count !== undefined) limits.set(d.name, d.allocatable.count)
    if (limits.size === 0) return undefined
    const wanted = csiVolumes(pod, h)
    if (wanted.size === 0) return undefined
    const all = new Map(wanted)
    for (const p of node.pods) for (const [handle, driver] of csiVolumes(p, h)) all.set(handle, driver)
    const used = new Map<string, number>()
    for (const driver of all.values()) used.set(driver, (used.get(driver) ?? 0) + 1)
    for (const driver of wanted.values()) if ((used.get(driver) ?? 0) > (limits.get(driver) ?? Infinity)) return refused
    return undefined
  },
}
