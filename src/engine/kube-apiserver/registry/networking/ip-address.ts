import type { IPAddress } from '../../../api'
import type { KubeObject } from '../../../apimachinery'
import { ageColumn, column, nameColumn } from '../define'
import type { Column } from '../strategy'

function parent({ spec }: IPAddress): string {
  const ref = spec?.parentRef
  if (ref == null) return '<none>'
  const resource = (ref.group ? `${ref.resource}.${ref.group}` : ref.resource).toLowerCase()
  return `${resource}${ref.namespace ? `/${ref.namespace}` : ''}/${ref.name}`
}

/** Columns of IPAddresses, which the server makes from the Services. Upstream: printers printIPAddress */
export const ipAddressColumns: readonly Column<KubeObject>[] = [nameColumn, column<IPAddress>('ParentRef', parent) as unknown as Column<KubeObject>, ageColumn]
