import { lazily, loading } from '../../kit'
import type { DialogSlot, InspectorTab, Slot } from '../../state'

/** One request from its client to its end, decision by decision. */
export const journeyTab: InspectorTab = { id: 'journey', title: 'Journey', for: (selection) => selection?.kind === 'request', Component: lazily(() => import('./journey-tab').then((m) => m.JourneyTab), loading) }

/** What the traffic of a Service or a node is made of. */
export const trafficTabs: readonly InspectorTab[] = [
  { id: 'traffic', title: 'Traffic', for: (selection) => selection?.kind === 'service', Component: lazily(() => import('./service-tab').then((m) => m.ServiceTab), loading) },
  { id: 'endpoints', title: 'Endpoints', for: (selection) => selection?.kind === 'service', Component: lazily(() => import('./endpoints-tab').then((m) => m.EndpointsTab), loading) },
  { id: 'rules', title: 'Rules', for: (selection) => selection?.kind === 'node', Component: lazily(() => import('./rules-tab').then((m) => m.RulesTab), loading) },
]

/** The last 1,000 requests that were looked at closely. */
export const requestsTab: Slot = { id: 'requests', title: 'Requests', Component: lazily(() => import('./requests-tab').then((m) => m.RequestsTab), loading) }

/** Sends one request, or a few. */
export const sendDialog: DialogSlot = { id: 'send-request', Component: lazily(() => import('./send-dialog').then((m) => m.SendDialog)) }

/** Begins a load generator, or changes one that runs. */
export const loadDialog: DialogSlot = { id: 'load', Component: lazily(() => import('./load-dialog').then((m) => m.LoadDialog)) }
