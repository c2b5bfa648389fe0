import type { ServiceAccount } from '../../../api'
import { ageColumn, define, nameColumn } from '../define'

/** ServiceAccount. Upstream: pkg/registry/core/serviceaccount. */
export const serviceAccount = define<ServiceAccount>({
  resource: 'serviceaccounts',
  shortNames: ['sa'],
  subresources: ['token'],
  columns: [nameColumn, ageColumn],
})
