import type { CustomResourceDefinition, DeleteOptions, Namespace, Pod } from '../../api'
import { decodeStrict } from '../../api'
import { badRequest, conflict, isStatus, notFound, type KubeObject, type Status } from '../../apimachinery'
import type { EtcdAnswer } from '../../etcd'
import { formatTime, parseTime, type Ctx, type Micros } from '../../sim'
import { admit, validateAdmission } from '../admission'
import { servedIn, terminating } from '../custom-resources'
import type { Flight } from '../flight'
import { plainSuccess, refuse, respond, success, workTime, writeStages } from '../respond'
import { type Served } from '../served'
import type { ServerState } from '../state'
import { commit, readFresh, revisionOf, storageFailed } from '../storage'
import { writeContext } from '../write-context'

/** What a deletion does next: nothing more, mark the object (and maybe delete it right after), or delete it. */
type Plan = { readonly do: 'nothing' } | { readonly do: 'mark'; readonly object: KubeObject; readonly thenDelete: boolean } | { readonly do: 'delete' } | { readonly do: 'refuse'; readonly status: Status }

/** Kinds whose deletion answers the object itself. Upstream: Store.ReturnDeletedObject */
const returned = new Set(['pods', 'persistentvolumes', 'persistentvolumeclaims', 'podtemplates', 'resourcequotas', 'serviceaccounts', 'services', 'namespaces'])

/** DELETE of one object. Upstream: handlers/delete.go, registry/generic/registry/store.go Delete, registry/rest/delete.go */
export function remove(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  flight.stages = writeStages
  const delay = workTime(writeStages, ctx)
  const current = state.cache.get(served.storage, flight.namespace, flight.name)
  const attributes = {
    served, operation: 'DELETE' as const, subresource: '', namespace: flight.namespace, name: flight.name, object: undefined, old: current, user: flight.user,
    write: writeContext(state, flight, ctx), alongside: [],
  }
  const denied = admit(attributes) ?? validateAdmission(attributes)
  if (denied) return refuse(state, flight, ctx, denied, 'admission', delay)
  if (current === undefined) {
    flight.step = 'delete-fresh'
    return readFresh(state, flight, served, ctx)
  }
  carryOut(state, flight, served, current, false, ctx, delay)
}

/** Etcd has answered a write or a fresh read. */
export function removed(state: ServerState, flight: Flight, answer: EtcdAnswer, ctx: Ctx): void {
  if (answer.error !== undefined) return storageFailed(state, flight, answer.error, ctx)
  const served = servedIn(state.cache, flight.storage)
  const value = answer.kvs[0]?.value
  if (flight.step === 'delete-mark' && answer.succeeded && value) {
    flight.revision = answer.revision
    if (!flight.removing) return accepted(state, flight, ctx, value, 0)
    flight.current = value
    flight.step = 'delete'
    return commit(state, flight, served, revisionOf(value), undefined, ctx, 0)
  }
  if (flight.step === 'delete' && answer.succeeded) {
    flight.revision = answer.revision
    return deleted(state, flight, served, value ?? (flight.current as KubeObject), ctx, 0)
  }
  if (value === undefined) return refuse(state, flight, ctx, notFound(served.gr, flight.name), 'registry')
  carryOut(state, flight, served, value, true, ctx, 0)
}

/** The object stays for a while, marked as being deleted. */
function accepted(state: ServerState, flight: Flight, ctx: Ctx, object: KubeObject, delay: Micros): void {
  if (flight.subresource === 'eviction') respond(state, flight, ctx, 201, plainSuccess, undefined, delay)
  else respond(state, flight, ctx, 200, object, undefined, delay)
}

function deleted(state: ServerState, flight: Flight, served: Served, object: KubeObject, ctx: Ctx, delay: Micros): void {
  if (flight.subresource === 'eviction') return respond(state, flight, ctx, 201, plainSuccess, undefined, delay)
  respond(state, flight, ctx, 200, returned.has(served.storage) ? object : success(served, flight, 200, object.metadata.uid), undefined, delay)
}

function carryOut(state: ServerState, flight: Flight, served: Served, current: KubeObject, fresh: boolean, ctx: Ctx, delay: Micros): void {
  flight.current = current
  flight.fresh = fresh
  const options = deleteOptions(flight)
  const plan: Plan = isStatus(options) ? { do: 'refuse', status: options } : planDeletion(served, current, options, ctx)
  switch (plan.do) {
    case 'refuse':
      if (fresh || flight.dryRun || plan.status.code === 400) return refuse(state, flight, ctx, plan.status, 'registry', delay)
      flight.step = 'delete-fresh'
      return readFresh(state, flight, served, ctx)
    case 'nothing':
      return accepted(state, flight, ctx, current, delay)
    case 'mark':
      if (flight.dryRun) return accepted(state, flight, ctx, plan.object, delay)
      flight.step = 'delete-mark'
      flight.removing = plan.thenDelete
      return commit(state, flight, served, revisionOf(current), plan.object, ctx, delay)
    case 'delete':
      if (flight.dryRun) return deleted(state, flight, served, current, ctx, delay)
      flight.step = 'delete'
      return commit(state, flight, served, revisionOf(current), undefined, ctx, delay)
  }
}

/** The options of the body, or of the query. */
function deleteOptions(flight: Flight): DeleteOptions | Status {
  const { body, query } = flight.request
  if (flight.subresource === 'eviction') {
    const own = (body as { deleteOptions?: DeleteOptions } | undefined)?.deleteOptions
    return own ?? {}
  }
  if (body !== undefined && body !== null) {
    const decoded = decodeStrict('DeleteOptions', body)
    if (decoded.error !== undefined) return badRequest(decoded.error)
    return decoded.object as DeleteOptions
  }
  const options: DeleteOptions = {}
  if (query?.gracePeriodSeconds !== undefined) options.gracePeriodSeconds = Number(query.gracePeriodSeconds)
  if (query?.propagationPolicy !== undefined) options.propagationPolicy = query.propagationPolicy
  if (query?.orphanDependents !== undefined) options.orphanDependents = query.orphanDependents === 'true'
  return options
}

/** Decides what a deletion does to an object. Pure. */
function planDeletion(served: Served, current: KubeObject, options: DeleteOptions, ctx: Ctx): Plan {
  const { metadata } = current
  const { uid, resourceVersion } = options.preconditions ?? {}
  const gk = { group: served.info.group, resource: served.info.kind }
  if (uid && uid !== metadata.uid) {
    return { do: 'refuse', status: conflict(gk, metadata.name, `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`) }
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    return { do: 'refuse', status: conflict(gk, metadata.name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`) }
  }
  const policy = options.propagationPolicy
  if (policy !== undefined && policy !== '' && policy !== 'Orphan' && policy !== 'Foreground' && policy !== 'Background') {
    return { do: 'refuse', status: badRequest(`invalid propagation policy: ${policy}`) }
  }
  if (served.storage === 'namespaces') return planNamespace(current as Namespace, options, ctx)
  if (served.storage === 'customresourcedefinitions') {
    if (metadata.deletionTimestamp !== undefined) return { do: 'nothing' }
    return { do: 'mark', object: terminating(current as CustomResourceDefinition, ctx.wallTime()) as KubeObject, thenDelete: false }
  }
  const grace = served.storage === 'pods' ? podGrace(current as Pod, options) : undefined
  const finalizers = deletionFinalizers(served, current, options)
  const withFinalizers = finalizers === undefined ? current : { ...current, metadata: { ...metadata, finalizers } }
  const pending = (withFinalizers.metadata.finalizers?.length ?? 0) > 0
  if (grace !== undefined) return planGraceful(withFinalizers, metadata, grace, pending, finalizers !== undefined, ctx)
  if (!pending) return { do: 'delete' }
  if (metadata.deletionTimestamp !== undefined) return finalizers === undefined ? { do: 'nothing' } : { do: 'mark', object: withFinalizers, thenDelete: false }
  return { do: 'mark', object: marked(withFinalizers, ctx.wallTime(), 0), thenDelete: false }
}

/** Upstream: rest.BeforeDelete, Store.updateForGracefulDeletionAndFinalizers */
function planGraceful(o: KubeObject, was: KubeObject['metadata'], grace: number, pending: boolean, changed: boolean, ctx: Ctx): Plan {
  const removeNow = !pending && grace === 0
  if (was.deletionTimestamp === undefined) {
    const at = formatTime(ctx.wallMicros() + grace * 1_000_000)
    return { do: 'mark', object: marked(o, at, grace), thenDelete: removeNow }
  }
  const before = was.deletionGracePeriodSeconds ?? 0
  if (grace >= before) {
    // Being deleted already: a later request may only shorten the wait.
    if (!pending && before === 0) return { do: 'delete' }
    return changed ? { do: 'mark', object: o, thenDelete: false } : { do: 'nothing' }
  }
  const end = (parseTime(was.deletionTimestamp) ?? ctx.wallMicros()) + (grace - before) * 1_000_000
  const metadata = { ...o.metadata, deletionTimestamp: formatTime(end), deletionGracePeriodSeconds: grace }
  return { do: 'mark', object: { ...o, metadata }, thenDelete: removeNow }
}

function marked(o: KubeObject, deletionTimestamp: string, deletionGracePeriodSeconds: number): KubeObject {
  const metadata = { ...o.metadata, deletionTimestamp, deletionGracePeriodSeconds }
  if (metadata.generation) metadata.generation++
  return { ...o, metadata }
}

/** Seconds a pod gets to end. Upstream: podStrategy.CheckGracefulDelete */
function podGrace(pod: Pod, options: DeleteOptions): number {
  if (!pod.spec.nodeName || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return 0
  const period = options.gracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
  return period < 0 ? 1 : period
}

/** The finalizers that the propagation policy asks for; undefined when they stay. Upstream: deletionFinalizersForGarbageCollection */
function deletionFinalizers(served: Served, o: KubeObject, options: DeleteOptions): string[] | undefined {
  if (served.storage === 'events') return undefined
  const old = o.metadata.finalizers ?? []
  const orphan = options.propagationPolicy ? options.propagationPolicy === 'Orphan' : options.orphanDependents ?? (old.includes('orphan') || (!old.includes('foregroundDeletion') && orphansByDefault.has(served.storage)))
  const foreground = options.propagationPolicy ? options.propagationPolicy === 'Foreground' : options.orphanDependents === undefined && old.includes('foregroundDeletion')
  const kept = old.filter((f) => f !== 'orphan' && f !== 'foregroundDeletion')
  if (orphan) kept.push('orphan')
  else if (foreground) kept.push('foregroundDeletion')
  return kept.length === old.length && kept.every((f) => old.includes(f)) ? undefined : kept
}

/** Kinds that leave their dependents alone unless told otherwise. Upstream: rest.GarbageCollectionDeleteStrategy of batch/v1 jobs and v1 replicationcontrollers */
const orphansByDefault = new Set(['jobs', 'replicationcontrollers'])

/** A namespace is marked, and stays until its controller has emptied spec.finalizers. Upstream: pkg/registry/core/namespace/storage */
function planNamespace(ns: Namespace, options: DeleteOptions, ctx: Ctx): Plan {
  const { metadata } = ns
  if (metadata.deletionTimestamp === undefined) {
    const status = { ...ns.status, phase: 'Terminating' }
    void options
    return { do: 'mark', object: { ...ns, metadata: { ...metadata, deletionTimestamp: ctx.wallTime() }, status } as KubeObject, thenDelete: false }
  }
  if ((ns.spec?.finalizers?.length ?? 0) > 0 || (metadata.finalizers?.length ?? 0) > 0) return { do: 'nothing' }
  return { do: 'delete' }
}
