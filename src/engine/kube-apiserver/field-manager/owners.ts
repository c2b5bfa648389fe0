import type { ManagedFieldsEntry } from '../../api'
import { isObject, type KubeObject } from '../../apimachinery'
import type { ApiRequest } from '../../client-go'
import { fromFieldsV1, join, toFieldsV1, type Path } from './paths'

/** Who writes, and how. */
export interface Manager {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
  readonly subresource: string
  readonly apiVersion: string
  /** metav1.Time of now. */
  readonly time: string
}

/** An entry of managedFields with its set unpacked. */
export interface Owner {
  entry: Omit<ManagedFieldsEntry, 'fieldsV1'>
  readonly set: Set<Path>
}

/** Path of kubectl's annotation with what was applied last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
export const lastAppliedPath: Path = join(join('f:metadata', 'f:annotations'), `f:${LAST_APPLIED}`)

/** Upstream: fieldmanager.go DefaultMaxUpdateManagers */
const MOST_UPDATERS = 10
const ANCIENT = 'ancient-changes'

/** What an entry says besides its fields. */
export function entryOf(manager: Manager): Owner['entry'] {
  return { manager: manager.name, operation: manager.operation, apiVersion: manager.apiVersion, time: manager.time, fieldsType: 'FieldsV1', ...(manager.subresource === '' ? {} : { subresource: manager.subresource }) }
}

/** The recorded owners of an object. */
export function ownersOf(o: KubeObject): Owner[] {
  return ((o.metadata.managedFields ?? []) as ManagedFieldsEntry[]).map(({ fieldsV1, ...entry }) => ({ entry, set: fromFieldsV1(fieldsV1) }))
}

/** Whether owners of an object's fields are recorded: since a person wrote to it. An empty list: somebody cleared it. */
export function isManaged(o: KubeObject): boolean {
  return o.metadata.managedFields !== undefined
}

/** Whether a write asks to forget all owners: by one empty entry. Upstream: managedfields/internal/managedfields.go, fieldmanager.go isResetManagedFields */
export function clearsOwners({ body }: ApiRequest): boolean {
  const isEmpty = (list: unknown): boolean => Array.isArray(list) && list.length === 1 && isObject(list[0]) && Object.keys(list[0]).length === 0
  if (Array.isArray(body)) return body.some((o) => isObject(o) && o.path === '/metadata/managedFields' && isEmpty(o.value))
  return isObject(body) && isObject(body.metadata) && isEmpty(body.metadata.managedFields)
}

/** Entries in the order in which they are stored: by operation (Apply first), time, manager. Upstream: managedfields/internal/managedfields.go sortEncodedManagedFields */
export function entriesOf(owners: readonly Owner[]): ManagedFieldsEntry[] {
  const rank = (o: Owner): string => [o.entry.operation, o.entry.time ?? '', o.entry.manager, o.entry.apiVersion, o.entry.subresource ?? ''].join('\n')
  const sorted = owners.filter((o) => o.set.size > 0).sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
  return capped(sorted).map(({ entry, set }) => ({ ...entry, fieldsV1: toFieldsV1(set) }) as ManagedFieldsEntry)
}

/** Those who wrote longest ago become one when there are too many. Upstream: managedfields/internal/capmanagers.go */
function capped(sorted: readonly Owner[]): readonly Owner[] {
  const updates = sorted.filter((o) => o.entry.operation === 'Update')
  if (updates.length <= MOST_UPDATERS) return sorted
  const old = updates.slice(0, updates.length - MOST_UPDATERS + 1)
  const { subresource: _, ...last } = old.at(-1)!.entry
  const ancient: Owner = { entry: { ...last, manager: ANCIENT }, set: new Set(old.flatMap((o) => [...o.set])) }
  return [...sorted.filter((o) => o.entry.operation === 'Apply'), ancient, ...updates.slice(old.length)]
}
