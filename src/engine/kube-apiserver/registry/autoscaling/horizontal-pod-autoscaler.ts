import type { HorizontalPodAutoscaler, HPAScalingRules, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../../api'
import {
  forbidden, invalid, notSupported, parseApiVersion, quantity, quantitySign, required, tooMany, type FieldError,
} from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { validateLabelSelector } from '../validation/label-selector'
import { nonNegative } from '../validation/numbers'
import { nameIsPathSegment } from '../validation/object-meta'

const METRIC_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
const DEFAULT_UTILIZATION = 80
const SHOWN = 2

/** The part of a metric that its type names. */
function source(spec: MetricSpec): { target: MetricTarget; name?: string } | undefined {
  switch (spec.type) {
    case 'Resource': return spec.resource
    case 'ContainerResource': return spec.containerResource
    case 'Pods': return spec.pods
    case 'Object': return spec.object
    case 'External': return spec.external
    default: return undefined
  }
}

function current(status: MetricStatus | undefined, type: string): MetricValueStatus | undefined {
  if (status === undefined) return undefined
  switch (type) {
    case 'Resource': return status.resource?.current
    case 'ContainerResource': return status.containerResource?.current
    case 'Pods': return status.pods?.current
    case 'Object': return status.object?.current
    case 'External': return status.external?.current
    default: return undefined
  }
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  const from = source(spec)
  if (from === undefined) return '<unknown type>'
  const { target } = from
  const now = current(status, spec.type)
  const prefix = spec.type === 'Resource' || spec.type === 'ContainerResource' ? `${from.name ?? ''}: ` : ''
  if (target.averageValue != null && (spec.type !== 'Object' || target.value == null)) {
    const suffix = spec.type === 'External' || spec.type === 'Object' ? ' (avg)' : ''
    return `${prefix}${now?.averageValue ?? '<unknown>'}/${quantity(target.averageValue).text}${suffix}`
  }
  if (prefix !== '') {
    const have = now?.averageUtilization == null ? '<unknown>' : `${now.averageUtilization}%`
    return `${prefix}${have}/${target.averageUtilization == null ? '<auto>' : `${target.averageUtilization}%`}`
  }
  return `${now?.value ?? '<unknown>'}/${quantity(target.value).text}`
}

/** The TARGETS column: `cpu: 12%/80%`. Upstream: printers formatHPAMetrics. */
export function hpaTargets(o: HorizontalPodAutoscaler): string {
  const specs = o.spec.metrics ?? []
  if (specs.length === 0) return '<none>'
  const list = specs.slice(0, SHOWN).map((spec, i) => metricText(spec, o.status?.currentMetrics?.[i]))
  return specs.length > SHOWN ? `${list.join(', ')} + ${specs.length - SHOWN} more...` : list.join(', ')
}

function targetErrors(target: MetricTarget, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!target.type) errors.push(required(`${path}.type`, 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(target.type)) errors.push(invalid(`${path}.type`, target.type, 'must be either Utilization, Value, or AverageValue'))
  for (const field of ['value', 'averageValue'] as const) {
    const value = target[field]
    if (value != null && quantitySign(quantity(value)) !== 1) errors.push(invalid(`${path}.${field}`, quantity(value).text, 'must be positive'))
  }
  if (target.averageUtilization != null && target.averageUtilization < 1) errors.push(invalid(`${path}.averageUtilization`, target.averageUtilization, 'must be greater than 0'))
  return errors
}

/** Sources in the order the server looks at them. */
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const

/** Upstream: validateMetricSpec. */
function metricErrors(spec: MetricSpec, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.type) errors.push(required(`${path}.type`, 'must specify a metric source type'))
  if (!METRIC_TYPES.includes(spec.type)) errors.push(notSupported(`${path}.type`, spec.type ?? '', METRIC_TYPES))
  const present = SOURCES.filter((field) => spec[field] != null)
  if (present[0] !== undefined) errors.push(...sourceErrors(spec, present[0], `${path}.${present[0]}`))
  const expected = spec.type ? spec.type[0]!.toLowerCase() + spec.type.slice(1) : ''
  if (METRIC_TYPES.includes(spec.type) && source(spec) == null) errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'))
  if (present.length !== 1) for (const field of present) if (field !== expected) errors.push(forbidden(`${path}.${field}`, 'must populate the given metric source only'))
  return errors
}

function sourceErrors(spec: MetricSpec, field: (typeof SOURCES)[number], path: string): FieldError[] {
  const { target } = spec[field]!
  const at = `${path}.target`
  const isSet = (name: 'value' | 'averageValue' | 'averageUtilization'): boolean => target?.[name] != null
  const errors: FieldError[] = []
  if (field === 'resource' || field === 'containerResource') {
    if (!spec[field]!.name) errors.push(required(`${path}.name`, 'must specify a resource name'))
    if (field === 'containerResource' && !spec.containerResource!.container) errors.push(required(`${path}.container`, 'must specify a container'))
    errors.push(...targetErrors(target ?? { type: '' }, at))
    if (!isSet('averageUtilization') && !isSet('averageValue')) errors.push(required(`${at}.averageUtilization`, 'must set either a target raw value or a target utilization'))
    if (isSet('averageUtilization') && isSet('averageValue')) errors.push(forbidden(`${at}.averageValue`, 'may not set both a target raw value and a target utilization'))
    return errors
  }
  if (field === 'object') errors.push(...referenceErrors(spec.object!.describedObject, `${path}.describedObject`))
  const { name, selector } = spec[field]!.metric ?? { name: '' }
  if (!name) errors.push(required(`${path}.metric.name`, 'must specify a metric name'))
  else for (const message of nameIsPathSegment(name, false)) errors.push(invalid(`${path}.metric.name`, name, message))
  errors.push(...validateLabelSelector(selector, `${path}.metric.selector`), ...targetErrors(target ?? { type: '' }, at))
  if (field === 'object' && !isSet('value') && !isSet('averageValue')) errors.push(required(`${at}.averageValue`, 'must set either a target value or averageValue'))
  if (field === 'external' && !isSet('value') && !isSet('averageValue')) errors.push(required(`${at}.averageValue`, 'must set either a target value for metric or a per-pod target'))
  if (field === 'external' && isSet('value') && isSet('averageValue')) errors.push(forbidden(`${at}.value`, 'may not set both a target value for metric and a per-pod target'))
  if (field === 'pods' && !isSet('averageValue')) errors.push(required(`${at}.averageValue`, 'must specify a positive target averageValue'))
  return errors
}

/** Upstream: ValidateCrossVersionObjectReference. */
function referenceErrors(ref: { kind?: string; name?: string } | undefined, path: string): FieldError[] {
  return (['kind', 'name'] as const).flatMap((field) => {
    const value = ref?.[field]
    return value ? nameIsPathSegment(value, false).map((m) => invalid(`${path}.${field}`, value, m)) : [required(`${path}.${field}`)]
  })
}

function scalingErrors(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (rules == null) return []
  const errors: FieldError[] = []
  const window = rules.stabilizationWindowSeconds
  if (window != null && window < 0) errors.push(invalid(`${path}.stabilizationWindowSeconds`, window, 'must be greater than or equal to zero'))
  if (window != null && window > 3600) errors.push(invalid(`${path}.stabilizationWindowSeconds`, window, 'must be less than or equal to 3600'))
  if (rules.tolerance != null && quantitySign(quantity(rules.tolerance)) < 0) errors.push(invalid(`${path}.tolerance`, quantity(rules.tolerance).text, 'must be greater than or equal to 0'))
  const policies = ['Disabled', 'Max', 'Min']
  if (rules.selectPolicy != null && !policies.includes(rules.selectPolicy)) errors.push(notSupported(`${path}.selectPolicy`, rules.selectPolicy, policies))
  const list = rules.policies ?? []
  if (list.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'))
  list.forEach((p, i) => {
    const at = `${path}.policies[${i}]`
    if (p.type !== 'Pods' && p.type !== 'Percent') errors.push(notSupported(`${at}.type`, p.type, ['Percent', 'Pods']))
    if (p.value <= 0) errors.push(invalid(`${at}.value`, p.value, 'must be greater than zero'))
    if (p.periodSeconds <= 0) errors.push(invalid(`${at}.periodSeconds`, p.periodSeconds, 'must be greater than zero'))
    if (p.periodSeconds > 1800) errors.push(invalid(`${at}.periodSeconds`, p.periodSeconds, 'must be less than or equal to 1800'))
  })
  return errors
}

function validate(o: HorizontalPodAutoscaler): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  if (spec.minReplicas != null && spec.minReplicas < 1) errors.push(invalid('spec.minReplicas', spec.minReplicas, 'must be greater than or equal to 1'))
  if (spec.maxReplicas < 1) errors.push(invalid('spec.maxReplicas', spec.maxReplicas, 'must be greater than 0'))
  if (spec.minReplicas != null && spec.maxReplicas < spec.minReplicas) errors.push(invalid('spec.maxReplicas', spec.maxReplicas, 'must be greater than or equal to `minReplicas`'))
  const { kind, apiVersion = '' } = spec.scaleTargetRef
  const path = 'spec.scaleTargetRef'
  const group = parseApiVersion(apiVersion).group
  // Only ReplicationController is scaled without a group.
  if (group === '' && !(apiVersion === 'v1' && kind === 'ReplicationController')) errors.push(invalid(`${path}.apiVersion`, apiVersion, 'apiVersion must specify API group'))
  errors.push(...referenceErrors(spec.scaleTargetRef, path))
  const metrics = spec.metrics ?? []
  if (metrics.length > 1000) errors.push(tooMany('spec.metrics', metrics.length, 1000))
  metrics.forEach((m, i) => errors.push(...metricErrors(m, `spec.metrics[${i}]`)))
  errors.push(...scalingErrors(spec.behavior?.scaleUp, 'spec.behavior.scaleUp'), ...scalingErrors(spec.behavior?.scaleDown, 'spec.behavior.scaleDown'))
  return errors
}

/** HorizontalPodAutoscaler v2. Upstream: pkg/registry/autoscaling/horizontalpodautoscaler, SetDefaults_HorizontalPodAutoscaler. */
export const horizontalPodAutoscaler = define<HorizontalPodAutoscaler>({
  resource: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: ['status'],
  defaults(o) {
    const { spec } = o
    spec.minReplicas ??= 1
    if ((spec.metrics ?? []).length === 0) {
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: DEFAULT_UTILIZATION } } }]
    }
    if (spec.behavior == null) return
    const up = (spec.behavior.scaleUp ??= {})
    up.stabilizationWindowSeconds ??= 0
    up.selectPolicy ??= 'Max'
    if (up.policies == null) up.policies = [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }]
    const down = (spec.behavior.scaleDown ??= {})
    down.selectPolicy ??= 'Max'
    if (down.policies == null) down.policies = [{ type: 'Percent', value: 100, periodSeconds: 15 }]
  },
  prepareForCreate(o) {
    // As Go prints it: a slice without omitempty.
    o.status = { desiredReplicas: 0, currentMetrics: null as unknown as MetricStatus[] }
  },
  validate,
  validateUpdate: validate,
  validateStatusUpdate: (o) => [...nonNegative(o.status?.currentReplicas, 'status.currentReplicas'), ...nonNegative(o.status?.desiredReplicas, 'status.desiredReplicas')],
  columns: [
    nameColumn,
    column('Reference', (o) => `${o.spec.scaleTargetRef.kind}/${o.spec.scaleTargetRef.name}`),
    column('Targets', hpaTargets),
    column('MinPods', (o) => String(o.spec.minReplicas ?? '<unset>')),
    column('MaxPods', (o) => o.spec.maxReplicas, 'integer'),
    column('Replicas', (o) => o.status?.currentReplicas ?? 0, 'integer'),
    ageColumn,
  ],
})
