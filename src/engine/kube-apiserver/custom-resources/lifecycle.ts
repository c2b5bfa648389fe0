import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../api'
import { deepEqual, type KubeObject } from '../../apimachinery'
import type { Ctx } from '../../sim'
import { servedByName, storageKey, type Served } from '../served'
import type { ServerState } from '../state'
import { revisionOf } from '../storage'
import type { CacheEvent, WatchCache } from '../watch-cache'
import { isEstablished, storedOf } from './served'

const definitions = 'customresourcedefinitions'
/** Keeps a definition until its objects are gone. Upstream: apiextensions.CustomResourceCleanupFinalizer */
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

type Condition = NonNullable<NonNullable<CustomResourceDefinition['status']>['conditions']>[number]

/** A definition as its DELETE leaves it. Upstream: registry/customresourcedefinition/etcd.go Delete */
export function terminating(crd: CustomResourceDefinition, time: string): CustomResourceDefinition {
  const { finalizers = [] } = crd.metadata
  const condition: Condition = { lastTransitionTime: time, message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon', reason: 'InstanceDeletionPending', status: 'True', type: 'Terminating' }
  const metadata = { ...crd.metadata, deletionTimestamp: time, finalizers: finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer] }
  return { ...crd, metadata, status: { ...(crd.status as NonNullable<CustomResourceDefinition['status']>), conditions: withCondition(crd, condition) } }
}

function withCondition(crd: CustomResourceDefinition, c: Condition): Condition[] {
  const all = crd.status?.conditions ?? []
  const old = all.find((o) => o.type === c.type)
  const next = old?.status === c.status ? { ...c, lastTransitionTime: old.lastTransitionTime as string } : c
  return old === undefined ? [...all, next] : all.map((o) => (o === old ? next : o))
}

/** Looks after definitions: accepts their names, and takes the objects of deleted ones away. Upstream: apiextensions-apiserver/pkg/controller/{status,establish,finalizer} */
export function onDefinition(state: ServerState, event: CacheEvent, ctx: Ctx): void {
  const crd = event.object as CustomResourceDefinition
  if (event.type === 'DELETED') {
    // Its names are free: others may have waited for them.
    for (const o of state.cache.of(definitions).values()) if (!isEstablished(o)) accept(state, o as CustomResourceDefinition, ctx)
  } else if (crd.metadata.deletionTimestamp !== undefined) cleanUp(state, crd, ctx)
  else accept(state, crd, ctx)
}

/** The last object of a definition that is being deleted may be gone. */
export function onCustomObject(state: ServerState, storage: string, event: CacheEvent, ctx: Ctx): void {
  if (event.type !== 'DELETED') return
  const crd = state.cache.get(definitions, '', storage) as CustomResourceDefinition | undefined
  if (crd?.metadata.deletionTimestamp !== undefined) cleanUp(state, crd, ctx)
}

/** Deletes the objects; the definition follows when the last one is gone. */
function cleanUp(state: ServerState, crd: CustomResourceDefinition, ctx: Ctx): void {
  const { name, finalizers = [] } = crd.metadata
  const served = storedOf(crd)
  if (!finalizers.includes(cleanupFinalizer)) return
  const left = [...state.cache.of(name).values()]
  if (left.length === 0 || served === undefined) {
    const rest = finalizers.filter((f) => f !== cleanupFinalizer)
    return put(state, crd, rest.length === 0 ? undefined : { ...crd, metadata: { ...crd.metadata, finalizers: rest } }, ctx)
  }
  const doomed = left.filter((o) => o.metadata.deletionTimestamp === undefined)
  if (doomed.length === 0) return
  const writes = doomed.map((o) => {
    const key = storageKey(served, o.metadata.namespace ?? '', o.metadata.name)
    const waits = (o.metadata.finalizers ?? []).length > 0
    return waits ? { key, value: { ...o, metadata: { ...o.metadata, deletionTimestamp: ctx.wallTime(), deletionGracePeriodSeconds: 0 } } } : { key }
  })
  state.etcd.send(ctx, { op: 'txn', compare: [], writes, about: { resource: name, namespace: '', name: '' } }, { type: 'apiserver/ignore' })
}

/** Which of the wanted names are taken by other definitions of the group. Upstream: controller/status/naming_controller.go */
function conflicts(cache: WatchCache, crd: CustomResourceDefinition): Condition | undefined {
  const taken = new Set<string>()
  const kinds = new Set<string>()
  for (const o of cache.of(definitions).values()) {
    const other = o as CustomResourceDefinition
    if (other.spec.group !== crd.spec.group || other.metadata.name === crd.metadata.name) continue
    const n = other.status?.acceptedNames
    for (const name of [n?.plural, n?.singular, ...(n?.shortNames ?? [])]) if (name) taken.add(name)
    for (const kind of [n?.kind, n?.listKind]) if (kind) kinds.add(kind)
  }
  const { plural, singular, shortNames = [], kind, listKind } = crd.spec.names
  const say = (reason: string, names: readonly string[]): Condition => ({ message: names.map((n) => `${JSON.stringify(n)} is already in use`).join(', '), reason, status: 'False', type: 'NamesAccepted' })
  if (taken.has(plural)) return say('PluralConflict', [plural])
  if (singular && taken.has(singular)) return say('SingularConflict', [singular])
  const short = shortNames.filter((n) => taken.has(n))
  if (short.length > 0) return say('ShortNamesConflict', short)
  if (kinds.has(kind)) return say('KindConflict', [kind])
  return listKind && kinds.has(listKind) ? say('ListKindConflict', [listKind]) : undefined
}

function accept(state: ServerState, crd: CustomResourceDefinition, ctx: Ctx): void {
  const time = ctx.wallTime()
  const conflict = conflicts(state.cache, crd)
  const named: Condition = { lastTransitionTime: time, ...(conflict ?? { message: 'no conflicts found', reason: 'NoConflicts', status: 'True', type: 'NamesAccepted' }) }
  const established: Condition = conflict === undefined || isEstablished(crd)
    ? { lastTransitionTime: time, message: 'the initial names have been accepted', reason: 'InitialNamesAccepted', status: 'True', type: 'Established' }
    : { lastTransitionTime: time, message: 'not all names are accepted', reason: 'NotAccepted', status: 'False', type: 'Established' }
  const first = { ...crd, status: { ...(crd.status as NonNullable<CustomResourceDefinition['status']>), conditions: withCondition(crd, named) } }
  const acceptedNames: CustomResourceDefinitionNames = conflict === undefined ? crd.spec.names : crd.status?.acceptedNames ?? { kind: '', plural: '' }
  const status = { ...first.status, acceptedNames, conditions: withCondition(first, established) }
  if (!deepEqual(status, crd.status)) put(state, crd, { ...crd, status }, ctx)
}

/** Writes a definition; when it moves meanwhile, its next event comes here again. */
function put(state: ServerState, crd: CustomResourceDefinition, value: CustomResourceDefinition | undefined, ctx: Ctx): void {
  const { name } = crd.metadata
  const key = storageKey(servedByName(definitions) as Served, '', name)
  const compare = [{ key, modRevision: revisionOf(crd as KubeObject) }]
  state.etcd.send(ctx, { op: 'txn', compare, writes: [value === undefined ? { key } : { key, value: value as KubeObject }], about: { resource: definitions, namespace: '', name } }, { type: 'apiserver/ignore' })
}
