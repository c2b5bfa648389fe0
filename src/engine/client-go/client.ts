import { SECOND, type Ctx, type Disconnected, type Message, type Micros, type Refused } from '../sim'
import { parsePath } from './path'
import { apiserverId, type ApiRequest, type ApiResponse, type CancelWatch, type RequestInit, type RequestMessage, type ResponseMessage } from './wire'

/** What to do with the answer: plain data that the client hands back with it. */
export type Then = Message

/** An answer with what its sender wanted done. */
export interface Reply {
  readonly then: Then
  readonly response: ApiResponse
  readonly request: RequestInit
}

interface Pending {
  readonly then: Then
  readonly request: RequestInit
}

/** Client-side rate limit, as client-go's flowcontrol token bucket. */
export interface RateLimit {
  /** Requests per second. */
  readonly qps: number
  readonly burst: number
}

/**
 * A client of kube-apiserver inside one process. Plain state. `send` a request with a message that says how to go on;
 * give every incoming message to `receive`, which hands the replies back.
 * Upstream: client-go/rest/request.go, util/flowcontrol/throttle.go
 */
export class Client {
  private readonly pending = new Map<number, Pending>()
  private readonly watches = new Map<number, Pending>()
  private tokens: number
  private tokensAt: Micros = 0

  constructor(
    /** Name that the server authenticates, e.g. `system:kube-scheduler`. */
    readonly user: string,
    readonly agent: string,
    private readonly limit: RateLimit = { qps: 0, burst: 0 },
    /** Tells the clients of one process apart: no two of them share one. Bounds: 0 to 63. */
    readonly channel = 0,
  ) {
    this.tokens = limit.burst
  }

  /** The channel of the client that a response, or a watch's message, is for. */
  static channelOf(message: Message): number | undefined {
    const id = message.type === 'refused' ? ((message as Refused).message as RequestMessage).id : (message as { id?: number }).id
    return id === undefined ? undefined : id % 64
  }

  /** Requests without an answer yet. */
  get waiting(): number {
    return this.pending.size
  }

  send(ctx: Ctx, request: RequestInit, then: Then): number {
    const id = ctx.unique() * 64 + this.channel
    const cause = ctx.cause
    const path = parsePath(request.path)
    const { namespace, resource, name, subresource } = path
    ctx.trace({ kind: 'request', what: request.verb, object: { resource: subresource ? `${resource}/${subresource}` : resource, namespace, name: name || nameIn(request.body) } })
    // One shape for all requests: whoever reads them stays fast.
    const full: ApiRequest = {
      verb: request.verb, path: request.path, query: request.query, body: request.body, patchType: request.patchType, accept: request.accept,
      user: this.user, agent: this.agent, credentials: request.credentials, impersonate: request.impersonate,
    }
    const message: RequestMessage = { type: 'request', id, from: ctx.self, request: full, path }
    ;(request.verb === 'watch' ? this.watches : this.pending).set(id, { then, request })
    ctx.send(apiserverId, message, this.throttle(ctx.now))
    ctx.cause = cause
    return id
  }

  /** Takes one token; returns how long the request waits for it. Units: µs. */
  private throttle(now: Micros): Micros {
    const { qps, burst } = this.limit
    if (qps === 0) return 0
    this.tokens = Math.min(burst, this.tokens + ((now - this.tokensAt) * qps) / SECOND) - 1
    this.tokensAt = now
    return this.tokens >= 0 ? 0 : Math.round((-this.tokens * SECOND) / qps)
  }

  /** Stops a watch; nothing of it arrives any more. */
  cancelWatch(ctx: Ctx, id: number): void {
    if (!this.watches.delete(id)) return
    const message: CancelWatch = { type: 'cancel-watch', id, from: ctx.self }
    ctx.send(apiserverId, message)
  }

  /** What a watch's sender wanted done with its events, or undefined when it was cancelled. */
  watching(id: number): Then | undefined {
    return this.watches.get(id)?.then
  }

  /**
   * The replies that a message brings: one for a response, all for a broken connection. Watch events are not replies (see `watching`),
   * but a watch that ends (refused, broken, closed, answered by an error) is one: its response's code tells why.
   */
  receive(message: Message, ctx: Ctx): readonly Reply[] {
    switch (message.type) {
      case 'response': {
        const { id, response } = message as ResponseMessage
        return this.settle(id, response)
      }
      case 'watch-closed':
        return this.settle((message as ResponseMessage).id, closed)
      case 'refused': {
        const sent = (message as Refused).message as RequestMessage
        return sent.type === 'request' ? this.settle(sent.id, refused) : none
      }
      case 'disconnected': {
        if ((message as Disconnected).peer !== apiserverId) return none
        void ctx
        return [...this.pending.keys(), ...this.watches.keys()].sort((a, b) => a - b).flatMap((id) => this.settle(id, lost))
      }
      default:
        return none
    }
  }

  private settle(id: number, response: ApiResponse): readonly Reply[] {
    const from = this.pending.has(id) ? this.pending : this.watches
    const p = from.get(id)
    if (p === undefined) return none
    from.delete(id)
    return [{ then: p.then, response, request: p.request }]
  }
}

const none: readonly Reply[] = []

const failure = (reason: string, message: string): ApiResponse =>
  Object.freeze({ code: 0, body: Object.freeze({ kind: 'Status', apiVersion: 'v1', metadata: Object.freeze({}), status: 'Failure', message, reason, code: 0 }) }) as unknown as ApiResponse

const refused = failure('ConnectionRefused', 'dial tcp 10.0.0.10:6443: connect: connection refused')
const lost = failure('ConnectionLost', 'http2: client connection lost')
const closed = failure('WatchClosed', 'watch closed')

function nameIn(body: unknown): string {
  const metadata = (body as { metadata?: { name?: string; generateName?: string } } | undefined)?.metadata
  return metadata?.name ?? metadata?.generateName ?? ''
}
