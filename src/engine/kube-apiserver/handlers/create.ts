import { alreadyExists, badRequest, conflict, generateName, generateNameConflict, invalidObject, randomSuffix, type KubeObject, type Status } from '../../apimachinery'
import type { EtcdAnswer } from '../../etcd'
import type { Ctx } from '../../sim'
import { admit, validateAdmission } from '../admission'
import { decode } from '../decode'
import { servedIn } from '../custom-resources'
import { trackCreate, withOwners } from '../field-manager'
import { isPerson, type Alongside, type Flight } from '../flight'
import { newUid } from '../new-uid'
import { validateObjectMeta } from '../registry'
import { refuse, respond, workTime, writeStages } from '../respond'
import { type Served } from '../served'
import { warningsFor } from '../registry/warnings'
import type { ServerState } from '../state'
import { commit, ownValue, storageFailed } from '../storage'
import { writeContext } from '../write-context'

/** Upstream: apiserver/pkg/registry/generic/registry/store.go maxNameGenerationCreateAttempts */
const mostNameAttempts = 8
/** Creates of one moment share a quota, and only one of them gets through each time. */
const mostQuotaAttempts = 64

/** POST of a collection. Upstream: handlers/create.go, registry/generic/registry/store.go Create */
export function create(state: ServerState, flight: Flight, served: Served, ctx: Ctx): void {
  const decoded = decode(flight, served, flight.request.body)
  if (decoded.status) return refuse(state, flight, ctx, decoded.status, 'validation', workTime(writeStages, ctx))
  createObject(state, flight, served, decoded.object, ctx)
}

/** Creates a decoded object, a private copy. */
export function createObject(state: ServerState, flight: Flight, served: Served, object: KubeObject, ctx: Ctx): void {
  flight.stages = writeStages
  const delay = workTime(writeStages, ctx)
  const meta = object.metadata
  const mismatch = matchNamespace(object, flight, served)
  if (mismatch) return refuse(state, flight, ctx, mismatch, 'validation', delay)
  const write = writeContext(state, flight, ctx)
  served.strategy.defaults?.(object)
  if (!meta.name && meta.generateName) {
    meta.name = generateName(meta.generateName, randomSuffix((n) => write.draw(n)))
    flight.generated = true
  }
  // What admission adds belongs to nobody.
  const request = flight.request
  const person = isPerson(flight)
  if (person && meta.managedFields === undefined) {
    meta.managedFields = trackCreate(served, object, { name: request.query?.fieldManager || request.agent, operation: 'Update', subresource: '', apiVersion: served.apiVersion, time: write.time })
  }
  const attributes = {
    served, operation: 'CREATE' as const, subresource: '', namespace: flight.namespace, name: meta.name,
    object, old: undefined, user: flight.user, write, alongside: [] as Alongside[],
  }
  // The server's own first objects are written past admission, as upstream's loopback client may.
  const denied = flight.client === '' ? undefined : admit(attributes)
  if (denied) return refuse(state, flight, ctx, denied, 'admission', delay)
  if (meta.deletionTimestamp !== undefined) delete meta.deletionTimestamp
  if (meta.deletionGracePeriodSeconds !== undefined) delete meta.deletionGracePeriodSeconds
  if (meta.resourceVersion !== undefined) delete meta.resourceVersion
  // First, since a Job's labels are made of its uid. Upstream: rest.BeforeCreate, FillObjectMetaSystemFields.
  meta.creationTimestamp = write.time
  meta.uid = newUid(ctx)
  served.strategy.prepareForCreate?.(object, write)
  if (served.strategy.hasGeneration) meta.generation = 1
  else if (meta.generation !== undefined) delete meta.generation
  const errors = validateObjectMeta(object, served.info.namespaced, served.strategy.validateName).concat(served.strategy.validate?.(object, write) ?? [])
  const late = errors.length === 0 ? served.strategy.afterValidation?.(object, undefined, write) : undefined
  const all = late ?? errors
  if (all.length > 0) return refuse(state, flight, ctx, invalidObject({ group: served.info.group, kind: served.info.kind }, meta.name, all), 'validation', delay)
  const rejected = flight.client === '' ? undefined : validateAdmission(attributes)
  if (rejected) return refuse(state, flight, ctx, rejected, 'admission', delay)
  flight.name = meta.name
  // Components would only log them.
  if (!flight.user.name.startsWith('system:')) for (const text of warningsFor(served.info.resource, object, true)) write.warn(text)
  flight.object = object
  flight.alongside = attributes.alongside
  flight.step = 'create'
  if (flight.dryRun) {
    if (state.cache.get(served.storage, flight.namespace, meta.name)) return refuse(state, flight, ctx, alreadyExists(served.gr, meta.name), 'registry', delay)
    return respond(state, flight, ctx, 201, person ? withOwners(served, Object.freeze(object)) : Object.freeze(object), undefined, delay)
  }
  commit(state, flight, served, 0, object, ctx, delay)
}

/** Etcd has answered. */
export function created(state: ServerState, flight: Flight, answer: EtcdAnswer, ctx: Ctx): void {
  if (answer.error !== undefined) return storageFailed(state, flight, answer.error, ctx)
  const served = servedIn(state.cache, flight.storage)
  const value = ownValue(flight, served, answer)
  if (answer.succeeded && value) {
    flight.revision = answer.revision
    return respond(state, flight, ctx, 201, isPerson(flight) ? withOwners(served, value) : value)
  }
  const object = flight.object as KubeObject
  if (value === undefined) return recharge(state, flight, served, object, ctx)
  if (!flight.generated) return refuse(state, flight, ctx, alreadyExists(served.gr, flight.name), 'etcd')
  if (++flight.attempts >= mostNameAttempts) return refuse(state, flight, ctx, generateNameConflict(served.gr, flight.name, 1), 'etcd')
  object.metadata.name = generateName(object.metadata.generateName as string, randomSuffix((n) => ctx.rng.below(n)))
  flight.name = object.metadata.name
  commit(state, flight, served, 0, object, ctx, 0)
}

/** A quota moved while the object was on its way: it is asked again. Upstream: quotaEvaluator.checkQuotas with its retries */
function recharge(state: ServerState, flight: Flight, served: Served, object: KubeObject, ctx: Ctx): void {
  const alongside: Alongside[] = []
  const rejected = ++flight.attempts > mostQuotaAttempts ? conflict({ group: '', resource: 'resourcequotas' }, flight.alongside[0]?.object.metadata.name ?? '') : validateAdmission({
    served, operation: 'CREATE', subresource: '', namespace: flight.namespace, name: flight.name, object, old: undefined, user: flight.user, write: writeContext(state, flight, ctx), alongside,
  })
  if (rejected) return refuse(state, flight, ctx, rejected, 'admission')
  flight.alongside = alongside
  commit(state, flight, served, 0, object, ctx, 0)
}

/** Sets or checks the namespace of a body against the path. Upstream: rest.EnsureObjectNamespaceMatchesRequestNamespace */
export function matchNamespace(object: KubeObject, flight: Flight, served: Served): Status | undefined {
  const { metadata } = object
  if (!served.info.namespaced) return undefined
  if (!metadata.namespace) metadata.namespace = flight.namespace
  if (metadata.namespace === flight.namespace) return undefined
  return badRequest(`the namespace of the provided object does not match the namespace sent on the request`)
}
