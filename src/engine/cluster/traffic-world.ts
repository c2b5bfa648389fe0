import { parseCIDR } from '../cni'
import { balancerAt, type CloudState } from '../cloud-controller-manager'
import { storedObjects, type Store } from '../etcd'
import type { EndpointSlice, Ingress, NetworkPolicy, Node } from '../api'
import { gatewayGroup, type Gateway, type HTTPRoute } from '../ingress-controller'
import type { Machine, TrafficWorld } from '../traffic'
import type { Cluster } from './cluster'

/** Remembers what was read from the store until it has changed. After a restore the store is another object, so nothing of before is believed. */
class Remembered<T> {
  private store: Store | undefined
  private revision = -1
  private value: T | undefined

  get(store: Store, read: (store: Store) => T): T {
    if (this.value === undefined || this.store !== store || this.revision !== store.revision) {
      this.value = read(store)
      this.store = store
      this.revision = store.revision
    }
    return this.value
  }
}

/** What the traffic room may see of a cluster. Answered anew for each event; what was read from the store is remembered until it changes. */
export function trafficWorld(cluster: Cluster): () => TrafficWorld {
  const machines = new Remembered<readonly Machine[]>()
  const slices = new Remembered<ReadonlyMap<string, number>>()
  const policies = new Remembered<readonly NetworkPolicy[]>()
  return () => ({
    world: cluster.sim.state,
    boot: cluster.boot,
    machines: () => {
      const known = machines.get(cluster.store, () => readMachines(cluster))
      return known.length === cluster.state.nodes.size ? known : readMachines(cluster)
    },
    object: (resource, namespace, name) => cluster.object(resource, namespace, name),
    policies: () => policies.get(cluster.store, () => [...(cluster.objects('networkpolicies') as Iterable<NetworkPolicy>)]),
    sliceRevision: (namespace, service) => slices.get(cluster.store, newestSlices).get(`${namespace}/${service}`) ?? 0,
    publicAddress: (host) => {
      for (const o of cluster.objects('ingresses') as Iterable<Ingress>)
        if (o.spec.rules?.some((r) => r.host === host || (r.host?.startsWith('*.') && host.endsWith(r.host.slice(1))))) {
          const ip = o.status?.loadBalancer?.ingress?.[0]?.ip
          if (ip) return ip
        }
      return gatewayAddress(cluster, host)
    },
    balancer: (ip, port) => {
      const cloud = cluster.sim.stateOf<CloudState>('cloud')
      const b = cloud && balancerAt(cloud, ip, port)
      return b && { name: `load balancer of ${b.key}`, nodes: b.healthy, all: b.all }
    },
    post: (to, message, cause) => cluster.sim.post(to, message, cause),
  })
}

/** Address of the Gateway that serves a host name: by an HTTPRoute that it has accepted, or by a listener's own name. */
function gatewayAddress(cluster: Cluster, host: string): string | undefined {
  const fits = (name: string | undefined): boolean => name === host || (name?.startsWith('*.') === true && host.endsWith(name.slice(1)))
  const address = (namespace: string, name: string): string | undefined => (cluster.object(`gateways.${gatewayGroup}`, namespace, name) as Gateway | undefined)?.status?.addresses?.[0]?.value
  for (const route of cluster.objects(`httproutes.${gatewayGroup}`) as Iterable<HTTPRoute>)
    if (route.spec.hostnames?.some(fits))
      for (const { parentRef, conditions } of route.status?.parents ?? []) {
        const ip = conditions.some((c) => c.type === 'Accepted' && c.status === 'True') ? address(parentRef.namespace ?? route.metadata.namespace ?? '', parentRef.name) : undefined
        if (ip !== undefined) return ip
      }
  for (const g of cluster.objects(`gateways.${gatewayGroup}`) as Iterable<Gateway>) if (g.spec.listeners.some((l) => fits(l.hostname)) && g.status?.addresses?.[0]) return g.status.addresses[0].value
  return undefined
}

function readMachines(cluster: Cluster): readonly Machine[] {
  return [...cluster.state.nodes.values()].map(({ config }): Machine => {
    const object = cluster.object('nodes', '', config.name) as Node | undefined
    const range = parseCIDR(object?.spec?.podCIDR ?? '')
    return { name: config.name, address: object?.status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '', podBase: range?.base ?? -1, podSize: range?.size ?? 0, cores: config.cpuMillis / 1000 }
  })
}

/** Newest resourceVersion of the EndpointSlices of each service, by `namespace/name`. */
export function newestSlices(store: Store): ReadonlyMap<string, number> {
  const newest = new Map<string, number>()
  for (const o of storedObjects(store, 'endpointslices') as Iterable<EndpointSlice>) {
    const key = `${o.metadata.namespace ?? ''}/${o.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`
    newest.set(key, Math.max(newest.get(key) ?? 0, Number(o.metadata.resourceVersion ?? 0)))
  }
  return newest
}
