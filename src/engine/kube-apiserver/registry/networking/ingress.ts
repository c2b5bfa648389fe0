import type { HTTPIngressPath, Ingress, IngressBackend } from '../../../api'
import {
  dns1123LabelErrors, dns1123SubdomainErrors, invalid, notSupported, portNameErrors, portNumberErrors, required, wildcardSubdomainErrors, type FieldError,
} from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import type { PrintContext } from '../strategy'
import { validateLoadBalancerStatus } from '../core/service-validation'
import { isIP } from '../validation/ip'
import { nameIsPathSegment } from '../validation/object-meta'

const SHOWN = 3
const ADDRESS_WIDTH = 16
const CLASS = 'kubernetes.io/ingress.class'
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']

function backendErrors(backend: IngressBackend, path: string): FieldError[] {
  if (backend.resource != null) return backend.service != null ? [invalid(path, '', 'cannot set both resource and service backends')] : resourceErrors(backend.resource, `${path}.resource`)
  if (backend.service == null) return [invalid(path, '', 'resource or service backend is required')]
  const { name, port } = backend.service
  const errors = name ? dns1123LabelErrors(name).map((m) => invalid(`${path}.service.name`, name, m)) : [required(`${path}.service.name`)]
  if (port?.name && port.number) errors.push(invalid(path, '', 'cannot set both port name & port number'))
  else if (port?.name) for (const message of portNameErrors(port.name)) errors.push(invalid(`${path}.service.port.name`, port.name, message))
  else if (port?.number) for (const message of portNumberErrors(port.number)) errors.push(invalid(`${path}.service.port.number`, port.number, message))
  else errors.push(required(path, 'port name or number is required'))
  return errors
}

/** An object that a backend or a class names by its kind. Upstream: validateIngressTypedLocalObjectReference. */
export function resourceErrors(ref: { apiGroup?: string; kind: string; name: string }, path: string): FieldError[] {
  const errors = ref.apiGroup == null ? [] : dns1123SubdomainErrors(ref.apiGroup).map((m) => invalid(`${path}.apiGroup`, ref.apiGroup, m))
  for (const field of ['kind', 'name'] as const) {
    if (!ref[field]) errors.push(required(`${path}.${field}`))
    else for (const message of nameIsPathSegment(ref[field], false)) errors.push(invalid(`${path}.${field}`, ref[field], message))
  }
  return errors
}

function pathErrors(item: HTTPIngressPath, path: string): FieldError[] {
  const errors: FieldError[] = []
  const text = item.path ?? ''
  if (item.pathType == null) return [required(`${path}.pathType`, 'pathType must be specified')]
  if (item.pathType === 'Exact' || item.pathType === 'Prefix') {
    if (!text.startsWith('/')) errors.push(invalid(`${path}.path`, text, 'must be an absolute path'))
    for (const part of ['//', '/./', '/../', '%2f', '%2F']) if (text.includes(part)) errors.push(invalid(`${path}.path`, text, `must not contain '${part}'`))
    for (const end of ['/..', '/.']) if (text.endsWith(end)) errors.push(invalid(`${path}.path`, text, `cannot end with '${end}'`))
  } else if (item.pathType === 'ImplementationSpecific') {
    if (text !== '' && !text.startsWith('/')) errors.push(invalid(`${path}.path`, text, 'must be an absolute path'))
  } else errors.push(notSupported(`${path}.pathType`, item.pathType, PATH_TYPES))
  return [...errors, ...backendErrors(item.backend ?? {}, `${path}.backend`)]
}

function hostErrors(host: string, path: string): FieldError[] {
  const errors = isIP(host) ? [invalid(path, host, 'must be a DNS name, not an IP address')] : []
  for (const message of host.includes('*') ? wildcardSubdomainErrors(host) : dns1123SubdomainErrors(host)) errors.push(invalid(path, host, message))
  return errors
}

function validate(o: Ingress): FieldError[] {
  const { spec } = o
  const errors: FieldError[] = []
  const rules = spec.rules ?? []
  if (rules.length === 0 && spec.defaultBackend == null) errors.push(invalid('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified'))
  if (spec.defaultBackend != null) errors.push(...backendErrors(spec.defaultBackend, 'spec.defaultBackend'))
  rules.forEach((rule, i) => {
    const path = `spec.rules[${i}]`
    if (rule.host) errors.push(...hostErrors(rule.host, `${path}.host`))
    if (rule.http == null) return
    const paths = rule.http.paths ?? []
    if (paths.length === 0) errors.push(required(`${path}.http.paths`))
    paths.forEach((item, j) => errors.push(...pathErrors(item, `${path}.http.paths[${j}]`)))
  })
  ;(spec.tls ?? []).forEach((tls, i) => {
    ;(tls.hosts ?? []).forEach((host, j) => {
      const check = host.includes('*') ? wildcardSubdomainErrors : dns1123SubdomainErrors
      for (const message of check(host)) errors.push(invalid(`spec.tls[${i}].hosts[${j}]`, host, message))
    })
    if (tls.secretName) for (const message of dns1123SubdomainErrors(tls.secretName)) errors.push(invalid(`spec.tls[${i}].secretName`, tls.secretName, message))
  })
  if (spec.ingressClassName != null) for (const message of dns1123SubdomainErrors(spec.ingressClassName)) errors.push(invalid('spec.ingressClassName', spec.ingressClassName, message))
  return errors
}

function hosts(o: Ingress): string {
  const rules = o.spec.rules ?? []
  const list = rules.map((r) => r.host ?? '').filter((h) => h !== '')
  if (list.length === 0) return '*'
  const shown = list.slice(0, SHOWN).join(',')
  return rules.length > SHOWN ? `${shown} + ${rules.length - SHOWN} more...` : shown
}

function address(o: Ingress, print: PrintContext): string {
  const text = [...new Set((o.status?.loadBalancer?.ingress ?? []).map((i) => i.ip || i.hostname || '').filter((t) => t !== ''))].sort().join(',')
  return print.wide === false && text.length > ADDRESS_WIDTH ? `${text.slice(0, ADDRESS_WIDTH - 3)}...` : text
}

/** Ingress. Upstream: pkg/registry/networking/ingress, networking validation ValidateIngress. */
export const ingress = define<Ingress>({
  resource: 'ingresses',
  shortNames: ['ing'],
  subresources: ['status'],
  hasGeneration: true,
  prepareForCreate(o) {
    o.status = { loadBalancer: {} }
  },
  validate(o) {
    const errors = validate(o)
    const [annotation, name] = [o.metadata.annotations?.[CLASS], o.spec.ingressClassName]
    if (annotation !== undefined && name != null && annotation !== name) errors.push(invalid(`annotations.${CLASS}`, annotation, 'must match `ingressClassName` when both are specified'))
    return errors
  },
  validateUpdate: validate,
  validateStatusUpdate: (o) => validateLoadBalancerStatus(o.status?.loadBalancer?.ingress ?? [], 'status.loadBalancer.ingress', true),
  columns: [
    nameColumn,
    column('Class', (o) => o.spec.ingressClassName ?? o.metadata.annotations?.['kubernetes.io/ingress.class'] ?? '<none>'),
    column('Hosts', hosts),
    column('Address', address),
    column('Ports', (o) => ((o.spec.tls ?? []).length > 0 ? '80, 443' : '80')),
    ageColumn,
  ],
})
