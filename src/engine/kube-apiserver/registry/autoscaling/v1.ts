import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1, MetricSpec } from '../../../api'

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics'
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior'

function isCpuShare(m: MetricSpec): boolean {
  return m.type === 'Resource' && m.resource?.name === 'cpu' && m.resource.target.averageUtilization != null
}

/** An autoscaling/v1 object as v2, the stored version. Upstream: pkg/apis/autoscaling/v1/conversion.go. */
export function hpaFromV1(o: HorizontalPodAutoscalerV1): HorizontalPodAutoscaler {
  const { targetCPUUtilizationPercentage: share, ...spec } = o.spec
  const annotations = { ...o.metadata.annotations }
  const metrics = parse<MetricSpec[]>(annotations[METRICS]) ?? []
  const behavior = parse<NonNullable<HorizontalPodAutoscaler['spec']['behavior']>>(annotations[BEHAVIOR])
  delete annotations[METRICS]
  delete annotations[BEHAVIOR]
  if (share !== undefined) metrics.unshift({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: share } } })
  const made: HorizontalPodAutoscaler = { ...o, apiVersion: 'autoscaling/v2', metadata: { ...o.metadata }, spec: { ...spec }, status: { desiredReplicas: 0 } }
  if (Object.keys(annotations).length > 0) made.metadata.annotations = annotations
  else delete made.metadata.annotations
  if (metrics.length > 0) made.spec.metrics = metrics
  if (behavior !== undefined) made.spec.behavior = behavior
  if (o.status !== undefined) {
    const { currentCPUUtilizationPercentage: now, ...status } = o.status
    made.status = { ...status }
    if (now !== undefined) made.status.currentMetrics = [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: now, averageValue: '0' } } }]
  }
  return made
}

/** A stored object as autoscaling/v1: what v1 cannot say goes into annotations. */
export function hpaToV1(o: HorizontalPodAutoscaler): HorizontalPodAutoscalerV1 {
  const { metrics = [], behavior, ...spec } = o.spec
  const share = metrics.find(isCpuShare)
  const others = metrics.filter((m) => m !== share)
  const annotations = { ...o.metadata.annotations }
  if (others.length > 0) annotations[METRICS] = JSON.stringify(others)
  if (behavior !== undefined) annotations[BEHAVIOR] = JSON.stringify(behavior)
  const made: HorizontalPodAutoscalerV1 = {
    ...o, apiVersion: 'autoscaling/v1', metadata: { ...o.metadata }, spec: { ...spec },
    status: { currentReplicas: o.status?.currentReplicas ?? 0, desiredReplicas: o.status?.desiredReplicas ?? 0 },
  }
  if (Object.keys(annotations).length > 0) made.metadata.annotations = annotations
  const target = share?.resource?.target.averageUtilization
  if (target !== undefined) made.spec.targetCPUUtilizationPercentage = target
  if (o.status?.lastScaleTime !== undefined) made.status!.lastScaleTime = o.status.lastScaleTime
  if (o.status?.observedGeneration !== undefined) made.status!.observedGeneration = o.status.observedGeneration
  const now = o.status?.currentMetrics?.find((m) => m.resource?.name === 'cpu')?.resource?.current.averageUtilization
  if (now !== undefined) made.status!.currentCPUUtilizationPercentage = now
  return made
}

function parse<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}
