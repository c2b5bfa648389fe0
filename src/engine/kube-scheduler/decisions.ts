import type { Micros } from '../sim'
import type { PodInfo } from './backend/pod-info'
import type { PluginScores } from './framework/framework'
import type { PluginStatus } from './framework/status'

/** What the scheduler found out in one attempt. Frozen, so that checkpoints share it; texts are made when somebody asks. */
interface Decision {
  readonly pod: PodInfo
  readonly at: Micros
  /** Empty when no node was chosen. */
  readonly node: string
  readonly message: string
  readonly nodeCount: number
  readonly feasible: number
  /** Names of nodes; those that were looked at begin at `start` and go round. Undefined when there were too many nodes to keep. */
  readonly names: readonly string[] | undefined
  readonly start: number
  readonly evaluated: number
  /** Why each node that was looked at was refused. */
  readonly refused: readonly (PluginStatus | undefined)[] | undefined
  readonly scores: readonly PluginScores[]
}

/** One node in a decision, for the page. */
export interface DecisionNode {
  readonly name: string
  /** The first filter that refused the node; null when all passed. */
  readonly filter: { readonly plugin: string; readonly reasons: readonly string[] } | null
  readonly scores: Readonly<Record<string, { readonly raw: number; readonly normalized: number; readonly weighted: number }>>
  readonly total: number
}

/** The last decision for a pod, for the page. */
export interface DecisionView {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string }
  readonly at: Micros
  readonly node: string | null
  readonly evaluated: number
  readonly feasible: number
  readonly nodeCount: number
  /** Empty when there were too many nodes to keep each. */
  readonly nodes: readonly DecisionNode[]
  /** What the FailedScheduling event says; or where the pod was placed. */
  readonly message: string
}

/** Bounds: decisions kept, and nodes up to which each node's results are kept. */
const most = { decisions: 500, nodes: 100 }

/** The last decision about each pod, for the newest 500 pods. */
export class Decisions {
  private readonly byPod = new Map<string, Decision>()

  /**
   * Nodes were looked at in the order of `names`, from `start` and round; `refused[i]` says why the i-th was refused; the feasible ones, in
   * order, are those of the scores. `names` is kept, not copied.
   */
  record(pod: PodInfo, at: Micros, node: string, message: string, nodeCount: number, names: readonly string[], start: number, refused: readonly (PluginStatus | undefined)[], feasible: number, scores: readonly PluginScores[]): void {
    const key = `${pod.namespace}/${pod.name}`
    this.byPod.delete(key)
    if (this.byPod.size >= most.decisions) this.byPod.delete(this.byPod.keys().next().value as string)
    const keep = nodeCount <= most.nodes
    this.byPod.set(key, Object.freeze({
      pod, at, node, message, nodeCount, feasible, names: keep ? names : undefined, start, evaluated: refused.length, refused: keep ? refused : undefined, scores: keep ? scores : [],
    }))
  }

  /** The last decision about a pod; undefined when there is none (any more). */
  of(namespace: string, name: string): DecisionView | undefined {
    const d = this.byPod.get(`${namespace}/${name}`)
    if (d === undefined) return undefined
    const nodes: DecisionNode[] = []
    let index = 0
    for (let i = 0; d.names !== undefined && i < d.evaluated; i++) {
      const refused = d.refused?.[i]
      const scores: Record<string, { raw: number; normalized: number; weighted: number }> = {}
      let total = 0
      if (refused === undefined) {
        for (const s of d.scores) {
          const normalized = s.normalized[index] as number
          scores[s.plugin] = { raw: s.raw[index] as number, normalized, weighted: normalized * s.weight }
          total += normalized * s.weight
        }
        index++
      }
      nodes.push({ name: d.names[(d.start + i) % d.names.length] as string, filter: refused ? { plugin: refused.plugin, reasons: refused.reasons } : null, scores, total })
    }
    return {
      pod: { namespace, name, uid: d.pod.uid }, at: d.at, node: d.node === '' ? null : d.node, evaluated: d.evaluated, feasible: d.feasible, nodeCount: d.nodeCount, nodes,
      message: d.message,
    }
  }
}
