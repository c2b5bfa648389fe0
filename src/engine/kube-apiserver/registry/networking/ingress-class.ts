import type { IngressClass } from '../../../api'
import { forbidden, invalid, notSupported, required, tooLong, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'
import { validateDomainPath } from '../validation/domain-path'
import { nameIsLabel } from '../validation/object-meta'
import { resourceErrors } from './ingress'

function validate(o: IngressClass): FieldError[] {
  const { controller, parameters } = o.spec
  const errors: FieldError[] = []
  if (!controller) errors.push(required('spec.controller'))
  else {
    if (controller.length > 250) errors.push(tooLong('spec.controller', 250))
    errors.push(...validateDomainPath(controller, 'spec.controller'))
  }
  if (parameters == null) return errors
  const at = 'spec.parameters'
  errors.push(...resourceErrors(parameters, at))
  const { scope, namespace } = parameters
  if (scope == null) return [...errors, required(`${at}.scope`)]
  if (scope !== 'Cluster' && scope !== 'Namespace') errors.push(notSupported(`${at}.scope`, scope, ['Cluster', 'Namespace']))
  else if (scope === 'Cluster') {
    if (namespace != null) errors.push(forbidden(`${at}.namespace`, "`parameters.scope` is set to 'Cluster'"))
  } else if (namespace == null) errors.push(required(`${at}.namespace`, "`parameters.scope` is set to 'Namespace'"))
  else for (const message of nameIsLabel(namespace, false)) errors.push(invalid(`${at}.namespace`, namespace, message))
  return errors
}

const DEFAULT = 'ingressclass.kubernetes.io/is-default-class'

function defaultName(o: IngressClass): string {
  return o.metadata.annotations?.[DEFAULT] === 'true' ? `${o.metadata.name} (default)` : o.metadata.name
}

function parameters(o: IngressClass): string {
  const p = o.spec.parameters
  if (p == null) return '<none>'
  return p.apiGroup ? `${p.kind}.${p.apiGroup}/${p.name}` : `${p.kind}/${p.name}`
}

/** IngressClass. Upstream: pkg/registry/networking/ingressclass. */
export const ingressClass = define<IngressClass>({
  resource: 'ingressclasses',
  hasGeneration: true,
  defaults(o) {
    if (o.spec.parameters != null) o.spec.parameters.scope ??= 'Cluster'
  },
  validate,
  validateUpdate(o, old) {
    const errors = validate(o)
    if (o.spec.controller !== old.spec.controller) errors.push(invalid('spec.controller', o.spec.controller, 'field is immutable'))
    return errors
  },
  columns: [{ ...nameColumn, value: defaultName }, column('Controller', (o) => o.spec.controller ?? ''), column('Parameters', parameters), ageColumn],
})
