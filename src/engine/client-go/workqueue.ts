import { MS, SECOND, type Ctx, type Message, type Micros } from '../sim'

/** A key that becomes due in a delaying queue. */
export interface QueueDue extends Message {
  readonly type: 'workqueue/due'
  readonly queue: string
  readonly key: string
}

/**
 * A rate-limited, delaying work queue of keys: fair, an item added many times is handed out once, never to two workers at a time.
 * Upstream: client-go/util/workqueue. Rate limit: 5 ms × 2ⁿ to 1000 s per item, and 10 a second with bursts of 100 over all.
 */
export class WorkQueue {
  /** Keys ready, in order, with the record that caused each. */
  private readonly ready = new Map<string, number>()
  private readonly processing = new Map<string, number>()
  private readonly failures = new Map<string, number>()
  /** Keys waiting for a time; the earliest wins. */
  private readonly waiting = new Map<string, Micros>()
  private tokens = 100
  private tokensAt: Micros = 0

  constructor(
    readonly name: string,
    /** Delay after a first failure, and the longest. Units: µs. */
    private readonly backoff: { readonly base: Micros; readonly max: Micros } = { base: 5 * MS, max: 1000 * SECOND },
  ) {}

  get length(): number {
    return this.ready.size
  }

  /** Keys in the hands of workers. */
  get active(): number {
    return this.processing.size
  }

  /** Keys ready to be worked on, in order. */
  keys(): readonly string[] {
    return [...this.ready.keys()]
  }

  add(key: string, cause: number): void {
    if (this.processing.has(key)) {
      this.processing.set(key, cause || -1)
      return
    }
    if (!this.ready.has(key)) this.ready.set(key, cause)
  }

  /** Adds after a delay; when it waits already, the earlier time holds. */
  addAfter(ctx: Ctx, key: string, delay: Micros): void {
    if (delay <= 0) return this.add(key, ctx.cause)
    const due = ctx.now + Math.round(delay)
    const known = this.waiting.get(key)
    if (known !== undefined && known <= due) return
    this.waiting.set(key, due)
    const message: QueueDue = { type: 'workqueue/due', queue: this.name, key }
    ctx.after(delay, message)
  }

  /** Adds with the back-off of its failures. */
  addRateLimited(ctx: Ctx, key: string): void {
    const n = this.failures.get(key) ?? 0
    this.failures.set(key, n + 1)
    this.tokens = Math.min(100, this.tokens + ((ctx.now - this.tokensAt) * 10) / SECOND) - 1
    this.tokensAt = ctx.now
    const bucket = this.tokens >= 0 ? 0 : Math.round((-this.tokens * SECOND) / 10)
    this.addAfter(ctx, key, Math.max(bucket, Math.min(this.backoff.base * 2 ** Math.min(n, 30), this.backoff.max)))
  }

  /** How often a key has failed since it was forgotten. */
  requeues(key: string): number {
    return this.failures.get(key) ?? 0
  }

  forget(key: string): void {
    this.failures.delete(key)
  }

  /** Handles a QueueDue of this queue. */
  due(message: QueueDue, ctx: Ctx): void {
    const at = this.waiting.get(message.key)
    if (at === undefined || at > ctx.now) return
    this.waiting.delete(message.key)
    this.add(message.key, ctx.cause)
  }

  /** Hands out the next key and the record that caused it. */
  get(): { readonly key: string; readonly cause: number } | undefined {
    for (const [key, cause] of this.ready) {
      this.ready.delete(key)
      this.processing.set(key, 0)
      return { key, cause }
    }
    return undefined
  }

  /** The worker is through with a key; if it was added meanwhile it is ready again. */
  done(key: string): void {
    const again = this.processing.get(key)
    this.processing.delete(key)
    if (again) this.ready.set(key, again < 0 ? 0 : again)
  }
}
