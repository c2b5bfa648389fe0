import { Cache } from '../../client-go'
import type { KubeObject } from '../../apimachinery'
import type { Node, Pod } from '../../api'
import { Rng } from '../../sim'
import { SchedulerCache } from '../backend/cache'
import type { NodeInfo } from '../backend/node-info'
import { Nominator } from '../backend/nominator'
import { podInfo, type PodInfo } from '../backend/pod-info'
import { Framework } from '../framework/framework'
import { Cycle } from '../framework/cycle'
import type { Handle, Plugin } from '../framework/plugin'
import type { PluginStatus } from '../framework/status'
import { defaultBinder } from './default-binder'
import { prioritySort } from './priority-sort'

/** Plugins on a bench: nodes, pods and other objects in, answers out. For tests. */
export interface Bench {
  readonly h: Handle
  readonly cycle: Cycle
  readonly framework: Framework
  nodes(): readonly NodeInfo[]
  pod(p: object): PodInfo
  /** Answer of a plugin's PreFilter, then of its Filter for each node (skipped: undefined). */
  filters(plugin: Plugin, pod: PodInfo): { readonly preFilter: unknown; readonly filter: readonly (PluginStatus | undefined)[] }
  /** Answer of PreScore, then normalized scores of the nodes. */
  scores(plugin: Plugin, pod: PodInfo, nodes?: readonly NodeInfo[]): { readonly preScore: PluginStatus | undefined; readonly scores: readonly number[] }
}

/** Names that upstream's tests give to namespaces, with their labels. */
const testNamespaces: Readonly<Record<string, Record<string, string>>> = { 'subteam1.team1': { team: 'team1' }, 'subteam2.team1': { team: 'team1' }, 'subteam1.team2': { team: 'team2' }, 'subteam2.team2': { team: 'team2' } }

/** Puts things on a bench. */
export function bench(given: { readonly nodes: readonly Node[]; readonly pods?: readonly object[] | null; readonly objects?: Readonly<Record<string, readonly KubeObject[]>>; readonly plugins?: readonly Plugin[] }): Bench {
  const cache = new SchedulerCache()
  let next = 0
  const pod = (p: object): PodInfo => {
    const raw = p as Partial<Pod>
    const i = next++
    return podInfo({ ...raw, metadata: { namespace: '', ...raw.metadata, name: raw.metadata?.name ?? `pod-${i}`, uid: raw.metadata?.uid ?? `uid-${i}` }, spec: { containers: [], ...raw.spec } } as Pod)
  }
  for (const n of given.nodes) cache.setNode({ ...n, metadata: n.metadata ?? { name: '' }, spec: n.spec ?? {} })
  for (const p of given.pods ?? []) cache.setPod(pod(p))
  const framework = new Framework({ schedulerName: 'test', percentageOfNodesToScore: 0, plugins: [prioritySort, ...(given.plugins ?? []), defaultBinder].map((plugin) => ({ plugin, weight: 1 })) })
  const cycle = new Cycle()
  const caches = new Map<string, Cache>()
  const objects = <T extends KubeObject>(resource: string): Cache<T> => {
    let c = caches.get(resource)
    if (c === undefined) {
      caches.set(resource, (c = new Cache(['namespace'])))
      for (const o of given.objects?.[resource] ?? []) c.set(o)
    }
    return c as Cache<T>
  }
  const h: Handle = {
    now: 0, rng: new Rng(1, 'bench'), snapshot: cache, nominator: new Nominator(), preempting: new Set(), assumedVolumes: new Map(), objects,
    namespaceLabels: (ns) => testNamespaces[ns],
    cloneCycle: (c) => framework.cloneCycle(c),
    filter: (c, p, n) => framework.filterNominated(framework.activeFilters(c), c, p, n, h),
    tryPod: (c, p, o, n, add) => framework.tryPod(c, p, o, n, add, h),
  }
  const nodes = () => given.nodes.map((n) => cache.node(n.metadata?.name ?? '') as NodeInfo)
  return {
    h, cycle, framework, nodes, pod,
    filters(plugin, p) {
      const preFilter = plugin.preFilter?.(cycle, p, h)
      const stop = preFilter !== undefined && 'code' in preFilter
      return { preFilter, filter: nodes().map((n) => (stop ? undefined : plugin.filter?.(cycle, p, n, h))) }
    },
    scores(plugin, p, list = nodes()) {
      const preScore = plugin.preScore?.(cycle, p, list, h)
      if (preScore !== undefined) return { preScore, scores: list.map(() => 0) }
      const scores = list.map((n) => (plugin.score as NonNullable<Plugin['score']>)(cycle, p, n, h))
      plugin.normalize?.(cycle, p, list, scores, h)
      return { preScore, scores }
    },
  }
}

/** A status as the recorded tables write it. */
export function asFact(s: unknown): { readonly code: string; readonly reasons: readonly string[] | null } | undefined {
  if (s === undefined || s === null) return undefined
  if ('nodeNames' in (s as object)) return undefined
  const { code, reasons } = s as PluginStatus
  return { code, reasons: reasons.length === 0 ? null : reasons }
}
