import { MS, SECOND, type Ctx, type Disconnected, type Message, type Micros, type Refused } from '../sim'
import { etcdErrors, type EtcdAnswer, type EtcdOp, type EtcdRequest, type EtcdResponse } from './messages'
import { failed, type StoreEvent } from './store'

interface Pending {
  readonly op: EtcdOp
  readonly then: Message
  readonly deadline: Micros
  readonly cause: number
  refused: number
}

interface Retry extends Message {
  readonly type: 'etcd-client/retry'
  readonly id: number
}

/** What a message from etcd brings: first the changes, then the answers. `compacted`: the watch cannot go on, list again. */
export interface EtcdDelivery {
  readonly events: readonly StoreEvent[]
  readonly answers: readonly { readonly then: Message; readonly answer: EtcdAnswer; readonly cause: number }[]
  readonly compacted: boolean
}

const nothing: EtcdDelivery = Object.freeze({ events: [], answers: [], compacted: false })
/** Id of the one watch of a client; other ids are world-wide numbers. */
const watchId = 0
/** Upstream: etcd server ReqTimeout = 5 s + 2 × election timeout */
const requestTimeout = 7 * SECOND

/**
 * A client of an etcd cluster inside one process. Plain state. It finds the leader, keeps one watch on all keys alive over changes of
 * leader, and gives requests up after 7 s. Upstream: etcd client/v3
 */
export class EtcdClient {
  private target = 0
  private readonly pending = new Map<number, Pending>()
  private sweeping = false
  private watchAnswered = false
  private watchRetry = false
  /** Revision up to which the watch has told everything; 0: no watch wanted. */
  revision = 0

  constructor(readonly members: readonly string[]) {}

  /** Requests without an answer. */
  get waiting(): number {
    return this.pending.size
  }

  /** Sends a request; `then` comes back with the answer. `extra`: time before it leaves. */
  send(ctx: Ctx, op: EtcdOp, then: Message, extra: Micros = 0): void {
    const id = ctx.unique()
    this.pending.set(id, { op, then, deadline: ctx.now + extra + requestTimeout, cause: ctx.cause, refused: 0 })
    this.transmit(ctx, id, op, extra)
    if (this.sweeping) return
    this.sweeping = true
    ctx.after(extra + requestTimeout, { type: 'etcd-client/sweep' })
  }

  private transmit(ctx: Ctx, id: number, op: EtcdOp, extra: Micros = 0): void {
    const message: EtcdRequest = { type: 'etcd/request', id, from: ctx.self, op }
    ctx.send(this.members[this.target] as string, message, extra)
  }

  /** Watches everything after a revision. */
  watch(ctx: Ctx, revision: number): void {
    this.revision = revision
    this.watchAnswered = false
    this.transmit(ctx, watchId, { op: 'watch', revision: revision + 1 })
  }

  /** Handles a message of etcd or of this client's timers; undefined when it is neither. */
  receive(message: Message, ctx: Ctx): EtcdDelivery | undefined {
    switch (message.type) {
      case 'etcd/response':
        return this.response(message as EtcdResponse, ctx)
      case 'etcd-client/sweep':
        return this.sweep(ctx)
      case 'etcd-client/retry':
        return this.retry((message as Retry).id, ctx)
      case 'etcd/lost-leader':
        if ((message as EtcdResponse).member === this.members[this.target]) return this.reconnect(ctx, etcdErrors.leaderChanged)
        return nothing
      case 'disconnected': {
        const { peer } = message as Disconnected
        if (!this.members.includes(peer)) return undefined
        return peer === this.members[this.target] ? this.reconnect(ctx, etcdErrors.lost) : nothing
      }
      case 'refused': {
        const sent = (message as Refused).message as EtcdRequest
        return sent.type === 'etcd/request' ? this.refused(sent.id, (message as Refused).to, ctx) : undefined
      }
      default:
        return undefined
    }
  }

  private response(message: EtcdResponse, ctx: Ctx): EtcdDelivery {
    const answers: { then: Message; answer: EtcdAnswer; cause: number }[] = []
    let compacted = false
    for (let i = 0; i < message.answers.length; i++) {
      const answer = message.answers[i] as EtcdAnswer
      if (answer.notLeader !== undefined) this.redirect(answer, message.member, ctx)
      else if (answer.id === watchId) {
        this.watchAnswered = answer.error === undefined
        compacted ||= answer.error === etcdErrors.compacted
      } else this.settle(answer, answers)
    }
    // After a new watch, the first message may repeat what was already told.
    let events = message.events
    if (events.length > 0) {
      const first = (events[0] as StoreEvent).kv.modRevision
      if (first <= this.revision) events = events.filter((e) => e.kv.modRevision > this.revision)
      const last = events[events.length - 1]
      if (last) this.revision = last.kv.modRevision
    }
    return { events, answers, compacted }
  }

  private settle(answer: EtcdAnswer, answers: { then: Message; answer: EtcdAnswer; cause: number }[]): void {
    const p = this.pending.get(answer.id)
    if (p === undefined) return
    this.pending.delete(answer.id)
    answers.push({ then: p.then, answer, cause: answer.cause || p.cause })
  }

  private redirect(answer: EtcdAnswer, member: string, ctx: Ctx): void {
    const hint = this.members.indexOf(answer.notLeader as string)
    const p = this.pending.get(answer.id)
    // Somebody listens: it is worth waiting for a leader.
    if (p) p.refused = 0
    if (member === this.members[this.target]) this.target = hint >= 0 ? hint : (this.target + 1) % this.members.length
    this.later(ctx, answer.id, hint >= 0 ? MS : 100 * MS)
  }

  private later(ctx: Ctx, id: number, delay: Micros): void {
    if (id === watchId) {
      if (this.watchRetry) return
      this.watchRetry = true
    }
    const message: Retry = { type: 'etcd-client/retry', id }
    ctx.after(delay, message)
  }

  private retry(id: number, ctx: Ctx): EtcdDelivery {
    if (id === watchId) {
      this.watchRetry = false
      if (!this.watchAnswered && this.revision > 0) this.watch(ctx, this.revision)
      return nothing
    }
    const p = this.pending.get(id)
    if (p) {
      ctx.cause = p.cause
      this.transmit(ctx, id, p.op)
    }
    return nothing
  }

  /** The connection is gone: nobody knows what became of the requests. */
  private reconnect(ctx: Ctx, error: string): EtcdDelivery {
    const answers = [...this.pending].map(([id, p]) => ({ then: p.then, answer: failed(id, 0, error), cause: p.cause }))
    this.pending.clear()
    this.target = (this.target + 1) % this.members.length
    this.watchAnswered = false
    if (this.revision > 0) this.later(ctx, watchId, 100 * MS)
    return { events: [], answers, compacted: false }
  }

  private refused(id: number, by: string, ctx: Ctx): EtcdDelivery {
    if (by === this.members[this.target]) this.target = (this.target + 1) % this.members.length
    const p = this.pending.get(id)
    if (id === watchId || (p && ++p.refused < this.members.length)) {
      this.later(ctx, id, id === watchId ? 500 * MS : MS)
      return nothing
    }
    if (p === undefined) return nothing
    this.pending.delete(id)
    return { events: [], answers: [{ then: p.then, answer: failed(id, 0, etcdErrors.refused), cause: p.cause }], compacted: false }
  }

  private sweep(ctx: Ctx): EtcdDelivery {
    this.sweeping = false
    const answers: { then: Message; answer: EtcdAnswer; cause: number }[] = []
    let next = 0
    for (const [id, p] of this.pending) {
      if (p.deadline <= ctx.now) {
        this.pending.delete(id)
        answers.push({ then: p.then, answer: failed(id, 0, etcdErrors.timeout), cause: p.cause })
      } else if (next === 0 || p.deadline < next) next = p.deadline
    }
    if (next > 0) {
      this.sweeping = true
      ctx.after(next - ctx.now, { type: 'etcd-client/sweep' })
    }
    return { events: [], answers, compacted: false }
  }
}
