import type { Slot } from '../../state'
import { Terminal } from './terminal'

/** Every command with its output, and a line to type the next one. */
export const terminalTab: Slot = { id: 'terminal', title: 'Terminal', Component: Terminal }
