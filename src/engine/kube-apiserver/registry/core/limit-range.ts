import type { LimitRange, LimitRangeItem } from '../../../api'
import { compareQuantity, duplicate, forbidden, invalid, qualifiedNameErrors, quantity, required, type FieldError } from '../../../apimachinery'
import { column, define, nameColumn } from '../define'
import { roundResources } from '../defaults/pod-spec'
import { containerResourceName, isOvercommitAllowed, resourceName } from '../validation/resources'

const TYPES = ['Pod', 'Container', 'PersistentVolumeClaim']

const less = (a: string, b: string): boolean => compareQuantity(quantity(a), quantity(b)) < 0

/** Rules of one item: every bound must fit the others. Upstream: ValidateLimitRange. */
function itemErrors(item: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = []
  const names = new Set<string>()
  const isOfPods = item.type === 'Pod' || item.type === 'Container'
  const check = (field: 'max' | 'min' | 'default' | 'defaultRequest' | 'maxLimitRequestRatio'): void => {
    for (const name in item[field]) {
      names.add(name)
      errors.push(...(isOfPods ? containerResourceName : resourceName)(name, `${path}.${field}[${name}]`))
    }
  }
  check('max')
  check('min')
  for (const field of ['default', 'defaultRequest'] as const) {
    if (item.type !== 'Pod') check(field)
    else if (Object.keys(item[field] ?? {}).length > 0) errors.push(forbidden(`${path}.${field}`, "may not be specified when `type` is 'Pod'"))
  }
  if (item.type === 'PersistentVolumeClaim' && item.min?.storage === undefined && item.max?.storage === undefined) {
    errors.push(required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'))
  }
  check('maxLimitRequestRatio')
  for (const name of [...names].sort()) {
    const [min, max, limit, request, ratio] = [item.min?.[name], item.max?.[name], item.default?.[name], item.defaultRequest?.[name], item.maxLimitRequestRatio?.[name]]
    const say = (field: string, value: string, text: string): void => void errors.push(invalid(`${path}.${field}[${name}]`, value, text))
    if (min !== undefined && max !== undefined && less(max, min)) say('min', min, `min value ${min} is greater than max value ${max}`)
    if (request !== undefined && min !== undefined && less(request, min)) say('defaultRequest', request, `min value ${min} is greater than default request value ${request}`)
    if (request !== undefined && max !== undefined && less(max, request)) say('defaultRequest', request, `default request value ${request} is greater than max value ${max}`)
    if (request !== undefined && limit !== undefined && less(limit, request)) say('defaultRequest', request, `default request value ${request} is greater than default limit value ${limit}`)
    if (limit !== undefined && min !== undefined && less(limit, min)) say('default', min, `min value ${min} is greater than default value ${limit}`)
    if (limit !== undefined && max !== undefined && less(max, limit)) say('default', max, `default value ${limit} is greater than max value ${max}`)
    if (ratio !== undefined && less(ratio, '1')) say('maxLimitRequestRatio', ratio, `ratio ${ratio} is less than 1`)
    if (ratio !== undefined && min !== undefined && max !== undefined && quantity(min).nano > 0n) {
      const possible = Number(quantity(max).nano) / Number(quantity(min).nano)
      if (Number(quantity(ratio).nano) / 1e9 > possible) say('maxLimitRequestRatio', ratio, `ratio ${ratio} is greater than max/min = ${possible.toFixed(6)}`)
    }
    if (!isOvercommitAllowed(name) && request !== undefined && limit !== undefined && compareQuantity(quantity(request), quantity(limit)) !== 0) {
      say('defaultRequest', request, `default value ${limit} must equal to defaultRequest value ${request} in ${name}`)
    }
  }
  return errors
}

function validate(o: LimitRange): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  ;(o.spec.limits ?? []).forEach((item, i) => {
    const path = `spec.limits[${i}]`
    const wrong = qualifiedNameErrors(item.type ?? '').map((m) => invalid(`${path}.type`, item.type ?? '', m))
    if (wrong.length === 0 && !item.type.includes('/') && !TYPES.includes(item.type)) wrong.push(invalid(`${path}.type`, item.type, 'must be a standard limit type or fully qualified'))
    errors.push(...wrong)
    if (seen.has(item.type)) errors.push(duplicate(`${path}.type`, item.type))
    seen.add(item.type)
    errors.push(...itemErrors(item, path))
  })
  return errors
}

/** LimitRange; for containers max becomes default, default becomes defaultRequest. Upstream: SetDefaults_LimitRangeItem. */
export const limitRange = define<LimitRange>({
  resource: 'limitranges',
  shortNames: ['limits'],
  defaults(o) {
    for (const item of o.spec.limits ?? []) {
      for (const field of ['default', 'defaultRequest', 'max', 'min', 'maxLimitRequestRatio'] as const) if (item[field] != null) roundResources(item[field])
      if (item.type !== 'Container') continue
      const limits = { ...item.default }
      for (const name in item.max) limits[name] ??= item.max[name]!
      if (Object.keys(limits).length > 0) item.default = limits
      const requests = { ...item.defaultRequest }
      for (const name in limits) requests[name] ??= limits[name]!
      for (const name in item.min) requests[name] ??= item.min[name]!
      if (Object.keys(requests).length > 0) item.defaultRequest = requests
    }
  },
  validate,
  validateUpdate: validate,
  columns: [nameColumn, column('Created At', (o) => o.metadata.creationTimestamp ?? '', 'date')],
})
