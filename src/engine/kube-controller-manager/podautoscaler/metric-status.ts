import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget } from '../../api'
import { labelSelectorError, newMilliQuantity, quantityMilliValue, goQuote, type LabelSelector } from '../../apimachinery'
import {
  externalPerPodReplicas, externalReplicas, objectPerPodReplicas, objectReplicas, podsMetricReplicas, rawResourceReplicas, resourceReplicas,
  type CalculatorInput, type Proposal,
} from './calculator'
import { failed, goSelector, type Failure } from './metrics'

/** What one metric proposes, or why it cannot: `reason` is the condition's, `cause` its text, `error` the sync's. */
export type MetricProposal =
  | { readonly replicas: number; readonly name: string; readonly status: MetricStatus }
  | { readonly reason: string; readonly cause: string; readonly error: string }

/** The scale that the autoscaler found. */
export interface Replicas {
  readonly spec: number
  readonly status: number
}

/** Bytes in binary units, all else in thousandths. Upstream: horizontal.go buildQuantity */
export const quantityText = (resource: string, milli: number): string => newMilliQuantity(milli, resource === 'memory' ? 'BinarySI' : 'DecimalSI').text

const milliText = (milli: number): string => newMilliQuantity(milli).text

/** Proposal and status of one metric. Upstream: computeReplicasForMetric */
export function proposeFor(hpa: HorizontalPodAutoscaler, spec: MetricSpec, now: Replicas, input: CalculatorInput): MetricProposal {
  switch (spec.type) {
    case 'Object':
      return object(hpa, spec, now, input)
    case 'Pods':
      return pods(spec, now, input)
    case 'Resource':
      return resource(spec, now, input)
    case 'ContainerResource':
      return containerResource(spec, now, input)
    case 'External':
      return external(hpa, spec, now, input)
    default: {
      const error = `unknown metric source type ${goQuote(spec.type)}`
      return { reason: 'InvalidMetricSourceType', cause: error, error }
    }
  }
}

function selectorFailure(selector: LabelSelector | undefined): Failure | undefined {
  const error = labelSelectorError(selector)
  return error === undefined ? undefined : { error }
}

function object(hpa: HorizontalPodAutoscaler, spec: MetricSpec, now: Replicas, input: CalculatorInput): MetricProposal {
  const { target, metric, describedObject } = spec.object as NonNullable<MetricSpec['object']>
  const fail = (cause: string): MetricProposal => ({ reason: 'FailedGetObjectMetric', cause, error: `failed to get object metric value: ${cause}` })
  const wrong = selectorFailure(metric.selector)
  if (wrong) return fail(wrong.error)
  const t = { metric: metric.name, namespace: hpa.metadata.namespace as string, object: describedObject, selector: metric.selector }
  if (target.type === 'Value') {
    const p = objectReplicas(input, now.spec, quantityMilliValue(target.value), t)
    if (failed(p)) return fail(p.error)
    return { replicas: p.replicas, name: `${describedObject.kind} metric ${metric.name}`, status: { type: 'Object', object: { describedObject, metric, current: { value: milliText(p.usage) } } } }
  }
  if (target.type === 'AverageValue') {
    const p = objectPerPodReplicas(input, now.status, quantityMilliValue(target.averageValue), t)
    if (failed(p)) return { reason: 'FailedGetObjectMetric', cause: p.error, error: `failed to get object metric value: failed to get ${metric.name} object metric: ${p.error}` }
    return { replicas: p.replicas, name: `external metric ${metric.name}(${goSelector(metric.selector)})`, status: { type: 'Object', object: { describedObject, metric, current: { averageValue: milliText(p.usage) } } } }
  }
  return fail('invalid object metric source: neither a value target nor an average value target was set')
}

function pods(spec: MetricSpec, now: Replicas, input: CalculatorInput): MetricProposal {
  const { target, metric } = spec.pods as NonNullable<MetricSpec['pods']>
  const p = selectorFailure(metric.selector) ?? podsMetricReplicas(input, now.spec, quantityMilliValue(target.averageValue), metric.name, metric.selector)
  if (failed(p)) return { reason: 'FailedGetPodsMetric', cause: p.error, error: `failed to get pods metric value: ${p.error}` }
  return { replicas: p.replicas, name: `pods metric ${metric.name}`, status: { type: 'Pods', pods: { metric, current: { averageValue: milliText(p.usage) } } } }
}

/** Upstream: computeStatusForResourceMetricGeneric */
function usage(target: MetricTarget, name: string, container: string, now: Replicas, input: CalculatorInput): (Proposal & { readonly share: boolean }) | Failure {
  if (target.averageValue !== undefined) {
    const p = rawResourceReplicas(input, now.spec, quantityMilliValue(target.averageValue), name, container)
    return failed(p) ? { error: `failed to get ${name} usage: ${p.error}` } : { ...p, share: false }
  }
  if (target.averageUtilization === undefined) return { error: 'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set' }
  const p = resourceReplicas(input, now.spec, target.averageUtilization, name, container)
  return failed(p) ? { error: `failed to get ${name} utilization: ${p.error}` } : { ...p, share: true }
}

const current = (p: Proposal & { readonly share: boolean }, name: string) => ({ ...(p.share && { averageUtilization: p.utilization }), averageValue: quantityText(name, p.usage) })

function resource(spec: MetricSpec, now: Replicas, input: CalculatorInput): MetricProposal {
  const { name, target } = spec.resource as NonNullable<MetricSpec['resource']>
  const p = usage(target, name, '', now, input)
  if (failed(p)) return { reason: 'FailedGetResourceMetric', cause: p.error, error: `failed to get ${name} resource metric value: ${p.error}` }
  return { replicas: p.replicas, name: `${name} resource${p.share ? ' utilization (percentage of request)' : ''}`, status: { type: 'Resource', resource: { name, current: current(p, name) } } }
}

function containerResource(spec: MetricSpec, now: Replicas, input: CalculatorInput): MetricProposal {
  const { name, target, container } = spec.containerResource as NonNullable<MetricSpec['containerResource']>
  const p = usage(target, name, container, now, input)
  if (failed(p)) return { reason: 'FailedGetContainerResourceMetric', cause: p.error, error: `failed to get ${name} container metric value: ${p.error}` }
  return {
    replicas: p.replicas, name: `${name} container resource${p.share ? ' utilization (percentage of request)' : ''}`,
    status: { type: 'ContainerResource', containerResource: { name, container, current: current(p, name) } },
  }
}

function external(hpa: HorizontalPodAutoscaler, spec: MetricSpec, now: Replicas, input: CalculatorInput): MetricProposal {
  const { target, metric } = spec.external as NonNullable<MetricSpec['external']>
  const namespace = hpa.metadata.namespace as string
  const fail = (cause: string, inner: string): MetricProposal => ({ reason: 'FailedGetExternalMetric', cause, error: `failed to get ${metric.name} external metric value: ${inner}` })
  const name = `external metric ${metric.name}(${goSelector(metric.selector)})`
  if (target.averageValue !== undefined) {
    const p = externalPerPodReplicas(input, now.status, quantityMilliValue(target.averageValue), namespace, metric.name, metric.selector)
    if (failed(p)) return fail(p.error, `failed to get ${metric.name} external metric: ${p.error}`)
    return { replicas: p.replicas, name, status: { type: 'External', external: { metric, current: { averageValue: milliText(p.usage) } } } }
  }
  if (target.value !== undefined) {
    const p = externalReplicas(input, now.spec, quantityMilliValue(target.value), namespace, metric.name, metric.selector)
    if (failed(p)) return fail(p.error, `failed to get external metric ${metric.name}: ${p.error}`)
    return { replicas: p.replicas, name, status: { type: 'External', external: { metric, current: { value: milliText(p.usage) } } } }
  }
  const error = 'invalid external metric source: neither a value target nor an average value target was set'
  return fail(error, error)
}
