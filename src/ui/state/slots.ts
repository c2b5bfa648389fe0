import type { ComponentType } from 'react'
import type { Selection } from './ui-state'

/** A place in the shell that a feature fills. The shell's `feature-slots.ts` lists them; order there is order on screen. */
export interface Slot {
  readonly id: string
  readonly title: string
  /** May come when it is shown: `lazily()` of the kit. */
  readonly Component: ComponentType
  readonly Icon?: ComponentType<{ className?: string }> | undefined
}

/** A tab of the inspector; `for` says for which selections it has something to show (null: nothing is selected). */
export interface InspectorTab extends Slot {
  readonly for: (selection: Selection | null) => boolean
}

/** A dialog; open while `ui.dialog.name` is its id. Gets its subject by `useUi((ui) => ui.dialog)`. */
export type DialogSlot = Pick<Slot, 'id' | 'Component'>

/** Everything that features put into the shell. */
export interface FeatureSlots {
  /** Segmented control in the top bar; fills the middle. */
  readonly views: readonly Slot[]
  readonly railTabs: readonly Slot[]
  readonly inspectorTabs: readonly InspectorTab[]
  readonly dockTabs: readonly Slot[]
  /** Head of the inspector: ring, name, kind, menu of actions. */
  readonly inspectorHeader: ComponentType | null
  /** The wide part of the bottom. */
  readonly timeline: Slot | null
  readonly dialogs: readonly DialogSlot[]
}
