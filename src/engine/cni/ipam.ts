import { assert } from '../sim'

/** Addresses of one node's pod network. Plain data. Upstream: containernetworking/plugins host-local, with the flannel plugin in front. */
export interface IpamState {
  /** e.g. `10.244.1.0/24`; empty while the node has none. */
  podCIDR: string
  /** Last address handed out, as host-local remembers it: the next search begins behind it. */
  last: number
  /** Offset in the range → pod uid. Bounds: the size of the range. */
  readonly used: Map<number, string>
}

/** A network without a range yet. */
export function newIpam(podCIDR = ''): IpamState {
  return { podCIDR, last: 1, used: new Map() }
}

/** Takes `a.b.c.d/n` apart; undefined when it is not an IPv4 range. */
export function parseCIDR(cidr: string): { readonly base: number; readonly size: number } | undefined {
  const slash = cidr.indexOf('/')
  const bytes = cidr.slice(0, slash).split('.').map(Number)
  const bits = Number(cidr.slice(slash + 1))
  if (slash < 0 || bytes.length !== 4 || bytes.some((b) => !(b >= 0 && b <= 255)) || !(bits >= 8 && bits <= 30)) return undefined
  const size = 2 ** (32 - bits)
  const address = bytes.reduce((sum, b) => sum * 256 + b, 0)
  return { base: address - (address % size), size }
}

/** An IPv4 address as text. */
export function formatIP(address: number): string {
  return `${Math.floor(address / 16777216)}.${Math.floor(address / 65536) % 256}.${Math.floor(address / 256) % 256}.${address % 256}`
}

/**
 * CNI ADD: the next free address behind the last one (offset 0 is the network, 1 the bridge, the last the broadcast).
 * Errors: a text, as the plugin answers it, when there is no range or it is full.
 */
export function cniAdd(state: IpamState, podUid: string): { readonly ip: string } | { readonly error: string } {
  const range = parseCIDR(state.podCIDR)
  if (range === undefined) return { error: 'plugin type="flannel" failed (add): loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory' }
  for (let i = 0; i < range.size; i++) {
    const offset = ((state.last + i) % (range.size - 1)) + 1
    if (offset < 2 || offset > range.size - 2 || state.used.has(offset)) continue
    state.last = offset
    state.used.set(offset, podUid)
    return { ip: formatIP(range.base + offset) }
  }
  return { error: `plugin type="bridge" failed (add): failed to allocate for range 0: no IP addresses available in range set: ${formatIP(range.base + 1)}-${formatIP(range.base + range.size - 2)}` }
}

/** CNI DEL: gives a pod's address back. Unknown pods are fine. */
export function cniDel(state: IpamState, podUid: string): void {
  state.used.forEach((uid, offset) => {
    if (uid === podUid) state.used.delete(offset)
  })
}

/** A node's range when no controller assigns one: the number its name ends with, else one drawn from the name. Errors: none. */
export function derivedPodCIDR(node: string): string {
  const n = nodeNumber(node)
  assert(n >= 0 && n < 65_536, 'node number out of range')
  return `10.${244 + Math.floor(n / 256)}.${n % 256}.0/24`
}

/** The number that a node's name ends with (`node-3` → 3); 0 for the control plane, from 512 on for other names. */
export function nodeNumber(node: string): number {
  let i = node.length
  while (i > 0 && node.charCodeAt(i - 1) >= 48 && node.charCodeAt(i - 1) <= 57) i--
  if (i < node.length && node.length - i < 4) return Number(node.slice(i)) % 512
  if (node === 'control-plane') return 0
  let hash = 7
  for (let k = 0; k < node.length; k++) hash = (Math.imul(hash, 31) + node.charCodeAt(k)) >>> 0
  return 512 + (hash % 1024)
}
