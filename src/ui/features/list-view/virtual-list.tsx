import { useEffect, useRef, useState, type ReactNode } from 'react'

/** Below this many rows all are in the document, so that the browser's own find works. */
const drawAllBelow = 400
const overscan = 8

/** Rows of known heights; only those near the window are in the document. Each says its place to screen readers. */
export function VirtualList<T extends { readonly key: string }>({ label, items, heightOf, render, reveal }: {
  readonly label: string
  readonly items: readonly T[]
  readonly heightOf: (item: T) => number
  readonly render: (item: T) => ReactNode
  /** Key of a row to bring into view when it changes. */
  readonly reveal: string | null
}) {
  const box = useRef<HTMLDivElement>(null)
  const [view, setView] = useState({ top: 0, height: 800 })
  const tops = new Float64Array(items.length + 1)
  items.forEach((item, i) => (tops[i + 1] = (tops[i] ?? 0) + heightOf(item)))
  const total = tops[items.length] ?? 0
  const all = items.length <= drawAllBelow
  const first = all ? 0 : Math.max(0, firstBelow(tops, view.top) - overscan)
  const last = all ? items.length : Math.min(items.length, firstBelow(tops, view.top + view.height) + overscan)

  useEffect(() => {
    const element = box.current
    if (!element) return
    const read = (): void => setView({ top: element.scrollTop, height: element.clientHeight })
    const observer = new ResizeObserver(read)
    observer.observe(element)
    element.addEventListener('scroll', read, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', read)
    }
  }, [])

  const at = reveal === null ? -1 : items.findIndex(({ key }) => key === reveal)
  const place = at < 0 ? -1 : (tops[at] ?? 0)
  useEffect(() => {
    const element = box.current
    if (!element || place < 0) return
    if (place < element.scrollTop || place > element.scrollTop + element.clientHeight - 60) element.scrollTop = Math.max(0, place - element.clientHeight / 3)
    // Only when another row is asked for, not whenever rows above it come and go.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [reveal])

  return (
    <div ref={box} className="min-h-0 flex-1 overflow-y-auto overscroll-contain" data-scroll="list">
      <ul aria-label={label} className="relative" style={{ height: total }}>
        {items.slice(first, last).map((item, i) => (
          <li key={item.key} aria-setsize={items.length} aria-posinset={first + i + 1} className="absolute inset-x-0" style={{ top: tops[first + i], height: heightOf(item) }}>
            {render(item)}
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Index of the last row that begins at or above a place. */
function firstBelow(tops: Float64Array, place: number): number {
  let low = 0
  let high = tops.length - 1
  while (low < high) {
    const mid = (low + high + 1) >> 1
    if ((tops[mid] ?? 0) <= place) low = mid
    else high = mid - 1
  }
  return low
}
