import { lazy } from 'react'
import type { Slot } from '../../state'

/** The cluster's Kubernetes Events, newest first. */
export const eventsTab: Slot = { id: 'events', title: 'Events', Component: lazy(() => import('./events').then((m) => ({ default: m.Events }))) }
