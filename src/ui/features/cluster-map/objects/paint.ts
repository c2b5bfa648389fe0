import { glyphPaths, glyphTone, type GlyphName, type StatusTone } from '../../../kit'

type PaintColor = StatusTone | 'bg1' | 'bg2' | 'line2' | 'accent' | 'heat0' | 'heat1' | 'heat2' | 'heat3' | 'heat4' | 'heat5'

const cache = new Map<string, Map<PaintColor, string>>()
const paths = new Map<string, Path2D>()

/** The tokens' colours as canvas needs them, read once per theme. */
export function paints(theme: string): (color: PaintColor) => string {
  let colors = cache.get(theme)
  if (!colors) cache.set(theme, (colors = new Map()))
  const known = colors
  return (color) => {
    let value = known.get(color)
    if (value === undefined) {
      value = getComputedStyle(document.documentElement).getPropertyValue(`--${color}`).trim()
      known.set(color, value)
    }
    return value
  }
}

/** Draws a status glyph into a square of `size` at (x, y). */
export function paintGlyph(g: CanvasRenderingContext2D, name: GlyphName, x: number, y: number, size: number, color: (color: PaintColor) => string, tone: StatusTone = glyphTone[name]): void {
  const shape = glyphPaths[name]
  g.save()
  g.translate(x, y)
  g.scale(size / 12, size / 12)
  g.strokeStyle = g.fillStyle = color(tone)
  g.lineWidth = 1.3
  if (shape.line) {
    g.setLineDash(shape.dash ? [...shape.dash] : [])
    g.stroke(path(shape.line))
  }
  g.setLineDash([])
  if (shape.fill) g.fill(path(shape.fill))
  if (shape.cut) {
    g.strokeStyle = color('bg1')
    g.lineWidth = 1.5
    g.stroke(path(shape.cut))
  }
  g.restore()
}

function path(d: string): Path2D {
  let known = paths.get(d)
  if (!known) paths.set(d, (known = new Path2D(d)))
  return known
}

/** Makes a canvas fit its place in device pixels and clears it. */
export function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const ratio = Math.min(2, devicePixelRatio || 1)
  const w = Math.round(width * ratio)
  const h = Math.round(height * ratio)
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w
    canvas.height = h
  }
  const g = canvas.getContext('2d')
  g?.setTransform(ratio, 0, 0, ratio, 0, 0)
  g?.clearRect(0, 0, width, height)
  return g
}
