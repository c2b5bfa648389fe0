import type { PodTemplateSpec } from '../../../api'
import { forbidden, invalid, labelSelector, matches, notSupported, required, type FieldError, type LabelSelector } from '../../../apimachinery'
import { isCompilable, isEmptySelector, validateLabelSelector } from './label-selector'
import { validateAnnotations, validateLabels } from './object-meta'
import { validatePodSpec } from './pod-spec'

/** Rules of a pod template. Upstream: core validation ValidatePodTemplateSpec. */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const errors = validateLabels(template.metadata?.labels, `${path}.labels`)
  errors.push(...validateAnnotations(template.metadata?.annotations, `${path}.annotations`))
  errors.push(...validatePodSpec(template.spec!, `${path}.spec`))
  if ((template.spec?.ephemeralContainers ?? []).length > 0) {
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'))
  }
  return errors
}

/**
 * Selector and template of a workload: the selector must select the template's labels, and its pods restart always.
 * Upstream: apps validation ValidateDeploymentSpec, ValidateReplicaSetSpec, ValidatePodTemplateSpecForReplicaSet.
 */
export function validateSelector(selector: LabelSelector | undefined, path: string, kind: string): FieldError[] {
  if (selector == null) return [required(path)]
  const errors = validateLabelSelector(selector, path)
  if (isEmptySelector(selector)) errors.push(invalid(path, selector, `empty selector is invalid for ${kind}`))
  if (!isCompilable(selector)) errors.push(invalid(path, selector, 'invalid label selector'))
  return errors
}

/**
 * The template of a workload that keeps pods running; nothing is said of it while the selector does not compile.
 * A missing selector selects nothing, which the template then does not match either.
 */
export function validateTemplateFor(template: PodTemplateSpec, selector: LabelSelector | undefined, path: string): FieldError[] {
  if (selector != null && !isCompilable(selector)) return []
  const errors: FieldError[] = []
  if ((selector == null || !isEmptySelector(selector)) && !matches(labelSelector(selector), template.metadata?.labels)) {
    errors.push(invalid(`${path}.metadata.labels`, sorted(template.metadata?.labels), '`selector` does not match template `labels`'))
  }
  errors.push(...validatePodTemplate(template, path), ...validateRestart(template, path))
  return errors
}

/** Only Always makes sense where a controller keeps a number of pods running, and no deadline. */
export function validateRestart(template: PodTemplateSpec, path: string, kind = 'ReplicaSet'): FieldError[] {
  const errors: FieldError[] = []
  const policy = template.spec?.restartPolicy
  if (policy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, policy ?? '', ['Always']))
  if (template.spec?.activeDeadlineSeconds != null) errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`))
  return errors
}

/** Labels as Go prints a map: sorted, null when there is none. */
export function sorted(labels: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> | null {
  return labels === undefined ? null : Object.fromEntries(Object.keys(labels).sort().map((k) => [k, labels[k]!]))
}
