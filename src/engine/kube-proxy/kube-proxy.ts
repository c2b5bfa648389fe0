import { SECOND, type Behaviour, type Ctx, type Message, type Micros } from '../sim'
import type { EndpointSlice, Service } from '../api'
import { Client, InformerFactory, type Delta } from '../client-go'
import { serviceRules, type ServicePortRules } from './rules'

/** Parameters of `kube-proxy@<node>`. */
export interface KubeProxyParams {
  readonly node: string
}

/** State of `kube-proxy@<node>`: caches, and the rules as they stand in the kernel (which may be older). */
export interface KubeProxyState {
  readonly node: string
  readonly client: Client
  readonly informers: InformerFactory
  /** Rules in the kernel, by service `namespace/name`. */
  readonly rules: Map<string, readonly ServicePortRules[]>
  /** Services whose rules are out of date. */
  readonly dirty: Set<string>
  /** Slices of a service: `namespace/name` → slice keys. */
  readonly slices: Map<string, Set<string>>
  synced: boolean
  syncedAt: Micros
  waiting: boolean
  syncs: number
}

interface Sync extends Message {
  readonly type: 'kube-proxy/sync'
}

/** Rules are written at most once a second. Upstream: minSyncPeriod in pkg/proxy/apis/config/v1alpha1/defaults.go, pkg/util/async BoundedFrequencyRunner */
const minSyncPeriod = SECOND

/** kube-proxy in iptables mode. Upstream: cmd/kube-proxy, pkg/proxy/iptables/proxier.go */
export const kubeProxy: Behaviour<KubeProxyState, KubeProxyParams> = {
  kind: 'kube-proxy',
  start(ctx, params) {
    const client = new Client('system:serviceaccount:kube-system:kube-proxy', 'kube-proxy', { qps: 5, burst: 10 })
    const state: KubeProxyState = { node: params.node, client, informers: new InformerFactory(client), rules: new Map(), dirty: new Set(), slices: new Map(), synced: false, syncedAt: -minSyncPeriod, waiting: false, syncs: 0 }
    state.informers.add({ resource: 'services', labelSelector: '!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name' })
    state.informers.add({ resource: 'endpointslices', labelSelector: '!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name' })
    state.informers.start(ctx)
    return state
  },
  handle(state, message, ctx) {
    if (message.type === 'kube-proxy/sync') return sync(state, ctx)
    const onDelta = (delta: Delta) => note(state, delta)
    if (!state.informers.receive(message, ctx, onDelta)) for (const reply of state.client.receive(message, ctx)) state.informers.reply(reply, ctx, onDelta)
    if (state.informers.synced && state.dirty.size > 0 && !state.waiting) {
      state.waiting = true
      const due: Sync = { type: 'kube-proxy/sync' }
      ctx.after(Math.max(0, state.syncedAt + minSyncPeriod - ctx.now), due)
    }
  },
}

function note(state: KubeProxyState, delta: Delta): void {
  const { namespace = '', name, labels } = delta.object.metadata
  if (delta.resource === 'services') {
    state.dirty.add(`${namespace}/${name}`)
    return
  }
  const service = labels?.['kubernetes.io/service-name']
  if (service === undefined) return
  const key = `${namespace}/${service}`
  let keys = state.slices.get(key)
  if (keys === undefined) state.slices.set(key, (keys = new Set()))
  if (delta.type === 'deleted') {
    keys.delete(`${namespace}/${name}`)
    if (keys.size === 0) state.slices.delete(key)
  } else keys.add(`${namespace}/${name}`)
  state.dirty.add(key)
}

function sync(state: KubeProxyState, ctx: Ctx): void {
  state.waiting = false
  state.syncedAt = ctx.now
  state.synced = true
  state.syncs++
  const services = state.informers.cache<Service>('services')
  const slices = state.informers.cache<EndpointSlice>('endpointslices')
  for (const key of state.dirty) {
    const service = services.byKey(key)
    const own: EndpointSlice[] = []
    for (const k of state.slices.get(key) ?? []) {
      const slice = slices.byKey(k)
      if (slice) own.push(slice)
    }
    const rules = service ? serviceRules(service, own, state.node) : []
    if (rules.length > 0) state.rules.set(key, Object.freeze(rules))
    else state.rules.delete(key)
  }
  ctx.trace({ kind: 'local', what: 'iptables-restore', detail: Object.freeze({ to: `iptables@${state.node}`, services: state.dirty.size }) })
  state.dirty.clear()
}

/** The rules for a cluster IP and port, as this node's kernel has them now. */
export function lookup(state: KubeProxyState, ip: string, port: number, protocol = 'tcp'): ServicePortRules | undefined {
  for (const rules of state.rules.values()) for (const r of rules) if (r.port === port && r.protocol === protocol && (r.clusterIP === ip || r.externalIPs.includes(ip))) return r
  return undefined
}
