import { lazily, loading } from '../../kit'
import type { DialogSlot, Slot } from '../../state'

export { DropTarget } from './drop-target'
export { EditRequests } from './edit-requests'

/** The YAML tab of the dock: paste, drop or pick manifests, and apply them. */
export const applyTab: Slot = { id: 'apply', title: 'YAML', Component: lazily(() => import('./apply-panel').then((m) => m.ApplyPanel), loading) }

/** The same as a dialog, for narrow screens and dropped files. */
export const applyDialog: DialogSlot = { id: 'apply', Component: lazily(() => import('./apply-panel').then((m) => m.ApplyDialog)) }

/** The editor that a command waits for. */
export const editDialog: DialogSlot = { id: 'edit', Component: lazily(() => import('./edit-dialog').then((m) => m.EditDialog)) }

/** An object of the cluster, to be changed and put back. */
export const editObjectDialog: DialogSlot = { id: 'edit-object', Component: lazily(() => import('./edit-object').then((m) => m.EditObject)) }
