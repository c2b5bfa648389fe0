import { lazily } from '../../kit'
import type { DialogSlot } from '../../state'

/** "What this model leaves out", from the READMEs of the rooms. */
export const leftOutDialog: DialogSlot = { id: 'left-out', Component: lazily(() => import('./left-out').then((m) => m.LeftOut)) }
