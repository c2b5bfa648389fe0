import { MINUTE, SECOND, hexText, type Ctx, type Micros } from '../sim'
import { resourcePath } from '../api'
import type { KubeObject } from '../apimachinery'
import type { Client, Reply } from './client'
import type { RequestInit } from './wire'
import type { Message } from '../sim'

/** The object that a Kubernetes Event is about. */
export interface ObjectReference {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string | undefined
  readonly name: string
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly fieldPath?: string | undefined
}

/** A reference to an object of the API. Objects from lists and caches carry their kind here. */
export function referenceTo(o: KubeObject, fieldPath?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = o.metadata
  return { kind: o.kind as string, namespace, name: name as string, uid, apiVersion: o.apiVersion as string, resourceVersion, fieldPath }
}

interface Group {
  /** Distinct messages seen in the window. Bounds: 10. */
  readonly messages: readonly string[]
  readonly at: Micros
}

/** The records are frozen and replaced, so that a checkpoint copies only the maps. */
interface Logged {
  readonly count: number
  readonly namespace: string
  readonly name: string
  /** The server has no such event: the next is a new one. */
  readonly missing?: boolean
}

interface Bucket {
  readonly tokens: number
  readonly at: Micros
}

interface Sent extends Message {
  readonly type: 'event-recorder/sent'
  readonly key: string
  readonly at: Micros
}

/** An event that did not reach the server. */
interface Unsent {
  readonly request: RequestInit
  readonly key: string
  /** When it was recorded. */
  readonly at: Micros
}

/** A write that waits, with what caused it. */
interface Queued {
  readonly request: RequestInit
  readonly then: Sent
  readonly cause: number
}

/** Such events are tried again each 10 s, twelve times. Upstream: event.go maxTriesPerEvent, defaultSleepDuration */
const retryFor = 120 * SECOND
const mostUnsent = 200

/** Events that wait for the one that is being written. Upstream: maxQueuedEvents; a full queue drops what comes */
const mostQueued = 1000
/** An answer that does not come by then will not come. */
const patience = 60 * SECOND

const mostKeys = 4096
const none: readonly string[] = []

/**
 * Writes Kubernetes Events: counts repeats up by PATCH, folds floods of similar ones, and drops what exceeds 25 plus one per 5 minutes for each object.
 * Upstream: client-go/tools/record/events_cache.go (EventCorrelator), event.go
 */
export class EventRecorder {
  private readonly logged = new Map<string, Logged>()
  private readonly groups = new Map<string, Group>()
  private readonly spam = new Map<string, Bucket>()
  private unsent: Unsent[] = []
  /** One event is written at a time, as upstream's broadcaster does: a repeat never overtakes what it repeats. */
  private queue: Queued[] = []
  private busySince: Micros | undefined
  /** When the last name was made, and its part below a microsecond: names of one moment sort as they were made. */
  private stamp = 0
  private step = 0

  constructor(
    private readonly client: Client,
    /** e.g. `deployment-controller`, `kubelet` */
    private readonly component: string,
    private readonly host?: string,
  ) {}

  /** Records that something happened to an object. `type` is Normal or Warning. */
  event(ctx: Ctx, about: ObjectReference, type: 'Normal' | 'Warning', reason: string, message: string, annotations?: Readonly<Record<string, string>>): void {
    // Joined, since a text from a template would be kept in all its parts.
    const object = [about.kind, about.namespace ?? '', about.name, about.uid ?? '', type].join('/')
    if (this.unsent.length > 0) this.sendAgain(ctx)
    // Warnings and normal events have a bucket each (recorded: goldens crashloop, imagepull), whatever container they are about.
    if (!this.admit(object, ctx.now)) return
    const groupKey = [object, about.fieldPath ?? '', reason].join('|')
    const group = this.groups.get(groupKey)
    if (group === undefined) bound(this.groups)
    const before = group === undefined || ctx.now - group.at > 10 * MINUTE ? none : group.messages
    const messages = before.includes(message) ? before : before.concat(message)
    const folded = messages.length >= 10
    const text = folded ? `(combined from similar events): ${message}` : message
    const key = folded ? groupKey : `${groupKey}|${message}`
    this.groups.set(groupKey, Object.freeze({ messages: messages.length > 10 ? messages.slice(1) : messages, at: ctx.now }))
    const namespace = about.namespace || 'default'
    const then: Sent = { type: 'event-recorder/sent', key, at: ctx.now }
    const known = this.logged.get(key)
    const now = ctx.wallTime()
    if (known && !known.missing) {
      const count = known.count + 1
      this.logged.set(key, Object.freeze({ ...known, count }))
      this.write(ctx, { verb: 'patch', path: resourcePath('events', known.namespace, known.name), patchType: 'application/strategic-merge-patch+json', body: { count, lastTimestamp: now, message: text } }, then)
      return
    }
    bound(this.logged)
    const name = `${about.name}.${this.suffix(ctx)}`
    const count = (known?.count ?? 0) + 1
    this.logged.set(key, Object.freeze({ count, namespace, name }))
    // In the order of Go's fields: nothing has to be sorted when it is decoded.
    const kubeEvent = {
      kind: 'Event', apiVersion: 'v1', metadata: annotations && Object.keys(annotations).length > 0 ? { name, namespace, annotations } : { name, namespace },
      involvedObject: about, reason, message: text, source: this.host ? { component: this.component, host: this.host } : { component: this.component },
      firstTimestamp: now, lastTimestamp: now, count, type, eventTime: null, reportingComponent: this.component, reportingInstance: this.host ?? '',
    }
    this.write(ctx, { verb: 'create', path: resourcePath('events', namespace), body: kubeEvent }, then)
  }

  private write(ctx: Ctx, request: RequestInit, then: Sent): void {
    if (this.busySince !== undefined && ctx.now - this.busySince < patience) {
      if (this.queue.length < mostQueued) this.queue.push(Object.freeze({ request, then, cause: ctx.cause }))
      return
    }
    this.busySince = ctx.now
    this.client.send(ctx, request, then)
  }

  private suffix(ctx: Ctx): string {
    const at = ctx.wallMicros()
    this.step = at === this.stamp ? Math.min(999, this.step + 1 + ctx.rng.below(20)) : ctx.rng.below(400)
    this.stamp = at
    return eventSuffix(ctx, this.step)
  }

  private admit(object: string, now: Micros): boolean {
    const b = this.spam.get(object)
    if (b === undefined) bound(this.spam)
    const tokens = b === undefined ? 25 : Math.min(25, b.tokens + (now - b.at) / (300 * SECOND))
    this.spam.set(object, Object.freeze({ tokens: tokens < 1 ? tokens : tokens - 1, at: now }))
    return tokens >= 1
  }

  /** True when a reply was to an event that this recorder sent; nothing more needs doing. */
  reply(reply: Reply, ctx: Ctx): boolean {
    if (reply.then.type !== 'event-recorder/sent') return false
    this.note(reply)
    const [next] = this.queue
    this.busySince = next === undefined ? undefined : ctx.now
    if (next === undefined) return true
    this.queue = this.queue.slice(1)
    const { cause } = ctx
    ctx.cause = next.cause
    this.client.send(ctx, next.request, next.then)
    ctx.cause = cause
    return true
  }

  private note(reply: Reply): void {
    const { code } = reply.response
    if (code >= 200 && code < 300) return
    const { key, at } = reply.then as Sent
    if (code === 0) {
      // Nobody answered. It goes with the next event that there is.
      if (this.unsent.length < mostUnsent) this.unsent.push(Object.freeze({ request: reply.request, key, at }))
    } else if (code === 404 && reply.request.verb === 'patch') {
      const known = this.logged.get(key)
      if (known) this.logged.set(key, Object.freeze({ ...known, missing: true }))
    }
  }

  private sendAgain(ctx: Ctx): void {
    const list = this.unsent
    this.unsent = []
    for (const u of list) if (ctx.now - u.at < retryFor) this.write(ctx, u.request, { type: 'event-recorder/sent', key: u.key, at: u.at } as Sent)
  }
}

const word = 2 ** 32

/** Sixteen hex digits of the time in nanoseconds, as event names end; what is below a microsecond is drawn when it is not given. */
export function eventSuffix(ctx: Ctx, nanos = ctx.rng.below(1000)): string {
  const micros = ctx.wallMicros()
  const high = Math.floor(micros / word)
  const low = (micros - high * word) * 1000 + nanos
  return hexText([high * 1000 + Math.floor(low / word), low % word])
}

function bound(map: Map<string, unknown>): void {
  if (map.size >= mostKeys) map.delete(map.keys().next().value as string)
}

