import { containerTotals, isPodLevelResource, type PodSpec, type ResourceRequirements } from '../../../api'
import { compareQuantity, duplicate, forbidden, invalid, notFoundField, notSupported, qualifiedNameErrors, quantity, quantitySign, required, type FieldError } from '../../../apimachinery'

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage'])
const STANDARD_RESOURCES = new Set([
  'cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory',
  'limits.ephemeral-storage', 'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps',
  'persistentvolumeclaims', 'storage', 'requests.storage', 'services.nodeports', 'services.loadbalancers',
])
const INTEGER_RESOURCES = new Set([
  'pods', 'resourcequotas', 'services', 'replicationcontrollers', 'secrets', 'configmaps', 'persistentvolumeclaims', 'services.nodeports', 'services.loadbalancers',
])

/** Large pages of memory, which cannot be promised twice. */
export const isHugePages = (name: string): boolean => name.startsWith('hugepages-')

/** A resource the cluster knows without a device plugin: no domain, or a kubernetes.io one. Upstream: helper.IsNativeResource. */
export const isNativeResource = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/')

/** Whether requests may be below limits. Upstream: helper.IsOvercommitAllowed. */
export const isOvercommitAllowed = (name: string): boolean => isNativeResource(name) && !isHugePages(name)

/** Device-like resources with a domain of their own, e.g. `nvidia.com/gpu`. Upstream: helper.IsExtendedResourceName. */
export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith('requests.')) return false
  return qualifiedNameErrors(`requests.${name}`).length === 0
}

/** Names that quotas and ranges may use. Upstream: ValidateResourceName, IsStandardResourceName. */
export function isStandardResource(name: string): boolean {
  return STANDARD_RESOURCES.has(name) || isHugePages(name)
}

/** A resource that counts things. */
export function isIntegerResource(name: string): boolean {
  return INTEGER_RESOURCES.has(name) || isExtendedResource(name)
}

/** A resource by its name. Upstream: core validation validateResourceName. */
export function resourceName(name: string, path: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((m) => invalid(path, name, m))
  if (errors.length === 0 && !name.includes('/') && !isStandardResource(name)) errors.push(invalid(path, name, 'must be a standard resource type or fully qualified'))
  return errors
}

/** A resource that a container can ask for. Upstream: core validation validateContainerResourceName. */
export function containerResourceName(name: string, path: string): FieldError[] {
  const errors = resourceName(name, path)
  if (!name.includes('/')) {
    if (!CONTAINER_RESOURCES.has(name) && !isHugePages(name)) errors.push(invalid(path, name, 'must be a standard resource for containers'))
  } else if (!isNativeResource(name) && !isExtendedResource(name)) errors.push(invalid(path, name, "doesn't follow extended resource name standard"))
  return errors
}

/** Upstream: ValidateResourceQuantityValue. */
export function quantityErrors(name: string, text: string, path: string): FieldError[] {
  const q = quantity(text)
  const errors: FieldError[] = []
  if (quantitySign(q) < 0) errors.push(invalid(path, q.text, 'must be greater than or equal to 0'))
  if (isIntegerResource(name) && q.milliValue % 1000 !== 0) errors.push(invalid(path, q.text, 'must be an integer'))
  return errors
}

/** Requests and limits of a container. Upstream: core validation ValidateContainerResourceRequirements. */
export function validateResources(resources: ResourceRequirements | undefined, path: string, claims: readonly string[] = []): FieldError[] {
  if (resources == null) return []
  const { limits = {}, requests = {} } = resources
  const errors: FieldError[] = []
  let compute = false
  let huge = false
  for (const name in limits) {
    const at = `${path}.limits[${name}]`
    errors.push(...containerResourceName(name, at), ...quantityErrors(name, limits[name]!, at))
    if (isHugePages(name)) errors.push(...pageErrors(name, limits[name]!, at))
    huge ||= isHugePages(name)
    compute ||= name === 'cpu' || name === 'memory'
  }
  for (const name in requests) {
    const at = `${path}.requests[${name}]`
    errors.push(...containerResourceName(name, at), ...quantityErrors(name, requests[name]!, at))
    huge ||= isHugePages(name)
    compute ||= name === 'cpu' || name === 'memory'
    if (limits[name] !== undefined) {
      const [request, limit] = [quantity(requests[name]), quantity(limits[name])]
      const order = compareQuantity(request, limit)
      if (order !== 0 && !isOvercommitAllowed(name)) errors.push(invalid(`${path}.requests`, request.text, `must be equal to ${name} limit of ${limit.text}`))
      else if (order > 0) errors.push(invalid(`${path}.requests`, request.text, `must be less than or equal to ${name} limit of ${limit.text}`))
    } else if (!isOvercommitAllowed(name)) errors.push(required(`${path}.limits`, 'Limit must be set for non overcommitable resources'))
    if (isHugePages(name)) errors.push(...pageErrors(name, requests[name]!, at))
  }
  if (huge && !compute) errors.push(forbidden(path, 'HugePages require cpu or memory'))
  if (resources.claims != null) errors.push(...claimErrors(resources.claims, claims, path))
  return errors
}

/** Only whole pages. Upstream: helper.IsHugePageResourceValueDivisible. */
function pageErrors(name: string, text: string, path: string): FieldError[] {
  const [value, size] = [quantity(text), quantity(name.slice('hugepages-'.length))]
  return size.nano > 0n && value.nano >= 0n && value.nano % size.nano === 0n ? [] : [invalid(path, value.text, `${value.text} is not positive integer multiple of ${name}`)]
}

/** Claims of a container are of those that the pod names. Upstream: validateResourceClaimNames. */
function claimErrors(own: NonNullable<ResourceRequirements['claims']>, claims: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  own.forEach((claim, i) => {
    const at = `${path}.claims[${i}]`
    if (!claim.name) return void errors.push(required(at))
    if (seen.has(claim.name)) errors.push(duplicate(at, claim.name))
    else seen.add(claim.name)
    if (claims.includes(claim.name)) return
    const error = notFoundField(at, claim.name)
    errors.push(claims.length === 0 ? { ...error, detail: 'must be one of the names in pod.spec.resourceClaims which is empty' } : { ...error, detail: `must be one of the names in pod.spec.resourceClaims: ${claims.join(', ')}` })
  })
  return errors
}

const POD_RESOURCES = ['cpu', 'hugepages-', 'memory']

/** Requests and limits of a whole pod: at least what its containers ask for. Upstream: validatePodResources. */
export function validatePodResources(spec: PodSpec, path: string): FieldError[] {
  const { resources } = spec
  if (resources == null) return []
  const errors: FieldError[] = []
  if (resources.claims != null) errors.push(forbidden(`${path}.claims`, 'claims cannot be set for Resources at pod-level'))
  for (const field of ['limits', 'requests'] as const) {
    for (const name in resources[field]) {
      if (qualifiedNameErrors(name).length === 0 && !isPodLevelResource(name)) errors.push(notSupported(`${path}.${field}[${name}]`, name, POD_RESOURCES))
    }
  }
  const { claims: _, ...amounts } = resources
  errors.push(...validateResources(amounts, path))
  const total = containerTotals({ spec }, 'requests')
  for (const name in total) {
    const [sum, own] = [quantity(total[name]), quantity(resources.requests?.[name])]
    if (compareQuantity(sum, own) > 0) errors.push(invalid(`${path}.requests[${name}]`, own.text, `must be greater than or equal to aggregate container requests of ${sum.text}`))
  }
  spec.containers?.forEach((c, i) => {
    for (const name in c.resources?.limits) {
      const limit = resources.limits?.[name]
      if (limit === undefined || compareQuantity(quantity(c.resources!.limits![name]), quantity(limit)) <= 0) continue
      errors.push(invalid(`${path}.containers[${i}][${name}].limits`, quantity(c.resources!.limits![name]).text, `must be less than or equal to pod limits of ${quantity(limit).text}`))
    }
  })
  return errors
}
