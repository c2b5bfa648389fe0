import { computeHash, controllerRevisionHash, goJson, sortKeys } from '../apimachinery'
import { structSchema } from './schema'
import type { PodTemplateSpec } from './types.generated'

/**
 * Hash of a pod template that appears in names of ReplicaSets, their pods, and revisions of DaemonSets. The template must be defaulted
 * and canonical, as stored. Upstream: pkg/controller/controller_utils.go ComputeHash.
 */
export function podTemplateHash(template: PodTemplateSpec, collisionCount?: number): string {
  return computeHash(structSchema('PodTemplateSpec')!, template, collisionCount)
}

/** Data of a ControllerRevision: the patch that sets the template. Upstream: statefulset and daemon getPatch. */
export function revisionPatch(template: PodTemplateSpec): { spec: { template: PodTemplateSpec & { $patch: 'replace' } } } {
  return sortKeys({ spec: { template: { ...template, $patch: 'replace' as const } } })
}

/** Hash of a StatefulSet's revision (its name is `<set>-<hash>`). Upstream: pkg/controller/history HashControllerRevision. */
export function statefulSetRevisionHash(template: PodTemplateSpec, collisionCount = 0): string {
  return controllerRevisionHash(goJson(revisionPatch(template)), collisionCount)
}
