import { decodeStrict, structSchema } from '../../api'
import {
  applyJsonPatch, applyMergePatch, applyStrategicMergePatch, badRequest, conflict, invalidObject, isStatus, jsonKind, required, unsupportedMediaType, type JsonPatchOperation, type KubeObject, type Status,
} from '../../apimachinery'
import { decode } from '../decode'
import { applyConfig } from '../field-manager'
import type { Flight } from '../flight'
import type { WriteContext } from '../registry/strategy'
import type { Served } from '../served'
import { bind } from './binding'
import { matchNamespace } from './create'
import { isScale, scaleOf, withScale } from './scale'

/** The object that a request asks for, before the server's own rules; a private copy. Without `current` it is to be created by a PUT. */
export function derive(flight: Flight, served: Served, current: KubeObject | undefined, write: WriteContext): KubeObject | Status {
  const { request, subresource } = flight
  if (request.verb === 'create') return bind(flight, served, current as KubeObject, write)
  const scale = isScale(flight)
  if (request.patchType === 'application/apply-patch+yaml' && request.verb === 'patch') return applied(flight, served, current, write)
  const body = request.verb === 'patch' ? patched(flight, served, scale ? scaleOf(served, current as KubeObject) : (current as KubeObject)) : request.body
  if (request.verb === 'patch' && (body as Status).kind === 'Status') return body as Status
  if (scale) return withScale(flight, served, body, current as KubeObject)
  // A patch of a status mostly leaves the metadata as they are (or names their uid): they need not be decoded either.
  const sameMeta = subresource === 'status' && current !== undefined && isRecord(body) && shallowEqual(body.metadata, current.metadata)
  // Nobody changes a status in place, so what a patch left alone is shared with the present object.
  const decoded = subresource === 'status'
    ? decode(flight, served, statusOnly(body, !sameMeta), served.info.kind, served.apiVersion, current && { status: (current as { status?: unknown }).status })
    : decode(flight, served, body)
  if (decoded.status) return decoded.status
  const { object } = decoded
  if (sameMeta) object.metadata = { ...current.metadata }
  const { metadata } = object
  if (!metadata.name && (request.verb === 'patch' || subresource !== '')) metadata.name = flight.name
  if (!metadata.name) return badRequest('name must be provided')
  if (metadata.name !== flight.name) return badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${flight.name})`)
  return matchNamespace(object, flight, served) ?? object
}

/** Server-side apply: the decoded configuration, merged by ownership. Upstream: handlers/patch.go applyPatcher */
function applied(flight: Flight, served: Served, current: KubeObject | undefined, write: WriteContext): KubeObject | Status {
  const { query = {}, body } = flight.request
  if (!query.fieldManager) return invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [required('fieldManager', 'is required for apply patch')])
  const given = isRecord(body) ? body : {}
  if ((given.metadata as { managedFields?: unknown } | undefined)?.managedFields != null) return badRequest('metadata.managedFields must be nil')
  const decoded = decode(flight, served, body)
  if (decoded.status) return decoded.status
  const { metadata } = decoded.object
  metadata.name ||= flight.name
  if (metadata.name !== flight.name) return badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${flight.name})`)
  const mismatch = matchNamespace(decoded.object, flight, served)
  if (mismatch) return mismatch
  if (current === undefined && metadata.uid) return conflict(served.gr, flight.name, `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`)
  const manager = { name: query.fieldManager, operation: 'Apply' as const, subresource: flight.subresource, apiVersion: served.apiVersion, time: write.time }
  // Ownership is of what was sent: zero values that decoding fills in belong to nobody.
  const config = onlyGiven(decoded.object, body) as KubeObject
  const made = applyConfig(served, current, config, manager, query.force === 'true')
  if (isStatus(made)) return made
  const { managedFields } = made.metadata
  const object = (served.custom === undefined ? decodeStrict(served.info.kind, made).object : made) as unknown as KubeObject
  return { ...object, metadata: { ...object.metadata, ...(managedFields === undefined ? {} : { managedFields }) } }
}

/** A decoded value cut down to what the sent one has. */
function onlyGiven(decoded: unknown, sent: unknown): unknown {
  if (Array.isArray(decoded) && Array.isArray(sent)) return decoded.map((v, i) => onlyGiven(v, sent[i]))
  if (!isRecord(decoded) || !isRecord(sent)) return decoded
  const out: Record<string, unknown> = {}
  for (const k in decoded) if (sent[k] !== undefined && sent[k] !== null) out[k] = onlyGiven(decoded[k], sent[k])
  return out
}

/** A write of the status takes nothing else over, so the rest (a long spec, mostly) need not be decoded. */
function statusOnly(body: unknown, withMeta: boolean): unknown {
  if (!isRecord(body)) return body
  const { apiVersion, kind, metadata, status } = body
  return withMeta ? { kind, apiVersion, metadata, status } : { kind, apiVersion, status }
}

function shallowEqual(a: unknown, b: object): boolean {
  if (!isRecord(a)) return false
  const other = b as Record<string, unknown>
  for (const k in a) if (a[k] !== other[k]) return false
  for (const k in other) if (other[k] !== undefined && a[k] === undefined) return false
  return true
}

const accepted = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml', 'application/apply-patch+cbor', 'application/strategic-merge-patch+json']

/** Applies the patch of a request. Upstream: apiserver/pkg/endpoints/handlers/patch.go */
function patched(flight: Flight, served: Served, current: KubeObject): unknown {
  const { patchType, body } = flight.request
  const original = current as unknown as Record<string, unknown>
  switch (patchType) {
    case 'application/json-patch+json': {
      if (!Array.isArray(body)) return badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch')
      const result = applyJsonPatch(original, body as JsonPatchOperation[])
      return result.error === undefined ? result.value : unprocessable()
    }
    case 'application/merge-patch+json':
      return isRecord(body) ? applyMergePatch(original, body) : notAMap(body)
    case 'application/strategic-merge-patch+json': {
      if (!isRecord(body)) return notAMap(body)
      const schema = current.kind === 'Scale' ? structSchema('Scale') : served.custom === undefined ? structSchema(served.info.kind) : undefined
      if (schema === undefined) return unsupportedMediaType(accepted.filter((t) => !t.includes('strategic')))
      const result = applyStrategicMergePatch(schema, original, body)
      return result.error === undefined ? result.value : badRequest(result.error)
    }
    default:
      return unsupportedMediaType(accepted)
  }
}

function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
}

function notAMap(body: unknown): Status {
  return badRequest(`json: cannot unmarshal ${jsonKind(body)} into Go value of type map[string]interface {}`)
}

/** Upstream: jsonPatcher answers NewGenericServerResponse, which keeps what failed to itself. */
/** What is wrong with a JSON patch stays with the server. Upstream: NewGenericServerResponse(422, …, unexpected false) */
function unprocessable(): Status {
  return {
    apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code: 422, reason: 'Invalid', message: 'the server rejected our request due to an error in our request', details: {},
  }
}
