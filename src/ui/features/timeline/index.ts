import type { Slot } from '../../state'
import { Timeline } from './timeline'

/** The steps of the branch over lanes of who acted; the playhead; branches below. */
export const timelineSlot: Slot = { id: 'timeline', title: 'Timeline', Component: Timeline }
