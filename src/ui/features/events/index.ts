import { lazily, loading } from '../../kit'
import type { Slot } from '../../state'

/** The cluster's Kubernetes Events, newest first. */
export const eventsTab: Slot = { id: 'events', title: 'Events', Component: lazily(() => import('./events').then((m) => m.Events), loading) }
