import { lazily, loading } from '../../kit'
import type { InspectorTab, Selection } from '../../state'
import { Summary } from './summary'

export { InspectorHeader as inspectorHeader } from './header'

/** True for what the API knows by a name, so that it has YAML, events and causes. */
const isObject = (selection: Selection | null): boolean => selection !== null && /^(pod|node|workload|service|object)$/.test(selection.kind)

/** The tabs of the inspector. All but the first load when they are opened. */
export const inspectorTabs: readonly InspectorTab[] = [
  { id: 'summary', title: 'Summary', for: (selection) => selection?.kind !== 'request', Component: Summary },
  { id: 'why', title: 'Why', for: isObject, Component: lazily(() => import('./why-tab').then((m) => m.WhyTab), loading) },
  { id: 'decision', title: 'Decision', for: (selection) => selection?.kind === 'pod', Component: lazily(() => import('./decision-tab').then((m) => m.DecisionTab), loading) },
  { id: 'yaml', title: 'YAML', for: isObject, Component: lazily(() => import('./yaml-tab').then((m) => m.YamlTab), loading) },
  { id: 'events', title: 'Events', for: isObject, Component: lazily(() => import('./events-tab').then((m) => m.EventsTab), loading) },
]
