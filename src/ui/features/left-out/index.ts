import { lazy } from 'react'
import type { DialogSlot } from '../../state'

/** "What this model leaves out", from the READMEs of the rooms. */
export const leftOutDialog: DialogSlot = { id: 'left-out', Component: lazy(() => import('./left-out').then((m) => ({ default: m.LeftOut }))) }
