import type { Endpoints } from '../../../api'
import { dns1123LabelErrors, dns1123SubdomainErrors, invalid, notSupported, portNumberErrors, qualifiedNameErrors, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { joinHostPort } from '../validation/ip'
import { validateIP, validateNonSpecialIP } from '../validation/ip-errors'
import { PROTOCOLS } from '../validation/container'

const SHOWN = 3

/** `10.0.0.1:80,10.0.0.2:80 + 2 more...`. Upstream: printers formatEndpoints. */
export function formatEndpoints(endpoints: Endpoints): string {
  const list: string[] = []
  let count = 0
  for (const subset of endpoints.subsets ?? []) {
    const addresses = subset.addresses ?? []
    if ((subset.ports ?? []).length === 0) {
      for (const address of addresses) {
        if (list.length < SHOWN) list.push(address.ip)
        count++
      }
    } else {
      for (const port of subset.ports!) {
        for (const address of addresses) {
          if (list.length < SHOWN) list.push(joinHostPort(address.ip, port.port))
          count++
        }
      }
    }
  }
  if (count === 0) return '<none>'
  return count > SHOWN ? `${list.join(',')} + ${count - SHOWN} more...` : list.join(',')
}

function validate(o: Endpoints): FieldError[] {
  const errors: FieldError[] = []
  ;(o.subsets ?? []).forEach((subset, i) => {
    const path = `subsets[${i}]`
    if ((subset.addresses ?? []).length === 0 && (subset.notReadyAddresses ?? []).length === 0) {
      errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'))
    }
    for (const field of ['addresses', 'notReadyAddresses'] as const) {
      ;(subset[field] ?? []).forEach((address, j) => {
        const at = `${path}.${field}[${j}]`
        errors.push(...validateIP(address.ip, `${at}.ip`))
        if (address.hostname) for (const message of dns1123LabelErrors(address.hostname)) errors.push(invalid(`${at}.hostname`, address.hostname, message))
        if (address.nodeName != null) for (const message of dns1123SubdomainErrors(address.nodeName)) errors.push(invalid(`${at}.nodeName`, address.nodeName, message))
        errors.push(...validateNonSpecialIP(address.ip, `${at}.ip`))
      })
    }
    ;(subset.ports ?? []).forEach((port, j) => {
      const at = `${path}.ports[${j}]`
      if (subset.ports!.length > 1 && !port.name) errors.push(required(`${at}.name`))
      else if (port.name) for (const message of dns1123LabelErrors(port.name)) errors.push(invalid(`${at}.name`, port.name, message))
      for (const message of portNumberErrors(port.port)) errors.push(invalid(`${at}.port`, port.port, message))
      if (!port.protocol) errors.push(required(`${at}.protocol`))
      else if (!PROTOCOLS.includes(port.protocol)) errors.push(notSupported(`${at}.protocol`, port.protocol, PROTOCOLS))
      if (port.appProtocol != null) for (const message of qualifiedNameErrors(port.appProtocol)) errors.push(invalid(`${at}.appProtocol`, port.appProtocol, message))
    })
  })
  return errors
}

/** Endpoints. Upstream: pkg/registry/core/endpoint. */
export const endpoints = define<Endpoints>({
  resource: 'endpoints',
  shortNames: ['ep'],
  deprecated: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  defaults(o) {
    for (const subset of o.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ||= 'TCP'
  },
  validate,
  validateUpdate: validate,
  columns: [nameColumn, column('Endpoints', formatEndpoints), ageColumn],
})
