import type { ServiceCIDR } from '../../../api'
import { deepEqual, invalid, required, type FieldError } from '../../../apimachinery'
import { DEFAULT_SERVICE_CIDR } from '../core/service-allocation'
import { ageColumn, column, define, nameColumn } from '../define'
import { isDualStack, validateCIDR } from '../validation/ip-errors'

/** Upstream: networking validation ValidateServiceCIDR */
function validate({ spec }: ServiceCIDR): FieldError[] {
  const cidrs = spec.cidrs ?? []
  if (cidrs.length === 0) return [required('spec.cidrs', 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalid('spec.cidrs', spec, 'may only hold up to 2 values')]
  if (cidrs.length === 2 && !isDualStack(cidrs)) return [invalid('spec.cidrs', spec, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/96')]
  return cidrs.flatMap((cidr, i) => validateCIDR(cidr, `spec.cidrs[${i}]`))
}

/**
 * ServiceCIDR: a network that Services get their addresses from. What the servicecidrs controller says of it is said at once;
 * a network that is still in use can be deleted. Upstream: pkg/registry/networking/servicecidr, pkg/controller/servicecidrs
 */
export const serviceCIDR = define<ServiceCIDR>({
  resource: 'servicecidrs',
  subresources: ['status'],
  prepareForCreate(o, write) {
    o.status = { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: write.time, reason: '', message: 'Kubernetes Service CIDR is ready' }] }
  },
  validate,
  validateUpdate: (o, old) => (deepEqual(o.spec.cidrs, old.spec.cidrs) ? [] : [invalid('spec.cidrs', o.spec.cidrs ?? null, 'field is immutable')]),
  columns: [nameColumn, column('CIDRs', (o) => (o.spec.cidrs ?? []).join(',')), ageColumn],
})

/** The network that the server itself is given. Upstream: pkg/controlplane/controller/defaultservicecidr */
export function firstServiceCIDR(now: string, cidr = DEFAULT_SERVICE_CIDR): { readonly metadata: { readonly name: string }; readonly spec: object; readonly status: object } {
  const condition = { type: 'Ready', status: 'True', lastTransitionTime: now, reason: '', message: 'Kubernetes default Service CIDR is ready' }
  return { metadata: { name: 'kubernetes' }, spec: { cidrs: [cidr] }, status: { conditions: [condition] } }
}
