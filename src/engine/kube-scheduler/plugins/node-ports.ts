import { Action } from '../framework/events'
import type { Plugin } from '../framework/plugin'
import { skip, unschedulable } from '../framework/status'
import type { HostPort, PodInfo } from '../backend/pod-info'

const refused = unschedulable('NodePorts', "node(s) didn't have free ports for the requested pod ports")

const overlaps = (a: HostPort, b: HostPort): boolean => a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0')

/** True when two lists of ports cannot share a node. */
export function portsConflict(wanted: readonly HostPort[], used: readonly HostPort[]): boolean {
  for (const w of wanted) for (const u of used) if (overlaps(w, u)) return true
  return false
}

/** Host ports must be free. Upstream: plugins/nodeports */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  events: [
    { resource: 'AssignedPod', action: Action.Delete, hint: (pod, _event, old) => portsConflict(pod.spec.hostPorts, (old as PodInfo).spec.hostPorts) },
    { resource: 'Node', action: Action.Add },
  ],
  preFilter(_cycle, pod) {
    return pod.spec.hostPorts.length === 0 ? skip : undefined
  },
  filter(_cycle, pod, node) {
    return portsConflict(pod.spec.hostPorts, node.usedPorts) ? refused : undefined
  },
}
