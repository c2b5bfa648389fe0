import type { Service, ServiceCIDR } from '../../../api'
import { internalFieldError, invalid, required, type FieldError } from '../../../apimachinery'
import type { WriteContext } from '../strategy'
import { formatIP, networkOf, parseCIDR, parseIP, type CIDR } from '../validation/ip'
import { allocateIP, allocatePort, DEFAULT_NODE_PORTS, isUsable, type PortRange } from './allocation'

/** kubeadm gives 10.96.0.0/12; the recordings' cluster had this one. WriteContext.serviceCIDR overrides it. */
export const DEFAULT_SERVICE_CIDR = '10.96.0.0/16'

const needsClusterIP = (s: Service): boolean => s.spec.type !== 'ExternalName'
const needsNodePort = (s: Service): boolean => s.spec.type === 'NodePort' || (s.spec.type === 'LoadBalancer' && s.spec.allocateLoadBalancerNodePorts !== false)
const needsHealthPort = (s: Service): boolean => s.spec.type === 'LoadBalancer' && s.spec.externalTrafficPolicy === 'Local'
/** Headless: it has endpoints but no address of its own. */
export const isHeadless = (s: Service): boolean => s.spec.clusterIPs?.[0] === 'None' || s.spec.clusterIP === 'None'

/**
 * What the server gave an object and the client left out stays as it was; what the new type cannot have goes.
 * Upstream: service storage patchAllocatedValues, normalizeClusterIPs, dropTypeDependentFields.
 */
export function patchAllocated(next: Service, old: Service): void {
  const spec = next.spec
  if (needsClusterIP(old) && needsClusterIP(next)) {
    if (!spec.clusterIP) {
      if (old.spec.clusterIP !== undefined) spec.clusterIP = old.spec.clusterIP
    }
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === old.spec.clusterIP && old.spec.clusterIPs !== undefined) spec.clusterIPs = [...old.spec.clusterIPs]
  }
  if (spec.clusterIP !== old.spec.clusterIP && sameList(spec.clusterIPs, old.spec.clusterIPs)) {
    // The old single field was changed, the list was not: it follows.
    if (!spec.clusterIP) delete spec.clusterIPs
    else spec.clusterIPs = [spec.clusterIP, ...(spec.clusterIPs ?? []).slice(1)]
  }
  if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP) spec.clusterIPs = [spec.clusterIP]
  if (needsClusterIP(old) && needsClusterIP(next)) {
    spec.ipFamilies ??= old.spec.ipFamilies!
    spec.ipFamilyPolicy ??= old.spec.ipFamilyPolicy!
    if (spec.ipFamilies === undefined) delete spec.ipFamilies
    if (spec.ipFamilyPolicy === undefined) delete spec.ipFamilyPolicy
  }
  if (needsNodePort(old) && needsNodePort(next)) {
    for (const port of spec.ports ?? []) {
      if (port.nodePort) continue
      const same = old.spec.ports?.find((p) => p.port === port.port && p.protocol === port.protocol)
      if (same?.nodePort && !spec.ports!.some((p) => p.nodePort === same.nodePort && p.protocol === same.protocol)) port.nodePort = same.nodePort
    }
  }
  if (needsHealthPort(old) && needsHealthPort(next) && !spec.healthCheckNodePort) spec.healthCheckNodePort = old.spec.healthCheckNodePort!
  dropByType(next, old)
}

function dropByType(next: Service, old: Service): void {
  const spec = next.spec
  if (needsClusterIP(old) && !needsClusterIP(next) && sameList(spec.clusterIPs, old.spec.clusterIPs)) {
    delete spec.clusterIP
    delete spec.clusterIPs
    if (sameList(spec.ipFamilies, old.spec.ipFamilies)) delete spec.ipFamilies
    if (spec.ipFamilyPolicy === old.spec.ipFamilyPolicy) delete spec.ipFamilyPolicy
  }
  if (needsNodePort(old) && !needsNodePort(next)) {
    for (const port of spec.ports ?? []) if (port.nodePort && old.spec.ports?.some((p) => p.nodePort === port.nodePort)) delete port.nodePort
  }
  if (needsHealthPort(old) && !needsHealthPort(next) && spec.healthCheckNodePort === old.spec.healthCheckNodePort) delete spec.healthCheckNodePort
  if (old.spec.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    delete spec.allocateLoadBalancerNodePorts
    if (spec.loadBalancerClass === old.spec.loadBalancerClass) delete spec.loadBalancerClass
    next.status = { loadBalancer: {} }
  }
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer' && (spec.externalIPs ?? []).length === 0 && spec.externalTrafficPolicy === old.spec.externalTrafficPolicy) delete spec.externalTrafficPolicy
}

const sameList = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean => (a ?? []).join() === (b ?? []).join()

/** Gives families, addresses and node ports. Errors: an address or port is taken or out of range. Upstream: core/service storage Allocators. */
export function allocateService(s: Service, old: Service | undefined, write: WriteContext): FieldError[] {
  if (!needsClusterIP(s)) return []
  const errors = giveFamilies(s)
  if (errors.length > 0) return errors
  errors.push(...giveClusterIP(s, old, write))
  if (errors.length > 0) return errors
  return giveNodePorts(s, old, write)
}

function giveFamilies(s: Service): FieldError[] {
  const spec = s.spec
  if (isHeadless(s) && Object.keys(spec.selector ?? {}).length === 0) {
    // Headless without selector: whoever writes its endpoints may use both families.
    spec.ipFamilyPolicy ??= (spec.ipFamilies ?? []).length === 1 ? 'SingleStack' : 'RequireDualStack'
    if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = spec.ipFamilyPolicy === 'SingleStack' ? ['IPv4'] : ['IPv4', 'IPv6']
    return []
  }
  const errors: FieldError[] = []
  if (spec.ipFamilyPolicy === 'RequireDualStack') errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services'))
  ;(spec.ipFamilies ?? []).forEach((family, i) => { if (family !== 'IPv4') errors.push(invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster')) })
  if (errors.length > 0) return errors
  spec.ipFamilyPolicy ??= 'SingleStack'
  if ((spec.ipFamilies ?? []).length === 0) spec.ipFamilies = ['IPv4']
  return errors
}

function giveClusterIP(s: Service, old: Service | undefined, write: WriteContext): FieldError[] {
  const spec = s.spec
  if (isHeadless(s)) {
    spec.clusterIP = 'None'
    spec.clusterIPs = ['None']
    return []
  }
  const asked = spec.clusterIPs?.[0] ?? ''
  if (asked !== '' && asked === old?.spec.clusterIPs?.[0]) return []
  const text = write.serviceCIDR ?? DEFAULT_SERVICE_CIDR
  const cidr = parseCIDR(text)
  if (cidr === undefined) return [internalFieldError('spec.clusterIPs', `no service network ${text}`)]
  const cidrs = [cidr, ...addedNetworks(write)]
  const taken = takenIPs(write)
  if (asked !== '') {
    const ip = parseIP(asked)
    if (ip === undefined || !cidrs.some((one) => isUsable(one, ip))) {
      const range = `${formatIP(networkOf(cidr))}/${cidr.bits}`
      return [invalid('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${asked}: the provided IP (${asked}) is not in the valid range. The range of valid IPs is ${range}`)]
    }
    if (taken.has(asked)) return [invalid('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${asked}: provided IP is already allocated`)]
    spec.clusterIP = asked
    return []
  }
  let given: string | undefined
  for (const one of cidrs) given ??= allocateIP(one, (ip) => taken.has(ip), (n) => write.draw(n))
  if (given === undefined) return [internalFieldError('spec.clusterIPs', 'failed to allocate a serviceIP: range is full')]
  spec.clusterIP = given
  spec.clusterIPs = [given]
  return []
}

/** Networks that somebody added, in the order of their names; the first one has its own ServiceCIDR. Upstream: ipallocator MetaAllocator */
function addedNetworks(write: WriteContext): CIDR[] {
  const found: CIDR[] = []
  for (const o of write.list('servicecidrs')) {
    if (o.metadata.name === 'kubernetes' || o.metadata.deletionTimestamp !== undefined) continue
    for (const text of (o as ServiceCIDR).spec.cidrs ?? []) {
      const cidr = parseCIDR(text)
      if (cidr?.ip.version === 4) found.push(cidr)
    }
  }
  return found
}

function takenIPs(write: WriteContext): Set<string> {
  const taken = new Set<string>()
  for (const other of write.list('services')) for (const ip of (other as Service).spec.clusterIPs ?? []) if (ip !== 'None') taken.add(ip)
  return taken
}

function giveNodePorts(s: Service, old: Service | undefined, write: WriteContext): FieldError[] {
  if (!needsNodePort(s) && !needsHealthPort(s)) return []
  const range: PortRange = DEFAULT_NODE_PORTS
  const own = new Set<string>()
  for (const port of old?.spec.ports ?? []) if (port.nodePort) own.add(`${port.protocol}/${port.nodePort}`)
  const taken = new Set<string>()
  const numbers = new Set<number>()
  for (const other of write.list('services')) {
    const { spec, metadata } = other as Service
    if (metadata.uid === s.metadata.uid && old !== undefined) continue
    for (const port of spec.ports ?? []) if (port.nodePort) { taken.add(`${port.protocol}/${port.nodePort}`); numbers.add(port.nodePort) }
    if (spec.healthCheckNodePort) numbers.add(spec.healthCheckNodePort)
  }
  const errors: FieldError[] = []
  const ports = needsNodePort(s) ? s.spec.ports ?? [] : []
  ports.forEach((port, i) => {
    if (!port.nodePort) return
    const path = `spec.ports[${i}].nodePort`
    const id = `${port.protocol}/${port.nodePort}`
    if (!own.has(id)) {
      if (port.nodePort < range.base || port.nodePort >= range.base + range.size) {
        errors.push(invalid(path, port.nodePort, `provided port is not in the valid range. The range of valid ports is ${range.base}-${range.base + range.size - 1}`))
      } else if (taken.has(id)) errors.push(invalid(path, port.nodePort, 'provided port is already allocated'))
    }
    numbers.add(port.nodePort)
  })
  if (errors.length > 0) return errors
  for (const port of ports) {
    if (port.nodePort) continue
    // One number serves the same port of another protocol, as kube-dns has it.
    const twin = ports.find((p) => p !== port && p.port === port.port && p.protocol !== port.protocol && p.nodePort)
    const given = twin?.nodePort ?? allocatePort(range, (n) => numbers.has(n), (n) => write.draw(n))
    if (given === undefined) return [internalFieldError('spec.ports', 'failed to allocate a nodePort: range is full')]
    port.nodePort = given
    numbers.add(given)
  }
  if (needsHealthPort(s) && !s.spec.healthCheckNodePort) {
    const given = allocatePort(range, (n) => numbers.has(n), (n) => write.draw(n))
    if (given === undefined) return [required('spec.healthCheckNodePort')]
    s.spec.healthCheckNodePort = given
  }
  return []
}
