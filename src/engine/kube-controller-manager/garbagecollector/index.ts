import { parseApiVersion, type KubeObject, type OwnerReference } from '../../apimachinery'
import { pathOf, resourceInfo, resourceOfKind, resources, type CustomResourceDefinition, type ResourceInfo } from '../../api'
import type { Controller, ControllerEnv, Intent, RequestIntent } from '../controller'
import { customName, customResourcesOf } from '../custom-resources'
import { deleteOf } from '../requests'
import { Graph, foregroundFinalizer, orphanFinalizer, type GraphNode } from './graph'

interface State {
  readonly graph: Graph
  /** Custom resources that are watched, by their names. */
  readonly customs: Map<string, ResourceInfo>
  /** What the running looks have read: the object, and its owners by uid (undefined: gone). One entry per worker at most. */
  readonly looks: Map<string, { latest: KubeObject; readonly owners: Map<string, KubeObject | undefined> }>
}

type Env = ControllerEnv<State>

type Tag = { readonly step: 'latest' } | { readonly step: 'owner'; readonly uid: string } | { readonly step: 'finalizer' }

/** Kubernetes Events own nothing and are owned by nothing. Upstream: ignoredResources */
const watched = resources.filter((r) => r.resource !== 'events')

/**
 * Deletes what nobody owns any more, orphans what it was told to, and lets owners wait for what they own.
 * Keys: `remove/<uid>`, `orphan/<uid>`. Upstream: pkg/controller/garbagecollector/garbagecollector.go
 */
export const garbageCollector: Controller<State> = {
  name: 'garbagecollector',
  component: 'generic-garbage-collector',
  resource: '',
  informers: watched.map((r) => ({ resource: r.resource })),
  workers: 20,
  start: () => ({ graph: new Graph(), customs: new Map(), looks: new Map() }),

  onDelta(delta, env) {
    const { graph } = env.state
    if (delta.resource === 'customresourcedefinitions') definitionChanged(delta.type === 'deleted', delta.object as CustomResourceDefinition, env)
    const uid = delta.object.metadata.uid as string
    const remove = (u: string): void => env.enqueue(`remove/${u}`)
    if (delta.type === 'deleted') return graph.delete(uid, remove)
    // Only these fields matter here: most updates are of spec and status.
    const o = delta.object.metadata
    const old = delta.old?.metadata
    if (old && old.ownerReferences === o.ownerReferences && old.deletionTimestamp === o.deletionTimestamp && old.finalizers === o.finalizers) return undefined
    return graph.upsert(delta.resource, delta.object, (ref) => resourceOfOwner(ref, env), remove, (u) => env.enqueue(`orphan/${u}`))
  },

  reconcile(key, env) {
    const slash = key.indexOf('/')
    const node = env.state.graph.get(key.slice(slash + 1))
    if (node === undefined) return []
    if (key.startsWith('orphan/')) return orphan(node, env)
    if (node.beingDeleted && !node.deletingDependents && !node.virtual) return []
    const info = infoOf(node.resource, env)
    // Upstream fails on kinds it cannot map and tries again; here they stay.
    if (info === undefined) return []
    return [read(info, node.namespace, node.name, { step: 'latest' }), { do: 'then', step: 'end' }]
  },

  describe: (key) => ({ resource: '', namespace: '', name: key }),

  onResponse(key, tag, response, env) {
    const t = tag as Tag | undefined
    if (t === undefined) return undefined
    const uid = key.slice(key.indexOf('/') + 1)
    const found = response.code === 200 ? response.body : undefined
    if (found === undefined && response.code !== 404) return undefined
    if (t.step === 'finalizer') return found ? { intents: withoutFinalizer(env.state.graph.get(uid), found, orphanFinalizer, env) } : { handled: true }
    if (t.step === 'owner') {
      const gone = found?.metadata.uid !== t.uid
      if (gone) env.state.graph.setAbsent(t.uid)
      env.state.looks.get(key)?.owners.set(t.uid, gone ? undefined : found)
      return { handled: true }
    }
    if (found?.metadata.uid !== uid) {
      // It is not there: what hangs on it is told. Upstream: enqueueVirtualDeleteEvent
      env.state.graph.setAbsent(uid)
      env.state.graph.delete(uid, (u) => env.enqueue(`remove/${u}`))
      return { handled: true }
    }
    return { handled: true, intents: look(key, found as KubeObject, env) }
  },

  resume(key, step, _data, error, env) {
    if (step === 'end') {
      env.state.looks.delete(key)
      return []
    }
    return error === undefined ? judge(key, env) : []
  },
}

/** Custom resources are watched as soon as they are served (upstream: within 30 s, by discovery). Upstream: garbagecollector.go Sync */
function definitionChanged(deleted: boolean, crd: CustomResourceDefinition, env: Env): void {
  const { customs } = env.state
  const [info] = deleted ? [] : customResourcesOf(crd)
  const name = crd.metadata.name
  if (info === undefined) {
    if (customs.has(name)) env.unwatch(name)
    customs.delete(name)
  } else if (!customs.has(name)) {
    customs.set(name, info)
    env.watch({ resource: name, path: pathOf(info) })
  }
}

const infoOf = (resource: string, env: Env): ResourceInfo | undefined => resourceInfo(resource) ?? env.state.customs.get(resource)

function resourceOfOwner(ref: OwnerReference, env: Env): string {
  const { group } = parseApiVersion(ref.apiVersion)
  const builtIn = resourceOfKind(group, ref.kind)
  if (builtIn) return builtIn.resource
  for (const info of env.state.customs.values()) if (info.group === group && info.kind === ref.kind) return customName(info)
  return ''
}

const read = (info: ResourceInfo, namespace: string, name: string, tag: Tag): RequestIntent =>
  ({ do: 'request', request: { verb: 'get', path: pathOf(info, info.namespaced ? namespace : undefined, name) }, tag })

/** Changes a node's owners. Custom resources know no strategic merge: they get the whole list. Upstream: patch.go */
const patch = (node: GraphNode, env: Env, strategic: unknown, whole: readonly OwnerReference[]): RequestIntent => {
  const info = infoOf(node.resource, env) as ResourceInfo
  const custom = resourceInfo(node.resource) === undefined
  const body = custom ? { metadata: { uid: node.uid, ownerReferences: whole } } : strategic
  return { do: 'request', request: { verb: 'patch', path: pathOf(info, node.namespace || undefined, node.name), patchType: custom ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json', body }, ignore: ['NotFound'] }
}

/** Takes owners away. */
const disown = (node: GraphNode, env: Env, owners: readonly string[]): RequestIntent =>
  patch(node, env, { metadata: { uid: node.uid, ownerReferences: owners.map((o) => ({ $patch: 'delete', uid: o })) } }, node.owners.filter((r) => !owners.includes(r.uid)))

/** The object is there: its finalizer's turn, or its owners are to be read. Upstream: attemptToDeleteItem */
function look(key: string, latest: KubeObject, env: Env): readonly Intent[] {
  const { graph, looks } = env.state
  const node = graph.get(latest.metadata.uid as string)
  if (node === undefined || node.virtual) return []
  if (node.deletingDependents) {
    const blocking = graph.blocking(node)
    if (blocking.length === 0) return withoutFinalizer(node, latest, foregroundFinalizer, env)
    for (const d of blocking) if (!d.deletingDependents) env.enqueue(`remove/${d.uid}`)
    return []
  }
  const refs = latest.metadata.ownerReferences ?? []
  if (refs.length === 0) return []
  const owners = new Map<string, KubeObject | undefined>()
  looks.set(key, { latest, owners })
  const reads: RequestIntent[] = []
  for (const ref of refs) {
    const info = infoOf(resourceOfOwner(ref, env), env)
    if (graph.isAbsent(ref.uid)) owners.set(ref.uid, undefined)
    // Of a kind that is not known here, an owner counts as living.
    else if (info === undefined) owners.set(ref.uid, latest)
    else reads.push(read(info, node.namespace, ref.name, { step: 'owner', uid: ref.uid }))
  }
  return [...reads, { do: 'then', step: 'judge' }]
}

/** All owners are read: keep, let go of some, or delete. */
function judge(key: string, env: Env): readonly Intent[] {
  const { graph, looks } = env.state
  const seen = looks.get(key)
  const node = seen && graph.get(seen.latest.metadata.uid as string)
  if (seen === undefined || node === undefined) return []
  const { latest, owners } = seen
  let solid = 0
  const dangling: string[] = []
  const waiting: string[] = []
  for (const ref of latest.metadata.ownerReferences ?? []) {
    const owner = owners.get(ref.uid)
    if (owner === undefined) dangling.push(ref.uid)
    else if (owner.metadata.deletionTimestamp !== undefined && owner.metadata.finalizers?.includes(foregroundFinalizer)) waiting.push(ref.uid)
    else solid++
  }
  if (solid > 0) return dangling.length + waiting.length === 0 ? [] : [disown(node, env, [...dangling, ...waiting])]
  const info = infoOf(node.resource, env) as ResourceInfo
  const remove = (propagationPolicy: 'Background' | 'Foreground' | 'Orphan'): Intent =>
    deleteOf(info, node.namespace || undefined, node.name, { preconditions: { uid: node.uid }, propagationPolicy }, { ignore: ['NotFound', 'Conflict'] })
  if (waiting.length > 0 && node.dependents.size > 0) {
    const out: Intent[] = []
    // Objects that own each other would wait for ever.
    if ([...node.dependents].some((d) => graph.get(d)?.deletingDependents)) out.push(patch(node, env, { metadata: { uid: node.uid, ownerReferences: node.owners.filter((r) => r.blockOwnerDeletion).map((r) => ({ ...r, blockOwnerDeletion: false })) } }, node.owners.map((r) => ({ ...r, blockOwnerDeletion: false }))))
    return [...out, remove('Foreground')]
  }
  const finalizers = latest.metadata.finalizers ?? []
  return [remove(finalizers.includes(orphanFinalizer) ? 'Orphan' : finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background')]
}

/** Takes the owner's reference out of all that it owns, then its own finalizer. Upstream: attemptToOrphanWorker, orphanDependents */
function orphan(node: GraphNode, env: Env): readonly Intent[] {
  const info = infoOf(node.resource, env)
  if (info === undefined) return []
  const requests: RequestIntent[] = []
  for (const uid of node.dependents) {
    const d = env.state.graph.get(uid)
    if (d && !d.virtual && infoOf(d.resource, env)) requests.push(disown(d, env, [node.uid]))
  }
  return [{ do: 'parallel', requests }, read(info, node.namespace, node.name, { step: 'finalizer' })]
}

/** Upstream: removeFinalizer */
function withoutFinalizer(node: GraphNode | undefined, latest: KubeObject, finalizer: string, env: Env): readonly Intent[] {
  const finalizers = latest.metadata.finalizers ?? []
  if (node === undefined || !finalizers.includes(finalizer)) return []
  const info = infoOf(node.resource, env) as ResourceInfo
  const { resourceVersion } = latest.metadata
  return [{ do: 'request', request: { verb: 'patch', path: pathOf(info, node.namespace || undefined, node.name), patchType: 'application/merge-patch+json', body: { metadata: { resourceVersion, finalizers: finalizers.filter((f) => f !== finalizer) } } }, ignore: ['NotFound'] }]
}
