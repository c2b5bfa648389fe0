import { addQuantity, compareQuantity, quantity } from '../apimachinery'
import type { Container, ContainerStatus, Pod, ResourceRequirements } from './types.generated'

/** Amounts by resource name, as text. */
export type ResourceTotals = Record<string, string>

/** How sums are made. */
export interface PodResourcesOptions {
  /** Count what the kubelet says it gave, if more than the spec asks for (a resize under way). */
  readonly useStatus?: boolean
  readonly excludeOverhead?: boolean
  /** Sum the containers even where the pod as a whole names its resources. */
  readonly skipPodLevel?: boolean
}

type Field = 'requests' | 'limits'

/** What the scheduler reserves for a pod: containers plus sidecars, or the largest init step if that is more, plus overhead. Upstream: component-helpers/resource PodRequests. */
export function podRequests(pod: Pick<Pod, 'spec' | 'status'>, options: PodResourcesOptions = {}): ResourceTotals {
  const total = totals(pod, 'requests', options)
  if (options.excludeOverhead !== true && pod.spec.overhead !== undefined) add(total, pod.spec.overhead)
  return total
}

/** Sum of limits by the same rule; overhead counts only where there is a limit. Upstream: component-helpers/resource PodLimits. */
export function podLimits(pod: Pick<Pod, 'spec' | 'status'>, options: PodResourcesOptions = {}): ResourceTotals {
  const total = totals(pod, 'limits', options)
  if (options.excludeOverhead !== true) {
    for (const name in pod.spec.overhead) {
      if (total[name] !== undefined && quantity(total[name]).nano !== 0n) total[name] = addQuantity(quantity(total[name]), quantity(pod.spec.overhead[name])).text
    }
  }
  return total
}

/** Requests or limits of containers, sidecars and init containers, without the pod's own. Upstream: AggregateContainerRequests, AggregateContainerLimits. */
export function containerTotals(pod: Pick<Pod, 'spec' | 'status'>, field: Field, options: PodResourcesOptions = {}): ResourceTotals {
  const total: ResourceTotals = {}
  const infeasible = options.useStatus === true && isInfeasible(pod)
  for (const c of pod.spec.containers ?? []) add(total, amountsOf(c, pod.status?.containerStatuses, field, options, infeasible))
  if (pod.spec.initContainers === undefined) return total
  const sidecars: ResourceTotals = {}
  const largest: ResourceTotals = {}
  for (const c of pod.spec.initContainers) {
    const own = amountsOf(c, pod.status?.initContainerStatuses, field, options, infeasible)
    if (c.restartPolicy === 'Always') {
      add(total, own)
      add(sidecars, own)
      raise(largest, sidecars)
    } else {
      const step = { ...own }
      add(step, sidecars)
      raise(largest, step)
    }
  }
  raise(total, largest)
  return total
}

function totals(pod: Pick<Pod, 'spec' | 'status'>, field: Field, options: PodResourcesOptions): ResourceTotals {
  const total = containerTotals(pod, field, options)
  const own = pod.spec.resources?.[field]
  if (options.skipPodLevel === true || own === undefined) return total
  for (const name in own) if (isPodLevelResource(name)) total[name] = own[name]!
  return total
}

/** Resources that a pod as a whole may name. Upstream: IsSupportedPodLevelResource. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}

/** Whether a pod as a whole names requests or limits. Upstream: IsPodLevelResourcesSet. */
export function isPodLevelSet(resources: ResourceRequirements | undefined): boolean {
  return (['requests', 'limits'] as const).some((field) => Object.keys(resources?.[field] ?? {}).some(isPodLevelResource))
}

/** A resize that its node can never grant: only what the pod has counts. */
const isInfeasible = (pod: Pick<Pod, 'status'>): boolean => pod.status?.conditions?.some((c) => c.type === 'PodResizePending' && c.reason === 'Infeasible') === true

function amountsOf(c: Container, statuses: readonly ContainerStatus[] | undefined, field: Field, options: PodResourcesOptions, infeasible: boolean): Readonly<ResourceTotals> {
  const spec = c.resources?.[field] ?? {}
  if (options.useStatus !== true) return spec
  const status = statuses?.find((s) => s.name === c.name)
  if (status?.resources == null) return spec
  if (infeasible) return status.resources[field] ?? {}
  const out = { ...spec }
  raise(out, status.resources[field] ?? {})
  if (field === 'requests') raise(out, status.allocatedResources ?? {})
  return out
}

function add(to: ResourceTotals, from: Readonly<ResourceTotals>): void {
  for (const name in from) to[name] = to[name] === undefined ? quantity(from[name]).text : addQuantity(quantity(to[name]), quantity(from[name])).text
}

function raise(to: ResourceTotals, from: Readonly<ResourceTotals>): void {
  for (const name in from) if (to[name] === undefined || compareQuantity(quantity(from[name]), quantity(to[name])) > 0) to[name] = quantity(from[name]).text
}
