import { lazily, loading } from '../../kit'
import type { Slot } from '../../state'

export { forgetShells, keepShells } from './shells'

/** Every command with its output, and a line to type the next one. */
export const terminalTab: Slot = { id: 'terminal', title: 'Terminal', Component: lazily(() => import('./terminal').then((m) => m.Terminal), loading) }
