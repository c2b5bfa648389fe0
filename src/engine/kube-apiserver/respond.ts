import type { KubeObject, Status } from '../apimachinery'
import type { ResponseMessage } from '../client-go'
import type { Ctx, Micros } from '../sim'
import type { Flight, Stage } from './flight'
import { asVersion } from './custom-resources/versions'
import { fromStoredVersion } from './old-versions'
import type { Served } from './served'
import type { ServerState } from './state'

/** Stages of requests, with the time that the server works on each. Units: µs. */
const authentication: Stage = Object.freeze(['authentication', 60])
const authorization: Stage = Object.freeze(['authorization', 40])
const admission: Stage = Object.freeze(['admission', 120])
const validation: Stage = Object.freeze(['validation', 80])
const registry: Stage = Object.freeze(['registry', 60])
export const readStages: readonly Stage[] = Object.freeze([authentication, authorization, registry])
export const writeStages: readonly Stage[] = Object.freeze([authentication, authorization, admission, validation, registry])

/** Time from the arrival of a request until the server turns to etcd or answers. */
export function workTime(stages: readonly Stage[], ctx: Ctx): Micros {
  return (stages === readStages ? 160 : 360) + ctx.rng.below(128)
}

const methods: Readonly<Record<string, string>> = {
  get: 'GET', list: 'GET', watch: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE',
}

/** HTTP method of a verb. */
export function methodOf(verb: string): string {
  return methods[verb] ?? 'GET'
}

/** Name of the stage in which a refusal was made. */
export type RefusedBy = 'authentication' | 'authorization' | 'admission' | 'validation' | 'registry' | 'etcd'

/** Records that a request was handled. */
export function record(state: ServerState, flight: Flight, ctx: Ctx, code: number, refusedBy?: string): void {
  state.handled++
  if (flight.cause) ctx.cause = flight.cause
  const stages = flight.etcdAt > 0 ? flight.stages.concat([['etcd', ctx.now - flight.etcdAt]]) : flight.stages
  const resource = flight.subresource === '' ? flight.storage : `${flight.storage}/${flight.subresource}`
  ctx.trace({
    kind: 'handled',
    what: flight.request.verb === 'watch' ? 'WATCH' : methodOf(flight.request.verb),
    object: { resource, namespace: flight.namespace, name: flight.name },
    revision: flight.revision || undefined,
    detail: { code, stages, from: flight.client, refusedBy },
  })
}

/** Answers a request. `delay`: work still to be done before the answer leaves. */
export function respond(state: ServerState, flight: Flight, ctx: Ctx, code: number, body: KubeObject, refusedBy?: RefusedBy, delay: Micros = 0): void {
  if (flight.parent !== 0 || flight.client === '') {
    // Asked by the server itself: whoever asked hears of it at the end of this handler.
    state.internal.push({ flight, code, body })
    return
  }
  record(state, flight, ctx, code, refusedBy)
  if (flight.old) body = fromStoredVersion(body)
  else if (flight.asVersion !== undefined) body = asVersion(body, flight.asVersion)
  const message: ResponseMessage = {
    type: 'response', id: flight.id,
    response: flight.warnings.length > 0 ? { code, body, warnings: flight.warnings } : { code, body },
  }
  ctx.send(flight.client, message, delay)
}

/** Answers with a Status that tells a failure. */
export function refuse(state: ServerState, flight: Flight, ctx: Ctx, status: Status, by: RefusedBy, delay: Micros = 0): void {
  respond(state, flight, ctx, status.code, Object.freeze(status) as unknown as KubeObject, by, delay)
}

/** A failure without a reason, as the server words errors of the storage. Upstream: responsewriters.ErrorToAPIStatus */
export function plainFailure(message: string): Status {
  return { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', message, code: 500 }
}

/** Status of a success, e.g. of a delete. */
export function success(served: Served, flight: Flight, code: number, uid?: string): KubeObject {
  const { gr } = served
  const details = { name: flight.name, ...(gr.group ? { group: gr.group } : {}), kind: gr.resource, ...(uid ? { uid } : {}) }
  return Object.freeze({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details, code }) as unknown as KubeObject
}

/** Status of a success that says nothing more. */
export const plainSuccess = Object.freeze({ kind: 'Status', apiVersion: 'v1', metadata: Object.freeze({}), status: 'Success', code: 201 }) as unknown as KubeObject
