import { deepEqual, labelSelector, matches } from '../../apimachinery'
import { podTemplateHash, type ControllerRevision, type DaemonSet, type DaemonSetStatus, type Node, type Pod, type PodSpec } from '../../api'
import { Expectations, cacheKey, referenceTo, type Delta } from '../../client-go'
import { MINUTE, SECOND, type Micros } from '../../sim'
import { claim, resolveController } from '../claim'
import type { Controller, ControllerEnv, Intent, RequestIntent } from '../controller'
import { equalData, revisionData, revisionsOf, sortRevisions } from '../history'
import { createPods, deletePod, isPodTag, namespaceTerminates, podEvents, podFromTemplate } from '../pod-control'
import { isPodAvailable, isPodReady, isPodTerminal } from '../pods'
import { createObject, deleteObject, getObject, updateObject } from '../requests'
import { daemonTolerations, nodeShouldRun, onNode, targetNode } from './should-run'
import { allowsSurge, byAge, excessWithSurge, generationAnnotation, generationLabel, hashLabel, isUpdated, rollingUpdate, type PodsByNode } from './update'

interface State {
  readonly expectations: Expectations
  /** Back-off of nodes whose pods fail, by `<ds uid>/<node>`. Bounds: dropped when twice its time has passed. */
  readonly failed: Map<string, { readonly delay: Micros; readonly at: Micros }>
}

type Env = ControllerEnv<State>

/** Upstream: BurstReplicas, failedPodsBackoff 1 s … 15 min */
const burst = 250
const firstBackoff = SECOND
const longestBackoff = 15 * MINUTE

/** One pod on each node that fits. Upstream: pkg/controller/daemon/daemon_controller.go */
export const daemonSetController: Controller<State> = {
  name: 'daemonset',
  component: 'daemonset-controller',
  account: 'daemon-set-controller',
  resource: 'daemonsets',
  owns: { kind: 'DaemonSet', resources: ['pods'] },
  informers: [
    { resource: 'daemonsets', indexes: ['namespace'] },
    { resource: 'controllerrevisions', indexes: ['controller', 'orphan'] },
    { resource: 'pods', indexes: ['controller', 'orphan'] },
    { resource: 'nodes' },
  ],
  workers: 2,
  start: () => ({ expectations: new Expectations(), failed: new Map() }),

  onDelta(delta, env) {
    if (delta.resource === 'pods') return podChanged(delta, env)
    if (delta.resource === 'nodes') return nodeChanged(delta, env)
    const ds = delta.resource === 'daemonsets' ? delta.object : resolveController(env.cache<DaemonSet>('daemonsets'), delta.object, 'DaemonSet')
    if (ds === undefined) return
    if (delta.resource === 'daemonsets' && delta.type === 'deleted') env.state.expectations.forget(cacheKey(ds))
    env.enqueue(cacheKey(ds))
  },

  reconcile(key, env) {
    const ds = env.cache<DaemonSet>('daemonsets').byKey(key)
    if (ds === undefined) {
      env.state.expectations.forget(key)
      return []
    }
    if (deepEqual(ds.spec.selector, {})) return [{ do: 'event', about: referenceTo(ds), type: 'Warning', reason: 'SelectingAll', message: 'This daemon set is selecting all pods. A non-empty selector is required.' }]
    if (ds.metadata.deletionTimestamp !== undefined) return []
    const owned = podsOf(ds, env)
    if (owned.intents.length > 0) return owned.intents
    const adopted = claim<ControllerRevision>({ owner: ds, resource: 'daemonsets', apiVersion: 'apps/v1', kind: 'DaemonSet', selector: labelSelector(ds.spec.selector) }, env.cache('controllerrevisions'), 'controllerrevisions')
    if (adopted.intents.length > 0) return adopted.intents
    const { hash, old, intents } = history(ds, env)
    const out: Intent[] = [...intents]
    const data = { ds, hash } satisfies StatusData
    if (!env.state.expectations.satisfied(key, env.now)) return [...out, { do: 'then', step: 'status', data: { ...data, only: true } }]
    out.push(...manage(key, ds, byNode(owned.mine), hash, env))
    out.push({ do: 'then', step: 'update', data: { ...data, old } })
    return out
  },

  resume(key, step, data, error, env) {
    const { ds, hash, old, only } = data as StatusData
    if (step === 'update') {
      const out: Intent[] = []
      if (error === undefined) {
        if (ds.spec.updateStrategy?.type === 'RollingUpdate' && env.state.expectations.satisfied(key, env.now)) {
          const { remove, create } = rollingUpdate(ds, [...env.cache<Node>('nodes').list()], byNode(podsOf(ds, env).mine), hash, env.ctx.wallMicros())
          out.push(...syncNodes(key, ds, remove, create, hash, env))
        }
        out.push(...cleanUpHistory(ds, old ?? [], hash, env))
      }
      return [...out, { do: 'then', step: 'status', data: { ds, hash } satisfies StatusData }]
    }
    return writeStatus(ds, hash, only !== true, env)
  },

  onResponse(key, tag, response, env) {
    if (isPodTag(tag)) {
      const intents = podEvents(tag, response)
      if (response.code >= 200 && response.code < 300) return { intents }
      if (tag.pod === 'delete') env.state.expectations.deletionObserved(key, tag.key)
      else env.state.expectations.creationObserved(key)
      return { intents, handled: tag.pod === 'create' && namespaceTerminates(response) }
    }
    const t = tag as { status?: DaemonSetStatus; read?: boolean } | undefined
    if (t?.status === undefined || response.code === 200 && !t.read) return undefined
    if (t.read) return response.code === 200 ? { intents: [updateObject('daemonsets', { ...response.body, status: t.status } as DaemonSet, 'status')] } : undefined
    const slash = key.indexOf('/')
    return { handled: true, intents: [getObject('daemonsets', key.slice(0, slash), key.slice(slash + 1), { tag: { status: t.status, read: true } })] }
  },

  onSkipped(key, tags, env) {
    for (let i = 0; i < tags.length; i++) env.state.expectations.creationObserved(key)
  },
}

interface StatusData {
  readonly ds: DaemonSet
  readonly hash: string
  readonly old?: readonly ControllerRevision[]
  /** Write counts only: this generation was not acted on. */
  readonly only?: boolean
}

const podsOf = (ds: DaemonSet, env: Env) =>
  claim<Pod>({ owner: ds, resource: 'daemonsets', apiVersion: 'apps/v1', kind: 'DaemonSet', selector: labelSelector(ds.spec.selector) }, env.cache('pods'), 'pods')

/** Pods that are over and going do not count. Upstream: getNodesToDaemonPods */
function byNode(pods: readonly Pod[]): PodsByNode {
  const out: PodsByNode = new Map()
  for (const p of pods) {
    if (isPodTerminal(p) && p.metadata.deletionTimestamp !== undefined) continue
    const node = targetNode(p)
    const list = out.get(node)
    if (list) list.push(p)
    else out.set(node, [p])
  }
  return out
}

/** The hash of the current template, the older revisions, and what keeps the history right. Upstream: daemon/update.go constructHistory */
function history(ds: DaemonSet, env: Env): { hash: string; old: ControllerRevision[]; intents: Intent[] } {
  const all = sortRevisions(revisionsOf(env.cache('controllerrevisions'), ds, labelSelector(ds.spec.selector)))
  const data = revisionData(ds.spec.template)
  const current = all.filter((r) => equalData(r.data, data)).at(-1)
  const old = all.filter((r) => r !== current)
  const revision = (old.at(-1)?.revision ?? 0) + 1
  if (current) {
    const intents = current.revision < revision ? [updateObject('controllerrevisions', { ...current, revision } as ControllerRevision)] : []
    return { hash: current.metadata.labels?.[hashLabel] ?? '', old, intents }
  }
  const hash = podTemplateHash(ds.spec.template, ds.status?.collisionCount)
  const made = {
    apiVersion: 'apps/v1', kind: 'ControllerRevision',
    metadata: {
      name: `${ds.metadata.name}-${hash}`, namespace: ds.metadata.namespace as string, labels: { ...ds.spec.template.metadata?.labels, [hashLabel]: hash }, ...(ds.metadata.annotations && { annotations: ds.metadata.annotations }),
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: ds.metadata.name, uid: ds.metadata.uid as string, controller: true, blockOwnerDeletion: true }],
    },
    data, revision,
  }
  return { hash, old, intents: [createObject('controllerrevisions', made)] }
}

function cleanUpHistory(ds: DaemonSet, old: readonly ControllerRevision[], hash: string, env: Env): Intent[] {
  let excess = old.length - (ds.spec.revisionHistoryLimit ?? 10)
  const live = new Set(podsOf(ds, env).mine.map((p) => p.metadata.labels?.[hashLabel]))
  const out: Intent[] = []
  for (const r of old) {
    if (excess <= 0) break
    const h = r.metadata.labels?.[hashLabel]
    if (h === hash || live.has(h)) continue
    out.push(deleteObject('controllerrevisions', r, {}, { ignore: ['NotFound'] }))
    excess--
  }
  return out
}

/** Upstream: manage, podsShouldBeOnNode */
function manage(key: string, ds: DaemonSet, pods: PodsByNode, hash: string, env: Env): Intent[] {
  const remove: Pod[] = []
  const create: string[] = []
  const events: Intent[] = []
  const now = env.ctx.wallMicros()
  const nodes = env.cache<Node>('nodes')
  for (const node of nodes.list()) {
    const { run, stay } = nodeShouldRun(ds, node)
    const here = pods.get(node.metadata.name)
    if (run && here === undefined) create.push(node.metadata.name)
    else if (here !== undefined && !stay) for (const p of here) if (p.metadata.deletionTimestamp === undefined) remove.push(p)
    if (here === undefined || !stay) continue
    const running: Pod[] = []
    for (const p of here) {
      if (p.metadata.deletionTimestamp !== undefined) continue
      const phase = p.status?.phase
      const what = `daemon pod ${cacheKey(p)} on node ${node.metadata.name}`
      if (phase === 'Failed') {
        if (inBackoff(ds, node.metadata.name, env)) continue
        events.push({ do: 'event', about: referenceTo(ds), type: 'Warning', reason: 'FailedDaemonPod', message: `Found failed ${what}, will try to kill it` })
        remove.push(p)
      } else if (phase === 'Succeeded') {
        events.push({ do: 'event', about: referenceTo(ds), type: 'Normal', reason: 'SucceededDaemonPod', message: `Found succeeded ${what}, will try to delete it` })
        remove.push(p)
      } else running.push(p)
    }
    if (running.length <= 1) continue
    running.sort(byAge)
    remove.push(...(allowsSurge(ds) ? excessWithSurge(running, hash, ds.spec.minReadySeconds ?? 0, now) : running.slice(1)))
  }
  for (const [node, list] of pods) if (nodes.byKey(node) === undefined) for (const p of list) if (!p.spec.nodeName && p.metadata.deletionTimestamp === undefined) remove.push(p)
  return [...events, ...syncNodes(key, ds, remove, create, hash, env)]
}

function inBackoff(ds: DaemonSet, node: string, env: Env): boolean {
  const key = `${ds.metadata.uid}/${node}`
  const { failed } = env.state
  for (const [k, f] of failed) if (env.now - f.at > 2 * longestBackoff) failed.delete(k)
  const known = failed.get(key)
  if (known && env.now - known.at < known.delay) {
    env.enqueueAfter(cacheKey(ds), known.delay)
    return true
  }
  failed.set(key, { delay: known === undefined ? firstBackoff : Math.min(longestBackoff, known.delay * 2), at: env.now })
  return false
}

/** Upstream: syncNodes */
function syncNodes(key: string, ds: DaemonSet, remove: readonly Pod[], create: readonly string[], hash: string, env: Env): Intent[] {
  const nodes = create.slice(0, burst)
  const doomed = remove.slice(0, burst)
  if (nodes.length + doomed.length === 0) return []
  env.state.expectations.expect(key, nodes.length, doomed.map(cacheKey), env.now)
  const out: Intent[] = []
  if (nodes.length > 0) out.push({ do: 'slow-start', requests: creations(ds, nodes, hash) })
  if (doomed.length > 0) out.push({ do: 'parallel', requests: doomed.map((p) => deletePod(p, ds)) })
  return out
}

function creations(ds: DaemonSet, nodes: readonly string[], hash: string): RequestIntent[] {
  const ref = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: ds.metadata.name, uid: ds.metadata.uid as string, controller: true, blockOwnerDeletion: true }
  const { template } = ds.spec
  const spec = template.spec as PodSpec
  const generation = ds.metadata.annotations?.[generationAnnotation]
  const labels = { ...template.metadata?.labels, ...(generation !== undefined && { [generationLabel]: generation }), [hashLabel]: hash }
  const base = podFromTemplate({ ...template, metadata: { ...template.metadata, labels }, spec: { ...spec, tolerations: daemonTolerations(spec) } }, ds, ref)
  return nodes.flatMap((node) => createPods({ ...base, spec: onNode(base.spec, node) }, ds, 1))
}

/** Upstream: updateDaemonSetStatus, storeDaemonSetStatus */
function writeStatus(ds: DaemonSet, hash: string, observe: boolean, env: Env): Intent[] {
  const pods = byNode(podsOf(ds, env).mine)
  const now = env.ctx.wallMicros()
  const generation = ds.metadata.annotations?.[generationAnnotation]
  const minReady = ds.spec.minReadySeconds ?? 0
  let desired = 0, current = 0, misscheduled = 0, ready = 0, updated = 0, available = 0
  for (const node of env.cache<Node>('nodes').list()) {
    const here = pods.get(node.metadata.name)
    if (!nodeShouldRun(ds, node).run) {
      if (here) misscheduled++
      continue
    }
    desired++
    if (here === undefined) continue
    current++
    const pod = here.length === 1 ? (here[0] as Pod) : ([...here].sort(byAge)[0] as Pod)
    if (isPodReady(pod)) {
      ready++
      if (isPodAvailable(pod, minReady, now)) available++
    }
    if (isUpdated(pod, hash, generation)) updated++
  }
  const old = ds.status
  const observedGeneration = observe ? (ds.metadata.generation ?? 0) : old?.observedGeneration
  const status: DaemonSetStatus = {
    ...old, currentNumberScheduled: current, numberMisscheduled: misscheduled, desiredNumberScheduled: desired, numberReady: ready,
    updatedNumberScheduled: updated, numberAvailable: available, numberUnavailable: desired - available, ...(observedGeneration !== undefined && { observedGeneration }),
  }
  const out: Intent[] = []
  const n = (x: number | undefined): number => x ?? 0
  const same = old !== undefined && n(old.currentNumberScheduled) === current && n(old.numberMisscheduled) === misscheduled && n(old.desiredNumberScheduled) === desired && n(old.numberReady) === ready
    && n(old.updatedNumberScheduled) === updated && n(old.numberAvailable) === available && n(old.numberUnavailable) === desired - available && n(old.observedGeneration) === n(observedGeneration)
  if (!same) out.push(updateObject('daemonsets', { ...ds, status } as DaemonSet, 'status', { tag: { status } }))
  if (minReady > 0 && ready !== available) out.push({ do: 'requeue', after: minReady * SECOND })
  return out
}

function podChanged(delta: Delta, env: Env): void {
  const sets = env.cache<DaemonSet>('daemonsets')
  const pod = delta.object as Pod
  const old = delta.old as Pod | undefined
  const ds = resolveController(sets, pod, 'DaemonSet')
  const { expectations } = env.state
  if (ds && (delta.type === 'deleted' || pod.metadata.deletionTimestamp !== undefined)) expectations.deletionObserved(cacheKey(ds), cacheKey(pod))
  else if (ds && delta.type === 'added') expectations.creationObserved(cacheKey(ds))
  if (ds) {
    env.enqueue(cacheKey(ds))
    const minReady = ds.spec.minReadySeconds ?? 0
    if (minReady > 0 && old && !isPodReady(old) && isPodReady(pod)) env.enqueueAfter(cacheKey(ds), (minReady + 1) * SECOND)
    return
  }
  if (delta.type === 'deleted' || pod.metadata.ownerReferences?.some((r) => r.controller)) return
  if (old && deepEqual(old.metadata.labels, pod.metadata.labels) && deepEqual(old.metadata.ownerReferences, pod.metadata.ownerReferences)) return
  for (const d of sets.by('namespace', pod.metadata.namespace as string)) if (matches(labelSelector(d.spec.selector), pod.metadata.labels)) env.enqueue(cacheKey(d))
}

/** A node counts when it comes, goes, or changes what may run on it. */
function nodeChanged(delta: Delta, env: Env): void {
  const node = delta.object as Node
  const old = delta.type === 'updated' ? (delta.old as Node) : undefined
  if (old && old.spec === node.spec && old.metadata.labels === node.metadata.labels) return
  if (old && deepEqual(old.spec?.taints, node.spec?.taints) && deepEqual(old.metadata.labels, node.metadata.labels)) return
  for (const ds of env.cache<DaemonSet>('daemonsets').list()) {
    const now = delta.type === 'deleted' ? { run: false, stay: false } : nodeShouldRun(ds, node)
    const before = old ? nodeShouldRun(ds, old) : { run: false, stay: false }
    if (delta.type === 'deleted' || now.run !== before.run || now.stay !== before.stay) env.enqueue(cacheKey(ds))
  }
}
