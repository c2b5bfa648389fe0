import type { APIService } from '../../../api'
import { invalid, required, type FieldError } from '../../../apimachinery'
import { ageColumn, column, define, nameColumn } from '../define'

/** APIService: another server's part of the API. Upstream: kube-aggregator pkg/registry/apiservice, pkg/apis/apiregistration/validation */
export const apiService = define<APIService>({
  resource: 'apiservices',
  subresources: ['status'],
  defaults(o) {
    if (o.spec.service) o.spec.service.port ??= 443
  },
  validate(o) {
    const errors: FieldError[] = []
    const { group = '', version = '', service, groupPriorityMinimum, versionPriority } = o.spec
    if (o.metadata.name !== `${version}.${group}`) errors.push(invalid('metadata.name', o.metadata.name, '`' + `${version}.${group}` + '` must match the group and version'))
    if (!version) errors.push(required('spec.version'))
    if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20000) errors.push(invalid('spec.groupPriorityMinimum', groupPriorityMinimum, 'must be positive and less than 20000'))
    if (versionPriority <= 0 || versionPriority > 1000) errors.push(invalid('spec.versionPriority', versionPriority, 'must be positive and less than 1000'))
    if (service && !service.namespace) errors.push(required('spec.service.namespace'))
    if (service && !service.name) errors.push(required('spec.service.name'))
    return errors
  },
  columns: [
    nameColumn,
    column('Service', (o) => (o.spec.service ? `${o.spec.service.namespace}/${o.spec.service.name}` : 'Local')),
    column('Available', (o) => {
      const c = o.status?.conditions?.find((x) => x.type === 'Available')
      return c === undefined ? 'Unknown' : c.status === 'True' ? 'True' : `${c.status} (${c.reason ?? ''})`
    }),
    ageColumn,
  ],
})
