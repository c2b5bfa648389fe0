import { List } from 'lucide-react'
import { lazily, loading } from '../../kit'
import type { Slot } from '../../state'

/** All that the map shows, as a list: the default on phones, and what screen readers read best. */
export const listView: Slot = { id: 'list', title: 'List', Icon: List, Component: lazily(() => import('./list-view').then((m) => m.ListView), loading) }
