import type { Kubeloop } from '../../state'
import type { MapView } from './flow'
import { actionsOf, activate, objectAt, type MapObject } from './map-objects'

type Direction = 'ArrowUp' | 'ArrowDown' | 'ArrowLeft' | 'ArrowRight'

/**
 * The map is one tab stop: one of its objects has tabindex 0, the one that had the focus last. Arrows move by geometry
 * among the objects of a level, Enter selects and then goes in, Esc goes out.
 */
export function keepOneTabStop(root: HTMLElement): void {
  if (root.querySelector('[data-obj][tabindex="0"]')) return
  root.querySelector('[data-obj][data-level="0"]')?.setAttribute('tabindex', '0')
}

/** The focus has come to an object: it is the tab stop from now on. */
export function noteFocus(root: HTMLElement, target: EventTarget | null): void {
  if (!(target instanceof HTMLElement) || !target.dataset.obj) return
  for (const old of root.querySelectorAll('[data-obj][tabindex="0"]')) if (old !== target) old.setAttribute('tabindex', '-1')
  target.setAttribute('tabindex', '0')
}

/** A key on a focused object. True when it was one of the map's. */
export function handleKey(kubeloop: Kubeloop, root: HTMLElement, view: MapView | null, event: { readonly key: string; readonly shiftKey: boolean; readonly ctrlKey: boolean; readonly metaKey: boolean; readonly target: EventTarget }, openMenu: (object: MapObject, element: HTMLElement) => void): boolean {
  const element = event.target instanceof HTMLElement ? event.target.closest<HTMLElement>('[data-obj]') : null
  const object = element && objectAt(element)
  if (!element || !object || event.ctrlKey || event.metaKey) return false
  const focus = (next: HTMLElement | null): boolean => {
    if (!next) return false
    next.focus({ preventScroll: true })
    view?.reveal(next)
    return true
  }
  if (isDirection(event.key)) return focus(nearest(peers(root, element), element, event.key)) || true
  if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
    openMenu(object, element)
    return true
  }
  if (event.key === 'Enter' || (event.key === ' ' && object.kind === 'step')) {
    const selected = element.getAttribute('aria-pressed') === 'true'
    if (selected && element.dataset.level === '0' && focus(inside(element)[0] ?? null)) return true
    if (object.kind === 'step') return false
    activate(kubeloop, object)
    return true
  }
  if (event.key === 'Escape' && element.dataset.level === '1') return focus(owner(element))
  const action = actionsOf(kubeloop, object).actions.find(({ key }) => key !== undefined && key.toLowerCase() === (event.key === '=' ? '+' : event.key.toLowerCase()))
  if (!action) return false
  action.run()
  return true
}

function isDirection(key: string): key is Direction {
  return key === 'ArrowUp' || key === 'ArrowDown' || key === 'ArrowLeft' || key === 'ArrowRight'
}

/** Objects that the arrows move among: all cards, or what is in one of them. */
function peers(root: HTMLElement, element: HTMLElement): readonly HTMLElement[] {
  const around = element.dataset.level === '1' ? (element.closest('section') ?? root) : root
  return [...around.querySelectorAll<HTMLElement>(`[data-obj][data-level="${element.dataset.level ?? '0'}"]`)]
}

function inside(element: HTMLElement): readonly HTMLElement[] {
  return [...(element.closest('section')?.querySelectorAll<HTMLElement>('[data-obj][data-level="1"]') ?? [])]
}

function owner(element: HTMLElement): HTMLElement | null {
  return element.closest('section')?.querySelector<HTMLElement>('[data-obj][data-level="0"]') ?? null
}

/** The closest one in a direction; sideways distance counts double. Cards are measured whole, not by their heads. */
function nearest(candidates: readonly HTMLElement[], from: HTMLElement, direction: Direction): HTMLElement | null {
  const a = boxOf(from)
  let best: HTMLElement | null = null
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    if (candidate === from) continue
    const b = boxOf(candidate)
    const vertical = direction === 'ArrowUp' || direction === 'ArrowDown'
    const ahead = { ArrowUp: a.top - b.bottom, ArrowDown: b.top - a.bottom, ArrowLeft: a.left - b.right, ArrowRight: b.left - a.right }[direction]
    if (ahead < -2) continue
    const aside = vertical ? between(a.left, a.right, b.left, b.right) : between(a.top, a.bottom, b.top, b.bottom)
    const distance = Math.max(0, ahead) + 2 * aside
    if (distance < least) [best, least] = [candidate, distance]
  }
  return best
}

function boxOf(element: HTMLElement): DOMRect {
  return (element.dataset.level === '0' ? (element.closest('section:not(.zone)') ?? element) : element).getBoundingClientRect()
}

/** Gap between two ranges plus a little for the distance of their centres, so that of several the middle one wins. */
function between(a1: number, a2: number, b1: number, b2: number): number {
  return Math.max(0, b1 - a2, a1 - b2) + Math.abs(a1 + a2 - b1 - b2) / 20
}
