import type { HPAScalingRules, HorizontalPodAutoscaler, HorizontalPodAutoscalerCondition, MetricStatus, Pod } from '../../api'
import { matches, parseSelector, quantityMilliValue, type Selector } from '../../apimachinery'
import { SECOND, formatTime, type Micros } from '../../sim'
import type { Tolerances } from './calculator'
import { stabilize, stabilizeWithBehavior, withBehavior, withRules, type Recommendation, type ScaleEvent } from './limits'
import { proposeFor } from './metric-status'
import type { MetricsSource } from './metrics'
import type { HpaSettings } from './settings'

/** What the controller remembers of one autoscaler. Bounds: samples that no window sees are replaced; a window holds a sample each 15 s. */
export interface Memory {
  readonly recommendations: Recommendation[]
  readonly ups: ScaleEvent[]
  readonly downs: ScaleEvent[]
  /** Pods that it selects; undefined until its target was seen. */
  selector: Selector | undefined
}

/** The target's scale. `selector` is the text of its status. */
export interface TargetScale {
  readonly replicas: number
  readonly statusReplicas: number
  readonly selector: string
}

/** A Kubernetes Event about the autoscaler. */
export interface Said {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

/** One look at an autoscaler: collects conditions and events while it goes. Times are µs since 1970. */
export class Look {
  conditions: readonly HorizontalPodAutoscalerCondition[]
  readonly said: Said[] = []

  constructor(
    readonly key: string,
    readonly hpa: HorizontalPodAutoscaler,
    readonly memories: ReadonlyMap<string, Memory>,
    readonly wall: Micros,
    readonly settings: HpaSettings,
  ) {
    this.conditions = hpa.status?.conditions ?? []
  }

  get memory(): Memory {
    return this.memories.get(this.key) as Memory
  }

  warn(reason: string, message: string): void {
    this.said.push({ type: 'Warning', reason, message })
  }

  /** Upstream: setConditionInList */
  set(type: string, status: 'True' | 'False', reason: string, message: string): void {
    const i = this.conditions.findIndex((c) => c.type === type)
    const before = this.conditions[i]
    const c = { type, status, lastTransitionTime: before?.status === status ? (before.lastTransitionTime as string) : formatTime(this.wall), reason, message }
    this.conditions = i < 0 ? [...this.conditions, c] : this.conditions.with(i, c)
  }
}

/** What a look came to. `error` ends the sync after the status was written; a `rescale` is done all the same. */
export interface Decision {
  readonly desired: number
  readonly rescale: boolean
  readonly reason: string
  readonly statuses: readonly MetricStatus[]
  readonly error?: string | undefined
}

/** True when the metrics matter; otherwise the size of the target alone decides. */
export function needsMetrics(look: Look, scale: TargetScale): boolean {
  const { minReplicas = 1, maxReplicas } = look.hpa.spec
  if (scale.replicas === 0) return canLeaveZero(look)
  return scale.replicas <= maxReplicas && scale.replicas >= minReplicas
}

const asksOthers = (hpa: HorizontalPodAutoscaler): boolean => (hpa.spec.metrics ?? []).some((m) => m.type === 'Object' || m.type === 'External')

/** Only what the autoscaler itself has scaled to zero does it scale up again. Upstream: gate HPAScaleToZero */
function canLeaveZero(look: Look): boolean {
  return look.settings.scaleToZero && asksOthers(look.hpa) && look.conditions.find((c) => c.type === 'ScaledToZero')?.status === 'True'
}

/** How many replicas there should be. Upstream: horizontal.go reconcileAutoscaler, between reading and writing the scale */
export function decide(look: Look, scale: TargetScale, podsOf: (selector: Selector) => readonly Pod[], metrics: MetricsSource): Decision {
  const { hpa } = look
  const { minReplicas = 1, maxReplicas } = hpa.spec
  const { replicas: current } = scale
  look.set('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale")
  if (look.memory.recommendations.length === 0) look.memory.recommendations.push({ replicas: current, at: look.wall })
  if (!needsMetrics(look, scale)) {
    if (current === 0) {
      look.set('ScalingActive', 'False', 'ScalingDisabled', 'scaling is disabled since the replica count of the target is zero')
      return { desired: 0, rescale: false, reason: '', statuses: [] }
    }
    const above = current > maxReplicas
    return { desired: above ? maxReplicas : minReplicas, rescale: true, reason: `Current number of replicas ${above ? 'above Spec.MaxReplicas' : 'below Spec.MinReplicas'}`, statuses: [] }
  }
  const found = fromMetrics(look, scale, podsOf, metrics)
  if (found.replicas < 0) {
    look.warn('FailedComputeMetricsReplicas', found.error as string)
    return { desired: current, rescale: false, reason: '', statuses: found.statuses, error: `failed to compute desired number of replicas based on listed metrics for ${referenceOf(hpa)}: ${found.error}` }
  }
  const reason = found.replicas > current ? `${found.name} above target` : found.replicas < current ? 'All metrics below target' : ''
  const desired = normalize(look, current, found.replicas, minReplicas)
  return { desired, rescale: desired !== current, reason, statuses: found.statuses, error: found.error }
}

/** Kind, namespace and name of the target, as errors name it. */
export const referenceOf = (hpa: HorizontalPodAutoscaler): string => `${hpa.spec.scaleTargetRef.kind}/${hpa.metadata.namespace}/${hpa.spec.scaleTargetRef.name}`

interface FromMetrics {
  /** -1 when there is no proposal. */
  readonly replicas: number
  readonly name: string
  readonly statuses: readonly MetricStatus[]
  readonly error?: string | undefined
}

/** The highest of all proposals; with a metric that fails nothing is scaled down. Upstream: computeReplicasForMetrics */
function fromMetrics(look: Look, scale: TargetScale, podsOf: (selector: Selector) => readonly Pod[], metrics: MetricsSource): FromMetrics {
  const { hpa } = look
  const specs = hpa.spec.metrics ?? []
  const selector = selectorOf(look, scale, podsOf)
  if (typeof selector === 'string') return { replicas: -1, name: '', statuses: [], error: selector }
  const input = { metrics, pods: podsOf(selector), wall: look.wall, settings: look.settings, tolerances: tolerancesOf(look) }
  const statuses: MetricStatus[] = []
  let replicas = 0
  let name = ''
  let invalid = 0
  let first: { readonly reason: string; readonly cause: string; readonly error: string } | undefined
  for (const spec of specs) {
    const p = proposeFor(hpa, spec, { spec: scale.replicas, status: scale.statusReplicas }, input)
    if ('error' in p) {
      look.warn(p.reason, p.cause)
      first ??= p
      invalid++
      // Upstream leaves the failed metric's status empty.
      statuses.push({ type: '' })
      continue
    }
    statuses.push(p.status)
    if (replicas === 0 || p.replicas > replicas) {
      replicas = p.replicas
      name = p.name
    }
  }
  const error = first && `invalid metrics (${invalid} invalid out of ${specs.length}), first error is: ${first.error}`
  if (first && (invalid >= specs.length || replicas < scale.replicas)) {
    look.set('ScalingActive', 'False', first.reason, `the HPA was unable to compute the replica count: ${first.cause}`)
    return { replicas: -1, name: '', statuses, error }
  }
  look.set('ScalingActive', 'True', 'ValidMetricFound', `the HPA was able to successfully calculate a replica count from ${name}`)
  return { replicas, name, statuses, error }
}

/** The target's selector, or why it is of no use. Upstream: validateAndParseSelector */
function selectorOf(look: Look, scale: TargetScale, podsOf: (selector: Selector) => readonly Pod[]): Selector | string {
  const fail = (reason: string, conditionReason: string, error: string, message = error): string => {
    look.warn(reason, error)
    look.set('ScalingActive', 'False', conditionReason, message)
    return error
  }
  if (scale.selector === '') return fail('SelectorRequired', 'InvalidSelector', 'selector is required', "the HPA target's scale is missing a selector")
  const selector = parseSelector(scale.selector)
  if (typeof selector === 'string') return fail('InvalidSelector', 'InvalidSelector', `couldn't convert selector into a corresponding internal selector object: ${selector}`)
  look.memory.selector = selector
  const namespace = look.hpa.metadata.namespace as string
  const others = [...look.memories].filter(([key, m]) => m.selector !== undefined && key.startsWith(`${namespace}/`))
  if (others.length < 2) return selector
  const pods = podsOf(selector)
  const selecting = others.filter(([, m]) => pods.some((p) => matches(m.selector as Selector, p.metadata.labels))).map(([key]) => key)
  return selecting.length < 2 ? selector : fail('AmbiguousSelector', 'AmbiguousSelector', `pods by selector ${scale.selector} are controlled by multiple HPAs: [${selecting.sort().join(' ')}]`)
}

function tolerancesOf(look: Look): Tolerances {
  const { settings, hpa } = look
  const of = (rules: HPAScalingRules | undefined): number => (settings.configurableTolerance && rules?.tolerance !== undefined ? quantityMilliValue(rules.tolerance) / 1000 : settings.tolerance)
  return { up: of(hpa.spec.behavior?.scaleUp), down: of(hpa.spec.behavior?.scaleDown) }
}

/** Upstream: normalizeDesiredReplicas, normalizeDesiredReplicasWithBehaviors */
function normalize(look: Look, current: number, proposed: number, min: number): number {
  const { hpa, memory, wall, settings } = look
  const { behavior, maxReplicas: max } = hpa.spec
  const ready = ['AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size'] as const
  const limited = (l: { readonly replicas: number; readonly reason: string; readonly message: string }, wanted: number): number => {
    look.set('ScalingLimited', l.replicas === wanted ? 'False' : 'True', l.reason, l.message)
    return l.replicas
  }
  if (behavior === undefined) {
    const stable = stabilize(memory.recommendations, proposed, settings.downscaleStabilization, wall)
    if (stable === proposed) look.set(...ready)
    else look.set('AbleToScale', 'True', 'ScaleDownStabilized', 'recent recommendations were higher than current one, applying the highest recent recommendation')
    return limited(withRules(current, stable, min, max, settings), stable)
  }
  const { scaleUp: up = {}, scaleDown: down = {} } = behavior
  const s = stabilizeWithBehavior(memory.recommendations, current, proposed, up.stabilizationWindowSeconds ?? 0, down.stabilizationWindowSeconds ?? settings.downscaleStabilization / SECOND, wall)
  if (s.replicas === proposed) look.set(...ready)
  else look.set('AbleToScale', 'True', s.reason, s.message)
  return limited(withBehavior({ current, desired: s.replicas, min, max, up, down, ups: memory.ups, downs: memory.downs, now: wall }), s.replicas)
}

/** The scale was changed: what is to be said of it. */
export function rescaled(look: Look, from: number, to: number, reason: string): void {
  const { hpa, settings } = look
  const { minReplicas = 1 } = hpa.spec
  look.set('AbleToScale', 'True', 'SucceededRescale', `the HPA controller was able to update the target scale to ${to}`)
  look.said.push({ type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${to}; reason: ${reason}` })
  if (!settings.scaleToZero) return
  if (from > 0 && to === 0 && minReplicas === 0 && asksOthers(hpa)) look.set('ScaledToZero', 'True', 'ScaledToZero', 'the HPA controller scaled the workload to zero')
  else look.set('ScaledToZero', 'False', 'NotScaledToZero', 'the HPA controller did not scale the workload to zero')
}
