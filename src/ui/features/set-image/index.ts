import { lazily } from '../../kit'
import type { DialogSlot } from '../../state'

/** Sets the image of a workload's container. */
export const setImageDialog: DialogSlot = { id: 'set-image', Component: lazily(() => import('./set-image').then((m) => m.SetImage)) }
