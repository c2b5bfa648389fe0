import type { LoadBalancerIngress, Service, ServicePort } from '../../../api'
import {
  dns1123LabelErrors, dns1123SubdomainErrors, duplicate, forbidden, invalid, notSupported, portNameErrors, portNumberErrors,
  qualifiedNameErrors, required, type FieldError,
} from '../../../apimachinery'
import { parseIP } from '../validation/ip'
import { validateCIDR, validateIP, validateNonSpecialIP } from '../validation/ip-errors'
import { validateLabels } from '../validation/object-meta'
import { isHeadless } from './service-allocation'
import { PROTOCOLS } from '../validation/container'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const HINTS = 'service.kubernetes.io/topology-aware-hints'
const MODE = 'service.kubernetes.io/topology-mode'
const RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** All rules of a service by itself. Upstream: core validation ValidateService. */
export function validateService(s: Service): FieldError[] {
  const errors: FieldError[] = []
  const spec = s.spec
  const [hints, mode] = [s.metadata.annotations?.[HINTS], s.metadata.annotations?.[MODE]]
  if (hints !== undefined && mode !== undefined && hints !== mode) errors.push(invalid(`metadata.annotations[${MODE}]`, mode, `must match annotations[${HINTS}] when both are specified`))
  const ports = spec.ports ?? []
  const headless = isHeadless(s)
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') errors.push(required('spec.ports'))
  switch (spec.type) {
    case 'LoadBalancer':
      if (headless) errors.push(invalid('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services"))
      break
    case 'NodePort':
      if (headless) errors.push(invalid('spec.clusterIPs[0]', 'None', "may not be set to 'None' for NodePort services"))
      break
    case 'ExternalName': {
      const text = 'may not be set for ExternalName services'
      if ((spec.clusterIPs ?? []).length > 0) errors.push(forbidden('spec.clusterIPs', text))
      if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden('spec.ipFamilies', text))
      if (spec.ipFamilyPolicy != null) errors.push(forbidden('spec.ipFamilyPolicy', text))
      const name = (spec.externalName ?? '').replace(/\.$/, '')
      if (name === '') errors.push(required('spec.externalName'))
      else for (const message of dns1123SubdomainErrors(name)) errors.push(invalid('spec.externalName', name, message))
      break
    }
    default:
  }
  const names = new Set<string>()
  ports.forEach((port, i) => addPortErrors(errors, port, ports.length > 1, names, `spec.ports[${i}]`))
  errors.push(...validateLabels(spec.selector, 'spec.selector'))
  addAffinityErrors(errors, s)
  addClusterIPErrors(errors, s)
  ;(spec.externalIPs ?? []).forEach((text, i) => {
    const wrong = validateIP(text, `spec.externalIPs[${i}]`)
    errors.push(...(wrong.length > 0 ? wrong : validateNonSpecialIP(text, `spec.externalIPs[${i}]`)))
  })
  if (!spec.type) errors.push(required('spec.type'))
  else if (!TYPES.includes(spec.type)) errors.push(notSupported('spec.type', spec.type, TYPES))
  addNodePortErrors(errors, s)
  addTrafficErrors(errors, s)
  return errors
}

function addPortErrors(errors: FieldError[], port: ServicePort, requireName: boolean, names: Set<string>, path: string): void {
  if (requireName && !port.name) errors.push(required(`${path}.name`))
  else if (port.name) {
    for (const message of dns1123LabelErrors(port.name)) errors.push(invalid(`${path}.name`, port.name, message))
    if (names.has(port.name)) errors.push(duplicate(`${path}.name`, port.name))
    names.add(port.name)
  }
  for (const message of portNumberErrors(port.port)) errors.push(invalid(`${path}.port`, port.port, message))
  if (!port.protocol) errors.push(required(`${path}.protocol`))
  else if (!PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${path}.protocol`, port.protocol, PROTOCOLS))
  const target = port.targetPort ?? 0
  const wrong = typeof target === 'number' ? portNumberErrors(target) : portNameErrors(target)
  for (const message of wrong) errors.push(invalid(`${path}.targetPort`, target, message))
  if (port.appProtocol != null) for (const message of qualifiedNameErrors(port.appProtocol)) errors.push(invalid(`${path}.appProtocol`, port.appProtocol, message))
}

function addAffinityErrors(errors: FieldError[], s: Service): void {
  const { sessionAffinity, sessionAffinityConfig: config } = s.spec
  if (!sessionAffinity) errors.push(required('spec.sessionAffinity'))
  else if (sessionAffinity !== 'ClientIP' && sessionAffinity !== 'None') errors.push(notSupported('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']))
  const at = 'spec.sessionAffinityConfig'
  if (sessionAffinity === 'None' && config != null) errors.push(forbidden(at, 'must not be set when session affinity is None'))
  if (sessionAffinity !== 'ClientIP') return
  const text = 'when session affinity type is ClientIP'
  const seconds = config?.clientIP?.timeoutSeconds
  if (config == null) errors.push(required(at, text))
  else if (config.clientIP == null) errors.push(required(`${at}.clientIP`, text))
  else if (seconds == null) errors.push(required(`${at}.clientIP.timeoutSeconds`, text))
  else if (seconds <= 0 || seconds > 86_400) errors.push(invalid(`${at}.clientIP.timeoutSeconds`, seconds, 'must be greater than 0 and less than 86400'))
}

/** Upstream: ValidateServiceClusterIPsRelatedFields. */
function addClusterIPErrors(errors: FieldError[], s: Service): void {
  const spec = s.spec
  const list = spec.clusterIPs ?? []
  if (spec.type === 'ExternalName') return
  const at = 'spec.clusterIPs'
  if (spec.clusterIP && list.length > 0 && list[0] !== spec.clusterIP) errors.push(invalid(at, list, 'first value must match `clusterIP`'))
  if (!spec.clusterIP && list.length > 0) errors.push(invalid(at, list, 'must be empty when `clusterIP` is not specified'))
  const families = spec.ipFamilies ?? []
  families.forEach((family, i) => {
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(`spec.ipFamilies[${i}]`, family, ['IPv4', 'IPv6']))
    if (families.indexOf(family) !== i) errors.push(duplicate(`spec.ipFamilies[${i}]`, family))
  })
  if (spec.ipFamilyPolicy != null && !POLICIES.includes(spec.ipFamilyPolicy)) errors.push(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, POLICIES))
  let isWrong = false
  list.forEach((text, i) => {
    const own = i > 0 || text !== 'None' ? validateIP(text, `${at}[${i}]`) : list.length > 1 ? [invalid(at, list, "'None' must be the first and only value")] : []
    isWrong ||= own.length > 0
    errors.push(...own)
  })
  if (list.length > 2) errors.push(invalid(at, list, 'may only hold up to 2 values'))
  if (isWrong) return
  if (list.length > 1 && new Set(list.map((text) => text.includes(':'))).size < 2) errors.push(invalid(at, list, 'may specify no more than one IP for each IP family'))
  if (list[0] === 'None') return
  list.forEach((text, i) => {
    const family = families[i]
    if (family !== undefined && (family === 'IPv6') !== text.includes(':')) errors.push(invalid(`${at}[${i}]`, text, `expected an ${family} value as indicated by \`ipFamilies[${i}]\``))
  })
}

function addNodePortErrors(errors: FieldError[], s: Service): void {
  const ports = s.spec.ports ?? []
  if (s.spec.type === 'ClusterIP') {
    ports.forEach((port, i) => { if (port.nodePort) errors.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'")) })
  }
  const seen = new Set<string>()
  ports.forEach((port, i) => {
    if (!port.nodePort) return
    const id = `node ${port.protocol}/${port.nodePort}`
    if (seen.has(id)) errors.push(duplicate(`spec.ports[${i}].nodePort`, port.nodePort))
    seen.add(id)
  })
  ports.forEach((port, i) => {
    const id = `${port.protocol}/${port.port}`
    // The value prints as the server's internal struct.
    if (seen.has(id)) errors.push(duplicate(`spec.ports[${i}]`, { Name: '', Protocol: port.protocol, AppProtocol: null, Port: port.port, TargetPort: 0, NodePort: 0 }))
    seen.add(id)
  })
}

function addTrafficErrors(errors: FieldError[], s: Service): void {
  const spec = s.spec
  const balanced = spec.type === 'LoadBalancer'
  const ranges = s.metadata.annotations?.[RANGES]
  const only = "may only be used when `type` is 'LoadBalancer'"
  if ((spec.loadBalancerSourceRanges ?? []).length > 0) {
    if (!balanced) errors.push(forbidden('spec.LoadBalancerSourceRanges', only))
    spec.loadBalancerSourceRanges!.forEach((text, i) => errors.push(...validateCIDR(text.trim(), `spec.LoadBalancerSourceRanges[${i}]`)))
  } else if (ranges !== undefined) {
    const path = `metadata.annotations[${RANGES}]`
    if (!balanced) errors.push(forbidden(path, only))
    if (ranges.trim() !== '') for (const text of ranges.trim().split(',')) errors.push(...validateCIDR(text.trim(), path))
  }
  if (!balanced && spec.allocateLoadBalancerNodePorts != null) errors.push(forbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"))
  if (!balanced && spec.loadBalancerClass != null) errors.push(forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"))
  if (balanced && spec.loadBalancerClass != null) {
    for (const message of qualifiedNameErrors(spec.loadBalancerClass)) errors.push(invalid('spec.loadBalancerClass', spec.loadBalancerClass, message))
  }
  const external = balanced || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)
  if (spec.externalTrafficPolicy) {
    if (!external) errors.push(invalid('spec.externalTrafficPolicy', spec.externalTrafficPolicy, 'may only be set for externally-accessible services'))
    else if (spec.externalTrafficPolicy !== 'Cluster' && spec.externalTrafficPolicy !== 'Local') errors.push(notSupported('spec.externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']))
  } else if (external && spec.type !== 'ClusterIP') errors.push(required('spec.externalTrafficPolicy'))
  const isChecked = balanced && spec.externalTrafficPolicy === 'Local'
  if (spec.healthCheckNodePort && !isChecked) {
    errors.push(invalid('spec.healthCheckNodePort', spec.healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
  } else if (spec.healthCheckNodePort) for (const message of portNumberErrors(spec.healthCheckNodePort)) errors.push(invalid('spec.healthCheckNodePort', spec.healthCheckNodePort, message))
  const internal = spec.internalTrafficPolicy
  if (internal != null && internal !== 'Cluster' && internal !== 'Local') errors.push(notSupported('spec.internalTrafficPolicy', internal, ['Cluster', 'Local']))
  const distribution = spec.trafficDistribution
  const supported = ['PreferClose', 'PreferSameNode', 'PreferSameZone']
  if (distribution != null && !supported.includes(distribution)) errors.push(notSupported('spec.trafficDistribution', distribution, supported))
}

/** The rules of a change: an address once given stays, the second one may go. Upstream: ValidateServiceUpdate. */
export function validateServiceUpdate(s: Service, old: Service): FieldError[] {
  const errors: FieldError[] = []
  if (s.spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName') {
    const [isHead, wasHead] = [isHeadless(s), isHeadless(old)]
    if (!isHead || !wasHead) errors.push(...listChanges('clusterIPs', s.spec.clusterIPs ?? [], old.spec.clusterIPs ?? [], s))
    if (!isHead && !wasHead) errors.push(...listChanges('ipFamilies', s.spec.ipFamilies ?? [], old.spec.ipFamilies ?? [], s))
  }
  if (old.spec.type === 'LoadBalancer' && s.spec.type === 'LoadBalancer' && s.spec.loadBalancerClass !== old.spec.loadBalancerClass) {
    errors.push(invalid('spec.loadBalancerClass', s.spec.loadBalancerClass, 'may not change once set'))
  }
  const isChecked = (o: Service): boolean => o.spec.type === 'LoadBalancer' && o.spec.externalTrafficPolicy === 'Local'
  if (isChecked(s) && isChecked(old) && s.spec.healthCheckNodePort !== old.spec.healthCheckNodePort) errors.push(forbidden('spec.healthCheckNodePort', 'field is immutable'))
  return [...errors, ...validateService(s)]
}

/** Upstream: validateUpgradeDowngradeClusterIPs, validateUpgradeDowngradeIPFamilies. */
function listChanges(field: 'clusterIPs' | 'ipFamilies', next: readonly string[], last: readonly string[], s: Service): FieldError[] {
  const path = `spec.${field}`
  const isIPs = field === 'clusterIPs'
  if (next.length === last.length) {
    return last.flatMap((value, i) => (value === next[i] ? [] : [invalid(`${path}[${isIPs ? i : 0}]`, next, 'may not change once set')]))
  }
  const errors: FieldError[] = []
  if (next.length < last.length && (s.spec.clusterIPs ?? []).length === 0) errors.push(invalid(`${path}[0]`, next, `primary ${isIPs ? 'clusterIP' : 'ipFamily'} can not be unset`))
  // Upstream shows the addresses in both.
  if (last.length > 0 && next.length > 0 && next[0] !== last[0]) errors.push(invalid(`${path}[0]`, s.spec.clusterIPs, 'may not change once set'))
  if (next.length === 1 && last.length > 1 && s.spec.ipFamilyPolicy !== 'SingleStack') {
    errors.push(invalid('spec.ipFamilyPolicy', s.spec.ipFamilyPolicy, `must be set to 'SingleStack' when releasing the secondary ${isIPs ? 'clusterIP' : 'ipFamily'}`))
  }
  return errors
}

/** Addresses that a load balancer gave. Upstream: ValidateLoadBalancerStatus. */
export function validateLoadBalancerStatus(ingress: readonly LoadBalancerIngress[], path: string, isBalanced: boolean): FieldError[] {
  if (!isBalanced && ingress.length > 0) return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")]
  return ingress.flatMap((one, i) => {
    const at = `${path}[${i}]`
    const errors = one.ip ? validateIP(one.ip, `${at}.ip`) : []
    if (one.ipMode != null && !one.ip) errors.push(forbidden(`${at}.ipMode`, 'may not be specified when `ip` is not set'))
    else if (one.ipMode != null && one.ipMode !== 'VIP' && one.ipMode !== 'Proxy') errors.push(notSupported(`${at}.ipMode`, one.ipMode, ['Proxy', 'VIP']))
    if (one.hostname) {
      for (const message of dns1123SubdomainErrors(one.hostname)) errors.push(invalid(`${at}.hostname`, one.hostname, message))
      if (parseIP(one.hostname) !== undefined) errors.push(invalid(`${at}.hostname`, one.hostname, 'must be a DNS name, not an IP address'))
    }
    return errors
  })
}
