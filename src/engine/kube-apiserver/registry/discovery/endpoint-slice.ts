import type { EndpointSlice } from '../../../api'
import { invalid, notSupported, portNameErrors, required, tooMany, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { isIP } from '../validation/ip'

const SHOWN = 3
const MAX_ENDPOINTS = 1000
const MAX_PORTS = 20_000

function more(list: readonly string[]): string {
  if (list.length === 0) return '<unset>'
  return list.length > SHOWN ? `${list.slice(0, SHOWN).join(',')} + ${list.length - SHOWN} more...` : list.join(',')
}

function validate(o: EndpointSlice): FieldError[] {
  const errors: FieldError[] = []
  const types = ['FQDN', 'IPv4', 'IPv6']
  if (!o.addressType) errors.push(required('addressType'))
  else if (!types.includes(o.addressType)) errors.push(notSupported('addressType', o.addressType, types))
  const endpoints = o.endpoints ?? []
  if (endpoints.length > MAX_ENDPOINTS) errors.push(tooMany('endpoints', endpoints.length, MAX_ENDPOINTS))
  endpoints.forEach((endpoint, i) => {
    const path = `endpoints[${i}].addresses`
    const addresses = endpoint.addresses ?? []
    if (addresses.length === 0) errors.push(required(path, 'must contain at least 1 address'))
    else if (addresses.length > 100) errors.push(tooMany(path, addresses.length, 100))
    addresses.forEach((address, j) => {
      if (o.addressType !== 'FQDN' && !isIP(address)) errors.push(invalid(`${path}[${j}]`, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'))
    })
  })
  const ports = o.ports ?? []
  if (ports.length > MAX_PORTS) errors.push(tooMany('ports', ports.length, MAX_PORTS))
  ports.forEach((port, i) => {
    if (port.name) for (const message of portNameErrors(port.name)) errors.push(invalid(`ports[${i}].name`, port.name, message))
    if (!['SCTP', 'TCP', 'UDP'].includes(port.protocol ?? '')) errors.push(notSupported(`ports[${i}].protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']))
  })
  return errors
}

/** EndpointSlice. Its generation counts every change but of metadata. Upstream: pkg/registry/discovery/endpointslice. */
export const endpointSlice = define<EndpointSlice>({
  resource: 'endpointslices',
  defaults(o) {
    o.endpoints ??= []
    for (const endpoint of o.endpoints) endpoint.conditions ??= {}
    if (o.ports == null) return
    for (const port of o.ports) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  hasGeneration: true,
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    if (o.addressType !== old.addressType) errors.push(invalid('addressType', o.addressType, 'field is immutable'))
    return errors
  },
  columns: [
    nameColumn,
    column('AddressType', (o) => o.addressType),
    column('Ports', (o) => more((o.ports ?? []).map((p) => (p.port == null ? '*' : String(p.port))))),
    column('Endpoints', (o) => more((o.endpoints ?? []).flatMap((e) => e.addresses ?? []))),
    ageColumn,
  ],
})
