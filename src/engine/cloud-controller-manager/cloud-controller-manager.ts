import { SECOND, type Behaviour, type Ctx, type Message } from '../sim'
import { resourcePath, type Node, type Service } from '../api'
import { deepEqual } from '../apimachinery'
import { Client, EventRecorder, InformerFactory, LeaderElector, cacheKey, referenceTo, type Delta, type Reply } from '../client-go'
import type { CloudAnswer, CloudCall } from './cloud'

/** What is under way for a Service. */
interface Work {
  step: 'finalizer' | 'cloud' | 'status' | 'deleting' | 'release'
  /** It changed meanwhile: look again. */
  again: boolean
}

/** State of cloud-controller-manager. */
export interface CloudManagerState {
  readonly client: Client
  readonly elector: LeaderElector
  readonly informers: InformerFactory
  readonly recorder: EventRecorder
  readonly work: Map<string, Work>
  /** What the provider was last asked for, as text, by service. */
  readonly asked: Map<string, string>
  started: boolean
}

interface Done extends Message {
  readonly type: 'ccm/written'
  readonly key: string
}

interface Retry extends Message {
  readonly type: 'ccm/retry'
  readonly key: string
}

const finalizer = 'service.kubernetes.io/load-balancer-cleanup'
const excluded = 'node.kubernetes.io/exclude-from-external-load-balancers'

/** Upstream: minRetryDelay in cloud-provider/controllers/service/controller.go */
const retryDelay = 5 * SECOND

/** The service controller of cloud-controller-manager. Upstream: k8s.io/cloud-provider/controllers/service/controller.go */
export const cloudControllerManager: Behaviour<CloudManagerState, null> = {
  kind: 'cloud-controller-manager',
  start(ctx) {
    const client = new Client('system:serviceaccount:kube-system:cloud-controller-manager', 'cloud-controller-manager')
    const state: CloudManagerState = {
      client, elector: new LeaderElector(client, 'cloud-controller-manager', `${ctx.host}_${ctx.rng.uint32().toString(16)}`), informers: new InformerFactory(client),
      recorder: new EventRecorder(client, 'service-controller'), work: new Map(), asked: new Map(), started: false,
    }
    if (!ctx.isUp('cloud')) ctx.spawn('cloud', 'cloud', 'cloud', null)
    state.informers.add({ resource: 'services' })
    state.informers.add({ resource: 'nodes' })
    state.elector.start(ctx)
    return state
  },
  handle(state, message, ctx) {
    if (message.type === 'cloud/done') return provided(state, message as CloudAnswer, ctx)
    if (message.type === 'ccm/retry') return sync(state, (message as Retry).key, ctx)
    const election = state.elector.receive(message, ctx)
    if (election !== undefined) return elected(state, election, ctx)
    const onDelta = (delta: Delta) => note(state, delta, ctx)
    if (state.informers.receive(message, ctx, onDelta)) return
    for (const reply of state.client.receive(message, ctx)) {
      const said = state.elector.receive(reply, ctx)
      if (said !== undefined) elected(state, said, ctx)
      else if (!state.informers.reply(reply, ctx, onDelta) && !state.recorder.reply(reply, ctx)) written(state, reply, ctx)
    }
  },
}

function elected(state: CloudManagerState, said: 'won' | 'lost' | 'going', ctx: Ctx): void {
  if (said === 'lost') {
    // It exits, and is started again.
    ctx.trace({ kind: 'note', what: 'leaderelection lost' })
    const { self, host } = ctx
    ctx.kill(self)
    return ctx.spawn(self, 'cloud-controller-manager', host, null)
  }
  if (said !== 'won' || state.started) return
  state.started = true
  state.informers.start(ctx)
}

function note(state: CloudManagerState, delta: Delta, ctx: Ctx): void {
  if (delta.resource === 'services') {
    if (delta.type !== 'deleted') return sync(state, cacheKey(delta.object), ctx)
    state.asked.delete(cacheKey(delta.object))
    return
  }
  // Only what changes which nodes may be targets. Upstream: shouldSyncUpdatedNode
  const before = delta.old as Node | undefined
  if (delta.type === 'updated' && before && isTarget(before) === isTarget(delta.object as Node)) return
  for (const s of state.informers.cache<Service>('services').list()) if (wants(s)) sync(state, cacheKey(s), ctx)
}

function wants(s: Service): boolean {
  return s.spec?.type === 'LoadBalancer' && s.spec.loadBalancerClass === undefined && s.metadata.deletionTimestamp === undefined
}

/** Readiness does not count: the provider's health checks decide. Upstream: stableNodeSetPredicates */
function isTarget(node: Node): boolean {
  return node.metadata.labels?.[excluded] === undefined && node.metadata.deletionTimestamp === undefined && !(node.spec?.taints ?? []).some((t) => t.key === 'ToBeDeletedByClusterAutoscaler')
}

function sync(state: CloudManagerState, key: string, ctx: Ctx): void {
  if (!state.elector.leading || !state.informers.synced) return
  const s = state.informers.cache<Service>('services').byKey(key)
  if (s === undefined) return
  const busy = state.work.get(key)
  if (busy) {
    busy.again = true
    return
  }
  const has = s.metadata.finalizers?.includes(finalizer) ?? false
  if (!wants(s)) {
    if (!has) return
    state.work.set(key, { step: 'deleting', again: false })
    state.recorder.event(ctx, referenceTo(s), 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer')
    const call: CloudCall = { type: 'cloud/delete', key, from: ctx.self }
    return ctx.send('cloud', call)
  }
  if (!has) {
    state.work.set(key, { step: 'finalizer', again: false })
    return patch(state, s, key, { metadata: { finalizers: [...(s.metadata.finalizers ?? []), finalizer], resourceVersion: s.metadata.resourceVersion } }, ctx)
  }
  const call = callFor(state, s, key, ctx)
  const text = JSON.stringify([call.ports, call.nodes, call.healthPort])
  const known = state.asked.get(key)
  if (known === text && (s.status?.loadBalancer?.ingress?.length ?? 0) > 0) return
  if (known === undefined) state.recorder.event(ctx, referenceTo(s), 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer')
  state.work.set(key, { step: 'cloud', again: false })
  state.asked.set(key, text)
  ctx.send('cloud', call)
}

function callFor(state: CloudManagerState, s: Service, key: string, ctx: Ctx): CloudCall {
  const nodes = [...state.informers.cache<Node>('nodes').list()].filter(isTarget).map((n) => n.metadata.name as string).sort()
  const local = s.spec?.externalTrafficPolicy === 'Local' ? (s.spec.healthCheckNodePort ?? 0) : 0
  return { type: 'cloud/ensure', key, from: ctx.self, nodes, ports: (s.spec?.ports ?? []).map((p) => ({ port: p.port, protocol: p.protocol ?? 'TCP' })), healthPort: local || 10256 }
}

/** The provider has done what it was asked. */
function provided(state: CloudManagerState, { key, ip }: CloudAnswer, ctx: Ctx): void {
  const work = state.work.get(key)
  const s = state.informers.cache<Service>('services').byKey(key)
  if (work === undefined || s === undefined) {
    state.work.delete(key)
    return
  }
  if (work.step === 'deleting') {
    work.step = 'release'
    state.asked.delete(key)
    return patch(state, s, key, { metadata: { finalizers: (s.metadata.finalizers ?? []).filter((f) => f !== finalizer), resourceVersion: s.metadata.resourceVersion } }, ctx)
  }
  const ingress = [{ ip, ipMode: 'VIP' }]
  const had = s.status?.loadBalancer?.ingress ?? []
  if (deepEqual(had, ingress)) {
    state.recorder.event(ctx, referenceTo(s), 'Normal', 'UpdatedLoadBalancer', 'Updated load balancer with new hosts')
    return over(state, key, ctx)
  }
  work.step = 'status'
  patch(state, s, key, { status: { loadBalancer: { ingress } } }, ctx, '/status')
}

function patch(state: CloudManagerState, s: Service, key: string, body: unknown, ctx: Ctx, sub = ''): void {
  const then: Done = { type: 'ccm/written', key }
  state.client.send(ctx, { verb: 'patch', path: `${resourcePath('services', s.metadata.namespace, s.metadata.name)}${sub}`, patchType: 'application/merge-patch+json', body }, then)
}

function written(state: CloudManagerState, { then, response }: Reply, ctx: Ctx): void {
  if (then.type !== 'ccm/written') return
  const { key } = then as Done
  const work = state.work.get(key)
  if (work === undefined) return
  if (response.code !== 200 && response.code !== 404) {
    state.work.delete(key)
    state.asked.delete(key)
    const retry: Retry = { type: 'ccm/retry', key }
    ctx.after(retryDelay, retry)
    return
  }
  const s = state.informers.cache<Service>('services').byKey(key)
  if (s && work.step === 'status') state.recorder.event(ctx, referenceTo(s), 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer')
  if (s && work.step === 'release') state.recorder.event(ctx, referenceTo(s), 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer')
  // The write comes back by the watch; what is to be done then is seen there.
  if (work.step === 'finalizer') work.again = true
  over(state, key, ctx)
}

function over(state: CloudManagerState, key: string, ctx: Ctx): void {
  const again = state.work.get(key)?.again
  state.work.delete(key)
  const retry: Retry = { type: 'ccm/retry', key }
  // A moment later, so that the watch has brought what was written.
  if (again) ctx.after(10_000, retry)
}
