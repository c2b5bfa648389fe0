import type { Rng } from '../sim'
import type { NodeInfo } from './backend/node-info'
import type { PodInfo } from './backend/pod-info'
import { Cycle } from './framework/cycle'
import { fitErrorText } from './framework/fit-error'
import type { Framework, PluginScores } from './framework/framework'
import type { Diagnosis, Handle } from './framework/plugin'
import { isRejected, messageOf, unresolvable, type PluginStatus } from './framework/status'

/** Nodes below this number are all scored. Upstream: schedule_one.go minFeasibleNodesToFind */
const minFeasibleNodes = 100

/** How many feasible nodes are enough. Upstream: numFeasibleNodesToFind */
export function feasibleNodesToFind(percentage: number, nodes: number): number {
  if (nodes < minFeasibleNodes) return nodes
  const percent = percentage === 0 ? Math.max(50 - Math.floor(nodes / 125), 5) : percentage
  return Math.max(Math.floor((nodes * percent) / 100), minFeasibleNodes)
}

/** How an attempt went. */
export interface Attempt {
  readonly cycle: Cycle
  /** The chosen node; empty when none fits or something failed. */
  readonly node: string
  /** Set when no node was chosen. */
  readonly failure: {
    /** `error`: the scheduler itself failed (SchedulerError); else Unschedulable. */
    readonly error: boolean
    readonly message: string
    readonly unschedulablePlugins: readonly string[]
    readonly pendingPlugins: readonly string[]
    readonly nominate: string | undefined
    readonly victims: readonly PodInfo[]
  } | undefined
  /** The nodes that were looked at: these names, from `start` and round, as many as `refused` is long. */
  readonly names: readonly string[]
  readonly start: number
  readonly refused: readonly (PluginStatus | undefined)[]
  readonly feasible: number
  readonly scores: readonly PluginScores[]
  /** Where the next cycle begins to look. */
  readonly nextStart: number
}

/**
 * Chooses a node for a pod: PreFilter, Filter from a moving start, PreScore, Score, best total (ties by lot); when none fits, PostFilter.
 * Upstream: schedule_one.go schedulingCycle, schedulePod, findNodesThatFitPod, prioritizeNodes, selectHost
 */
export function schedulePod(framework: Framework, pod: PodInfo, start: number, h: Handle): Attempt {
  const cycle = new Cycle()
  const all = h.snapshot.list()
  const refused: (PluginStatus | undefined)[] = []
  const scores: PluginScores[] = []
  const attempt: Draft = { cycle, node: '', failure: undefined, names: h.snapshot.listNames(), start, refused, feasible: 0, scores, nextStart: start }
  if (all.length === 0) return failed(attempt, 'no nodes available to schedule pods')

  const before = framework.preFilter(cycle, pod, h)
  if (before.status !== undefined) {
    const s = before.status
    if (!isRejected(s)) return failed(attempt, messageOf(s), { error: true })
    const after = framework.postFilter(cycle, pod, { refused: new Map(), absent: s, preFilterMessage: messageOf(s) }, h)
    return failed(attempt, fitErrorText(all.length, [], { preFilter: messageOf(s), postFilter: messageOf(after.status) }), { ...pluginsOf([s]), nominate: after.nominate, victims: after.victims ?? [] })
  }

  const nodes = before.only === undefined ? all : all.filter((n) => before.only?.has(n.name))
  const active = framework.activeFilters(cycle)
  const feasible: NodeInfo[] = []
  const nominated = pod.pod.status?.nominatedNodeName
  const first = nominated ? nodes.find((n) => n.name === nominated) : undefined
  if (first !== undefined && framework.filterNominated(active, cycle, pod, first, h) === undefined) {
    feasible.push(first)
    refused.push(undefined)
    attempt.names = [first.name]
    attempt.start = 0
  } else {
    if (before.only !== undefined) attempt.names = nodes.map((n) => n.name)
    attempt.start = nodes.length === 0 ? 0 : start % nodes.length
    const enough = feasibleNodesToFind(framework.percentageOfNodesToScore, nodes.length)
    for (let i = 0; i < nodes.length && feasible.length < enough; i++) {
      const node = nodes[(start + i) % nodes.length] as NodeInfo
      const s = framework.filterNominated(active, cycle, pod, node, h)
      refused.push(s)
      if (s === undefined) feasible.push(node)
      else if (!isRejected(s)) return failed(attempt, `running "${s.plugin}" filter plugin: ${messageOf(s)}`, { error: true })
    }
    if (nodes.length > 0) attempt.nextStart = (start + refused.length) % nodes.length
  }
  attempt.feasible = feasible.length

  if (feasible.length === 0) {
    const diagnosis: Diagnosis = {
      refused: new Map(refused.map((s, i) => [attempt.names[(attempt.start + i) % attempt.names.length] as string, s as PluginStatus])),
      absent: before.only === undefined ? undefined : unresolvable('', `node(s) didn't satisfy plugin(s) [${before.by.join(' ')}]`), preFilterMessage: '',
    }
    const after = framework.postFilter(cycle, pod, diagnosis, h)
    const why = pluginsOf(diagnosis.refused.values())
    const unschedulablePlugins = before.only === undefined ? why.unschedulablePlugins : [...new Set([...why.unschedulablePlugins, ...before.by])]
    return failed(attempt, fitErrorText(all.length, diagnosis.refused.values(), { absent: diagnosis.absent, postFilter: messageOf(after.status) }), { ...why, unschedulablePlugins, nominate: after.nominate, victims: after.victims ?? [] })
  }
  let best = 0
  if (feasible.length > 1) {
    const totals = framework.score(cycle, pod, feasible, h, scores)
    if (!(totals instanceof Float64Array)) return failed(attempt, messageOf(totals), { error: true })
    best = selectHost(totals, h.rng)
  }
  attempt.node = (feasible[best] as NodeInfo).name
  return attempt
}

type Draft = { -readonly [K in keyof Attempt]: Attempt[K] }

function failed(attempt: Draft, message: string, more: Partial<NonNullable<Attempt['failure']>> = {}): Attempt {
  attempt.failure = { error: false, message, unschedulablePlugins: [], pendingPlugins: [], nominate: '', victims: [], ...more }
  return attempt
}

/** Index of the highest score; equal ones draw lots. Upstream: selectHost */
export function selectHost(totals: Float64Array, rng: Rng): number {
  let best = 0
  let ties = 1
  for (let i = 1; i < totals.length; i++) {
    const t = totals[i] as number
    const b = totals[best] as number
    if (t > b) {
      best = i
      ties = 1
    } else if (t === b && rng.below(++ties) === 0) best = i
  }
  return best
}

function pluginsOf(statuses: Iterable<PluginStatus>): { readonly unschedulablePlugins: readonly string[]; readonly pendingPlugins: readonly string[] } {
  const un: string[] = []
  const pending: string[] = []
  for (const s of statuses) {
    const list = s.code === 'Pending' ? pending : un
    if (s.plugin !== '' && !list.includes(s.plugin)) list.push(s.plugin)
  }
  return { unschedulablePlugins: un, pendingPlugins: pending }
}
