import type { Endpoint, EndpointSlice } from '../../../api'
import {
  dns1123LabelErrors, dns1123SubdomainErrors, duplicate, invalid, notSupported, portNumberErrors, qualifiedNameErrors, required, tooMany, type FieldError,
} from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { parseIP } from '../validation/ip'
import { validateNonSpecialIP } from '../validation/ip-errors'
import { PROTOCOLS } from '../validation/container'

const SHOWN = 3
const TYPES = ['FQDN', 'IPv4', 'IPv6']
const MAX_ENDPOINTS = 1000
const MAX_PORTS = 20_000

function more(list: readonly string[]): string {
  if (list.length === 0) return '<unset>'
  return list.length > SHOWN ? `${list.slice(0, SHOWN).join(',')} + ${list.length - SHOWN} more...` : list.join(',')
}

function addressErrors(type: string | undefined, address: string, path: string): FieldError[] {
  if (type === 'FQDN') return dns1123SubdomainErrors(address).map((m) => invalid(path, address, m))
  const ip = parseIP(address)
  if (type === 'IPv4' || type === 'IPv6') {
    if (ip === undefined || ip.version !== (type === 'IPv4' ? 4 : 6)) return [invalid(path, address, `must be a valid ${type} address`)]
    return validateNonSpecialIP(address, path)
  }
  return []
}

function endpointErrors(o: EndpointSlice, endpoint: Endpoint, path: string): FieldError[] {
  const errors: FieldError[] = []
  const addresses = endpoint.addresses ?? []
  if (addresses.length === 0) errors.push(required(`${path}.addresses`, 'must contain at least 1 address'))
  else if (addresses.length > 100) errors.push(tooMany(`${path}.addresses`, addresses.length, 100))
  addresses.forEach((address, j) => errors.push(...addressErrors(o.addressType, address, `${path}.addresses[${j}]`)))
  if (endpoint.nodeName != null) for (const message of dns1123SubdomainErrors(endpoint.nodeName)) errors.push(invalid(`${path}.nodeName`, endpoint.nodeName, message))
  if (endpoint.hostname != null) for (const message of dns1123LabelErrors(endpoint.hostname)) errors.push(invalid(`${path}.hostname`, endpoint.hostname, message))
  return errors
}

/** Upstream: discovery validation ValidateEndpointSlice. */
function validate(o: EndpointSlice): FieldError[] {
  const errors: FieldError[] = []
  if (!o.addressType) errors.push(required('addressType'))
  else if (!TYPES.includes(o.addressType)) errors.push(notSupported('addressType', o.addressType, TYPES))
  const endpoints = o.endpoints ?? []
  if (endpoints.length > MAX_ENDPOINTS) errors.push(tooMany('endpoints', endpoints.length, MAX_ENDPOINTS))
  else endpoints.forEach((endpoint, i) => errors.push(...endpointErrors(o, endpoint, `endpoints[${i}]`)))
  const ports = o.ports ?? []
  if (ports.length > MAX_PORTS) return [...errors, tooMany('ports', ports.length, MAX_PORTS)]
  const names = new Set<string>()
  ports.forEach((port, i) => {
    const name = port.name ?? ''
    if (name !== '') for (const message of dns1123LabelErrors(name)) errors.push(invalid(`ports[${i}].name`, name, message))
    if (names.has(name)) errors.push(duplicate(`ports[${i}].name`, name))
    names.add(name)
    if (port.protocol == null) errors.push(required(`ports[${i}].protocol`))
    else if (!PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`ports[${i}].protocol`, port.protocol, PROTOCOLS))
    if (port.port != null) for (const message of portNumberErrors(port.port)) errors.push(invalid(`ports[${i}].port`, port.port, message))
    if (port.appProtocol != null) for (const message of qualifiedNameErrors(port.appProtocol)) errors.push(invalid(`ports[${i}].appProtocol`, port.appProtocol, message))
  })
  return errors
}

/** EndpointSlice. Its generation counts every change but of metadata. Upstream: pkg/registry/discovery/endpointslice. */
export const endpointSlice = define<EndpointSlice>({
  resource: 'endpointslices',
  defaults(o) {
    for (const endpoint of o.endpoints ?? []) endpoint.conditions ??= {}
    // Empty lists of fields that are always told come out of the store as null.
    if (!((o.endpoints?.length ?? 0) > 0)) o.endpoints = null as never
    if (!((o.ports?.length ?? 0) > 0)) o.ports = null as never
    for (const port of o.ports ?? []) {
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
