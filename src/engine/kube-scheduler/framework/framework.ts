import type { NodeInfo } from '../backend/node-info'
import type { PodInfo } from '../backend/pod-info'
import type { EventInterest, QueuedPod } from '../backend/queue'
import { Cycle } from './cycle'
import type { Diagnosis, EnabledPlugin, Handle, Plugin, PostFilterResult, PreFilterResult, Profile } from './plugin'
import { isRejected, status, unresolvable, unschedulable, type PluginStatus } from './status'

/** Scores that one plugin gave to the feasible nodes. `weight` is not in them yet. */
export interface PluginScores {
  readonly plugin: string
  readonly weight: number
  readonly raw: readonly number[]
  readonly normalized: readonly number[]
}

/** A profile's plugins by extension point, and how each point is run. Functions only. Upstream: pkg/scheduler/framework/runtime/framework.go */
export class Framework {
  readonly name: string
  readonly percentageOfNodesToScore: number
  readonly interests: readonly EventInterest[]
  readonly plugins: readonly Plugin[]
  private readonly preEnqueues: readonly Plugin[]
  private readonly preFilters: readonly Plugin[]
  private readonly extensions: readonly Plugin[]
  private readonly filters: readonly Plugin[]
  private readonly postFilters: readonly Plugin[]
  private readonly preScores: readonly Plugin[]
  private readonly scorers: readonly EnabledPlugin[]
  private readonly reservers: readonly Plugin[]
  private readonly permits: readonly Plugin[]
  readonly preBinders: readonly Plugin[]
  private readonly postBinders: readonly Plugin[]
  readonly binder: Plugin
  readonly less: (a: QueuedPod, b: QueuedPod) => boolean

  constructor(profile: Profile) {
    this.name = profile.schedulerName
    this.percentageOfNodesToScore = profile.percentageOfNodesToScore
    const all = profile.plugins.map((e) => e.plugin)
    const having = (point: keyof Plugin) => all.filter((p) => p[point] !== undefined)
    this.plugins = all
    this.preEnqueues = having('preEnqueue')
    this.preFilters = having('preFilter')
    this.extensions = having('addPod')
    this.filters = having('filter')
    this.postFilters = having('postFilter')
    this.preScores = having('preScore')
    this.scorers = profile.plugins.filter((e) => e.plugin.score !== undefined && e.weight > 0)
    this.reservers = having('reserve')
    this.permits = having('permit')
    this.preBinders = having('preBind')
    this.postBinders = having('postBind')
    this.binder = having('bind')[0] as Plugin
    const sorter = having('less')[0] as Plugin
    this.less = (a, b) => (sorter.less as NonNullable<Plugin['less']>)(a, b)
    this.interests = all.flatMap((p) => (p.events ?? []).map((e): EventInterest => ({ resource: e.resource, action: e.action, plugin: p.name, hint: (pod, event, old, now) => e.hint === undefined || e.hint(pod, event, old, now) })))
  }

  /** Name of the plugin that keeps a pod out of the queues, or ''. */
  gate(pod: PodInfo, h: Pick<Handle, 'preempting'>): string {
    for (const p of this.preEnqueues) if (p.preEnqueue?.(pod, h) !== undefined) return p.name
    return ''
  }

  /** Runs PreFilter. Gives the nodes that are left (undefined: all) or the status that ends the attempt. */
  preFilter(cycle: Cycle, pod: PodInfo, h: Handle): { readonly only?: ReadonlySet<string> | undefined; readonly by: readonly string[]; readonly status?: PluginStatus | undefined } {
    let only: ReadonlySet<string> | undefined
    let by: readonly string[] = []
    for (let i = 0; i < this.preFilters.length; i++) {
      const p = this.preFilters[i] as Plugin
      const answer = p.preFilter?.(cycle, pod, h)
      if (answer === undefined) continue
      if ('nodeNames' in answer) {
        const left = (answer as PreFilterResult).nodeNames
        only = only === undefined ? left : new Set([...only].filter((n) => left.has(n)))
        by = [...by, p.name]
        if (only.size === 0) {
          const message = by.length === 1 ? `node(s) didn't satisfy plugin ${by[0]}` : `node(s) didn't satisfy plugin(s) [${by.join(' ')}] simultaneously`
          return { only, by, status: unresolvable(p.name, message) }
        }
        continue
      }
      if (answer.code === 'Skip') {
        cycle.skipFilter.push(p.name)
        continue
      }
      if (isRejected(answer)) return { only, by, status: answer }
      return { only, by, status: status('Error', p.name, `running PreFilter plugin "${p.name}": ${answer.reasons.join(', ')}`) }
    }
    return { only, by }
  }

  /** The filters that have something to do for this pod. */
  activeFilters(cycle: Cycle): readonly Plugin[] {
    return cycle.skipFilter.length === 0 ? this.filters : this.filters.filter((p) => !cycle.skipFilter.includes(p.name))
  }

  /** The first refusal of a node, or undefined when it passes. */
  filter(active: readonly Plugin[], cycle: Cycle, pod: PodInfo, node: NodeInfo, h: Handle): PluginStatus | undefined {
    for (let i = 0; i < active.length; i++) {
      const s = (active[i] as Plugin).filter?.(cycle, pod, node, h)
      if (s !== undefined) return s
    }
    return undefined
  }

  /** As `filter`, also with the pods nominated to the node that matter at least as much. Both must pass. */
  filterNominated(active: readonly Plugin[], cycle: Cycle, pod: PodInfo, node: NodeInfo, h: Handle): PluginStatus | undefined {
    if (h.nominator.size > 0) {
      const nominated = h.nominator.on(node.name).filter((p) => p.priority >= pod.priority && p.uid !== pod.uid)
      if (nominated.length > 0) {
        const [c, n] = [cycle.clone(this.extensions), node.clone()]
        for (const p of nominated) {
          n.addPod(p, h.snapshot.groupOf(p))
          const s = this.tryPod(c, pod, p, n, true, h)
          if (s !== undefined) return s
        }
        const s = this.filter(active, c, pod, n, h)
        if (s !== undefined) return s
      }
    }
    return this.filter(active, cycle, pod, node, h)
  }

  tryPod(cycle: Cycle, pod: PodInfo, other: PodInfo, node: NodeInfo, add: boolean, h: Handle): PluginStatus | undefined {
    for (const p of this.extensions) {
      if (cycle.skipFilter.includes(p.name)) continue
      const s = add ? p.addPod?.(cycle, pod, other, node, h) : p.removePod?.(cycle, pod, other, node, h)
      if (s !== undefined) return s
    }
    return undefined
  }

  /** A cycle for trying changes on. */
  cloneCycle(cycle: Cycle): Cycle {
    return cycle.clone(this.extensions)
  }

  /** Tries to make the pod schedulable later. Upstream: RunPostFilterPlugins */
  postFilter(cycle: Cycle, pod: PodInfo, diagnosis: Diagnosis, h: Handle): PostFilterResult {
    const reasons: string[] = []
    let rejector = ''
    let nominate: string | undefined
    for (const p of this.postFilters) {
      const r = p.postFilter?.(cycle, pod, diagnosis, h) as PostFilterResult
      if (r.status === undefined) return r
      if (r.status.code === 'UnschedulableAndUnresolvable' || !isRejected(r.status)) return { ...r, status: r.status }
      if (r.nominate !== undefined) nominate = r.nominate
      reasons.push(...r.status.reasons)
      if (rejector === '' || r.status.code !== 'Unschedulable') rejector = p.name
    }
    return { status: unschedulable(rejector, ...reasons), nominate }
  }

  /** Scores feasible nodes. Gives the sums by node, and fills `out` with what each plugin gave. */
  score(cycle: Cycle, pod: PodInfo, nodes: readonly NodeInfo[], h: Handle, out: PluginScores[]): Float64Array | PluginStatus {
    for (const p of this.preScores) {
      const s = p.preScore?.(cycle, pod, nodes, h)
      if (s === undefined) continue
      if (s.code !== 'Skip') return status('Error', p.name, `running PreScore plugin "${p.name}": ${s.reasons.join(', ')}`)
      cycle.skipScore.push(p.name)
    }
    const n = nodes.length
    const total = new Float64Array(n)
    for (const { plugin, weight } of this.scorers) {
      if (cycle.skipScore.includes(plugin.name)) continue
      const scores: number[] = new Array<number>(n)
      for (let i = 0; i < n; i++) scores[i] = (plugin.score as NonNullable<Plugin['score']>)(cycle, pod, nodes[i] as NodeInfo, h)
      const raw = plugin.normalize === undefined ? scores : scores.slice()
      plugin.normalize?.(cycle, pod, nodes, scores, h)
      for (let i = 0; i < n; i++) total[i] = (total[i] as number) + weight * (scores[i] as number)
      out.push({ plugin: plugin.name, weight, raw, normalized: scores })
    }
    return total
  }

  reserve(cycle: Cycle, pod: PodInfo, node: string, h: Handle): PluginStatus | undefined {
    for (const p of this.reservers) {
      const s = p.reserve?.(cycle, pod, node, h)
      if (s !== undefined) return isRejected(s) ? s : status('Error', p.name, `running Reserve plugin "${p.name}": ${s.reasons.join(', ')}`)
    }
    return undefined
  }

  unreserve(cycle: Cycle, pod: PodInfo, node: string, h: Handle): void {
    for (let i = this.reservers.length - 1; i >= 0; i--) this.reservers[i]?.unreserve?.(cycle, pod, node, h)
  }

  postBind(cycle: Cycle, pod: PodInfo, node: string, h: Handle): void {
    for (const p of this.postBinders) p.postBind?.(cycle, pod, node, h)
  }

  /** Waiting in Permit is a seam: no default plugin does. */
  permit(cycle: Cycle, pod: PodInfo, node: string, h: Handle): PluginStatus | undefined {
    for (const p of this.permits) {
      const s = p.permit?.(cycle, pod, node, h)
      if (s !== undefined) return s
    }
    return undefined
  }
}
