import type { HopKind, NodeRow, StepRow } from '../../../bridge/protocol'
import { isBad } from '../../state'

/** A line of the timeline: who acted. */
export interface Lane {
  readonly id: string
  readonly label: string
}

/** A mark on the timeline: `column` counts the kinds of hops of a step in their order; `hop` is where its time is. */
export interface Tick {
  readonly lane: number
  readonly kind: HopKind | 'fault' | 'mended' | 'refused'
  readonly column: number
  readonly at: number
}

/** The ticks of a step, and into how many columns they fall. */
export interface Ticks {
  readonly ticks: readonly Tick[]
  readonly columns: number
}

/** The lanes, and the marks of a step on them. Marks are kept as long as the step row is, so a repaint does not make them again. */
export interface Lanes {
  readonly lanes: readonly Lane[]
  ticksOf(step: StepRow): Ticks
}

/** Above this many nodes, one lane stands for a zone (or for all nodes). */
const mostNodeLanes = 6

const controlPlane: readonly Lane[] = ['kubectl', 'kube-apiserver', 'etcd', 'controllers', 'scheduler'].map((id) => ({ id, label: id }))

/** The lanes for these nodes. */
export function lanesFor(nodes: readonly Pick<NodeRow, 'key' | 'zone'>[]): Lanes {
  const zones = [...new Set(nodes.map(({ zone }) => zone).filter((zone) => zone !== ''))].sort()
  const groupOf = ({ key, zone }: Pick<NodeRow, 'key' | 'zone'>): string => (nodes.length <= mostNodeLanes ? key : zones.length > 1 && zones.length <= mostNodeLanes ? zone || 'no zone' : 'nodes')
  const ids = [...new Set(nodes.map(groupOf))].sort()
  const lanes = [...controlPlane, ...ids.map((id) => ({ id, label: id === 'nodes' ? `${nodes.length} nodes` : id }))]
  const indexOf = new Map(lanes.map(({ id }, i) => [id, i]))
  const ofNode = new Map(nodes.map((node) => [node.key, indexOf.get(groupOf(node)) ?? -1]))
  const laneOf = (actor: string): number => {
    const at = actor.indexOf('@')
    if (at >= 0) return ofNode.get(actor.slice(at + 1)) ?? -1
    return ofNode.get(actor) ?? indexOf.get(nameOf(actor)) ?? -1
  }
  const known = new WeakMap<StepRow, Ticks>()
  return {
    lanes,
    ticksOf(step) {
      let ticks = known.get(step)
      if (!ticks) known.set(step, (ticks = makeTicks(step, laneOf)))
      return ticks
    },
  }
}

/** The lane's name for an actor of a hop, or for the lane of a step. */
function nameOf(actor: string): string {
  if (actor === 'you' || actor.startsWith('kubectl')) return 'kubectl'
  if (actor.startsWith('kube-controller-manager')) return 'controllers'
  if (actor === 'kube-scheduler') return 'scheduler'
  if (actor.startsWith('etcd')) return 'etcd'
  return actor
}

function makeTicks(step: StepRow, laneOf: (actor: string) => number): Ticks {
  const ticks: Tick[] = []
  const columns: string[] = []
  const seen = new Set<number>()
  const add = (lane: number, kind: Tick['kind'], at: number): void => {
    if (lane < 0) return
    let column = columns.indexOf(kind)
    if (column < 0) column = columns.push(kind) - 1
    const id = lane * 16 + column
    if (seen.has(id)) return
    seen.add(id)
    ticks.push({ lane, kind, column, at })
  }
  if (step.kind === 'fault') add(laneOf(step.lane), isBad(step) ? 'fault' : 'mended', step.at)
  for (const hop of step.hops) {
    // A message has two ends. A write is marked where it began and where it arrived, what follows where it arrived.
    if (hop.kind === 'write' || hop.kind === 'read') {
      const kind = hop.code !== undefined ? 'refused' : hop.kind
      add(laneOf(hop.from), kind, hop.at)
      add(laneOf(hop.to), kind, step.at)
    } else add(laneOf(hop.to), hop.kind, hop.at)
  }
  if (ticks.length === 0) add(laneOf(step.lane), step.failed ? 'refused' : 'write', step.at)
  return { ticks, columns: columns.length }
}
