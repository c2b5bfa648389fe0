import { sha256 } from '../apimachinery'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The first 16 characters of the base32 of a text's SHA-256. Upstream: pkg/proxy/iptables/proxier.go portProtoHash, servicePortEndpointChainName */
export function chainHash(text: string): string {
  const bytes = sha256(text)
  let out = ''
  let bits = 0
  let count = 0
  for (const b of bytes) {
    bits = ((bits << 8) | b) & 0xffff
    count += 8
    while (count >= 5 && out.length < 16) {
      count -= 5
      out += alphabet[(bits >> count) & 31] as string
    }
    if (out.length === 16) break
  }
  return out
}

/** Chain of a service port with the cluster's policy. `servicePortName` is `namespace/name[:port]`, protocol in lower case. */
export function serviceChain(prefix: 'KUBE-SVC-' | 'KUBE-SVL-' | 'KUBE-EXT-' | 'KUBE-FW-', servicePortName: string, protocol: string): string {
  return prefix + chainHash(servicePortName + protocol)
}

/** Chain of one endpoint (`ip:port`) of a service port. */
export function endpointChain(servicePortName: string, protocol: string, endpoint: string): string {
  return `KUBE-SEP-${chainHash(servicePortName + protocol + endpoint)}`
}

/** A chain of nftables: its kind, a short hash, and what it is for. Upstream: pkg/proxy/nftables/proxier.go hashAndTruncate */
export function nftChain(kind: 'service' | 'local' | 'external' | 'endpoint' | 'affinity' | 'firewall', what: string): string {
  return `${kind}-${chainHash(what).slice(0, 8)}-${what}`
}

/** The probability with which the first of n rules is taken, as written for iptables. Upstream: computeProbability */
export function probability(n: number): string {
  return (1 / n).toFixed(10)
}
