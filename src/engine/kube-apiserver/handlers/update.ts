import { conflict, deepEqual, invalidObject, isFailure, notFound, type FieldError, type KubeObject, type Status } from '../../apimachinery'
import type { EtcdAnswer } from '../../etcd'
import type { Ctx, Micros } from '../../sim'
import { admit, validateAdmission } from '../admission'
import { clearsOwners, isManaged, trackUpdate, withOwners } from '../field-manager'
import { asVersion, servedIn } from '../custom-resources'
import { isPerson, type Alongside, type Flight } from '../flight'
import { validateObjectMetaUpdate } from '../registry'
import type { WriteContext } from '../registry/strategy'
import { plainSuccess, refuse, respond, workTime, writeStages, type RefusedBy } from '../respond'
import { createsOnUpdate, type Body, type Served } from '../served'
import { warningsFor } from '../registry/warnings'
import type { ServerState } from '../state'
import { commit, ownValue, readFresh, revisionOf, storageFailed } from '../storage'
import { writeContext } from '../write-context'
import { createObject } from './create'
import { derive } from './derive'
import { scaleOf } from './scale'

/** A write that keeps failing on a moving object is given up after this many tries. */
const mostAttempts = 32

/**
 * PUT and PATCH of an object or subresource, and the POSTs that change one (binding). The new state is computed from the watch cache and
 * written if the object has not moved; if it has, or if the cached state is refused, again from what etcd holds.
 * Upstream: storage/etcd3/store.go GuaranteedUpdate, registry/generic/registry/store.go Update
 */
export function update(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  flight.stages = writeStages
  const current = state.cache.get(served.storage, flight.namespace, flight.name)
  if (current === undefined) {
    flight.step = 'update-fresh'
    return readFresh(state, flight, served, ctx)
  }
  compute(state, flight, served, current, false, ctx, workTime(writeStages, ctx))
}

/** Etcd has answered a write or a fresh read. */
export function updated(state: ServerState, flight: Flight, answer: EtcdAnswer, ctx: Ctx): void {
  if (answer.error !== undefined) return storageFailed(state, flight, answer.error, ctx)
  const served = servedIn(state.cache, flight.storage)
  const value = ownValue(flight, served, answer)
  if (flight.step === 'update' && answer.succeeded) {
    flight.revision = answer.revision
    return done(state, flight, served, (value ?? flight.object) as KubeObject, ctx, 0)
  }
  if (value === undefined) return missing(state, flight, served, ctx)
  if (++flight.attempts > mostAttempts) return refuse(state, flight, ctx, conflict(served.gr, flight.name), 'registry')
  compute(state, flight, served, value, true, ctx, 0)
}

function missing(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  const { request } = flight
  const isApply = request.verb === 'patch' && request.patchType === 'application/apply-patch+yaml'
  if (flight.subresource === '' && (isApply || (request.verb === 'update' && createsOnUpdate(served.info.resource)))) {
    const made = derive(flight, served, undefined, writeContext(state, flight, ctx))
    if (isFailure(made)) return refuse(state, flight, ctx, made, 'validation')
    return createObject(state, flight, served, made as KubeObject, ctx)
  }
  refuse(state, flight, ctx, notFound(served.gr, flight.name), 'registry')
}

/** Computes the new state from `current` and hands it to etcd. */
function compute(state: ServerState, flight: Flight, served: Served, current: KubeObject, fresh: boolean, ctx: Ctx, delay: Micros): void {
  flight.current = current
  flight.fresh = fresh
  flight.warnings = []
  flight.alongside = []
  const write = writeContext(state, flight, ctx)
  const made = next(flight, served, served.custom === undefined ? current : asVersion(current, served.apiVersion), write)
  if (Array.isArray(made)) {
    const [status, by] = made as [Status, RefusedBy]
    if (fresh || flight.dryRun) return refuse(state, flight, ctx, status, by, delay)
    // The cache may be behind: judge again by what etcd holds.
    flight.step = 'update-fresh'
    return readFresh(state, flight, served, ctx)
  }
  const object = made as KubeObject
  flight.object = object
  if (deepEqual(object, current)) return done(state, flight, served, current, ctx, delay)
  if (flight.dryRun) return done(state, flight, served, Object.freeze(object), ctx, delay)
  flight.step = 'update'
  flight.removing = finishesDeletion(served, object)
  commit(state, flight, served, revisionOf(current), flight.removing ? undefined : object, ctx, delay)
}

/** An object whose deletion waited for its last finalizer is deleted by the update that takes it away. Upstream: ShouldDeleteDuringUpdate */
function finishesDeletion(served: Served, o: KubeObject): boolean {
  if (o.metadata.deletionTimestamp === undefined || (o.metadata.finalizers?.length ?? 0) > 0 || (o.metadata.deletionGracePeriodSeconds ?? 0) > 0) return false
  if (served.storage !== 'namespaces') return true
  return ((o as { spec?: { finalizers?: readonly string[] } }).spec?.finalizers?.length ?? 0) === 0
}

/** The new state, or who refuses it and why. */
function next(flight: Flight, served: Served, current: KubeObject, write: WriteContext): KubeObject | [Status, RefusedBy] {
  const made = derive(flight, served, current, write)
  if (isFailure(made)) return [made, 'validation']
  let object = made as KubeObject
  // A binding changes only what it may: nothing is left to be judged.
  if (flight.request.verb === 'create') return object
  const { strategy } = served
  const { metadata: meta } = object
  const was = current.metadata
  if (meta.uid && meta.uid !== was.uid) {
    return [conflict(served.gr, flight.name, `Precondition failed: UID in precondition: ${meta.uid}, UID in object meta: ${was.uid}`), 'registry']
  }
  if (meta.resourceVersion && meta.resourceVersion !== was.resourceVersion) return [conflict(served.gr, flight.name), 'registry']
  keepSystemFields(object, current)
  const isApply = flight.request.patchType === 'application/apply-patch+yaml'
  if (!isApply && was.managedFields !== undefined) meta.managedFields = isPerson(flight) && clearsOwners(flight.request) ? [] : was.managedFields
  const isMain = flight.subresource === ''
  const isStatus = flight.subresource === 'status'
  if (!isStatus) strategy.defaults?.(object)
  else object = statusWrite(object as Body, current as Body)
  if (strategy.hasStatus && isMain) {
    const status = (current as Body).status
    if (status === undefined) delete (object as Body).status
    else (object as Body).status = status
  }
  const attributes = {
    served, operation: 'UPDATE' as const, subresource: flight.subresource, namespace: flight.namespace, name: flight.name, object, old: current, user: flight.user, write, alongside: [] as Alongside[],
  }
  const denied = admit(attributes)
  if (denied) return [denied, 'admission']
  if (isStatus) strategy.prepareForStatusUpdate?.(object, current, write)
  else strategy.prepareForUpdate?.(object, current, write)
  if (strategy.hasGeneration && !isStatus && changesSpec(object as Body, current as Body)) object.metadata.generation = (was.generation ?? 0) + 1
  let errors: FieldError[] = []
  if (deepEqual(object.metadata, was)) object.metadata = was
  else errors.push(...validateObjectMetaUpdate(object, current))
  errors.push(...((isStatus ? strategy.validateStatusUpdate?.(object, current, write) : strategy.validateUpdate?.(object, current, write)) ?? []))
  if (errors.length === 0 && isMain) errors = [...(strategy.afterValidation?.(object, current, write) ?? [])]
  if (errors.length > 0) return [invalidObject({ group: served.info.group, kind: served.info.kind }, flight.name, errors), 'validation']
  // A component's writes of a status are presumed, and what only components write to is not recorded at all.
  if (!isApply && (isManaged(current) ? !isStatus || isPerson(flight) : isPerson(flight))) track(object, current, flight, served, write)
  const rejected = validateAdmission(attributes)
  if (rejected) return [rejected, 'admission']
  flight.alongside = attributes.alongside
  if (isMain && !flight.user.name.startsWith('system:') && (!strategy.hasGeneration || object.metadata.generation !== current.metadata.generation)) for (const text of warningsFor(served.info.resource, object, false)) write.warn(text)
  return object
}

/** Keeps the owners of an object's fields up to date. */
function track(object: KubeObject, current: KubeObject, flight: Flight, served: Served, write: WriteContext): void {
  const { request, subresource } = flight
  const manager = { name: request.query?.fieldManager || request.agent, operation: 'Update' as const, subresource, apiVersion: served.apiVersion, time: write.time }
  const isCleared = object.metadata.managedFields?.length === 0
  const managedFields = trackUpdate(served, isCleared ? { ...current, metadata: { ...current.metadata, managedFields: [] } } : current, object, manager)
  if (managedFields !== undefined) object.metadata = { ...object.metadata, managedFields }
}

/** What only the server writes. Upstream: rest.BeforeUpdate */
function keepSystemFields(o: KubeObject, current: KubeObject): void {
  const { metadata: m } = o
  const was = current.metadata
  m.uid = was.uid as string
  m.resourceVersion = was.resourceVersion as string
  m.creationTimestamp ||= was.creationTimestamp as string
  keep(m, was, 'generation')
  keep(m, was, 'deletionTimestamp')
  keep(m, was, 'deletionGracePeriodSeconds')
}

function keep<K extends 'generation' | 'deletionTimestamp' | 'deletionGracePeriodSeconds' | 'ownerReferences'>(to: KubeObject['metadata'], from: KubeObject['metadata'], key: K): void {
  const value = from[key]
  if (value !== undefined) to[key] = value
  else if (to[key] !== undefined) delete to[key]
}

/** A write of the status takes over nothing but the status (and labels, annotations, finalizers). */
function statusWrite(object: Body, current: Body): KubeObject {
  const metadata = { ...object.metadata }
  keep(metadata, current.metadata, 'ownerReferences')
  const out: Body = { ...current, metadata }
  if (object.status !== undefined) out.status = object.status
  else if (out.status !== undefined) delete out.status
  return out
}

/** True when anything but metadata and status differs. */
function changesSpec(a: Body, b: Body): boolean {
  for (const k in a) if (k !== 'metadata' && k !== 'status' && !deepEqual(a[k], b[k])) return true
  for (const k in b) if (k !== 'metadata' && k !== 'status' && b[k] !== undefined && a[k] === undefined) return true
  return false
}

function done(state: ServerState, flight: Flight, served: Served, object: KubeObject, ctx: Ctx, delay: Micros): void {
  if (flight.request.verb === 'create') return respond(state, flight, ctx, 201, plainSuccess, undefined, delay)
  respond(state, flight, ctx, 200, flight.subresource === 'scale' ? scaleOf(served, object) : isPerson(flight) ? withOwners(served, object) : object, undefined, delay)
}
