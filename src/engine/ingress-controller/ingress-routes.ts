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
}

/**
 * Which endpoints a host and path lead to: the exact host before wildcards before rules without one; exact paths before prefixes, longer before shorter; then default backends.
 * Upstream: networking.k8s.io/v1 Ingress; nginx's server and location blocks as ingress-nginx writes them
 */
export function routeIngress({ ingresses, secret, endpoints }: IngressInputs, { host, path, tls }: RequestLine): Route {
  const bare = path.includes('?') ? path.slice(0, path.indexOf('?')) : path
  let best: Found | undefined
  let fallback: Found | undefined
  for (const ingress of ingresses) {
    const d = ingress.spec.defaultBackend?.service
    if (d && fallback === undefined) fallback = { score: 0, ingress, name: d.name, port: d.port?.name ?? d.port?.number ?? 80, text: `default backend of Ingress ${ingressKey(ingress)}` }
    for (const rule of ingress.spec.rules ?? []) {
      const fits = hostFits(rule.host, host)
      if (fits === 0) continue
      for (const p of rule.http?.paths ?? []) {
        const length = pathFits(p.pathType, p.path ?? '/', bare)
        if (length < 0 || p.backend.service === undefined) continue
        const score = fits * 1_000_000 + (p.pathType === 'Exact' ? 100_000 : 0) + length
        if (best === undefined || score > best.score) best = { score, ingress, name: p.backend.service.name, port: p.backend.service.port?.name ?? p.backend.service.port?.number ?? 80, text: `Ingress ${ingressKey(ingress)}, rule ${rule.host ?? '*'}${p.path ?? '/'} (${p.pathType})` }
      }
    }
  }
  const found = best ?? fallback
  if (found === undefined) return { kind: 'status', status: 404, text: `no Ingress has a rule for ${host}${bare}, so the controller's default backend answers`, certificate: '' }
  const secured = found.ingress.spec.tls?.find((t) => t.hosts === undefined || t.hosts.some((h) => hostFits(h, host) > 0))
  const redirects = found.ingress.metadata.annotations?.['nginx.ingress.kubernetes.io/ssl-redirect'] !== 'false'
  const namespace = found.ingress.metadata.namespace ?? ''
  const held = secured?.secretName === undefined ? undefined : secret(namespace, secured.secretName)
  const certificate = held === undefined ? 'its own fake certificate (Kubernetes Ingress Controller Fake Certificate)' : `the certificate of Secret ${namespace}/${secured?.secretName ?? ''}`
  if (!tls && secured !== undefined && redirects && held !== undefined) return { kind: 'status', status: 308, text: `${found.text} has TLS, so it redirects to https`, certificate }
  const service = `${namespace}/${found.name}`
  const list = endpoints(service, found.port)
  const backend: Backend = { weight: 1, service, status: list.length === 0 ? 503 : 0, text: `leads to Service ${service}${list.length === 0 ? ', but the Service has no endpoint' : ''}`, endpoints: list }
  return { kind: 'upstream', text: found.text, certificate, backends: [backend], total: 1, host, path }
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
