import type { Pod, PriorityClass } from '../../api'
import type { AdmissionPlugin } from './plugin'

/** Turns a pod's priorityClassName into its priority; there is at most one global default class. Upstream: plugin/pkg/admission/priority */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  resources: ['pods', 'priorityclasses'],
  admit({ served, operation, subresource, object, old, write }) {
    if (served.storage !== 'pods' || subresource !== '') return undefined
    const pod = object as Pod | undefined
    if (operation === 'UPDATE') {
      const before = old as Pod
      // Clients that leave the fields out keep what the server had filled in.
      if (pod && pod.spec.priority === undefined && before.spec.priority !== undefined) pod.spec.priority = before.spec.priority
      if (pod && pod.spec.preemptionPolicy === undefined && before.spec.preemptionPolicy !== undefined) pod.spec.preemptionPolicy = before.spec.preemptionPolicy
      return undefined
    }
    if (operation !== 'CREATE' || pod === undefined) return undefined
    const { spec } = pod
    let value = 0
    let policy = 'PreemptLowerPriority'
    if (spec.priorityClassName) {
      const found = write.get('priorityclasses', '', spec.priorityClassName) as PriorityClass | undefined
      if (found === undefined) return `no PriorityClass with name ${spec.priorityClassName} was found`
      value = found.value ?? 0
      policy = found.preemptionPolicy ?? policy
    } else {
      const fallback = globalDefault(write.list('priorityclasses') as Iterable<PriorityClass>)
      if (fallback) {
        spec.priorityClassName = fallback.metadata.name
        value = fallback.value ?? 0
        policy = fallback.preemptionPolicy ?? policy
      }
    }
    if (spec.priority !== undefined && spec.priority !== value) {
      return `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`
    }
    if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
      return `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`
    }
    spec.priority = value
    spec.preemptionPolicy = policy
    return undefined
  },
  validate({ served, operation, object, write, name }) {
    if (served.storage !== 'priorityclasses' || operation === 'DELETE' || !(object as PriorityClass).globalDefault) return undefined
    const other = globalDefault(write.list('priorityclasses') as Iterable<PriorityClass>)
    if (other === undefined || other.metadata.name === (object?.metadata.name ?? name)) return undefined
    return `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`
  },
}

/** The global default; should there be several, the one with the lowest value counts. */
function globalDefault(classes: Iterable<PriorityClass>): PriorityClass | undefined {
  let found: PriorityClass | undefined
  for (const c of classes) if (c.globalDefault && (found === undefined || (c.value ?? 0) < (found.value ?? 0))) found = c
  return found
}
