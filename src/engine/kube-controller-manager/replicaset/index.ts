import { deepEqual, labelSelector, matches, selectorFromSet, type Selector } from '../../apimachinery'
import type { Pod, ReplicaSet } from '../../api'
import { Expectations, cacheKey, type ApiResponse, type Delta } from '../../client-go'
import { SECOND } from '../../sim'
import { claim, resolveController } from '../claim'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { createPods, deletePod, isPodTag, namespaceTerminates, podEvents, podFromTemplate, type PodTag } from '../pod-control'
import { isPodActive, isPodReady, isPodTerminating, nextPodAvailability } from '../pods'
import { getObject, updateObject } from '../requests'
import { podsToDelete } from './pods-to-delete'
import { calculateStatus, withManageError, type ReplicaSetStatus } from './status'

/** What the controller remembers: creations and deletions it has not seen yet. */
interface State {
  readonly expectations: Expectations
}

type Env = ControllerEnv<State>

/** Tag of a status update: the status, and how often it was tried. Upstream: statusUpdateRetries = 1 */
interface StatusTag {
  readonly status: ReplicaSetStatus
  readonly tries: number
  readonly read?: boolean
}

/** Pods created or deleted in one sync at most. Upstream: BurstReplicas */
const burstReplicas = 500

/** What tells ReplicaSets from ReplicationControllers, which are run by the same code. Upstream: pkg/controller/replication/conversion.go */
interface Kind {
  readonly name: string
  readonly component: string
  readonly resource: string
  readonly apiVersion: string
  readonly kind: string
  readonly selectorOf: (o: ReplicaSet) => Selector
  /** Whether the status has terminatingReplicas. */
  readonly terminating: boolean
}

/** Runs as many pods as a ReplicaSet wants. Upstream: pkg/controller/replicaset/replica_set.go */
export const replicaSetController: Controller<State> = controllerOfKind({
  name: 'replicaset', component: 'replicaset-controller', resource: 'replicasets', apiVersion: 'apps/v1', kind: 'ReplicaSet', terminating: true,
  selectorOf: (o) => labelSelector(o.spec.selector),
})

const sets = new WeakMap<object, Selector>()

/** The older form, whose selector is a plain set of labels. Upstream: pkg/controller/replication */
export const replicationController: Controller<State> = controllerOfKind({
  name: 'replication', component: 'replication-controller', resource: 'replicationcontrollers', apiVersion: 'v1', kind: 'ReplicationController', terminating: false,
  selectorOf(o) {
    let made = sets.get(o)
    if (made === undefined) sets.set(o, (made = selectorFromSet(o.spec.selector as unknown as Record<string, string>)))
    return made
  },
})

function controllerOfKind(k: Kind): Controller<State> {
  return {
    name: k.name,
    component: k.component,
    resource: k.resource,
    owns: { kind: k.kind, resources: ['pods'] },
    informers: [
      { resource: k.resource, indexes: ['controller', 'namespace'] },
      { resource: 'pods', indexes: ['controller', 'orphan'] },
    ],
    workers: 5,
    start: () => ({ expectations: new Expectations() }),

    onDelta(delta, env) {
      if (delta.resource === 'pods') return podChanged(k, delta, env)
      const key = cacheKey(delta.object)
      if (delta.type === 'deleted') env.state.expectations.forget(key)
      env.enqueue(key)
    },

    reconcile(key, env) {
      const rs = env.cache<ReplicaSet>(k.resource).byKey(key)
      if (rs === undefined) {
        env.state.expectations.forget(key)
        return []
      }
      const needsSync = env.state.expectations.satisfied(key, env.now)
      const { mine, intents } = claim({ owner: rs, resource: k.resource, apiVersion: k.apiVersion, kind: k.kind, selector: k.selectorOf(rs) }, env.cache<Pod>('pods'), 'pods', isPodActiveOrTerminating)
      if (intents.length > 0) return intents
      const active: Pod[] = []
      let terminating = 0
      for (const p of mine) {
        if (p.metadata.deletionTimestamp === undefined) active.push(p)
        else terminating++
      }
      const out = needsSync && rs.metadata.deletionTimestamp === undefined ? manageReplicas(k, key, rs, active, env) : []
      const now = env.ctx.wallMicros()
      const status = calculateStatus(rs, active, k.terminating ? terminating : undefined, now)
      out.push({ do: 'then', step: 'status', data: { rs, status, diff: active.length - wanted(rs), next: nextCheck(rs, status, active, now) } satisfies Outcome })
      return out
    },

    resume(_key, _step, data, error, env) {
      const { rs, status, diff, next } = data as Outcome
      const final = withManageError(rs, status, diff, error, env.ctx.wallTime())
      const out: Intent[] = statusUnchanged(rs, final) ? [] : [updateObject(k.resource, { ...rs, status: final } as ReplicaSet, 'status', { tag: { status: final, tries: 0 } satisfies StatusTag })]
      if (next !== undefined && error === undefined) out.push({ do: 'requeue', after: next })
      return out
    },

    onResponse(key, tag, response, env) {
      if (isPodTag(tag)) return podAnswered(key, tag, response, env)
      if (tag === undefined) return undefined
      const { status, tries, read } = tag as StatusTag
      if (read && response.code === 200) return { intents: [updateObject(k.resource, { ...response.body, status } as ReplicaSet, 'status', { tag: { status, tries: tries + 1 } satisfies StatusTag })] }
      if (response.code === 200 || tries > 0 || read) return undefined
      const slash = key.indexOf('/')
      return { handled: true, intents: [getObject(k.resource, key.slice(0, slash), key.slice(slash + 1), { tag: { status, tries, read: true } satisfies StatusTag })] }
    },

    onSkipped(key, tags, env) {
      for (let i = 0; i < tags.length; i++) env.state.expectations.creationObserved(key)
    },
  }
}

/** What `resume` needs of the sync's beginning: the status is of the pods as they were before. */
interface Outcome {
  readonly rs: ReplicaSet
  readonly status: ReplicaSetStatus
  readonly diff: number
  readonly next: number | undefined
}

const isPodActiveOrTerminating = (p: Pod): boolean => isPodActive(p) || isPodTerminating(p)

const wanted = (rs: ReplicaSet): number => rs.spec.replicas ?? 1

function manageReplicas(k: Kind, key: string, rs: ReplicaSet, active: readonly Pod[], env: Env): Intent[] {
  const diff = active.length - wanted(rs)
  if (diff < 0) {
    const count = Math.min(-diff, burstReplicas)
    env.state.expectations.expectCreations(key, count, env.now)
    const ref = { apiVersion: k.apiVersion, kind: k.kind, name: rs.metadata.name, uid: rs.metadata.uid as string, controller: true, blockOwnerDeletion: true }
    return [{ do: 'slow-start', requests: createPods(podFromTemplate(rs.spec.template ?? { spec: { containers: [] } }, rs, ref), rs, count) }]
  }
  if (diff === 0) return []
  const doomed = podsToDelete(k, rs, active, Math.min(diff, burstReplicas), env)
  env.state.expectations.expectDeletions(key, doomed.map(cacheKey), env.now)
  return [{ do: 'parallel', requests: doomed.map((p) => deletePod(p, rs)) }]
}

function podAnswered(key: string, tag: PodTag, response: ApiResponse, env: Env): { intents: readonly Intent[]; handled?: boolean } {
  const ok = response.code >= 200 && response.code < 300
  const intents = podEvents(tag, response)
  if (ok) return { intents }
  if (tag.pod === 'delete') {
    env.state.expectations.deletionObserved(key, tag.key)
    return { intents }
  }
  const terminates = namespaceTerminates(response)
  if (!terminates) env.state.expectations.creationObserved(key)
  return { intents, handled: terminates }
}

/** The steady state is not written. Upstream: updateReplicaSetStatus */
function statusUnchanged(rs: ReplicaSet, next: ReplicaSetStatus): boolean {
  const s = rs.status
  return s !== undefined && s.observedGeneration === rs.metadata.generation && deepEqual({ ...s, conditions: s.conditions ?? [] }, { ...next, conditions: next.conditions ?? [] })
}

/** When the next ready pod becomes available, if that is what is missing. */
function nextCheck(rs: ReplicaSet, status: ReplicaSetStatus, active: readonly Pod[], now: number): number | undefined {
  const minReady = rs.spec.minReadySeconds ?? 0
  if (minReady <= 0 || status.readyReplicas !== wanted(rs) || status.availableReplicas === wanted(rs)) return undefined
  let next: number | undefined
  for (const p of active) {
    const at = nextPodAvailability(p, minReady, now)
    if (at !== undefined && at > 0 && (next === undefined || at < next)) next = at
  }
  return next
}

function podChanged(k: Kind, delta: Delta, env: Env): void {
  const sets = env.cache<ReplicaSet>(k.resource)
  const pod = delta.object as Pod
  const old = delta.old as Pod | undefined
  const rs = resolveController(sets, pod, k.kind)
  if (delta.type === 'deleted' || pod.metadata.deletionTimestamp !== undefined) {
    // A pod that is being deleted counts as gone: its expectation is fulfilled when the deletion timestamp is seen.
    if (rs) {
      const key = cacheKey(rs)
      env.state.expectations.deletionObserved(key, cacheKey(pod))
      env.enqueue(key)
    }
    return
  }
  if (delta.type === 'added') {
    if (rs) {
      env.state.expectations.creationObserved(cacheKey(rs))
      return env.enqueue(cacheKey(rs))
    }
  } else if (old) {
    const before = resolveController(sets, old, k.kind)
    if (before && before !== rs) env.enqueue(cacheKey(before))
    if (rs) {
      env.enqueue(cacheKey(rs))
      const minReady = rs.spec.minReadySeconds ?? 0
      // A second more than needed, against milliseconds of skew.
      if (minReady > 0 && !isPodReady(old) && isPodReady(pod)) env.enqueueAfter(cacheKey(rs), (minReady + 1) * SECOND)
      return
    }
    if (deepEqual(old.metadata.labels, pod.metadata.labels) && deepEqual(old.metadata.ownerReferences, pod.metadata.ownerReferences)) return
  }
  if (pod.metadata.ownerReferences?.some((r) => r.controller)) return
  for (const o of sets.by('namespace', pod.metadata.namespace as string)) if (matches(k.selectorOf(o), pod.metadata.labels)) env.enqueue(cacheKey(o))
}
