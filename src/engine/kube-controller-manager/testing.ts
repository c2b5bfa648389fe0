import type { Node, Pod } from '../api'
import type { KubeObject } from '../apimachinery'
import type { ApiResponse, Delta } from '../client-go'
import { Cache, type IndexName } from '../client-go'
import { TestServer } from '../kube-apiserver/testing'
import { MS, Rng, SECOND, formatMicroTime, formatTime, parseTime, type Behaviour, type Ctx, type Message } from '../sim'
import type { Controller, ControllerEnv, Intent, RequestIntent } from './controller'
import { controllerManager } from './manager'

/** Caches filled by hand and what a controller asked for: for tests of one `reconcile`. */
export class TestEnv<S> implements ControllerEnv<S> {
  readonly ctx: Ctx
  readonly rng = new Rng(1, 'test')
  readonly settings = {}
  readonly queued: string[] = []
  readonly delayed: [string, number][] = []
  readonly state: S
  now = 0
  private readonly caches = new Map<string, Cache>()
  private readonly epoch: number

  constructor(private readonly controller: Controller<S>, time = '2026-01-01T00:00:00Z') {
    this.epoch = parseTime(time) as number
    const clock = (): number => this.epoch + this.now
    this.ctx = { rng: this.rng, cause: 0, wallMicros: clock, wallTime: () => formatTime(clock()), wallMicroTime: () => formatMicroTime(clock()) } as unknown as Ctx
    for (const i of controller.informers) this.caches.set(i.name ?? i.resource, new Cache(i.indexes))
    this.state = controller.start(this as never)
  }

  cache<T extends KubeObject = KubeObject>(name: string): Cache<T> {
    let c = this.caches.get(name)
    if (c === undefined) this.caches.set(name, (c = new Cache(['namespace', 'node', 'controller', 'orphan'] as IndexName[])))
    return c as unknown as Cache<T>
  }

  watch(): void {}
  unwatch(): void {}
  enqueue(key: string): void {
    this.queued.push(key)
  }
  enqueueAfter(key: string, delay: number): void {
    this.delayed.push([key, delay])
  }

  /** Puts objects in a cache and tells the controller. */
  add(resource: string, ...objects: KubeObject[]): this {
    for (const object of objects) {
      const old = this.cache(resource).set(object)
      this.controller.onDelta({ resource, type: old ? 'updated' : 'added', object, old } as Delta, this)
    }
    return this
  }

  reconcile(key: string): readonly Intent[] {
    return this.controller.reconcile(key, this)
  }
}

/** What a sync asked for, when every request was answered by `answer` (200 unless said otherwise). */
export interface Ran {
  readonly requests: readonly RequestIntent[]
  readonly events: readonly string[]
  readonly requeues: readonly number[]
  /** Keys of the requeues, in the same order. */
  readonly requeueKeys: readonly string[]
  /** The failure with which the sync ended, empty when it did not. */
  readonly failed: string
}

/** Carries out one sync's intents as the manager does, without a server. */
export function runSync<S>(controller: Controller<S>, key: string, env: TestEnv<S>, answer: (r: RequestIntent, n: number) => ApiResponse | undefined = () => undefined): Ran {
  const requests: RequestIntent[] = []
  const events: string[] = []
  const requeues: number[] = []
  const requeueKeys: string[] = []
  let failed = ''
  let error = ''
  const todo = [...controller.reconcile(key, env)]
  const send = (r: RequestIntent): boolean => {
    requests.push(r)
    const body = (r.request.body ?? {}) as KubeObject
    const response = answer(r, requests.length) ?? { code: r.request.verb === 'create' ? 201 : 200, body: { ...body, metadata: { ...body.metadata, name: body.metadata?.name ?? 'made', resourceVersion: '2' } } as KubeObject }
    const more = controller.onResponse?.(key, r.tag, response, env)
    for (const i of more?.intents ?? []) if (i.do === 'event') events.push(`${i.type} ${i.reason} ${i.message}`)
    todo.unshift(...(more?.intents ?? []).filter((i) => i.do !== 'event'))
    const status = response.body as { reason?: string; message?: string }
    const ok = response.code < 300 || (r.ignore?.includes(status.reason ?? '') ?? false)
    if (!ok && !more?.handled) failed ||= status.message ?? 'failed'
    return ok
  }
  for (;;) {
    if (failed !== '') while (todo.length > 0 && todo[0]?.do !== 'then') todo.shift()
    const i = todo.shift()
    if (i === undefined) return { requests, events, requeues, requeueKeys, failed: error || failed }
    if (i.do === 'request') send(i)
    else if (i.do === 'parallel') i.requests.forEach(send)
    else if (i.do === 'slow-start') {
      for (let size = 1, at = 0; at < i.requests.length; at += size, size *= 2) {
        const good = i.requests.slice(at, at + size).map(send)
        if (good.includes(false)) {
          controller.onSkipped?.(key, i.requests.slice(at + size).map((r) => r.tag), env)
          break
        }
      }
    } else if (i.do === 'event') events.push(`${i.type} ${i.reason} ${i.message}`)
    else if (i.do === 'requeue') {
      requeues.push(i.after)
      requeueKeys.push(i.key ?? key)
    }
    else if (i.do === 'fail') failed = i.message
    else if (i.do === 'then') {
      todo.unshift(...(controller.resume?.(key, i.step, i.data, failed || undefined, env) ?? []))
      error ||= failed
      failed = ''
    }
  }
}

/** A stand-in for scheduler and kubelets: binds pods to nodes in turn, makes them Ready, lets deleted ones go. */
interface FakeNodes {
  nodes: readonly string[]
  next: number
  ip: number
}

const tick: Message = { type: 'tick' }

/** A control plane with a real etcd, kube-apiserver and kube-controller-manager. `kubelets()` plays the nodes. */
export class TestCluster extends TestServer {
  private readonly fake: FakeNodes = { nodes: ['node-1', 'node-2', 'node-3'], next: 0, ip: 2 }

  constructor(options: { disabled?: readonly string[]; nodes?: number } = {}) {
    super({ behaviours: [controllerManager as unknown as Behaviour, nothing] })
    this.sim.act(0, (ctx) => ctx.spawn('kube-controller-manager', 'kube-controller-manager', 'control-plane', { disabled: options.disabled ?? [] }))
    this.run(SECOND)
    const n = options.nodes ?? 3
    this.fake.nodes = Array.from({ length: n }, (_, i) => `node-${i + 1}`)
    for (const name of this.fake.nodes) this.node(name)
    this.run(SECOND)
  }

  node(name: string): void {
    const zone = `zone-${name.slice(5)}`
    const time = formatTime(this.sim.state.epoch + this.sim.now)
    const c = (type: string, status: string, reason: string) => ({ type, status, reason, lastHeartbeatTime: time, lastTransitionTime: time })
    const body = {
      apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': zone } }, spec: {},
      status: { conditions: [c('MemoryPressure', 'False', 'KubeletHasSufficientMemory'), c('Ready', 'True', 'KubeletReady')], capacity: { cpu: '4', memory: '8Gi', pods: '110' }, allocatable: { cpu: '4', memory: '8Gi', pods: '110' } },
    }
    this.must({ verb: 'create', path: '/api/v1/nodes', body })
  }

  must(request: Parameters<TestServer['do']>[0]): KubeObject {
    const r: ApiResponse = this.do(request)
    if (r.code >= 300) throw new Error(`${request.verb} ${request.path}: ${JSON.stringify(r.body)}`)
    return r.body
  }

  list<T extends KubeObject>(path: string): T[] {
    return (this.must({ verb: 'list', path }) as unknown as { items: T[] }).items
  }

  /** One round of what scheduler and kubelets would do; `ready` says which pods come up. */
  kubelets(ready: (p: Pod) => boolean = () => true): void {
    const time = formatTime(this.sim.state.epoch + this.sim.now)
    for (const p of this.list<Pod>('/api/v1/pods')) {
      const path = `/api/v1/namespaces/${p.metadata.namespace}/pods/${p.metadata.name}`
      if (!p.spec.nodeName) {
        const wanted = p.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]?.matchFields?.[0]?.values?.[0]
        const node = wanted ?? (this.fake.nodes[this.fake.next++ % this.fake.nodes.length] as string)
        this.must({ verb: 'create', path: `${path}/binding`, body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: p.metadata.name, namespace: p.metadata.namespace }, target: { kind: 'Node', name: node } } })
      } else if (p.metadata.deletionTimestamp) this.do({ verb: 'delete', path, body: { gracePeriodSeconds: 0 } })
      else if (p.status?.phase !== 'Running' && p.status?.phase !== 'Failed' && p.status?.phase !== 'Succeeded') {
        const status = ready(p) ? 'True' : 'False'
        const ip = p.status?.podIP ?? `10.244.9.${this.fake.ip++}`
        this.must({ verb: 'patch', path: `${path}/status`, patchType: 'application/strategic-merge-patch+json', body: { status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], conditions: [{ type: 'Ready', status, lastTransitionTime: time }] } } })
      }
    }
  }

  /** Rounds of kubelets with a while between them. */
  settle(rounds = 6, ready?: (p: Pod) => boolean): void {
    for (let i = 0; i < rounds; i++) {
      this.run(300 * MS)
      this.kubelets(ready)
    }
    this.run(300 * MS)
  }

  kubeEvents(): string[] {
    const all = this.list<KubeObject & { type: string; reason: string; message: string; involvedObject: { kind: string; name: string }; count: number }>('/api/v1/events')
    return all.map((e) => `${e.involvedObject.kind}/${e.involvedObject.name} ${e.type} ${e.reason} ${e.message}`)
  }

  nodes(): Node[] {
    return this.list<Node>('/api/v1/nodes')
  }
}

const nothing: Behaviour = { kind: 'nothing', start: () => null, handle: () => void tick }
