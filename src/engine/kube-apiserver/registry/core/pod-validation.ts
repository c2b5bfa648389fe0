import type { Pod, PodSpec, Toleration } from '../../../api'
import { deepEqual, forbidden, inclusiveRangeError, invalid, required, type FieldError } from '../../../apimachinery'
import { validateTolerations } from '../validation/affinity'
import { internalDiff } from '../validation/internal-diff'
import { validateImages } from '../validation/container'
import { validatePodSpec } from '../validation/pod-spec'

const MAX_INT32 = 2_147_483_647
const UPDATABLE = [
  '`spec.containers[*].image`', '`spec.initContainers[*].image`', '`spec.activeDeadlineSeconds`', '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** Rules of a new pod. Upstream: core validation ValidatePodCreate. */
export function validatePod(pod: Pod): FieldError[] {
  const errors = validateSpec(pod.spec)
  if ((pod.spec.ephemeralContainers ?? []).length > 0) errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'))
  if (pod.spec.nodeName && (pod.spec.schedulingGates ?? []).length > 0) {
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  }
  return errors
}

/** What holds for any spec of a pod, new or changed. Upstream: ValidatePodSpec */
export function validateSpec(spec: PodSpec): FieldError[] {
  return [...validatePodSpec(spec, 'spec'), ...(spec.serviceAccountName ? [] : tokenErrors(spec)), ...validateImages(spec.containers, 'spec.containers'), ...validateImages(spec.initContainers, 'spec.initContainers')]
}

/** Nobody has a token without an account. */
function tokenErrors(spec: PodSpec): FieldError[] {
  return (spec.volumes ?? []).flatMap((volume, i) => (volume.projected?.sources ?? []).flatMap((source, j) => (source.serviceAccountToken == null ? []
    : [forbidden(`spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`, 'must not be specified when serviceAccountName is not set')])))
}

/** Ephemeral containers may be added, not changed or taken away. Upstream: ValidatePodEphemeralContainersUpdate */
export function validateEphemeralUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors = validateSpec(pod.spec)
  for (const was of old.spec.ephemeralContainers ?? []) {
    const is = (pod.spec.ephemeralContainers ?? []).find((c) => c.name === was.name)
    if (is === undefined) errors.push(forbidden('spec.ephemeralContainers', `existing ephemeral containers "${was.name}" may not be removed\n`))
    else if (!deepEqual(is, was)) errors.push(forbidden('spec.ephemeralContainers', `existing ephemeral containers "${was.name}" may not be changed\n`))
  }
  return errors
}

/** What may change in a pod: images, a shorter deadline, more tolerations, fewer gates. Upstream: ValidatePodUpdate. */
export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  // Labels, annotations and finalizers change far more often than the spec.
  if (pod.spec === old.spec || deepEqual(pod.spec, old.spec)) return []
  const errors = validateSpec(pod.spec)
  for (const field of ['containers', 'initContainers'] as const) {
    const [next, last] = [pod.spec[field] ?? [], old.spec[field] ?? []]
    if (next.length !== last.length) return [...errors, forbidden(`spec.${field}`, 'pod updates may not add or remove containers')]
    next.forEach((c, i) => { if (!c.image) errors.push(required(`spec.${field}[${i}].image`)) })
    errors.push(...validateImages(next, `spec.${field}`))
  }
  const [deadline, before] = [pod.spec.activeDeadlineSeconds, old.spec.activeDeadlineSeconds]
  const at = 'spec.activeDeadlineSeconds'
  if (deadline != null) {
    if (deadline < 0 || deadline > MAX_INT32) return [...errors, invalid(at, deadline, inclusiveRangeError(0, MAX_INT32))]
    if (before != null && before < deadline) return [...errors, invalid(at, deadline, 'must be less than or equal to previous value')]
  } else if (before != null) errors.push(invalid(at, null, 'must not update from a positive integer to nil value'))
  errors.push(...tolerationChanges(pod.spec.tolerations ?? [], old.spec.tolerations ?? []))
  for (const [i, gate] of (pod.spec.schedulingGates ?? []).entries()) {
    if (!old.spec.schedulingGates?.some((g) => g.name === gate.name)) {
      errors.push(forbidden(`spec.schedulingGates[${i}].name`, `only deletion is allowed, but found new scheduling gate '${gate.name}'`))
    }
  }
  const munged = munge(pod.spec, old.spec)
  if (!deepEqual(munged, old.spec)) {
    errors.push(forbidden('spec', `pod updates may not change fields other than ${UPDATABLE}\n${internalDiff('PodSpec', old.spec, munged)}`))
  }
  return errors
}

/** The new spec with everything that may change put back to what it was. */
function munge(next: PodSpec, old: PodSpec): PodSpec {
  const images = <T extends { image?: string }>(list: readonly T[], last: readonly T[]): T[] =>
    list.map((c, i) => (c.image === last[i]?.image ? c : { ...c, image: last[i]?.image }))
  const out: PodSpec = { ...next, containers: images(next.containers, old.containers) }
  if (next.initContainers !== undefined) out.initContainers = images(next.initContainers, old.initContainers ?? [])
  const put = <K extends keyof PodSpec>(field: K): void => {
    if (old[field] === undefined) delete out[field]
    else out[field] = old[field]
  }
  put('activeDeadlineSeconds')
  put('tolerations')
  put('schedulingGates')
  if ((old.terminationGracePeriodSeconds ?? 0) < 0 && next.terminationGracePeriodSeconds === 1) put('terminationGracePeriodSeconds')
  // Gated pods may still be narrowed down to fewer nodes.
  if ((old.schedulingGates ?? []).length > 0) {
    if (Object.entries(old.nodeSelector ?? {}).every(([k, v]) => next.nodeSelector?.[k] === v)) put('nodeSelector')
    if (old.affinity?.nodeAffinity === undefined) put('affinity')
  }
  return out
}

function tolerationChanges(next: readonly Toleration[], old: readonly Toleration[]): FieldError[] {
  const key = (t: Toleration): string => `${t.key ?? ''}|${t.operator ?? ''}|${t.value ?? ''}|${t.effect ?? ''}`
  const kept = new Set(next.map(key))
  if (!old.every((t) => kept.has(key(t)))) return [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
  return validateTolerations(next, 'spec.tolerations')
}

/** What a status write may change. Upstream: ValidatePodStatusUpdate. */
export function validatePodStatusUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = []
  if (pod.spec.nodeName !== old.spec.nodeName) errors.push(forbidden('status.nodeName', 'may not be changed directly'))
  if (old.status?.containerStatuses !== undefined) addRevivedErrors(errors, pod, old, 'containerStatuses', pod.spec.containers)
  if (old.status?.initContainerStatuses !== undefined) addRevivedErrors(errors, pod, old, 'initContainerStatuses', pod.spec.initContainers ?? [])
  return errors
}

/** A container that ended for good stays ended. Upstream: ValidateContainerStateTransition, ValidateInitContainerStateTransition */
function addRevivedErrors(errors: FieldError[], pod: Pod, old: Pod, field: 'containerStatuses' | 'initContainerStatuses', specs: PodSpec['containers']): void {
  for (const before of old.status?.[field] ?? []) {
    if (before.state?.terminated == null) continue
    const spec = specs.find((c) => c.name === before.name)
    const sidecar = field === 'initContainerStatuses' && spec?.restartPolicy === 'Always'
    const isFinal = pod.spec.restartPolicy === 'Never' || (pod.spec.restartPolicy === 'OnFailure' && before.state.terminated.exitCode === 0)
    if (!isFinal || sidecar || spec?.restartPolicy != null) continue
    const now = pod.status?.[field]?.find((s) => s.name === before.name)
    if (now !== undefined && now.state?.terminated == null) errors.push(forbidden(`status.${field}.state`, 'may not be transitioned to non-terminated state'))
  }
}
