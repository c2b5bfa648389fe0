import type { Pod } from '../../api'
import { parseTime, quantityMilliValue, type KubeObject, type LabelSelector } from '../../apimachinery'
import { MINUTE, type Micros } from '../../sim'

/** Usage of one pod over a window that ended at `at`. Units: `value` thousandths, times µs. */
export interface PodMetric {
  readonly at: Micros
  readonly window: Micros
  readonly value: number
}

/** Usage by the pod's name. */
export type PodMetrics = Map<string, PodMetric>

/** A failure, as its text. */
export interface Failure {
  readonly error: string
}

/** True for a failure. */
export const failed = (x: object): x is Failure => 'error' in x

/**
 * What the metrics APIs answered. Each method fails with the text of upstream's client; values are thousandths.
 * Upstream: pkg/controller/podautoscaler/metrics MetricsClient
 */
export interface MetricsSource {
  resource(name: string, container: string): PodMetrics | Failure
  pods(metric: string, selector: LabelSelector | undefined): PodMetrics | Failure
  object(metric: string, of: { readonly kind: string; readonly name: string }, selector: LabelSelector | undefined): { readonly value: number } | Failure
  external(metric: string, selector: LabelSelector | undefined): { readonly values: readonly number[] } | Failure
}

/** One item of `pods.metrics.k8s.io`. */
export interface PodMetricsItem extends KubeObject {
  readonly timestamp: string
  readonly window: string
  readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[]
}

/** Sums up what a list of PodMetrics says of a resource; a pod of which a container has no sample is left out. Upstream: rest_metrics_client.go getPodMetrics, getContainerMetrics */
export function usageOf(items: readonly PodMetricsItem[], resource: string, container: string): PodMetrics {
  const out: PodMetrics = new Map()
  for (const m of items) {
    const of = container === '' ? m.containers : m.containers.filter((c) => c.name === container)
    if (of.length === 0 && container !== '') continue
    let value = 0
    let whole = true
    for (const c of of) {
      const used = c.usage[resource]
      if (used === undefined) whole = false
      else value += quantityMilliValue(used)
    }
    if (whole) out.set(m.metadata.name, { at: parseTime(m.timestamp) ?? 0, window: windowOf(m.window), value })
  }
  return out
}

/** A Go duration of minutes and seconds. */
function windowOf(text: string): Micros {
  const parts = /^(?:(\d+)m)?(?:([\d.]+)s)?$/.exec(text)
  return parts === null ? MINUTE : Math.round(Number(parts[1] ?? 0) * MINUTE + Number(parts[2] ?? 0) * 1_000_000)
}

/** Metrics that are at hand before the calculation starts, by what was asked. */
export class FetchedMetrics implements MetricsSource {
  constructor(
    /** Items of the resource metrics API, or why there are none. */
    private readonly items: readonly PodMetricsItem[] | Failure | undefined,
    /** By the metric's name. */
    private readonly externals: ReadonlyMap<string, readonly number[] | Failure>,
  ) {}

  resource(name: string, container: string): PodMetrics | Failure {
    const { items } = this
    if (items === undefined || failed(items)) return { error: `unable to fetch metrics from resource metrics API: ${items?.error ?? ''}` }
    if (items.length === 0) return { error: 'no metrics returned from resource metrics API' }
    return usageOf(items, name, container)
  }
  /** No adapter serves custom metrics in the model. */
  pods(): Failure {
    return { error: 'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered' }
  }
  object(): Failure {
    return this.pods()
  }
  external(metric: string): { readonly values: readonly number[] } | Failure {
    const found = this.externals.get(metric)
    if (found === undefined || failed(found)) return { error: `unable to fetch metrics from external metrics API: ${found?.error ?? ''}` }
    return found.length === 0 ? { error: 'no metrics returned from external metrics API' } : { values: found }
  }
}

/** A label selector as Go prints it in texts of events. Upstream: LabelSelector.String of generated.pb.go */
export function goSelector(s: LabelSelector | undefined): string {
  if (s === undefined) return 'nil'
  const labels = Object.keys(s.matchLabels ?? {}).sort().map((k) => `${k}: ${s.matchLabels?.[k]},`).join('')
  const expressions = (s.matchExpressions ?? []).map((e) => `LabelSelectorRequirement{Key:${e.key},Operator:${e.operator},Values:[${(e.values ?? []).join(' ')}],},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${expressions}},}`
}

/** What a pod's containers request of a resource, by the pod's name. Units: thousandths. Upstream: replica_calculator.go calculateRequests */
export function requestsOf(pods: readonly Pod[], resource: string, container: string): ReadonlyMap<string, number> | Failure {
  const out = new Map<string, number>()
  for (const pod of pods) {
    const level = container === '' ? pod.spec.resources?.requests?.[resource] : undefined
    if (level !== undefined) {
      out.set(pod.metadata.name, quantityMilliValue(level))
      continue
    }
    let sum = 0
    const sidecars = (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')
    for (const c of [...pod.spec.containers, ...sidecars]) {
      if (container !== '' && c.name !== container) continue
      const request = c.resources?.requests?.[resource]
      if (request === undefined) return { error: `missing request for ${resource} in container ${c.name} of Pod ${pod.metadata.name}` }
      sum += quantityMilliValue(request)
    }
    out.set(pod.metadata.name, sum)
  }
  return out
}
