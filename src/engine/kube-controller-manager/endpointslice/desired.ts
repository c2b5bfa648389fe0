import type { DiscoveryEndpointPort, Endpoint, EndpointSlice, Node, Pod, Service } from '../../api'
import { isPodReady } from '../pods'
import { findPort, hasClusterIP, shouldSetHostname } from './services'

/** Label and value that say who makes a slice. */
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
/** This controller. */
export const managedBy = 'endpointslice-controller.k8s.io'
/** Label with the service of a slice. */
export const serviceNameLabel = 'kubernetes.io/service-name'
/** Label of what belongs to a headless service. */
export const headlessLabel = 'service.kubernetes.io/headless'

/** Address types of a service. Upstream: getAddressTypesForService */
export function addressTypesOf(s: Service): readonly string[] {
  const families = s.spec?.ipFamilies
  if (families !== undefined && families.length > 0) return families
  const ip = s.spec?.clusterIP
  if (ip === 'None') return ['IPv4', 'IPv6']
  return [ip?.includes(':') ? 'IPv6' : 'IPv4']
}

/** What a pod adds to a slice. Upstream: podToEndpoint */
export function podToEndpoint(pod: Pod, node: Node | undefined, s: Service, addressType: string): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = s.spec?.publishNotReadyAddresses === true || (serving && !terminating)
  const zone = node?.metadata.labels?.['topology.kubernetes.io/zone']
  return {
    addresses: addressesOf(pod, addressType),
    conditions: { ready, serving, terminating },
    ...(shouldSetHostname(pod, s) && { hostname: pod.spec.hostname as string }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace as string, name: pod.metadata.name, ...(pod.metadata.uid && { uid: pod.metadata.uid }) },
    ...(zone && { zone }),
  }
}

function addressesOf(pod: Pod, addressType: string): string[] {
  const out: string[] = []
  const v6 = addressType === 'IPv6'
  for (const { ip } of pod.status?.podIPs ?? []) if (ip && ip.includes(':') === v6) out.push(v6 ? canonicalIPv6(ip) : ip)
  return out
}

/** An IPv6 address in its one short form. Upstream: net.IP.String, RFC 5952 */
function canonicalIPv6(text: string): string {
  const [head = '', tail] = text.toLowerCase().split('::')
  const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':').map((g) => g.replace(/^0+(?=.)/, '')))
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')]
  const groups = tail === undefined ? left : [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right]
  let [from, most] = [-1, 1]
  for (let i = 0; i < groups.length; i++) {
    let n = 0
    while (groups[i + n] === '0') n++
    if (n > most) [from, most] = [i, n]
  }
  return from < 0 ? groups.join(':') : `${groups.slice(0, from).join(':')}::${groups.slice(from + most).join(':')}`
}

/** Ports of a pod behind a service. Upstream: getEndpointPorts */
export function endpointPorts(s: Service, pod: Pod): DiscoveryEndpointPort[] {
  const out: DiscoveryEndpointPort[] = []
  for (const p of s.spec?.ports ?? []) {
    const port = findPort(pod, p)
    if (port === undefined) continue
    out.push({ name: p.name ?? '', port, protocol: p.protocol ?? 'TCP', ...(p.appProtocol && { appProtocol: p.appProtocol }) })
  }
  return out
}

/** A key that is equal for equal lists of ports. Upstream: NewPortMapKey */
export function portsKey(ports: readonly DiscoveryEndpointPort[] | undefined | null): string {
  if (!ports || ports.length === 0) return ''
  return ports.map((p) => `${p.name ?? ''}|${p.port ?? ''}|${p.protocol ?? ''}|${p.appProtocol ?? ''}`).sort().join(',')
}

/** Labels of the slices of a service. Upstream: setEndpointSliceLabels */
export function sliceLabels(s: Service): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [k, v] of Object.entries(s.metadata.labels ?? {})) if (k !== managedByLabel && k !== serviceNameLabel && k !== headlessLabel) out[k] = v
  if (!hasClusterIP(s)) out[headlessLabel] = ''
  out[serviceNameLabel] = s.metadata.name
  out[managedByLabel] = managedBy
  return out
}

/** A new slice without endpoints. Upstream: newEndpointSlice */
export function newSlice(s: Service, addressType: string, ports: DiscoveryEndpointPort[]): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
    metadata: {
      generateName: `${s.metadata.name}-`, namespace: s.metadata.namespace as string, labels: sliceLabels(s),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: s.metadata.name, uid: s.metadata.uid as string, controller: true, blockOwnerDeletion: true }],
    } as EndpointSlice['metadata'],
    addressType, ports, endpoints: [],
  }
}
