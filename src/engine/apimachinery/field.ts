import { goJson, goQuote } from './go-format'

/** Machine-readable kinds of field errors; equal to the `reason` of a Status cause. Upstream: util/validation/field ErrorType. */
export type FieldErrorType = keyof typeof TITLES

const TITLES = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueTooFew: 'Too few',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueTooShort: 'Too short',
} as const

const VALUELESS = new Set<FieldErrorType>(['FieldValueRequired', 'FieldValueForbidden', 'FieldValueTooLong', 'FieldValueTooShort', 'InternalError'])
const OMIT = Symbol('omit value')

/** One thing wrong with one field. Upstream: util/validation/field Error. */
export interface FieldError {
  readonly type: FieldErrorType
  readonly field: string
  readonly value?: unknown
  readonly detail: string
}

/** The error without the field: `Invalid value: "x": must be …`. Upstream: field.Error.ErrorBody. */
export function fieldErrorBody(e: FieldError): string {
  let text: string = TITLES[e.type]
  if (!VALUELESS.has(e.type) && e.value !== OMIT) {
    text += `: ${typeof e.value === 'string' ? goQuote(e.value) : goJson(e.value)}`
  }
  return e.detail === '' ? text : `${text}: ${e.detail}`
}

/** `spec.replicas: Invalid value: -1: must be …`. Upstream: field.Error.Error. */
export function fieldErrorText(e: FieldError): string {
  return `${e.field}: ${fieldErrorBody(e)}`
}

/** Joins several errors as Go's aggregate does: one bare, more as `[a, b]`, duplicates once. Upstream: util/errors aggregate.Error. */
export function aggregateText(messages: readonly string[]): string {
  if (messages.length === 1) return messages[0]!
  const unique = [...new Set(messages)]
  return unique.length === 1 ? unique[0]! : `[${unique.join(', ')}]`
}

/** Child of a path; an empty parent gives the bare name. Upstream: field.Path.Child. */
export function child(path: string, ...names: string[]): string {
  let out = path
  for (const name of names) out = out === '' ? name : `${out}.${name}`
  return out
}

/** Element of a list. Upstream: field.Path.Index. */
export function index(path: string, i: number): string {
  return `${path}[${i}]`
}

/** Entry of a map. Upstream: field.Path.Key. */
export function key(path: string, k: string): string {
  return `${path}[${k}]`
}

/** A required value is missing or empty. */
export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, value: '', detail }
}

/** A malformed value. Objects print as JSON in the key order given; use sortKeys for Go maps. */
export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, value: value ?? null, detail }
}

/** A malformed value that messages leave out. Upstream: field.OmitValueType. */
export function invalidOmitted(field: string, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, value: OMIT, detail }
}

/** A value outside an enumeration; `supported` prints in the order given (upstream mostly sorts). */
export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length === 0 ? '' : `supported values: ${supported.map(goQuote).join(', ')}`
  return { type: 'FieldValueNotSupported', field, value: value ?? null, detail }
}

/** A value that is not allowed under the present conditions. */
export function forbidden(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, value: '', detail }
}

/** Two entries that must be unique are equal. */
export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, value: value ?? null, detail: '' }
}

/** Something referred to does not exist. */
export function notFoundField(field: string, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, value: value ?? null, detail: '' }
}

/** A value that is too long. Units: bytes. */
export function tooLong(field: string, maxLength: number): FieldError {
  const detail = maxLength < 0 ? 'value is too long' : `may not be more than ${maxLength} ${maxLength === 1 ? 'byte' : 'bytes'}`
  return { type: 'FieldValueTooLong', field, value: '<value omitted>', detail }
}

/** A list with too many items; a negative `actual` prints no count. */
export function tooMany(field: string, actual: number, max: number): FieldError {
  const detail = max < 0 ? 'has too many items' : `must have at most ${max} ${max === 1 ? 'item' : 'items'}`
  return { type: 'FieldValueTooMany', field, value: actual >= 0 ? actual : OMIT, detail }
}

/** A failure that is not the user's fault. */
export function internalFieldError(field: string, detail: string): FieldError {
  return { type: 'InternalError', field, detail }
}
