import { aggregateText, fieldErrorBody, fieldErrorText, type FieldError } from './field'
import { goQuote } from './go-format'

/** One cause of a Status. Upstream: meta/v1 StatusCause. */
export interface StatusCause {
  reason?: string
  message?: string
  field?: string
}

/** What a Status is about. Upstream: meta/v1 StatusDetails. */
export interface StatusDetails {
  name?: string
  group?: string
  kind?: string
  uid?: string
  causes?: StatusCause[]
  retryAfterSeconds?: number
}

/** The server's answer that is not an object: failures, and success of deletes. Upstream: meta/v1 Status. */
export interface Status {
  apiVersion: 'v1'
  kind: 'Status'
  metadata: Record<string, unknown>
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: StatusDetails
  code: number
}

/** Group and plural resource name, or group and kind: what an error names. */
export interface GroupResource {
  readonly group: string
  readonly resource: string
}

/** `deployments.apps`, or `pods` in the core group. Upstream: schema.GroupResource.String. */
export function formatGroupResource(gr: GroupResource): string {
  return gr.group === '' ? gr.resource : `${gr.resource}.${gr.group}`
}

function failure(code: number, reason: string, message: string, details?: StatusDetails): Status {
  const status: Status = { apiVersion: 'v1', code, kind: 'Status', metadata: {}, message, reason, status: 'Failure' }
  if (reason === '') delete status.reason
  if (details !== undefined) status.details = details
  return status
}

function about(gr: GroupResource, name: string, more?: StatusDetails): StatusDetails {
  const details: StatusDetails = {}
  if (name !== '') details.name = name
  if (gr.group !== '') details.group = gr.group
  if (gr.resource !== '') details.kind = gr.resource
  return more === undefined ? details : { ...details, ...more }
}

const retry = (seconds: number): StatusDetails => (seconds === 0 ? {} : { retryAfterSeconds: seconds })

/** Code 404: `pods "x" not found`. */
export function notFound(gr: GroupResource, name: string): Status {
  return failure(404, 'NotFound', `${formatGroupResource(gr)} ${goQuote(name)} not found`, about(gr, name))
}

/** Code 409: `pods "x" already exists`. */
export function alreadyExists(gr: GroupResource, name: string): Status {
  return failure(409, 'AlreadyExists', `${formatGroupResource(gr)} ${goQuote(name)} already exists`, about(gr, name))
}

/** Code 409: a name could not be generated. */
export function generateNameConflict(gr: GroupResource, name: string, retryAfterSeconds: number): Status {
  const text = `${formatGroupResource(gr)} ${goQuote(name)} already exists, the server was not able to generate a unique name for the object`
  return failure(409, 'AlreadyExists', text, about(gr, name, retry(retryAfterSeconds)))
}

/** Text of an optimistic lock failure. Upstream: apiserver/pkg/registry/generic/registry OptimisticLockErrorMsg. */
export const OPTIMISTIC_LOCK_ERROR = 'the object has been modified; please apply your changes to the latest version and try again'

/** Code 409: `Operation cannot be fulfilled on pods "x": …`. */
export function conflict(gr: GroupResource, name: string, error: string = OPTIMISTIC_LOCK_ERROR): Status {
  return failure(409, 'Conflict', `Operation cannot be fulfilled on ${formatGroupResource(gr)} ${goQuote(name)}: ${error}`, about(gr, name))
}

/** Code 409 of server-side apply. */
export function applyConflict(causes: StatusCause[], message: string): Status {
  return failure(409, 'Conflict', message, { causes })
}

/** Code 422: `Deployment.apps "x" is invalid: …`; `resource` of the group-kind is the kind. */
export function invalidObject(groupKind: { group: string; kind: string }, name: string, errors: readonly FieldError[]): Status {
  const gr = { group: groupKind.group, resource: groupKind.kind }
  const head = `${formatGroupResource(gr)} ${goQuote(name)} is invalid`
  const message = errors.length === 0 ? head : `${head}: ${aggregateText(errors.map(fieldErrorText))}`
  const causes = errors.map((e): StatusCause => ({ reason: e.type, message: fieldErrorBody(e), field: e.field }))
  return failure(422, 'Invalid', message, about(gr, name, causes.length > 0 ? { causes } : undefined))
}

/** Code 400. */
export function badRequest(reason: string): Status {
  return failure(400, 'BadRequest', reason)
}

/** Code 403: `pods "x" is forbidden: …`; an empty name or resource drops its part. */
export function forbiddenStatus(gr: GroupResource, name: string, error: string): Status {
  const what = gr.resource === '' && gr.group === '' ? 'forbidden'
    : name === '' ? `${formatGroupResource(gr)} is forbidden` : `${formatGroupResource(gr)} ${goQuote(name)} is forbidden`
  return failure(403, 'Forbidden', `${what}: ${error}`, about(gr, name))
}

/** Code 405: `patch is not supported on resources of kind "pods"`. */
export function methodNotSupported(gr: GroupResource, action: string): Status {
  return failure(405, 'MethodNotAllowed', `${action} is not supported on resources of kind ${goQuote(formatGroupResource(gr))}`, about(gr, ''))
}

/** Code 410 of a watch or list whose resource version is compacted away. Upstream: errors.NewResourceExpired. */
export function expired(message: string): Status {
  return failure(410, 'Expired', message)
}

/** Code 504. */
export function timeout(message: string, retryAfterSeconds = 0): Status {
  return failure(504, 'Timeout', `Timeout: ${message}`, retry(retryAfterSeconds))
}

/** Code 429. */
export function tooManyRequests(message: string, retryAfterSeconds = 0): Status {
  return failure(429, 'TooManyRequests', message, retry(retryAfterSeconds))
}

/** Code 500: `Internal error occurred: …`. */
export function internalError(error: string): Status {
  return failure(500, 'InternalError', `Internal error occurred: ${error}`, { causes: [{ message: error }] })
}

/** Code 413. */
export function requestEntityTooLarge(message: string): Status {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: ${message}`)
}

/** Code 415: the body's media type is not accepted. Upstream: endpoints/handlers/negotiation NewUnsupportedMediaTypeError. */
export function unsupportedMediaType(accepted: readonly string[]): Status {
  return failure(415, 'UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`)
}

const GENERIC: Record<number, [reason: string, message: string]> = {
  404: ['NotFound', 'the server could not find the requested resource'],
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: ['Timeout', 'the server was unable to return a response in the time allotted, but may still be processing the request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
}

/** What a client makes of an answer that is no Status. Upstream: errors.NewGenericServerResponse. `verb` is the HTTP method. */
export function genericServerResponse(
  code: number, verb: string, gr: GroupResource, name: string, serverMessage: string, retryAfterSeconds = 0, unexpected = false,
): Status {
  let [reason, message] = GENERIC[code] ?? ['', `the server responded with the status code ${code} but did not return more information`]
  if (code === 409) [reason, message] = [verb === 'POST' ? 'AlreadyExists' : 'Conflict', 'the server reported a conflict']
  else if (code === 403) [reason, message] = ['Forbidden', serverMessage]
  else if (code === 415) [reason, message] = ['UnsupportedMediaType', serverMessage]
  else if (code === 406) {
    const silent = serverMessage === '' || serverMessage === 'unknown'
    ;[reason, message] = ['NotAcceptable', silent ? 'the server was unable to respond with a content type that the client supports' : serverMessage]
  } else if (code >= 500 && GENERIC[code] === undefined) {
    [reason, message] = ['InternalError', `an error on the server (${goQuote(serverMessage)}) has prevented the request from succeeding`]
  }
  if (gr.group !== '' || gr.resource !== '') {
    message += ` (${verb.toLowerCase()} ${formatGroupResource(gr)}${name === '' ? '' : ` ${name}`})`
  }
  const causes = unexpected ? { causes: [{ reason: 'UnexpectedServerResponse', message: serverMessage }] } : {}
  return failure(code, reason, message, about(gr, name, { ...causes, ...retry(retryAfterSeconds) }))
}

/** Whether a value is a Status. */
export function isStatus(value: unknown): value is Status {
  return typeof value === 'object' && value !== null && (value as Status).kind === 'Status' && typeof (value as Status).code === 'number'
}

/** Whether a value is a Status that tells of a failure. */
export function isFailure(value: unknown): value is Status {
  return isStatus(value) && value.status === 'Failure'
}

const hasReason = (value: unknown, reason: string): boolean => isStatus(value) && value.reason === reason

/** Reason NotFound. */
export const isNotFound = (value: unknown): value is Status => hasReason(value, 'NotFound')
/** Reason Invalid. */
export const isInvalid = (value: unknown): value is Status => hasReason(value, 'Invalid')
/** Whether a failure has a cause of this type. Upstream: errors.HasStatusCause. */
export function hasStatusCause(value: unknown, cause: string): boolean {
  return isStatus(value) && (value.details?.causes?.some((c) => c.reason === cause) ?? false)
}
