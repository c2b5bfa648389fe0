import type { Environment } from '@marcbachmann/cel-js'
import { dns1035LabelErrors, dns1123LabelErrors, dns1123SubdomainErrors, labelValueErrors, qualifiedNameErrors } from '../../apimachinery'
import { contains, formatIP, networkOf, parseCIDR, parseIP, type CIDR, type IP } from '../registry/validation/ip'
import { add, fail, optional } from './register'

class CelIP {
  constructor(readonly ip: IP) {}
  toString(): string {
    return formatIP(this.ip)
  }
}
class CelCIDR {
  constructor(readonly cidr: CIDR) {}
  toString(): string {
    return `${formatIP(this.cidr.ip)}/${this.cidr.bits}`
  }
}
class CelURL {
  constructor(readonly url: Readonly<Record<'scheme' | 'host' | 'path' | 'query', string>>) {}
}
class CelFormat {
  constructor(readonly name: string, readonly errors: (text: string) => readonly string[]) {}
}
class FormatNamespace {}
class IPNamespace {}

/** Addresses, networks, URLs and named formats. Upstream: apiserver/pkg/cel/library/{ip,cidr,urls,format}.go */
export function addNetworkLibrary(env: Environment): void {
  env.registerType('net.IP', CelIP)
  env.registerType('net.CIDR', CelCIDR)
  env.registerType('kubernetes.URL', CelURL)
  env.registerType('kubernetes.NamedFormat', CelFormat)
  env.registerOperator('net.IP == net.IP', (a: CelIP, b: CelIP) => a.ip.version === b.ip.version && a.ip.value === b.ip.value)
  env.registerOperator('net.CIDR == net.CIDR', (a: CelCIDR, b: CelCIDR) => a.toString() === b.toString())
  env.registerOperator('kubernetes.URL == kubernetes.URL', (a: CelURL, b: CelURL) => JSON.stringify(a.url) === JSON.stringify(b.url))
  addIPs(env)
  addCIDRs(env)
  addURLs(env)
  addFormats(env)
}

/** As Go's netip.ParseAddr: no leading zeros, no zone, no IPv4 in IPv6. */
function strictIP(text: string): IP | undefined {
  if (text.includes('%') || (text.includes(':') ? text.includes('.') : /(^|\.)0\d/.test(text))) return undefined
  return parseIP(text)
}

function addIPs(env: Environment): void {
  const parse = (s: string): CelIP => {
    const ip = strictIP(s)
    return ip === undefined ? fail(`IP Address ${JSON.stringify(s)} parse error during conversion from string: ParseAddr(${JSON.stringify(s)}): unable to parse IP`) : new CelIP(ip)
  }
  env.registerType('IPNamespace', IPNamespace)
  env.registerConstant('ip', 'IPNamespace', new IPNamespace())
  add(env, 'IPNamespace.isCanonical(string): bool', (_: unknown, s: string) => parse(s).toString() === s)
  add(env, 'ip(string): net.IP', parse)
  add(env, 'isIP(string): bool', (s: string) => strictIP(s) !== undefined)
  add(env, 'string(net.IP): string', (a: CelIP) => a.toString())
  add(env, 'net.IP.family(): int', (a: CelIP) => BigInt(a.ip.version))
  const inside = (networks: readonly string[]) => {
    const parsed = networks.map((n) => parseCIDR(n) as CIDR)
    return (a: CelIP): boolean => parsed.some((n) => contains(n, a.ip))
  }
  add(env, 'net.IP.isUnspecified(): bool', (a: CelIP) => a.ip.value === 0n)
  add(env, 'net.IP.isLoopback(): bool', inside(['127.0.0.0/8', '::1/128']))
  add(env, 'net.IP.isLinkLocalMulticast(): bool', inside(['224.0.0.0/24', 'ff02::/16']))
  add(env, 'net.IP.isLinkLocalUnicast(): bool', inside(['169.254.0.0/16', 'fe80::/10']))
  const special = inside(['127.0.0.0/8', '::1/128', '224.0.0.0/4', 'ff00::/8', '169.254.0.0/16', 'fe80::/10', '0.0.0.0/32', '255.255.255.255/32', '::/128'])
  add(env, 'net.IP.isGlobalUnicast(): bool', (a: CelIP) => !special(a))
}

function addCIDRs(env: Environment): void {
  const read = (s: string): CIDR | undefined => (strictIP(s.slice(0, Math.max(0, s.indexOf('/')))) === undefined ? undefined : parseCIDR(s))
  const parse = (s: string): CelCIDR => {
    const cidr = read(s)
    return cidr === undefined ? fail(`network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(s)}): no '/'`) : new CelCIDR(cidr)
  }
  const holds = (a: CelCIDR, b: CelCIDR): boolean => a.cidr.bits <= b.cidr.bits && contains(a.cidr, b.cidr.ip)
  add(env, 'cidr(string): net.CIDR', parse)
  add(env, 'isCIDR(string): bool', (s: string) => read(s) !== undefined)
  add(env, 'string(net.CIDR): string', (a: CelCIDR) => a.toString())
  add(env, 'net.CIDR.containsIP(net.IP): bool', (a: CelCIDR, b: CelIP) => contains(a.cidr, b.ip))
  add(env, 'net.CIDR.containsIP(string): bool', (a: CelCIDR, b: string) => contains(a.cidr, strictIP(b) ?? fail(`IP Address ${JSON.stringify(b)} parse error during conversion from string`)))
  add(env, 'net.CIDR.containsCIDR(net.CIDR): bool', holds)
  add(env, 'net.CIDR.containsCIDR(string): bool', (a: CelCIDR, b: string) => holds(a, parse(b)))
  add(env, 'net.CIDR.ip(): net.IP', (a: CelCIDR) => new CelIP(a.cidr.ip))
  add(env, 'net.CIDR.masked(): net.CIDR', (a: CelCIDR) => new CelCIDR({ ip: networkOf(a.cidr), bits: a.cidr.bits }))
  add(env, 'net.CIDR.prefixLength(): int', (a: CelCIDR) => BigInt(a.cidr.bits))
}

/** An absolute URL, or an absolute path. */
function readURL(s: string): CelURL | undefined {
  const [, scheme = '', host = '', path = '', query = ''] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):(?:\/\/(?:[^@/?#]*@)?([^/?#]*))?)?([^?#]*)(?:\?([^#]*))?/.exec(s) ?? []
  if (s === '' || /[\s<>"{}|\\^`]/.test(s) || /%(?![0-9a-fA-F]{2})/.test(s)) return undefined
  if (scheme === '' && !path.startsWith('/')) return undefined
  if (/^[^[\]]*:[^\d]/.test(host)) return undefined
  return new CelURL({ scheme: scheme.toLowerCase(), host, path, query })
}

function addURLs(env: Environment): void {
  const T = 'kubernetes.URL'
  add(env, `url(string): ${T}`, (s: string) => readURL(s) ?? fail(`URL parse error during conversion from string: parse ${JSON.stringify(s)}: invalid URI for request`))
  add(env, 'isURL(string): bool', (s: string) => readURL(s) !== undefined)
  add(env, `${T}.getScheme(): string`, (a: CelURL) => a.url.scheme)
  add(env, `${T}.getHost(): string`, (a: CelURL) => a.url.host)
  add(env, `${T}.getHostname(): string`, (a: CelURL) => a.url.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1'))
  add(env, `${T}.getPort(): string`, (a: CelURL) => /:(\d+)$/.exec(a.url.host)?.[1] ?? '')
  add(env, `${T}.getEscapedPath(): string`, (a: CelURL) => a.url.path)
  add(env, `${T}.getQuery(): map<string, list<string>>`, (a: CelURL) => {
    const out = new Map<string, string[]>()
    for (const part of a.url.query.split('&')) {
      if (part === '') continue
      const [k = '', v = ''] = part.split(/=(.*)/s).map((t) => decodeURIComponent(t.replaceAll('+', ' ')))
      out.set(k, [...(out.get(k) ?? []), v])
    }
    return out
  })
}

const prefix = (check: (text: string) => readonly string[]) => (text: string): readonly string[] => check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text)
const pattern = (re: RegExp, text: string) => (s: string): readonly string[] => (re.test(s) ? [] : [text])

function addFormats(env: Environment): void {
  const T = 'kubernetes.NamedFormat'
  const formats: readonly [string, (text: string) => readonly string[]][] = [
    ['dns1123Label', dns1123LabelErrors], ['dns1123Subdomain', dns1123SubdomainErrors], ['dns1035Label', dns1035LabelErrors],
    ['dns1123LabelPrefix', prefix(dns1123LabelErrors)], ['dns1123SubdomainPrefix', prefix(dns1123SubdomainErrors)], ['dns1035LabelPrefix', prefix(dns1035LabelErrors)],
    ['qualifiedName', qualifiedNameErrors], ['labelValue', labelValueErrors],
    ['uri', (s) => (readURL(s) === undefined ? [`parse ${JSON.stringify(s)}: invalid URI for request`] : [])],
    ['uuid', pattern(/^[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}$/, 'does not match the UUID format')],
    ['byte', pattern(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'invalid base64')],
    ['date', pattern(/^\d{4}-\d\d-\d\d$/, 'invalid date')],
    ['datetime', pattern(/^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/, 'invalid datetime')],
  ]
  const named = new Map(formats.map(([name, errors]) => [name, new CelFormat(name, errors)]))
  env.registerType('FormatNamespace', FormatNamespace)
  env.registerConstant('format', 'FormatNamespace', new FormatNamespace())
  for (const [name, f] of named) add(env, `FormatNamespace.${name}(): ${T}`, () => f)
  add(env, `FormatNamespace.named(string): optional<${T}>`, (_: unknown, name: string) => optional(named.get(name)))
  add(env, `${T}.validate(string): optional<list<string>>`, (f: CelFormat, s: string) => {
    const wrong = f.errors(s)
    return optional(wrong.length === 0 ? undefined : wrong)
  })
}
