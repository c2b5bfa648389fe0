import type { ResourceQuota } from '../../../api'
import { deepEqual, invalid, notSupported, qualifiedNameErrors, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { roundResources } from '../defaults/pod-spec'
import { isStandardResource, quantityErrors } from '../validation/resources'

const SCOPES = ['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating', 'VolumeAttributesClass']

/** A name a quota may count: standard, `count/<resource>.<group>`, or with a domain. Upstream: ValidateResourceQuotaResourceName. */
function nameErrors(name: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((m) => invalid(path, name, m))
  if (!name.includes('/') && !isStandardResource(name) && !name.startsWith('requests.hugepages-')) errors.push(invalid(path, name, 'must be a standard resource for quota'))
  return errors
}

function validate(o: ResourceQuota): FieldError[] {
  const errors: FieldError[] = []
  for (const name in o.spec.hard) {
    const path = `spec.hard[${name}]`
    errors.push(...nameErrors(name, path), ...quantityErrors(name, o.spec.hard[name]!, path))
  }
  const scopes = o.spec.scopes ?? []
  for (const scope of scopes) if (!SCOPES.includes(scope)) errors.push(invalid('spec.scopes', scopes, 'unsupported scope'))
  const has = (a: string, b: string): boolean => scopes.includes(a) && scopes.includes(b)
  if (has('BestEffort', 'NotBestEffort') || has('Terminating', 'NotTerminating')) errors.push(invalid('spec.scopes', scopes, 'conflicting scopes'))
  ;(o.spec.scopeSelector?.matchExpressions ?? []).forEach((r, i) => {
    if (!SCOPES.includes(r.scopeName)) errors.push(invalid(`spec.scopeSelector.matchExpressions[${i}].scopeName`, r.scopeName, 'unsupported scope'))
    if (!['DoesNotExist', 'Exists', 'In', 'NotIn'].includes(r.operator)) errors.push(notSupported(`spec.scopeSelector.matchExpressions[${i}].operator`, r.operator, ['In', 'NotIn', 'Exists', 'DoesNotExist']))
  })
  return errors
}

function cell(o: ResourceQuota, isLimit: boolean): string {
  const hard = o.status?.hard ?? {}
  return Object.keys(hard).filter((n) => n.startsWith('limits') === isLimit).sort().map((n) => `${n}: ${o.status?.used?.[n] ?? '0'}/${hard[n]!}`).join(', ')
}

/** ResourceQuota. Upstream: pkg/registry/core/resourcequota. */
export const resourceQuota = define<ResourceQuota>({
  resource: 'resourcequotas',
  shortNames: ['quota'],
  subresources: ['status'],
  defaults(o) {
    if (o.spec.hard != null) roundResources(o.spec.hard)
  },
  prepareForCreate(o) {
    o.status = {}
  },
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    if (!deepEqual(o.spec.scopes, old.spec.scopes)) errors.push(invalid('spec.scopes', o.spec.scopes, 'field is immutable'))
    return errors
  },
  columns: [nameColumn, column('Request', (o) => cell(o, false)), column('Limit', (o) => cell(o, true)), ageColumn],
})
