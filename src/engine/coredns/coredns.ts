import type { Behaviour } from '../sim'
import type { EndpointSlice, Service } from '../api'
import { Client, InformerFactory } from '../client-go'

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
}

/** An answer: addresses, or the name an ExternalName stands for. */
export type DnsAnswer = { readonly rcode: 'NOERROR'; readonly addresses: readonly string[]; readonly cname?: string } | { readonly rcode: 'NXDOMAIN' | 'SERVFAIL' }

/** CoreDNS with its kubernetes plugin. Upstream: coredns/plugin/kubernetes */
export const coredns: Behaviour<CorednsState, CorednsParams> = {
  kind: 'coredns',
  start(ctx, params) {
    const client = new Client('system:serviceaccount:kube-system:coredns', 'CoreDNS', { qps: 0, burst: 0 })
    const state: CorednsState = { node: params.node, pod: params.pod, ip: params.ip, client, informers: new InformerFactory(client) }
    state.informers.add({ resource: 'services' })
    state.informers.add({ resource: 'endpointslices', indexes: ['service'] })
    state.informers.add({ resource: 'namespaces' })
    state.informers.start(ctx)
    return state
  },
  handle(state, message, ctx) {
    state.informers.handle(message, ctx, ignore)
  },
}

/** Records are read from the caches when they are asked for. */
const ignore = (): void => undefined

/**
 * Answers an A query of a full name in `cluster.local`: a service, a headless service's endpoints, one endpoint by its host name, or a pod by its address.
 * Names outside the cluster are NXDOMAIN: there is no world to forward to. Search paths are the asking pod's matter.
 */
export function resolve(state: CorednsState, name: string): DnsAnswer {
  if (!state.informers.synced) return { rcode: 'SERVFAIL' }
  const labels = labelsOf(name)
  if (labels.slice(-2).join('.') !== 'cluster.local') return nxdomain
  if (labels.at(-3) === 'pod') return podRecord(state, labels)
  const asked = serviceOf(labels)
  if (asked === undefined) return nxdomain
  const { hostname, key } = asked
  const found = state.informers.cache<Service>('services').byKey(key)
  if (found === undefined) return nxdomain
  if (found.spec?.type === 'ExternalName') return { rcode: 'NOERROR', addresses: [], cname: found.spec.externalName ?? '' }
  const ip = found.spec?.clusterIP ?? ''
  if (ip !== 'None' && hostname === '') return { rcode: 'NOERROR', addresses: ip === '' ? [] : [ip] }
  const addresses: string[] = []
  for (const e of endpointsOf(state, key, found.spec?.publishNotReadyAddresses === true))
    for (const address of e.addresses) if (hostname === '' || (e.hostname ?? address.replaceAll('.', '-')) === hostname) addresses.push(address)
  return addresses.length > 0 || hostname === '' ? { rcode: 'NOERROR', addresses } : nxdomain
}

/** One SRV record. */
export interface SrvRecord {
  readonly target: string
  readonly port: number
}

/** Answers `_port._protocol.service.namespace.svc.cluster.local`: the port, and of a headless service each endpoint. */
export function resolveService(state: CorednsState, name: string): readonly SrvRecord[] {
  const labels = labelsOf(name)
  if (labels.length !== 7 || !labels[0]?.startsWith('_') || !labels[1]?.startsWith('_')) return []
  const asked = serviceOf(labels.slice(2))
  const service = asked && state.informers.cache<Service>('services').byKey(asked.key)
  if (asked === undefined || service === undefined) return []
  const [portName, protocol] = [labels[0].slice(1), labels[1].slice(1).toUpperCase()]
  const host = labels.slice(2).join('.')
  if (service.spec?.clusterIP !== 'None') {
    const port = service.spec?.ports?.find((p) => p.name === portName && (p.protocol ?? 'TCP') === protocol)
    return port ? [{ target: host, port: port.port }] : []
  }
  const out: SrvRecord[] = []
  for (const slice of state.informers.cache<EndpointSlice>('endpointslices').by('service', asked.key)) {
    const port = slice.ports?.find((p) => p.name === portName && (p.protocol ?? 'TCP') === protocol)?.port
    for (const e of slice.endpoints ?? []) if (port !== undefined && e.conditions?.ready !== false) for (const a of e.addresses) out.push({ target: `${e.hostname ?? a.replaceAll('.', '-')}.${host}`, port })
  }
  return out
}

/** Answers a PTR query (`2.1.244.10.in-addr.arpa`): the service, or the endpoint with a host name. Empty when there is none. */
export function resolveAddress(state: CorednsState, name: string): string {
  const labels = labelsOf(name)
  if (labels.slice(-2).join('.') !== 'in-addr.arpa') return ''
  const ip = labels.slice(0, 4).toReversed().join('.')
  for (const s of state.informers.cache<Service>('services').list()) if (s.spec?.clusterIP === ip) return `${s.metadata.name}.${s.metadata.namespace ?? ''}.svc.cluster.local`
  for (const slice of state.informers.cache<EndpointSlice>('endpointslices').list()) {
    const service = slice.metadata.labels?.['kubernetes.io/service-name']
    const found = slice.endpoints?.find((e) => e.conditions?.ready !== false && e.addresses.includes(ip))
    if (found && service !== undefined) return `${found.hostname ?? ip.replaceAll('.', '-')}.${service}.${slice.metadata.namespace ?? ''}.svc.cluster.local`
  }
  return ''
}

const nxdomain: DnsAnswer = Object.freeze({ rcode: 'NXDOMAIN' })

function labelsOf(name: string): readonly string[] {
  return (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase().split('.')
}

function serviceOf(labels: readonly string[]): { readonly hostname: string; readonly key: string } | undefined {
  if (labels.at(-3) !== 'svc' || labels.length < 5 || labels.length > 6) return undefined
  const [service, namespace] = labels.slice(-5, -3) as [string, string]
  return { hostname: labels.length === 6 ? (labels[0] as string) : '', key: `${namespace}/${service}` }
}

function endpointsOf(state: CorednsState, key: string, notReady: boolean): readonly NonNullable<EndpointSlice['endpoints']>[number][] {
  const out: NonNullable<EndpointSlice['endpoints']>[number][] = []
  for (const slice of state.informers.cache<EndpointSlice>('endpointslices').by('service', key)) for (const e of slice.endpoints ?? []) if (notReady || e.conditions?.ready !== false) out.push(e)
  return out
}

/** `10-244-1-2.namespace.pod.cluster.local`, without looking whether there is such a pod. Upstream: `pods insecure` in kubeadm's Corefile */
function podRecord(state: CorednsState, labels: readonly string[]): DnsAnswer {
  const [dashed, namespace] = labels
  if (labels.length !== 5 || state.informers.cache('namespaces').byKey(namespace as string) === undefined || !/^\d+(-\d+){3}$/.test(dashed as string)) return nxdomain
  return { rcode: 'NOERROR', addresses: [(dashed as string).replaceAll('-', '.')] }
}
