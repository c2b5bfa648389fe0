import type { IngressClass } from '../../../api'
import { invalid, notSupported, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

function validate(o: IngressClass): FieldError[] {
  const { controller, parameters } = o.spec
  const errors: FieldError[] = []
  if (!controller) errors.push(required('spec.controller'))
  else if (!controller.includes('/')) errors.push(invalid('spec.controller', controller, 'must be a domain-prefixed path (such as "acme.io/foo")'))
  if (parameters == null) return errors
  if (!parameters.kind) errors.push(required('spec.parameters.kind', 'kind is required'))
  if (!parameters.name) errors.push(required('spec.parameters.name', 'name is required'))
  const scope = parameters.scope
  if (scope !== 'Cluster' && scope !== 'Namespace') errors.push(notSupported('spec.parameters.scope', scope ?? '', ['Cluster', 'Namespace']))
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
