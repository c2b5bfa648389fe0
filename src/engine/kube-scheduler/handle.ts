import type { Ctx, Micros, Rng } from '../sim'
import type { KubeObject, Labels } from '../apimachinery'
import type { Cache } from '../client-go'
import type { SchedulerCache } from './backend/cache'
import type { NodeInfo } from './backend/node-info'
import type { Nominator } from './backend/nominator'
import type { PodInfo } from './backend/pod-info'
import type { EventInterest, QueuedPod, QueuePlugins } from './backend/queue'
import type { Cycle } from './framework/cycle'
import type { Framework } from './framework/framework'
import type { Handle } from './framework/plugin'
import type { PluginStatus } from './framework/status'
import { defaultProfile, frameworkFor } from './plugins/registry'
import { volumeResources, type SchedulerState } from './state'

/** What plugins of a framework may see right now. */
export function handleFor(state: SchedulerState, framework: Framework, ctx: Ctx): Handle {
  return new StateHandle(state, framework, ctx)
}

class StateHandle implements Handle {
  readonly now: Micros
  readonly rng: Rng
  readonly snapshot: SchedulerCache
  readonly nominator: Nominator
  readonly preempting: ReadonlySet<string>
  readonly assumedVolumes: Map<string, string>

  constructor(
    private readonly state: SchedulerState,
    private readonly framework: Framework,
    ctx: Ctx,
  ) {
    this.now = ctx.now
    this.rng = ctx.rng
    this.snapshot = state.cache
    this.nominator = state.nominator
    this.preempting = state.preempting
    this.assumedVolumes = state.assumedVolumes
  }

  objects<T extends KubeObject>(resource: string): Cache<T> {
    return (volumeResources.includes(resource) ? this.state.volumeInformers : this.state.informers).cache<T>(resource)
  }

  // These two are passed on by themselves.
  readonly namespaceLabels = (namespace: string): Labels => this.state.informers.cache('namespaces').get('', namespace)?.metadata.labels
  readonly cloneCycle = (cycle: Cycle): Cycle => this.framework.cloneCycle(cycle)

  filter(cycle: Cycle, pod: PodInfo, node: NodeInfo): PluginStatus | undefined {
    return this.framework.filterNominated(this.framework.activeFilters(cycle), cycle, pod, node, this)
  }

  tryPod(cycle: Cycle, pod: PodInfo, other: PodInfo, node: NodeInfo, add: boolean): PluginStatus | undefined {
    return this.framework.tryPod(cycle, pod, other, node, add, this)
  }
}

/** What the queue may ask of the plugins. */
export function queuePlugins(state: Pick<SchedulerState, 'preempting'>): QueuePlugins {
  return new StatePlugins(state)
}

class StatePlugins implements QueuePlugins {
  readonly less: (a: QueuedPod, b: QueuedPod) => boolean = frameworkOf(undefined).less

  constructor(private readonly state: Pick<SchedulerState, 'preempting'>) {}

  gate(pod: PodInfo): string {
    return frameworkOf(pod).gate(pod, this.state)
  }

  interests(pod: PodInfo): readonly EventInterest[] {
    return frameworkOf(pod).interests
  }
}

/** The framework that is responsible for a pod, or else the default one. */
function frameworkOf(pod: PodInfo | undefined): Framework {
  return frameworkFor(pod?.pod.spec.schedulerName) ?? (frameworkFor(defaultProfile.schedulerName) as Framework)
}
