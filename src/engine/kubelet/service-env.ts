import type { Pod, Service } from '../api'
import type { KubeletState } from './state'

// What follows from a service, an immutable value: a memo, not state.
const memo = new WeakMap<Pick<Service, 'metadata' | 'spec'>, readonly (readonly [string, string])[]>()

/** Variables of one service, in the order that the kubelet adds them. Upstream: pkg/kubelet/envvars FromServices */
export function variablesOf(service: Pick<Service, 'metadata' | 'spec'>): readonly (readonly [string, string])[] {
  let known = memo.get(service)
  if (known === undefined) memo.set(service, (known = made(service)))
  return known
}

function made(service: Pick<Service, 'metadata' | 'spec'>): readonly (readonly [string, string])[] {
  const ip = service.spec?.clusterIP ?? ''
  const ports = service.spec?.ports ?? []
  const prefix = service.metadata.name.toUpperCase().replaceAll('-', '_')
  const first = ports[0]
  if (ip === '' || ip === 'None' || first === undefined) return []
  const out: [string, string][] = [[`${prefix}_SERVICE_HOST`, ip], [`${prefix}_SERVICE_PORT`, String(first.port)]]
  for (const p of ports) if (p.name) out.push([`${prefix}_SERVICE_PORT_${p.name.toUpperCase().replaceAll('-', '_')}`, String(p.port)])
  for (const p of ports) {
    const protocol = p.protocol ?? 'TCP'
    const url = `${protocol.toLowerCase()}://${ip}:${p.port}`
    if (p === first) out.push([`${prefix}_PORT`, url])
    const link = `${prefix}_PORT_${p.port}_${protocol}`
    out.push([link, url], [`${link}_PROTO`, protocol.toLowerCase()], [`${link}_PORT`, String(p.port)], [`${link}_ADDR`, ip])
  }
  return out
}

/**
 * Variables of the services that a pod sees: those of its namespace, unless it does not want them, and always the API server's.
 * Null: the services have not been read yet. Upstream: kubelet_pods.go getServiceEnvVarMap
 */
export function serviceVariables(state: KubeletState, pod: Pick<Pod, 'metadata' | 'spec'>): Readonly<Record<string, string>> | null {
  if (state.informers.revision('services') === '') return null
  const services = state.informers.cache<Service>('services')
  const env: Record<string, string> = {}
  const add = (service: Service) => {
    for (const [name, value] of variablesOf(service)) env[name] = value
  }
  const namespace = pod.metadata.namespace ?? ''
  const api = services.get('default', 'kubernetes')
  if (api) add(api)
  if (pod.spec.enableServiceLinks !== false)
    for (const s of [...services.list()].filter((s) => s.metadata.namespace === namespace && s !== api).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) add(s)
  return env
}
