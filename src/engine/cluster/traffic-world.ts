import { parseCIDR } from '../cni'
import { balancerAt, type CloudState } from '../cloud-controller-manager'
import { storedObjects } from '../etcd'
import type { EndpointSlice, Ingress, Node } from '../api'
import type { Machine, TrafficWorld } from '../traffic'
import type { Cluster } from './cluster'

/** What the traffic room may see of a cluster. Made anew for each event; machines are remembered as long as their objects are the same. */
export function trafficWorld(cluster: Cluster): () => TrafficWorld {
  const machines = new Map<string, { readonly object: Node | undefined; readonly machine: Machine }>()
  const newest = new Map<string, number>()
  let newestAt = -1
  return () => ({
    world: cluster.sim.state,
    boot: cluster.boot,
    machines: () => [...cluster.state.nodes.values()].map(({ config }) => {
      const object = cluster.object('nodes', '', config.name) as Node | undefined
      const known = machines.get(config.name)
      if (known !== undefined && known.object === object) return known.machine
      const range = parseCIDR(object?.spec?.podCIDR ?? '')
      const address = object?.status?.addresses?.find((a) => a.type === 'InternalIP')?.address ?? ''
      const machine: Machine = { name: config.name, address, podBase: range?.base ?? -1, podSize: range?.size ?? 0, cores: config.cpuMillis / 1000 }
      machines.set(config.name, { object, machine })
      return machine
    }),
    object: (resource, namespace, name) => cluster.object(resource, namespace, name),
    sliceRevision: (namespace, service) => {
      if (newestAt !== cluster.store.revision) {
        newestAt = cluster.store.revision
        newest.clear()
        for (const o of storedObjects(cluster.store, 'endpointslices') as Iterable<EndpointSlice>) {
          const key = `${o.metadata.namespace ?? ''}/${o.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`
          newest.set(key, Math.max(newest.get(key) ?? 0, Number(o.metadata.resourceVersion ?? 0)))
        }
      }
      return newest.get(`${namespace}/${service}`) ?? 0
    },
    publicAddress: (host) => {
      for (const o of cluster.objects('ingresses') as Iterable<Ingress>)
        if (o.spec.rules?.some((r) => r.host === host || (r.host?.startsWith('*.') && host.endsWith(r.host.slice(1))))) {
          const ip = o.status?.loadBalancer?.ingress?.[0]?.ip
          if (ip) return ip
        }
      return undefined
    },
    balancer: (ip, port) => {
      const cloud = cluster.sim.stateOf<CloudState>('cloud')
      const b = cloud && balancerAt(cloud, ip, port)
      return b && { name: `load balancer of ${b.key}`, nodes: b.healthy, all: b.all }
    },
    post: (to, message, cause) => cluster.sim.post(to, message, cause),
  })
}
