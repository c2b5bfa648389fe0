import { useEffectEvent, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { clockText } from '../../kit'
import { useKubeloop, useSession, useUi } from '../../state'
import { branchRowsHeight } from './branch-strip'
import type { Lanes } from './lanes'
import type { Layout } from './layout'
import { rulerHeight } from './paint'
import { TrackView } from './track-view'

const tipWidth = 320

/**
 * Ticks and playhead on one canvas as wide as the window; the page scrolls under it, so 20,000 steps cost what is visible.
 * Click seeks, drag scrubs, arrows step (with Shift: milestones), Home and End jump.
 */
export function Track({ layout, lanes, laneHeight, onZoom, children }: {
  readonly layout: Layout
  readonly lanes: Lanes
  readonly laneHeight: number
  readonly onZoom: (factor: number) => void
  readonly children: ReactNode
}) {
  const { send, clock } = useKubeloop()
  const box = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const view = useRef<TrackView | null>(null)
  const filter = useUi((ui) => ui.controllerFilter)
  const step = useSession((s) => s.step)
  const last = useSession((s) => s.lastStep)
  const head = useSession((s) => s.clock.head)
  const branches = useSession((s) => s.branches.length)
  const caption = useSession((s) => s.current?.caption)
  const [hover, setHover] = useState<{ readonly left: number; readonly text: string } | null>(null)
  const zoom = useEffectEvent((factor: number) => onZoom(factor))
  const height = rulerHeight + lanes.lanes.length * laneHeight + branchRowsHeight(branches)

  useLayoutEffect(() => {
    if (!box.current || !canvas.current) return
    const { current: element } = box
    const made = new TrackView(element, canvas.current, {
      now: () => clock.now,
      seek: (to) => send({ type: 'seek', to }),
      zoom: (factor) => zoom(factor),
      hover: (under, x) => setHover(under ? { left: Math.max(4, Math.min(x + 8, element.scrollLeft + element.clientWidth - tipWidth - 8)), text: `${under.n}  ${clockText(under.at)}  ${under.caption}` } : null),
    })
    view.current = made
    const stop = clock.subscribe(() => made.repaint())
    return () => {
      stop()
      made.dispose()
      view.current = null
    }
  }, [clock, send])
  useLayoutEffect(() => view.current?.update({ layout, lanes, laneHeight, height, step, head, filter }), [layout, lanes, laneHeight, height, step, head, filter])

  const onKeyDown = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : undefined
    if (by !== undefined) send(event.shiftKey ? { type: 'milestone', by } : { type: 'step', by })
    else if (event.key === 'Home') send({ type: 'seek', to: { at: 0 } })
    else if (event.key === 'End') send({ type: 'seek', to: { step: last } })
    else if (event.key === '+' || event.key === '=') onZoom(2)
    else if (event.key === '-') onZoom(0.5)
    else return
    event.preventDefault()
    event.stopPropagation()
    view.current?.follow()
  }

  return (
    <div ref={box} className="relative min-w-0 flex-1 self-start overflow-x-auto overflow-y-hidden">
      <div className="relative" style={{ width: `max(100%, ${Math.ceil(layout.width)}px)`, height }}>
        {/* A range input can neither hold a picture nor step by milestones. */}
        {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role */}
        <div role="slider"
          tabIndex={0} aria-label="Playhead" aria-valuemin={0} aria-valuemax={last} aria-valuenow={step} aria-valuetext={`Step ${step} of ${last}${caption ? `: ${caption}` : ''}`}
          className="sticky left-0 w-max cursor-pointer touch-pan-x focus-visible:-outline-offset-2" onKeyDown={onKeyDown}
        >
          <canvas ref={canvas} className="block" />
        </div>
        {children}
        {hover && (
          <div aria-hidden="true" className="pop tip absolute! z-10 truncate" style={{ left: hover.left, top: rulerHeight + 4, maxWidth: tipWidth }}>
            {hover.text}
          </div>
        )}
      </div>
    </div>
  )
}
