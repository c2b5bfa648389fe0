import { MS, SECOND, type Ctx, type Message, type Micros } from '../sim'
import type { Pod } from '../api'
import { endPod } from './eviction/manager'
import type { ShutdownGroup } from './kubelet-config'
import { isOver, type KubeletState, type PodWorker } from './state'

/** The machine is told to shut down (logind's PrepareForShutdown), or it is looked whether a group of pods has ended. Upstream: pkg/kubelet/nodeshutdown */
export interface NodeShutdown extends Message {
  readonly type: 'kubelet/shutdown' | 'kubelet/shutdown-tick'
}

/** A graceful shutdown under way. Upstream: nodeshutdown managerImpl, podManager */
export interface Shutdown {
  /** Pods that ran when it began, by group; lowest priority first. */
  readonly groups: readonly { readonly seconds: number; readonly uids: readonly string[] }[]
  /** The group whose end is waited for; one past the last: the machine may go down. */
  group: number
  /** The group's time is over then. */
  until: Micros
}

const look: NodeShutdown = { type: 'kubelet/shutdown-tick' }
const lookEvery = 100 * MS
const message = 'Pod was terminated in response to imminent node shutdown.'

/** Whether the machine may lose its power: the kubelet holds no inhibitor lock (any more). */
export function mayPowerOff(state: KubeletState): boolean {
  if (state.config.shutdownGroups.length === 0) return true
  return state.shutdown !== null && state.shutdown.group >= state.shutdown.groups.length
}

/** Begins the shutdown, or goes on with it. Answers the workers to look at. */
export function shutDown(state: KubeletState, { type }: NodeShutdown, ctx: Ctx): readonly PodWorker[] {
  if (type === 'kubelet/shutdown') {
    if (state.shutdown !== null || state.config.shutdownGroups.length === 0) return none
    state.recorder.event(ctx, { apiVersion: 'v1', kind: 'Node', name: state.node, uid: state.node }, 'Normal', 'Shutdown', 'Shutdown manager detected shutdown event')
    state.shutdown = { groups: groupsOf(state.config.shutdownGroups, state.workers), group: -1, until: 0 }
  }
  const { shutdown } = state
  if (shutdown === null || shutdown.group >= shutdown.groups.length) return none
  if (shutdown.group >= 0 && ctx.now < shutdown.until && !over(state, shutdown.groups[shutdown.group]?.uids ?? none)) {
    ctx.after(lookEvery, look)
    return none
  }
  // Nobody waits for a group without pods.
  do shutdown.group++
  while (shutdown.groups[shutdown.group]?.uids.length === 0)
  const next = shutdown.groups[shutdown.group]
  if (next === undefined) return none
  shutdown.until = ctx.now + next.seconds * SECOND
  ctx.after(lookEvery, look)
  return endGroup(state, next, ctx)
}

const none: readonly never[] = []

function endGroup(state: KubeletState, group: Shutdown['groups'][number], ctx: Ctx): readonly PodWorker[] {
  const ended: PodWorker[] = []
  for (const uid of group.uids) {
    const worker = state.workers.get(uid)
    if (worker === undefined || isOver(worker.stage)) continue
    const own = worker.pod.spec.terminationGracePeriodSeconds
    endPod(worker, 'Terminated', message, Math.min(own ?? Infinity, group.seconds) * SECOND, ctx)
    ended.push(worker)
  }
  return ended
}

function over(state: KubeletState, uids: readonly string[]): boolean {
  return uids.every((uid) => {
    const stage = state.workers.get(uid)?.stage
    return isOver(stage)
  })
}

/** Each pod belongs to the group with the highest priority that is not above its own; below all, to the first. Upstream: groupByPriority */
function groupsOf(groups: readonly ShutdownGroup[], workers: ReadonlyMap<string, PodWorker>): Shutdown['groups'] {
  const out = groups.map(({ seconds }) => ({ seconds, uids: [] as string[] }))
  for (const worker of workers.values()) {
    if (isOver(worker.stage)) continue
    out[Math.max(0, groups.findLastIndex((g) => g.priority <= priorityOf(worker.pod)))]?.uids.push(worker.uid)
  }
  return out
}

function priorityOf(pod: Pod): number {
  return pod.spec.priority ?? 0
}
