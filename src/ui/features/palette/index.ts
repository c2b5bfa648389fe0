import { Plus } from 'lucide-react'
import type { Slot } from '../../state'
import { Palette } from './palette'

/** Things to add and to break. */
export const paletteTab: Slot = { id: 'build', title: 'Build', Component: Palette, Icon: Plus }
