/** What is selected: a row of a table, a component, an etcd member, a step, or a request by its number. Keys as in the frames. */
export interface Selection {
  readonly kind: 'pod' | 'node' | 'workload' | 'service' | 'object' | 'component' | 'member' | 'step' | 'request'
  readonly key: string
}

export type Theme = 'dark' | 'light'

/** How closely nodes are drawn. `auto`: by their number. */
export type Detail = 'auto' | 'tiles' | 'cards' | 'pods'

/** A short message; an action with `undo` offers the way back for as long as it is shown. */
export interface Toast {
  readonly id: number
  readonly tone: 'plain' | 'error'
  readonly text: string
  /** The kubectl line that does the same, shown to the learner. */
  readonly command?: string | undefined
  /** Moment and branch before the action, to go back to. */
  readonly undo?: boolean | undefined
}

/** A dialog that is open. Features register dialogs by this name in their slot. */
export interface OpenDialog {
  readonly name: string
  readonly key: string
}

/** The page's own small state (law 9): nothing in it is about the cluster. */
export interface UiState {
  theme: Theme
  /** Id of the view in the middle: `map`, `list`, … */
  view: string
  detail: Detail
  /** The map shows each renewal of a lease, not only its ring. */
  heartbeats: boolean
  /** What the map shows: the control plane's messages, or requests. */
  layer: 'control' | 'traffic'
  /** Service whose rules the traffic layer shows, `namespace/name`; empty: the one with the most requests. */
  trafficService: string
  /** Place in the selected request's journey; -1: all of it. */
  hop: number
  selection: Selection | null
  rail: boolean
  railTab: string
  inspector: boolean
  inspectorTab: string
  bottom: boolean
  /** Which of timeline and dock shows when they share one panel. */
  bottomTab: string
  dockTab: string
  /** A controller whose steps the timeline shows alone. */
  controllerFilter: string | null
  toasts: Toast[]
  dialog: OpenDialog | null
  /** Another moment was asked for and is not there yet. */
  seeking: boolean
  /** Asks a feature to take the keyboard focus, e.g. `find`; whoever takes it sets it back. */
  focus: string | null
}

/** How the page opens. */
export const initialUi: UiState = {
  theme: 'dark',
  view: 'map',
  detail: 'auto',
  heartbeats: false,
  layer: 'control',
  trafficService: '',
  hop: -1,
  selection: null,
  rail: true,
  railTab: 'build',
  inspector: true,
  inspectorTab: 'summary',
  bottom: true,
  bottomTab: 'timeline',
  dockTab: 'terminal',
  controllerFilter: null,
  toasts: [],
  dialog: null,
  seeking: false,
  focus: null,
}
