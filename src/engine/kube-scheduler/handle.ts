import type { Ctx } from '../sim'
import type { KubeObject } from '../apimachinery'
import type { Cache } from '../client-go'
import type { QueuePlugins } from './backend/queue'
import type { Framework } from './framework/framework'
import type { Handle } from './framework/plugin'
import { defaultProfile, frameworkFor } from './plugins/registry'
import { volumeResources, type SchedulerState } from './state'

/** What plugins of a framework may see right now. */
export function handleFor(state: SchedulerState, framework: Framework, ctx: Ctx): Handle {
  const h: Handle = {
    now: ctx.now, rng: ctx.rng, snapshot: state.cache, nominator: state.nominator, preempting: state.preempting, assumedVolumes: state.assumedVolumes,
    objects: <T extends KubeObject>(resource: string) => (volumeResources.includes(resource) ? state.volumeInformers : state.informers).cache<T>(resource) as Cache<T>,
    namespaceLabels: (namespace) => state.informers.cache('namespaces').get('', namespace)?.metadata.labels,
    filter: (cycle, pod, node) => framework.filterNominated(framework.activeFilters(cycle), cycle, pod, node, h),
    cloneCycle: (cycle) => framework.cloneCycle(cycle),
    tryPod: (cycle, pod, other, node, add) => framework.tryPod(cycle, pod, other, node, add, h),
  }
  return h
}

/** What the queue may ask of the plugins. */
export function queuePlugins(state: Pick<SchedulerState, 'preempting'>): QueuePlugins {
  const main = frameworkFor(defaultProfile.schedulerName) as Framework
  const of = (name: string | undefined) => frameworkFor(name) ?? main
  return { less: main.less, gate: (pod) => of(pod.pod.spec.schedulerName).gate(pod, state), interests: (pod) => of(pod.pod.spec.schedulerName).interests }
}
