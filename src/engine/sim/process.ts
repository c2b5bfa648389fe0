import type { Micros } from './units'
import type { Message } from './queue'
import type { Rng } from './rng'
import type { TraceNote } from './trace'

/** Names a process, e.g. `kube-scheduler` or `kubelet@node-1`. */
export type ProcessId = string

/** Names the machine a process runs on, e.g. `control-plane`, `node-1`, `you`. */
export type HostId = string

/** Handle of a timer that can be cancelled. */
export type TimerId = number

/** What the simulation hands to a process while it handles a message. The only source of time, chance and effects. */
export interface Ctx {
  /** Simulated time. Units: µs since the simulation began. */
  readonly now: Micros
  readonly self: ProcessId
  readonly host: HostId
  /** This process's own random stream; survives its restarts. */
  readonly rng: Rng
  /** The record that caused what happens now; new records and sends carry it. May be set to credit another cause (e.g. a work queue item's). */
  cause: number
  /** Simulated wall clock. Units: µs since 1970. */
  wallMicros(): number
  /** Simulated wall clock as metav1.Time, e.g. `2026-01-01T00:00:00Z`. */
  wallTime(): string
  /** Simulated wall clock as metav1.MicroTime. */
  wallMicroTime(): string
  /** Delivers `message` to this process after `delay` µs, unless it crashes before. */
  after(delay: Micros, message: Message): TimerId
  cancel(timer: TimerId): void
  /** Sends over the network: latency, loss and partitions apply. `extra` µs are added (e.g. processing time). A dead receiver answers as the network layer says. */
  send(to: ProcessId, message: Message, extra?: Micros): void
  /** A question to the network that is answered at once, with how long it would have taken. Undefined: this network answers none. */
  exchange?(question: Message): unknown
  /** A number that no one else in this simulation gets. */
  unique(): number
  /** Records something; the record becomes the cause of what this handler does next. Returns its id. */
  trace(note: TraceNote): number
  /** Starts a process (or starts it again). Its state is made by its behaviour's `start`. */
  spawn(id: ProcessId, kind: string, host: HostId, params: unknown): void
  /** Ends a process: its state is gone, its timers never fire. */
  kill(id: ProcessId): void
  isUp(id: ProcessId): boolean
  /** The params a process was last started with; they outlive it. Undefined when it never was. */
  paramsOf(id: ProcessId): unknown
}

/** The behaviour of a kind of process: functions only. All it remembers is in S, which is plain data. */
export interface Behaviour<S = unknown, P = unknown> {
  readonly kind: string
  start(ctx: Ctx, params: P): S
  handle(state: S, message: Message, ctx: Ctx): void
}
