import { controllerOf, deepEqual, goJson, matches, sortKeys, type KubeObject, type Selector } from '../apimachinery'
import type { ControllerRevision, PodTemplateSpec } from '../api'
import type { Cache } from '../client-go'

/** What a ControllerRevision keeps: a patch that replaces the pod template. Upstream: getPatch of daemon and statefulset */
export const revisionData = (template: PodTemplateSpec): { spec: { template: PodTemplateSpec & { $patch: string } } } => ({ spec: { template: { ...template, $patch: 'replace' } } })

/** Bytes of the data as Go encodes them: keys sorted, the structs that are never left out. */
export function rawData(data: ReturnType<typeof revisionData>): string {
  const { template } = data.spec
  const spec = template.spec as unknown as Record<string, unknown> | undefined
  const filled: Record<string, unknown> = { ...spec }
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) if (Array.isArray(filled[list])) filled[list] = (filled[list] as object[]).map((c) => ({ resources: {}, ...c }))
  return goJson(sortKeys({ spec: { template: { ...template, metadata: template.metadata ?? {}, spec: filled } } }))
}

/** Revisions of an owner, oldest first. Upstream: pkg/controller/history SortControllerRevisions */
export function sortRevisions(list: readonly ControllerRevision[]): ControllerRevision[] {
  const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return [...list].sort((a, b) => a.revision - b.revision || text(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '') || text(a.metadata.name, b.metadata.name))
}

/** Whether two revisions keep the same template. Upstream: history.EqualRevision */
export const equalData = (a: unknown, b: unknown): boolean => deepEqual(a, b)

/** Revisions of an owner, with orphans that match it. Upstream: history.ListControllerRevisions */
export function revisionsOf(cache: Cache<ControllerRevision>, owner: KubeObject, selector: Selector): ControllerRevision[] {
  const own = cache.by('controller', owner.metadata.uid as string).filter((r) => controllerOf(r)?.uid === owner.metadata.uid)
  return [...own, ...cache.by('orphan', owner.metadata.namespace as string).filter((r) => matches(selector, r.metadata.labels))]
}
