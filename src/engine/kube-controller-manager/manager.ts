import { MS, assert, type Behaviour, type Ctx, type Message, type Micros } from '../sim'
import { Client, EventRecorder, InformerFactory, LeaderElector, WorkQueue, cacheKey, type ApiResponse, type Delta, type IndexName, type InformerOptions, type QueueDue, type Reply } from '../client-go'
import type { KubeObject } from '../apimachinery'
import type { Controller, ControllerEnv, Intent, RequestIntent } from './controller'
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
  failed: string
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
  readonly jobs: Map<number, Job>
  nextJob: number
}

/** Parameters of the process. */
export interface ManagerParams {
  /** Controllers to leave out, as `--controllers=-name` does. */
  readonly disabled?: readonly string[]
}

const byName = new Map<string, Controller>(controllers.map((c) => [c.name, c as Controller]))

/** The controllers that run with these parameters. */
const enabled = (params: ManagerParams): readonly Controller[] => (controllers as readonly Controller[]).filter((c) => !params.disabled?.includes(c.name))

function env(state: ManagerState, name: string, ctx: Ctx): ControllerEnv {
  const running = state.running.get(name) as Running
  return {
    ctx, now: ctx.now, rng: ctx.rng, state: running.state,
    cache: (resource) => state.informers.cache(resource),
    enqueue: (key) => {
      running.queue.add(key, ctx.cause)
      wake(running, name, ctx)
    },
    enqueueAfter: (key, delay) => {
      running.queue.addAfter(ctx, key, delay)
      if (delay <= 0) wake(running, name, ctx)
    },
  }
}

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
      informers: new InformerFactory(client), running: new Map(), jobs: new Map(), nextJob: 1,
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
      const own = new Client(`system:serviceaccount:kube-system:${c.component}`, 'kube-controller-manager', { qps: 20, burst: 30 }, i + 1)
      const running: Running = { queue: new WorkQueue(c.name), client: own, recorder: new EventRecorder(own, c.component), state: undefined, woken: false, started: false }
      state.running.set(c.name, running)
      ;(running as { state: unknown }).state = c.start(env(state, c.name, ctx))
    }
    state.elector.start(ctx)
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
        ctx.after(c.period as Micros, message)
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
    for (const reply of state.client.receive(message, ctx)) {
      const election = state.elector.receive(reply, ctx)
      if (election === 'lost') return exit(ctx)
      if (election === 'won') state.informers.start(ctx)
      else if (election === undefined && state.informers.reply(reply, ctx, deltas)) startWhenSynced(state, ctx)
    }
    const channel = Client.channelOf(message)
    for (const [name, running] of state.running) {
      if (channel !== undefined && channel !== running.client.channel) continue
      for (const reply of running.client.receive(message, ctx)) if (!running.recorder.reply(reply)) answered(state, name, reply, ctx)
    }
  },
}

/** Losing the lease ends the process; the kubelet of the control plane starts it again. Upstream: klog.ErrorS("leaderelection lost"); os.Exit(1) */
function exit(ctx: Ctx): void {
  ctx.trace({ kind: 'note', what: 'leaderelection lost' })
  const { self, host } = ctx
  ctx.kill(self)
  ctx.spawn(self, 'kube-controller-manager', host, {})
}

function startWhenSynced(state: ManagerState, ctx: Ctx): void {
  if (!state.informers.synced) return
  for (const [name, running] of state.running) {
    if (running.started) continue
    running.started = true
    const c = byName.get(name) as Controller
    wake(running, name, ctx)
    if (c.period !== undefined) ctx.after(ctx.rng.below(c.period), { type: 'manager/period', controller: name } as Period)
  }
}

function dispatch(state: ManagerState, delta: Delta, ctx: Ctx): void {
  for (const [name] of state.running) {
    const c = byName.get(name) as Controller
    if (c.informers.some((i) => i.resource === delta.resource)) c.onDelta(delta, env(state, name, ctx))
  }
}

function takeKeys(state: ManagerState, name: string, ctx: Ctx): void {
  const running = state.running.get(name) as Running
  running.woken = false
  const c = byName.get(name) as Controller
  while (running.queue.active < c.workers) {
    const item = running.queue.get()
    if (item === undefined) return
    const id = state.nextJob++
    state.jobs.set(id, { controller: name, key: item.key, cause: item.cause, todo: [], inFlight: -1, batch: [], batchSize: 1, failed: '' })
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
    job.cause = ctx.trace({ kind: 'reconcile', what: c.name, object: { resource: '', namespace: slash < 0 ? '' : job.key.slice(0, slash), name: job.key.slice(slash + 1) } })
    job.todo = [...c.reconcile(job.key, env(state, job.controller, ctx))]
  }
  ctx.cause = job.cause
  while (job.inFlight === 0 && job.failed === '') {
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
  if (job.failed === '') running.queue.forget(job.key)
  else {
    if (job.batch.length > 0) c.onSkipped?.(job.key, job.batch.map((r) => r.tag), env(state, job.controller, ctx))
    ctx.trace({ kind: 'note', what: `${c.name}: ${job.failed}` })
    running.queue.addRateLimited(ctx, job.key)
  }
  running.queue.done(job.key)
  wake(running, job.controller, ctx)
}

function sendIntent(running: Running, id: number, job: Job, intent: RequestIntent, ctx: Ctx): void {
  job.inFlight++
  const then: IntentReply = { type: 'manager/reply', job: id, intent }
  running.client.send(ctx, intent.request, then)
}

function answered(state: ManagerState, name: string, reply: Reply, ctx: Ctx): void {
  const { job: id, intent } = reply.then as IntentReply
  const job = state.jobs.get(id)
  assert(job, () => `${name}: an answer for no job`)
  const c = byName.get(name) as Controller
  job.inFlight--
  const { response } = reply
  ctx.cause = ctx.cause || job.cause
  const more = c.onResponse?.(job.key, intent.tag, response, env(state, name, ctx))
  if (more?.intents) job.todo.unshift(...more.intents)
  if (!more?.handled && !succeeded(response, intent)) job.failed ||= (response.body as { message?: string }).message ?? 'request failed'
  advance(state, id, ctx)
}

function succeeded(response: ApiResponse, intent: RequestIntent): boolean {
  if (response.code >= 200 && response.code < 300) return true
  const reason = (response.body as { reason?: string }).reason
  return reason !== undefined && (intent.ignore?.includes(reason) ?? false)
}

/** Key of an object for a queue. */
export const keyOf = (o: KubeObject): string => cacheKey(o)
