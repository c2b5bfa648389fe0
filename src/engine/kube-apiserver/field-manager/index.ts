import { structSchema, type ManagedFieldsEntry } from '../../api'
import { applyConflict, deepEqual, goJson, sortKeys, type KubeObject, type Status, type StructSchema } from '../../apimachinery'
import type { Served } from '../served'
import { fromFieldsV1, formatPath, join, toFieldsV1, type Path, type PathSet } from './paths'
import { customField } from './custom-type'
import { fieldsOf, merge, prune, type Field } from './typed'

/** Who writes, and how. */
export interface Manager {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
  readonly subresource: string
  readonly apiVersion: string
  /** metav1.Time of now. */
  readonly time: string
}

interface Owner {
  readonly entry: Omit<ManagedFieldsEntry, 'fieldsV1'>
  readonly set: Set<Path>
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** How objects of a kind are taken apart; undefined: by their look alone. */
export function fieldOfKind(served: Served): Field | undefined {
  if (served.custom !== undefined) return served.custom.schema && customField(served.custom.schema)
  const schema = structSchema(served.info.kind)
  return schema && rootOf(schema)
}

function rootOf(schema: StructSchema): Field {
  return { type: { kind: 'struct', goName: schema.goName, struct: () => schema } }
}

/** Whether ownership is kept for an object: since it was first applied. */
export function isManaged(o: KubeObject): boolean {
  return (o.metadata.managedFields?.length ?? 0) > 0
}

/**
 * The object that an applied configuration makes of the live one, with who owns what; or the conflict. The answer has managedFields.
 * Upstream: structured-merge-diff/merge/update.go Updater.Apply
 */
export function applyConfig(root: Field | undefined, live: KubeObject | undefined, config: KubeObject, manager: Manager, force: boolean): KubeObject | Status {
  const owners = live === undefined ? [] : isManaged(live) ? ownersOf(live) : presumedOwners(root, live, manager)
  const mine = owners.find((o) => o.entry.operation === 'Apply' && o.entry.manager === manager.name && (o.entry.subresource ?? '') === manager.subresource)
  const others = owners.filter((o) => o !== mine)
  const applied = new Set(fieldsOf(root, config).values.keys())
  let merged = live === undefined ? config : (merge(root, live, config) as KubeObject)
  if (mine !== undefined) {
    const gone = new Set([...mine.set].filter((p) => !applied.has(p) && !owned(others, p) && !within(applied, p)))
    if (gone.size > 0) merged = prune(root, merged, gone) as KubeObject
  }
  const before = fieldsOf(root, live ?? {}).values
  const after = fieldsOf(root, merged).values
  const changed = new Set([...after].filter(([p, v]) => !before.has(p) || !deepEqual(before.get(p), v)).map(([p]) => p))
  const conflicts = others.flatMap((o) => [...o.set].filter((p) => changed.has(p) && before.has(p)).sort().map((p) => [o, p] as const))
  if (conflicts.length > 0 && !force) return conflictStatus(conflicts)
  for (const o of others) for (const p of o.set) if (changed.has(p) || (before.has(p) && !after.has(p))) o.set.delete(p)
  // Whoever goes back to the client's apply finds what was applied. Upstream: managedfields/internal/lastappliedupdater.go
  if (manager.name === 'kubectl' && manager.subresource === '' && live?.metadata.annotations?.[lastApplied] !== undefined) {
    merged = { ...merged, metadata: { ...merged.metadata, annotations: { ...merged.metadata.annotations, [lastApplied]: `${goJson(sortKeys(config))}\n` } } }
  }
  const own: Owner = { entry: { manager: manager.name, operation: 'Apply', apiVersion: manager.apiVersion, time: manager.time, fieldsType: 'FieldsV1', ...(manager.subresource === '' ? {} : { subresource: manager.subresource }) }, set: applied }
  return withOwners(merged, [...others, own], live)
}

/** Ownership after a write that was not applied: what it changed is its writer's. Upstream: Updater.Update */
export function trackUpdate(root: Field | undefined, old: KubeObject, now: KubeObject, manager: Manager): KubeObject['metadata']['managedFields'] {
  const owners = ownersOf(old)
  const [before, after] = [fieldsOf(root, old), fieldsOf(root, now)]
  const changed = new Set<Path>()
  for (const [p, v] of after.values) if (!before.values.has(p) || !deepEqual(before.values.get(p), v)) changed.add(p)
  for (const p of after.containers) if (!before.containers.has(p) && !before.values.has(p)) changed.add(p)
  const same = (e: Owner['entry']): boolean => e.operation === 'Update' && e.manager === manager.name && (e.subresource ?? '') === manager.subresource && e.apiVersion === manager.apiVersion
  let mine = owners.find((o) => same(o.entry))
  if (changed.size > 0 && mine === undefined) {
    mine = { entry: { manager: manager.name, operation: 'Update', apiVersion: manager.apiVersion, time: manager.time, fieldsType: 'FieldsV1', ...(manager.subresource === '' ? {} : { subresource: manager.subresource }) }, set: new Set() }
    owners.push(mine)
  }
  for (const o of owners) for (const p of o.set) {
    const isGone = !after.values.has(p) && !after.containers.has(p)
    if (isGone || (o !== mine && changed.has(p) && before.values.has(p))) o.set.delete(p)
  }
  if (mine !== undefined && changed.size > 0) {
    for (const p of changed) mine.set.add(p)
    ;(mine as { entry: Owner['entry'] }).entry = { ...mine.entry, time: manager.time }
  }
  return entriesOf(owners)
}

function ownersOf(o: KubeObject): Owner[] {
  return ((o.metadata.managedFields ?? []) as ManagedFieldsEntry[]).map(({ fieldsV1, ...entry }) => ({ entry, set: fromFieldsV1(fieldsV1) }))
}

/**
 * Who owned what before the first apply, for an object whose writers were not recorded: the status its controllers; the rest `kubectl apply`, if the
 * object has its annotation (and `kubectl apply --server-side` takes that over), or nobody in particular.
 * Upstream: managedfields/internal/skipnonapplied.go, csaupgrade.
 */
function presumedOwners(root: Field | undefined, live: KubeObject, manager: Manager): Owner[] {
  const entry = (name: string, operation: 'Apply' | 'Update', subresource = ''): Owner['entry'] => ({
    manager: name, operation, apiVersion: manager.apiVersion, time: live.metadata.creationTimestamp ?? manager.time, fieldsType: 'FieldsV1', ...(subresource === '' ? {} : { subresource }),
  })
  const { values, containers } = fieldsOf(root, live)
  const status = new Set([...values.keys(), ...containers].filter((p) => p.startsWith(join('f:status', '')) || p.endsWith('f:deployment.kubernetes.io/revision')))
  const writer = live.kind === 'Pod' || live.kind === 'Node' ? 'kubelet' : 'kube-controller-manager'
  const owners: Owner[] = status.size > 0 ? [{ entry: entry(writer, 'Update', 'status'), set: status }] : []
  const text = live.metadata.annotations?.[lastApplied]
  if (text === undefined) {
    owners.unshift({ entry: entry('before-first-apply', 'Update'), set: new Set([...values.keys()].filter((p) => !status.has(p))) })
    return owners
  }
  const config = parse(text)
  const set = new Set(config === undefined ? [] : fieldsOf(root, config).values.keys())
  const annotation = join(join('f:metadata', 'f:annotations'), `f:${lastApplied}`)
  if (manager.name === 'kubectl') {
    const { time: _, ...timeless } = entry('kubectl-last-applied', 'Apply')
    owners.unshift({ entry: entry('kubectl', 'Apply'), set }, { entry: timeless, set: new Set([annotation]) })
  }
  else owners.unshift({ entry: entry('kubectl-client-side-apply', 'Update'), set: set.add(annotation) })
  return owners
}

function parse(text: string): KubeObject | undefined {
  try {
    return JSON.parse(text) as KubeObject
  } catch {
    return undefined
  }
}

const owned = (owners: readonly Owner[], p: Path): boolean => owners.some((o) => o.set.has(p) || within(o.set, p))

/** Whether a set has something inside of a path. */
function within(set: PathSet, p: Path): boolean {
  const inside = join(p, '')
  for (const q of set) if (q.startsWith(inside)) return true
  return false
}

function withOwners(o: KubeObject, owners: readonly Owner[], live: KubeObject | undefined): KubeObject {
  const managedFields = entriesOf(owners)
  // An apply that changes nothing leaves the times alone too.
  const was = live?.metadata.managedFields as ManagedFieldsEntry[] | undefined
  const timeless = (list: readonly ManagedFieldsEntry[] | undefined): unknown => list?.map((e) => ({ ...e, time: '' }))
  const kept = was !== undefined && deepEqual(timeless(was), timeless(managedFields)) ? was : managedFields
  return { ...o, metadata: { ...o.metadata, managedFields: kept } } as KubeObject
}

/** Entries in the order in which they are stored: by operation (Apply first), time, manager. Upstream: managedfields/internal/managedfields.go sortEncodedManagedFields */
function entriesOf(owners: readonly Owner[]): ManagedFieldsEntry[] {
  const rank = (o: Owner): string => [o.entry.operation, o.entry.time ?? '', o.entry.manager, o.entry.apiVersion, o.entry.subresource ?? ''].join('\n')
  return owners.filter((o) => o.set.size > 0).sort((a, b) => (rank(a) < rank(b) ? -1 : 1)).map(({ entry, set }) => ({ ...entry, fieldsV1: toFieldsV1(set) }) as ManagedFieldsEntry)
}

function conflictStatus(conflicts: readonly (readonly [Owner, Path])[]): Status {
  const causes = conflicts.map(([o, p]) => ({ reason: 'FieldManagerConflict', message: `conflict with ${describe(o.entry)}`, field: formatPath(p) }))
  const [first] = causes
  if (causes.length === 1) return applyConflict(causes, `Apply failed with 1 conflict: ${first!.message}: ${first!.field}`)
  const lines: string[] = []
  for (const who of [...new Set(conflicts.map(([o]) => describe(o.entry)))].sort()) {
    lines.push(`conflicts with ${who}:`)
    for (const [o, p] of conflicts) if (describe(o.entry) === who) lines.push(`- ${formatPath(p)}`)
  }
  return applyConflict(causes, `Apply failed with ${causes.length} conflicts: ${lines.join('\n')}`)
}

function describe(e: Owner['entry']): string {
  const who = `"${e.manager}"${e.subresource ? ` with subresource "${e.subresource}"` : ''}`
  return e.operation === 'Update' ? `${who} using ${e.apiVersion}` : who
}
