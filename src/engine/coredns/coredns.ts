import type { Behaviour, Message } from '../sim'
import type { EndpointSlice, Service } from '../api'
import { Client, InformerFactory, type Delta } from '../client-go'

/** Parameters of `coredns@<pod>`. */
export interface CorednsParams {
  readonly node: string
  readonly pod: string
  readonly ip: string
}

/** State of `coredns@<pod>`: caches; records are read from them. */
export interface CorednsState {
  readonly node: string
  readonly pod: string
  readonly ip: string
  readonly client: Client
  readonly informers: InformerFactory
  /** Slices of a service: `namespace/name` → slice keys. */
  readonly slices: Map<string, Set<string>>
}

/** An answer: addresses, or the name an ExternalName stands for. */
export type DnsAnswer = { readonly rcode: 'NOERROR'; readonly addresses: readonly string[]; readonly cname?: string } | { readonly rcode: 'NXDOMAIN' | 'SERVFAIL' }

/** CoreDNS with its kubernetes plugin. Upstream: coredns/plugin/kubernetes */
export const coredns: Behaviour<CorednsState, CorednsParams> = {
  kind: 'coredns',
  start(ctx, params) {
    const client = new Client('system:serviceaccount:kube-system:coredns', 'CoreDNS', { qps: 0, burst: 0 })
    const state: CorednsState = { node: params.node, pod: params.pod, ip: params.ip, client, informers: new InformerFactory(client), slices: new Map() }
    state.informers.add({ resource: 'services' })
    state.informers.add({ resource: 'endpointslices' })
    state.informers.add({ resource: 'namespaces' })
    state.informers.start(ctx)
    return state
  },
  handle(state, message: Message, ctx) {
    const onDelta = (delta: Delta) => note(state, delta)
    if (!state.informers.receive(message, ctx, onDelta)) for (const reply of state.client.receive(message, ctx)) state.informers.reply(reply, ctx, onDelta)
  },
}

function note(state: CorednsState, delta: Delta): void {
  if (delta.resource !== 'endpointslices') return
  const { namespace = '', name, labels } = delta.object.metadata
  const service = labels?.['kubernetes.io/service-name']
  if (service === undefined) return
  const key = `${namespace}/${service}`
  let keys = state.slices.get(key)
  if (keys === undefined) state.slices.set(key, (keys = new Set()))
  if (delta.type === 'deleted') {
    keys.delete(`${namespace}/${name}`)
    if (keys.size === 0) state.slices.delete(key)
  } else keys.add(`${namespace}/${name}`)
}

/**
 * Answers an A query of a full name in `cluster.local`: a service, a headless service's endpoints, or one endpoint by its host name.
 * Names outside the cluster are NXDOMAIN: there is no world to forward to. Search paths are the asking pod's matter.
 */
export function resolve(state: CorednsState, name: string): DnsAnswer {
  if (!state.informers.synced) return { rcode: 'SERVFAIL' }
  const labels = (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase().split('.')
  if (labels.length < 5 || labels.slice(-3).join('.') !== 'svc.cluster.local') return { rcode: 'NXDOMAIN' }
  const [hostname, service, namespace] = labels.length === 6 ? [labels[0], labels[1], labels[2]] : ['', labels[0], labels[1]]
  const key = `${namespace as string}/${service as string}`
  const found = state.informers.cache<Service>('services').byKey(key)
  if (found === undefined) return { rcode: 'NXDOMAIN' }
  if (found.spec?.type === 'ExternalName') return { rcode: 'NOERROR', addresses: [], cname: found.spec.externalName ?? '' }
  const ip = found.spec?.clusterIP ?? ''
  if (ip !== 'None' && hostname === '') return { rcode: 'NOERROR', addresses: ip === '' ? [] : [ip] }
  const addresses: string[] = []
  const slices = state.informers.cache<EndpointSlice>('endpointslices')
  for (const k of state.slices.get(key) ?? [])
    for (const e of slices.byKey(k)?.endpoints ?? []) {
      if (e.conditions?.ready === false && found.spec?.publishNotReadyAddresses !== true) continue
      for (const address of e.addresses) if (hostname === '' || (e.hostname ?? address.replaceAll('.', '-')) === hostname) addresses.push(address)
    }
  return addresses.length > 0 || hostname === '' ? { rcode: 'NOERROR', addresses } : { rcode: 'NXDOMAIN' }
}
