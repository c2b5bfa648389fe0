import { SECOND, type Micros } from '../../sim'
import { covers, type ClusterEvent } from '../framework/events'
import { heapPop, heapPush, heapRemove } from './heap'
import type { PodInfo } from './pod-info'

/** Where a queued pod waits. `error`: backs off after a failure of the scheduler itself. */
export type QueueName = 'active' | 'backoff' | 'error' | 'unschedulable' | ''

/** A pod that waits to be scheduled, with its history. Upstream: framework.QueuedPodInfo */
export class QueuedPod {
  /** When it was last put into the queue. Units: µs. */
  timestamp: Micros = 0
  attempts = 0
  unschedulableCount = 0
  consecutiveErrors = 0
  /** -1: not computed. */
  backoffExpiration: Micros = -1
  /** Plugins that rejected it in its last attempt. */
  unschedulablePlugins: readonly string[] = []
  /** Plugins that wait for something outside. */
  pendingPlugins: readonly string[] = []
  /** PreEnqueue plugin that keeps it out of the queues. */
  gate = ''
  where: QueueName = ''
  /** Trace record that made it worth trying. */
  cause = 0

  constructor(
    public pod: PodInfo,
    /** Makes the order total. */
    readonly seq: number,
  ) {}
}

/** How a rejected pod is taken back. Upstream: queueingStrategy */
export type Requeue = 'skip' | 'backoff' | 'now'

/** A plugin's interest in events. `hint` says whether this very change may help; without it, it may. Upstream: fwk.ClusterEventWithHint */
export interface EventInterest {
  readonly resource: ClusterEvent['resource']
  readonly action: number
  readonly plugin: string
  hint(pod: PodInfo, event: ClusterEvent, old: unknown, now: unknown): boolean
}

/** What the queue asks of the plugins; given with each call, because the queue is plain data. */
export interface QueuePlugins {
  /** Queue sort. */
  readonly less: (a: QueuedPod, b: QueuedPod) => boolean
  /** Name of the PreEnqueue plugin that refuses the pod, or ''. */
  gate(pod: PodInfo): string
  interests(pod: PodInfo): readonly EventInterest[]
}

/** Back-off of a pod, and how often things are flushed. Upstream: apis/config/v1/defaults.go, backend/queue */
export const queueTimes = { initialBackoff: SECOND, maxBackoff: 10 * SECOND, window: SECOND, leftoverEvery: 30 * SECOND, leftoverAfter: 300 * SECOND } as const

/** Most pods kept; more are a runaway input and the API server's limits come first. */
const mostPods = 200_000

/** How long a pod that failed this often must wait. Upstream: backoffQueue.calculateBackoffDuration */
export function backoffDuration(count: number, initial: Micros = queueTimes.initialBackoff, max: Micros = queueTimes.maxBackoff): Micros {
  if (count === 0) return 0
  let duration = initial
  for (let i = 1; i < count; i++) {
    if (duration > max - duration) return max
    duration += duration
  }
  return duration
}

/** When a pod's back-off ends, to the second. Upstream: backoffQueue.getBackoffTime */
export function backoffTime(p: QueuedPod, initial?: Micros, max?: Micros): Micros {
  if (p.backoffExpiration < 0) {
    const count = p.consecutiveErrors > 0 ? p.consecutiveErrors : p.unschedulableCount
    if (count === 0) return -1
    p.backoffExpiration = aligned(p.timestamp + backoffDuration(count, initial, max))
  }
  return p.backoffExpiration
}

const aligned = (at: Micros): Micros => Math.floor(at / queueTimes.window) * queueTimes.window

/**
 * The scheduling queue: pods to try now (by priority, then age), pods that back off, pods that wait for an event that may help.
 * An empty active queue takes from the back-off queue. Decisions are single events here, so none happens "in flight" of a cycle.
 * Upstream: pkg/scheduler/backend/queue/scheduling_queue.go
 */
export class SchedulingQueue {
  private readonly active: QueuedPod[] = []
  private readonly backoff: QueuedPod[] = []
  private readonly error: QueuedPod[] = []
  private readonly unschedulable = new Map<string, QueuedPod>()
  /** All waiting pods by uid. */
  private readonly pods = new Map<string, QueuedPod>()
  private nextSeq = 1

  get lengths(): { readonly active: number; readonly backoff: number; readonly unschedulable: number } {
    return { active: this.active.length, backoff: this.backoff.length + this.error.length, unschedulable: this.unschedulable.size }
  }

  /** True when `pop` would give a pod. */
  get ready(): boolean {
    return this.active.length > 0 || this.backoff.length > 0
  }

  get(uid: string): QueuedPod | undefined {
    return this.pods.get(uid)
  }

  /** A new pod to schedule. */
  add(pod: PodInfo, now: Micros, cause: number, plugins: QueuePlugins): void {
    if (this.pods.has(pod.uid)) return this.update(pod, now, cause, plugins, [])
    if (this.pods.size >= mostPods) return
    const q = new QueuedPod(pod, this.nextSeq++)
    q.timestamp = now
    q.cause = cause
    this.pods.set(pod.uid, q)
    this.toActive(q, plugins)
  }

  /** A waiting pod changed; `events` say how. Upstream: PriorityQueue.Update */
  update(pod: PodInfo, now: Micros, cause: number, plugins: QueuePlugins, events: readonly ClusterEvent[]): void {
    const q = this.pods.get(pod.uid)
    if (q === undefined) return this.add(pod, now, cause, plugins)
    const old = q.pod
    if (q.where === 'active' && pod.priority !== old.priority) {
      this.take(q, plugins)
      q.pod = pod
      return this.toActive(q, plugins)
    }
    q.pod = pod
    if (q.where !== 'unschedulable') return
    for (const e of events) {
      const requeue = this.worth(q, e, old, pod, plugins)
      if (requeue === 'skip') continue
      q.cause = cause
      this.requeue(q, requeue, now, plugins)
      return
    }
  }

  delete(uid: string, plugins: QueuePlugins): void {
    const q = this.pods.get(uid)
    if (q === undefined) return
    this.take(q, plugins)
    this.pods.delete(uid)
  }

  /** The next pod to try. It is out of the queue until it fails and comes back. */
  pop(plugins: QueuePlugins): QueuedPod | undefined {
    const q = heapPop(this.active, plugins.less) ?? heapPop(this.backoff, backoffOrder(plugins))
    if (q === undefined) return undefined
    q.where = ''
    this.pods.delete(q.pod.uid)
    q.attempts++
    q.backoffExpiration = -1
    q.unschedulablePlugins = []
    q.pendingPlugins = []
    q.gate = ''
    return q
  }

  /** A pod that could not be scheduled comes back. Upstream: AddUnschedulableIfNotPresent */
  giveBack(q: QueuedPod, now: Micros, plugins: QueuePlugins): void {
    if (this.pods.has(q.pod.uid)) return
    q.timestamp = now
    q.backoffExpiration = -1
    const rejected = q.unschedulablePlugins.length + q.pendingPlugins.length > 0
    if (rejected) {
      q.unschedulableCount++
      q.consecutiveErrors = 0
    } else q.consecutiveErrors++
    this.pods.set(q.pod.uid, q)
    this.requeue(q, rejected ? 'skip' : 'backoff', now, plugins)
  }

  /** Something happened that may help waiting pods. `old` and `object` are what changed: a Node, a PodInfo … Upstream: MoveAllToActiveOrBackoffQueue */
  move(e: ClusterEvent, old: unknown, object: unknown, now: Micros, cause: number, plugins: QueuePlugins): void {
    if (this.unschedulable.size === 0) return
    let moved: QueuedPod[] | undefined
    let ways: Requeue[] | undefined
    for (const q of this.unschedulable.values()) {
      const way = this.worth(q, e, old, object, plugins)
      if (way === 'skip') continue
      ;(moved ??= []).push(q)
      ;(ways ??= []).push(way)
    }
    if (moved === undefined || ways === undefined) return
    for (let i = 0; i < moved.length; i++) {
      const q = moved[i] as QueuedPod
      q.cause = cause
      this.requeue(q, ways[i] as Requeue, now, plugins)
    }
  }

  /** Puts a waiting pod into the active queue. Upstream: Activate */
  activate(uid: string, plugins: QueuePlugins): void {
    const q = this.pods.get(uid)
    if (q === undefined || q.where === 'active') return
    this.take(q, plugins)
    this.toActive(q, plugins)
  }

  /** Pods whose back-off is over become active. Upstream: flushBackoffQCompleted */
  flushBackoff(now: Micros, plugins: QueuePlugins): void {
    for (const heap of [this.backoff, this.error])
      for (let q = heap[0]; q !== undefined && !this.backingOff(q, now); q = heap[0]) {
        heapPop(heap, backoffOrder(plugins))
        this.toActive(q, plugins)
      }
  }

  /** Pods that have waited for long are tried again. Upstream: flushUnschedulablePodsLeftover */
  flushLeftover(timeout: ClusterEvent, now: Micros, cause: number, plugins: QueuePlugins): void {
    const all = [...this.unschedulable.values()]
    for (const q of all) {
      if (now - q.timestamp <= queueTimes.leftoverAfter) continue
      const way = this.worth(q, timeout, undefined, undefined, plugins)
      if (way === 'skip') continue
      q.cause = cause
      this.requeue(q, way, now, plugins)
    }
  }

  /** Pods that no cycle of this kind can be spared: all, in no particular order. For reports. */
  entries(): readonly QueuedPod[] {
    return [...this.pods.values()]
  }

  private backingOff(q: QueuedPod, now: Micros): boolean {
    return backoffTime(q) >= aligned(now)
  }

  private worth(q: QueuedPod, e: ClusterEvent, old: unknown, object: unknown, plugins: QueuePlugins): Requeue {
    const interests = plugins.interests(q.pod)
    if (q.gate !== '') {
      // A gated pod only listens to what its gate listens to.
      for (const i of interests) if (i.plugin === q.gate && e.resource !== '*' && covers(i, e) && i.hint(q.pod, e, old, object)) return 'backoff'
      return 'skip'
    }
    if (q.unschedulablePlugins.length + q.pendingPlugins.length === 0 || e.resource === '*') return 'backoff'
    let way: Requeue = 'skip'
    for (const i of interests) {
      const pending = q.pendingPlugins.includes(i.plugin)
      if (!covers(i, e) || (!pending && !q.unschedulablePlugins.includes(i.plugin)) || !i.hint(q.pod, e, old, object)) continue
      if (pending) return 'now'
      way = 'backoff'
    }
    return way
  }

  private requeue(q: QueuedPod, way: Requeue, now: Micros, plugins: QueuePlugins): void {
    if (way !== 'skip') this.take(q, plugins)
    if (way === 'skip') this.park(q)
    else if (way === 'backoff' && this.backingOff(q, now)) {
      q.gate = plugins.gate(q.pod)
      if (q.gate !== '') return this.park(q)
      q.where = q.consecutiveErrors > 0 ? 'error' : 'backoff'
      heapPush(q.where === 'error' ? this.error : this.backoff, q, backoffOrder(plugins))
    } else this.toActive(q, plugins)
  }

  private park(q: QueuedPod): void {
    q.where = 'unschedulable'
    this.unschedulable.set(q.pod.uid, q)
  }

  private toActive(q: QueuedPod, plugins: QueuePlugins): void {
    q.gate = plugins.gate(q.pod)
    if (q.gate !== '') return this.park(q)
    q.where = 'active'
    heapPush(this.active, q, plugins.less)
  }

  private take(q: QueuedPod, plugins: QueuePlugins): void {
    if (q.where === 'unschedulable') this.unschedulable.delete(q.pod.uid)
    else if (q.where === 'active') heapRemove(this.active, q, plugins.less)
    else if (q.where !== '') heapRemove(q.where === 'error' ? this.error : this.backoff, q, backoffOrder(plugins))
    q.where = ''
  }
}

function backoffOrder(plugins: QueuePlugins): (a: QueuedPod, b: QueuedPod) => boolean {
  return (a, b) => {
    const [x, y] = [backoffTime(a), backoffTime(b)]
    return x !== y ? x < y : plugins.less(a, b)
  }
}
