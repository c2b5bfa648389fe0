/** What conditions of all kinds have. */
export interface AnyCondition {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string
  lastUpdateTime?: string
}

/** A condition by its type. */
export function condition<C extends AnyCondition>(list: readonly C[] | null | undefined, type: string): C | undefined {
  if (list) for (const c of list) if (c.type === type) return c
  return undefined
}

/** Conditions without those of a type; the same list when there is none. */
export function withoutCondition<C extends AnyCondition>(list: readonly C[] | undefined, type: string): readonly C[] | undefined {
  return condition(list, type) === undefined ? list : list?.filter((c) => c.type !== type)
}

/**
 * Puts a condition at the end, unless one of its type has the same status and reason already. `keepTransition`: the time of
 * transition stays when the status does. Upstream: deploymentutil.SetDeploymentCondition, replicaset.SetCondition
 */
export function withCondition<C extends AnyCondition>(list: readonly C[] | undefined, next: C, keepTransition = false): readonly C[] | undefined {
  const now = condition(list, next.type)
  if (now !== undefined && now.status === next.status && now.reason === next.reason) return list
  const put = keepTransition && now !== undefined && now.status === next.status && now.lastTransitionTime !== undefined ? { ...next, lastTransitionTime: now.lastTransitionTime } : next
  return [...(withoutCondition(list, next.type) ?? []), put]
}
