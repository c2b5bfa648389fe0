import { lazy } from 'react'
import type { Slot } from '../../state'

export { forgetShells, keepShells } from './shells'

/** Every command with its output, and a line to type the next one. */
export const terminalTab: Slot = { id: 'terminal', title: 'Terminal', Component: lazy(() => import('./terminal').then((m) => ({ default: m.Terminal }))) }
