import { useSyncExternalStore } from 'react'
import type { Kubeloop } from '../../../state'

/** What the pointer or the keyboard is on: a node's name or a pod's `namespace/name`; empty: nothing. Outside React, for the canvas. */
export class Focus {
  value = ''
  readonly #listeners = new Set<() => void>()

  set(value: string): void {
    if (value === this.value) return
    this.value = value
    for (const listener of this.#listeners) listener()
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

/** What is looked at. */
export function useFocus(focus: Focus): string {
  return useSyncExternalStore(focus.subscribe, () => focus.value)
}

/** Follows pointer and keyboard on the map. Only the keyboard's focus that shows counts, so a click does not leave everything dim. */
export function watchFocus(map: HTMLElement, kubeloop: Kubeloop, focus: Focus): () => void {
  const nameOf = (target: EventTarget | null): string => {
    const element = target instanceof Element ? target.closest<HTMLElement>('[data-obj^="pod:"], [data-obj^="node:"], [data-hit^="node:"]') : null
    const text = element?.dataset.obj ?? element?.dataset.hit ?? ''
    if (text.startsWith('node:')) return text.slice(5)
    const pod = kubeloop.pods.get(text.slice(4))
    return pod ? `${pod.namespace}/${pod.name}` : ''
  }
  const over = (event: PointerEvent): void => { if (event.pointerType === 'mouse') focus.set(nameOf(event.target)) }
  const leave = (): void => focus.set('')
  const into = (event: FocusEvent): void => { if (event.target instanceof Element && event.target.matches(':focus-visible')) focus.set(nameOf(event.target)) }
  map.addEventListener('pointerover', over)
  map.addEventListener('pointerleave', leave)
  map.addEventListener('focusin', into)
  map.addEventListener('focusout', leave)
  return () => {
    map.removeEventListener('pointerover', over)
    map.removeEventListener('pointerleave', leave)
    map.removeEventListener('focusin', into)
    map.removeEventListener('focusout', leave)
  }
}
