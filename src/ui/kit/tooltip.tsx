import { useEffect, useRef } from 'react'
import { listen } from './listen'
import { placeAt } from './place'

/** Shows the `data-tip` of whatever is hovered or has the keyboard focus. One for the page, so a thousand tiles cost nothing. */
export function TooltipHost() {
  const tip = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = tip.current
    if (!element) return
    let timer = 0
    let pressed: Element | null = null
    const hide = (): void => {
      clearTimeout(timer)
      if (element.matches(':popover-open')) element.hidePopover()
    }
    const plan = (target: EventTarget | null, delay: number): void => {
      hide()
      const owner = target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null
      if (owner !== pressed) pressed = null
      if (!owner || owner === pressed) return // what was just pressed has been understood
      timer = window.setTimeout(() => {
        const text = owner.dataset.tip
        if (!text || !owner.isConnected) return
        element.textContent = text
        element.showPopover()
        placeAt(element, owner.getBoundingClientRect(), 6)
      }, delay)
    }
    const over = (event: PointerEvent): void => {
      if (event.pointerType === 'mouse') plan(event.target, 500)
    }
    const focus = (event: FocusEvent): void => {
      if (event.target instanceof Element && event.target.matches(':focus-visible')) plan(event.target, 500)
    }
    const key = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') hide()
    }
    const press = (event: PointerEvent): void => {
      hide()
      pressed = event.target instanceof Element ? event.target.closest('[data-tip]') : null
    }
    const stop = listen(document, { pointerover: over, focusin: focus, focusout: hide, pointerdown: press, keydown: key })
    return () => {
      hide()
      stop()
    }
  }, [])
  return <div ref={tip} popover="manual" aria-hidden="true" className="pop tip" />
}
