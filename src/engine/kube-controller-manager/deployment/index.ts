import { controllerOf, deepEqual, goQuote, labelSelector, matches } from '../../apimachinery'
import type { Deployment, Pod, ReplicaSet } from '../../api'
import { cacheKey, referenceTo, type Delta } from '../../client-go'
import { claim, resolveController } from '../claim'
import { namespaceTerminates } from '../pod-control'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { updateObject } from '../requests'
import { rolloutRecreate } from './recreate'
import { equalIgnoreHash } from './replica-sets'
import { rolloutRolling } from './rolling'
import { hasProgressDeadline, newCondition, setCondition } from './status'
import { Sync, type CreateTag } from './sync'

type Env = ControllerEnv<null>

/** Rolls out pod templates by way of ReplicaSets. Upstream: pkg/controller/deployment/deployment_controller.go */
export const deploymentController: Controller<null> = {
  name: 'deployment',
  component: 'deployment-controller',
  resource: 'deployments',
  informers: [
    { resource: 'deployments', indexes: ['namespace'] },
    { resource: 'replicasets', indexes: ['controller', 'orphan'] },
    { resource: 'pods', indexes: ['controller'] },
  ],
  workers: 5,
  start: () => null,

  onDelta(delta, env) {
    if (delta.resource === 'deployments') env.enqueue(cacheKey(delta.object))
    else if (delta.resource === 'replicasets') replicaSetChanged(delta, env)
    else if (delta.type === 'deleted') podDeleted(delta.object as Pod, env)
  },

  reconcile(key, env) {
    const d = env.cache<Deployment>('deployments').byKey(key)
    if (d === undefined) return []
    if (deepEqual(d.spec.selector, {})) return selectsAll(d)
    const { mine, intents } = claim<ReplicaSet>({ owner: d, resource: 'deployments', apiVersion: 'apps/v1', kind: 'Deployment', selector: labelSelector(d.spec.selector) }, env.cache('replicasets'), 'replicasets')
    if (intents.length > 0) return intents
    const sync = new Sync(env, d, mine)
    if (d.metadata.deletionTimestamp !== undefined) sync.syncStatusOnly()
    else {
      sync.checkPaused()
      if (d.spec.paused || sync.isScalingEvent()) sync.syncScale()
      else if (d.spec.strategy?.type === 'Recreate') rolloutRecreate(sync)
      else rolloutRolling(sync)
    }
    return sync.intents
  },

  onResponse(_key, tag, response, env) {
    if (tag === undefined) return undefined
    const { create: rs, deployment: d, created, size } = tag as CreateTag
    const { name, namespace } = rs.metadata
    if (response.code === 201 || response.code === 200) {
      const intents: Intent[] = []
      if (size > 0) intents.push({ do: 'event', about: referenceTo(d), type: 'Normal', reason: 'ScalingReplicaSet', message: `Scaled up replica set ${name} from 0 to ${size}` })
      if (created !== d) intents.push(updateObject('deployments', created, 'status'))
      return { intents }
    }
    const body = response.body as { reason?: string; message?: string }
    if (body.reason === 'AlreadyExists') {
      const there = env.cache<ReplicaSet>('replicasets').get(namespace as string, name)
      // The cache was behind, and it is ours; or we do not know it yet.
      if (there === undefined) return undefined
      if (controllerOf(there)?.uid === d.metadata.uid && equalIgnoreHash(d.spec.template, there.spec.template ?? d.spec.template)) return { handled: true }
      const collided: Deployment = { ...d, status: { ...d.status, collisionCount: (d.status?.collisionCount ?? 0) + 1 } }
      return { intents: [{ do: 'then', step: 'write', data: collided }] }
    }
    if (namespaceTerminates(response)) return undefined
    const message = `Failed to create new replica set ${goQuote(name)}: ${body.message}`
    const event: Intent = { do: 'event', about: referenceTo(d), type: 'Warning', reason: 'ReplicaSetCreateError', message }
    if (!hasProgressDeadline(d)) return { intents: [event] }
    const failed: Deployment = { ...d, status: setCondition(d.status ?? {}, newCondition('Progressing', 'False', 'ReplicaSetCreateError', message, env.ctx.wallTime())) as Deployment['status'] & object }
    return { intents: [event, { do: 'then', step: 'write', data: failed }] }
  },

  resume: (_key, _step, data) => [updateObject('deployments', data as Deployment, 'status')],
}

function selectsAll(d: Deployment): Intent[] {
  const out: Intent[] = [{ do: 'event', about: referenceTo(d), type: 'Warning', reason: 'SelectingAll', message: 'This deployment is selecting all pods. A non-empty selector is required.' }]
  const generation = d.metadata.generation ?? 0
  if ((d.status?.observedGeneration ?? 0) < generation) out.push(updateObject('deployments', { ...d, status: { ...d.status, observedGeneration: generation } } as Deployment, 'status'))
  return out
}

function replicaSetChanged(delta: Delta, env: Env): void {
  const deployments = env.cache<Deployment>('deployments')
  const rs = delta.object as ReplicaSet
  const owner = resolveController(deployments, rs, 'Deployment')
  const before = delta.type === 'updated' && delta.old ? resolveController(deployments, delta.old, 'Deployment') : undefined
  if (before && before !== owner) env.enqueue(cacheKey(before))
  if (owner) return env.enqueue(cacheKey(owner))
  if (delta.type === 'deleted' || controllerOf(rs)) return
  if (delta.old && deepEqual(delta.old.metadata.labels, rs.metadata.labels) && deepEqual(delta.old.metadata.ownerReferences, rs.metadata.ownerReferences)) return
  for (const d of deployments.by('namespace', rs.metadata.namespace as string)) if (matches(labelSelector(d.spec.selector), rs.metadata.labels)) env.enqueue(cacheKey(d))
}

/** A Recreate rollout waits for the last old pod. */
function podDeleted(pod: Pod, env: Env): void {
  const rs = resolveController(env.cache<ReplicaSet>('replicasets'), pod, 'ReplicaSet')
  const d = rs && resolveController(env.cache<Deployment>('deployments'), rs, 'Deployment')
  if (d?.spec.strategy?.type !== 'Recreate') return
  const pods = env.cache<Pod>('pods')
  for (const set of env.cache<ReplicaSet>('replicasets').by('controller', d.metadata.uid as string)) if (pods.by('controller', set.metadata.uid as string).length > 0) return
  env.enqueue(cacheKey(d))
}
