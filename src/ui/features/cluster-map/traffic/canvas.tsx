import { useEffect, useRef } from 'react'
import { reducedMotion, useSimClock } from '../../../kit'
import { useKubeloop, useUi } from '../../../state'
import { useViewport } from '../flow'
import { useTrafficView } from './context'
import { TrafficPainter, rateText, type Drawn } from './paint'
import type { Palette } from './pills'

/** Real time that a request is seen for at speed 1. Units: ms. */
const seenMs = 900

/** Time between two descriptions in words. Units: real ms. */
const sayMs = 1000

/** Pods in a description. */
const mostSaid = 30

/** Requests over the map, on a canvas of the window's size; drawn when simulated time, the view, or the data changes. */
export function TrafficCanvas() {
  const kubeloop = useKubeloop()
  const clock = useSimClock()
  const viewport = useViewport()
  const { places, journey, focus } = useTrafficView()
  const theme = useUi((ui) => ui.theme)
  const canvas = useRef<HTMLCanvasElement>(null)
  const words = useRef<HTMLOutputElement>(null)
  const told = useRef<HTMLUListElement>(null)
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
    let saidAt = 0
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
      const drawn = drawer.paint(context, kubeloop.traffic, clock.now, seenMs * 1000 * pace.factor, colors, { dots, selected, focus: focus.value })
      const next = wordsOf(drawn)
      if (next !== text && words.current) {
        text = next
        words.current.textContent = next
        words.current.hidden = next === ''
      }
      // What is drawn, for those who read: not at every picture.
      if (began - saidAt > sayMs || !kubeloop.session.getState().clock.playing) {
        saidAt = began
        say(told.current, drawn)
      }
      cost += performance.now() - began
      // Read by the bench and the browser tests.
      element.dataset.drawn = `${drawn.aggregated ? 'flows' : 'dots'} ${drawn.dots} ${drawn.own}`
      if (++paints % 30 === 0) {
        element.dataset.paintMs = (cost / 30).toFixed(3)
        cost = 0
      }
    }
    // Once per picture of the screen, however many things have changed.
    const plan = (): void => { frame ||= requestAnimationFrame(paint) }
    const observer = new ResizeObserver(resize)
    observer.observe(box)
    const stops = [clock.subscribe(plan), viewport.subscribe(plan), kubeloop.traffic.subscribe(plan), focus.subscribe(plan)]
    resize()
    return () => {
      cancelAnimationFrame(frame)
      observer.disconnect()
      for (const stop of stops) stop()
    }
  }, [kubeloop, clock, viewport, places, selected, theme, focus])
  return (
    <>
      <canvas ref={canvas} className="traffic-canvas" aria-hidden="true" />
      <output ref={words} className="traffic-words" hidden />
      <ul ref={told} className="sr-only" aria-label="Requests on the map" />
    </>
  )
}

function wordsOf({ aggregated, failed }: Drawn): string {
  const reasons = [...failed].map(([word, rate]) => (rate > 0 ? `${word} ${rateText(rate)}` : word)).join(', ')
  return [aggregated ? 'Too many for dots: lines by width' : '', reasons].filter(Boolean).join(' · ')
}

/** Writes what the picture says as a list. */
function say(list: HTMLUListElement | null, { reached, failed }: Drawn): void {
  if (!list) return
  const lines = [...[...reached].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, mostSaid).map(([pod, rate]) => `${pod}: ${rateText(rate)}`), ...[...failed].map(([word, rate]) => `Failed, ${word}${rate > 0 ? `: ${rateText(rate)}` : ''}`)]
  if (lines.join('\n') === [...list.children].map((line) => line.textContent).join('\n')) return
  list.replaceChildren(...lines.map((line) => Object.assign(document.createElement('li'), { textContent: line })))
}

function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return { line: token('line3'), dot: token('ok'), own: token('accent'), err: token('err'), errSoft: token('err-soft'), text: token('text'), ground: token('bg1'), font: `11px ${token('font-ui') || 'sans-serif'}` }
}
