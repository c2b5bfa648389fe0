import type { ServiceAccount } from '../../../api'
import { ageColumn, column, define, nameColumn } from '../define'

/** ServiceAccount. Upstream: pkg/registry/core/serviceaccount. */
export const serviceAccount = define<ServiceAccount>({
  resource: 'serviceaccounts',
  shortNames: ['sa'],
  subresources: ['token'],
  columns: [nameColumn, column('Secrets', (o) => o.secrets?.length ?? 0), ageColumn],
})
