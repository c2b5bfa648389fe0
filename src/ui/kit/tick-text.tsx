import { useRef } from 'react'
import { useTick } from './sim-clock'

/** Text that depends on simulated time; it changes outside React, and only when the words do. */
export function TickText({ text, className }: { readonly text: (now: number) => string; readonly className?: string }) {
  const span = useRef<HTMLSpanElement>(null)
  useTick((now) => {
    const words = text(now)
    if (span.current && span.current.textContent !== words) span.current.textContent = words
  })
  return <span ref={span} className={className} />
}
