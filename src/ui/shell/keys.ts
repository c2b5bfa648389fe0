import type { Kubeloop } from '../state'
import { undoLatest } from '../features/toasts'

/** Keys that work anywhere on the page, as the help lists them. */
export const globalKeys: readonly (readonly [keys: string, meaning: string])[] = [
  ['Space', 'Play or pause'],
  ['. and ,', 'Step forward, step back'],
  ['M', 'Next milestone'],
  ['1 2 3', 'Views'],
  ['[ ] `', 'Rail, inspector, bottom panel'],
  ['W', 'Why is what is selected as it is?'],
  ['/', 'Find in the list'],
  ['Ctrl+Z', 'Undo the last action'],
  ['?', 'This list'],
]

/** Keys of an object that has the focus on the map. */
export const objectKeys: readonly (readonly [keys: string, meaning: string])[] = [
  ['Arrows', 'Move over the map'],
  ['Enter', 'Select; again: go into a node'],
  ['Esc', 'Go out, close'],
  ['Shift+F10', 'All actions; on touch: a long press'],
  ['E', 'Node, pod: YAML'],
  ['K C D', 'Node: power, cordon, drain'],
  ['K S', 'Component: crash, stop or start'],
  ['Delete', 'Pod: delete'],
  ['+ −', 'Pod: scale its workload'],
  ['Wheel, pinch', 'Closer: details; farther: counts'],
]

/** Listens to the keys of the whole page. Typing and open dialogs keep theirs. */
export function listenToKeys(kubeloop: Kubeloop): () => void {
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isTyping(event.target) || document.querySelector('dialog[open], [role="menu"]:popover-open')) return
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !event.shiftKey) {
      event.preventDefault()
      return undoLatest(kubeloop)
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === ' ' && event.target instanceof Element && event.target.closest('button, a, summary, [role="tab"]')) return
    const act = commands(kubeloop)[event.key === ' ' ? 'Space' : event.key.toLowerCase()]
    if (!act) return
    event.preventDefault()
    act()
  }
  document.addEventListener('keydown', onKeyDown)
  return () => document.removeEventListener('keydown', onKeyDown)
}

function commands(kubeloop: Kubeloop): Readonly<Record<string, (() => void) | undefined>> {
  const { send, setUi, slots } = kubeloop
  const ui = kubeloop.ui.getState()
  const { playing } = kubeloop.session.getState().clock
  const view = (n: number) => {
    const slot = slots.views[n]
    return slot && (() => setUi({ view: slot.id }))
  }
  return {
    Space: () => send({ type: playing ? 'pause' : 'play' }),
    '.': () => send({ type: 'step', by: 1 }),
    ',': () => send({ type: 'step', by: -1 }),
    m: () => send({ type: 'milestone', by: 1 }),
    1: view(0),
    2: view(1),
    3: view(2),
    '[': () => setUi({ rail: !ui.rail }),
    ']': () => setUi({ inspector: !ui.inspector }),
    '`': () => setUi({ bottom: !ui.bottom }),
    '/': slots.views.some(({ id }) => id === 'list') ? () => setUi({ view: 'list', focus: 'find' }) : undefined,
    '?': () => setUi({ dialog: { name: 'shortcuts', key: '' } }),
    w: slots.inspectorTabs.some(({ id, for: fits }) => id === 'why' && fits(ui.selection)) ? () => setUi({ inspector: true, inspectorTab: 'why' }) : undefined,
    escape: ui.selection ? () => kubeloop.select(null) : undefined,
  }
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select, input:not([type="range"], [type="checkbox"], [type="radio"])'))
}
