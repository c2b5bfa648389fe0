import { SECOND, type Behaviour, type Ctx, type Message } from '../sim'
import { resourcePath, type EndpointSlice, type Ingress, type Secret, type Service } from '../api'
import { deepEqual } from '../apimachinery'
import { Client, EventRecorder, InformerFactory, LeaderElector, cacheKey, referenceTo, type Delta } from '../client-go'

/** Parameters of `ingress-controller@<pod>`. */
export interface IngressParams {
  readonly node: string
  readonly namespace: string
  readonly pod: string
  readonly ip: string
  /** `namespace/name` of the Service whose address the Ingresses get. */
  readonly publishService?: string | undefined
  readonly ingressClass?: string | undefined
}

/** State of an ingress controller: its caches; routes are read from them, as nginx's configuration would be made from them. */
export interface IngressState {
  readonly params: IngressParams
  readonly client: Client
  readonly informers: InformerFactory
  readonly recorder: EventRecorder
  readonly elector: LeaderElector
  /** Slices of a service: `namespace/name` → slice keys. */
  readonly slices: Map<string, Set<string>>
  /** Ingresses that were told of by a Sync event, by uid. */
  readonly told: Set<string>
}

interface StatusTick extends Message {
  readonly type: 'ingress/status'
}

interface Wrote extends Message {
  readonly type: 'ingress/wrote'
}

/** Name of the controller, as IngressClasses bear it. */
const ingressControllerName = 'k8s.io/ingress-nginx'

/** Status is written this often. Upstream: ingress-nginx --status-update-interval is 60 s; the first comes with leadership */
const statusEvery = 5 * SECOND

/** An nginx-like ingress controller. Upstream: kubernetes/ingress-nginx, internal/ingress/controller, internal/ingress/status */
export const ingressController: Behaviour<IngressState, IngressParams> = {
  kind: 'ingress-controller',
  start(ctx, params) {
    const client = new Client(`system:serviceaccount:${params.namespace}:ingress-nginx`, 'nginx-ingress-controller', { qps: 0, burst: 0 })
    const state: IngressState = {
      params, client, informers: new InformerFactory(client), recorder: new EventRecorder(client, 'nginx-ingress-controller'), elector: new LeaderElector(client, 'ingress-nginx-leader', params.pod),
      slices: new Map(), told: new Set(),
    }
    for (const resource of ['ingresses', 'ingressclasses', 'services', 'endpointslices', 'secrets']) state.informers.add({ resource })
    state.informers.start(ctx)
    state.elector.start(ctx)
    const first: StatusTick = { type: 'ingress/status' }
    ctx.after(2 * SECOND, first)
    return state
  },
  handle(state, message, ctx) {
    if (message.type === 'ingress/status') return writeStatus(state, ctx)
    if (state.elector.receive(message, ctx) !== undefined) return
    const onDelta = (delta: Delta) => note(state, delta, ctx)
    if (state.informers.receive(message, ctx, onDelta)) return
    for (const reply of state.client.receive(message, ctx))
      if (state.elector.receive(reply, ctx) === undefined && !state.informers.reply(reply, ctx, onDelta)) state.recorder.reply(reply)
  },
}

function note(state: IngressState, delta: Delta, ctx: Ctx): void {
  const { object } = delta
  if (delta.resource === 'ingresses' && delta.type !== 'deleted' && ours(state, object as Ingress) && !state.told.has(object.metadata.uid as string)) {
    state.told.add(object.metadata.uid as string)
    if (state.told.size > 2_000) state.told.delete(state.told.values().next().value as string)
    state.recorder.event(ctx, referenceTo(object), 'Normal', 'Sync', 'Scheduled for sync')
  }
  if (delta.resource !== 'endpointslices') return
  const service = object.metadata.labels?.['kubernetes.io/service-name']
  if (service === undefined) return
  const key = `${object.metadata.namespace ?? ''}/${service}`
  const keys = state.slices.get(key) ?? new Set<string>()
  if (delta.type === 'deleted') keys.delete(cacheKey(object))
  else keys.add(cacheKey(object))
  if (keys.size === 0) state.slices.delete(key)
  else state.slices.set(key, keys)
}

/** Whether an Ingress is this controller's. Upstream: internal/ingress/controller/ingressclass */
function ours(state: IngressState, ingress: Ingress): boolean {
  const name = ingress.spec?.ingressClassName ?? ingress.metadata.annotations?.['kubernetes.io/ingress.class']
  if (name === undefined) return false
  if (name === (state.params.ingressClass ?? 'nginx') && ingress.spec?.ingressClassName === undefined) return true
  return state.informers.cache<{ readonly spec?: { readonly controller?: string } } & Ingress>('ingressclasses').byKey(name)?.spec?.controller === ingressControllerName
}

/** The leader writes the published Service's address into every Ingress of its. */
function writeStatus(state: IngressState, ctx: Ctx): void {
  const again: StatusTick = { type: 'ingress/status' }
  ctx.after(statusEvery, again)
  if (!state.elector.leading || !state.informers.synced || state.params.publishService === undefined) return
  const service = state.informers.cache<Service>('services').byKey(state.params.publishService)
  const addresses = (service?.status?.loadBalancer?.ingress ?? []).flatMap((i) => (i.ip ? [{ ip: i.ip }] : []))
  for (const ingress of state.informers.cache<Ingress>('ingresses').list()) {
    const now = ingress.status?.loadBalancer?.ingress ?? []
    if (!ours(state, ingress) || deepEqual(now.map((i) => ({ ip: i.ip })), addresses)) continue
    const then: Wrote = { type: 'ingress/wrote' }
    const { namespace, name } = ingress.metadata
    state.client.send(ctx, { verb: 'update', path: `${resourcePath('ingresses', namespace, name)}/status`, body: { ...ingress, status: { loadBalancer: { ingress: addresses } } } }, then)
  }
}

/** Where a request goes. */
export type Route =
  | { readonly kind: 'upstream'; readonly service: string; readonly text: string; readonly certificate: string; readonly endpoints: readonly { readonly ip: string; readonly port: number }[] }
  | { readonly kind: 'status'; readonly status: number; readonly text: string }

/**
 * Which endpoints a host and path lead to: the exact host before wildcards before rules without one; exact paths before prefixes, longer before shorter; then default backends.
 * Upstream: networking.k8s.io/v1 Ingress; nginx's server and location blocks as ingress-nginx writes them
 */
export function routeRequest(state: IngressState, host: string, path: string, tls: boolean): Route {
  if (!state.informers.synced) return { kind: 'status', status: 503, text: 'the controller has not read its Ingresses yet' }
  const bare = path.includes('?') ? path.slice(0, path.indexOf('?')) : path
  let best: { readonly score: number; readonly ingress: Ingress; readonly name: string; readonly port: number | string; readonly text: string } | undefined
  let fallback: typeof best
  for (const ingress of [...state.informers.cache<Ingress>('ingresses').list()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) {
    if (!ours(state, ingress)) continue
    const d = ingress.spec.defaultBackend?.service
    if (d && fallback === undefined) fallback = { score: 0, ingress, name: d.name, port: d.port?.name ?? d.port?.number ?? 80, text: `default backend of Ingress ${keyOf(ingress)}` }
    for (const rule of ingress.spec.rules ?? []) {
      const fits = hostFits(rule.host, host)
      if (fits === 0) continue
      for (const p of rule.http?.paths ?? []) {
        const length = pathFits(p.pathType, p.path ?? '/', bare)
        if (length < 0 || p.backend.service === undefined) continue
        const score = fits * 1_000_000 + (p.pathType === 'Exact' ? 100_000 : 0) + length
        if (best === undefined || score > best.score) best = { score, ingress, name: p.backend.service.name, port: p.backend.service.port?.name ?? p.backend.service.port?.number ?? 80, text: `Ingress ${keyOf(ingress)}, rule ${rule.host ?? '*'}${p.path ?? '/'} (${p.pathType})` }
      }
    }
  }
  const found = best ?? fallback
  if (found === undefined) return { kind: 'status', status: 404, text: `no Ingress has a rule for ${host}${bare}, so the controller's default backend answers` }
  const secured = found.ingress.spec.tls?.find((t) => t.hosts === undefined || t.hosts.some((h) => hostFits(h, host) > 0))
  const redirects = found.ingress.metadata.annotations?.['nginx.ingress.kubernetes.io/ssl-redirect'] !== 'false'
  const secret = secured?.secretName === undefined ? undefined : state.informers.cache<Secret>('secrets').get(found.ingress.metadata.namespace ?? '', secured.secretName)
  if (!tls && secured !== undefined && redirects && secret !== undefined) return { kind: 'status', status: 308, text: `${found.text} has TLS, so it redirects to https` }
  const namespace = found.ingress.metadata.namespace ?? ''
  const service = `${namespace}/${found.name}`
  const certificate = secret === undefined ? 'its own fake certificate (Kubernetes Ingress Controller Fake Certificate)' : `the certificate of Secret ${namespace}/${secured?.secretName ?? ''}`
  return { kind: 'upstream', service, text: `${found.text} leads to Service ${service}`, certificate, endpoints: upstreams(state, service, found.port) }
}

const keyOf = (i: Ingress): string => `${i.metadata.namespace ?? ''}/${i.metadata.name as string}`

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

/** The ready endpoints of a service port: nginx balances between them itself. */
function upstreams(state: IngressState, service: string, port: number | string): readonly { readonly ip: string; readonly port: number }[] {
  const object = state.informers.cache<Service>('services').byKey(service)
  const wanted = object?.spec?.ports?.find((p) => (typeof port === 'number' ? p.port === port : p.name === port))
  if (wanted === undefined) return []
  const out: { ip: string; port: number }[] = []
  for (const key of state.slices.get(service) ?? []) {
    const slice = state.informers.cache<EndpointSlice>('endpointslices').byKey(key)
    const at = slice?.ports?.find((p) => (p.name ?? '') === (wanted.name ?? ''))?.port
    for (const e of slice?.endpoints ?? []) if (at !== undefined && e.conditions?.ready !== false) for (const ip of e.addresses) out.push({ ip, port: at })
  }
  return out.sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port))
}
