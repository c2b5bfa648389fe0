import { MS, type Behaviour, type Ctx, type Message } from '../sim'
import { Client, type Delta } from '../client-go'
import { advanceWaiting, bound, preBound } from './binding'
import { queueTimes, type QueuePlugins } from './backend/queue'
import type { DecisionView } from './decisions'
import { onDelta } from './event-handlers'
import { clusterEvents } from './framework/events'
import { queuePlugins } from './handle'
import { victimDeleted, victimMarked } from './preemption'
import { scheduleOne } from './schedule-one'
import { newState, volumeResources, type SchedulerMessage, type SchedulerParams, type SchedulerState } from './state'

/** What one scheduling cycle takes. Units: µs. */
const cycleTime = 1 * MS

/** kube-scheduler: elects a leader, fills caches, and places pods one by one. Upstream: cmd/kube-scheduler/app/server.go, pkg/scheduler/scheduler.go */
export const kubeScheduler: Behaviour<SchedulerState, SchedulerParams> = {
  kind: 'kube-scheduler',

  start(ctx, params) {
    const state = newState(ctx)
    // Caches are filled before the election, so that a standby can take over at once.
    state.informers.start(ctx)
    state.volumeInformers.start(ctx)
    if (params?.leaderElect === false) state.elector.leading = true
    else state.elector.start(ctx)
    return state
  },

  handle(state, message, ctx) {
    const plugins = queuePlugins(state)
    receive(state, message, ctx, plugins)
    if (ctx.isUp(ctx.self)) wake(state, ctx)
  },
}

function receive(state: SchedulerState, message: Message, ctx: Ctx, plugins: QueuePlugins): void {
  const own = message as SchedulerMessage
  switch (own.type) {
    case 'scheduler/cycle':
      state.busy = false
      return scheduleOne(state, ctx, plugins)
    case 'scheduler/flush-backoff':
      state.backoffTimer = false
      return state.queue.flushBackoff(ctx.now, plugins)
    case 'scheduler/flush-leftover':
      state.leftoverTimer = false
      return state.queue.flushLeftover(clusterEvents.unschedulableTimeout, ctx.now, ctx.cause, plugins)
    case 'scheduler/volumes-timeout':
      return preBound(state, own.uid, undefined, ctx, plugins)
    case 'scheduler/patched':
    case 'scheduler/bound':
    case 'scheduler/pre-bound':
    case 'scheduler/victim-marked':
    case 'scheduler/victim-deleted':
      return
    default:
  }
  if (state.recorder.receive(message, ctx)) return
  const election = state.elector.receive(message, ctx)
  if (election !== undefined) return election === 'lost' ? exit(ctx) : undefined
  const deltas = (delta: Delta) => onDelta(state, delta, ctx, plugins)
  if (message.type === 'informer/retry') {
    const factory = volumeResources.includes((message as Message & { readonly name: string }).name) ? state.volumeInformers : state.informers
    factory.receive(message, ctx, deltas)
    return
  }
  const channel = message.type === 'disconnected' ? undefined : Client.channelOf(message)
  if (channel === undefined || channel === 0) main(state, message, ctx, plugins, deltas)
  if (channel === undefined || channel === 1) for (const reply of state.eventClient.receive(message, ctx)) state.recorder.reply(reply)
  if (channel === undefined || channel === 3) {
    if (message.type === 'watch') state.volumeInformers.receive(message, ctx, deltas)
    else for (const reply of state.volumeClient.receive(message, ctx)) state.volumeInformers.reply(reply, ctx, deltas)
    advanceWaiting(state, ctx, plugins)
  }
  if (channel === undefined || channel === 2)
    for (const reply of state.electionClient.receive(message, ctx)) if (state.elector.receive(reply, ctx) === 'lost') return exit(ctx)
}

function main(state: SchedulerState, message: Message, ctx: Ctx, plugins: QueuePlugins, deltas: (delta: Delta) => void): void {
  if (message.type === 'watch') {
    state.informers.receive(message, ctx, deltas)
    return
  }
  for (const reply of state.client.receive(message, ctx)) {
    if (state.informers.reply(reply, ctx, deltas)) continue
    const then = reply.then as SchedulerMessage
    switch (then.type) {
      case 'scheduler/bound':
        bound(state, then.uid, reply.response, ctx, plugins)
        break
      case 'scheduler/pre-bound':
        preBound(state, then.uid, reply.response, ctx, plugins)
        break
      case 'scheduler/victim-marked':
        victimMarked(state, then.preemptor, then.victim, reply.response, ctx, plugins)
        break
      case 'scheduler/victim-deleted':
        victimDeleted(state, then.preemptor, then.victim, reply.response, ctx, plugins)
        break
      default:
    }
  }
}

/** Starts the next cycle, and the timers that waiting pods need; an idle scheduler has none. */
function wake(state: SchedulerState, ctx: Ctx): void {
  if (!state.elector.leading || !state.informers.synced) return
  const send = (delay: number, type: 'scheduler/cycle' | 'scheduler/flush-backoff' | 'scheduler/flush-leftover') => ctx.after(delay, { type } as SchedulerMessage)
  if (!state.busy && state.queue.ready) {
    state.busy = true
    send(cycleTime, 'scheduler/cycle')
  }
  const waiting = state.queue.lengths
  if (!state.backoffTimer && waiting.backoff > 0) {
    state.backoffTimer = true
    send(queueTimes.window - (ctx.now % queueTimes.window), 'scheduler/flush-backoff')
  }
  if (!state.leftoverTimer && waiting.unschedulable > 0) {
    state.leftoverTimer = true
    send(queueTimes.leftoverEvery - (ctx.now % queueTimes.leftoverEvery), 'scheduler/flush-leftover')
  }
}

/** Losing the lease ends the process; the kubelet of the control plane starts it again. */
function exit(ctx: Ctx): void {
  ctx.trace({ kind: 'note', what: 'leaderelection lost' })
  const { self, host } = ctx
  const contained = (ctx.paramsOf(self) as SchedulerParams | undefined)?.contained
  ctx.kill(self)
  // In a container the kubelet starts it again; elsewhere its supervisor does.
  if (!contained) ctx.spawn(self, 'kube-scheduler', host, {})
}

/** The last decision about a pod: filters and scores by node. Undefined when there is none (any more). */
export function decisionOf(state: SchedulerState, namespace: string, name: string): DecisionView | undefined {
  return state.decisions.of(namespace, name)
}

/** Facts for the scheduler's card, and whether it leads. */
export function schedulerFacts(state: SchedulerState): { readonly leading: boolean; readonly active: number; readonly backoff: number; readonly unschedulable: number; readonly scheduled: number } {
  return { leading: state.elector.leading, ...state.queue.lengths, scheduled: state.scheduled }
}
