import { lazy } from 'react'
import type { DialogSlot, InspectorTab, Slot } from '../../state'

/** One request from its client to its end, decision by decision. */
export const journeyTab: InspectorTab = { id: 'journey', title: 'Journey', for: (selection) => selection?.kind === 'request', Component: lazy(() => import('./journey-tab').then((m) => ({ default: m.JourneyTab }))) }

/** What the traffic of a Service or a node is made of. */
export const trafficTabs: readonly InspectorTab[] = [
  { id: 'traffic', title: 'Traffic', for: (selection) => selection?.kind === 'service', Component: lazy(() => import('./service-tab').then((m) => ({ default: m.ServiceTab }))) },
  { id: 'endpoints', title: 'Endpoints', for: (selection) => selection?.kind === 'service', Component: lazy(() => import('./endpoints-tab').then((m) => ({ default: m.EndpointsTab }))) },
  { id: 'rules', title: 'Rules', for: (selection) => selection?.kind === 'node', Component: lazy(() => import('./rules-tab').then((m) => ({ default: m.RulesTab }))) },
]

/** The last 1,000 requests that were looked at closely. */
export const requestsTab: Slot = { id: 'requests', title: 'Requests', Component: lazy(() => import('./requests-tab').then((m) => ({ default: m.RequestsTab }))) }

/** Sends one request, or a few. */
export const sendDialog: DialogSlot = { id: 'send-request', Component: lazy(() => import('./send-dialog').then((m) => ({ default: m.SendDialog }))) }

/** Begins a load generator, or changes one that runs. */
export const loadDialog: DialogSlot = { id: 'load', Component: lazy(() => import('./load-dialog').then((m) => ({ default: m.LoadDialog }))) }
