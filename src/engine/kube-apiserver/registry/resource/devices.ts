import type { DeviceClaim, DeviceClass, DeviceSelector, ExactDeviceRequest, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from '../../../api'
import { deepEqual, dns1123LabelErrors, dns1123SubdomainErrors, duplicate, invalid, notSupported, required, tooLong, tooMany, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { validateNodeSelector } from '../validation/affinity'
import { validateDriverName } from '../validation/volume-sources'

const MOST = 32
const MODES = ['All', 'ExactCount']

/** Upstream: resource/v1 defaults.go */
function defaultClaim(claim: DeviceClaim | undefined): void {
  for (const request of claim?.requests ?? []) {
    for (const one of [...(request.exactly == null ? [] : [request.exactly]), ...(request.firstAvailable ?? [])]) {
      one.allocationMode ||= 'ExactCount'
      if (one.allocationMode === 'ExactCount') one.count ||= 1
      for (const toleration of one.tolerations ?? []) toleration.operator ||= 'Equal'
    }
  }
}

function nameErrors(name: string | undefined, path: string, check: (text: string) => readonly string[]): FieldError[] {
  return name ? check(name).map((message) => invalid(path, name, message)) : [required(path)]
}

function selectorErrors(selectors: readonly DeviceSelector[] | undefined | null, path: string): FieldError[] {
  if ((selectors ?? []).length > MOST) return [tooMany(path, selectors!.length, MOST)]
  return (selectors ?? []).flatMap(({ cel }, i) => (cel == null ? [required(`${path}[${i}].cel`)] : cel.expression ? [] : [required(`${path}[${i}].cel.expression`)]))
}

function requestErrors(request: ExactDeviceRequest, path: string): FieldError[] {
  const errors = [...nameErrors(request.deviceClassName, `${path}.deviceClassName`, dns1123SubdomainErrors), ...selectorErrors(request.selectors, `${path}.selectors`)]
  const { allocationMode: mode = '', count = 0 } = request
  if (mode === 'All' && count !== 0) errors.push(invalid(`${path}.count`, count, "must not be specified when allocationMode is 'All'"))
  if (mode === 'ExactCount' && count <= 0) errors.push(invalid(`${path}.count`, count, 'must be greater than zero'))
  if (!MODES.includes(mode)) errors.push(notSupported(`${path}.allocationMode`, mode, MODES))
  return errors
}

/** The devices that a claim asks for; how the selectors' expressions compile is not looked at. Upstream: resource validation validateDeviceClaim */
function claimErrors(claim: DeviceClaim | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const known = new Set<string>()
  const requests = claim?.requests ?? []
  if (requests.length > MOST) errors.push(tooMany(`${path}.requests`, requests.length, MOST))
  requests.forEach((request, i) => {
    const at = `${path}.requests[${i}]`
    const { name, exactly, firstAvailable } = request
    errors.push(...nameErrors(name, `${at}.name`, dns1123LabelErrors))
    const isList = (firstAvailable ?? []).length > 0
    if (exactly == null && !isList) errors.push(required(at, 'exactly one of `exactly` or `firstAvailable` is required'))
    else if (exactly != null && isList) errors.push(invalid(at, null, 'exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'))
    else if (exactly != null) errors.push(...requestErrors(exactly, `${at}.exactly`))
    else firstAvailable!.forEach((one, j) => {
      errors.push(...nameErrors(one.name, `${at}.firstAvailable[${j}].name`, dns1123LabelErrors), ...requestErrors(one, `${at}.firstAvailable[${j}]`))
      if (firstAvailable!.findIndex((o) => o.name === one.name) < j) errors.push(duplicate(`${at}.firstAvailable[${j}]`, one.name))
      known.add(`${name}/${one.name}`)
    })
    if (known.has(name)) errors.push(duplicate(at, name))
    known.add(name)
  })
  const unknown = (names: readonly string[] | undefined, at: string): void => names?.forEach((name, j) => { if (!known.has(name)) errors.push(invalid(`${at}.requests[${j}]`, name, 'must be the name of a request in the claim or the name of a request and a subrequest separated by \'/\'')) })
  claim?.constraints?.forEach((constraint, i) => {
    const at = `${path}.constraints[${i}]`
    unknown(constraint.requests, at)
    if (constraint.matchAttribute == null && constraint.distinctAttribute == null) errors.push(required(at, 'exactly one of `matchAttribute` or `distinctAttribute` is required'))
  })
  claim?.config?.forEach((config, i) => {
    const at = `${path}.config[${i}]`
    unknown(config.requests, at)
    if (config.opaque == null) errors.push(required(`${at}.opaque`))
    else errors.push(...validateDriverName(config.opaque.driver, `${at}.opaque.driver`))
  })
  return errors
}

/** Upstream: printers resourceClaimState */
function stateOf({ metadata, status }: ResourceClaim): string {
  const isGoing = metadata.deletionTimestamp !== undefined
  const states = isGoing ? ['deleted'] : []
  if (status?.allocation != null) states.push('allocated', ...((status.reservedFor ?? []).length > 0 ? ['reserved'] : []))
  else if (!isGoing) states.push('pending')
  return states.join(',')
}

function sliceErrors({ spec }: ResourceSlice): FieldError[] {
  const errors: FieldError[] = []
  const set = [spec.nodeName, spec.nodeSelector, spec.allNodes || undefined, spec.perDeviceNodeSelection || undefined].filter((one) => one != null)
  const which = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
  if (spec.nodeName != null) errors.push(...nameErrors(spec.nodeName, 'spec.nodeName', dns1123SubdomainErrors))
  if (spec.nodeSelector != null) errors.push(...validateNodeSelector(spec.nodeSelector.nodeSelectorTerms, 'spec.nodeSelector'))
  if (set.length === 0) errors.push(required('spec', which))
  if (set.length > 1) errors.push(invalid('spec', null, `${which}, but multiple fields are set`))
  errors.push(...validateDriverName(spec.driver, 'spec.driver'))
  // A zero struct when it was left out.
  const { name, generation, resourceSliceCount } = spec.pool
  if (!name) errors.push(required('spec.pool.name'))
  else {
    if (name.length > 253) errors.push(tooLong('spec.pool.name', 253))
    for (const part of name.split('/')) for (const message of dns1123SubdomainErrors(part)) errors.push(invalid('spec.pool.name', part, message))
  }
  if (resourceSliceCount <= 0) errors.push(invalid('spec.pool.resourceSliceCount', resourceSliceCount, 'must be greater than zero'))
  if (generation < 0) errors.push(invalid('spec.pool.generation', generation, 'must be greater than or equal to zero'))
  const devices = spec.devices ?? []
  if (devices.length > 128) errors.push(tooMany('spec.devices', devices.length, 128))
  const names = new Set<string>()
  devices.forEach((device, i) => {
    errors.push(...nameErrors(device.name, `spec.devices[${i}].name`, dns1123LabelErrors))
    if (names.has(device.name)) errors.push(duplicate(`spec.devices[${i}]`, device.name))
    names.add(device.name)
  })
  return errors
}

/** DeviceClass. Upstream: pkg/registry/resource/deviceclass */
export const deviceClass = define<DeviceClass>({
  resource: 'deviceclasses',
  hasGeneration: true,
  validate: (o) => selectorErrors(o.spec.selectors, 'spec.selectors'),
  validateUpdate: (o) => selectorErrors(o.spec.selectors, 'spec.selectors'),
  columns: [nameColumn, ageColumn],
})

/** ResourceClaim: kept; no scheduler here allocates devices, so it stays pending. Upstream: pkg/registry/resource/resourceclaim */
export const resourceClaim = define<ResourceClaim>({
  resource: 'resourceclaims',
  subresources: ['status'],
  defaults: (o) => defaultClaim(o.spec.devices),
  prepareForCreate(o) {
    o.status = {}
  },
  validate: (o) => claimErrors(o.spec.devices, 'spec.devices'),
  validateUpdate: (o, old) => (deepEqual(o.spec, old.spec) ? [] : [invalid('spec', o.spec, 'field is immutable')]),
  columns: [nameColumn, column('State', stateOf), ageColumn],
})

/** ResourceClaimTemplate. Upstream: pkg/registry/resource/resourceclaimtemplate */
export const resourceClaimTemplate = define<ResourceClaimTemplate>({
  resource: 'resourceclaimtemplates',
  defaults: (o) => defaultClaim(o.spec.spec?.devices),
  validate: (o) => claimErrors(o.spec.spec?.devices, 'spec.spec.devices'),
  validateUpdate: (o, old) => (deepEqual(o.spec, old.spec) ? [] : [invalid('spec', o.spec, 'field is immutable')]),
  columns: [nameColumn, ageColumn],
})

/** ResourceSlice: what a driver offers. Upstream: pkg/registry/resource/resourceslice */
export const resourceSlice = define<ResourceSlice>({
  resource: 'resourceslices',
  hasGeneration: true,
  fields: { 'spec.nodeName': (o) => o.spec.nodeName ?? '', 'spec.driver': (o) => o.spec.driver },
  validate: sliceErrors,
  validateUpdate: (o) => sliceErrors(o),
  columns: [nameColumn, column('Node', (o) => o.spec.nodeName ?? '<unset>'), column('Driver', (o) => o.spec.driver), column('Pool', (o) => o.spec.pool?.name ?? ''), ageColumn],
})
