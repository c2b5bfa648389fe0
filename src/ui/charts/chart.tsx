import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { clockText } from '../kit'
import { useUi } from '../state'

/** A line of a chart. `color` is a token. */
export interface Line {
  readonly label: string
  readonly color: string
  readonly width?: number
  /** A value holds until the next. */
  readonly steps?: boolean
  readonly dash?: readonly number[]
  readonly values: readonly (number | null)[]
}

/** A stretch of time with a name. Units: s. */
export interface Band {
  readonly from: number
  readonly to: number
  readonly text: string
}

/** A moment at which something happened. Units: s. */
export interface Mark {
  readonly at: number
  readonly text: string
}

/** Lines over simulated time, with flags where something happened. `times` in s. Redrawn, not re-made, when the values change. */
export function Chart({ title, times, lines, marks, bands = none, height = 92, format, from, to, most }: {
  readonly title: string
  readonly times: readonly number[]
  readonly lines: readonly Line[]
  readonly marks: readonly Mark[]
  readonly bands?: readonly Band[]
  readonly height?: number
  readonly format: (value: number) => string
  /** Units: s. */
  readonly from: number
  readonly to: number
  /** Upper end of the scale; when left out, of the values. */
  readonly most?: number
}) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | null>(null)
  const theme = useUi((ui) => ui.theme)
  const latest = useRef({ times, lines, marks, bands, from, to, most, format })
  const shape = lines.map((line) => `${line.label} ${line.color} ${line.steps ?? false}`).join()
  useEffect(() => {
    latest.current = { times, lines, marks, bands, from, to, most, format }
    plot.current?.setData(dataOf(times, lines), false)
    plot.current?.batch(() => {
      plot.current?.setScale('x', { min: from, max: Math.max(to, from + 1) })
      plot.current?.setScale('y', { min: 0, max: topOf(latest.current.most, lines) })
    })
  })
  useEffect(() => {
    const element = box.current
    if (!element) return
    const style = getComputedStyle(element)
    const token = (name: string): string => style.getPropertyValue(`--${name}`).trim()
    const font = `11px ${token('font-mono')}`
    const { current } = latest
    const made = new UPlot(
      {
        width: Math.max(160, element.clientWidth), height, padding: [8, 4, 0, 0], legend: { show: false }, cursor: { y: false, points: { size: 5 } },
        scales: { x: { time: false, range: () => [latest.current.from, Math.max(latest.current.to, latest.current.from + 1)] }, y: { range: () => [0, topOf(latest.current.most, latest.current.lines)] } },
        series: [{}, ...current.lines.map((line) => ({ label: line.label, stroke: token(line.color), width: line.width ?? 1.5, spanGaps: false, points: { show: false }, ...(line.steps ? { paths: stepped } : {}), ...(line.dash ? { dash: [...line.dash] } : {}) }))],
        axes: [
          { stroke: token('text3'), font, size: 22, gap: 7, space: 90, grid: { show: false }, ticks: { show: false }, values: (_, values) => values.map((s) => clockText(s * 1_000_000, 0)) },
          { stroke: token('text3'), font, size: 46, gap: 4, space: 26, grid: { stroke: token('line1'), width: 1 }, ticks: { show: false }, values: (_, values) => values.map((v) => latest.current.format(v)) },
        ],
        hooks: {
          drawClear: [(u) => {
            const { ctx, bbox } = u
            ctx.save()
            ctx.font = `${11 * devicePixelRatio}px ${token('font-ui') || 'sans-serif'}`
            ctx.textAlign = 'left' // axes leave theirs
            ctx.textBaseline = 'alphabetic'
            for (const band of latest.current.bands) {
              const [left, right] = [Math.max(bbox.left, u.valToPos(band.from, 'x', true)), Math.min(bbox.left + bbox.width, u.valToPos(band.to, 'x', true))]
              if (right <= left) continue
              ctx.fillStyle = token('info-soft')
              ctx.fillRect(left, bbox.top, right - left, bbox.height)
              ctx.fillStyle = token('text3')
              if (ctx.measureText(band.text).width < right - left - 8) ctx.fillText(band.text, left + 4 * devicePixelRatio, bbox.top + 11 * devicePixelRatio)
            }
            ctx.restore()
          }],
          draw: [(u) => {
            const { ctx, bbox } = u
            const ratio = devicePixelRatio
            ctx.save()
            ctx.font = `${11 * ratio}px ${token('font-ui') || 'sans-serif'}`
            ctx.textAlign = 'left' // axes leave theirs
            ctx.textBaseline = 'alphabetic'
            let free = Number.NEGATIVE_INFINITY
            for (const mark of latest.current.marks) {
              const x = Math.round(u.valToPos(mark.at, 'x', true))
              if (x < bbox.left || x > bbox.left + bbox.width) continue
              ctx.strokeStyle = ctx.fillStyle = token('warn')
              ctx.setLineDash([2 * ratio, 3 * ratio])
              ctx.beginPath()
              ctx.moveTo(x, bbox.top)
              ctx.lineTo(x, bbox.top + bbox.height)
              ctx.stroke()
              const width = ctx.measureText(mark.text).width
              if (x < free || x + width + 4 * ratio > bbox.left + bbox.width) continue
              ctx.fillText(mark.text, x + 4 * ratio, bbox.top + 10 * ratio)
              free = x + width + 8 * ratio
            }
            ctx.restore()
          }],
        },
      },
      dataOf(current.times, current.lines), element,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(160, element.clientWidth), height }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = null
    }
  }, [height, shape, theme])
  return <figure aria-label={title} className="min-w-0" style={{ height }}><div ref={box} /></figure>
}

const none: readonly Band[] = []
const stepped = UPlot.paths.stepped?.({ align: 1 })

function dataOf(times: readonly number[], lines: readonly Line[]): UPlot.AlignedData {
  return [[...times], ...lines.map((line) => [...line.values])]
}

/** A little above the highest value, so that the line does not touch the edge. */
function topOf(most: number | undefined, lines: readonly Line[]): number {
  if (most !== undefined) return most
  let top = 0
  for (const { values } of lines) for (const v of values) if (v !== null && v > top) top = v
  return top === 0 ? 1 : top * 1.15
}
