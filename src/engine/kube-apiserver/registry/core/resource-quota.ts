import type { ResourceQuota } from '../../../api'
import { deepEqual, invalid, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { roundResources } from '../defaults/pod-spec'
import { internalValue } from '../validation/internal-diff'
import { quantityErrors, resourceName } from '../validation/resources'

const SCOPES = ['BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating', 'VolumeAttributesClass']

/** What the scopes of pods can count. Upstream: helper podComputeQuotaResources, podObjectCountQuotaResources. */
const POD_COMPUTE = new Set(['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'])
const QUOTA_RESOURCES = new Set([
  ...POD_COMPUTE, 'ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage', 'requests.storage', 'pods', 'resourcequotas', 'services', 'replicationcontrollers',
  'secrets', 'persistentvolumeclaims', 'configmaps', 'services.nodeports', 'services.loadbalancers',
])
const isQuotaResource = (name: string): boolean => QUOTA_RESOURCES.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-')

/** Upstream: helper.IsResourceQuotaScopeValidForResource. */
function isCountable(scope: string, name: string): boolean {
  if (scope === 'BestEffort') return name === 'pods'
  if (scope === 'VolumeAttributesClass') return name === 'persistentvolumeclaims' || name === 'requests.storage'
  return !SCOPES.includes(scope) || name === 'pods' || POD_COMPUTE.has(name)
}

/** A name a quota may count: standard, `count/<resource>.<group>`, or with a domain. Upstream: ValidateResourceQuotaResourceName. */
function nameErrors(name: string, path: string): FieldError[] {
  const errors = name.startsWith('requests.hugepages-') ? [] : resourceName(name, path)
  if (!name.includes('/') && !isQuotaResource(name)) errors.push(invalid(path, name, 'must be a standard resource for quota'))
  return errors
}

function hardErrors(amounts: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.keys(amounts ?? {}).flatMap((name) => [...nameErrors(name, `${path}[${name}]`), ...quantityErrors(name, amounts![name]!, `${path}[${name}]`)])
}

/** Upstream: validateResourceQuotaScopes, validateScopedResourceSelectorRequirement. */
function validate(o: ResourceQuota): FieldError[] {
  const errors = hardErrors(o.spec.hard, 'spec.hard')
  const scopes = o.spec.scopes ?? []
  const counted = Object.keys(o.spec.hard ?? {}).sort().filter(isQuotaResource)
  const conflicts = (list: readonly string[]): FieldError[] => [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']]
    .filter((pair) => pair.every((scope) => list.includes(scope))).map(() => invalid('spec.scopes', scopes, 'conflicting scopes'))
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) errors.push(invalid('spec.scopes', scopes, 'unsupported scope'))
    for (const name of counted) if (!isCountable(scope, name)) errors.push(invalid('spec.scopes', scopes, 'unsupported scope applied to resource'))
  }
  errors.push(...conflicts(scopes))
  const { scopeSelector } = o.spec
  if (scopeSelector == null) return errors
  const at = 'spec.scopeSelector.matchExpressions'
  const requirements = scopeSelector.matchExpressions ?? []
  for (const { scopeName: scope, operator, values = [] } of requirements) {
    if (!SCOPES.includes(scope)) errors.push(invalid(`${at}.scopeName`, scope, 'unsupported scope'))
    for (const name of counted) if (!isCountable(scope, name)) errors.push(invalid(at, internalValue('ScopeSelector', scopeSelector), 'unsupported scope applied to resource'))
    if (SCOPES.includes(scope) && scope !== 'PriorityClass' && scope !== 'VolumeAttributesClass' && operator !== 'Exists') {
      errors.push(invalid(`${at}.operator`, operator, "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"))
    }
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(required(`${at}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"))
    } else if (operator !== 'Exists' && operator !== 'DoesNotExist') errors.push(invalid(`${at}.operator`, operator, 'not a valid selector operator'))
    else if (values.length > 0) errors.push(invalid(`${at}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"))
  }
  return [...errors, ...conflicts(requirements.map((r) => r.scopeName))]
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
    const set = (list: readonly string[] | undefined): string[] => [...new Set(list)].sort()
    if (!deepEqual(set(o.spec.scopes), set(old.spec.scopes))) errors.push(invalid('spec.scopes', o.spec.scopes, 'field is immutable'))
    return errors
  },
  validateStatusUpdate: (o) => [...hardErrors(o.status?.hard, 'status.hard'), ...hardErrors(o.status?.used, 'status.used')],
  columns: [nameColumn, column('Request', (o) => cell(o, false)), column('Limit', (o) => cell(o, true)), ageColumn],
})
