import type { StatefulSet } from '../../../api'
import { deepEqual, forbidden, invalid, labelSelector, matches, notSupported, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { defaultPodSpec } from '../defaults/pod-spec'
import { defaultClaimSpec } from '../defaults/volumes'
import { containerColumns } from '../print'
import { internalValue } from '../validation/internal-diff'
import { isCompilable, isEmptySelector, validateLabelSelector } from '../validation/label-selector'
import { nonNegative, nonNegativeOrPercent, notOver100Percent } from '../validation/numbers'
import { sorted, validatePodTemplate } from '../validation/pod-template'
import { validateCollisions, validateCounts } from '../validation/status-counts'

const PARTS = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']
const COUNTS = ['replicas', ...PARTS, 'observedGeneration', 'collisionCount']
const MUTABLE = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'] as const

function validateStrategy(o: StatefulSet): FieldError[] {
  const strategy = o.spec.updateStrategy ?? {}
  const path = 'spec.updateStrategy'
  const at = `${path}.rollingUpdate`
  const rolling = strategy.rollingUpdate
  switch (strategy.type) {
    case undefined: case '': return [required(path)]
    case 'OnDelete': return rolling == null ? [] : [invalid(at, internalValue('RollingUpdateStatefulSetStrategy', rolling), "only allowed for updateStrategy 'RollingUpdate'")]
    case 'RollingUpdate': {
      if (rolling == null) return []
      const errors = nonNegative(rolling.partition, `${at}.partition`)
      if (rolling.maxUnavailable != null) {
        errors.push(...nonNegativeOrPercent(rolling.maxUnavailable, `${at}.maxUnavailable`))
        if (rolling.maxUnavailable === 0 || rolling.maxUnavailable === '0%') errors.push(invalid(`${at}.maxUnavailable`, rolling.maxUnavailable, 'cannot be 0'))
        errors.push(...notOver100Percent(rolling.maxUnavailable, `${at}.maxUnavailable`))
      }
      return errors
    }
    default: return [invalid(path, internalValue('StatefulSetUpdateStrategy', strategy), "must be 'RollingUpdate' or 'OnDelete'")]
  }
}

function validate(o: StatefulSet): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  if (!spec.podManagementPolicy) errors.push(required('spec.podManagementPolicy'))
  else if (spec.podManagementPolicy !== 'OrderedReady' && spec.podManagementPolicy !== 'Parallel') {
    errors.push(invalid('spec.podManagementPolicy', spec.podManagementPolicy, "must be 'OrderedReady' or 'Parallel'"))
  }
  errors.push(...validateStrategy(o))
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const policy = spec.persistentVolumeClaimRetentionPolicy?.[field]
    if (policy !== undefined && policy !== 'Retain' && policy !== 'Delete') {
      errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, policy, ['Retain', 'Delete']))
    }
  }
  errors.push(...nonNegative(spec.replicas, 'spec.replicas'), ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'))
  errors.push(...nonNegative(spec.ordinals?.start, 'spec.ordinals.start'))
  if (spec.selector == null) errors.push(required('spec.selector'))
  else {
    errors.push(...validateLabelSelector(spec.selector, 'spec.selector'))
    if (isEmptySelector(spec.selector)) errors.push(invalid('spec.selector', spec.selector, 'empty selector is invalid for statefulset'))
  }
  if (spec.selector != null && !isCompilable(spec.selector)) errors.push(invalid('spec.selector', '', ''))
  else {
    if ((spec.selector == null || !isEmptySelector(spec.selector)) && !matches(labelSelector(spec.selector), spec.template.metadata?.labels)) {
      errors.push(invalid('spec.template.metadata.labels', sorted(spec.template.metadata?.labels), '`selector` does not match template `labels`'))
    }
    errors.push(...validatePodTemplate(withClaims(o), 'spec.template'))
  }
  if (spec.template.spec!.restartPolicy !== 'Always') errors.push(notSupported('spec.template.spec.restartPolicy', spec.template.spec!.restartPolicy, ['Always']))
  if (spec.template.spec!.activeDeadlineSeconds != null) errors.push(forbidden('spec.template.spec.activeDeadlineSeconds', 'activeDeadlineSeconds in StatefulSet is not Supported'))
  return errors
}

/** The template with its claims as volumes, which the pods will have, so that mounts of them are found. */
function withClaims(o: StatefulSet): StatefulSet['spec']['template'] {
  const claims = o.spec.volumeClaimTemplates ?? []
  if (claims.length === 0) return o.spec.template
  const own = o.spec.template.spec!
  const names = new Set(claims.map((c) => c.metadata.name))
  const volumes = (own.volumes ?? []).filter((v) => !names.has(v.name))
  return {
    ...o.spec.template,
    spec: { ...own, volumes: [...volumes, ...claims.map((c) => ({ name: c.metadata.name, persistentVolumeClaim: { claimName: c.metadata.name } }))] },
  }
}

/** The gate MaxUnavailableStatefulSet is off in v1.36: the field is dropped, one pod after the other is updated. Upstream: dropStatefulSetDisabledFields */
function dropDisabledFields(o: StatefulSet): void {
  delete o.spec.updateStrategy?.rollingUpdate?.maxUnavailable
}

/** StatefulSet. Upstream: pkg/registry/apps/statefulset, apps validation ValidateStatefulSetSpec. */
export const statefulSet = define<StatefulSet>({
  resource: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  hasGeneration: true,
  defaults(o) {
    const { spec } = o
    spec.podManagementPolicy ||= 'OrderedReady'
    const strategy = (spec.updateStrategy ??= {})
    strategy.type ||= 'RollingUpdate'
    if (strategy.type === 'RollingUpdate') {
      const rolling = (strategy.rollingUpdate ??= {})
      rolling.partition ??= 0
    }
    const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {})
    retention.whenDeleted ||= 'Retain'
    retention.whenScaled ||= 'Retain'
    spec.replicas ??= 1
    spec.revisionHistoryLimit ??= 10
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion ||= 'v1'
      claim.kind ||= 'PersistentVolumeClaim'
      defaultClaimSpec((claim.spec ??= {}))
      claim.status ??= {}
      claim.status.phase ||= 'Pending'
    }
    defaultPodSpec(spec.template.spec!)
  },
  prepareForCreate(o) {
    o.status = { replicas: 0, availableReplicas: 0 }
    dropDisabledFields(o)
  },
  prepareForUpdate: dropDisabledFields,
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    const fixed = { ...o.spec } as Record<string, unknown>
    const before = { ...old.spec } as Record<string, unknown>
    for (const field of MUTABLE) {
      delete fixed[field]
      delete before[field]
    }
    if (!deepEqual(fixed, before)) {
      errors.push(forbidden('spec', "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"))
    }
    return errors
  },
  validateStatusUpdate: (o, old) => [...validateCounts(o.status, COUNTS, PARTS, 'status.readyReplicas'), ...validateCollisions(o.status, old.status)],
  columns: [
    nameColumn,
    column('Ready', (o) => `${o.status?.readyReplicas ?? 0}/${o.spec.replicas ?? 0}`),
    ageColumn,
    ...containerColumns<StatefulSet>((o) => o.spec.template),
  ],
})
