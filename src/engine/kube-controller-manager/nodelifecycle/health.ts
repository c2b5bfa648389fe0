import type { Lease, Node, NodeCondition, NodeStatus } from '../../api'
import { SECOND, type Micros } from '../../sim'
import { condition } from '../conditions'
import type { ManagerSettings } from '../controller'

/** How long a node may be silent. Upstream: --node-monitor-grace-period, --node-startup-grace-period */
const monitorGracePeriod = 50 * SECOND
const startupGracePeriod = 60 * SECOND

/** What is remembered of a node's signs of life. Times: µs of simulated time. */
export interface NodeHealth {
  /** The newest sign: a change of the status' heartbeat or of the lease. */
  probedAt: Micros
  status: NodeStatus | undefined
  renewTime: string
}

/** Result of one look at a node. */
export interface Look {
  readonly observed: NodeCondition
  /** The Ready condition as it is now; undefined when the node never posted one. */
  readonly current: NodeCondition | undefined
  /** Conditions to write, when the node was silent for too long. */
  readonly unknown: readonly NodeCondition[] | undefined
}

const watched = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const

/**
 * Updates what is known of a node and says whether it has been silent for too long. Units: `now` simulated µs, `createdAt` too.
 * Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go tryUpdateNodeHealth
 */
export function lookAt(node: Node, lease: Lease | undefined, health: Map<string, NodeHealth>, now: Micros, createdAt: Micros, time: string, settings: ManagerSettings): Look {
  const current = condition(node.status?.conditions, 'Ready')
  const created = node.metadata.creationTimestamp as string
  const observed: NodeCondition = current ?? { type: 'Ready', status: 'Unknown', lastHeartbeatTime: created, lastTransitionTime: created }
  let known = health.get(node.metadata.name)
  const saved = condition(known?.status?.conditions, 'Ready')
  if (known === undefined) health.set(node.metadata.name, (known = { probedAt: current ? now : createdAt, status: node.status, renewTime: '' }))
  else if ((saved === undefined) !== (current === undefined) || saved?.lastHeartbeatTime !== current?.lastHeartbeatTime) {
    known.probedAt = now
    known.status = node.status
  } else if (current === undefined) known.status = node.status
  const renewed = lease?.spec?.renewTime ?? ''
  if (renewed > known.renewTime) {
    known.renewTime = renewed
    known.probedAt = now
  }
  if (now <= known.probedAt + (current ? (settings.nodeMonitorGracePeriod ?? monitorGracePeriod) : (settings.nodeStartupGracePeriod ?? startupGracePeriod))) return { observed, current, unknown: undefined }
  const conditions: NodeCondition[] = [...(node.status?.conditions ?? [])]
  let changed = false
  for (const type of watched) {
    const i = conditions.findIndex((c) => c.type === type)
    const c = conditions[i]
    if (c === undefined) conditions.push({ type, status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.', lastHeartbeatTime: created, lastTransitionTime: time })
    else if (c.status !== 'Unknown') conditions[i] = { ...c, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: time }
    else continue
    if (type === 'Ready') changed = true
  }
  const after = condition(conditions, 'Ready')
  if (!changed) return { observed, current: after, unknown: undefined }
  known.status = { ...node.status, conditions }
  return { observed, current: after, unknown: conditions }
}
