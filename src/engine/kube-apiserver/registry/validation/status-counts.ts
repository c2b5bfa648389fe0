import { invalid, type FieldError } from '../../../apimachinery'
import { nonNegative } from './numbers'

/** Counts of a workload's status, in the server's order; those in `parts` are never above `replicas`. Upstream: apps validation ValidateReplicaSetStatus. */
export function validateCounts(status: object | undefined, names: readonly string[], parts: readonly string[], readyField = 'readyReplicas'): FieldError[] {
  const found = (status ?? {}) as Readonly<Record<string, number | undefined>>
  const errors = names.flatMap((name) => nonNegative(found[name], `status.${name}`))
  const total = found.replicas ?? 0
  for (const name of parts) if ((found[name] ?? 0) > total) errors.push(invalid(`status.${name}`, found[name], 'cannot be greater than status.replicas'))
  if (parts.includes('availableReplicas') && (found.availableReplicas ?? 0) > (found.readyReplicas ?? 0)) {
    errors.push(invalid('status.availableReplicas', found.availableReplicas, `cannot be greater than ${readyField}`))
  }
  return errors
}

/** How often names collided only grows. */
export function validateCollisions(status: { collisionCount?: number } | undefined, old: { collisionCount?: number } | undefined): FieldError[] {
  const [next, last] = [status?.collisionCount, old?.collisionCount]
  return last != null && (next == null || next < last) ? [invalid('status.collisionCount', next ?? 0, 'cannot be decremented')] : []
}
