import type { Micros } from '../sim'
import { getBackoff } from './backoff'
import { pullBackoffEnds, pullEnds } from './images'
import { configAnnotations } from './pod'
import type { KubeletState, PodWorker } from './state'

/** A waiting period of a pod, for the map's rings. `endsAt` null: nobody knows. Units: µs. */
export interface PodTimer {
  readonly kind: 'pull' | 'probe' | 'backoff' | 'grace'
  readonly startedAt: Micros
  readonly endsAt: Micros | null
}

/** The pod of an object in the API: a static pod has another uid than its mirror. */
function workerShown(state: KubeletState, uid: string): PodWorker | undefined {
  const worker = state.workers.get(uid)
  if (worker !== undefined || state.mirrors.size === 0) return worker
  for (const mirror of state.mirrors.values()) if (mirror.metadata.uid === uid) return state.workers.get(mirror.metadata.annotations?.[configAnnotations.mirror] ?? '')
  return undefined
}

/** What a pod waits for on its node: its grace period, else a pull, else a back-off, else the startup or readiness probe that is not there yet. */
export function podTimers(state: KubeletState, uid: string): readonly PodTimer[] {
  const worker = workerShown(state, uid)
  if (worker === undefined) return []
  const out: PodTimer[] = []
  if (worker.stage === 'terminating' && worker.termination) out.push({ kind: 'grace', startedAt: worker.termination.since, endsAt: worker.termination.endsAt })
  const pull = worker.op?.pulling ? pullEnds(state, worker.uid) : undefined
  if (pull) out.push({ kind: 'pull', ...pull })
  for (const c of [...(worker.pod.spec.initContainers ?? []), ...worker.pod.spec.containers]) {
    const why = worker.reasons.get(c.name)?.reason
    if (why === 'ImagePullBackOff' || why === 'ErrImagePull') {
      const endsAt = pullBackoffEnds(state, worker, c.image ?? '')
      const entry = state.pullBackoff.entries.get(`${worker.uid}_${c.image ?? ''}`)
      if (entry && !pull) out.push({ kind: 'backoff', startedAt: entry.lastUpdate, endsAt })
    } else if (why === 'CrashLoopBackOff') {
      const exited = state.views.get(worker.uid)?.containers.find((v) => v.name === c.name && v.state === 'exited')
      const key = `${worker.uid}/${c.name}/${c.image ?? ''}`
      if (exited) out.push({ kind: 'backoff', startedAt: exited.finishedAt, endsAt: exited.finishedAt + getBackoff(state.restartBackoff, key) })
    }
    for (const type of ['startup', 'readiness'] as const) {
      const p = state.probes.get(`${worker.uid}/${c.name}/${type}`)
      if (p && p.result !== true && p.timer !== 0) {
        const period = ((type === 'startup' ? c.startupProbe : c.readinessProbe)?.periodSeconds ?? 10) * 1_000_000
        out.push({ kind: 'probe', startedAt: Math.max(state.startedAt, p.nextAt - period), endsAt: p.nextAt })
        break
      }
    }
  }
  return out
}
