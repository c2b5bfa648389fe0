import { matches } from '../../apimachinery'
import type { EndpointSlice, Node, Pod, Service } from '../../api'
import { cacheKey, referenceTo, type Delta } from '../../client-go'
import { SECOND } from '../../sim'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { createObject, deleteObject, updateObject } from '../requests'
import { managedBy, managedByLabel, serviceNameLabel } from './desired'
import { reconcileSlices } from './reconcile'
import { TriggerTimes, enqueueServicesOfPod, hasEndpoints, serviceSelector, triggerAnnotation } from './services'
import { TopologyCache, sharesMayChange } from './topology'
import { SliceTracker } from './tracker'

interface State {
  readonly tracker: SliceTracker
  readonly times: TriggerTimes
  readonly topology: TopologyCache
}

type Env = ControllerEnv<State>

interface Tag {
  readonly done: 'written' | 'removed'
  readonly uid: string
}

/** Which pods are behind a service, in slices of at most 100. Upstream: pkg/controller/endpointslice/endpointslice_controller.go */
export const endpointSliceController: Controller<State> = {
  name: 'endpointslice',
  component: 'endpoint-slice-controller',
  account: 'endpointslice-controller',
  resource: 'services',
  informers: [
    { resource: 'services', indexes: ['namespace'] },
    { resource: 'pods', indexes: ['namespace'] },
    { resource: 'endpointslices', indexes: ['namespace'] },
    { resource: 'nodes' },
  ],
  workers: 5,
  backoff: { base: SECOND, max: 1000 * SECOND },
  start: () => ({ tracker: new SliceTracker(), times: new TriggerTimes(), topology: new TopologyCache() }),

  onDelta(delta, env) {
    if (delta.resource === 'pods') enqueueServicesOfPod(delta, env)
    else if (delta.resource === 'services') env.enqueue(cacheKey(delta.object))
    else if (delta.resource === 'endpointslices') sliceChanged(delta, env)
    else if (delta.type !== 'updated' || sharesMayChange(delta.object as Node, delta.old as Node)) {
      env.state.topology.setNodes(env.cache<Node>('nodes').list())
      for (const key of env.state.topology.overloaded()) env.enqueue(key)
    }
  },

  reconcile(key, env) {
    const s = env.cache<Service>('services').byKey(key)
    if (s === undefined) {
      env.state.tracker.forget(key)
      env.state.times.forget(key)
      for (const type of ['IPv4', 'IPv6']) env.state.topology.remove(key, type)
      return []
    }
    if (!hasEndpoints(s)) return []
    const namespace = s.metadata.namespace as string
    const selector = serviceSelector(s)
    const pods: Pod[] = []
    for (const p of env.cache<Pod>('pods').by('namespace', namespace)) if (matches(selector, p.metadata.labels)) pods.push(p)
    const slices: EndpointSlice[] = []
    for (const e of env.cache<EndpointSlice>('endpointslices').by('namespace', namespace))
      if (e.metadata.deletionTimestamp === undefined && e.metadata.labels?.[serviceNameLabel] === s.metadata.name && e.metadata.labels[managedByLabel] === managedBy) slices.push(e)
    if (env.state.tracker.stale(key, slices)) return [{ do: 'fail', message: 'EndpointSlice informer cache is out of date' }]
    const trigger = env.state.times.compute(key, s, pods)
    const nodes = env.cache<Node>('nodes')
    const changes = reconcileSlices(s, pods, slices, (name) => nodes.get('', name), env.state.topology)
    const written: Tag = { done: 'written', uid: '' }
    const out: Intent[] = [
      ...changes.create.map((e) => createObject('endpointslices', triggered(e, trigger), { tag: written })),
      ...changes.update.map((e) => updateObject('endpointslices', triggered(e, trigger), undefined, { tag: written })),
      ...changes.remove.map((e) => deleteObject('endpointslices', e, {}, { ignore: ['NotFound'], tag: { done: 'removed', uid: e.metadata.uid as string } satisfies Tag })),
    ]
    const first = changes.errors[0]
    if (first !== undefined) out.push({ do: 'fail', message: changes.errors.length === 1 ? first : `[${changes.errors.join(', ')}]` })
    for (const { type, reason, message } of changes.events) out.unshift({ do: 'event', about: referenceTo(s), type, reason, message })
    out.push({ do: 'then', step: 'tell', data: s })
    return out
  },

  resume(_key, _step, data, error) {
    const s = data as Service
    if (error === undefined) return []
    return [{ do: 'event', about: referenceTo(s), type: 'Warning', reason: 'FailedToUpdateEndpointSlices', message: `Error updating Endpoint Slices for Service ${s.metadata.namespace}/${s.metadata.name}: ${error}` }]
  },

  onResponse(key, tag, response, env) {
    if (tag === undefined || response.code < 200 || response.code >= 300) return undefined
    const { done, uid } = tag as Tag
    if (done === 'written') env.state.tracker.written(key, response.body as EndpointSlice)
    else env.state.tracker.removed(key, uid)
    return undefined
  },
}

function triggered(e: EndpointSlice, trigger: string | undefined): EndpointSlice {
  const { [triggerAnnotation]: _old, ...rest } = e.metadata.annotations ?? {}
  const annotations = trigger === undefined ? rest : { ...rest, [triggerAnnotation]: trigger }
  const { annotations: _was, ...metadata } = e.metadata
  return { ...e, metadata: Object.keys(annotations).length === 0 ? metadata : { ...metadata, annotations } }
}

/** Slices that others change or delete are put right, a second later. */
function sliceChanged(delta: Delta, env: Env): void {
  const slice = delta.object as EndpointSlice
  const { labels, namespace, uid } = slice.metadata
  const service = labels?.[serviceNameLabel]
  const was = delta.old?.metadata.labels
  if (delta.type === 'updated' && was?.[serviceNameLabel] !== undefined && was[serviceNameLabel] !== service && was[managedByLabel] === managedBy) env.enqueueAfter(`${namespace}/${was[serviceNameLabel]}`, SECOND)
  if (service === undefined || labels?.[managedByLabel] !== managedBy) return
  const key = `${namespace}/${service}`
  const { tracker } = env.state
  if (delta.type === 'deleted' ? tracker.deletionSeen(key, uid as string) : tracker.differs(key, slice)) env.enqueueAfter(key, SECOND)
}
