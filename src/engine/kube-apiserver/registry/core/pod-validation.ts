import type { Pod } from '../../../api'
import type { FieldError } from '../../../apimachinery'
import { validatePodSpec } from '../validation/pod-spec'

/** Rules of a new pod. Upstream: core validation ValidatePodCreate. */
export function validatePod(pod: Pod): FieldError[] {
  return validatePodSpec(pod.spec, 'spec', { template: false, labels: pod.metadata.labels })
}

/** What may change in a pod. Upstream: ValidatePodUpdate. */
export function validatePodUpdate(_pod: Pod, _old: Pod): FieldError[] {
  return []
}

/** What a status write may change. Upstream: ValidatePodStatusUpdate. */
export function validatePodStatusUpdate(_pod: Pod, _old: Pod): FieldError[] {
  return []
}
