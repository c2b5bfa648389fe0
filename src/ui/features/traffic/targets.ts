import type { ClientRef, PodRow, ServiceRow } from '../../../bridge/protocol'
import type { Kubeloop } from '../../state'

/** Somebody who can send requests, as an option of a list. */
export interface ClientOption {
  readonly id: string
  readonly label: string
  readonly group: 'Outside' | 'Pods' | 'Nodes'
}

/** Most pods listed as clients. */
const mostPods = 200

/** Everybody who can send requests now. */
export function clientOptions(kubeloop: Kubeloop): readonly ClientOption[] {
  const pods = [...kubeloop.pods.rows.values()].filter(canSend).sort((a, b) => Number(a.namespace === 'kube-system') - Number(b.namespace === 'kube-system') || (a.name < b.name ? -1 : 1))
  return [
    { id: 'outside', label: 'You, outside the cluster', group: 'Outside' },
    ...pods.slice(0, mostPods).map((pod): ClientOption => ({ id: `pod/${pod.namespace}/${pod.name}`, label: pod.namespace === 'default' ? pod.name : `${pod.namespace}/${pod.name}`, group: 'Pods' })),
    ...kubeloop.nodes.keys.map((key): ClientOption => ({ id: `node/${key}`, label: key, group: 'Nodes' })),
  ]
}

const canSend = (pod: PodRow): boolean => pod.phase === 'Running' && pod.node !== null

/** What an option stands for. */
export function clientOf(id: string): ClientRef {
  const [kind, namespace = '', name = ''] = id.split('/')
  return kind === 'pod' ? { kind: 'pod', namespace, name } : kind === 'node' ? { kind: 'node', name: namespace } : { kind: 'outside' }
}

/** The option that stands for a client. */
export function idOfClient(ref: ClientRef): string {
  return ref.kind === 'pod' ? `pod/${ref.namespace}/${ref.name}` : ref.kind === 'node' ? `node/${ref.name}` : 'outside'
}

/** A journey tells its client by a label only. */
export function idOfLabel(kubeloop: Kubeloop, label: string): string {
  if (label === 'outside') return 'outside'
  return kubeloop.nodes.get(label) ? `node/${label}` : `pod/${label}`
}

/** A port of a Service. */
export interface ServicePort {
  readonly port: number
  /** 0: none. */
  readonly nodePort: number
  readonly protocol: string
}

/** The ports of a Service, out of the row's `80:30080/TCP,443/TCP`. */
export function portsOf(row: ServiceRow): readonly ServicePort[] {
  return row.ports.split(',').flatMap((text) => {
    const [, port, nodePort, protocol] = /^(\d+)(?::(\d+))?\/(\w+)$/.exec(text) ?? []
    return port ? [{ port: Number(port), nodePort: Number(nodePort ?? 0), protocol: protocol ?? 'TCP' }] : []
  })
}

/** Well-known ports of things that do not speak HTTP. */
const rawPorts: ReadonlySet<number> = new Set([5432, 6379, 3306, 27017, 9092, 11211])

/** A way to ask a Service, with the words that tell how it comes in. */
export interface TargetOption {
  readonly to: string
  readonly how: string
  readonly service: string
}

/** How a client can reach Services: by names inside the cluster, by node ports and load balancers from outside. `first`: the Service whose ways come first. */
export function targetOptions(kubeloop: Kubeloop, from: ClientRef, first = ''): readonly TargetOption[] {
  const options: TargetOption[] = []
  const services = [...kubeloop.services.rows.values()].sort((a, b) => Number(a.namespace === 'kube-system') - Number(b.namespace === 'kube-system') || a.createdAt - b.createdAt || (a.name < b.name ? -1 : 1))
  for (const row of services) {
    const service = `${row.namespace}/${row.name}`
    const add = (to: string, how: string): void => void options.push({ to, how, service })
    for (const { port, nodePort, protocol } of portsOf(row)) {
      const url = (host: string, p: number): string => urlOf(host, p, protocol, port)
      if (from.kind === 'pod') add(url(from.namespace === row.namespace ? row.name : `${row.namespace === 'default' ? `${row.name}.default` : `${row.name}.${row.namespace}`}`, port), 'name')
      if (from.kind !== 'outside' && row.clusterIP && row.clusterIP !== 'None') add(url(row.clusterIP, port), 'cluster IP')
      if (row.externalIP && !row.externalIP.startsWith('<') && row.type === 'LoadBalancer') for (const ip of row.externalIP.split(/, ?/)) add(url(ip, port), 'load balancer')
      const node = kubeloop.nodes.keys.find((key) => kubeloop.nodes.get(key)?.roles.includes('control-plane') !== true)
      if (nodePort > 0 && node) add(url(node, nodePort), 'node port')
    }
  }
  return first === '' ? options : [...options.filter(({ service }) => service === first), ...options.filter(({ service }) => service !== first)]
}

function urlOf(host: string, port: number, protocol: string, servicePort: number): string {
  if (protocol === 'UDP') return `udp://${host}:${port}`
  const scheme = rawPorts.has(servicePort) ? 'tcp' : servicePort === 443 || servicePort === 6443 ? 'https' : 'http'
  const usual = (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443)
  return `${scheme}://${host}${usual ? '' : `:${port}`}`
}

/** A pod that is a good one to ask from: one of the person's own, not a server of the Service itself. */
export function likelyClient(kubeloop: Kubeloop, service: ServiceRow | undefined): string {
  if (service && (service.type === 'NodePort' || service.type === 'LoadBalancer')) return 'outside'
  const pods = [...kubeloop.pods.rows.values()].filter((pod) => canSend(pod) && pod.glyph === 'ok' && pod.namespace !== 'kube-system')
  const other = pods.find((pod) => service === undefined || !pod.name.startsWith(`${service.name}-`)) ?? pods[0]
  return other ? `pod/${other.namespace}/${other.name}` : (kubeloop.nodes.keys.map((key) => `node/${key}`).find((id) => !id.includes('control-plane')) ?? 'outside')
}
