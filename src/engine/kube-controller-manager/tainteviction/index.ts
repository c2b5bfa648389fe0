import { deepEqual } from '../../apimachinery'
import type { Node, Pod, PodCondition, Taint } from '../../api'
import { cacheKey, type ObjectReference } from '../../client-go'
import type { Micros } from '../../sim'
import { condition } from '../conditions'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { deleteObject, getObject, patchObject } from '../requests'
import { tolerationTime } from './tolerations'

interface Work {
  readonly createdAt: Micros
  readonly fireAt: Micros
}

interface State {
  /** Evictions to come by pod; `fired` once done, so that none is done twice. */
  readonly work: Map<string, Work | 'fired'>
}

type Env = ControllerEnv<State>

/** Deletes pods from nodes whose NoExecute taints they do not tolerate (any longer). Keys: `node/<name>`, `pod/<ns>/<name>`, `evict/<ns>/<name>`. Upstream: pkg/controller/tainteviction/taint_eviction.go */
export const taintEvictionController: Controller<State> = {
  name: 'tainteviction',
  component: 'taint-eviction-controller',
  account: 'node-controller',
  resource: 'pods',
  informers: [{ resource: 'nodes' }, { resource: 'pods', indexes: ['node'] }],
  workers: 8,
  start: () => ({ work: new Map() }),

  describe(key) {
    const [kind, a = '', b] = key.split('/')
    return kind === 'node' ? { resource: 'nodes', namespace: '', name: a } : { resource: 'pods', namespace: a, name: b ?? '' }
  },

  onDelta(delta, env) {
    const { object, old, type } = delta
    if (delta.resource === 'nodes') {
      if (type === 'updated' && deepEqual(noExecute(object as Node), noExecute(old as Node))) return
      env.enqueue(`node/${object.metadata.name}`)
      return
    }
    const pod = object as Pod
    const before = type === 'updated' ? (old as Pod) : undefined
    if (before && before.spec.nodeName === pod.spec.nodeName && (before.spec.tolerations === pod.spec.tolerations || deepEqual(before.spec.tolerations, pod.spec.tolerations))) return
    // Most pods never meet a taint: they need no look.
    if (type === 'deleted' ? !env.state.work.has(cacheKey(pod)) : noExecute(env.cache<Node>('nodes').byKey(pod.spec.nodeName ?? '')).length === 0 && !env.state.work.has(cacheKey(pod))) return
    env.enqueue(`pod/${cacheKey(pod)}`)
  },

  reconcile(key, env) {
    const slash = key.indexOf('/')
    const rest = key.slice(slash + 1)
    const out: Intent[] = []
    if (key.startsWith('evict/')) return fire(rest, env)
    if (key.startsWith('node/')) {
      const node = env.cache<Node>('nodes').byKey(rest)
      if (node === undefined) return []
      const taints = noExecute(node)
      for (const pod of env.cache<Pod>('pods').by('node', rest)) judge(pod, taints, out, env)
      return out
    }
    const pod = env.cache<Pod>('pods').byKey(rest)
    if (pod === undefined) cancel(rest, out, env)
    else if (pod.spec.nodeName) {
      const node = env.cache<Node>('nodes').byKey(pod.spec.nodeName)
      const taints = noExecute(node)
      if (taints.length > 0) judge(pod, taints, out, env)
    }
    return out
  },

  onResponse(_key, tag, response, env) {
    if (tag !== 'condemned') return undefined
    if (response.code === 404) return { handled: true }
    if (response.code !== 200) return undefined
    return { intents: condemn(response.body as Pod, env.ctx.wallTime()) }
  },
}

const noTaints: readonly Taint[] = []

function noExecute(node: Node | undefined): readonly Taint[] {
  const taints = node?.spec?.taints
  return taints === undefined || taints.length === 0 ? noTaints : taints.filter((t) => t.effect === 'NoExecute')
}

const about = (key: string): ObjectReference => {
  const slash = key.indexOf('/')
  return { apiVersion: 'v1', kind: 'Pod', namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

const tell = (key: string, what: string): Intent => ({ do: 'event', about: about(key), type: 'Normal', reason: 'TaintManagerEviction', message: `${what} Pod ${key}` })

/** Upstream: cancelWorkWithEvent */
function cancel(key: string, out: Intent[], env: Env): void {
  const known = env.state.work.get(key)
  env.state.work.delete(key)
  if (known !== undefined && known !== 'fired') out.push(tell(key, 'Cancelling deletion of'))
}

/** Upstream: processPodOnNode */
function judge(pod: Pod, taints: readonly Taint[], out: Intent[], env: Env): void {
  const key = cacheKey(pod)
  const { work } = env.state
  if (taints.length === 0) return cancel(key, out, env)
  const stay = tolerationTime(pod.spec.tolerations, taints)
  if (stay === undefined) return cancel(key, out, env)
  const known = work.get(key)
  let createdAt = env.now
  if (stay === 0) cancel(key, out, env)
  else if (known === 'fired') return
  else if (known) {
    if (known.createdAt + stay < env.now + stay && known.fireAt <= known.createdAt + stay) return
    createdAt = known.createdAt
    cancel(key, out, env)
  }
  const fireAt = createdAt + stay
  work.set(key, { createdAt, fireAt })
  out.push({ do: 'requeue', after: Math.max(0, fireAt - env.now), key: `evict/${key}` })
}

/** The time is up: announce it, note why on the pod, delete it. Upstream: deletePodHandler, addConditionAndDeletePod */
function fire(key: string, env: Env): Intent[] {
  const known = env.state.work.get(key)
  if (known === undefined || known === 'fired' || known.fireAt > env.now) return []
  env.state.work.set(key, 'fired')
  const { namespace, name } = about(key)
  return [tell(key, 'Marking for deletion'), getObject('pods', namespace, name, { tag: 'condemned' })]
}

function condemn(pod: Pod, time: string): Intent[] {
  const out: Intent[] = []
  const has = condition(pod.status?.conditions, 'DisruptionTarget')
  const wanted: PodCondition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint', lastTransitionTime: time, ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }) }
  if (has?.status !== 'True' || has.reason !== wanted.reason) out.push(patchObject('pods', pod, { metadata: { uid: pod.metadata.uid }, status: { conditions: [wanted] } }, { subresource: 'status', ignore: ['NotFound'] }))
  out.push(deleteObject('pods', pod, {}, { ignore: ['NotFound'] }))
  return out
}
