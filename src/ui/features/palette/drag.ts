import type { DragEvent as ReactDragEvent } from 'react'
import type { MenuItem } from '../../kit'

/** Where a dragged item may be dropped: an element to point out, and what happens there. */
export interface Drop {
  readonly element: Element
  readonly run: () => void
}

/** Says for an element of the page whether the dragged item may be dropped there. */
export type FindDrop = (under: Element) => Drop | null

/** Anywhere on the map. */
export const onMap = (run: () => void): FindDrop => (under) => {
  const element = under.closest('.map')
  return element && { element, run }
}

/** On one of the targets: objects of the map say in `data-obj` or `data-hit` what they are. */
export const onTarget = (items: readonly MenuItem[]): FindDrop => (under) => {
  for (let element = under.closest('[data-obj], [data-hit]'); element; element = element.parentElement?.closest('[data-obj], [data-hit]') ?? null) {
    const object = element.getAttribute('data-obj') ?? element.getAttribute('data-hit') ?? ''
    const item = items.find(({ id }) => object.slice(object.indexOf(':') + 1) === id)
    if (item) return { element, run: item.run }
  }
  return null
}

/** Follows a drag to its end, and points out what it may be dropped on. Choosing from a menu does the same without a mouse. */
export function startDrag(event: ReactDragEvent, title: string, find: FindDrop): void {
  event.dataTransfer.setData('text/plain', title)
  event.dataTransfer.effectAllowed = 'copy'
  const ended = new AbortController()
  let marked: Element | null = null
  const mark = (element: Element | null): void => {
    if (element === marked) return
    marked?.removeAttribute('data-drop')
    element?.setAttribute('data-drop', '')
    marked = element
  }
  const dropAt = ({ target }: DragEvent): Drop | null => (target instanceof Element ? find(target) : null)
  const { signal } = ended
  document.addEventListener('dragover', (over) => {
    const drop = dropAt(over)
    mark(drop?.element ?? null)
    if (!drop) return
    over.preventDefault()
    if (over.dataTransfer) over.dataTransfer.dropEffect = 'copy'
  }, { signal })
  document.addEventListener('drop', (dropped) => {
    const drop = dropAt(dropped)
    if (!drop) return
    dropped.preventDefault()
    drop.run()
  }, { signal })
  document.addEventListener('dragend', () => {
    mark(null)
    ended.abort()
  }, { signal })
}
