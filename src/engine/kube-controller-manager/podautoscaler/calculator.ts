import type { Pod } from '../../api'
import type { LabelSelector } from '../../apimachinery'
import type { Micros } from '../../sim'
import { isPodReady, podCondition, timeOf } from '../pods'
import { failed, goSelector, requestsOf, type Failure, type MetricsSource, type PodMetrics } from './metrics'
import type { HpaSettings } from './settings'

/** Relative distances from the target that are no reason to scale. */
export interface Tolerances {
  readonly up: number
  readonly down: number
}

/** What a calculation sees. `pods`: those that the target's selector matches. `wall`: now. Units: µs since 1970. */
export interface CalculatorInput {
  readonly metrics: MetricsSource
  readonly pods: readonly Pod[]
  readonly wall: Micros
  readonly settings: HpaSettings
  readonly tolerances: Tolerances
}

/** A proposal. `utilization`: per cent of the request; `usage`: thousandths (of one pod where it is an average). */
export interface Proposal {
  readonly replicas: number
  readonly utilization: number
  readonly usage: number
}

const MAX_REPLICAS = 0x7fff_ffff
const MAX_USAGE = 2 ** 63

const within = (t: Tolerances, ratio: number): boolean => 1 - t.down <= ratio && ratio <= 1 + t.up
const replicasOf = (x: number): number => Math.min(MAX_REPLICAS, Math.ceil(x))
const noPods: Failure = { error: 'no pods returned by selector while calculating replica count' }
const noMetrics: Failure = { error: 'did not receive metrics for targeted pods (pods might be unready)' }

/** Pods by what their metrics are good for. Upstream: groupPods */
export function groupPods(pods: readonly Pod[], metrics: PodMetrics, resource: string, wall: Micros, settings: HpaSettings) {
  let ready = 0
  const unready = new Set<string>()
  const missing = new Set<string>()
  const ignored = new Set<string>()
  for (const pod of pods) {
    const { name } = pod.metadata
    const phase = pod.status?.phase
    const metric = metrics.get(name)
    if (pod.metadata.deletionTimestamp !== undefined || phase === 'Failed') ignored.add(name)
    else if (phase === 'Pending') unready.add(name)
    else if (metric === undefined) missing.add(name)
    else if (resource === 'cpu' && isColdSample(pod, metric, wall, settings)) unready.add(name)
    else ready++
  }
  return { ready, unready, missing, ignored }
}

/** A CPU sample that says nothing of the pod's usual work: it starts, or was never ready. */
function isColdSample(pod: Pod, metric: { readonly at: Micros; readonly window: Micros }, wall: Micros, settings: HpaSettings): boolean {
  const condition = podCondition(pod, 'Ready')
  if (condition === undefined || pod.status?.startTime === undefined) return true
  const start = timeOf(pod.status.startTime)
  const since = timeOf(condition.lastTransitionTime)
  if (start + settings.cpuInitialization > wall) return condition.status === 'False' || metric.at < since + metric.window
  return condition.status === 'False' && start + settings.initialReadinessDelay > since
}

/** Replicas for a utilization in per cent of the request. Upstream: GetResourceReplicas */
export function resourceReplicas(input: CalculatorInput, current: number, target: number, resource: string, container: string): Proposal | Failure {
  const metrics = input.metrics.resource(resource, container)
  if (failed(metrics)) return { error: `unable to get metrics for resource ${resource}: ${metrics.error}` }
  if (input.pods.length === 0) return noPods
  const groups = groupPods(input.pods, metrics, resource, input.wall, input.settings)
  forget(metrics, groups.ignored)
  forget(metrics, groups.unready)
  if (metrics.size === 0) return noMetrics
  const requests = requestsOf(input.pods, resource, container)
  if (failed(requests)) return requests
  const share = utilizationRatio(metrics, requests, target)
  if (failed(share)) return share
  const { ratio } = share
  const proposal = (replicas: number): Proposal => ({ replicas, utilization: share.utilization, usage: share.usage })
  const upWithUnready = groups.unready.size > 0 && ratio > 1
  if (!upWithUnready && groups.missing.size === 0) return proposal(within(input.tolerances, ratio) ? current : replicasOf(ratio * groups.ready))
  // What is not known speaks against the change: missing pods use all that they may when scaling down, nothing when scaling up.
  const fallback = Math.max(100, target)
  for (const name of groups.missing) if (ratio !== 1) fill(metrics, name, ratio < 1 ? Math.trunc(((requests.get(name) ?? 0) * fallback) / 100) : 0)
  if (upWithUnready) for (const name of groups.unready) fill(metrics, name, 0)
  const again = utilizationRatio(metrics, requests, target)
  if (failed(again)) return again
  return proposal(rebalanced(input, current, ratio, again.ratio, metrics.size))
}

function rebalanced(input: CalculatorInput, current: number, before: number, after: number, pods: number): number {
  if (within(input.tolerances, after) || (before < 1 && after > 1) || (before > 1 && after < 1)) return current
  const replicas = replicasOf(after * pods)
  return (after < 1 && replicas > current) || (after > 1 && replicas < current) ? current : replicas
}

/** Upstream: metrics/utilization.go GetResourceUtilizationRatio */
function utilizationRatio(metrics: PodMetrics, requests: ReadonlyMap<string, number>, target: number) {
  let used = 0
  let requested = 0
  let entries = 0
  for (const [name, m] of metrics) {
    const request = requests.get(name)
    if (request === undefined) continue
    used += m.value
    requested += request
    entries++
  }
  if (requested === 0) return { error: 'no metrics returned matched known pods' }
  const utilization = Math.trunc((used * 100) / requested)
  return { ratio: utilization / target, utilization, usage: Math.trunc(used / entries) }
}

/** Replicas for an average of the pods' usage. `resource` empty: a metric that is none. Upstream: calcPlainMetricReplicas */
export function plainReplicas(input: CalculatorInput, metrics: PodMetrics, current: number, target: number, resource: string): Proposal | Failure {
  if (input.pods.length === 0) return noPods
  const groups = groupPods(input.pods, metrics, resource, input.wall, input.settings)
  forget(metrics, groups.ignored)
  forget(metrics, groups.unready)
  if (metrics.size === 0) return noMetrics
  const usage = average(metrics)
  const ratio = usage / target
  const proposal = (replicas: number): Proposal => ({ replicas, utilization: 0, usage })
  const upWithUnready = groups.unready.size > 0 && ratio > 1
  if (!upWithUnready && groups.missing.size === 0) return proposal(within(input.tolerances, ratio) ? current : replicasOf(ratio * groups.ready))
  for (const name of groups.missing) if (ratio !== 1) fill(metrics, name, ratio < 1 ? target : 0)
  if (upWithUnready) for (const name of groups.unready) fill(metrics, name, 0)
  return proposal(rebalanced(input, current, ratio, average(metrics) / target, metrics.size))
}

function average(metrics: PodMetrics): number {
  let sum = 0
  for (const m of metrics.values()) sum += m.value
  return Math.trunc(sum / metrics.size)
}

/** Upstream: GetRawResourceReplicas */
export function rawResourceReplicas(input: CalculatorInput, current: number, target: number, resource: string, container: string): Proposal | Failure {
  const metrics = input.metrics.resource(resource, container)
  return failed(metrics) ? { error: `unable to get metrics for resource ${resource}: ${metrics.error}` } : plainReplicas(input, metrics, current, target, resource)
}

/** Upstream: GetMetricReplicas */
export function podsMetricReplicas(input: CalculatorInput, current: number, target: number, metric: string, selector: LabelSelector | undefined): Proposal | Failure {
  const metrics = input.metrics.pods(metric, selector)
  return failed(metrics) ? { error: `unable to get metric ${metric}: ${metrics.error}` } : plainReplicas(input, metrics, current, target, '')
}

/** What an object metric is about. */
export interface ObjectMetricTarget {
  readonly metric: string
  readonly namespace: string
  readonly object: { readonly kind: string; readonly name: string }
  readonly selector: LabelSelector | undefined
}

function objectUsage(input: CalculatorInput, t: ObjectMetricTarget): { readonly value: number } | Failure {
  const found = input.metrics.object(t.metric, t.object, t.selector)
  return failed(found) ? { error: `unable to get metric ${t.metric}: ${t.object.kind} on ${t.namespace} ${t.object.name}/${found.error}` } : found
}

/** Upstream: GetObjectMetricReplicas */
export function objectReplicas(input: CalculatorInput, current: number, target: number, t: ObjectMetricTarget): Proposal | Failure {
  const found = objectUsage(input, t)
  return failed(found) ? found : byRatio(input, current, found.value, target)
}

/** Upstream: GetObjectPerPodMetricReplicas */
export function objectPerPodReplicas(input: CalculatorInput, statusReplicas: number, target: number, t: ObjectMetricTarget): Proposal | Failure {
  const found = objectUsage(input, t)
  return failed(found) ? found : perPod(input, statusReplicas, found.value, target)
}

function externalUsage(input: CalculatorInput, namespace: string, metric: string, selector: LabelSelector | undefined): { readonly value: number } | Failure {
  const found = input.metrics.external(metric, selector)
  if (failed(found)) return { error: `unable to get external metric ${namespace}/${metric}/${goSelector(selector)}: ${found.error}` }
  return { value: Math.min(MAX_USAGE, found.values.reduce((a, b) => a + b, 0)) }
}

/** Upstream: GetExternalMetricReplicas */
export function externalReplicas(input: CalculatorInput, current: number, target: number, namespace: string, metric: string, selector: LabelSelector | undefined): Proposal | Failure {
  const found = externalUsage(input, namespace, metric, selector)
  return failed(found) ? found : byRatio(input, current, found.value, target)
}

/** Upstream: GetExternalPerPodMetricReplicas */
export function externalPerPodReplicas(input: CalculatorInput, statusReplicas: number, target: number, namespace: string, metric: string, selector: LabelSelector | undefined): Proposal | Failure {
  const found = externalUsage(input, namespace, metric, selector)
  return failed(found) ? found : perPod(input, statusReplicas, found.value, target)
}

/** From nothing to as many as the ratio says; otherwise in proportion to the ready pods. Upstream: getUsageRatioReplicaCount */
function byRatio(input: CalculatorInput, current: number, usage: number, target: number): Proposal | Failure {
  const ratio = usage / target
  if (current === 0) return { replicas: replicasOf(ratio), utilization: 0, usage }
  if (within(input.tolerances, ratio)) return { replicas: current, utilization: 0, usage }
  if (input.pods.length === 0) return { error: `unable to calculate ready pods: ${noPods.error}` }
  let ready = 0
  for (const p of input.pods) if (p.status?.phase === 'Running' && isPodReady(p)) ready++
  return { replicas: replicasOf(ratio * ready), utilization: 0, usage }
}

function perPod(input: CalculatorInput, statusReplicas: number, usage: number, target: number): Proposal {
  const ratio = usage / (target * statusReplicas)
  const replicas = within(input.tolerances, ratio) ? statusReplicas : replicasOf(usage / target)
  return { replicas, utilization: 0, usage: Math.ceil(usage / statusReplicas) }
}

function forget(metrics: PodMetrics, names: ReadonlySet<string>): void {
  for (const name of names) metrics.delete(name)
}

function fill(metrics: PodMetrics, name: string, value: number): void {
  metrics.set(name, { at: 0, window: 0, value })
}
