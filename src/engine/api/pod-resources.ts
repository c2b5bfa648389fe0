import { addQuantity, compareQuantity, quantity, type Quantity } from '../apimachinery'
import type { Container, Pod, PodSpec, PodStatus } from './types.generated'

/** Amounts by resource name. */
export type ResourceAmounts = Record<string, Quantity>

type List = Readonly<Record<string, string>> | undefined
type Which = 'requests' | 'limits'

/** Adds to a list in place. */
export function addAmounts(to: ResourceAmounts, list: List | ResourceAmounts): void {
  for (const k in list) {
    const v = amount(list[k]!)
    to[k] = to[k] === undefined ? v : addQuantity(to[k], v)
  }
}

/** The larger of two lists, resource by resource, in place. */
function raise(to: ResourceAmounts, list: List | ResourceAmounts): void {
  for (const k in list) {
    const v = amount(list[k]!)
    if (to[k] === undefined || compareQuantity(to[k], v) < 0) to[k] = v
  }
}

const amount = (v: string | Quantity): Quantity => (typeof v === 'object' ? v : quantity(v))

/**
 * What a pod asks of its node: the sum of its containers or the largest init container, with its overhead; what the pod as a whole says
 * wins. With a status, what its containers really have counts if it is more (a resize under way).
 * Upstream: component-helpers/resource PodRequests, PodLimits.
 */
export function podAmounts(spec: PodSpec, which: Which, status?: PodStatus): ResourceAmounts {
  const sum: ResourceAmounts = {}
  const of = (c: Container, statuses: PodStatus['containerStatuses']): ResourceAmounts => {
    const own: ResourceAmounts = {}
    addAmounts(own, c.resources?.[which])
    const real = status === undefined ? undefined : statuses?.find((s) => s.name === c.name)
    if (real?.resources != null) {
      if (infeasible(status)) {
        const actual: ResourceAmounts = {}
        addAmounts(actual, real.resources[which])
        return actual
      }
      raise(own, real.resources[which])
      if (which === 'requests') raise(own, real.allocatedResources)
    }
    return own
  }
  for (const c of spec.containers ?? []) addAmounts(sum, of(c, status?.containerStatuses))
  const sidecars: ResourceAmounts = {}
  const init: ResourceAmounts = {}
  for (const c of spec.initContainers ?? []) {
    const own = of(c, status?.initContainerStatuses)
    if (c.restartPolicy === 'Always') {
      addAmounts(sum, own)
      addAmounts(sidecars, own)
      raise(init, sidecars)
    } else {
      addAmounts(own, sidecars)
      raise(init, own)
    }
  }
  raise(sum, init)
  for (const k in spec.resources?.[which]) if (k === 'cpu' || k === 'memory' || k.startsWith('hugepages-')) sum[k] = quantity(spec.resources![which]![k])
  if (which === 'requests') addAmounts(sum, spec.overhead)
  else for (const k in spec.overhead) if (sum[k] !== undefined) sum[k] = addQuantity(sum[k], quantity(spec.overhead[k]))
  return sum
}

function infeasible(status: PodStatus | undefined): boolean {
  return status?.conditions?.some((c) => c.type === 'PodResizePending' && c.reason === 'Infeasible') ?? false
}

/** Whether a pod says resources for itself as a whole. Upstream: component-helpers/resource IsPodLevelResourcesSet. */
export function hasPodLevelResources(pod: Pick<Pod, 'spec'>): boolean {
  const r = pod.spec.resources
  return r != null && (Object.keys(r.requests ?? {}).length > 0 || Object.keys(r.limits ?? {}).length > 0)
}
