import { decodeStrict } from '../api'
import { badRequest, goJson, goValue, invalid, invalidObject, jsonKind, parseApiVersion, type KubeObject, type Status } from '../apimachinery'
import { decodeCustom } from './custom-resources'
import type { Flight } from './flight'
import type { Served } from './served'

/** A decoded body, or why it cannot be. The object is a private copy. */
export type Decode = { readonly object: KubeObject; readonly status?: undefined } | { readonly status: Status }

/** Upstream: apiserver/pkg/server/config.go MaxRequestBodyBytes */
export const mostBodyBytes = 3 * 1024 * 1024

/** Approximate size of a value as JSON; stops counting when it is over `most`. Units: bytes. */
export function jsonSize(value: unknown, most: number): number {
  switch (typeof value) {
    case 'string':
      return value.length + 2
    case 'object': {
      if (value === null) return 4
      let size = 2
      if (Array.isArray(value)) for (const v of value) {
        size += jsonSize(v, most - size) + 1
        if (size > most) return size
      }
      else for (const k in value) {
        size += k.length + 4 + jsonSize((value as Record<string, unknown>)[k], most - size)
        if (size > most) return size
      }
      return size
    }
    default:
      return 5
  }
}

/** Decodes a body as the kind of a resource, with the texts of the real server. Upstream: apiserver/pkg/endpoints/handlers/create.go, runtime/serializer/json */
export function decode(flight: Flight, served: Served, body: unknown, kind: string = served.info.kind, apiVersion: string = served.apiVersion, known?: unknown): Decode {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { status: badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: unexpected end of JSON input`) }
  }
  const given = body as Partial<KubeObject>
  const cannot = (why: string): Decode => {
    const { group, version } = parseApiVersion(given.apiVersion ?? apiVersion)
    const shown = group === '' ? version : `${group}/${version}`
    return { status: badRequest(`${given.kind ?? kind} in version "${group === '' ? version : version}" cannot be handled as a ${kind}: ${why.replaceAll('$v', shown)}`) }
  }
  const odd = (['apiVersion', 'kind'] as const).find((field) => !['string', 'undefined'].includes(typeof (given[field] ?? undefined)))
  if (odd !== undefined) {
    const error = `json: cannot unmarshal ${jsonKind(given[odd])} into Go struct field .${odd} of type string`
    return patchMisfit(flight, body, error, `couldn't get version/kind; json parse error: ${error}`) ?? { status: badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${error}`) }
  }
  if ((given.kind !== undefined && given.kind !== kind) || (given.apiVersion !== undefined && given.apiVersion !== apiVersion)) {
    if (given.apiVersion !== undefined && given.apiVersion !== apiVersion && given.kind === kind) {
      return { status: badRequest(`the API version in the data (${given.apiVersion}) does not match the expected API version (${apiVersion})`) }
    }
    return cannot(`no kind "${given.kind ?? kind}" is registered for version "$v" in scheme "pkg/api/legacyscheme/scheme.go:30"`)
  }
  const decoded = served.custom !== undefined && kind === served.info.kind ? decodeCustom(served, body) : decodeStrict(kind, body, known)
  if (decoded.error !== undefined) return patchMisfit(flight, body, decoded.error) ?? cannot(decoded.error)
  if (decoded.unknown.length > 0) {
    const mode = flight.request.query?.fieldValidation ?? 'Warn'
    if (mode === 'Strict') return cannot(`strict decoding error: ${decoded.unknown.join(', ')}`)
    if (mode === 'Warn') for (const text of decoded.unknown) flight.warnings.push(text)
  }
  const object = decoded.object as unknown as KubeObject
  object.apiVersion = apiVersion
  object.kind = kind
  const metadata = (object.metadata ??= { name: '' })
  // Kept by the server alone (field-manager).
  if (metadata.managedFields !== undefined) delete metadata.managedFields
  if (metadata.selfLink !== undefined) delete metadata.selfLink
  return { object }
}

/** What a patch makes is no object of its kind: a strategic one is told by its own converter. Upstream: handlers/patch.go applyPatchToCurrentObject */
function patchMisfit({ request }: Flight, made: object, error: string, ofJson = error): Decode | undefined {
  if (request.verb !== 'patch' || request.patchType === 'application/apply-patch+yaml') return undefined
  const strategic = request.patchType === 'application/strategic-merge-patch+json'
  const [value, text] = strategic ? [goValue(request.body), conversionError(error)] : [goJson(made), ofJson]
  return { status: invalidObject({ group: '', kind: '' }, '', [invalid('patch', value, text)]) }
}

/** The words of the converter of untyped values for the same misfit. Upstream: apimachinery/pkg/runtime/converter.go fromUnstructured */
function conversionError(error: string): string {
  const [, json = '', to = ''] = /^json: cannot unmarshal (\w+)(?: \S+)? into .* of type (\S+)$/.exec(error) ?? []
  if (json === '') return error
  const from = { object: 'map', array: 'slice', number: 'int64' }[json] ?? json
  if (to.startsWith('map[')) return `cannot restore map from ${from}`
  if (to.startsWith('[]')) return `cannot restore slice from ${from}`
  if (from === 'int64' && to !== 'bool') return `cannot convert ${from} to ${to}`
  return to.includes('.') ? `cannot restore struct from: ${from}` : `unrecognized type: ${to}`
}
