/** An IP address parsed to its number; 4 or 6. */
export interface IP {
  readonly version: 4 | 6
  readonly value: bigint
}

/** A network: all addresses that share the first `bits` bits. */
export interface CIDR {
  readonly ip: IP
  readonly bits: number
}

/** Parses an address as Go's netutils.ParseIPSloppy does (leading zeros allowed); undefined when it is none. */
export function parseIP(text: string): IP | undefined {
  if (text.includes(':')) return parseIPv6(text)
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part) || Number(part) > 255) return undefined
    value = value * 256n + BigInt(Number(part))
  }
  return { version: 4, value }
}

function parseIPv6(text: string): IP | undefined {
  let head = text
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  if (dotted.includes('.')) {
    const v4 = parseIP(dotted)
    if (v4 === undefined || v4.version !== 4) return undefined
    head = `${text.slice(0, text.lastIndexOf(':') + 1)}${(v4.value >> 16n).toString(16)}:${(v4.value & 0xffffn).toString(16)}`
  }
  const halves = head.split('::')
  if (halves.length > 2) return undefined
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const left = groups(halves[0]!)
  const right = halves.length === 2 ? groups(halves[1]!) : []
  const missing = 8 - left.length - right.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  let value = 0n
  for (const group of [...left, ...(new Array<string>(missing).fill('0')), ...right]) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined
    value = (value << 16n) | BigInt(`0x${group}`)
  }
  return { version: 6, value }
}

/** Whether a text is an IP address. */
export function isIP(text: string): boolean {
  return parseIP(text) !== undefined
}

/** An address as Go prints it (IPv6 with its longest run of zeros cut). */
export function formatIP(ip: IP): string {
  if (ip.version === 4) {
    const n = Number(ip.value)
    return `${n >>> 24}.${(n >>> 16) & 255}.${(n >>> 8) & 255}.${n & 255}`
  }
  const groups: string[] = []
  for (let i = 7n; i >= 0n; i--) groups.push(((ip.value >> (i * 16n)) & 0xffffn).toString(16))
  let best = -1
  let length = 1
  for (let i = 0; i < 8; i++) {
    let j = i
    while (j < 8 && groups[j] === '0') j++
    if (j - i > length) { best = i; length = j - i }
  }
  return best < 0 ? groups.join(':') : `${groups.slice(0, best).join(':')}::${groups.slice(best + length).join(':')}`
}

/** Parses `10.0.0.0/24`; the address may have host bits. Undefined when it is malformed. */
export function parseCIDR(text: string): CIDR | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const ip = parseIP(text.slice(0, slash))
  const bits = text.slice(slash + 1)
  if (ip === undefined || !/^(0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > width(ip)) return undefined
  return { ip, bits: Number(bits) }
}

const width = (ip: IP): number => (ip.version === 4 ? 32 : 128)

/** First address of a network (host bits cleared). */
export function networkOf(cidr: CIDR): IP {
  const host = BigInt(width(cidr.ip) - cidr.bits)
  return { version: cidr.ip.version, value: (cidr.ip.value >> host) << host }
}

/** Number of addresses of a network. */
export function sizeOf(cidr: CIDR): bigint {
  return 1n << BigInt(width(cidr.ip) - cidr.bits)
}

/** Whether a network holds an address. */
export function contains(cidr: CIDR, ip: IP): boolean {
  if (cidr.ip.version !== ip.version) return false
  const host = BigInt(width(ip) - cidr.bits)
  return cidr.ip.value >> host === ip.value >> host
}

/** `host:port`, IPv6 in brackets. Upstream: net.JoinHostPort. */
export function joinHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
