import type { Scale } from '../../../api'
import type { KubeObject } from '../../../apimachinery'
import { ageColumn, column, nameColumn } from '../define'
import type { Column } from '../strategy'

/** Columns of `kubectl get --subresource=scale`. Upstream: printers printScale */
export const scaleColumns: readonly Column<KubeObject>[] = [
  nameColumn, ...([['Desired', 'spec'], ['Available', 'status']] as const).map(([name, part]) => column<Scale>(name, (o) => o[part]?.replicas ?? 0, 'integer') as unknown as Column<KubeObject>), ageColumn,
]
