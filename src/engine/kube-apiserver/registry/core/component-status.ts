import type { ComponentStatus } from '../../../api'
import type { KubeObject } from '../../../apimachinery'
import { column, nameColumn } from '../define'
import type { Column } from '../strategy'

const healthy = (o: ComponentStatus) => o.conditions?.find((c) => c.type === 'Healthy')
const WORDS: Readonly<Record<string, string>> = { True: 'Healthy', False: 'Unhealthy' }

/** Columns of ComponentStatuses, which are made when they are asked for. Upstream: printers printComponentStatus */
export const componentStatusColumns: readonly Column<KubeObject>[] = [
  nameColumn,
  ...([['Status', (o) => WORDS[healthy(o)?.status ?? ''] ?? 'Unknown'], ['Message', (o) => healthy(o)?.message ?? ''], ['Error', (o) => healthy(o)?.error ?? '']] as const satisfies readonly (readonly [string, (o: ComponentStatus) => string])[])
    .map(([name, value]) => column<ComponentStatus>(name, value) as unknown as Column<KubeObject>),
]
