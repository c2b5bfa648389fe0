import { assert } from './assert'
import { copyState } from './copy'
import { digestState } from './hash'
import { limits } from './limits'
import type { Behaviour, Ctx, HostId, ProcessId, TimerId } from './process'
import { EventQueue, type Message, type QueuedEvent } from './queue'
import { Rng } from './rng'
import { formatMicroTime, formatTime } from './time'
import { Trace, type TraceMark, type TraceNote, type TraceRecord } from './trace'
import type { Micros } from './units'

/** A process and all it remembers. */
export interface Process {
  readonly id: ProcessId
  readonly kind: string
  host: HostId
  up: boolean
  /** Counts starts; what was meant for an earlier life is never delivered. */
  incarnation: number
  state: unknown
  readonly rng: Rng
  params: unknown
}

/** Everything the simulation remembers. Plain data; `copyState` of it is a checkpoint. */
export interface World {
  readonly seed: number
  /** Simulated wall clock at time 0. Units: µs since 1970. */
  readonly epoch: number
  now: Micros
  nextSeq: number
  handled: number
  readonly queue: EventQueue
  readonly cancelled: Set<TimerId>
  readonly processes: Map<ProcessId, Process>
  /** Which processes have spoken to a process: they are told when it dies. */
  readonly dialled: Map<ProcessId, Set<ProcessId>>
  /** State of the network room. */
  readonly network: unknown
}

/** How the network treats a message from one host to another: it takes this long, or waits for the link to mend. */
export type Delivery = Micros | 'held'

/** The network under the processes. Implemented by the network room, so that sim does not know it. */
export interface Transport {
  deliver(world: World, from: HostId, to: HostId, rng: Rng): Delivery
  /** Keeps a message whose delivery is 'held'. */
  hold(world: World, from: HostId, to: HostId, message: HeldMessage): void
  /** Answers a question about packets at once, by the state as it is; `ctx` is the asker's. */
  exchange?(ctx: Ctx, question: Message): unknown
}

/** A message that waits for its link to mend. */
export interface HeldMessage {
  readonly from: ProcessId
  /** The sender's life; what a former life sent is dropped. -1: its machine speaks, whatever became of it. */
  readonly incarnation: number
  readonly to: ProcessId
  readonly message: Message
  readonly cause: number
}

/** Told to a client whose server is not listening. `message` is what it had sent. */
export interface Refused extends Message {
  readonly type: 'refused'
  readonly to: ProcessId
  readonly message: Message
}

/** Told to both ends when their connection broke. */
export interface Disconnected extends Message {
  readonly type: 'disconnected'
  readonly peer: ProcessId
}

/** Sees each event after it was handled; used by checkers. */
export type Observer = (world: World, event: QueuedEvent) => void

/** A saved moment: state, and where the trace stood. */
export interface Checkpoint {
  readonly at: Micros
  readonly world: World
  readonly trace: TraceMark
}

/** What `run` did. */
export interface RunResult {
  readonly handled: number
  /** False when it stopped at its bound of events, with earlier events still waiting. */
  readonly finished: boolean
}

/** The event loop: pops the earliest event, sets the time, hands it to its process. Synchronous and deterministic. */
export class Simulation {
  readonly trace = new Trace()
  /** The state. Read it freely; only processes change it. */
  state: World
  private readonly behaviours = new Map<string, Behaviour>()
  private readonly ctx: SimCtx
  private sameInstant = 0

  constructor(options: { seed: number; epoch: number; behaviours: readonly Behaviour<never, never>[]; transport: Transport; network: unknown }) {
    for (const b of options.behaviours as readonly Behaviour[]) this.install(b)
    this.state = {
      seed: options.seed, epoch: options.epoch, now: 0, nextSeq: 1, handled: 0, queue: new EventQueue(),
      cancelled: new Set(), processes: new Map(), dialled: new Map(), network: options.network,
    }
    this.ctx = new SimCtx(this, options.transport)
  }

  get now(): Micros {
    return this.state.now
  }

  /** Time of the earliest event that waits, or undefined. */
  nextAt(): Micros | undefined {
    return this.state.queue.peek()?.at
  }

  /** Handles events with time ≤ until, at most `mostEvents`. On finishing, the clock stands at `until`. */
  run(until: Micros, mostEvents = Number.MAX_SAFE_INTEGER, observer?: Observer): RunResult {
    const world = this.state
    const queue = world.queue
    let handled = 0
    for (;;) {
      const next = queue.peek()
      if (next === undefined || next.at > until) break
      if (handled >= mostEvents) return { handled, finished: false }
      queue.pop()
      if (this.deliver(next)) {
        handled++
        observer?.(world, next)
      }
    }
    if (until > world.now) world.now = until
    return { handled, finished: true }
  }

  private deliver(event: QueuedEvent): boolean {
    const world = this.state
    if (world.cancelled.size > 0 && world.cancelled.delete(event.seq)) return false
    if (event.at !== world.now) {
      assert(event.at > world.now, 'time ran backwards')
      this.sameInstant = 0
    } else if (++this.sameInstant >= limits.eventsAtOneInstant) assert(false, `time stands still at ${world.now}: ${event.to} ${event.message.type}`)
    const process = world.processes.get(event.to)
    if (process === undefined || !process.up || (event.incarnation !== -1 && event.incarnation !== process.incarnation)) return false
    world.now = event.at
    world.handled++
    this.behaviour(process.kind).handle(process.state, event.message, this.ctx.enter(process, event.cause))
    return true
  }

  /** Acts from outside the processes (inputs, faults): `act` gets a context of no process, with this cause. */
  act<T>(cause: number, act: (ctx: Ctx) => T): T {
    return act(new SimCtx(this, this.ctx.transport).enter(outside, cause))
  }

  /** Delivers a message to a process at once, past the network (what its own operating system tells it). */
  post(to: ProcessId, message: Message, cause = 0): void {
    const world = this.state
    const process = world.processes.get(to)
    if (process?.up) world.queue.push({ at: world.now, seq: world.nextSeq++, to, incarnation: process.incarnation, cause, message })
  }

  /** Makes a process known that does not run yet: who speaks to it is refused, and who starts it finds its params. */
  declare(id: ProcessId, kind: string, host: HostId, params: unknown): void {
    const { processes, seed } = this.state
    if (!processes.has(id)) processes.set(id, { id, kind, host, up: false, incarnation: 0, state: undefined, rng: new Rng(seed, id), params })
  }

  /** The state of a process that is up, for reading by observers. */
  stateOf<S>(id: ProcessId): S | undefined {
    const p = this.state.processes.get(id)
    return p?.up ? (p.state as S) : undefined
  }

  /** Adds a kind of process. */
  install(behaviour: Behaviour): void {
    assert(!this.behaviours.has(behaviour.kind), `two behaviours named ${behaviour.kind}`)
    this.behaviours.set(behaviour.kind, behaviour)
  }

  knows(kind: string): boolean {
    return this.behaviours.has(kind)
  }

  behaviour(kind: string): Behaviour {
    const b = this.behaviours.get(kind)
    if (b === undefined) assert(false, `no behaviour for ${kind}`)
    return b
  }

  checkpoint(): Checkpoint {
    return { at: this.state.now, world: copyState(this.state), trace: this.trace.mark() }
  }

  /** Goes back (or on) to a checkpoint, which stays usable. */
  restore(checkpoint: Checkpoint): void {
    this.state = copyState(checkpoint.world)
    this.trace.reset(checkpoint.trace)
    this.sameInstant = 0
  }

  /** Digest of the trace so far. */
  traceHash(): string {
    return this.trace.digest.hex()
  }

  /** Digest of the whole state. Slow: for tests and reports. */
  stateHash(): string {
    const w = this.state
    const queued = [...w.queue.entries()].sort((a, b) => a.seq - b.seq).filter((e) => !w.cancelled.has(e.seq))
    return digestState({ now: w.now, seq: w.nextSeq, queued, processes: w.processes, network: w.network })
  }

  /** The newest records, for a crash report. */
  lastRecords(most = 200): readonly TraceRecord[] {
    return this.trace.since(this.trace.nextId - most)
  }
}

const outside: Process = { id: '', kind: '', host: 'you', up: true, incarnation: 0, state: undefined, rng: new Rng(0, ''), params: undefined }

class SimCtx implements Ctx {
  cause = 0
  private process: Process = outside

  constructor(
    private readonly sim: Simulation,
    readonly transport: Transport,
  ) {}

  enter(process: Process, cause: number): this {
    this.process = process
    this.cause = cause
    return this
  }

  get now(): Micros {
    return this.sim.state.now
  }
  get self(): ProcessId {
    return this.process.id
  }
  get host(): HostId {
    return this.process.host
  }
  get rng(): Rng {
    return this.process.rng
  }

  wallMicros(): number {
    return this.sim.state.epoch + this.sim.state.now
  }
  wallTime(): string {
    return formatTime(this.wallMicros())
  }
  wallMicroTime(): string {
    return formatMicroTime(this.wallMicros())
  }

  after(delay: Micros, message: Message): TimerId {
    assert(this.process !== outside, 'a timer without a process')
    return this.enqueue(this.now + Math.max(0, Math.round(delay)), this.process, message)
  }

  private enqueue(at: Micros, to: Process, message: Message): TimerId {
    const world = this.sim.state
    const seq = world.nextSeq++
    world.queue.push({ at, seq, to: to.id, incarnation: to.incarnation, cause: this.cause, message })
    return seq
  }

  cancel(timer: TimerId): void {
    this.sim.state.cancelled.add(timer)
  }

  send(to: ProcessId, message: Message, extra: Micros = 0): void {
    const world = this.sim.state
    const receiver = world.processes.get(to)
    if (receiver === undefined) return
    const from = this.process
    if (from !== outside) {
      let callers = world.dialled.get(to)
      if (callers === undefined) world.dialled.set(to, (callers = new Set()))
      callers.add(from.id)
    }
    const delay = this.transport.deliver(world, from.host, receiver.host, from.rng)
    if (delay === 'held') this.transport.hold(world, from.host, receiver.host, { from: from.id, incarnation: from.incarnation, to, message, cause: this.cause })
    else if (receiver.up) this.enqueue(world.now + delay + extra, receiver, message)
    else if (from !== outside) this.enqueue(world.now + 2 * delay + extra, from, { type: 'refused', to, message } as Refused)
  }

  exchange(question: Message): unknown {
    return this.transport.exchange?.(this, question)
  }

  unique(): number {
    return this.sim.state.nextSeq++
  }

  trace(note: TraceNote): number {
    this.cause = this.sim.trace.add(this.now, this.cause, this.process.id || 'you', note)
    return this.cause
  }

  spawn(id: ProcessId, kind: string, host: HostId, params: unknown): void {
    const world = this.sim.state
    assert(world.processes.size < limits.processes, 'too many processes')
    let process = world.processes.get(id)
    if (process === undefined) {
      process = { id, kind, host, up: false, incarnation: 0, state: undefined, rng: new Rng(world.seed, id), params }
      world.processes.set(id, process)
    }
    assert(!process.up, () => `${id} is already up`)
    process.host = host
    process.params = params
    process.up = true
    process.incarnation++
    process.state = this.sim.behaviour(kind).start(new SimCtx(this.sim, this.transport).enter(process, this.cause), params as never)
  }

  kill(id: ProcessId): void {
    const world = this.sim.state
    const process = world.processes.get(id)
    if (process === undefined || !process.up) return
    process.up = false
    process.state = undefined
    const callers = world.dialled.get(id)
    const servers = [...world.dialled].filter(([, of]) => of.has(id)).map(([server]) => server)
    for (const peer of new Set([...(callers ?? []), ...servers])) {
      if (!this.tell(process, peer)) continue
      callers?.delete(peer)
      world.dialled.get(peer)?.delete(id)
    }
    if (callers?.size === 0) world.dialled.delete(id)
  }

  /** Tells a peer that the connection is gone. False when the news cannot reach it: it then still believes in the connection. */
  private tell(dead: Process, peerId: ProcessId): boolean {
    const world = this.sim.state
    const peer = world.processes.get(peerId)
    if (peer === undefined || !peer.up) return true
    const message: Disconnected = { type: 'disconnected', peer: dead.id }
    const delay = this.transport.deliver(world, dead.host, peer.host, this.process.rng)
    if (delay === 'held') {
      this.transport.hold(world, dead.host, peer.host, { from: dead.id, incarnation: -1, to: peerId, message, cause: this.cause })
      return false
    }
    this.enqueue(world.now + delay, peer, message)
    return true
  }

  isUp(id: ProcessId): boolean {
    return this.sim.state.processes.get(id)?.up ?? false
  }

  paramsOf(id: ProcessId): unknown {
    return this.sim.state.processes.get(id)?.params
  }
}
