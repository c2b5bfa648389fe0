import type { Service } from '../api'

/** Upstream: v1.IPFamily */
export type IPFamily = 'IPv4' | 'IPv6'

/** Family of an address or a range. */
const familyOf = (text: string): IPFamily => (text.includes(':') ? 'IPv6' : 'IPv4')

/** Addresses, or ranges, of one family. Upstream: pkg/proxy/util/utils.go MapIPsByIPFamily, MapCIDRsByIPFamily */
export function ofFamily(texts: readonly string[] | undefined, family: IPFamily): readonly string[] {
  // Validation has always let blanks pass around source ranges.
  return (texts ?? []).map((t) => t.trim()).filter((t) => t !== '' && familyOf(t) === family)
}

/** The cluster IP of one family; empty: none. Upstream: GetClusterIPByFamily */
export function clusterIPOf(service: Service, family: IPFamily): string {
  const { clusterIP = '', clusterIPs, ipFamilies } = service.spec ?? {}
  if (ipFamilies && ipFamilies.length > 0) return clusterIPs?.[ipFamilies.indexOf(family)] ?? ''
  return clusterIP !== '' && clusterIP !== 'None' && familyOf(clusterIP) === family ? clusterIP : ''
}
