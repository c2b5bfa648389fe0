import { MINUTE, type Ctx, type Message, type Micros } from '../sim'
import { resourcePath } from '../api'
import type { Client, Reply } from './client'
import { eventSuffix, type ObjectReference } from './event-recorder'

interface Cached {
  readonly namespace: string
  readonly name: string
  readonly at: Micros
  /** 0 until it is repeated. */
  readonly count: number
  readonly lastAt: Micros
  readonly lastTime: string
}

interface Sent extends Message {
  readonly type: 'events-recorder/sent'
}

interface Tick extends Message {
  readonly type: 'events-recorder/tick'
}

const mostKeys = 4096
const finishAfter = 6 * MINUTE
/** Running series are written again every 30 minutes: each fifth tick. */
const refreshTicks = 5
/** Upstream: NoteLengthLimit */
const mostNote = 1024

/**
 * Writes events of the events.k8s.io kind: an event that repeats becomes a series, whose second occurrence is written at once and
 * whose later ones are only counted until it ends (6 minutes of silence) or 30 minutes have passed. Stored as core/v1 Events here.
 * Bounds: 4,096 running events; the oldest is forgotten. Upstream: client-go/tools/events/event_broadcaster.go, event_recorder.go
 */
export class EventsRecorder {
  private readonly cache = new Map<string, Cached>()
  private ticking = false
  private ticks = 0

  constructor(
    private readonly client: Client,
    /** e.g. `default-scheduler` */
    private readonly controller: string,
    /** e.g. `default-scheduler-control-plane` */
    private readonly instance: string,
  ) {}

  /** Records an event about `regarding`. `action` is what was being done, e.g. Binding. */
  event(ctx: Ctx, regarding: ObjectReference, related: ObjectReference | undefined, type: 'Normal' | 'Warning', reason: string, action: string, note: string): void {
    // As upstream, the reference counts with its resourceVersion, and the note does not count.
    const key = `${type}|${action}|${reason}|${regarding.kind}/${regarding.namespace ?? ''}/${regarding.name}/${regarding.uid ?? ''}/${regarding.resourceVersion ?? ''}|${related?.uid ?? ''}`
    const known = this.cache.get(key)
    if (known !== undefined) {
      const again = Object.freeze({ ...known, count: known.count === 0 ? 2 : known.count + 1, lastAt: ctx.now, lastTime: ctx.wallMicroTime() })
      this.cache.set(key, again)
      if (again.count === 2) this.patch(ctx, again)
      return
    }
    if (this.cache.size >= mostKeys) this.cache.delete(this.cache.keys().next().value as string)
    const namespace = regarding.namespace || 'default'
    const name = `${regarding.name}.${eventSuffix(ctx)}`
    const time = ctx.wallMicroTime()
    this.cache.set(key, Object.freeze({ namespace, name, at: ctx.now, count: 0, lastAt: ctx.now, lastTime: time }))
    const kubeEvent = {
      kind: 'Event', apiVersion: 'v1', metadata: { name, namespace }, involvedObject: regarding, reason,
      message: note.length > mostNote ? `${note.slice(0, mostNote - 4)} ...` : note,
      source: {}, firstTimestamp: null, lastTimestamp: null, type, eventTime: time, action, related, reportingComponent: this.controller, reportingInstance: this.instance,
    }
    const then: Sent = { type: 'events-recorder/sent' }
    this.client.send(ctx, { verb: 'create', path: resourcePath('events', namespace), body: kubeEvent }, then)
    this.tick(ctx)
  }

  private patch(ctx: Ctx, e: Cached): void {
    const then: Sent = { type: 'events-recorder/sent' }
    this.client.send(ctx, {
      verb: 'patch', path: resourcePath('events', e.namespace, e.name), patchType: 'application/strategic-merge-patch+json', body: { series: { count: e.count, lastObservedTime: e.lastTime } },
    }, then)
  }

  private tick(ctx: Ctx): void {
    if (this.ticking) return
    this.ticking = true
    const message: Tick = { type: 'events-recorder/tick' }
    ctx.after(finishAfter, message)
  }

  /** Handles its own timer. True when the message was that. */
  receive(message: Message, ctx: Ctx): boolean {
    if (message.type !== 'events-recorder/tick') return false
    this.ticking = false
    const refresh = ++this.ticks % refreshTicks === 0
    for (const [key, e] of this.cache) {
      const over = e.lastAt < ctx.now - finishAfter
      if (e.count > 0 && (over || refresh)) this.patch(ctx, e)
      if (over) this.cache.delete(key)
    }
    if (this.cache.size > 0) this.tick(ctx)
    return true
  }

  /** True when a reply was to an event that this recorder sent; nothing more needs doing. */
  reply(reply: Reply): boolean {
    return reply.then.type === 'events-recorder/sent'
  }
}
