import type { Spot } from './spots'

/** Colours of the layer, read from the page's tokens once per theme. */
export interface Palette {
  readonly line: string
  readonly dot: string
  readonly own: string
  readonly err: string
  readonly errSoft: string
  readonly text: string
  readonly ground: string
  readonly font: string
}

/** A number or a reason at its place. */
export interface Pill extends Spot {
  readonly text: string
  readonly bad: boolean
}

/** Crosses where requests failed. */
export function drawMarks(context: CanvasRenderingContext2D, marks: readonly { readonly x: number; readonly y: number }[], colors: Palette): void {
  for (const { x, y } of marks) {
    context.beginPath()
    context.arc(x, y, 7, 0, 6.3)
    context.fillStyle = colors.err
    context.fill()
    context.beginPath()
    context.moveTo(x - 3, y - 3)
    context.lineTo(x + 3, y + 3)
    context.moveTo(x + 3, y - 3)
    context.lineTo(x - 3, y + 3)
    context.strokeStyle = colors.ground
    context.lineWidth = 1.8
    context.stroke()
  }
}

/** Pills end at their place, so that the name before it stays readable. */
export function drawPills(context: CanvasRenderingContext2D, pills: readonly Pill[], colors: Palette): void {
  context.font = colors.font
  context.textBaseline = 'middle'
  context.lineWidth = 1
  for (const { right, y, text, bad } of pills) {
    const width = context.measureText(text).width + 12
    context.beginPath()
    context.roundRect(right - width, y - 8, width, 16, 8)
    context.fillStyle = colors.ground
    context.fill()
    if (bad) {
      context.fillStyle = colors.errSoft
      context.fill()
    }
    context.strokeStyle = bad ? colors.err : colors.line
    context.stroke()
    context.fillStyle = colors.text
    context.fillText(text, right - width + 6, y + 0.5)
  }
}
