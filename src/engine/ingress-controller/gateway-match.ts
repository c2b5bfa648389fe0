import { hostFits, type GatewayGraph, type ListenerNode, type RouteNode } from './gateway-graph'
import type { BackendNode, RuleNode } from './gateway-rules'
import type { Filter, HeaderChanges, NamedMatch, PathChange, RouteMatch } from './gateway-types'
import type { Backend, RequestLine, Route } from './routes'

/** Endpoints of a Service's port. */
type Endpoints = (service: string, port: number) => Backend['endpoints']

/** One match of a rule, with everything by which it is preferred to others. */
interface Candidate {
  readonly route: RouteNode
  readonly rule: RuleNode
  readonly match: RouteMatch
}

/**
 * What the Gateways say to a request; undefined: no listener is for it. `listenerPort`: the port that clients came to. The narrowest listener
 * decides, then the routes with the narrowest host name, then the first of their matches that fits. Upstream: Gateway API, HTTPRouteRule.matches
 */
export function routeGateway(graph: GatewayGraph, request: RequestLine, listenerPort: number, endpoints: Endpoints): Route | undefined {
  const { host } = request
  const open = graph.gateways.flatMap((g) => g.listeners.filter((l) => l.valid && l.spec.port === listenerPort && (!l.spec.hostname || hostFits(l.spec.hostname, host))))
  if (open.length === 0) return undefined
  const width = Math.max(...open.map((l) => narrowness(l.spec.hostname ?? '', host)))
  const listeners = open.filter((l) => narrowness(l.spec.hostname ?? '', host) === width)
  const [listener] = listeners as [ListenerNode]
  const door = `Gateway ${listener.gateway}, listener ${listener.spec.name}`
  const certificate = listener.certificate === '' ? '' : `the certificate of Secret ${listener.certificate}`
  const answer = (status: number, text: string): Route => ({ kind: 'status', status, text, certificate })
  if (listener.spec.protocol === 'HTTPS' && !request.tls) return answer(400, `${door} speaks https: the plain HTTP request was sent to HTTPS port`)
  if (listener.spec.protocol === 'HTTP' && request.tls) return answer(0, `${door} speaks no TLS`)
  const attached = listeners.flatMap((l) => l.attached.map((a) => ({ route: a.route, width: hostOf(a.hostnames, host) }))).filter((a) => a.width >= 0)
  const best = Math.max(-1, ...attached.map((a) => a.width))
  const candidates = attached.filter((a) => a.width === best).flatMap(({ route }) => route.rules.flatMap((rule) => rule.matches.map((match): Candidate => ({ route, rule, match }))))
  const found = candidates.filter((c) => fits(c.match, request)).sort(byPrecedence)[0]
  if (found === undefined) return answer(404, attached.length === 0 ? `${door} has no HTTPRoute for ${host}` : `no HTTPRoute at ${door} has a match for ${request.method} ${host}${request.path}`)
  return take(found, request, listener, door, certificate, endpoints)
}

/** How narrow a name is that fits a host: the host itself before wildcards, long before short, every host last. */
function narrowness(name: string, host: string): number {
  return name === '' ? 0 : name === host ? 1_000 + name.length : name.length
}

/** The narrowest of a route's names that fits; -1: none does. */
function hostOf(names: readonly string[], host: string): number {
  return names.length === 0 ? 0 : Math.max(-1, ...names.map((n) => (hostFits(n, host) ? narrowness(n, host) : -1)))
}

const rank: Readonly<Record<string, number>> = { Exact: 3, RegularExpression: 2, PathPrefix: 1 }

/** Which of two matches comes first. Regular expressions stand between exact paths and prefixes, as nginx has it; the rest is the specification's. */
function byPrecedence(a: Candidate, b: Candidate): number {
  const path = (c: Candidate) => c.match.path ?? {}
  const of = (c: Candidate): readonly number[] => [rank[path(c).type ?? 'PathPrefix'] ?? 0, (path(c).value ?? '/').length, c.match.method === undefined ? 0 : 1, c.match.headers?.length ?? 0, c.match.queryParams?.length ?? 0]
  const [x, y] = [of(a), of(b)]
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return (y[i] as number) - (x[i] as number)
  const age = (c: Candidate): string => `${c.route.route.metadata.creationTimestamp ?? ''} ${c.route.key}`
  if (age(a) !== age(b)) return age(a) < age(b) ? -1 : 1
  return a.rule.index - b.rule.index || a.rule.matches.indexOf(a.match) - b.rule.matches.indexOf(b.match)
}

function fits(match: RouteMatch, { path, method, headers }: RequestLine): boolean {
  if (match.method !== undefined && match.method !== method) return false
  const mark = path.indexOf('?')
  if (!pathFits(match, mark < 0 ? path : path.slice(0, mark))) return false
  if (match.headers?.some((h) => !textFits(h, headers[h.name.toLowerCase()])) === true) return false
  if (match.queryParams === undefined || match.queryParams.length === 0) return true
  const query = readQuery(mark < 0 ? '' : path.slice(mark + 1))
  return match.queryParams.every((q) => textFits(q, query.get(q.name)))
}

function pathFits({ path: { type = 'PathPrefix', value = '/' } = {} }: RouteMatch, path: string): boolean {
  if (type === 'Exact') return path === value
  if (type === 'RegularExpression') return new RegExp(`^(?:${value})`).test(path)
  const prefix = value.endsWith('/') ? value.slice(0, -1) : value
  return path === prefix || path.startsWith(`${prefix}/`)
}

function textFits(match: NamedMatch, value: string | undefined): boolean {
  if (value === undefined) return false
  return match.type === 'RegularExpression' ? new RegExp(match.value).test(value) : value === match.value
}

/** Parameters of a query; of one name the first counts. */
function readQuery(query: string): ReadonlyMap<string, string> {
  const out = new Map<string, string>()
  for (const part of query.split('&')) {
    const at = part.indexOf('=')
    const name = at < 0 ? part : part.slice(0, at)
    if (name !== '' && !out.has(name)) out.set(name, at < 0 ? '' : part.slice(at + 1))
  }
  return out
}

/** What a rule does with a request. */
function take({ route, rule, match }: Candidate, request: RequestLine, listener: ListenerNode, door: string, certificate: string, endpoints: Endpoints): Route {
  const name = rule.rule.name === undefined ? `rule ${rule.index + 1}` : `rule ${rule.rule.name}`
  const text = `${door}: HTTPRoute ${route.key}, ${name} (${describe(match)})`
  const answer = (status: number, why: string): Route => ({ kind: 'status', status, text: `${text}: ${why}`, certificate })
  if (rule.error !== '') return answer(500, rule.error)
  const changed = change(rule.rule.filters ?? [], match, request, listener)
  if (changed.redirect !== undefined) return answer(changed.redirect.status, `redirects to ${changed.redirect.location}`)
  const total = rule.backends.reduce((sum, b) => sum + b.weight, 0)
  if (rule.backends.length === 0) return answer(500, 'has no backendRefs')
  if (total === 0) return answer(500, 'all its backendRefs have weight 0')
  const share = (weight: number): string => (rule.backends.length > 1 ? `, weight ${weight} of ${total}` : '')
  const place = (b: BackendNode, weight: string): Backend => {
    if (b.error !== '') return { weight: b.weight, service: b.service, status: 500, text: `${b.error}${weight}`, endpoints: [] }
    const list = endpoints(b.service, b.port)
    return { weight: b.weight, service: b.service, status: list.length === 0 ? 503 : 0, text: `leads to Service ${b.service}${weight}${list.length === 0 ? ', but the Service has no endpoint' : ''}`, endpoints: list }
  }
  const backends = rule.backends.filter((b) => b.weight > 0).map((b) => place(b, share(b.weight)))
  const mirrors = rule.mirrors.map((m) => ({ backend: place(m.backend, ''), share: m.share, of: m.of }))
  return { kind: 'upstream', text: `${text}${changed.text}`, certificate, backends, total, host: changed.host, path: changed.path, timeout: timeoutOf(rule), mirrors }
}

/** How long the answer may take; undefined: as long as it wants. Upstream: HTTPRouteTimeouts, 0s is no limit */
function timeoutOf({ rule: { timeouts } }: RuleNode): number | undefined {
  const limits = [timeouts?.request, timeouts?.backendRequest].flatMap((t) => (t === undefined ? [] : [microsOf(t)])).filter((t) => t > 0)
  return limits.length === 0 ? undefined : Math.min(...limits)
}

const units: Readonly<Record<string, number>> = { h: 3_600_000_000, m: 60_000_000, s: 1_000_000, ms: 1_000 }

/** Upstream: Gateway API, Duration (GEP-2257): `1h30m`, `500ms` */
function microsOf(duration: string): number {
  let sum = 0
  for (const [, n, unit] of duration.matchAll(/(\d+)(ms|[hms])/g)) sum += Number(n) * (units[unit ?? ''] ?? 0)
  return sum
}

function describe({ path, headers = [], queryParams = [], method }: RouteMatch): string {
  const named = (m: NamedMatch, sign: string): string => `${m.name}${m.type === 'RegularExpression' ? '~' : sign}${m.value}`
  return [method, `${path?.type ?? 'PathPrefix'} ${path?.value ?? '/'}`, ...headers.map((h) => named(h, ': ')), ...queryParams.map((q) => named(q, '='))].filter((x) => x !== undefined).join(', ')
}

interface Changed {
  readonly host: string
  readonly path: string
  readonly text: string
  readonly redirect?: { readonly status: number; readonly location: string }
}

function change(filters: readonly Filter[], match: RouteMatch, request: RequestLine, listener: ListenerNode): Changed {
  let { host, path } = request
  const said: string[] = []
  for (const f of filters) {
    if (f.requestRedirect) {
      const { scheme = request.tls ? 'https' : 'http', hostname = host, port, statusCode = 302 } = f.requestRedirect
      const to = newPath(f.requestRedirect.path, match, path)
      // Without a port of its own: the scheme's, or the listener's when the scheme stays. Upstream: HTTPRequestRedirectFilter.port
      const at = port ?? (f.requestRedirect.scheme === undefined ? listener.spec.port : scheme === 'https' ? 443 : 80)
      return { host, path, text: '', redirect: { status: statusCode, location: `${scheme}://${hostname}${at === (scheme === 'https' ? 443 : 80) ? '' : `:${at}`}${to}` } }
    }
    if (f.urlRewrite) {
      const to = newPath(f.urlRewrite.path, match, path)
      if (to !== path) said.push(`path becomes ${to}`)
      if (f.urlRewrite.hostname !== undefined && f.urlRewrite.hostname !== host) said.push(`Host becomes ${f.urlRewrite.hostname}`)
      path = to
      host = f.urlRewrite.hostname ?? host
    }
    if (f.requestHeaderModifier) said.push(...headersSaid('request', f.requestHeaderModifier))
    if (f.responseHeaderModifier) said.push(...headersSaid('answer', f.responseHeaderModifier))
  }
  return { host, path, text: said.length === 0 ? '' : `, ${said.join(', ')}` }
}

function headersSaid(where: string, { set = [], add = [], remove = [] }: HeaderChanges): readonly string[] {
  return [...set.map((h) => `the ${where} gets ${h.name}: ${h.value}`), ...add.map((h) => `the ${where} gets another ${h.name}: ${h.value}`), ...remove.map((name) => `the ${where} loses ${name}`)]
}

/** A path as a filter changes it; the query stays. Upstream: HTTPPathModifier */
function newPath(to: PathChange | undefined, match: RouteMatch, path: string): string {
  if (to === undefined) return path
  const mark = path.indexOf('?')
  const [bare, query] = mark < 0 ? [path, ''] : [path.slice(0, mark), path.slice(mark)]
  if (to.type === 'ReplaceFullPath') return (to.replaceFullPath ?? '/') + query
  if ((match.path?.type ?? 'PathPrefix') !== 'PathPrefix') return path
  const prefix = (match.path?.value ?? '/').replace(/\/$/, '')
  const rest = bare.slice(prefix.length)
  const base = (to.replacePrefixMatch ?? '').replace(/\/$/, '')
  return `${base}${rest}` === '' ? `/${query}` : `${base}${rest}${query}`
}
