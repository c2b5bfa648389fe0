import type { Lease, Node, NodeCondition, Pod } from '../../api'
import { cacheKey, referenceTo, type ObjectReference } from '../../client-go'
import { MS, SECOND } from '../../sim'
import { condition } from '../conditions'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { timeOf } from '../pods'
import { patchObject, updateObject } from '../requests'
import { lookAt, type NodeHealth } from './health'
import { labelsToUpdate } from './labels'
import { hasTaint, noScheduleTaints, notReadyTaint, swapTaints, unreachableTaint } from './taints'
import { RateLimitedQueue, rateOf, zoneOf, zoneState, type ZoneState } from './zones'

/** Upstream: --node-monitor-period, scheduler.NodeEvictionPeriod */
const monitorPeriod = 5 * SECOND
const evictionPeriod = 100 * MS

interface State {
  readonly health: Map<string, NodeHealth>
  /** Nodes that were seen, with their uid and zone. */
  readonly known: Map<string, { readonly uid: string; readonly zone: string }>
  readonly zones: Map<string, ZoneState>
  readonly tainters: Map<string, RateLimitedQueue>
}

type Env = ControllerEnv<State>

interface PodMark {
  readonly mark: Pod
}

/**
 * Watches over the nodes' signs of life: turns silent nodes Unknown, taints them, marks their pods not ready.
 * Keys: `monitor`, `evict`, `node/<name>`, `pod/<namespace>/<name>`. Upstream: pkg/controller/nodelifecycle/node_lifecycle_controller.go
 */
export const nodeLifecycleController: Controller<State> = {
  name: 'nodelifecycle',
  component: 'node-controller',
  resource: 'nodes',
  informers: [
    { resource: 'nodes' },
    { resource: 'leases' },
    { resource: 'pods', indexes: ['node'] },
  ],
  workers: 8,
  period: (settings) => settings.nodeMonitorPeriod ?? monitorPeriod,
  start: () => ({ health: new Map(), known: new Map(), zones: new Map(), tainters: new Map() }),

  describe(key) {
    const [kind, a = '', b] = key.split('/')
    return kind === 'pod' ? { resource: 'pods', namespace: a, name: b ?? '' } : { resource: 'nodes', namespace: '', name: a }
  },

  onPeriod: (env) => env.enqueue('monitor'),

  onDelta(delta, env) {
    if (delta.resource === 'pods') {
      const node = (delta.object as Pod).spec.nodeName
      // Upstream looks at each pod that is bound, here only at those of nodes that are not known to be ready.
      if (delta.type !== 'deleted' && node && (delta.old as Pod | undefined)?.spec.nodeName !== node && !isReady(node, env)) env.enqueue(`pod/${cacheKey(delta.object)}`)
    } else if (delta.resource === 'nodes' && delta.type !== 'deleted') {
      const node = delta.object as Node
      const old = delta.old as Node | undefined
      if (old === undefined || old.spec !== node.spec || old.metadata.labels !== node.metadata.labels || old.status?.conditions !== node.status?.conditions) env.enqueue(`node/${node.metadata.name}`)
    }
  },

  reconcile(key, env) {
    if (key === 'monitor') return monitor(env)
    if (key === 'evict') return evict(env)
    const rest = key.slice(key.indexOf('/') + 1)
    if (key.startsWith('node/')) {
      const node = env.cache<Node>('nodes').byKey(rest)
      if (node === undefined) return []
      const { add, remove } = noScheduleTaints(node)
      const labels = labelsToUpdate(node)
      const out = [...swapTaints(node, add, remove, env.ctx.wallTime())]
      if (Object.keys(labels).length > 0) out.push(patchObject('nodes', node, { metadata: { labels } }))
      return out
    }
    // A pod that was bound to a node already known to be down.
    const pod = env.cache<Pod>('pods').byKey(rest)
    const ready = condition(env.state.health.get(pod?.spec.nodeName ?? '')?.status?.conditions, 'Ready')
    if (pod === undefined || ready === undefined || ready.status === 'True' || env.cache('nodes').byKey(pod.spec.nodeName ?? '') === undefined) return []
    return markPodsNotReady([pod], env)
  },

  onResponse(_key, tag, response) {
    if (tag === undefined) return undefined
    if (response.code === 404) return { handled: true }
    if (response.code !== 200) return undefined
    return { intents: [{ do: 'event', about: referenceTo((tag as PodMark).mark), type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' }] }
  },
}

const isReady = (node: string, env: Env): boolean => condition(env.state.health.get(node)?.status?.conditions, 'Ready')?.status === 'True'

/** Upstream: controllerutil.RecordNodeEvent gives the node's uid; nodes have no namespace. */
const aboutNode = (name: string, uid: string): ObjectReference => ({ apiVersion: 'v1', kind: 'Node', name, uid })

function tainterOf(zone: string, env: Env): RateLimitedQueue {
  let t = env.state.tainters.get(zone)
  if (t === undefined) env.state.tainters.set(zone, (t = new RateLimitedQueue()))
  return t
}

/** Upstream: monitorNodeHealth */
function monitor(env: Env): Intent[] {
  const { state } = env
  const out: Intent[] = []
  const nodes = [...env.cache<Node>('nodes').list()]
  const names = new Set<string>()
  for (const node of nodes) {
    const { name, uid } = node.metadata
    names.add(name)
    const zone = zoneOf(node)
    const known = state.known.get(name)
    if (known === undefined) out.push({ do: 'event', about: aboutNode(name, uid as string), type: 'Normal', reason: 'RegisteredNode', message: `Node ${name} event: Registered Node ${name} in Controller` })
    if (known?.uid !== uid || known?.zone !== zone) state.known.set(name, { uid: uid as string, zone })
    if (known && known.zone !== zone) state.tainters.get(known.zone)?.remove(name)
    tainterOf(zone, env)
  }
  for (const [name, { uid, zone }] of state.known) {
    if (names.has(name)) continue
    out.push({ do: 'event', about: aboutNode(name, uid), type: 'Normal', reason: 'RemovingNode', message: `Node ${name} event: Removing Node ${name} from Controller` })
    state.known.delete(name)
    state.health.delete(name)
    state.tainters.get(zone)?.remove(name)
  }
  const byZone = new Map<string, (NodeCondition | undefined)[]>()
  for (const node of nodes) {
    const ready = checkNode(node, out, env)
    if (node.metadata.labels?.['node.kubernetes.io/exclude-disruption'] !== undefined) continue
    const zone = zoneOf(node)
    const list = byZone.get(zone)
    if (list) list.push(ready)
    else byZone.set(zone, [ready])
  }
  handleDisruption(nodes, byZone, out, env)
  if ([...state.tainters.values()].some((t) => t.size > 0)) out.push({ do: 'requeue', after: evictionPeriod / 2, key: 'evict' })
  return out
}

function checkNode(node: Node, out: Intent[], env: Env): NodeCondition | undefined {
  const { name, uid } = node.metadata
  const { state } = env
  const lease = env.cache<Lease>('leases').get('kube-node-lease', name)
  const createdAt = env.now + timeOf(node.metadata.creationTimestamp) - env.ctx.wallMicros()
  const { observed, current, unknown } = lookAt(node, lease, state.health, env.now, createdAt, env.ctx.wallTime(), env.settings)
  let now = node
  if (unknown) {
    now = { ...node, status: { ...node.status, conditions: unknown as NodeCondition[] } }
    out.push(updateObject('nodes', now, 'status', { ignore: ['NotFound', 'Conflict'] }))
  }
  if (current === undefined) return current
  taintByCondition(now, current, out, env)
  if (current.status === 'True') return current
  if (observed.status === 'True' && unknown) out.push({ do: 'event', about: aboutNode(name, uid as string), type: 'Normal', reason: 'NodeNotReady', message: `Node ${name} status is now: NodeNotReady` })
  // Pods of a node that its kubelet itself calls not ready are left to it. Those of a silent one are marked, again when that failed before
  // (upstream keeps a list of nodes to retry; here a pod that is still Ready tells).
  if (current.status === 'Unknown') out.push(...markPodsNotReady(env.cache<Pod>('pods').by('node', name), env))
  return current
}

/** Upstream: processTaintBaseEviction */
function taintByCondition(node: Node, ready: NodeCondition, out: Intent[], env: Env): void {
  const tainter = tainterOf(zoneOf(node), env)
  const [wanted, other] = ready.status === 'False' ? [notReadyTaint, unreachableTaint] : [unreachableTaint, notReadyTaint]
  if (ready.status === 'True') markReachable(node, out, env)
  else if (hasTaint(node, other)) out.push(...swapTaints(node, [wanted], [other], env.ctx.wallTime()))
  else if (!hasTaint(node, wanted)) tainter.add(node.metadata.name)
}

/** Upstream: markNodeAsReachable */
function markReachable(node: Node, out: Intent[], env: Env): void {
  tainterOf(zoneOf(node), env).remove(node.metadata.name)
  for (const t of [unreachableTaint, notReadyTaint]) if (hasTaint(node, t)) out.push(...swapTaints(node, [], [t], env.ctx.wallTime()))
}

/** Gives the NoExecute taint to nodes that wait for it, as fast as their zone allows. Upstream: doNoExecuteTaintingPass */
function evict(env: Env): Intent[] {
  const out: Intent[] = []
  let waiting = false
  for (const tainter of env.state.tainters.values()) {
    const name = tainter.take(env.now)
    if (tainter.size > 0) waiting = true
    const node = name === undefined ? undefined : env.cache<Node>('nodes').byKey(name)
    const ready = condition(node?.status?.conditions, 'Ready')
    if (node === undefined || ready === undefined || ready.status === 'True') continue
    out.push(...(ready.status === 'False' ? swapTaints(node, [notReadyTaint], [unreachableTaint], env.ctx.wallTime()) : swapTaints(node, [unreachableTaint], [notReadyTaint], env.ctx.wallTime())))
  }
  if (waiting) out.push({ do: 'requeue', after: evictionPeriod, key: 'evict' })
  return out
}

/** Upstream: controllerutil.MarkPodsNotReady */
function markPodsNotReady(pods: readonly Pod[], env: Env): Intent[] {
  const out: Intent[] = []
  for (const pod of pods) {
    const ready = condition(pod.status?.conditions, 'Ready')
    if (ready === undefined || ready.status === 'False') continue
    const next = { ...ready, status: 'False', lastTransitionTime: env.ctx.wallTime() }
    out.push(patchObject('pods', pod, { metadata: { uid: pod.metadata.uid }, status: { conditions: [next] } }, { subresource: 'status', tag: { mark: pod } satisfies PodMark }))
  }
  return out
}

/** Slows evictions down where most nodes of a zone fail, and stops them when all zones do. Upstream: handleDisruption */
function handleDisruption(nodes: readonly Node[], byZone: ReadonlyMap<string, readonly (NodeCondition | undefined)[]>, out: Intent[], env: Env): void {
  const { zones, tainters, health } = env.state
  const next = new Map<string, ZoneState>()
  for (const [zone, ready] of byZone) {
    next.set(zone, zoneState(ready))
    if (!zones.has(zone)) zones.set(zone, 'Initial')
  }
  for (const zone of zones.keys()) if (!byZone.has(zone)) zones.delete(zone)
  const allAre = next.size > 0 && [...next.values()].every((s) => s === 'FullDisruption')
  const allWere = zones.size > 0 && [...zones.values()].every((s) => s === 'FullDisruption')
  if (allAre && allWere) return
  const setRate = (zone: string, rate: number): void => tainters.get(zone)?.setRate(rate)
  if (allAre) {
    for (const node of nodes) markReachable(node, out, env)
    for (const zone of zones.keys()) {
      setRate(zone, 0)
      zones.set(zone, 'FullDisruption')
    }
    return
  }
  if (allWere) for (const h of health.values()) h.probedAt = env.now
  for (const [zone, state] of next) {
    if (!allWere && zones.get(zone) === state) continue
    setRate(zone, rateOf(state, byZone.get(zone)?.length ?? 0))
    zones.set(zone, state)
  }
}
