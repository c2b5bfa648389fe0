import type { Service, ServicePort } from '../../../api'
import {
  dns1123LabelErrors, dns1123SubdomainErrors, duplicate, forbidden, invalid, notSupported, portNameErrors, portNumberErrors,
  qualifiedNameErrors, required, tooMany, type FieldError,
} from '../../../apimachinery'
import { parseCIDR, parseIP } from '../validation/ip'
import { validateLabels } from '../validation/object-meta'
import { isHeadless } from './service-allocation'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const IP_ERROR = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const KUBELET_PORT = 10_250

/** All rules of a service by itself. Upstream: core validation ValidateService. */
export function validateService(s: Service): FieldError[] {
  const errors: FieldError[] = []
  const spec = s.spec
  const ports = spec.ports ?? []
  const headless = isHeadless(s)
  if (ports.length === 0 && !headless && spec.type !== 'ExternalName') errors.push(required('spec.ports'))
  switch (spec.type) {
    case 'LoadBalancer':
      ports.forEach((port, i) => {
        if (port.port === KUBELET_PORT) errors.push(invalid(`spec.ports[${i}]`, port.port, `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`))
      })
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
    const ip = parseIP(text)
    const path = `spec.externalIPs[${i}]`
    if (ip === undefined) errors.push(invalid(path, text, IP_ERROR))
    else if (ip.value === 0n) errors.push(invalid(path, text, `may not be unspecified (${text})`))
    else if (ip.version === 4 ? ip.value >> 24n === 127n : ip.value === 1n) errors.push(invalid(path, text, `may not be in the loopback range (127.0.0.0/8, ::1/128)`))
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
  if (sessionAffinity !== 'ClientIP') return
  const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds'
  const seconds = config?.clientIP?.timeoutSeconds
  if (seconds == null) errors.push(required('spec.sessionAffinityConfig', "when session affinity type is ClientIP"))
  else if (seconds <= 0 || seconds > 86_400) errors.push(invalid(path, seconds, 'must be greater than 0 and less than 86400'))
}

function addClusterIPErrors(errors: FieldError[], s: Service): void {
  const spec = s.spec
  const list = spec.clusterIPs ?? []
  if (spec.type === 'ExternalName') return
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
  if (spec.ipFamilyPolicy != null && !policies.includes(spec.ipFamilyPolicy)) errors.push(notSupported('spec.ipFamilyPolicy', spec.ipFamilyPolicy, ['SingleStack', 'PreferDualStack', 'RequireDualStack']))
  const families = spec.ipFamilies ?? []
  families.forEach((family, i) => {
    if (family !== 'IPv4' && family !== 'IPv6') errors.push(notSupported(`spec.ipFamilies[${i}]`, family, ['IPv4', 'IPv6']))
    if (families.indexOf(family) !== i) errors.push(duplicate(`spec.ipFamilies[${i}]`, family))
  })
  if (families.length > 2) errors.push(tooMany('spec.ipFamilies', families.length, 2))
  if (spec.clusterIP !== undefined && spec.clusterIP !== '' && list.length > 0 && list[0] !== spec.clusterIP) {
    errors.push(invalid('spec.clusterIPs', list, 'first value must match `clusterIP`'))
  }
  list.forEach((text, i) => {
    if (i === 0 && text === 'None') {
      if (list.length > 1) errors.push(invalid('spec.clusterIPs[0]', list, "'None' must be the first and only value"))
      return
    }
    if (parseIP(text) === undefined) errors.push(invalid(`spec.clusterIPs[${i}]`, text, IP_ERROR))
  })
  if (list.length > 2) errors.push(invalid('spec.clusterIPs', list, 'may only hold up to 2 values'))
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
  if ((spec.loadBalancerSourceRanges ?? []).length > 0) {
    if (!balanced) errors.push(forbidden('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"))
    spec.loadBalancerSourceRanges!.forEach((text, i) => {
      if (parseCIDR(text.trim()) === undefined) errors.push(invalid(`spec.loadBalancerSourceRanges[${i}]`, text, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'))
    })
  }
  if (!balanced && spec.allocateLoadBalancerNodePorts != null) errors.push(forbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"))
  if (!balanced && spec.loadBalancerClass != null) errors.push(forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"))
  const external = balanced || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)
  if (spec.externalTrafficPolicy) {
    if (!external) errors.push(invalid('spec.externalTrafficPolicy', spec.externalTrafficPolicy, 'may only be set for externally-accessible services'))
    else if (spec.externalTrafficPolicy !== 'Cluster' && spec.externalTrafficPolicy !== 'Local') errors.push(notSupported('spec.externalTrafficPolicy', spec.externalTrafficPolicy, ['Cluster', 'Local']))
  } else if (external && spec.type !== 'ClusterIP') errors.push(required('spec.externalTrafficPolicy', 'may not be empty when type is NodePort or LoadBalancer'))
  const internal = spec.internalTrafficPolicy
  if (internal != null && internal !== 'Cluster' && internal !== 'Local') errors.push(notSupported('spec.internalTrafficPolicy', internal, ['Cluster', 'Local']))
  const distribution = spec.trafficDistribution
  const supported = ['PreferClose', 'PreferSameNode', 'PreferSameZone']
  if (distribution != null && !supported.includes(distribution)) errors.push(notSupported('spec.trafficDistribution', distribution, supported))
}

/** The rules of a change: an address once given stays. Upstream: ValidateServiceUpdate. */
export function validateServiceUpdate(s: Service, old: Service): FieldError[] {
  const errors: FieldError[] = []
  if (s.spec.type !== 'ExternalName' && old.spec.type !== 'ExternalName') {
    const [next, last] = [s.spec.clusterIPs ?? [], old.spec.clusterIPs ?? []]
    if (last.length > 0 && next.length === 0) errors.push(invalid('spec.clusterIPs[0]', next, 'primary clusterIP can not be unset'))
    else if (last.length > 0 && next[0] !== last[0]) errors.push(invalid('spec.clusterIPs[0]', next, 'may not change once set'))
    const [families, before] = [s.spec.ipFamilies ?? [], old.spec.ipFamilies ?? []]
    if (before.length > 0 && families.length > 0 && families[0] !== before[0]) errors.push(invalid('spec.ipFamilies[0]', families, 'may not change once set'))
  }
  if (old.spec.type === 'LoadBalancer' && s.spec.type === 'LoadBalancer' && s.spec.loadBalancerClass !== old.spec.loadBalancerClass) {
    errors.push(invalid('spec.loadBalancerClass', s.spec.loadBalancerClass, 'may not change once set'))
  }
  return [...errors, ...validateService(s)]
}
