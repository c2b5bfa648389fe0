import type { Secret } from '../../../api'
import { configMapKeyErrors, deepEqual, forbidden, invalid, jsonKind, key, required, tooLong, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { base64Decode, base64Encode } from '../validation/text'

const MAX_SIZE = 1024 * 1024

function validate(o: Secret): FieldError[] {
  const errors: FieldError[] = []
  const data = o.data ?? {}
  let total = 0
  for (const name of Object.keys(data)) {
    for (const message of configMapKeyErrors(name)) errors.push(invalid(key('data', name), name, message))
    total += Math.floor(((data[name] ?? '').length * 3) / 4)
  }
  if (total > MAX_SIZE) errors.push(tooLong('data', MAX_SIZE))
  const need = (name: string): void => { if (data[name] === undefined) errors.push(required(key('data', name))) }
  const json = (name: string): void => {
    need(name)
    const wrong = data[name] === undefined ? undefined : jsonError(base64Decode(data[name] ?? '') ?? '')
    if (wrong !== undefined) errors.push(invalid(key('data', name), '<secret contents redacted>', wrong))
  }
  switch (o.type) {
    case 'kubernetes.io/service-account-token':
      if (!o.metadata.annotations?.['kubernetes.io/service-account.name']) errors.push(required('metadata.annotations[kubernetes.io/service-account.name]'))
      break
    case 'kubernetes.io/dockercfg': json('.dockercfg'); break
    case 'kubernetes.io/dockerconfigjson': json('.dockerconfigjson'); break
    case 'kubernetes.io/basic-auth':
      // Either of the two will do.
      if (data.username === undefined && data.password === undefined) { need('username'); need('password') }
      break
    case 'kubernetes.io/ssh-auth': if (!data['ssh-privatekey']) errors.push(required(key('data', 'ssh-privatekey'))); break
    case 'kubernetes.io/tls': need('tls.crt'); need('tls.key'); break
    default:
  }
  return errors
}

/** What Go says of a text that is no JSON object; of broken ones only how they begin and end. Upstream: encoding/json Unmarshal. */
function jsonError(text: string): string | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const first = text.trim()[0]
    if (first === undefined || '{["'.includes(first)) return 'unexpected end of JSON input'
    return `invalid character '${first}' looking for beginning of value`
  }
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined
  return `json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`
}

/** Secret; stringData is written into data. Upstream: pkg/registry/core/secret, ValidateSecret. */
export const secret = define<Secret>({
  resource: 'secrets',
  defaults(o) {
    o.type ||= 'Opaque'
    if (o.stringData == null) return
    const names = Object.keys(o.stringData)
    if (names.length > 0) {
      const data = (o.data = { ...o.data })
      for (const name of names) data[name] = base64Encode(o.stringData[name]!)
    }
    delete o.stringData
  },
  validate,
  validateUpdate(o, old) {
    const errors: FieldError[] = []
    if (o.type !== old.type) errors.push(invalid('type', o.type, 'field is immutable'))
    if (old.immutable === true) {
      if (o.immutable !== true) errors.push(forbidden('immutable', 'field is immutable when `immutable` is set'))
      if (!deepEqual(o.data, old.data)) errors.push(forbidden('data', 'field is immutable when `immutable` is set'))
    }
    return [...errors, ...validate(o)]
  },
  fields: { type: (o) => o.type ?? '' },
  columns: [
    nameColumn,
    column('Type', (o) => o.type ?? ''),
    column('Data', (o) => Object.keys(o.data ?? {}).length),
    ageColumn,
  ],
})
