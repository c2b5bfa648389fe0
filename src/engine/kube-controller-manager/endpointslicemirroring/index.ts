import { deepEqual } from '../../apimachinery'
import type { Endpoint, EndpointSlice, Endpoints, Service } from '../../api'
import { cacheKey, type Delta } from '../../client-go'
import { MS, SECOND } from '../../sim'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { managedByLabel, portsKey, serviceNameLabel } from '../endpointslice/desired'
import { createObject, deleteObject, updateObject } from '../requests'

const managedBy = 'endpointslicemirroring-controller.k8s.io'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
/** Annotations that are the Endpoints' own. Upstream: reconciler.go cloneAndRemoveKeys */
const own: ReadonlySet<string> = new Set(['kubectl.kubernetes.io/last-applied-configuration', 'endpoints.kubernetes.io/last-change-trigger-time'])
/** Upstream: --mirroring-max-endpoints-per-subset */
const mostPerSubset = 1000

type Env = ControllerEnv<null>

/** Makes slices of Endpoints that people write for services without a selector. Upstream: pkg/controller/endpointslicemirroring */
export const endpointSliceMirroringController: Controller<null> = {
  name: 'endpointslicemirroring',
  component: 'endpoint-slice-mirroring-controller',
  account: 'endpointslicemirroring-controller',
  resource: 'endpoints',
  informers: [{ resource: 'endpoints' }, { resource: 'services' }, { resource: 'endpointslices', indexes: ['namespace'] }],
  workers: 5,
  backoff: { base: SECOND, max: 100 * SECOND },
  start: () => null,

  onDelta(delta, env) {
    if (delta.resource === 'endpoints') {
      // Most Endpoints belong to services with a selector.
      if (mirrors(delta.object as Endpoints) || (delta.old !== undefined && mirrors(delta.old as Endpoints))) env.enqueueAfter(cacheKey(delta.object), 500 * MS)
    } else if (delta.resource === 'services') serviceChanged(delta, env)
    else sliceChanged(delta, env)
  },

  reconcile(key, env) {
    const endpoints = env.cache<Endpoints>('endpoints').byKey(key)
    const service = env.cache<Service>('services').byKey(key)
    const slash = key.indexOf('/')
    const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)]
    const slices: EndpointSlice[] = []
    for (const s of env.cache<EndpointSlice>('endpointslices').by('namespace', namespace)) if (s.metadata.labels?.[serviceNameLabel] === name && s.metadata.labels[managedByLabel] === managedBy) slices.push(s)
    if (endpoints === undefined || service === undefined || !mirrors(endpoints) || hasSelector(service)) return slices.map((s) => deleteObject('endpointslices', s, {}, { ignore: ['NotFound'] }))
    return mirror(endpoints, slices)
  },
}

const hasSelector = (s: Service): boolean => s.spec?.selector !== undefined

/** Upstream: utils.go skipMirror */
function mirrors(e: Endpoints): boolean {
  return e.metadata.labels?.[skipLabel] !== 'true' && e.metadata.annotations?.['control-plane.alpha.kubernetes.io/leader'] === undefined
}

function serviceChanged(delta: Delta, env: Env): void {
  const now = delta.object as Service
  const before = delta.old as Service | undefined
  if (delta.type === 'updated' && before !== undefined && hasSelector(now) === hasSelector(before)) return
  if (env.cache('endpoints').byKey(cacheKey(now))) env.enqueue(cacheKey(now))
}

/** Somebody changed a slice that is this controller's. */
function sliceChanged(delta: Delta, env: Env): void {
  const { labels, namespace } = delta.object.metadata
  const service = labels?.[serviceNameLabel]
  if (labels?.[managedByLabel] !== managedBy || service === undefined || delta.type === 'added') return
  env.enqueueAfter(`${namespace}/${service}`, 500 * MS)
}

type Wanted = Pick<EndpointSlice, 'addressType' | 'ports' | 'endpoints'>

/** Addresses by family and ports. Upstream: reconciler.go reconcile, endpointset.go */
function wantedOf(e: Endpoints): ReadonlyMap<string, Wanted> {
  const out = new Map<string, Wanted>()
  for (const subset of e.subsets ?? []) {
    const ports = (subset.ports ?? []).map((p) => ({ name: p.name ?? '', port: p.port, protocol: p.protocol ?? 'TCP', ...(p.appProtocol && { appProtocol: p.appProtocol }) }))
    const add = (a: { ip: string; hostname?: string; nodeName?: string; targetRef?: object }, ready: boolean): void => {
      const addressType = a.ip.includes(':') ? 'IPv6' : 'IPv4'
      const key = `${addressType} ${portsKey(ports)}`
      let slice = out.get(key)
      if (slice === undefined) out.set(key, (slice = { addressType, ports, endpoints: [] }))
      const endpoint: Endpoint = { addresses: [a.ip], conditions: { ready }, ...(a.hostname && { hostname: a.hostname }), ...(a.nodeName && { nodeName: a.nodeName }), ...(a.targetRef && { targetRef: a.targetRef }) }
      if ((slice.endpoints ?? []).length < mostPerSubset) slice.endpoints?.push(endpoint)
    }
    for (const a of subset.addresses ?? []) add(a, true)
    for (const a of subset.notReadyAddresses ?? []) add(a, false)
  }
  return out
}

function mirror(e: Endpoints, slices: readonly EndpointSlice[]): Intent[] {
  const wanted = new Map(wantedOf(e))
  const labels = { ...e.metadata.labels, [serviceNameLabel]: e.metadata.name, [managedByLabel]: managedBy }
  const annotations = Object.fromEntries(Object.entries(e.metadata.annotations ?? {}).filter(([k]) => !own.has(k)))
  const out: Intent[] = []
  for (const s of slices) {
    const key = `${s.addressType} ${portsKey(s.ports)}`
    const w = wanted.get(key)
    if (w === undefined) {
      out.push(deleteObject('endpointslices', s, {}, { ignore: ['NotFound'] }))
      continue
    }
    wanted.delete(key)
    if (deepEqual(s.endpoints ?? [], w.endpoints) && deepEqual(s.metadata.labels, labels) && deepEqual(s.metadata.annotations ?? {}, annotations)) continue
    out.push(updateObject('endpointslices', { ...s, metadata: { ...s.metadata, labels, annotations }, endpoints: w.endpoints } as EndpointSlice))
  }
  const { name, namespace, uid } = e.metadata
  for (const w of wanted.values()) {
    out.push(createObject('endpointslices', {
      apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
      metadata: {
        generateName: `${name}-`, namespace: namespace as string, labels, ...(Object.keys(annotations).length > 0 && { annotations }),
        ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name, uid, controller: true, blockOwnerDeletion: true }],
      },
      ...w,
    } as unknown as EndpointSlice))
  }
  return out
}
