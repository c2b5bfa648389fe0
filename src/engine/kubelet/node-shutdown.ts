import { SECOND, type Ctx, type Message } from '../sim'
import { endPod, isCritical } from './eviction/manager'
import type { KubeletState, PodWorker } from './state'

/** The machine is told to shut down: pods are ended within the period, critical ones in its last part. Upstream: pkg/kubelet/nodeshutdown */
export interface NodeShutdown extends Message {
  readonly type: 'kubelet/shutdown'
  /** shutdownGracePeriod and shutdownGracePeriodCriticalPods. Units: s. */
  readonly seconds: number
  readonly criticalSeconds: number
  /** Set by the kubelet itself when the second part begins. */
  readonly critical?: boolean | undefined
}

/** Ends the pods whose turn it is; answers the workers to look at. */
export function shutDown(state: KubeletState, message: NodeShutdown, ctx: Ctx): readonly PodWorker[] {
  const { seconds, criticalSeconds, critical = false } = message
  if (!critical) {
    if (state.shuttingDown) return []
    state.shuttingDown = true
    state.recorder.event(ctx, { apiVersion: 'v1', kind: 'Node', name: state.node, uid: state.node }, 'Normal', 'Shutdown', 'Shutdown manager detected shutdown event')
    ctx.after((seconds - criticalSeconds) * SECOND, { ...message, critical: true } as NodeShutdown)
  }
  const ended: PodWorker[] = []
  for (const worker of state.workers.values()) {
    if (worker.stage !== 'sync' || worker.termination !== null || isCritical(worker.pod) !== critical) continue
    endPod(worker, 'Terminated', 'Pod was terminated in response to imminent node shutdown.', (critical ? criticalSeconds : seconds - criticalSeconds) * SECOND, ctx)
    ended.push(worker)
  }
  return ended
}
