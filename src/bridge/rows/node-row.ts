import { nodeRoles, nodeStatus, quantityMilliValue, quantityValue, type Lease, type Node, type NodeState } from '../../engine/cluster'
import type { Glyph, NodeRow, Ring } from '../protocol'
import { session } from './pod-row'

/** What a node's row depends on besides the Node object. Times: session µs. */
export interface NodeContext {
  readonly start: number
  readonly now: number
  readonly truth: NodeRow['truth']
  readonly lease: Lease | undefined
  readonly requested: { readonly cpu: number; readonly memory: number }
  readonly used: { readonly cpuMillis: number; readonly memoryBytes: number }
}

/** Upstream: a Lease is valid for 40 s; the node controller waits 50 s. Units: µs. */
const leaseTime = 40_000_000
const graceTime = 50_000_000

/** The row of a node: what the API knows, and what is true. */
export function nodeRow(node: Node, c: NodeContext): NodeRow {
  const condition = node.status?.conditions?.find((x) => x.type === 'Ready')
  const ready = (condition?.status ?? 'Unknown') as NodeRow['ready']
  const heartbeat = session(condition?.lastHeartbeatTime, c.start)
  const renewed = c.lease?.spec?.renewTime ? session(c.lease.spec.renewTime, c.start) : Number.NEGATIVE_INFINITY
  const heardAt = ready === 'Unknown' && !Number.isFinite(renewed) ? heartbeat : Math.max(renewed, ready === 'Unknown' ? renewed : heartbeat)
  const allocatable = node.status?.allocatable ?? {}
  return {
    key: node.metadata.name as string, zone: node.metadata.labels?.['topology.kubernetes.io/zone'] ?? '', roles: nodeRoles(node),
    ready, reason: condition?.reason ?? '', message: condition?.message ?? '', status: nodeStatus(node),
    unschedulable: node.spec?.unschedulable ?? false, taints: (node.spec?.taints ?? []).map((t) => `${t.key}${t.value ? `=${t.value}` : ''}:${t.effect}`),
    truth: c.truth, glyph: glyphOf(node, ready, c), heardAt, ring: ringOf(heardAt, c.now, ready),
    cpu: { requested: c.requested.cpu, used: c.used.cpuMillis, allocatable: quantityMilliValue(allocatable.cpu) },
    memory: { requested: c.requested.memory, used: c.used.memoryBytes, allocatable: quantityValue(allocatable.memory) },
    podCapacity: quantityValue(allocatable.pods), joining: ready === 'False' && c.truth.kubelet && c.now - session(node.metadata.creationTimestamp, c.start) < 60_000_000,
  }
}

/** A machine that is not (yet, or any more) in the API. */
export function bareNodeRow(state: NodeState, truth: NodeRow['truth']): NodeRow {
  const none = { requested: 0, used: 0, allocatable: 0 }
  return {
    key: state.config.name, zone: state.config.zone, roles: '<none>', ready: 'Unknown', reason: '', message: 'This machine has no Node object.', status: 'Not registered',
    unschedulable: false, taints: [], truth, glyph: 'prog', heardAt: 0, ring: null, cpu: none, memory: none, podCapacity: 0, joining: truth.kubelet,
  }
}

function ringOf(heardAt: number, now: number, ready: NodeRow['ready']): Ring | null {
  if (!Number.isFinite(heardAt)) return null
  if (ready === 'Unknown') return { kind: 'monitor', startedAt: heardAt, endsAt: null }
  return now - heardAt > leaseTime ? { kind: 'monitor', startedAt: heardAt, endsAt: heardAt + graceTime } : { kind: 'lease', startedAt: heardAt, endsAt: heardAt + leaseTime }
}

function glyphOf(node: Node, ready: NodeRow['ready'], c: NodeContext): Glyph {
  if (ready === 'Unknown') return 'unk'
  if (ready === 'False') return c.truth.kubelet && node.spec?.taints?.some((t) => t.key === 'node.kubernetes.io/not-ready') ? 'prog' : 'err'
  if (!c.truth.power || !c.truth.link || !c.truth.kubelet) return 'unk'
  if (node.status?.conditions?.some((x) => x.type !== 'Ready' && x.type !== 'NetworkUnavailable' && x.status === 'True')) return 'warn'
  return node.spec?.unschedulable ? 'cord' : 'ok'
}
