import { pathOf, resourceInfo, resources, type Namespace, type Pod, type ResourceInfo } from '../../api'
import type { KubeList } from '../../apimachinery'
import { cacheKey } from '../../client-go'
import { SECOND } from '../../sim'
import type { Controller, ControllerEnv, Intent, RequestIntent } from '../controller'
import { customResources } from '../custom-resources'
import { isPodTerminal } from '../pods'
import { getObject, updateObject } from '../requests'
import { deletionConditions, type Remaining } from './conditions'

/** Servers and stores hear of the deletion before the content goes. Upstream: namespaceDeletionGracePeriod */
const gracePeriod = 5 * SECOND

interface Found {
  readonly counts: Map<string, number>
  readonly finalizers: Map<string, number>
  readonly errors: string[]
  /** Seconds until the slowest pod should be gone. */
  estimate: number
}

interface State {
  /** What the running syncs have found; one entry per worker at most. */
  readonly found: Map<string, Found>
}

type Env = ControllerEnv<State>
type Tag = { readonly step: 'get' } | { readonly step: 'delete' | 'list'; readonly resource: string; readonly group: string }

/** Types with content, pods first: they are gone before what they need. Upstream: OrderedNamespaceDeletion */
const deletable: readonly ResourceInfo[] = resources.filter((r) => r.namespaced && r.resource !== 'pods')

/** Empties and finalizes a namespace that is being deleted. Upstream: pkg/controller/namespace/deletion/namespaced_resources_deleter.go */
export const namespaceController: Controller<State> = {
  name: 'namespace',
  component: 'namespace-controller',
  resource: 'namespaces',
  informers: [{ resource: 'namespaces' }, { resource: 'customresourcedefinitions' }],
  workers: 10,
  limit: { qps: 400, burst: 3000 },
  start: () => ({ found: new Map() }),

  onDelta(delta, env) {
    if (delta.resource === 'namespaces' && delta.type !== 'deleted' && delta.object.metadata.deletionTimestamp !== undefined) env.enqueueAfter(cacheKey(delta.object), gracePeriod)
  },

  reconcile(key, env) {
    const ns = env.cache<Namespace>('namespaces').byKey(key)
    if (ns?.metadata.deletionTimestamp === undefined) return []
    env.state.found.set(key, { counts: new Map(), finalizers: new Map(), errors: [], estimate: 0 })
    return [getObject('namespaces', undefined, key, { tag: { step: 'get' } satisfies Tag }), { do: 'then', step: 'end' }]
  },

  onResponse(key, tag, response, env) {
    const t = tag as Tag | undefined
    if (t === undefined) return undefined
    const found = env.state.found.get(key) as Found
    const ok = response.code === 200
    if (t.step === 'get') {
      if (response.code === 404) return { handled: true }
      const ns = response.body as Namespace
      if (!ok || ns.metadata.deletionTimestamp === undefined || (ns.spec?.finalizers?.length ?? 0) === 0) return undefined
      return { intents: [...purge(key, resourceInfo('pods') as ResourceInfo), { do: 'then', step: 'pods', data: ns }] }
    }
    if (!ok) {
      // Upstream skips types that cannot be listed or deleted in bulk.
      if (response.code === 404 || response.code === 405) return { handled: true }
      found.errors.push((response.body as { message?: string }).message ?? '')
      return { handled: true }
    }
    if (t.step === 'list') note(found, t.resource, t.group, (response.body as unknown as KubeList).items)
    return undefined
  },

  resume(key, step, data, error, env) {
    const found = env.state.found.get(key) as Found
    if (step === 'end') {
      env.state.found.delete(key)
      return []
    }
    if (error !== undefined) return []
    const ns = data as Namespace
    if (step === 'pods') {
      // Upstream does not count the pods that it waits for here.
      if ((found.counts.get('pods.') ?? 0) > 0) return after(ns, { ...found, counts: new Map(), finalizers: new Map() }, found.estimate, env)
      const all = [...deletable, ...customResources(env).filter((r) => r.namespaced)].map((r) => purge(key, r))
      return [{ do: 'parallel', requests: all.map((p) => p[0]) }, { do: 'parallel', requests: all.map((p) => p[1]) }, { do: 'then', step: 'rest', data: ns }]
    }
    return after(ns, found, found.estimate, env)
  },
}

function purge(namespace: string, info: ResourceInfo): [RequestIntent, RequestIntent] {
  const path = pathOf(info, namespace)
  const { resource, group } = info
  return [
    { do: 'request', request: { verb: 'deletecollection', path, body: { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: 'Background' } }, tag: { step: 'delete', resource, group } satisfies Tag },
    { do: 'request', request: { verb: 'list', path }, tag: { step: 'list', resource, group } satisfies Tag },
  ]
}

function note(found: Found, resource: string, group: string, items: readonly { metadata: { finalizers?: string[] } }[]): void {
  if (items.length === 0) return
  found.counts.set(`${resource}.${group}`, items.length)
  for (const o of items) for (const f of o.metadata.finalizers ?? []) found.finalizers.set(f, (found.finalizers.get(f) ?? 0) + 1)
  if (resource !== 'pods') {
    found.estimate = Math.max(found.estimate, 15)
    return
  }
  for (const p of items as unknown as Pod[]) if (!isPodTerminal(p)) found.estimate = Math.max(found.estimate, p.spec.terminationGracePeriodSeconds ?? 30)
}

/** Notes what is left; with nothing left lets the namespace go. */
function after(ns: Namespace, found: Remaining, estimate: number, env: Env): Intent[] {
  const conditions = deletionConditions(ns.status?.conditions, found, env.ctx.wallTime())
  const out: Intent[] = []
  const changed = conditions !== ns.status?.conditions
  if (changed) out.push(updateObject('namespaces', { ...ns, status: { ...ns.status, conditions } } as Namespace, 'status'))
  if (found.errors.length > 0) return [...out, { do: 'fail', message: found.errors.join(', ') }]
  if (estimate > 0) return [...out, { do: 'requeue', after: (Math.floor(estimate / 2) + 1) * SECOND }]
  const finalizers = (ns.spec?.finalizers ?? []).filter((f) => f !== 'kubernetes')
  // Without a resourceVersion: the status was just written.
  const { resourceVersion: _rv, ...metadata } = ns.metadata
  return [...out, updateObject('namespaces', { ...ns, metadata, spec: { ...ns.spec, finalizers } } as Namespace, 'finalize', { ignore: ['NotFound'] })]
}
