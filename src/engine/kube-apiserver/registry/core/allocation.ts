import { contains, formatIP, networkOf, sizeOf, type CIDR, type IP } from '../validation/ip'

/** A range of node ports, both ends included. */
export interface PortRange {
  readonly base: number
  readonly size: number
}

/** `30000-32767`. */
export const DEFAULT_NODE_PORTS: PortRange = { base: 30_000, size: 2_768 }

const MIN_OFFSET = 16
/** The bitmap of an IPv6 network is cut at this many addresses. */
const MAX_IPV6 = 1n << 16n

/**
 * Size of the lower band of a service network, kept for addresses that users choose. Upstream: ipallocator calculateRangeOffset.
 */
export function clusterIPOffset(cidr: CIDR): number {
  const size = sizeOf(cidr)
  if (size <= 16n) return 0
  return Math.max(MIN_OFFSET, Math.min(256, Number(size / 16n)))
}

/** Size of the lower band of node ports. Upstream: portallocator calculateRangeOffset. */
export function nodePortOffset(range: PortRange): number {
  if (range.size <= MIN_OFFSET) return 0
  return Math.max(MIN_OFFSET, Math.min(128, Math.floor(range.size / 32)))
}

/** How many addresses of a network can be given out (IPv4: without network and broadcast). */
export function usableAddresses(cidr: CIDR): bigint {
  const size = sizeOf(cidr)
  if (cidr.ip.version === 4) return size > 2n ? size - 2n : 0n
  return (size < MAX_IPV6 ? size : MAX_IPV6) - 1n
}

/** Whether an address may be given out from a network. */
export function isUsable(cidr: CIDR, ip: IP): boolean {
  if (!contains(cidr, ip)) return false
  const first = networkOf(cidr).value
  return ip.value > first && (cidr.ip.version === 6 || ip.value < first + sizeOf(cidr) - 1n)
}

/**
 * A free address: a random start in the upper band, then the next free one, wrapping; the lower band when the upper is full.
 * Undefined when all are taken. Upstream: ipallocator AllocateNext.
 */
export function allocateIP(cidr: CIDR, taken: (ip: string) => boolean, draw: (n: number) => number): string | undefined {
  const base = networkOf(cidr).value
  // Bounds: a draw has 32 bits, which is enough of any network.
  const usable = Number(usableAddresses(cidr) < 0xffff_ffffn ? usableAddresses(cidr) : 0xffff_ffffn)
  const offset = Math.min(clusterIPOffset(cidr), usable)
  const at = (i: number): string => formatIP({ version: cidr.ip.version, value: base + 1n + BigInt(i) })
  return pick(offset, usable, (i) => !taken(at(i)), draw, at) ?? pick(0, offset, (i) => !taken(at(i)), draw, at)
}

/** A free node port, upper band first. Undefined when all are taken. Upstream: portallocator AllocateNext. */
export function allocatePort(range: PortRange, taken: (port: number) => boolean, draw: (n: number) => number): number | undefined {
  const offset = nodePortOffset(range)
  const at = (i: number): number => range.base + i
  const free = (i: number): boolean => !taken(range.base + i)
  return pick(offset, range.size, free, draw, at) ?? pick(0, offset, free, draw, at)
}

function pick<T>(from: number, to: number, free: (i: number) => boolean, draw: (n: number) => number, at: (i: number) => T): T | undefined {
  const count = to - from
  if (count <= 0) return undefined
  const start = draw(count)
  for (let i = 0; i < count; i++) {
    const place = from + ((start + i) % count)
    if (free(place)) return at(place)
  }
  return undefined
}
