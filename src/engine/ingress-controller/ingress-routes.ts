import type { Ingress, Secret } from '../api'
import type { Backend, RequestLine, Route } from './routes'

/** What Ingresses are read by. */
export interface IngressInputs {
  /** The controller's own, by name. */
  readonly ingresses: readonly Ingress[]
  secret(namespace: string, name: string): Secret | undefined
  endpoints(service: string, port: number | string): Backend['endpoints']
}

interface Found {
  readonly score: number
  readonly ingress: Ingress
  readonly name: string
  readonly port: number | string
  readonly text: string
  /** Host and path of its rule. */
  readonly at: string
  /** The path as it goes on. */
  readonly path: string
}

const prefix = 'nginx.ingress.kubernetes.io/'
const note = (ingress: Ingress, name: string): string | undefined => ingress.metadata.annotations?.[prefix + name]

/**
 * Which endpoints a host and path lead to: the exact host before wildcards before rules without one; exact paths before prefixes, longer before shorter; then default backends.
 * Upstream: networking.k8s.io/v1 Ingress; nginx's server and location blocks as ingress-nginx writes them
 */
export function routeIngress({ ingresses, secret, endpoints }: IngressInputs, request: RequestLine): Route {
  const { host, path, tls } = request
  const bare = path.includes('?') ? path.slice(0, path.indexOf('?')) : path
  const found = best(ingresses.filter((i) => note(i, 'canary') !== 'true'), request, bare)
  if (found === undefined) return { kind: 'status', status: 404, text: `no Ingress has a rule for ${host}${bare}, so the controller's default backend answers`, certificate: '' }
  const secured = found.ingress.spec.tls?.find((t) => t.hosts === undefined || t.hosts.some((h) => hostFits(h, host) > 0))
  const namespace = found.ingress.metadata.namespace ?? ''
  const held = secured?.secretName === undefined ? undefined : secret(namespace, secured.secretName)
  const certificate = held === undefined ? 'its own fake certificate (Kubernetes Ingress Controller Fake Certificate)' : `the certificate of Secret ${namespace}/${secured?.secretName ?? ''}`
  if (!tls && secured !== undefined && note(found.ingress, 'ssl-redirect') !== 'false' && held !== undefined) return { kind: 'status', status: 308, text: `${found.text} has TLS, so it redirects to https`, certificate }
  const backend = (f: Found, weight: number, share: string): Backend => {
    const service = `${f.ingress.metadata.namespace ?? ''}/${f.name}`
    const list = endpoints(service, f.port)
    return { weight, service, status: list.length === 0 ? 503 : 0, text: `leads to Service ${service}${share}${list.length === 0 ? ', but the Service has no endpoint' : ''}`, endpoints: list }
  }
  const canary = canaryOf(ingresses, found)
  const [weight, total, why] = canary ? canaryShare(canary.ingress, request) : [0, 100, '']
  const backends = [
    ...(weight < total ? [backend(found, total - weight, weight > 0 ? `, weight ${total - weight} of ${total}` : '')] : []), ...(canary && weight > 0 ? [backend(canary, weight, `, canary of Ingress ${ingressKey(canary.ingress)}, ${why}`)] : []),
  ]
  return { kind: 'upstream', text: `${found.text}${found.path === path ? '' : `, path becomes ${found.path}`}`, certificate, backends, total, host, path: found.path }
}

/** The rule that a request goes by; without any a default backend. */
function best(ingresses: readonly Ingress[], { host, path }: RequestLine, bare: string): Found | undefined {
  let found: Found | undefined
  let fallback: Found | undefined
  for (const ingress of ingresses) {
    const d = ingress.spec.defaultBackend?.service
    if (d && fallback === undefined) fallback = { score: 0, ingress, name: d.name, port: d.port?.name ?? d.port?.number ?? 80, text: `default backend of Ingress ${ingressKey(ingress)}`, at: '', path }
    const target = note(ingress, 'rewrite-target')
    // Either makes regular expressions of the paths, without regard to case. Upstream: ingress-nginx, docs/user-guide/ingress-path-matching.md
    const isRegExp = target !== undefined || note(ingress, 'use-regex') === 'true'
    for (const rule of ingress.spec.rules ?? []) {
      const fits = hostFits(rule.host, host)
      if (fits === 0) continue
      for (const p of rule.http?.paths ?? []) {
        const { service } = p.backend
        if (service === undefined) continue
        const text = p.path ?? '/'
        const groups = isRegExp && p.pathType !== 'Exact' ? groupsOf(text, bare) : undefined
        const length = groups ? text.length : isRegExp && p.pathType !== 'Exact' ? -1 : pathFits(p.pathType, text, bare)
        if (length < 0) continue
        const score = fits * 1_000_000 + (p.pathType === 'Exact' ? 100_000 : 0) + length
        if (found !== undefined && score <= found.score) continue
        const to = target === undefined ? path : target.replace(/\$(\d)/g, (_, n: string) => groups?.[Number(n)] ?? '') + path.slice(bare.length)
        found = { score, ingress, name: service.name, port: service.port?.name ?? service.port?.number ?? 80, text: `Ingress ${ingressKey(ingress)}, rule ${rule.host ?? '*'}${text} (${p.pathType})`, at: `${rule.host ?? ''} ${text}`, path: to === '' ? '/' : to }
      }
    }
  }
  return found ?? fallback
}

/** The canary of a rule: another Ingress with the same host and path. It goes by the annotations of the first. */
function canaryOf(ingresses: readonly Ingress[], found: Found): Found | undefined {
  for (const ingress of ingresses) {
    if (note(ingress, 'canary') !== 'true') continue
    for (const rule of ingress.spec.rules ?? [])
      for (const p of rule.http?.paths ?? []) {
        const { service } = p.backend
        if (service !== undefined && `${rule.host ?? ''} ${p.path ?? '/'}` === found.at) return { ...found, ingress, name: service.name, port: service.port?.name ?? service.port?.number ?? 80 }
      }
  }
  return undefined
}

/** What a path's regular expression finds; undefined: nothing, or it is none. */
function groupsOf(expression: string, path: string): readonly (string | undefined)[] | undefined {
  try {
    return new RegExp(`^${expression}`, 'i').exec(path) ?? undefined
  } catch {
    return undefined
  }
}

/** How many requests of how many go to a canary: by header, else by weight. Upstream: ingress-nginx, docs/user-guide/nginx-configuration/annotations.md#canary */
function canaryShare(ingress: Ingress, { headers }: RequestLine): readonly [weight: number, total: number, why: string] {
  const name = note(ingress, 'canary-by-header')
  const value = name === undefined ? undefined : headers[name.toLowerCase()]
  const wanted = note(ingress, 'canary-by-header-value')
  if (name !== undefined && value !== undefined) {
    if (value === (wanted ?? 'always')) return [1, 1, `by header ${name}`]
    if (wanted === undefined && value === 'never') return [0, 1, '']
  }
  const total = Math.max(1, Number(note(ingress, 'canary-weight-total') ?? 100) || 100)
  const weight = Math.min(total, Math.max(0, Number(note(ingress, 'canary-weight') ?? 0) || 0))
  return [weight, total, `weight ${weight} of ${total}`]
}

/** `namespace/name` of an Ingress. */
export const ingressKey = (i: Ingress): string => `${i.metadata.namespace ?? ''}/${i.metadata.name as string}`

/** 3: the same host; 2: a wildcard; 1: every host; 0: another one. */
function hostFits(rule: string | undefined, host: string): number {
  if (rule === undefined || rule === '') return 1
  if (rule === host) return 3
  return rule.startsWith('*.') && host.endsWith(rule.slice(1)) && !host.slice(0, host.length - rule.length + 1).includes('.') ? 2 : 0
}

/** Length of the path that fits; -1: it does not. Prefixes are compared element by element. */
function pathFits(type: string | undefined, rule: string, path: string): number {
  if (type === 'Exact') return path === rule ? rule.length : -1
  const prefix = rule.endsWith('/') ? rule.slice(0, -1) : rule
  return path === prefix || path.startsWith(`${prefix}/`) ? rule.length : -1
}
