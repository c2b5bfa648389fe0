import { lazy } from 'react'
import type { DialogSlot } from '../../state'

/** Sets the image of a workload's container. */
export const setImageDialog: DialogSlot = { id: 'set-image', Component: lazy(() => import('./set-image').then((m) => ({ default: m.SetImage }))) }
