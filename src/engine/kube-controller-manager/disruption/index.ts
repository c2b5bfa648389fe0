import { controllerOf, deepEqual, labelSelector, matches, scaledOr } from '../../apimachinery'
import type { Condition, Deployment, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus, ReplicaSet, ReplicationController, StatefulSet } from '../../api'
import { cacheKey, referenceTo, type Delta } from '../../client-go'
import { MINUTE, type Micros } from '../../sim'
import { resolveController } from '../claim'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { isPodReady, isPodTerminal, podCondition, timeOf } from '../pods'
import { patchObject, updateObject } from '../requests'

type Env = ControllerEnv<null>

/** How long an evicted pod may take to begin going. Upstream: DeletionTimeout */
const deletionTimeout = 2 * MINUTE

/** A pod that was to be disrupted and is still there after this is not any more. Upstream: stalePodDisruptionTimeout */
const staleAfter = 2 * MINUTE

/** Counts how many pods of a budget may be evicted; keys `stale/<ns>/<pod>` are of pods that were to be disrupted. Upstream: pkg/controller/disruption/disruption.go */
export const disruptionController: Controller<null> = {
  name: 'disruption',
  component: 'controllermanager',
  account: 'disruption-controller',
  resource: 'poddisruptionbudgets',
  informers: [
    { resource: 'poddisruptionbudgets', indexes: ['namespace'] },
    { resource: 'pods', indexes: ['namespace'] },
    { resource: 'replicasets' }, { resource: 'deployments' }, { resource: 'statefulsets' }, { resource: 'replicationcontrollers' },
  ],
  workers: 1,
  start: () => null,

  onDelta(delta, env) {
    if (delta.resource === 'pods') {
      podChanged(delta, env)
      const wait = delta.type === 'deleted' ? undefined : staleIn(delta.object as Pod, env.ctx.wallMicros())
      if (wait !== undefined) env.enqueueAfter(`stale/${cacheKey(delta.object)}`, wait)
    }
    else if (delta.resource === 'poddisruptionbudgets' && delta.type !== 'deleted') env.enqueue(cacheKey(delta.object))
  },

  describe(key) {
    const parts = key.split('/')
    return { resource: parts.length > 2 ? 'pods' : 'poddisruptionbudgets', namespace: parts.at(-2) ?? '', name: parts.at(-1) ?? '' }
  },

  reconcile(key, env) {
    if (key.startsWith('stale/')) return endDisruption(key, env)
    const pdb = env.cache<PodDisruptionBudget>('poddisruptionbudgets').byKey(key)
    if (pdb === undefined) return []
    const selector = labelSelector(pdb.spec.selector)
    const pods = env.cache<Pod>('pods').by('namespace', pdb.metadata.namespace as string).filter((p) => matches(selector, p.metadata.labels))
    const out: Intent[] = []
    const about = referenceTo(pdb)
    if (pods.length === 0) out.push({ do: 'event', about, type: 'Normal', reason: 'NoPods', message: 'No matching pods found' })
    const { expected, desired, unmanaged } = counts(pdb, pods, env)
    if (unmanaged) out.push({ do: 'event', about, type: 'Warning', reason: 'UnmanagedPods', message: `Pods selected by this PodDisruptionBudget (selector: ${JSON.stringify(pdb.spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.` })
    const now = env.ctx.wallMicros()
    const { disrupted, recheck } = stillDisrupted(pdb, pods, now)
    let healthy = 0
    for (const p of pods) if (p.metadata.deletionTimestamp === undefined && disrupted[p.metadata.name] === undefined && isPodReady(p)) healthy++
    const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0
    const status: PodDisruptionBudgetStatus = {
      currentHealthy: healthy, desiredHealthy: desired, expectedPods: expected, disruptionsAllowed: allowed, observedGeneration: pdb.metadata.generation ?? 0,
      ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
      conditions: conditions(pdb, allowed, env.ctx.wallTime()),
    }
    if (!deepEqual(plain(pdb.status), plain(status))) out.push(updateObject('poddisruptionbudgets', { ...pdb, status } as PodDisruptionBudget, 'status'))
    if (recheck !== undefined) out.push({ do: 'requeue', after: recheck })
    return out
  },
}

/** When a pod's DisruptionTarget gets stale; undefined when it has none that could. Upstream: nonTerminatingPodHasStaleDisruptionCondition */
function staleIn(pod: Pod, now: Micros): Micros | undefined {
  if (pod.metadata.deletionTimestamp !== undefined) return undefined
  const c = podCondition(pod, 'DisruptionTarget')
  return c?.status === 'True' && !isPodTerminal(pod) ? Math.max(0, timeOf(c.lastTransitionTime) + staleAfter - now) : undefined
}

/** Upstream: syncStalePodDisruption */
function endDisruption(key: string, env: Env): readonly Intent[] {
  const pod = env.cache<Pod>('pods').byKey(key.slice('stale/'.length))
  const wait = pod && staleIn(pod, env.ctx.wallMicros())
  if (pod === undefined || wait === undefined) return []
  if (wait > 0) return [{ do: 'requeue', after: wait }]
  return [patchObject('pods', pod, { metadata: { uid: pod.metadata.uid }, status: { conditions: [{ type: 'DisruptionTarget', status: 'False', lastTransitionTime: env.ctx.wallTime() }] } }, { subresource: 'status', ignore: ['NotFound'] })]
}

const plain = (s: PodDisruptionBudgetStatus | undefined): unknown => s && { ...s, disruptedPods: s.disruptedPods ?? {} }

/** How many pods there should be, and how many of them healthy. Upstream: getExpectedPodCount */
function counts(pdb: PodDisruptionBudget, pods: readonly Pod[], env: Env): { expected: number; desired: number; unmanaged: boolean } {
  const { maxUnavailable, minAvailable } = pdb.spec
  if (maxUnavailable === undefined && typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable, unmanaged: false }
  const { scale, unmanaged } = expectedScale(pods, env)
  if (maxUnavailable !== undefined) return { expected: scale, desired: Math.max(0, scale - scaledOr(maxUnavailable, scale, true)), unmanaged }
  return { expected: scale, desired: scaledOr(minAvailable, scale, true), unmanaged }
}

/** Sum of what the pods' controllers want. Upstream: getExpectedScale */
function expectedScale(pods: readonly Pod[], env: Env): { scale: number; unmanaged: boolean } {
  const scales = new Map<string, number>()
  let unmanaged = false
  for (const p of pods) {
    const ref = controllerOf(p)
    if (ref === undefined) unmanaged = true
    else if (!scales.has(ref.uid)) {
      const found = scaleOf(p, env)
      // Pods of one Deployment may belong to several ReplicaSets.
      if (found) scales.set(found.uid, found.replicas)
    }
  }
  let scale = 0
  for (const n of scales.values()) scale += n
  return { scale, unmanaged }
}

function scaleOf(pod: Pod, env: Env): { uid: string; replicas: number } | undefined {
  const rs = resolveController(env.cache<ReplicaSet>('replicasets'), pod, 'ReplicaSet')
  const owner = (rs && resolveController(env.cache<Deployment>('deployments'), rs, 'Deployment')) ?? rs
    ?? resolveController(env.cache<StatefulSet>('statefulsets'), pod, 'StatefulSet') ?? resolveController(env.cache<ReplicationController>('replicationcontrollers'), pod, 'ReplicationController')
  return owner && { uid: owner.metadata.uid as string, replicas: owner.spec.replicas ?? 1 }
}

/** Pods whose eviction was granted and that have not begun to go. Upstream: buildDisruptedPodMap */
function stillDisrupted(pdb: PodDisruptionBudget, pods: readonly Pod[], now: Micros): { disrupted: Record<string, string>; recheck: Micros | undefined } {
  const disrupted: Record<string, string> = {}
  let recheck: Micros | undefined
  for (const p of pods) {
    const at = pdb.status?.disruptedPods?.[p.metadata.name]
    if (at === undefined || p.metadata.deletionTimestamp !== undefined) continue
    const rest = timeOf(at) + deletionTimeout - now
    if (rest < 0) continue
    disrupted[p.metadata.name] = at
    if (recheck === undefined || rest < recheck) recheck = rest
  }
  return { disrupted, recheck }
}

function conditions(pdb: PodDisruptionBudget, allowed: number, time: string): Condition[] {
  const [status, reason] = allowed > 0 ? ['True', 'SufficientPods'] : ['False', 'InsufficientPods']
  const old = pdb.status?.conditions?.find((c) => c.type === 'DisruptionAllowed')
  const observedGeneration = pdb.metadata.generation ?? 0
  const next: Condition = { type: 'DisruptionAllowed', status, reason, message: '', lastTransitionTime: old?.status === status ? old.lastTransitionTime : time, observedGeneration }
  return [...(pdb.status?.conditions ?? []).filter((c) => c.type !== 'DisruptionAllowed'), next]
}

function podChanged(delta: Delta, env: Env): void {
  const budgets = env.cache<PodDisruptionBudget>('poddisruptionbudgets')
  if (budgets.size === 0) return
  const pod = delta.object as Pod
  for (const pdb of budgets.by('namespace', pod.metadata.namespace as string)) {
    const selector = labelSelector(pdb.spec.selector)
    if (matches(selector, pod.metadata.labels) || (delta.old && matches(selector, delta.old.metadata.labels))) env.enqueue(cacheKey(pdb))
  }
}
