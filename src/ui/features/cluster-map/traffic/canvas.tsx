import { useEffect, useRef } from 'react'
import { reducedMotion, useSimClock } from '../../../kit'
import { useKubeloop, useUi } from '../../../state'
import { useViewport } from '../flow'
import { useTrafficView } from './context'
import { TrafficPainter, mostDots, type Palette } from './paint'

/** Real time that a request is seen for at speed 1. Units: ms. */
const seenMs = 900

/** Requests over the map, on a canvas of the window's size; drawn when simulated time, the view, or the data changes. */
export function TrafficCanvas() {
  const kubeloop = useKubeloop()
  const clock = useSimClock()
  const viewport = useViewport()
  const { places, journey } = useTrafficView()
  const theme = useUi((ui) => ui.theme)
  const canvas = useRef<HTMLCanvasElement>(null)
  const words = useRef<HTMLDivElement>(null)
  const painter = useRef<TrafficPainter | null>(null)
  const selected = journey?.id ?? 0
  useEffect(() => {
    if (painter.current) painter.current.lay(places)
    else painter.current = new TrafficPainter(places)
    const element = canvas.current
    const context = element?.getContext('2d')
    const box = element?.parentElement
    const drawer = painter.current
    if (!element || !context || !box) return
    const colors = paletteOf(element)
    const dots = !reducedMotion()
    let frame = 0
    let [cost, paints] = [0, 0]
    let text = ''
    const resize = (): void => {
      element.width = Math.round(box.clientWidth * devicePixelRatio)
      element.height = Math.round(box.clientHeight * devicePixelRatio)
      element.style.width = `${box.clientWidth}px`
      element.style.height = `${box.clientHeight}px`
      plan()
    }
    const paint = (): void => {
      frame = 0
      const began = performance.now()
      const [x, y, zoom] = viewport.read()
      const scale = zoom * devicePixelRatio
      context.setTransform(1, 0, 0, 1, 0, 0)
      context.clearRect(0, 0, element.width, element.height)
      context.setTransform(scale, 0, 0, scale, x * devicePixelRatio, y * devicePixelRatio)
      const { pace } = kubeloop.session.getState().clock
      const drawn = drawer.paint(context, kubeloop.traffic, clock.now, seenMs * 1000 * pace.factor, colors, { dots, selected })
      const failed = [...drawn.failed].map(([word, n]) => `${word} ${n}`).join(', ')
      const next = [drawn.aggregated ? `${drawn.inFlight} on the way, more than ${mostDots}: drawn by width` : '', failed].filter(Boolean).join(' · ')
      if (next !== text && words.current) {
        text = next
        words.current.textContent = next
        words.current.hidden = next === ''
      }
      cost += performance.now() - began
      if (++paints % 30 === 0) {
        element.dataset.paintMs = (cost / 30).toFixed(3) // read by the bench
        element.dataset.drawn = `${drawn.inFlight} ${drawn.dots}`
        cost = 0
      }
    }
    // Once per picture of the screen, however many things have changed.
    const plan = (): void => { frame ||= requestAnimationFrame(paint) }
    const observer = new ResizeObserver(resize)
    observer.observe(box)
    const stops = [clock.subscribe(plan), viewport.subscribe(plan), kubeloop.traffic.subscribe(plan)]
    resize()
    return () => {
      cancelAnimationFrame(frame)
      observer.disconnect()
      for (const stop of stops) stop()
    }
  }, [kubeloop, clock, viewport, places, selected, theme])
  return (
    <>
      <canvas ref={canvas} className="traffic-canvas" aria-hidden="true" />
      <div ref={words} className="traffic-words" hidden />
    </>
  )
}

function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return { line: token('line3'), dot: token('ok'), err: token('err'), errSoft: token('err-soft'), text: token('text'), ground: token('bg1'), font: `11px ${token('font-ui') || 'sans-serif'}` }
}
