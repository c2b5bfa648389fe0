import { deepEqual, matches } from '../../apimachinery'
import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints, Pod, Service } from '../../api'
import { cacheKey, referenceTo } from '../../client-go'
import type { Controller, Intent } from '../controller'
import { TriggerTimes, enqueueServicesOfPod, findPort, hasClusterIP, hasEndpoints, serviceSelector, shouldBeInEndpoints, shouldSetHostname, triggerAnnotation } from '../endpointslice/services'
import { addressTypesOf, headlessLabel } from '../endpointslice/desired'
import { isPodReady } from '../pods'
import { createObject, deleteObject, updateObject } from '../requests'
import { repackSubsets, truncate } from './subsets'

const overCapacity = 'endpoints.kubernetes.io/over-capacity'
const managedByLabel = 'endpoints.kubernetes.io/managed-by'

/** The older Endpoints object of each service. Upstream: pkg/controller/endpoint/endpoints_controller.go */
export const endpointsController: Controller<TriggerTimes> = {
  name: 'endpoints',
  component: 'endpoint-controller',
  resource: 'services',
  informers: [
    { resource: 'services', indexes: ['namespace'] },
    { resource: 'pods', indexes: ['namespace'] },
    { resource: 'endpoints' },
  ],
  workers: 5,
  start: () => new TriggerTimes(),

  onDelta(delta, env) {
    if (delta.resource === 'pods') enqueueServicesOfPod(delta, env)
    else if (delta.resource === 'services' || delta.type === 'deleted') env.enqueue(cacheKey(delta.object))
  },

  reconcile(key, env) {
    const s = env.cache<Service>('services').byKey(key)
    const current = env.cache<Endpoints>('endpoints').byKey(key)
    if (s === undefined) {
      env.state.forget(key)
      // The Endpoints object of a service goes with it; upstream deletes without looking.
      return current ? [deleteObject('endpoints', current, {}, { ignore: ['NotFound'] })] : []
    }
    if (!hasEndpoints(s)) return []
    const pods: Pod[] = []
    for (const p of env.cache<Pod>('pods').by('namespace', s.metadata.namespace as string)) if (matches(serviceSelector(s), p.metadata.labels)) pods.push(p)
    const trigger = env.state.compute(key, s, pods)
    const subsets = subsetsOf(s, pods)
    if (current && unchanged(current, s, subsets)) return []
    const next = endpointsOf(s, current, subsets, trigger)
    const write = current ? updateObject('endpoints', next) : createObject('endpoints', next)
    return [write, { do: 'then', step: 'tell', data: { s, create: current === undefined } }]
  },

  resume(_key, _step, data, error) {
    const { s, create } = data as { s: Service; create: boolean }
    if (error === undefined) return []
    const about = `endpoint for service ${s.metadata.namespace}/${s.metadata.name}: ${error}`
    return [{ do: 'event', about: referenceTo(s), type: 'Warning', reason: create ? 'FailedToCreateEndpoint' : 'FailedToUpdateEndpoint', message: `Failed to ${create ? 'create' : 'update'} ${about}` } satisfies Intent]
  },
}

/** The addresses of a service, by ports. Upstream: syncService, addEndpointSubset */
export function subsetsOf(s: Service, pods: readonly Pod[]): EndpointSubset[] {
  const subsets: EndpointSubset[] = []
  const v6 = addressTypesOf(s)[0] === 'IPv6'
  const publish = s.spec?.publishNotReadyAddresses === true
  for (const pod of pods) {
    if (!shouldBeInEndpoints(pod, publish)) continue
    const ip = pod.status?.podIPs?.find((p) => p.ip !== undefined && p.ip.includes(':') === v6)?.ip
    if (!ip) continue
    const address: EndpointAddress = {
      ip, ...(shouldSetHostname(pod, s) && { hostname: pod.spec.hostname as string }), ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
      targetRef: { kind: 'Pod', namespace: pod.metadata.namespace as string, name: pod.metadata.name, ...(pod.metadata.uid && { uid: pod.metadata.uid }) },
    }
    const ready = publish || isPodReady(pod)
    const add = (ports?: EndpointPort[]): void => void subsets.push({ ...(ready ? { addresses: [address] } : { notReadyAddresses: [address] }), ...(ports && { ports }) })
    const servicePorts = s.spec?.ports ?? []
    if (servicePorts.length === 0) {
      // Headless services may have no ports at all.
      if (s.spec?.clusterIP === 'None') add()
      continue
    }
    for (const p of servicePorts) {
      const port = findPort(pod, p)
      if (port !== undefined) add([{ ...(p.name && { name: p.name }), port, protocol: p.protocol ?? 'TCP', ...(p.appProtocol && { appProtocol: p.appProtocol }) }])
    }
  }
  return repackSubsets(subsets)
}

function unchanged(current: Endpoints, s: Service, subsets: readonly EndpointSubset[]): boolean {
  const labels: Record<string, string> = {}
  for (const [k, v] of Object.entries(current.metadata.labels ?? {})) if (k !== headlessLabel && k !== managedByLabel) labels[k] = v
  const { kept, truncated } = truncate(subsets)
  const capacityRight = truncated === (current.metadata.annotations?.[overCapacity] === 'truncated')
  return capacityRight && deepEqual(current.subsets ?? [], kept) && deepEqual(labels, s.metadata.labels ?? {})
}

function endpointsOf(s: Service, current: Endpoints | undefined, subsets: readonly EndpointSubset[], trigger: string | undefined): Endpoints {
  const { [triggerAnnotation]: _t, [overCapacity]: _o, ...annotations } = current?.metadata.annotations ?? {}
  const { kept, truncated } = truncate(subsets)
  if (trigger !== undefined) annotations[triggerAnnotation] = trigger
  if (truncated) annotations[overCapacity] = 'truncated'
  const labels: Record<string, string> = { ...s.metadata.labels, [managedByLabel]: 'endpoint-controller' }
  if (!hasClusterIP(s)) labels[headlessLabel] = ''
  const { annotations: _a, ...metadata } = current?.metadata ?? { name: s.metadata.name, namespace: s.metadata.namespace as string }
  return { apiVersion: 'v1', kind: 'Endpoints', metadata: { ...metadata, labels, ...(Object.keys(annotations).length > 0 && { annotations }) }, ...(kept.length > 0 && { subsets: kept as EndpointSubset[] }) }
}
