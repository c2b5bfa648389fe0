import { SECOND, type Ctx } from '../sim'
import { intervals } from './params'
import { killContainer } from './hooks'
import { containerReference, initContainers } from './pod'
import { generatePodStatus } from './pod-status'
import { stopProbes } from './prober'
import { callRuntime } from './runtime'
import { setPodStatus } from './status-manager'
import { endSync } from './worker-queue'
import type { KubeletState, PodWorker } from './state'

/** The grace period that holds now. Units: µs. Upstream: pod_workers.go calculateEffectiveGracePeriod */
function gracePeriod(worker: PodWorker): number {
  const { deletionGracePeriodSeconds } = worker.pod.metadata
  const seconds = deletionGracePeriodSeconds ?? worker.pod.spec.terminationGracePeriodSeconds ?? 30
  return Math.min(worker.termination?.limit ?? Infinity, Math.max(seconds * SECOND, intervals.minimumGrace))
}

/**
 * Ends a pod: every running container gets SIGTERM and its grace period, then the sandbox goes. Called again with a shorter grace period, it hurries.
 * Upstream: kubelet.go SyncTerminatingPod, kuberuntime_container.go killContainersWithSyncResult
 */
export function beginTermination(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const grace = gracePeriod(worker)
  const first = worker.termination === null || worker.op === null
  if (!first && worker.termination && worker.termination.grace <= grace) return
  const override = worker.termination?.override ?? null
  worker.termination = { since: worker.termination?.since ?? ctx.now, grace, endsAt: ctx.now + grace, limit: worker.termination?.limit, override }
  if (first) {
    worker.op = { stage: 'terminating', steps: [], startedAt: ctx.now, view: state.views.get(worker.uid), waiting: 0, failed: false, backoffEnds: 0, pulling: '', sandboxMade: false }
    setPodStatus(state, worker, generatePodStatus(state, worker, true, ctx), true, ctx)
    stopProbes(state, worker.uid, ctx)
  }
  const op = worker.op as NonNullable<PodWorker['op']>
  for (const c of state.views.get(worker.uid)?.containers ?? []) {
    if (c.state !== 'running') continue
    if (first) state.recorder.event(ctx, containerReference(worker.pod, c.name), 'Normal', 'Killing', `Stopping container ${c.name}`)
    if (!state.stopHooks.has(c.id)) op.waiting++
    const spec = [...worker.pod.spec.containers, ...initContainers(worker.pod)].find((x) => x.name === c.name)
    killContainer(state, worker, spec, c.id, grace, { for: 'step', uid: worker.uid, startedAt: op.startedAt }, ctx)
  }
  if (op.waiting === 0) stopSandbox(state, worker, ctx)
}

/** A container of the pod is gone, or the sandbox. */
export function terminationStep(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const op = worker.op
  if (op === null || --op.waiting > 0) return
  stopSandbox(state, worker, ctx)
}

function stopSandbox(state: KubeletState, worker: PodWorker, ctx: Ctx): void {
  const op = worker.op as NonNullable<PodWorker['op']>
  if (state.views.get(worker.uid)?.sandbox?.ready) {
    op.waiting = 1
    callRuntime(state, { op: 'stop-sandbox', uid: worker.uid }, { for: 'step', uid: worker.uid, startedAt: op.startedAt }, { namespace: worker.pod.metadata.namespace ?? '', name: worker.pod.metadata.name }, ctx)
    return
  }
  worker.stage = 'terminated'
  setPodStatus(state, worker, generatePodStatus(state, worker, true, ctx), false, ctx)
  endSync(state, worker, 'again', ctx)
}
