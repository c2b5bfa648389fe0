import type { Node, Pod } from '../../api'
import type { KubeObject } from '../../apimachinery'
import { SECOND, type Micros } from '../../sim'
import type { Controller, ControllerEnv, Intent } from '../controller'
import { isPodReady, isPodTerminal } from '../pods'
import { deleteObject, getObject, patchObject } from '../requests'

/** Upstream: gcCheckPeriod, quarantineTime, --terminated-pod-gc-threshold */
const period = 20 * SECOND
const quarantine = 40 * SECOND
const mostTerminated = 12500

interface State {
  /** When a node that pods name but that is not there will be looked for. */
  readonly missing: Map<string, Micros>
}

type Env = ControllerEnv<State>

/** Removes pods that nobody else will: of nodes that are gone, never scheduled and deleted, too many that are over. Upstream: pkg/controller/podgc/gc_controller.go */
export const podGCController: Controller<State> = {
  name: 'podgc',
  component: 'pod-garbage-collector',
  resource: 'pods',
  informers: [{ resource: 'pods', indexes: ['node'] }, { resource: 'nodes' }],
  workers: 1,
  period,
  start: () => ({ missing: new Map() }),
  onDelta() {},
  onPeriod: (env) => env.enqueue('pods'),
  describe: () => ({ resource: 'pods', namespace: '', name: '' }),

  reconcile(_key, env) {
    const out: Intent[] = []
    const pods = [...env.cache<Pod>('pods').list()]
    for (const p of terminatedExcess(pods, env.settings.terminatedPodThreshold ?? mostTerminated)) out.push(deleteObject('pods', p, { gracePeriodSeconds: 0 }, { ignore: ['NotFound'] }))
    for (const p of pods) if (p.metadata.deletionTimestamp !== undefined && outOfService(p, env)) out.push(...markFailedAndDelete(p, env, false))
    orphaned(pods, out, env)
    for (const p of pods) if (p.metadata.deletionTimestamp !== undefined && !p.spec.nodeName) out.push(...markFailedAndDelete(p, env, false))
    return out
  },

  onResponse(_key, tag, response, env) {
    if (typeof tag !== 'string') return undefined
    if (response.code === 200) return undefined
    if (response.code !== 404) return undefined
    return { handled: true, intents: env.cache<Pod>('pods').by('node', tag).flatMap((p) => markFailedAndDelete(p, env, true)) }
  },
}

/** The pods that are over beyond a number (0: any number may stay): evicted ones first, then the oldest. Upstream: gcTerminated */
export function terminatedExcess(pods: readonly Pod[], most: number): readonly Pod[] {
  const over = pods.filter(isPodTerminal)
  const excess = most > 0 ? over.length - most : 0
  if (excess <= 0) return []
  const order = (a: Pod, b: Pod): number => {
    const evicted = Number(b.status?.reason === 'Evicted') - Number(a.status?.reason === 'Evicted')
    return evicted || compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || compare(a.metadata.name, b.metadata.name)
  }
  return over.sort(order).slice(0, excess)
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function outOfService(p: Pod, env: Env): boolean {
  const node = env.cache<Node>('nodes').byKey(p.spec.nodeName ?? '')
  if (node === undefined || isPodReady(p)) return false
  const ready = node.status?.conditions?.find((c) => c.type === 'Ready')
  return ready?.status !== 'True' && (node.spec?.taints?.some((t) => t.key === 'node.kubernetes.io/out-of-service') ?? false)
}

/** Upstream: gcOrphaned, discoverDeletedNodes */
function orphaned(pods: readonly Pod[], out: Intent[], env: Env): void {
  const nodes = env.cache<KubeObject>('nodes')
  const { missing } = env.state
  const named = new Set<string>()
  for (const p of pods) {
    const node = p.spec.nodeName
    if (!node || nodes.byKey(node) !== undefined) continue
    named.add(node)
    if (!missing.has(node)) missing.set(node, env.now + quarantine)
  }
  for (const [node, at] of missing) {
    if (!named.has(node)) missing.delete(node)
    else if (at <= env.now) {
      missing.delete(node)
      out.push(getObject('nodes', undefined, node, { tag: node }))
    }
  }
}

/** Upstream: markFailedAndDeletePodWithCondition */
function markFailedAndDelete(p: Pod, env: Env, disrupted: boolean): Intent[] {
  const out: Intent[] = []
  if (!isPodTerminal(p)) {
    const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists', lastTransitionTime: env.ctx.wallTime() }
    out.push(patchObject('pods', p, { metadata: { uid: p.metadata.uid }, status: { phase: 'Failed', ...(disrupted && { conditions: [condition] }) } }, { subresource: 'status', ignore: ['NotFound'] }))
  }
  out.push(deleteObject('pods', p, { gracePeriodSeconds: 0 }, { ignore: ['NotFound'] }))
  return out
}
