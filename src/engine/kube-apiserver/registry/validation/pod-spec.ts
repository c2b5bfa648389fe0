import type { PodSpec } from '../../../api'
import { required, type FieldError } from '../../../apimachinery'

/** What the rules of a pod spec depend on besides the spec. */
export interface PodSpecContext {
  readonly template: boolean
  readonly labels: Readonly<Record<string, string>> | undefined
}

/** Rules of a pod spec. Upstream: core validation ValidatePodSpec. */
export function validatePodSpec(spec: PodSpec, path: string, _context: PodSpecContext): FieldError[] {
  const errors: FieldError[] = []
  if ((spec.containers ?? []).length === 0) errors.push(required(`${path}.containers`))
  return errors
}
