import type { Ctx, Micros } from '../sim'
import type { ApiResponse, RequestInit, WatchEvent } from '../client-go'

/** What a command waits for. Plain data: part of the process's state. */
export type Wait =
  | { readonly on: 'responses'; readonly requests: readonly RequestInit[] }
  | { readonly on: 'watch'; readonly index: number; readonly request: RequestInit; readonly timeout: Micros | null }
  | { readonly on: 'next'; readonly index: number; readonly timeout: Micros | null }
  | { readonly on: 'sleep'; readonly for: Micros }

/** What came of a wait (or of a question to the clock), in the order asked. */
export type Recorded =
  | { readonly responses: readonly ApiResponse[] }
  | { readonly event: WatchEvent | WatchEnd }
  | { readonly slept: true }
  | { readonly now: number }
  | { readonly drawn: number }

/** Why a watch has no more events. `refused` carries the response that came instead of a stream. */
export interface WatchEnd {
  readonly type: 'closed' | 'timeout' | 'refused'
  readonly response?: ApiResponse
}

/** Thrown by an io call whose answer is not known yet: the runtime asks for it, and runs the command again from the start when it is there. */
export class Suspended {
  constructor(readonly wait: Wait) {}
}

/** Thrown to end a command: `message` goes to stderr as it is, with a newline. */
export class Exit {
  constructor(
    readonly code: number,
    readonly message = '',
  ) {}
}

/** A watch of a command. */
export interface WatchHandle {
  /** The next event; waits for it at most `timeout` µs when given. */
  next(timeout?: Micros): WatchEvent | WatchEnd
}

/**
 * What a kubectl command may do. Commands are plain synchronous functions: each call either gives what was recorded for it,
 * or suspends the command. So a command's whole memory is the list of answers it got, which is plain data (law 2),
 * and must depend on nothing else: no module state, no order of maps from outside.
 */
export class Io {
  stdout = ''
  stderr = ''
  /** Whom requests impersonate (`--as`, `--as-group`). */
  impersonate: RequestInit['impersonate']
  private at = 0
  private watches = 0

  constructor(
    private readonly recorded: Recorded[],
    private readonly ctx: Ctx,
    readonly stdin: string | undefined,
  ) {}

  private take(): Recorded | undefined {
    return this.at < this.recorded.length ? this.recorded[this.at++] : undefined
  }

  private signed(request: RequestInit): RequestInit {
    return this.impersonate === undefined ? request : { ...request, impersonate: this.impersonate }
  }

  /** Prints to stdout; nothing is added to the text. */
  out(text: string): void {
    this.stdout += text
  }

  /** Prints to stderr. */
  err(text: string): void {
    this.stderr += text
  }

  /** Sends one request and gives its response. */
  request(request: RequestInit): ApiResponse {
    return this.requests([request])[0] as ApiResponse
  }

  /** Sends requests side by side and gives their responses in order. */
  requests(requests: readonly RequestInit[]): readonly ApiResponse[] {
    const r = this.take()
    if (r === undefined) throw new Suspended({ on: 'responses', requests: requests.map((q) => this.signed(q)) })
    return (r as { responses: readonly ApiResponse[] }).responses
  }

  /** Opens a watch; its first event is asked for at once by `next`. */
  watch(request: RequestInit): WatchHandle {
    const index = this.watches++
    let opened = false
    return {
      next: (timeout) => {
        const r = this.take()
        if (r === undefined) throw new Suspended(opened ? { on: 'next', index, timeout: timeout ?? null } : { on: 'watch', index, request: this.signed(request), timeout: timeout ?? null })
        opened = true
        return (r as { event: WatchEvent | WatchEnd }).event
      },
    }
  }

  /** Waits. Units: µs. */
  sleep(time: Micros): void {
    if (this.take() === undefined) throw new Suspended({ on: 'sleep', for: time })
  }

  /** Wall clock. Units: µs since 1970. */
  now(): number {
    const r = this.take()
    if (r !== undefined) return (r as { now: number }).now
    const now = this.ctx.wallMicros()
    this.recorded.push({ now })
    this.at++
    return now
  }

  /** A random integer in [0, n). */
  draw(n: number): number {
    const r = this.take()
    if (r !== undefined) return (r as { drawn: number }).drawn
    const drawn = this.ctx.rng.below(n)
    this.recorded.push({ drawn })
    this.at++
    return drawn
  }
}
