import { useLayoutEffect, useRef, type RefObject } from 'react'
import { reducedMotion } from '../../../kit'
import { useKubeloop } from '../../../state'

/** Fade of a tile whose pod is gone. Units: ms. */
const fadeMs = 200

/** Up to this speed one watches what leaves; when time runs faster, and after a jump, tiles go at once. */
const watchedUpTo = 4

/** A tile whose pod is gone fades where it was: a picture of it stays for a moment, and is nothing that one could press. */
export function useLeave(podKey: string): RefObject<HTMLButtonElement | null> {
  const { pods, session } = useKubeloop()
  const tile = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => {
    const element = tile.current
    return () => {
      const room = element?.parentElement
      const { playing, pace } = session.getState().clock
      if (!element || !room || pods.get(podKey) || !playing || pace.factor > watchedUpTo || reducedMotion()) return
      const picture = element.cloneNode(true) as HTMLElement
      for (const name of ['data-obj', 'data-tip', 'aria-label', 'tabindex']) picture.removeAttribute(name)
      picture.inert = true
      picture.ariaHidden = 'true'
      Object.assign(picture.style, { position: 'absolute', left: `${element.offsetLeft}px`, top: `${element.offsetTop}px`, width: `${element.offsetWidth}px`, animation: 'none' })
      room.append(picture)
      const fade = picture.animate([{ opacity: 1 }, { opacity: 0 }], { duration: fadeMs, easing: 'cubic-bezier(.2,.7,.2,1)' })
      fade.onfinish = fade.oncancel = () => picture.remove()
    }
  }, [pods, session, podKey])
  return tile
}
