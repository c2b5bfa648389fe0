import { parseTime } from '../../apimachinery'
import type { Deployment, DeploymentCondition, DeploymentStatus as ApiStatus, ReplicaSet } from '../../api'
import { SECOND, type Micros } from '../../sim'
import { condition, withCondition, withoutCondition } from '../conditions'
import { maxUnavailable, replicasOf, sumOf, wantedOf } from './fenceposts'

/** A status to write. */
export type DeploymentStatus = Omit<ApiStatus, 'conditions'> & { readonly conditions?: readonly DeploymentCondition[] | undefined }

const noDeadline = 2147483647

/** Upstream: deploymentutil.HasProgressDeadline */
export const hasProgressDeadline = (d: Deployment): boolean => d.spec.progressDeadlineSeconds != null && d.spec.progressDeadlineSeconds !== noDeadline

/** A new condition of now. Upstream: NewDeploymentCondition */
export const newCondition = (type: string, status: string, reason: string, message: string, time: string): DeploymentCondition =>
  ({ type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message })

/** Puts a condition into a status; the time of transition stays when the status does. Upstream: SetDeploymentCondition */
export function setCondition(s: DeploymentStatus, c: DeploymentCondition): DeploymentStatus {
  const conditions = withCondition(s.conditions, c, true)
  return conditions === s.conditions ? s : { ...s, conditions }
}

/** Upstream: RemoveDeploymentCondition */
export function removeCondition(s: DeploymentStatus, type: string): DeploymentStatus {
  const conditions = withoutCondition(s.conditions, type)
  return conditions === s.conditions ? s : { ...s, conditions }
}

/** Counts and the Available condition. Upstream: pkg/controller/deployment/sync.go calculateStatus */
export function calculateStatus(all: readonly ReplicaSet[], newRS: ReplicaSet | undefined, d: Deployment, time: string): DeploymentStatus {
  const available = sumOf(all, 'availableReplicas')
  let terminating: number | undefined = 0
  for (const rs of all) terminating = terminating === undefined || rs.status?.terminatingReplicas === undefined ? undefined : terminating + rs.status.terminatingReplicas
  const status: DeploymentStatus = {
    observedGeneration: d.metadata.generation ?? 0,
    replicas: sumOf(all, 'replicas'),
    updatedReplicas: newRS?.status?.replicas ?? 0,
    readyReplicas: sumOf(all, 'readyReplicas'),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, wantedOf(all) - available),
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    ...(d.status?.collisionCount != null && { collisionCount: d.status.collisionCount }),
    conditions: d.status?.conditions,
  }
  return setCondition(status, available >= replicasOf(d) - maxUnavailable(d)
    ? newCondition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', time)
    : newCondition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', time))
}

/** Upstream: deploymentutil.DeploymentComplete */
export const isComplete = (d: Deployment, s: DeploymentStatus): boolean =>
  (s.updatedReplicas ?? 0) === replicasOf(d) && (s.replicas ?? 0) === replicasOf(d) && (s.availableReplicas ?? 0) === replicasOf(d) && (s.observedGeneration ?? 0) >= (d.metadata.generation ?? 0)

/** More new pods, fewer old, more ready or available ones. Upstream: deploymentutil.DeploymentProgressing */
export function isProgressing(d: Deployment, s: DeploymentStatus): boolean {
  const o = d.status ?? {}
  const n = (x: number | undefined): number => x ?? 0
  return n(s.updatedReplicas) > n(o.updatedReplicas) || n(s.replicas) - n(s.updatedReplicas) < n(o.replicas) - n(o.updatedReplicas)
    || n(s.readyReplicas) > n(o.readyReplicas) || n(s.availableReplicas) > n(o.availableReplicas)
}

/** Units: `now` µs since 1970. Upstream: deploymentutil.DeploymentTimedOut */
export function isTimedOut(d: Deployment, now: Micros): boolean {
  const c = condition(d.status?.conditions, 'Progressing')
  if (!hasProgressDeadline(d) || c === undefined || c.reason === 'NewReplicaSetAvailable') return false
  if (c.reason === 'ProgressDeadlineExceeded') return true
  return (parseTime(c.lastUpdateTime ?? '') ?? 0) + (d.spec.progressDeadlineSeconds as number) * SECOND < now
}

/** Status of a rollout, with what it says about progress and failures. Upstream: pkg/controller/deployment/progress.go syncRolloutStatus */
export function rolloutStatus(all: readonly ReplicaSet[], newRS: ReplicaSet | undefined, d: Deployment, time: string, now: Micros): DeploymentStatus {
  let s = calculateStatus(all, newRS, d, time)
  if (!hasProgressDeadline(d)) s = removeCondition(s, 'Progressing')
  const current = condition(d.status?.conditions, 'Progressing')
  const done = s.replicas === s.updatedReplicas && current?.reason === 'NewReplicaSetAvailable'
  if (hasProgressDeadline(d) && !done) {
    const what = newRS ? `ReplicaSet "${newRS.metadata.name}"` : `Deployment "${d.metadata.name}"`
    if (isComplete(d, s)) s = setCondition(s, newCondition('Progressing', 'True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`, time))
    else if (isProgressing(d, s)) {
      const c = newCondition('Progressing', 'True', 'ReplicaSetUpdated', `${what} is progressing.`, time)
      // Progress is noted (lastUpdateTime) even when status and reason stay.
      if (current) s = removeCondition(s, 'Progressing')
      s = setCondition(s, current?.status === 'True' && current.lastTransitionTime !== undefined ? { ...c, lastTransitionTime: current.lastTransitionTime } : c)
    } else if (isTimedOut(d, now)) s = setCondition(s, newCondition('Progressing', 'False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`, time))
  }
  const failure = replicaFailure(all, newRS)
  return failure ? setCondition(s, failure) : removeCondition(s, 'ReplicaFailure')
}

function replicaFailure(all: readonly ReplicaSet[], newRS: ReplicaSet | undefined): DeploymentCondition | undefined {
  for (const rs of newRS ? [newRS, ...all] : all) {
    const c = condition(rs.status?.conditions, 'ReplicaFailure')
    if (c) return { type: c.type, status: c.status, ...(c.lastTransitionTime && { lastTransitionTime: c.lastTransitionTime, lastUpdateTime: c.lastTransitionTime }), reason: c.reason ?? '', message: c.message ?? '' }
  }
  return undefined
}

/** When to look at a rollout again that shows no progress. 0: soon, with back-off; undefined: never. Units: µs. Upstream: requeueStuckDeployment */
export function stuckCheck(d: Deployment, s: DeploymentStatus, now: Micros): Micros | undefined {
  const c = condition(d.status?.conditions, 'Progressing')
  if (!hasProgressDeadline(d) || c === undefined || isComplete(d, s) || c.reason === 'ProgressDeadlineExceeded') return undefined
  const after = (parseTime(c.lastUpdateTime ?? '') ?? 0) + (d.spec.progressDeadlineSeconds as number) * SECOND - now
  return after < SECOND ? 0 : after
}
