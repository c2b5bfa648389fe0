import type { Micros } from './units'
import { assert } from './assert'
import { limits } from './limits'

/** What one process tells another (or itself, later). Plain data: no functions, no class with behaviour. */
export interface Message {
  readonly type: string
}

/** An entry of the event queue. `seq` breaks ties of time, so the order is total. */
export interface QueuedEvent {
  readonly at: Micros
  readonly seq: number
  /** Receiving process. */
  readonly to: string
  /** The receiver's incarnation when this was sent to itself (timers), or -1 for deliveries that outlive a restart. */
  readonly incarnation: number
  /** Trace record that caused this event; 0 when none. */
  readonly cause: number
  readonly message: Message
}

/** Binary heap ordered by (at, seq). A plain array inside, so a checkpoint copies it with one slice. */
export class EventQueue {
  private heap: QueuedEvent[] = []

  get size(): number {
    return this.heap.length
  }

  peek(): QueuedEvent | undefined {
    return this.heap[0]
  }

  push(event: QueuedEvent): void {
    const heap = this.heap
    if (heap.length >= limits.queuedEvents) assert(false, 'event queue is full')
    let i = heap.length
    heap.push(event)
    while (i > 0) {
      const parent = (i - 1) >> 1
      const p = heap[parent] as QueuedEvent
      if (p.at < event.at || (p.at === event.at && p.seq < event.seq)) break
      heap[i] = p
      i = parent
    }
    heap[i] = event
  }

  pop(): QueuedEvent | undefined {
    const heap = this.heap
    const top = heap[0]
    const last = heap.pop()
    if (top === undefined || last === undefined || heap.length === 0) return top
    const n = heap.length
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= n) break
      let c = heap[child] as QueuedEvent
      const right = heap[child + 1]
      if (right !== undefined && (right.at < c.at || (right.at === c.at && right.seq < c.seq))) {
        child++
        c = right
      }
      if (last.at < c.at || (last.at === c.at && last.seq < c.seq)) break
      heap[i] = c
      i = child
    }
    heap[i] = last
    return top
  }

  /** Every entry, in no particular order (for hashing and reports: sort by seq first). */
  entries(): readonly QueuedEvent[] {
    return this.heap
  }
}
