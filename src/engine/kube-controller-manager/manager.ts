import { MS, assert, type Behaviour, type Ctx, type Message, type Micros, type Rng } from '../sim'
import { Client, type Cache, EventRecorder, InformerFactory, LeaderElector, WorkQueue, type ApiResponse, type Delta, type IndexName, type InformerOptions, type QueueDue, type Reply, type RequestInit } from '../client-go'
import { controllerOf, type KubeObject } from '../apimachinery'
import type { Controller, ControllerEnv, Intent, ManagerSettings, RequestIntent } from './controller'
import { controllers } from './registry'

/** Reconciling a key takes this long before its first request leaves. Units: µs. */
const syncTime = Math.round(0.4 * MS)

/** A key in work: the intents still to do. */
interface Job {
  readonly controller: string
  readonly key: string
  cause: number
  todo: Intent[]
  /** Answers awaited from requests sent side by side. */
  inFlight: number
  /** Requests of the running slow start that were not sent yet, and the size of the next batch. */
  batch: RequestIntent[]
  batchSize: number
  /** The failure that skips what is to do, up to the next `then`. */
  failed: string
  /** A failure that a `then` has seen. */
  error: string
  keepFailures: boolean
  /** resourceVersions of what this sync has written, by path. */
  versions: Map<string, string> | undefined
}

interface IntentReply extends Message {
  readonly type: 'manager/reply'
  readonly job: number
  readonly intent: RequestIntent
}

interface Work extends Message {
  readonly type: 'manager/work'
  readonly controller: string
}

interface Run extends Message {
  readonly type: 'manager/run'
  readonly job: number
}

interface Period extends Message {
  readonly type: 'manager/period'
  readonly controller: string
}

interface Running {
  readonly queue: WorkQueue
  readonly client: Client
  readonly recorder: EventRecorder
  readonly state: unknown
  /** A Work message is on its way. */
  woken: boolean
  started: boolean
}

/** State of kube-controller-manager. */
export interface ManagerState {
  readonly client: Client
  readonly elector: LeaderElector
  readonly informers: InformerFactory
  readonly running: Map<string, Running>
  /** What runs of a resource's listeners, in their order. */
  readonly listening: Map<string, readonly (Running | undefined)[]>
  /** Controllers that have asked for a resource while running, by the informer's name. */
  readonly late: Map<string, string>
  /** Controller of each client channel, from channel 1 on. */
  readonly channels: string[]
  /** Of the command line. */
  readonly settings: ManagerSettings
  readonly jobs: Map<number, Job>
  nextJob: number
  /** Every controller runs. */
  started: boolean
}

/** Parameters of the process. */
export interface ManagerParams {
  /** Controllers to leave out, as `--controllers=-name` does. */
  readonly disabled?: readonly string[]
  /** It runs in a container: when it exits, the kubelet starts it again. */
  readonly contained?: boolean
  readonly leaderElect?: boolean
  readonly settings?: ManagerSettings
}

/** A controller that hears of changes of a resource; `kind` when only of those that nobody, or somebody of its kind controls. */
interface Listener {
  readonly controller: Controller
  readonly kind: string | undefined
}

/** Which controllers hear of changes of a resource; in their order. */
const listeners = new Map<string, Listener[]>()
for (const c of controllers as readonly Controller[])
  for (const resource of new Set(c.informers.map((i) => i.resource))) {
    const row: Listener = { controller: c, kind: c.owns?.resources.includes(resource) ? c.owns.kind : undefined }
    const list = listeners.get(resource)
    if (list) list.push(row)
    else listeners.set(resource, [row])
  }

const byName = new Map<string, Controller>(controllers.map((c) => [c.name, c as Controller]))

/** The controllers that run with these parameters. */
const enabled = (params: ManagerParams): readonly Controller[] => (controllers as readonly Controller[]).filter((c) => !params.disabled?.includes(c.name))

/** What one call of a controller sees; lives as long as the call. */
class Env implements ControllerEnv {
  constructor(
    private readonly manager: ManagerState,
    private name: string,
    private running: Running,
    readonly ctx: Ctx,
  ) {}

  /** The same, for another controller. */
  of(name: string, running: Running): this {
    this.name = name
    this.running = running
    return this
  }

  get now(): Micros {
    return this.ctx.now
  }
  get rng(): Rng {
    return this.ctx.rng
  }
  get settings(): ManagerSettings {
    return this.manager.settings
  }
  get state(): unknown {
    return this.running.state
  }
  cache<T extends KubeObject = KubeObject>(resource: string): Cache<T> {
    return this.manager.informers.cache(resource) as Cache<T>
  }
  watch(options: InformerOptions): void {
    this.manager.late.set(options.name ?? options.resource, this.name)
    this.manager.informers.watchAlso(this.ctx, options)
  }
  unwatch(name: string): void {
    const { manager, ctx } = this
    manager.informers.forget(ctx, name, (delta) => dispatch(manager, delta, ctx))
    manager.late.delete(name)
  }
  enqueue(key: string): void {
    this.running.queue.add(key, this.ctx.cause)
    wake(this.running, this.name, this.ctx)
  }
  enqueueAfter(key: string, delay: Micros): void {
    this.running.queue.addAfter(this.ctx, key, delay)
    if (delay <= 0) wake(this.running, this.name, this.ctx)
  }
}

const env = (state: ManagerState, name: string, ctx: Ctx): ControllerEnv => new Env(state, name, state.running.get(name) as Running, ctx)

/** Lets free workers of a controller take keys, a moment from now. */
function wake(running: Running, controller: string, ctx: Ctx): void {
  if (running.woken || !running.started || running.queue.length === 0) return
  running.woken = true
  const message: Work = { type: 'manager/work', controller }
  ctx.after(Math.round(0.1 * MS), message)
}

/** kube-controller-manager: elects a leader, fills caches, and runs each controller's loop. Upstream: cmd/kube-controller-manager/app/controllermanager.go */
export const controllerManager: Behaviour<ManagerState, ManagerParams> = {
  kind: 'kube-controller-manager',

  start(ctx, params) {
    const client = new Client('system:kube-controller-manager', 'kube-controller-manager')
    const state: ManagerState = {
      client,
      elector: new LeaderElector(client, 'kube-controller-manager', `${ctx.host}_${ctx.rng.uint32().toString(16)}`),
      informers: new InformerFactory(client), running: new Map(), listening: new Map(), late: new Map(), channels: [], settings: params.settings ?? {}, jobs: new Map(), nextJob: 1, started: false,
    }
    const wanted = new Map<string, { options: InformerOptions; indexes: Set<IndexName> }>()
    for (const c of enabled(params))
      for (const options of c.informers) {
        const name = options.name ?? options.resource
        const known = wanted.get(name) ?? { options, indexes: new Set<IndexName>() }
        for (const i of options.indexes ?? []) known.indexes.add(i)
        wanted.set(name, known)
      }
    for (const { options, indexes } of wanted.values()) state.informers.add({ ...options, indexes: [...indexes] })
    for (const [i, c] of enabled(params).entries()) {
      // Upstream gives each controller a client of its own: --kube-api-qps=20 --kube-api-burst=30.
      const own = new Client(c.account === '' ? 'system:kube-controller-manager' : `system:serviceaccount:kube-system:${c.account ?? c.component}`, 'kube-controller-manager', c.limit ?? { qps: 20, burst: 30 }, i + 1)
      const running: Running = { queue: new WorkQueue(c.name, c.backoff), client: own, recorder: new EventRecorder(own, c.component), state: undefined, woken: false, started: false }
      state.running.set(c.name, running)
      state.channels.push(c.name)
      ;(running as { state: unknown }).state = c.start(env(state, c.name, ctx))
    }
    if (params.leaderElect === false) {
      state.elector.leading = true
      state.informers.start(ctx)
    } else state.elector.start(ctx)
    return state
  },

  handle(state, message, ctx) {
    switch (message.type) {
      case 'manager/work':
        return takeKeys(state, (message as Work).controller, ctx)
      case 'manager/run':
        return advance(state, (message as Run).job, ctx)
      case 'manager/period': {
        const { controller } = message as Period
        const c = byName.get(controller) as Controller
        c.onPeriod?.(env(state, controller, ctx))
        ctx.after(periodOf(c, state) as Micros, message)
        return
      }
      case 'workqueue/due': {
        const due = message as QueueDue
        const running = state.running.get(due.queue) as Running
        running.queue.due(due, ctx)
        return wake(running, due.queue, ctx)
      }
      default:
    }
    const deltas = (delta: Delta) => dispatch(state, delta, ctx)
    if (state.informers.receive(message, ctx, deltas)) return startWhenSynced(state, ctx)
    if (state.elector.receive(message, ctx) === 'lost') return exit(ctx)
    const channel = Client.channelOf(message)
    if (channel === undefined || channel === 0)
      for (const reply of state.client.receive(message, ctx)) {
        const election = state.elector.receive(reply, ctx)
        if (election === 'lost') return exit(ctx)
        if (election === 'won') state.informers.start(ctx)
        else if (election === undefined && state.informers.reply(reply, ctx, deltas)) startWhenSynced(state, ctx)
      }
    if (channel === undefined) for (const name of state.channels) receive(state, name, message, ctx)
    else if (channel > 0) receive(state, state.channels[channel - 1] as string, message, ctx)
  },
}

/** How often a controller looks by itself. */
function periodOf(c: Controller, { settings }: ManagerState): Micros | undefined {
  return typeof c.period === 'function' ? c.period(settings) : c.period
}

function receive(state: ManagerState, name: string, message: Message, ctx: Ctx): void {
  const running = state.running.get(name) as Running
  for (const reply of running.client.receive(message, ctx)) if (!running.recorder.reply(reply, ctx)) answered(state, name, reply, ctx)
}

/** Losing the lease ends the process; the kubelet of the control plane starts it again. Upstream: klog.ErrorS("leaderelection lost"); os.Exit(1) */
function exit(ctx: Ctx): void {
  ctx.trace({ kind: 'note', what: 'leaderelection lost' })
  const { self, host } = ctx
  const contained = (ctx.paramsOf(self) as ManagerParams | undefined)?.contained
  ctx.kill(self)
  // In a container the kubelet starts it again; elsewhere its supervisor does.
  if (!contained) ctx.spawn(self, 'kube-controller-manager', host, {})
}

function startWhenSynced(state: ManagerState, ctx: Ctx): void {
  if (state.started || !state.informers.synced) return
  state.started = true
  for (const [name, running] of state.running) {
    if (running.started) continue
    running.started = true
    const c = byName.get(name) as Controller
    wake(running, name, ctx)
    const period = periodOf(c, state)
    if (period !== undefined) ctx.after(ctx.rng.below(period), { type: 'manager/period', controller: name } as Period)
  }
}

function dispatch(state: ManagerState, delta: Delta, ctx: Ctx): void {
  const rows = listeners.get(delta.resource) ?? lateListeners(state, delta.resource)
  if (rows === undefined) return
  const cause = ctx.cause
  const kind = controllerKind(delta.object)
  const before = delta.old === undefined ? kind : controllerKind(delta.old)
  const listening = state.listening.get(delta.resource) ?? listen(state, delta.resource, rows)
  let seen: Env | undefined
  for (let i = 0; i < rows.length; i++) {
    const { controller, kind: wanted } = rows[i] as Listener
    if (wanted !== undefined && kind !== undefined && kind !== wanted && before === kind) continue
    const running = listening[i]
    if (running === undefined) continue
    ctx.cause = cause
    seen = seen === undefined ? new Env(state, controller.name, running, ctx) : seen.of(controller.name, running)
    controller.onDelta(delta, seen)
  }
}

/** Finds who of the listeners runs, once for each resource. */
function listen(state: ManagerState, resource: string, rows: readonly Listener[]): readonly (Running | undefined)[] {
  const list = rows.map((row) => state.running.get(row.controller.name))
  if (listeners.has(resource)) state.listening.set(resource, list)
  return list
}

function lateListeners(state: ManagerState, resource: string): readonly Listener[] | undefined {
  const name = state.late.get(resource)
  return name === undefined ? undefined : [{ controller: byName.get(name) as Controller, kind: undefined }]
}

/** Kind of the owner that controls an object. */
function controllerKind(o: KubeObject): string | undefined {
  return controllerOf(o)?.kind
}

function takeKeys(state: ManagerState, name: string, ctx: Ctx): void {
  const running = state.running.get(name) as Running
  running.woken = false
  const c = byName.get(name) as Controller
  while (running.queue.active < c.workers) {
    const item = running.queue.get()
    if (item === undefined) return
    const id = state.nextJob++
    state.jobs.set(id, { controller: name, key: item.key, cause: item.cause, todo: [], inFlight: -1, batch: [], batchSize: 1, failed: '', error: '', keepFailures: false, versions: undefined })
    ctx.cause = item.cause
    ctx.after(syncTime + ctx.rng.below(syncTime), { type: 'manager/run', job: id } as Run)
  }
}

/** Goes on with a job until it waits for an answer or is through. */
function advance(state: ManagerState, id: number, ctx: Ctx): void {
  const job = state.jobs.get(id) as Job
  const running = state.running.get(job.controller) as Running
  const c = byName.get(job.controller) as Controller
  if (job.inFlight < 0) {
    job.inFlight = 0
    ctx.cause = job.cause
    const slash = job.key.indexOf('/')
    const object = c.describe?.(job.key) ?? { resource: c.resource, namespace: slash < 0 ? '' : job.key.slice(0, slash), name: job.key.slice(slash + 1) }
    job.cause = ctx.trace({ kind: 'reconcile', what: c.name, object })
    job.todo = [...c.reconcile(job.key, env(state, job.controller, ctx))]
  }
  ctx.cause = job.cause
  while (job.inFlight === 0) {
    if (job.failed !== '') {
      if (job.batch.length > 0) c.onSkipped?.(job.key, job.batch.splice(0).map((r) => r.tag), env(state, job.controller, ctx))
      while (job.todo.length > 0 && job.todo[0]?.do !== 'then') job.todo.shift()
    }
    if (job.batch.length > 0) {
      const now = job.batch.splice(0, job.batchSize)
      job.batchSize *= 2
      for (const intent of now) sendIntent(running, id, job, intent, ctx)
      continue
    }
    const intent = job.todo.shift()
    if (intent === undefined) break
    switch (intent.do) {
      case 'request':
        sendIntent(running, id, job, intent, ctx)
        break
      case 'slow-start':
        job.batch = [...intent.requests]
        job.batchSize = 1
        break
      case 'parallel':
        for (const r of intent.requests) sendIntent(running, id, job, r, ctx)
        break
      case 'event':
        running.recorder.event(ctx, intent.about, intent.type, intent.reason, intent.message)
        break
      case 'requeue':
        running.queue.addAfter(ctx, intent.key ?? job.key, intent.after)
        break
      case 'requeue-rate-limited':
        running.queue.addRateLimited(ctx, job.key)
        job.keepFailures = true
        break
      case 'then':
        job.todo.unshift(...(c.resume?.(job.key, intent.step, intent.data, job.failed || undefined, env(state, job.controller, ctx)) ?? []))
        // After a failure, what the step asks for is done all the same; the sync fails at its end.
        job.error ||= job.failed
        job.failed = ''
        break
      case 'fail':
        job.failed = intent.message
        break
    }
  }
  if (job.inFlight > 0) return
  finish(state, id, job, running, c, ctx)
}

function finish(state: ManagerState, id: number, job: Job, running: Running, c: Controller, ctx: Ctx): void {
  state.jobs.delete(id)
  const error = job.failed || job.error
  if (error === '') {
    if (!job.keepFailures) running.queue.forget(job.key)
  } else {
    ctx.trace({ kind: 'note', what: `${c.name}: ${error}` })
    running.queue.addRateLimited(ctx, job.key)
  }
  running.queue.done(job.key)
  wake(running, job.controller, ctx)
}

function sendIntent(running: Running, id: number, job: Job, intent: RequestIntent, ctx: Ctx): void {
  job.inFlight++
  const then: IntentReply = { type: 'manager/reply', job: id, intent }
  running.client.send(ctx, following(job, intent), then)
}

/** The request, on top of what this sync wrote before. */
function following(job: Job, intent: RequestIntent): RequestInit {
  const { request } = intent
  const known = intent.follows ? job.versions?.get(request.path) : undefined
  if (known === undefined) return request
  const body = request.body as KubeObject
  return { ...request, body: { ...body, metadata: { ...body.metadata, resourceVersion: known } } }
}

function answered(state: ManagerState, name: string, reply: Reply, ctx: Ctx): void {
  const { job: id, intent } = reply.then as IntentReply
  const job = state.jobs.get(id)
  assert(job, () => `${name}: an answer for no job`)
  const c = byName.get(name) as Controller
  const running = state.running.get(name) as Running
  job.inFlight--
  const { response } = reply
  ctx.cause = ctx.cause || job.cause
  const more = c.onResponse?.(job.key, intent.tag, response, env(state, name, ctx))
  if (more?.intents) {
    // Events are recorded at once; the rest waits for the requests beside this one.
    const later: Intent[] = []
    for (const i of more.intents) {
      if (i.do === 'event') running.recorder.event(ctx, i.about, i.type, i.reason, i.message)
      else later.push(i)
    }
    job.todo.unshift(...later)
  }
  if (intent.request.verb === 'update' && response.code === 200) (job.versions ??= new Map()).set(intent.request.path, response.body.metadata.resourceVersion as string)
  if (!more?.handled) {
    if (!succeeded(response, intent)) job.failed ||= (response.body as { message?: string }).message ?? 'request failed'
    else if (intent.mustBe) job.failed ||= notThe(intent.mustBe, response.body)
  }
  advance(state, id, ctx)
}

function succeeded(response: ApiResponse, intent: RequestIntent): boolean {
  if (response.code >= 200 && response.code < 300) return true
  const reason = (response.body as { reason?: string }).reason
  return reason !== undefined && (intent.ignore?.includes(reason) ?? false)
}

/** Why an object is not the living one of that uid; empty when it is. */
function notThe(wanted: { readonly kind: string; readonly uid: string }, o: KubeObject): string {
  const { namespace, name, uid, deletionTimestamp } = o.metadata
  if (uid !== wanted.uid) return `original ${wanted.kind} ${namespace ?? ''}/${name} is gone: got uid ${uid}, wanted ${wanted.uid}`
  return deletionTimestamp === undefined ? '' : `can't adopt: ${namespace ?? ''}/${name} has just been deleted at ${deletionTimestamp}`
}

