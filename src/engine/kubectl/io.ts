import type { Ctx, Micros } from '../sim'
import type { ApiResponse, RequestInit, WatchEvent } from '../client-go'
import { Machine, newMachine, type MachineState } from './shell/machine'

/** What a command waits for. Plain data: part of the process's state. */
export type Wait =
  | { readonly on: 'responses'; readonly requests: readonly RequestInit[] }
  | { readonly on: 'watch'; readonly index: number; readonly request: RequestInit; readonly timeout: Micros | null }
  | { readonly on: 'next'; readonly index: number; readonly timeout: Micros | null }
  /** `keys`: Ctrl-C is for the other end of the line, not for this command. */
  | { readonly on: 'sleep'; readonly for: Micros; readonly keys?: boolean }
  /** The person edits a text. */
  | { readonly on: 'edit'; readonly path: string; readonly text: string }
  /** The person types a line into a command that runs. */
  | { readonly on: 'prompt'; readonly text: string; readonly keys?: boolean }
  /** Another process of the simulation is asked, by a message that names this one. */
  | { readonly on: 'answer'; readonly to: string; readonly ask: Readonly<Record<string, unknown>> }
  /** Nothing ends this but the person. */
  | { readonly on: 'interrupt' }

/** What came of a wait (or of a question to the clock), in the order asked. */
export type Recorded =
  | { readonly responses: readonly ApiResponse[] }
  | { readonly event: WatchEvent | WatchEnd }
  | { readonly slept: true; readonly interrupted?: true }
  | { readonly now: number }
  | { readonly drawn: number }
  | { readonly edited: string | null }
  | { readonly answer: Readonly<Record<string, unknown>> | null }
  | { readonly memory: unknown }
  /** Who read its output had enough: the command was ended here (SIGPIPE). */
  | { readonly cut: true }

/** Why a watch has no more events. `refused` carries the response that came instead of a stream. */
export interface WatchEnd {
  readonly type: 'closed' | 'timeout' | 'refused'
  readonly response?: ApiResponse
}

/** Thrown by an io call whose answer is not known yet: the runtime asks for it, and runs the command again from the start when it is there. */
export class Suspended {
  constructor(readonly wait: Wait) {}
}

/** Thrown where a command was ended because nobody read on. */
export class Cut {}

/** Thrown by `Io.again`: the command is run again from its start, with this memory instead of all answers. */
export class Again {
  constructor(readonly memory: unknown) {}
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
  /** Who requests say they are; undefined: whom kubeadm made the administrator. Errors: throws when no request gets to the server. */
  connect: (() => RequestInit['credentials']) | undefined
  /** stderr goes where stdout goes (`2>&1`). */
  merged = false
  /** How long an answer may take, a watch's whole stream too (`--request-timeout`); 0: for ever. Units: µs. */
  requestTimeout = 0
  /** How much of its requests kubectl tells (`-v`). */
  verbosity = 0
  /** The machine that the line is typed on. */
  readonly machine: Machine
  /** The line is one command and nothing else: it may forget its answers (`again`). */
  solo = false
  private at = 0
  private watches = 0

  constructor(
    private readonly recorded: Recorded[],
    private readonly ctx: Ctx,
    /** What comes in; undefined: nothing was given. */
    public stdin: string | undefined,
    machine: MachineState = newMachine(),
  ) {
    this.machine = new Machine(machine)
  }

  private take(): Recorded | undefined {
    const r = this.at < this.recorded.length ? this.recorded[this.at++] : undefined
    if (r !== undefined && 'cut' in r) throw new Cut()
    return r
  }

  private signed(request: RequestInit): RequestInit {
    const credentials = this.connect?.()
    return this.impersonate === undefined && credentials === undefined ? request : { ...request, credentials, impersonate: this.impersonate }
  }

  /** Prints to stdout; nothing is added to the text. */
  out(text: string): void {
    this.stdout += text
  }

  /** Prints to stderr. */
  err(text: string): void {
    if (this.merged) this.stdout += text
    else this.stderr += text
  }

  /** Sends one request and gives its response. */
  request(request: RequestInit): ApiResponse {
    return this.requests([request])[0] as ApiResponse
  }

  /** Sends requests side by side and gives their responses in order. */
  requests(requests: readonly RequestInit[]): readonly ApiResponse[] {
    this.connect?.()
    const r = this.take()
    if (r === undefined) throw new Suspended({ on: 'responses', requests: requests.map((q) => this.signed(q)) })
    return (r as { responses: readonly ApiResponse[] }).responses
  }

  /** Opens a watch; its first event is asked for at once by `next`. */
  watch(request: RequestInit): WatchHandle {
    const index = this.watches++
    const ends = this.requestTimeout > 0 ? this.now() + this.requestTimeout : undefined
    let opened = false
    return {
      next: (timeout = ends && Math.max(1, ends - this.now())) => {
        this.connect?.()
        const r = this.take()
        if (r === undefined) throw new Suspended(opened ? { on: 'next', index, timeout: timeout ?? null } : { on: 'watch', index, request: this.signed(request), timeout: timeout ?? null })
        opened = true
        return (r as { event: WatchEvent | WatchEnd }).event
      },
    }
  }

  /** Waits. Units: µs. */
  sleep(time: Micros, keys = false): 'slept' | 'interrupted' {
    const r = this.take()
    if (r === undefined) throw new Suspended({ on: 'sleep', for: time, ...(keys ? { keys } : {}) })
    return 'interrupted' in r ? 'interrupted' : 'slept'
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

  /** Lets the person edit a text; null when they gave up, or nobody is there to edit. */
  edit(path: string, text: string): string | null {
    const r = this.take()
    if (r === undefined) throw new Suspended({ on: 'edit', path, text })
    return (r as { edited: string | null }).edited
  }

  /** A line that the person types into the running command, after a prompt; null: end of input. With `keys` Ctrl-C is a line too: `\u0003`. */
  prompt(text: string, keys = false): string | null {
    const r = this.take()
    if (r === undefined) throw new Suspended({ on: 'prompt', text, ...(keys ? { keys } : {}) })
    return (r as { edited: string | null }).edited
  }

  /** Asks another process (`traffic`) by one message; null when it is not there. */
  ask(to: string, ask: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | null {
    const r = this.take()
    if (r === undefined) throw new Suspended({ on: 'answer', to, ask })
    return (r as { answer: Readonly<Record<string, unknown>> | null }).answer
  }

  /** Ends the command that waits now: who reads its output has enough. */
  cut(): void {
    this.recorded.push({ cut: true })
    this.at++
  }

  /** Holds the command open until the person interrupts it. */
  forever(): never {
    this.take()
    throw new Suspended({ on: 'interrupt' })
  }

  /** What `again` left, for a command that goes on without end; `first` in the beginning. */
  memory<T>(first: T): T {
    const r = this.recorded[this.at]
    if (r !== undefined && 'memory' in r) {
      this.at++
      return r.memory as T
    }
    return first
  }

  /**
   * For commands without end: forgets all answers so far, keeps `memory`. Where the line is more than this command
   * nothing is forgotten, and false is answered.
   */
  again(memory: unknown): void {
    if (this.solo) this.forget(memory)
  }

  /** As `again`, for a loop that is all of the line. */
  forget(memory: unknown): void {
    // Rarely, since each time the command begins anew.
    if (this.recorded.length === this.at && this.at > 40) throw new Again(memory)
  }
}
