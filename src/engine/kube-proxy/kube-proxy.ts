import { SECOND, type Behaviour, type Ctx, type Message, type Micros } from '../sim'
import type { EndpointSlice, Service } from '../api'
import { Client, InformerFactory, type Delta } from '../client-go'
import type { KernelParams, KernelRestore, ProxyMode } from './kernel'
import { serviceRules, type ServicePortRules } from './rules'

/** Parameters of `kube-proxy@<node>`. */
export interface KubeProxyParams {
  readonly node: string
  readonly mode?: ProxyMode | undefined
}

/** State of `kube-proxy@<node>`: caches, and what is to be written. The rules themselves are in the node's kernel, which outlives it. */
export interface KubeProxyState {
  readonly node: string
  readonly mode: ProxyMode
  readonly client: Client
  readonly informers: InformerFactory
  /** Services whose rules are out of date. */
  readonly dirty: Set<string>
  /** Services that have rules for traffic from outside with a health check port: port → service. */
  readonly healthChecks: Map<number, { readonly service: string; readonly local: number }>
  /** Zone of its node; empty: none. */
  zone: string
  synced: boolean
  syncedAt: Micros
  waiting: boolean
  syncs: number
}

interface Sync extends Message {
  readonly type: 'kube-proxy/sync'
}

/** A health check of a load balancer: of the node (port 10256) or of a service with externalTrafficPolicy Local. */
export interface HealthCheck extends Message {
  readonly type: 'kube-proxy/health'
  readonly from: string
  readonly id: number
  readonly port: number
}

/** Its answer. Upstream: pkg/proxy/healthcheck */
export interface HealthAnswer extends Message {
  readonly type: 'kube-proxy/healthy'
  readonly id: number
  readonly node: string
  readonly port: number
  readonly ok: boolean
}

/** Rules are written at most once a second. Upstream: minSyncPeriod in pkg/proxy/apis/config/v1alpha1/defaults.go, pkg/util/async BoundedFrequencyRunner */
const minSyncPeriod = SECOND

/** Port of kube-proxy's own health. */
const healthzPort = 10256

/** The name of a node's kernel among the processes. */
function kernelOf(node: string): string {
  return `kernel@${node}`
}

/** kube-proxy. Upstream: cmd/kube-proxy, pkg/proxy/{iptables,ipvs,nftables}/proxier.go */
export const kubeProxy: Behaviour<KubeProxyState, KubeProxyParams> = {
  kind: 'kube-proxy',
  start(ctx, params) {
    const client = new Client('system:serviceaccount:kube-system:kube-proxy', 'kube-proxy', { qps: 5, burst: 10 })
    const state: KubeProxyState = {
      node: params.node, mode: params.mode ?? 'iptables', client, informers: new InformerFactory(client), dirty: new Set(), healthChecks: new Map(),
      zone: '', synced: false, syncedAt: -minSyncPeriod, waiting: false, syncs: 0,
    }
    const kernel: KernelParams = { node: params.node }
    if (!ctx.isUp(kernelOf(params.node))) ctx.spawn(kernelOf(params.node), 'kernel', ctx.host, kernel)
    state.informers.add({ resource: 'services', labelSelector: '!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name' })
    state.informers.add({ resource: 'endpointslices', indexes: ['service'], labelSelector: '!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name' })
    // Its own node, for the zone by which endpoints are chosen. Upstream: NodeTopologyConfig
    state.informers.add({ resource: 'nodes', fieldSelector: `metadata.name=${params.node}` })
    state.informers.start(ctx)
    return state
  },
  handle(state, message, ctx) {
    if (message.type === 'kube-proxy/sync') return sync(state, ctx)
    if (message.type === 'kube-proxy/health') return health(state, message as HealthCheck, ctx)
    state.informers.handle(message, ctx, (delta) => note(state, delta))
    if (state.informers.synced && !state.waiting && (state.dirty.size > 0 || !state.synced)) {
      state.waiting = true
      const due: Sync = { type: 'kube-proxy/sync' }
      ctx.after(Math.max(0, state.syncedAt + minSyncPeriod - ctx.now), due)
    }
  },
}

function note(state: KubeProxyState, { resource, object }: Delta): void {
  const { namespace = '', name, labels } = object.metadata
  if (resource === 'nodes') {
    const zone = labels?.['topology.kubernetes.io/zone'] ?? ''
    if (zone === state.zone) return
    state.zone = zone
    for (const key of state.informers.cache('services').keys()) state.dirty.add(key)
    return
  }
  const service = resource === 'services' ? name : labels?.['kubernetes.io/service-name']
  if (service !== undefined) state.dirty.add(`${namespace}/${service}`)
}

function sync(state: KubeProxyState, ctx: Ctx): void {
  state.waiting = false
  state.syncedAt = ctx.now
  // A new kube-proxy finds whatever its predecessor left, and writes everything anew.
  const full = !state.synced
  state.synced = true
  state.syncs++
  const services = state.informers.cache<Service>('services')
  const slices = state.informers.cache<EndpointSlice>('endpointslices')
  const changed: (readonly [string, readonly ServicePortRules[]])[] = []
  for (const key of state.dirty) {
    const service = services.byKey(key)
    const rules = service ? Object.freeze(serviceRules(service, slices.by('service', key), state.node, state.zone)) : noRules
    changed.push(Object.freeze([key, rules] as const))
    noteHealthCheck(state, key, rules)
  }
  const restore: KernelRestore = Object.freeze({ type: 'kernel/restore', mode: state.mode, full, services: Object.freeze(changed) })
  ctx.trace({ kind: 'local', what: writes[state.mode], detail: Object.freeze({ to: `iptables@${state.node}`, services: changed.length }) })
  ctx.send(kernelOf(state.node), restore)
  state.dirty.clear()
}

const noRules: readonly ServicePortRules[] = Object.freeze([])
const writes: Readonly<Record<ProxyMode, string>> = { iptables: 'iptables-restore', ipvs: 'ipvsadm', nftables: 'nft -f' }

function noteHealthCheck(state: KubeProxyState, service: string, rules: readonly ServicePortRules[]): void {
  for (const [port, h] of state.healthChecks) if (h.service === service) state.healthChecks.delete(port)
  for (const r of rules) if (r.healthCheckNodePort) state.healthChecks.set(r.healthCheckNodePort, Object.freeze({ service, local: r.localReady }))
}

function health(state: KubeProxyState, check: HealthCheck, ctx: Ctx): void {
  const service = state.healthChecks.get(check.port)
  const ok = state.synced && (check.port === healthzPort || (service !== undefined && service.local > 0))
  const answer: HealthAnswer = { type: 'kube-proxy/healthy', id: check.id, node: state.node, port: check.port, ok }
  ctx.send(check.from, answer)
}
