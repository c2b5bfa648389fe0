import type { ManagedFieldsEntry } from '../../api'
import { applyConflict, deepEqual, goJson, sortKeys, type KubeObject, type Status } from '../../apimachinery'
import type { Served } from '../served'
import { fieldOfKind, zeroFields } from './kinds'
import { entriesOf, entryOf, isManaged, LAST_APPLIED, lastAppliedPath, ownersOf, type Manager, type Owner } from './owners'
import { comparePaths, elements, formatPath, join, type Path, type PathSet } from './paths'
import { bare, presumedOwners, statusOwner } from './presumed'
import { changedPaths, fieldsOf, merge, prune } from './typed'

export { clearsOwners, isManaged } from './owners'
export { withOwners } from './presumed'

/**
 * The object that an applied configuration makes of the live one, with who owns what; or the conflict. The answer has managedFields.
 * Upstream: structured-merge-diff/merge/update.go Updater.Apply
 */
export function applyConfig(served: Served, live: KubeObject | undefined, given: KubeObject, manager: Manager, force: boolean): KubeObject | Status {
  const root = fieldOfKind(served)
  const isStatus = manager.subresource === 'status'
  // Nobody owns what another endpoint writes. Upstream: the strategies' GetResetFields
  const config = isStatus ? given : bare(served, given)
  const owners = live === undefined ? [] : migrated(isManaged(live) ? knownOwners(served, live, manager) : presumedOwners(served, root, live), live, manager)
  const presumed = live === undefined || !isStatus ? undefined : statusOwner(served, root, live, owners)
  const mine = owners.find((o) => o.entry.operation === 'Apply' && o.entry.manager === manager.name && (o.entry.subresource ?? '') === manager.subresource)
  const others = owners.filter((o) => o !== mine)
  const applied = new Set(fieldsOf(root, config).values.keys())
  let merged = live === undefined ? config : (merge(root, live, config) as KubeObject)
  if (mine !== undefined) {
    const gone = new Set([...mine.set].filter((p) => !applied.has(p) && !owned(others, p) && !within(applied, p)))
    if (gone.size > 0) merged = prune(root, merged, gone) as KubeObject
  }
  const before = fieldsOf(root, live ?? {}).values
  const fields = fieldsOf(root, merged)
  const after = fields.values
  const changed = new Set([...after].filter(([p, v]) => !before.has(p) || !deepEqual(before.get(p), v)).map(([p]) => p))
  const conflicts = [...others, ...(presumed === undefined ? [] : [presumed])].flatMap((o) => [...o.set].filter((p) => changed.has(p) && before.has(p)).sort(comparePaths).map((p) => [o, p] as const))
  if (conflicts.length > 0 && !force) return conflictStatus(conflicts)
  for (const o of others) for (const p of o.set) if (changed.has(p) || (!after.has(p) && !fields.containers.has(p))) o.set.delete(p)
  // Whoever goes back to the client's apply finds what was applied. Upstream: managedfields/internal/lastappliedupdater.go
  if (manager.name === 'kubectl' && manager.subresource === '' && live?.metadata.annotations?.[LAST_APPLIED] !== undefined) {
    merged = { ...merged, metadata: { ...merged.metadata, annotations: { ...merged.metadata.annotations, [LAST_APPLIED]: `${goJson(sortKeys(given))}\n` } } }
  }
  return withEntries(merged, [...others, { entry: entryOf(manager), set: applied }], live)
}

/** The recorded owners; all that is there when they were cleared. Upstream: managedfields/internal/skipnonapplied.go */
function knownOwners(served: Served, live: KubeObject, manager: Manager): Owner[] {
  if (live.metadata.managedFields!.length > 0) return ownersOf(live)
  const set = changedPaths(zeroFields(served), fieldsOf(fieldOfKind(served), bare(served, live)))
  return [{ entry: entryOf({ ...manager, name: 'before-first-apply', operation: 'Update' }), set }]
}

/**
 * Fields that kubectl applied from its side become those that it applies on the server, so that they go when they are left out. kubectl does this
 * with three requests; here the server does it with the first. Upstream: client-go/util/csaupgrade, kubectl apply migrateToSSAIfNecessary
 */
function migrated(owners: Owner[], live: KubeObject, manager: Manager): Owner[] {
  if (manager.name !== 'kubectl' || manager.subresource !== '' || live.metadata.annotations?.[LAST_APPLIED] === undefined) return owners
  if (owners.some((o) => o.entry.operation === 'Apply' && o.set.has(lastAppliedPath))) return owners
  const fromClient = owners.filter((o) => o.entry.operation === 'Update' && (o.entry.subresource ?? '') === '' && o.set.has(lastAppliedPath))
  if (fromClient.length === 0) return owners
  const set = new Set(fromClient.flatMap((o) => [...o.set]))
  set.delete(lastAppliedPath)
  const mine = owners.find((o) => o.entry.operation === 'Apply' && o.entry.manager === 'kubectl' && o.entry.subresource === undefined)
  for (const p of mine?.set ?? []) set.add(p)
  const { time: _, ...timeless } = entryOf({ ...manager, name: 'kubectl-last-applied' })
  return [...owners.filter((o) => o !== mine && !fromClient.includes(o)), { entry: entryOf(manager), set }, { entry: timeless, set: new Set([lastAppliedPath]) }]
}

/** An object with a configuration laid over it; a text when it would replace something whole. Upstream: plugin/policy/mutating/patch/smd.go ApplyStructuredMergeDiff */
export function layOver(served: Served, object: KubeObject, config: object): KubeObject | string {
  const root = fieldOfKind(served)
  const present = fieldsOf(root, object).values
  const whole = [...fieldsOf(root, config).values].filter(([p, v]) => typeof v === 'object' && v !== null && present.has(p) && (Array.isArray(v) || Object.keys(v).length > 0)).map(([p]) => p).sort(comparePaths)
  return whole.length > 0 ? `may not mutate atomic arrays, maps or structs: ${whole.map(formatPath).join(', ')}` : (merge(root, object, config) as KubeObject)
}

/** Ownership of a new object: all of it is its writer's. */
export function trackCreate(served: Served, object: KubeObject, manager: Manager): ManagedFieldsEntry[] {
  const mine: Owner = { entry: entryOf(manager), set: changedPaths(zeroFields(served), fieldsOf(fieldOfKind(served), bare(served, object))) }
  return entriesOf([mine])
}

/** Ownership after a write that was not applied: what it changed is its writer's. Undefined: nobody owns anything else than before. Upstream: Updater.Update */
export function trackUpdate(served: Served, old: KubeObject, now: KubeObject, manager: Manager): ManagedFieldsEntry[] | undefined {
  const root = fieldOfKind(served)
  const part = (o: KubeObject): KubeObject => (manager.subresource === 'status' ? o : bare(served, o))
  const [before, after] = [fieldsOf(root, part(old)), fieldsOf(root, part(now))]
  const changed = changedPaths(before, after)
  const isGone = (p: Path): boolean => !after.values.has(p) && !after.containers.has(p)
  const lost = [...before.values.keys()].some(isGone)
  if (changed.size === 0 && !lost) return undefined
  const owners = isManaged(old) ? ownersOf(old) : presumedOwners(served, root, old)
  let mine = owners.find(({ entry: e }) => e.operation === 'Update' && e.manager === manager.name && (e.subresource ?? '') === manager.subresource && e.apiVersion === manager.apiVersion)
  if (changed.size > 0 && mine === undefined) owners.push((mine = { entry: entryOf(manager), set: new Set() }))
  const isStatus = (p: Path): boolean => manager.subresource !== 'status' && p.startsWith('f:status')
  for (const o of owners) for (const p of o.set) if (!isStatus(p) && (isGone(p) || (o !== mine && changed.has(p) && before.values.has(p)))) o.set.delete(p)
  if (mine !== undefined && changed.size > 0) {
    for (const p of changed) mine.set.add(p)
    mine.entry = { ...mine.entry, time: manager.time }
  }
  return entriesOf(owners)
}

/** Whether somebody else keeps a path: by owning it or something inside; an item of a list only by owning the item. Upstream: merge/update.go addBackOwnedItems */
function owned(owners: readonly Owner[], p: Path): boolean {
  const isItem = /^[kv]:/.test(elements(p).at(-1) as string)
  return owners.some((o) => o.set.has(p) || (!isItem && within(o.set, p)))
}

/** Whether a set has something inside of a path. */
function within(set: PathSet, p: Path): boolean {
  const inside = join(p, '')
  for (const q of set) if (q.startsWith(inside)) return true
  return false
}

function withEntries(o: KubeObject, owners: readonly Owner[], live: KubeObject | undefined): KubeObject {
  const managedFields = entriesOf(owners)
  // An apply that changes nothing leaves the times alone too.
  const was = live?.metadata.managedFields as ManagedFieldsEntry[] | undefined
  const timeless = (list: readonly ManagedFieldsEntry[] | undefined): unknown => list?.map((e) => ({ ...e, time: '' }))
  const kept = was !== undefined && deepEqual(timeless(was), timeless(managedFields)) ? was : managedFields
  return { ...o, metadata: { ...o.metadata, managedFields: kept } } as KubeObject
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
