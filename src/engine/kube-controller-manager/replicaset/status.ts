import { matches, selectorFromSet } from '../../apimachinery'
import type { Pod, ReplicaSet, ReplicaSetCondition, ReplicaSetStatus as ApiStatus } from '../../api'
import type { Micros } from '../../sim'
import { condition, withCondition, withoutCondition } from '../conditions'
import { isPodAvailable, isPodReady } from '../pods'

/** A status to write. */
export type ReplicaSetStatus = Omit<ApiStatus, 'conditions'> & { readonly conditions?: readonly ReplicaSetCondition[] }

/** The status of a ReplicaSet with these active pods, conditions as they were. Units: `now` µs since 1970. Upstream: pkg/controller/replicaset/replica_set_utils.go calculateStatus */
export function calculateStatus(rs: ReplicaSet, active: readonly Pod[], terminating: number | undefined, now: Micros): ReplicaSetStatus {
  let labelled = 0
  let ready = 0
  let available = 0
  const template = selectorFromSet(rs.spec.template?.metadata?.labels)
  const minReady = rs.spec.minReadySeconds ?? 0
  for (let i = 0; i < active.length; i++) {
    const p = active[i] as Pod
    if (matches(template, p.metadata.labels)) labelled++
    if (isPodReady(p)) {
      ready++
      if (minReady <= 0 || isPodAvailable(p, minReady, now)) available++
    }
  }
  return {
    ...(rs.status?.conditions && { conditions: rs.status.conditions }),
    replicas: active.length, fullyLabeledReplicas: labelled, readyReplicas: ready, availableReplicas: available,
    ...(terminating !== undefined && { terminatingReplicas: terminating }), observedGeneration: rs.metadata.generation ?? 0,
  }
}

/** The status once it is known whether creating and deleting went well. `diff`: active minus wanted pods. */
export function withManageError(rs: ReplicaSet, status: ReplicaSetStatus, diff: number, error: string | undefined, time: string): ReplicaSetStatus {
  const failure = condition(rs.status?.conditions, 'ReplicaFailure')
  let conditions: readonly ReplicaSetCondition[] | undefined = status.conditions
  if (error !== undefined && failure === undefined) {
    const reason = diff < 0 ? 'FailedCreate' : diff > 0 ? 'FailedDelete' : ''
    conditions = withCondition<ReplicaSetCondition>(conditions, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: time, reason, message: error })
  } else if (error === undefined && failure !== undefined) conditions = withoutCondition(conditions, 'ReplicaFailure')
  if (conditions === status.conditions) return status
  const { conditions: _old, ...rest } = status
  return conditions === undefined || conditions.length === 0 ? rest : { ...rest, conditions }
}
