import { useEffect, useEffectEvent, useLayoutEffect } from 'react'

/** Draws after each render and, at most once per animation frame, whenever something that was subscribed to wakes. */
export function usePaint(draw: () => void, subscribe: (wake: () => void) => () => void): void {
  const redraw = useEffectEvent(draw)
  useLayoutEffect(() => redraw())
  useEffect(() => {
    let frame = 0
    const stop = subscribe(() => {
      frame ||= requestAnimationFrame(() => {
        frame = 0
        redraw()
      })
    })
    return () => {
      cancelAnimationFrame(frame)
      stop()
    }
  }, [subscribe])
}
