import { computeHash } from '../apimachinery'
import { structSchema } from './schema'
import type { PodTemplateSpec } from './types.generated'

/** Hash of a pod template that appears in names of ReplicaSets and pods. Upstream: pkg/controller/controller_utils.go ComputeHash. */
export function podTemplateHash(template: PodTemplateSpec, collisionCount?: number): string {
  return computeHash(structSchema('PodTemplateSpec')!, template, collisionCount)
}
